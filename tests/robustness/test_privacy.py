"""Every command, run where there is no network and watched for asking: what it does, and what it writes, stays here."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from tests import domain
from tests.robustness.offline import network_ban
from tests.samples.agency_files import FORM, put, report
from tests.samples.printed_text import printed
from workbook.cli.arguments import COMMANDS
from workbook.excel.template.template_writer import write_workbook
from workbook.exchange import report_json

USER, HOST = "wangxiaoming7", "xinxike-pc-0417"
"""Whose machine it is: neither may be told by anything that is written."""
FILES = 160
"""More than one process reads alone (merging.pool.FEW)."""
LINES = """
new --year 2025 --agency 某局 -o 新.xlsx
new --year 2025 --from 年报.xlsx -o 续.xlsx
check 年报.xlsx 年报.json --json
check 年报.xlsx --previous 上年.json
export 年报.xlsx -o 出.json
export 年报.xlsx -o 出.docx
export 年报.xlsx -o 出.html
export 年报.xlsx -o 出.csv
export 年报.xlsx -o 出.pdf
import 出.json -o 入-json.xlsx
import 出.docx -o 入-docx.xlsx --agency 某局
import 出.html -o 入-html.xlsx --agency 某局 --review 核对.html
import 读.txt -o 入-txt.xlsx --agency 某局
import 出.pdf -o 入-pdf.xlsx --agency 某局
repair 年报.xlsx -o 修.xlsx
roster new 空名录.xlsx
roster from 报送 -o 名录.csv
merge 报送 -o 汇总.xlsx -o 汇总.html -o 汇总.json -o 汇总.csv -o 汇总.parquet --roster 名录.csv --previous 上年.json \
--chase 催报 --submit 上报 --name 某县 --jobs 2 --json
schema annual-2021 -o 结构.json
rules --markdown
forms
demo 演示
install
doctor
uninstall
"""
NAMESPACE = re.compile(
    rb"https?://(schemas\.openxmlformats\.org|schemas\.microsoft\.com|www\.w3\.org|purl\.org)/|https://json-schema\.org/"
)
"""Names of kinds of XML and JSON: nobody looks there."""
ENDS = {0, 1}
"""1: errors found, which is an answer."""

SCRIPT = f"""
import json, platform, socket, sys
socket.gethostname = platform.node = lambda: "{HOST}"
from workbook.cli import main
print(json.dumps([main(line.split()) for line in json.load(sys.stdin)]))
"""


class Work(NamedTuple):
    """A day's work: what each line ended with, what was written, and what was asked of the network."""

    codes: dict[str, int]
    folder: Path
    before: frozenset[Path]
    log: list[str]

    def written(self) -> Iterator[tuple[str, bytes]]:
        """Every file written, and what archives hold, with its name."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path not in self.before:
                yield from _opened(path.relative_to(self.folder).as_posix(), path.read_bytes())


def _opened(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    if not data.startswith(b"PK"):
        yield name, data
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.namelist():
            yield from _opened(f"{name}!{member}", archive.read(member))


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    top = tmp_path_factory.mktemp("machine") / "home" / USER
    folder = top / "桌面 1"
    folder.mkdir(parents=True)
    one = report(1)
    write_workbook(folder / "年报.xlsx", one, report(1, year=2023))
    text = printed(FORM, domain.consistent(FORM, {}), "spaced", Random(1))
    put(folder, {"年报.json": one, "上年.json": report(1, year=2023), "读.txt": text})
    put(folder / "报送", {"坏.xlsx": b"PK\x03\x04", "无.txt": "无"})
    put(folder / "报送", {f"{n % 8}/某局{n}.json": report(n) for n in range(FILES)})
    with zipfile.ZipFile(folder / "报送" / "补报.zip", "w") as archive:
        archive.writestr("补.json", report_json.dump_report_text(report(900)))
    before = frozenset(folder.rglob("*"))
    log = top / "asked"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(LINES.strip().splitlines()),
        cwd=folder,
        env=_environment(top, log),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    codes = json.loads(done.stdout.splitlines()[-1])
    lines = dict(zip(LINES.strip().splitlines(), codes, strict=True))
    return Work(lines, folder, before, log.read_text("utf-8").splitlines())


def _environment(top: Path, log: Path) -> dict[str, str]:
    own = {"HOME", "USER", "LOGNAME", "HOSTNAME", "USERPROFILE", "LOCALAPPDATA", "APPDATA", "XDG_CACHE_HOME"}
    environment = {key: value for key, value in os.environ.items() if key not in own and not key.startswith("OGI_")}
    python = os.pathsep.join([str(domain.ROOT / "tests" / "robustness" / "offline"), str(domain.ROOT)])
    return environment | {
        "HOME": str(top), "USER": USER, "LOGNAME": USER, "HOSTNAME": HOST, "PYTHONPATH": python,
        network_ban.LOG: str(log),
        "PYTHONIOENCODING": "utf-8", "OGI_HOME": str(top), "OGI_SOFFICE": "none", "OGI_LANG": "zh",
    }  # fmt: skip


def test_every_command_is_among_them() -> None:
    from importlib import metadata

    plugin = {entry.name for entry in metadata.entry_points(group="ogi.commands")}
    assert {line.split()[0] for line in LINES.strip().splitlines()} == set(COMMANDS) | plugin


def test_the_work_is_done(work: Work) -> None:
    assert {line: code for line, code in work.codes.items() if code not in ENDS} == {}
    made = {path.name for path in work.folder.rglob("*")} - {path.name for path in work.before}
    named = {name for line in work.codes for name in re.findall(r"(?:-o|--review|--chase|--submit) (\S+)", line)}
    assert named <= made


def test_nothing_asks_for_the_network(work: Work) -> None:
    entries = [line.partition(" ") for line in work.log]
    assert {what for _, _, what in entries} == {"banned"}
    assert len({process for process, _, _ in entries}) >= 3, "the processes of a merge are watched too"


ASKING = """
import multiprocessing, socket
if __name__ == "__main__":
    multiprocessing.get_context("spawn").Pool(1).apply(socket.getaddrinfo, ("example.invalid", 80))
"""


def test_the_ban_bites(tmp_path: Path) -> None:
    log = tmp_path / "asked"
    script = put(tmp_path, {"asking.py": ASKING}) / "asking.py"
    environment = _environment(tmp_path, log)
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "socket.getaddrinfo: example.invalid" in log.read_text("utf-8")
    with pytest.raises(network_ban.Refused):
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)
    with pytest.raises(network_ban.Refused):
        socket.getaddrinfo("example.invalid", 80)


def test_no_output_leads_into_the_web(work: Work) -> None:
    names = [(name, url) for name, data in work.written() for url in re.findall(rb"https?://[^\s\"'<>)\\]*", data)]
    assert {(name, url) for name, url in names if not NAMESPACE.match(url)} == set()
    tags = rb"<(?:link|script|img|iframe|object|embed|form)\b[^>]*\b(?:src|href|data|action)="
    remote = re.compile(tags + rb"|url\(|@import")
    assert [name for name, data in work.written() if name.endswith(".html") and remote.search(data)] == []


@pytest.mark.parametrize("page", ["出.html", "核对.html", "汇总.html"])
def test_a_page_says_that_it_loads_nothing(work: Work, page: str) -> None:
    head = (work.folder / page).read_text("utf-8").partition("<style>")[0]
    assert "Content-Security-Policy" in head
    assert "default-src 'none'" in unescape(head)


def test_no_output_says_whose_machine_made_it(work: Work) -> None:
    private = {word.encode(): word for word in (USER, HOST, str(domain.ROOT), tempfile.gettempdir())}
    found = [(name, private[word]) for name, data in work.written() for word in private if word in data]
    assert found == []
    assert not [word for word in private if word in b"".join(name.encode() for name, _ in work.written())]


def test_what_is_kept_at_home_is_for_its_owner_alone(work: Work) -> None:
    top = work.folder.parent
    libreoffice = {".config", "dconf"}
    assert {path.name for path in top.iterdir()} - libreoffice == {work.folder.name, "asked", ".cache"}
    assert {path.name for path in (top / ".cache").iterdir()} - libreoffice == {"ogi"}
    assert stat.S_IMODE((top / ".cache" / "ogi").stat().st_mode) == 0o700
