"""Every file made to harm gets a verdict within its limits, and harms no other file of the batch."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from benchmarks.hostile import ATTACKS, DOCUMENTS, Attack, Size, good, parts, verdict, zipped
from tests.domain import ROOT
from tests.samples.agency_files import put
from tests.samples.command_run import run_ogi
from workbook.excel.reading.file_type import Unreadable, read_within_time
from workbook.excel.reading.workbook_reader import open_workbook
from workbook.merging.collection_run import collect_reports
from workbook.merging.file_status import COUNTED, FileStatus
from workbook.safety import limits
from workbook.safety.limits import TooSlow, UnknownLimit, describe_limit, get_limit, limit_time, set_limits

SMALL = "file=3 json=1 inflated=2 part=1 parts=100 elements=20000 cells=5000 letters=25000 seconds=10"
"""Above what the report needs (2,500 cells, 5,300 elements, 12,300 letters), so that small attacks exceed them."""
SIZE = Size(mib=4, many=60_000)
pytestmark = pytest.mark.timeout(120, method="thread")  # the other method is the clock that is tested here


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.VARIABLE, SMALL)


def made(attack: Attack, folder: Path) -> Path:
    name = f"攻击{attack.suffix}"
    return put(folder, {name: attack.made(SIZE)}) / name


@pytest.mark.parametrize("attack", (*ATTACKS, *DOCUMENTS), ids=lambda one: one.name)
def test_every_attack_gets_its_verdict(attack: Attack, tmp_path: Path) -> None:
    assert verdict(made(attack, tmp_path)) in attack.verdicts


def test_the_good_report_of_a_batch_of_attacks_is_merged(tmp_path: Path) -> None:
    inbox = tmp_path / "报送"
    inbox.mkdir()
    attacks = {f"{n:02}{one.suffix}": one for n, one in enumerate(ATTACKS) if "read" not in one.verdicts}
    put(inbox, {name: attack.made(SIZE) for name, attack in attacks.items()})
    put(inbox, {"好.json": good()})
    with collect_reports([inbox]) as collection:
        entries = {entry.place: entry for entry in collection.entries}
        assert entries.keys() == {*attacks, "好.json"}
        assert entries["好.json"].status in COUNTED
        for name, attack in attacks.items():
            assert entries[name].status in (FileStatus.UNREADABLE, FileStatus.FOREIGN), attack.name
            assert entries[name].reason.zh
            assert entries[name].reason.en


def test_a_refusal_names_the_limit_and_how_to_widen_it(tmp_path: Path) -> None:
    path = made(next(one for one in ATTACKS if one.name == "3 million rows"), tmp_path)
    ended = run_ogi("check", path)
    assert ended.code == 2
    assert "XML 元素上限为 20,000 个" in ended.err
    assert "--limit elements=" in ended.err
    assert run_ogi("check", path, "--limit elements=900000").code in (0, 1)


@pytest.mark.parametrize("limit", ["hours=3", "seconds", "seconds=", "seconds=-1", "seconds=0", "cells=1.5"])
def test_a_limit_that_is_none_is_refused_in_a_sentence(limit: str) -> None:
    with pytest.raises(UnknownLimit):
        set_limits([limit])
    ended = run_ogi("check 年报.xlsx --limit", limit)
    assert ended.code == 2
    assert limit in ended.err


def test_a_wrong_environment_is_said_before_any_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.VARIABLE, "wrong")
    ended = run_ogi("check 年报.xlsx")
    assert ended.code == 2
    assert "“wrong”不是上限" in ended.err


def test_later_settings_count_and_are_inherited() -> None:
    set_limits(["cells=7", "part=2"])
    assert (get_limit("cells"), get_limit("part"), get_limit("json")) == (7, 2 << 20, 1 << 20)
    ask = "from workbook.safety.limits import get_limit; print(get_limit('cells'))"
    assert subprocess.check_output([sys.executable, "-c", ask], cwd=ROOT, text=True) == "7\n"


def test_every_limit_is_said_in_both_languages() -> None:
    for name in limits.LIMITS:
        words = describe_limit(name)
        assert f"{name}=" in words.zh
        assert f"{name}=" in words.en


# time -----------------------------------------------------------------------------------------------------------------


ENDLESS = {
    "in Python": lambda: all(n >= 0 for n in count()),
    "waiting": lambda: time.sleep(3600),
    "in a search that goes wrong": lambda: re.match(r"(a+)+$", "a" * 60 + "b"),
}


@pytest.mark.parametrize("busy", ENDLESS.values(), ids=ENDLESS)
def test_whatever_takes_too_long_is_stopped(busy) -> None:
    with pytest.raises(TooSlow), limit_time(0.2):
        busy()


def test_it_rings_again_where_something_caught_it_and_the_outer_clock_counts() -> None:
    with pytest.raises(TooSlow), limit_time(0.1), limit_time(3600):
        with suppress(BaseException):
            time.sleep(60)
        time.sleep(60)


def test_nothing_rings_after_the_block() -> None:
    with limit_time(0.1):
        pass
    time.sleep(0.2)


def test_elsewhere_than_in_the_main_thread_nothing_is_interrupted() -> None:
    seen = []

    def work() -> None:
        with limit_time(0.01):
            time.sleep(0.1)
            seen.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen


def test_a_file_whose_time_is_over_is_said_to_be_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.VARIABLE, "seconds=1")
    with pytest.raises(Unreadable) as refused, read_within_time():
        time.sleep(30)
    assert refused.value.kind == "slow"
    assert "1 秒" in refused.value.message.zh


def test_where_nothing_interrupts_a_reader_looks_at_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, {"年报.xlsx": zipped(parts())}) / "年报.xlsx"
    assert open_workbook(path).reader == "package"
    monkeypatch.setattr("workbook.excel.reading.workbook_contents.monotonic", count(0, 3600).__next__)
    with pytest.raises(Unreadable) as refused:
        open_workbook(path)
    assert refused.value.kind == "slow"


HANGING = """
import signal, sys, time
from workbook.merging import executors, process_file

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})  # as where no system can interrupt
process_file._reader = lambda: time.sleep(3600)
executors._hard = lambda: 0.5
executors._process_in_pool([process_file.FileTask(1, sys.argv[1])], None)
"""


def test_a_process_that_cannot_be_interrupted_ends_itself(tmp_path: Path) -> None:
    path = put(tmp_path, {"年报.xlsx": b"PK\3\4"}) / "年报.xlsx"
    ended = subprocess.run([sys.executable, "-c", HANGING, str(path)], cwd=ROOT, timeout=60, check=False, stderr=-1)
    assert (ended.returncode, ended.stderr) == (1, b"")


# memory ---------------------------------------------------------------------------------------------------------------

GREEDY = """
from workbook.safety.limits import limit_memory
limit_memory()
try:
    held = [bytearray(8 << 20) for _ in range(400)]
except MemoryError:
    print("refused")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems hold no process to a limit of memory")
def test_a_reading_process_is_held_to_its_memory() -> None:
    environment = {**os.environ, limits.VARIABLE: "memory=1024"}
    printed = subprocess.check_output([sys.executable, "-c", GREEDY], cwd=ROOT, text=True, env=environment)
    assert printed == "refused\n"
