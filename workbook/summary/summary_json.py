"""Writes a merge as JSON: the sum, every agency's report, every file with its status, every finding; streamed.

Format 1 of kind `ogi-summary`; the reports in it are those of `report_json`, without texts. It is no report itself, so
that it can lie in the folder merged next time and count nobody twice; `ogi merge --previous` reads it as last year's.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbook.exchange.report_json import FORMAT, dump_report, load_report_data
from workbook.merging.collected_reports import KIND
from workbook.merging.file_status import FileEntry
from workbook.merging.prior_year.prior_reports import read_summary_json
from workbook.merging.side_inputs import SideInputProblem
from workbook.merging.totals import MergeResult, conclude_merge
from workbook.model.finding import Finding
from workbook.model.report import Report
from workbook.model.rule_catalog import format_message
from workbook.safety.atomic_write import replace_file
from workbook.safety.unsafe_text import escape_json_text


def write_summary_json(path: Path, merged: MergeResult) -> None:
    """Write the JSON, complete or not at all. Raises OSError."""
    with replace_file(path) as raw:
        file = io.TextIOWrapper(raw, "utf-8", newline="\n")
        file.writelines(generate_json(merged))
        file.flush()
        file.detach()


def read_summed_report(path: Path) -> Report | None:
    """The sum in a JSON that a merge wrote; None where the file is another, or none that can be read."""
    try:
        data = read_summary_json(path)
    except OSError:
        return None
    if data is None:
        return None
    merged = data.get("merged")
    return replace(load_report_data(data.get("sum")).report, merged=merged if isinstance(merged, int) else 0)


def generate_json(merged: MergeResult) -> Iterator[str]:
    """The JSON in pieces."""
    collection, concluded = merged.collection, conclude_merge(merged).words
    head: dict[str, Any] = {
        "format": FORMAT,
        "kind": KIND,
        "form": merged.report.form.id,
        "year": collection.year,
        "files": {status.value: count for status, count in collection.counts().items()},
        "merged": merged.agencies,
        "unlisted_counted": collection.unlisted(),
        "conclusion": concluded.zh,
        "conclusion_en": concluded.en,
        "control": {"files": str(merged.control[0]), "sum": str(merged.control[1])},
        "side_input_problems": [_dump_problem(one) for one in merged.side_input_problems],
        "in_no_sum": list(merged.lacking),
        "sum": dump_report(merged.report),
        "sum_findings": [_dump_finding(one) for one in merged.findings],
        "attendance": _dump_attendance(merged),
        "unattributed": _list_places(merged, merged.attendance.unattributed) if merged.attendance else None,
    }
    yield _dump(head)[:-1]
    yield from _dump_list("agencies", (_dump_agency(*one) for one in collection.reports()))
    yield from _dump_list("nodes", ({"agency": n.agency.name, "report": dump_report(n.report)} for n in merged.nodes))
    yield from _dump_list("sources", (_dump_source(entry) for entry in collection.entries))
    yield from _dump_list("findings", _list_findings(merged))
    yield "\n}\n"


def _dump(data: object) -> str:
    return escape_json_text(json.dumps(data, ensure_ascii=False, indent=None, default=str))


def _dump_list(key: str, items: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    yield f",\n{_dump(key)}: ["
    for n, item in enumerate(items):
        yield (",\n" if n else "\n") + _dump(item)
    yield "]"


def _dump_agency(entry: FileEntry, report: Report) -> dict[str, Any]:
    return {"file": entry.place, "status": entry.status.value, "report": dump_report(report)}


def _dump_source(entry: FileEntry) -> dict[str, Any]:
    reason = entry.reason
    return {
        "file": entry.place,
        "status": entry.status.value,
        "why": reason.zh,
        "why_en": reason.en,
        "agency": entry.agency.name,
        "sha256": entry.sha256,
        "size": entry.size,
        "modified": entry.modified,
        "read_at": entry.read_at,
        "reader": entry.reader,
        "form": entry.form,
        "template": entry.template,
    }


def _list_findings(merged: MergeResult) -> Iterator[dict[str, Any]]:
    for entry, one in merged.list_report_findings():
        yield {"file": entry.place, "agency": entry.agency.name, **_dump_finding(one)}
    for node in merged.nodes:
        for one in node.findings:
            yield {"file": "", "agency": node.agency.name, **_dump_finding(one)}


def _dump_finding(one: Finding) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "severity": one.severity.value,
        "cells": list(one.cells),
        "place": str(one.source),
        "actual": one.actual,
        "expected": one.expected,
        "difference": one.difference,
        "message": format_message(one),
        "message_en": format_message(one, "en"),
        "answer": one.answer,
    }


def _dump_problem(one: SideInputProblem) -> dict[str, Any]:
    return {"severity": one.severity.value, "message": one.words.zh, "message_en": one.words.en}


def _dump_attendance(merged: MergeResult) -> list[dict[str, Any]] | None:
    if merged.attendance is None:
        return None
    return [
        {
            "agency": seat.agency.name,
            "code": seat.agency.code,
            "level": seat.agency.level,
            "state": seat.state.value,
            "due": seat.due.isoformat() if seat.due else None,
            "files": _list_places(merged, seat.files),
            "likely": [*_list_places(merged, seat.likely), *seat.containers],
        }
        for seat in merged.attendance.seats
    ]


def _list_places(merged: MergeResult, numbers: Sequence[int]) -> list[str]:
    return [merged.collection.entries[number - 1].place for number in numbers]
