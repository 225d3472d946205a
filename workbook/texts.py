def check_texts(report): return []
