"""政府信息公开工作年度报告: forms, reports, rules, findings; read, check, write, merge."""
