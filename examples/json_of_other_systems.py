"""Makes workbooks of the figures that another system holds: `python json_of_other_systems.py figures.csv 工作簿/`.

The CSV has a line an agency: `name`, `year`, and a column for each cell code of the form (`ogi schema` lists them); a
column that is not there leaves its cells blank. Each line becomes the JSON that `ogi import` reads, and a workbook.
"""

import csv
import json
import sys
from pathlib import Path

import workbook
from workbook.excel.template.template_writer import write_workbook
from workbook.model.form_loader import get_form_in_force


def make_json(line: dict[str, str]) -> dict[str, object]:
    """Return the JSON of one report. Money is text in the form's unit ("4166.214619" 万元), counts are numbers."""
    form = get_form_in_force(int(line["year"]))
    tables: dict[str, dict[str, dict[str, object]]] = {}
    for cell in form.cells:
        text = line.get(cell.code) or None
        value = int(text) if text and cell.unit.scale == 1 else text
        tables.setdefault(cell.table.code, {}).setdefault(cell.row.code, {})[cell.column.code] = value
    return {
        "format": 1,
        "form": form.id,
        "year": int(line["year"]),
        "agency": {"name": line["name"]},
        "tables": tables,
    }


def main(source: str, folder: str) -> None:
    """Write a JSON and a workbook for each line of the CSV, and print how many findings each has."""
    Path(folder).mkdir(exist_ok=True)
    with Path(source).open(encoding="utf-8-sig", newline="") as lines:
        for line in csv.DictReader(lines):
            path = Path(folder, f"{line['name']}{line['year']}.json")
            path.write_text(json.dumps(make_json(line), ensure_ascii=False, indent=1), "utf-8")
            report = workbook.load(path)
            write_workbook(path.with_suffix(".xlsx"), report)
            print(f"{path.stem}: {len(workbook.check(report))} findings")


if __name__ == "__main__":
    main(*sys.argv[1:])
