"""Checks one report and prints what is wrong with it, worst first: `python check_one_report.py 某某局2025.xlsx`."""

import sys

import workbook

ORDER = {severity: number for number, severity in enumerate(workbook.Severity)}


def main(path: str, previous: str | None = None) -> int:
    """Print the findings of a report; return 1 if there are errors."""
    report = workbook.load(path)
    findings = workbook.check(report, previous)
    print(f"{report.agency.name} {report.year}: {len(findings)} findings")
    for finding in sorted(findings, key=lambda one: ORDER[one.severity]):
        print(f"{finding.severity}\t{finding.source}\t{finding}\t{finding.advice()}")
    return int(any(finding.severity is workbook.Severity.ERROR for finding in findings))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
