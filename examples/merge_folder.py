"""Merges a folder of reports into a summary: `python merge_folder.py 各单位报送/ 汇总.xlsx`.

Every file of the folder has a status; those that somebody must settle are printed with the reason.
"""

import sys

import workbook

SETTLED = {"merged", "warnings", "duplicate", "superseded", "skipped"}


def main(folder: str, target: str) -> int:
    """Merge and write the summary; return 1 if a file needs to be settled."""
    with workbook.merge(folder) as merged:
        merged.write(target, force=True)
        print(f"{merged.agencies} agencies, {merged.report['requests.new.total']} new requests")
        open_files = [file for file in merged.files if file.status not in SETTLED]
        for file in open_files:
            print(f"{file.place}: {file.status.words.zh}: {file.reason.zh}")
    return int(bool(open_files))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
