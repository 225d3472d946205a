"""Nothing is reported of what offices do to a workbook every day."""

from __future__ import annotations

from pathlib import Path

from tests.samples.package_edits import packed
from tests.samples.seen_workbooks import complete, list_plain_uses
from workbook.excel.reading.workbook_reader import read_workbook


def test_workbooks_of_plain_use_give_no_findings(tmp_path: Path) -> None:
    good = read_workbook(packed(tmp_path / "好.xlsx", complete()))
    told: list[str] = []
    for number, parts in enumerate(list_plain_uses()):
        submission = read_workbook(packed(tmp_path / f"{number}.xlsx", parts))
        assert submission.report == good.report
        told += map(str, submission.findings)
    assert not good.findings
    assert not told
