"""Many files of one agency: each costs one look, and what is said of them stays short."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.samples.agency_files import FORM, OLD, collected, entry, put, report, statuses
from tests.samples.step_counter import steps
from workbook.merging.collection_run import collect_reports
from workbook.model.report import Report

FEW, MANY = 20, 80


def differing(n: int, **who: Any) -> Report:
    """One of many files of agency 1, like no other."""
    return report(1, {"requests.granted.person": n + 1}, **who)


def older(n: int) -> Report:
    return differing(n, revision=0 if n else 1)


def same(n: int) -> Report:  # noqa: ARG001 -- all alike
    return report(1)


def unnamed(n: int) -> Report:
    """Half of them without a credit code."""
    return differing(n, code="") if n % 2 else differing(n)


def in_the_form_before(n: int) -> Report:
    return report(1, {"requests.granted.person": n + 1}, form=OLD if n % 2 else FORM)


KINDS = {
    "conflicts": (differing, {"conflict"}),
    "superseded": (older, {"superseded", "merged"}),
    "duplicates": (same, {"duplicate", "merged"}),
    "without a code": (unnamed, {"conflict"}),
    "in two forms": (in_the_form_before, {"conflict"}),
}


def cost(folder: Path, made: Callable[[int], Report], count: int) -> tuple[int, int, set[str]]:
    """Steps of settling so many files that are read already, how much is reported of them, and their statuses."""
    put(folder / "in", {f"{n:04}.json": made(n) for n in range(count)})
    collect_reports([folder / "in"], cache=folder / "cache").close()
    found = []
    taken = steps(lambda: found.append(collect_reports([folder / "in"], cache=folder / "cache")))
    with found[0] as collection:
        words = sum(len("".join(one.why)) for one in collection.entries)
        return taken, words, set(statuses(collection).values())


@pytest.mark.parametrize("kind", KINDS)
def test_four_times_the_files_of_one_agency_cost_four_times_the_steps(tmp_path: Path, kind: str) -> None:
    made, expected = KINDS[kind]
    few, said_of_few, _ = cost(tmp_path / "few", made, FEW)
    many, said_of_many, found = cost(tmp_path / "many", made, MANY)
    assert found == expected
    assert many < 4.5 * few
    assert said_of_many < 4.5 * said_of_few
    assert said_of_many < 700 * MANY


def test_the_database_is_asked_for_the_code_of_a_name_once(tmp_path: Path) -> None:
    costs = []
    for count in (80, 320):
        folder = put(tmp_path / str(count), {f"{n:04}.json": report(1, code="") for n in range(count)})
        cache = tmp_path / f"cache{count}"
        collect_reports([folder], cache=cache).close()
        costs.append(steps(lambda: collect_reports([folder], cache=cache).close(), functions=False))  # noqa: B023
    assert costs[1] < 5 * costs[0]


def test_reports_are_not_all_held_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    init = Report.__post_init__

    def counted(self: Report) -> None:
        init(self)
        held.append(sum(type(one) is Report for one in gc.get_objects()))

    folder = put(tmp_path / "in", {f"{n:04}.json": differing(n) for n in range(FEW)})
    collect_reports([folder], cache=tmp_path / "cache").close()
    gc.collect()
    monkeypatch.setattr(Report, "__post_init__", counted)
    with collect_reports([folder], cache=tmp_path / "cache") as found:
        assert set(statuses(found).values()) == {"conflict"}
    assert len(held) >= FEW
    assert max(held) - held[0] < 10


def test_a_conflict_of_many_names_a_few_files_and_figures(tmp_path: Path) -> None:
    found = collected(tmp_path, {f"{n}.json": differing(n, name=f"某局{n}处") for n in range(9)})
    zh, en = entry(found, "1.json").why
    assert "0.json、2.json、3.json等 8 个文件" in zh
    assert "8.json" not in zh
    assert "6 处不同" in zh
    assert "（1／2／3等）" in zh
    assert "（某局0处、某局1处、某局2处等）" in zh
    assert "0.json, 2.json, 3.json and others (8 files)" in en
    found.close()


def test_two_files_in_conflict_name_each_other_and_both_figures(tmp_path: Path) -> None:
    with collected(tmp_path, {"a.json": differing(0), "b.json": differing(1)}) as found:
        assert "与 a.json 为同一机关" in entry(found, "b.json").why.zh
        assert "（1／2）" in entry(found, "a.json").why.zh  # the own figure first
        assert "（2／1）" in entry(found, "b.json").why.zh


@pytest.mark.parametrize("revision", [0, 1])
def test_a_revision_that_cannot_be_read_is_neither_the_first_nor_superseded(tmp_path: Path, revision: int) -> None:
    last = differing(1, unreadable=(("revision", "最终稿"),))
    files = {"a.json": differing(0, revision=revision), "b.json": last}
    with collected(tmp_path / "open", files) as found:
        assert statuses(found) == {"a.json": "conflict", "b.json": "conflict"}
        assert f"（版次 {revision}）" in entry(found, "a.json").why.zh
        assert "b.json 的版次填的是“最终稿”，不能确定是哪个数" in entry(found, "a.json").why.zh
        assert "版次 填的是“最终稿”，不能确定是哪个数" in entry(found, "b.json").why.zh
    with collected(tmp_path / "decided", files, chosen=frozenset({"b.json"})) as found:
        assert statuses(found)["a.json"] == "superseded"


def test_the_file_decided_for_among_many(tmp_path: Path) -> None:
    files = {f"{n:02}.json": differing(n) for n in range(12)}
    with collected(tmp_path, files, chosen=frozenset({"07.json"})) as found:
        assert {place for place, status in statuses(found).items() if status == "merged"} == {"07.json"}
        assert "按决定采用 07.json" in entry(found, "03.json").why.zh
        assert "（4／8）" in entry(found, "03.json").why.zh


def test_figures_typed_in_other_ways_are_the_same(tmp_path: Path) -> None:
    put(tmp_path, {"a.json": report(1, {"fees.fees.amount": 150})})
    text = (tmp_path / "a.json").read_text("utf-8")
    assert text.count('"0.00015"') == 1
    put(tmp_path, {"b.json": text.replace('"0.00015"', '"0.0001500"')})
    with collect_reports([tmp_path]) as found:
        assert statuses(found) == {"a.json": "merged", "b.json": "duplicate"}
