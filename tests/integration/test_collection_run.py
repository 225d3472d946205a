"""Every file found has exactly one status, and nothing is preferred silently."""

from __future__ import annotations

import hashlib
import os
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.domain import CASES
from tests.samples.agency_files import (
    FORM,
    OLD,
    broken,
    code,
    collected,
    entry,
    put,
    read_content,
    report,
    rostered,
    statuses,
)
from workbook.cli import main
from workbook.excel import report_loading
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.report_loading import load_submission
from workbook.excel.template.template_writer import write_workbook
from workbook.exchange import report_json
from workbook.merging.collected_reports import ReportCollection
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.file_status import COUNTED, PENDING, FileStatus
from workbook.model.identity import Identity, list_agency_keys
from workbook.rules.evaluation import Submission
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging")


@pytest.fixture(autouse=True)
def closing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close every collection made in a test."""
    made: list[ReportCollection] = []
    init = ReportCollection.__init__

    def noted(self: ReportCollection, *args: Any) -> None:
        init(self, *args)
        made.append(self)

    monkeypatch.setattr(ReportCollection, "__init__", noted)
    yield
    for one in made:
        one.close()


def reconciles(collection: ReportCollection) -> bool:
    return sum(collection.counts().values()) == len(collection.entries)


def test_an_empty_folder_and_no_paths_at_all(tmp_path: Path) -> None:
    with collect_reports([]) as collection:
        assert list(collection.entries) == []
        assert collection.form is None
        assert set(collection.counts().values()) == {0}
    with collect_reports([tmp_path]) as collection:
        assert [(one.status.value, one.why.zh[:8]) for one in collection.entries] == [
            ("unreadable", "文件夹里没有文件")
        ]
        assert collection.form is None


MERGES = tomllib.loads((CASES / "merges.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", MERGES, ids=[case["name"] for case in MERGES])
def test_what_becomes_of_each_file(tmp_path: Path, case: dict[str, Any]) -> None:
    options: dict[str, Any] = dict(case.get("options", {}))
    options |= {key: frozenset(options[key]) for key in ("chosen", "excluded") if key in options}
    if "roster" in options:
        one = rostered(options.pop("twice", 9)).agencies[1]  # a name that two lines have, if it is of an agency listed
        twice = [replace(one, code="", region=region) for region in ("110101", "110102")]
        options["roster"] = rostered(*options["roster"], extra=twice)
    files = {name: read_content(content) for name, (content, *_) in case["files"].items()}
    found = collected(tmp_path, files, **options)
    assert statuses(found) == {name: status for name, (_, status, *_) in case["files"].items()}
    for name, (_, _, *words) in case["files"].items():
        assert all(word in entry(found, name).reason.zh for word in words)
    assert "year" not in case or found.year == case["year"]
    assert [one.place for one in found.entries] == sorted(one.place for one in found.entries)
    assert sum(found.counts().values()) == len(found.entries)
    for one in found.entries:
        assert one.reason.zh or one.status is FileStatus.MERGED
        assert bool(one.reason.en) == bool(one.reason.zh)


def test_a_decision_may_name_a_file_by_its_content(tmp_path: Path) -> None:
    found = collected(tmp_path, {"a.json": report(1), "b.json": report(1, {"requests.granted.law": 6})})
    digest = entry(found, "a.json").sha256
    assert statuses(collect_reports([tmp_path], MergeOptions(chosen=frozenset({digest}))))["b.json"] == "superseded"


def test_each_file_keeps_its_fingerprint_size_and_reader(tmp_path: Path) -> None:
    found = collected(tmp_path, {"a.json": report(1), "b.txt": "b", "~$c.xlsx": "c"})
    one = entry(found, "a.json")
    content = (tmp_path / "a.json").read_bytes()
    assert (one.sha256, one.size, one.reader) == (hashlib.sha256(content).hexdigest(), len(content), "json")
    assert entry(found, "b.txt").sha256 == hashlib.sha256(b"b").hexdigest()
    assert entry(found, "~$c.xlsx").sha256 == ""


def test_folders_in_folders_with_chinese_names(tmp_path: Path) -> None:
    names = ("一/二/三/某局.json", "一/乙局.json", "一/.藏/丙.json", "丁（終）.json")
    found = collected(tmp_path, {name: report(n) for n, name in enumerate(names)})
    assert statuses(found) == {name: "merged" for name in names if "藏" not in name} | {"一/.藏": "skipped"}


def test_a_file_named_twice_is_found_once(tmp_path: Path) -> None:
    folder = put(tmp_path / "in", {"a.json": report(1), "下/b.json": report(2)})
    found = collect_reports([folder, folder / "a.json", folder / "下", folder])
    assert statuses(found) == {"a.json": "merged", "下/b.json": "merged"}


def test_places_are_named_from_the_folder_all_files_share(tmp_path: Path) -> None:
    put(tmp_path, {"甲/a.json": report(1), "乙/a.json": report(2)})
    assert set(statuses(collect_reports([tmp_path / "甲", tmp_path / "乙"]))) == {"甲/a.json", "乙/a.json"}


def test_the_summary_itself_is_not_read(tmp_path: Path) -> None:
    found = collected(tmp_path, {"a.json": report(1), "汇总.xlsx": b"old"}, outputs=(tmp_path / "汇总.xlsx",))
    assert statuses(found)["汇总.xlsx"] == "skipped"


def test_an_earlier_summary_is_told_as_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is a workbook or JSON, and however many agencies are in it."""
    inbox = put(tmp_path / "in", {"甲局.json": report(1)})
    outputs = ("-o", str(inbox / "汇总.json"), "-o", str(inbox / "汇总.xlsx"))
    assert main(["merge", str(inbox), *outputs, "--no-cache"]) == 0
    for limits in ("", "json=1"):
        monkeypatch.setenv("OGI_LIMITS", limits)
        if limits:
            with (inbox / "汇总.json").open("a") as file:
                file.write(" " * (1 << 20))
        with collect_reports([inbox]) as found:
            for place in ("汇总.json", "汇总.xlsx"):
                one = entry(found, place)
                assert (one.status.value, one.why.zh) == ("skipped", "以前的汇总结果，不是单位的报告")


def test_a_missing_path_is_said(tmp_path: Path) -> None:
    found = collect_reports([tmp_path / "没有.json", tmp_path / "没有.xlsx"])
    assert set(statuses(found).values()) == {"unreadable"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")
def test_links_and_pipes_do_no_harm(tmp_path: Path) -> None:
    put(tmp_path, {"下/a.json": report(1)})
    (tmp_path / "下" / "圈").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "同.json").symlink_to(tmp_path / "下" / "a.json")
    (tmp_path / "断.json").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "管.xlsx")
    assert statuses(collect_reports([tmp_path])) == {
        "下/圈": "skipped",
        "同.json": "merged",
        "断.json": "unreadable",
        "管.xlsx": "foreign",
    }


def test_a_workbook_and_a_json_of_one_report_are_one(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", report(1))
    write_workbook(tmp_path / "错.xlsx", broken(2))
    found = collected(tmp_path, {"b.json": report(1)})
    assert statuses(found) == {"a.xlsx": "merged", "b.json": "duplicate", "错.xlsx": "held"}
    kept = found.report(entry(found, "错.xlsx"))
    assert (kept.values, kept.agency, kept.year) == (broken(2).values, broken(2).agency, 2024)
    assert kept.source("requests.results.person").file == "错.xlsx"


@pytest.mark.parametrize(
    ("agencies", "alike"),
    [
        ([Identity("甲局", code(1)), Identity("乙局", code(1))], True),
        ([Identity("甲局", code(1)), Identity("甲局", code(2))], False),
        ([Identity("甲局（本级）"), Identity("甲局(本级) ")], True),
        ([Identity("甲局"), Identity("乙局")], False),
        ([Identity("甲局", code(1)), Identity("甲局")], True),
        ([Identity("甲局", "123"), Identity("乙局", "123")], False),  # no code at all: it identifies nobody
        ([Identity("甲局", "0" * 18), Identity("乙局", "0" * 18)], False),
        ([Identity("甲局", code(1)), Identity("甲局", code(1).lower())], True),
        ([Identity(), Identity()], False),
    ],
)
def test_who_is_the_same_agency(agencies: list[Identity], alike: bool) -> None:
    for some in permutations(agencies):
        first, second = list_agency_keys(some)
        assert (first == second) is alike


def test_a_name_that_goes_with_two_codes_is_an_agency_of_its_own() -> None:
    assert len(set(list_agency_keys([Identity("甲局", code(1)), Identity("甲局", code(2)), Identity("甲局")]))) == 3


def test_the_order_of_paths_does_not_matter(tmp_path: Path) -> None:
    files = {"a.json": report(1), "b.json": report(1), "c.json": report(2), "d.json": broken(3)}
    paths = [put(tmp_path, files) / name for name in files]
    first, *others = [
        [replace(one, read_at="") for one in collect_reports(some).entries] for some in permutations(paths)
    ]
    assert all(other == first for other in others)


def test_progress_ends_with_every_file_that_is_read(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    folder = put(tmp_path, {"a.json": report(1), "b.txt": "b", ".c": "c"})
    collect_reports([folder], progress=lambda done, count, place: told.append((done, count, place)))
    assert told == [(2, 2, "b.txt")]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [(RuntimeError("boom"), "RuntimeError"), (OSError(5, "disk"), "disk"), (Unreadable("encrypted"), "密码")],
)
def test_trouble_with_one_file_is_said_of_it_alone(
    tmp_path: Path, trouble: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(path: Path) -> Submission:
        if path.name == "b.json":
            raise trouble
        return load_submission(path)

    monkeypatch.setattr(report_loading, "load_submission", failing)
    found = collected(tmp_path, {"a.json": report(1), "b.json": report(2)})
    assert statuses(found) == {"a.json": "merged", "b.json": "unreadable"}
    assert said in entry(found, "b.json").why.zh


def test_reports_of_one_form_share_it(tmp_path: Path) -> None:
    found = collected(tmp_path, {"a.json": report(1, region="110105"), "b.json": report(2, region="310101")})
    first, second = [one for _, one in found.reports()]
    assert first.form is second.form


def test_a_broken_program_is_not_blamed_on_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_program(_: Path) -> Submission:
        raise ImportError("reader")

    monkeypatch.setattr(report_loading, "load_submission", broken_program)
    with pytest.raises(ImportError):
        collected(tmp_path, {"a.json": report(1)})


def test_an_old_form_in_a_new_year_is_mapped_where_no_figure_is_lost(tmp_path: Path) -> None:
    split = next(cell for cell in OLD.cells if cell.code not in FORM.index)
    lost = report(5, form=OLD).with_values({split.code: 3})
    files = {"a.json": report(1), "b.json": report(2), "旧.json": report(4, form=OLD), "丢.json": lost}
    found = collected(tmp_path, files, include_errors=True)
    assert statuses(found) == {"a.json": "merged", "b.json": "merged", "旧.json": "errors", "丢.json": "form"}
    assert OLD.id in entry(found, "旧.json").why.zh
    assert split.words.zh in entry(found, "丢.json").why.zh
    moved = {one.place: report for one, report in found.reports()}["旧.json"]
    assert moved.form.id == FORM.id
    assert moved["requests.granted.person"] == 5


def test_json_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(report_json.dump_report_text(report(1)), "utf-8-sig")
    assert statuses(collect_reports([tmp_path])) == {"a.json": "merged"}


def test_every_status_has_words_and_one_meaning() -> None:
    assert {status.value for status in FileStatus} == set(messages.entry("status"))
    assert len({status.words.zh for status in FileStatus}) == len(FileStatus)
    assert all(status.tone in ("good", "wait", "bad", "quiet") and status.means.zh for status in FileStatus)
    assert not COUNTED & PENDING
