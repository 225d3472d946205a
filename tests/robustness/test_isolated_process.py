"""Every other program and Python that we start, in a folder where a stranger put a module of every name: none is run.

And nobody else starts any: whatever in the tree could is named here with its reason.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest

from tests.domain import ROOT
from tests.robustness.hostile.module_folder import AT_START, OURS, fill, ran, untold, with_commands
from tests.samples.agency_files import put, report
from tests.samples.extension_job import loaded
from tools import bundle
from workbook.documents import libreoffice
from workbook.merging.executors import FEW
from workbook.safety import isolated_process, owned_folders
from xlplugin.building import sources
from xlplugin.building.macro_workbooks import _xlwings_modules
from xlplugin.install import doctor, machine

FILES = FEW + 10
COMMAND = f"""import sys
sys.path.insert(1, {str(ROOT)!r})
from workbook.cli import main
if __name__ == "__main__":
    sys.exit(main())
"""
"""What pip makes of `ogi`: a file in a folder of its own."""


class Folder:
    """A folder of submissions, the file that names which of a stranger's files were run, and the command."""

    def __init__(self, top: Path) -> None:
        self.at, self.marker, self.command = top / "收到的年报", top / "ran", top / "bin" / "ogi"
        put(top, {"bin/ogi": COMMAND})
        self.at.mkdir()

    def ogi(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """The command, run by somebody who stands in the folder."""
        return self.python(str(self.command), *words, **environ)

    def python(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """A Python, started in the folder."""
        environment = untold(OGI_LANG="zh", PYTHONIOENCODING="utf-8", **environ)
        return subprocess.run(
            [sys.executable, *words], cwd=self.at, env=environment, capture_output=True, encoding="utf-8", check=False
        )


def places_in(folder: Path) -> dict[str, str]:
    """Where the installer looks, all of it in that folder."""
    return {"OGI_HOME": str(folder), "OGI_LIBREOFFICE_PROFILE": str(folder / "profile"), "OGI_SOFFICE": "none"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = Folder(tmp_path_factory.mktemp("user"))
    put(folder.at, {f"某局{n}.json": report(n) for n in range(FILES)})
    fill(folder.at, folder.marker)
    return folder


@pytest.fixture
def folder(made: Folder) -> Iterator[Folder]:
    made.marker.unlink(missing_ok=True)
    yield made
    assert ran(made.marker) == []


@pytest.mark.office  # it starts a program of that name, though not the real one
def test_the_folder_bites(made: Folder) -> None:
    """A Python that takes no care runs what lies there."""
    made.marker.unlink(missing_ok=True)
    made.python("-c", "import struct, json, xlwings, workbook")
    assert {"struct", "json", "xlwings", "workbook"} <= set(ran(made.marker))
    made.marker.unlink()
    subprocess.run(["soffice"], cwd=made.at, env=untold(PATH=f":{os.environ['PATH']}"), check=False)
    assert ran(made.marker) == ["program soffice"]
    made.marker.unlink()


# what the command starts ----------------------------------------------------------------------------------------------


def test_a_merge_by_several_processes(folder: Folder) -> None:
    done = folder.ogi("merge", ".", "-o", "../汇总.json", "--jobs", "2", "--force", "--no-cache")
    assert (done.returncode, ran(folder.marker)) == (0, []), done.stderr
    total = json.loads((folder.at.parent / "汇总.json").read_text("utf-8"))
    assert total["merged"] == FILES


def test_processes_find_what_was_kept_where_the_folder_for_it_is_named_from_here(folder: Folder) -> None:
    """The key that readings are sealed with lies there, too: a second one would make all of them worthless."""
    for _ in range(2):
        words = ("merge", ".", "-o", "../汇总.json", "--jobs", "2", "--force", "--cache", "../存")
        done = folder.ogi(*words, OGI_CACHE="../钥匙")
        assert done.returncode == 0, done.stderr
    assert (folder.at.parent / "钥匙" / "readings.key").is_file()
    (database_file,) = (folder.at.parent / "存").glob("readings-*.sqlite")
    with closing(sqlite3.connect(database_file)) as database:
        (written,) = database.execute("SELECT max(rowid) FROM reading").fetchone()
    assert written == FILES, "the second merge read nothing anew"


def test_processes_stand_in_a_folder_of_ours_and_find_the_files_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", "modules", str(ROOT)]))
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])  # as in a notebook that lies there
    before, path = dict(os.environ), list(sys.path)
    with isolated_process.process_pool(1, _nothing) as pool:
        folder, temporary, there, environ = pool.submit(_where).result()
    assert folder.parent == temporary
    assert folder != tmp_path
    assert not folder.exists(), "it is gone afterwards"
    assert (environ["PYTHONSAFEPATH"], environ["PYTHONPATH"]) == ("1", str(ROOT))
    assert not {"", str(tmp_path)} & set(there)
    assert (dict(os.environ), list(sys.path)) == (before, path), "nothing is left otherwise here"


def _nothing() -> None:
    pass


def _where() -> tuple[Path, Path, list[str], dict[str, str]]:
    return Path.cwd(), Path(tempfile.gettempdir()), sys.path, dict(os.environ)


def test_doctor_and_installer(folder: Folder, tmp_path: Path) -> None:
    for words in (["doctor"], ["install"], ["doctor"], ["uninstall"]):
        done = folder.ogi(*words, **places_in(tmp_path))
        assert done.returncode in {0, 1}, done.stderr
        assert "Traceback" not in done.stderr
        assert ran(folder.marker) == [], words


def test_what_the_installer_starts(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.at)
    here = machine.Machine(environ=untold())
    ended = here.run(isolated_process.python_command("-c", doctor.PROBE))
    assert "ogi-probe" in ended.output
    ended = here.run([sys.executable, "-c", "import json, xlwings, workbook, sys, os; print(sys.path[0], os.getcwd())"])
    assert ended.code == 0, ended.output  # even a Python that is not told by its command line
    assert str(folder.at) not in ended.output
    assert here.run(["python", "-c", "pass"]).code == 127, "a program without its folder is not looked for"


@pytest.mark.parametrize("path", [":", "", ".:{usual}", ":{usual}", "bin::{usual}"])
def test_a_program_is_never_found_in_the_current_folder(
    folder: Folder, path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = tmp_path / "programs" / "soffice"
    real.parent.mkdir()
    real.write_text("#!/bin/sh\n")
    real.chmod(0o755)
    monkeypatch.chdir(folder.at)
    monkeypatch.setenv("PATH", path.format(usual=real.parent))
    there = real if "usual" in path else None
    assert isolated_process.find_program("soffice") == machine.Machine().find_program("soffice") == there
    monkeypatch.setattr(libreoffice, "_DEFAULT_PLACES", ())
    assert libreoffice.find_libreoffice() == (str(real) if there else None)


def test_a_conversion(folder: Folder, tmp_path: Path) -> None:
    """Its LibreOffice, and whatever that starts, stands elsewhere; one that lies among the submissions is not it."""
    seen = tmp_path / "seen"
    program = tmp_path / "soffice"
    python = f'"{sys.executable}" -c "import json, struct, uno"'
    program.write_text(f'#!/bin/sh\npwd > "{seen}"\n{python}\nuname >> "{seen}"\nsed --version >> "{seen}"\nexit 1\n')
    program.chmod(0o755)
    path = os.pathsep.join(["", str(tmp_path), os.environ["PATH"]])
    done = folder.ogi("export", "某局1.json", "-o", str(tmp_path / "a.pdf"), PATH=path)
    assert done.returncode == 2
    assert seen.read_text().split("\n")[1] == os.uname().sysname
    assert Path(seen.read_text().split("\n")[0]).name.startswith("ogi-")


# `python -m workbook`, and commands of other packages -----------------------------------------------------------------


@pytest.fixture
def beside(tmp_path: Path) -> Folder:
    """A folder that has no module by our own names: those Python would have found before a line of ours was run."""
    found = Folder(tmp_path)
    put(found.at, {"某局.json": report(1)})
    fill(found.at, found.marker, without=(*OURS, *AT_START, *_loaded_first()))
    return found


def _loaded_first() -> list[str]:
    """What Python itself loads for `-m` before our first line."""
    ask = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", f"import runpy; {ask}"], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("module", ["workbook", "workbook.cli"])
def test_the_command_as_a_module(beside: Folder, module: str) -> None:
    done = beside.python("-m", module, "check", "某局.json", PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr
    assert ran(beside.marker) == []


@pytest.mark.parametrize("blank", [False, True])
@pytest.mark.parametrize(("command", "ends"), [("stranger", 2), ("doctor", 0)])
def test_no_command_comes_from_a_package_in_the_folder(tmp_path: Path, blank: bool, command: str, ends: int) -> None:
    """Neither by `-m`, nor where a blank in PYTHONPATH (as `$PYTHONPATH:/x` makes) means the current folder."""
    folder = Folder(tmp_path)
    with_commands(folder.at, folder.marker)
    words = [str(folder.command)] if blank else ["-m", "workbook"]
    path = f":{ROOT}" if blank else str(ROOT)
    done = folder.python(*words, command, PYTHONPATH=path, **places_in(tmp_path))
    assert ran(folder.marker) == []
    assert (done.returncode, "Traceback" in done.stderr) == (ends, False), done.stderr


def test_where_we_and_python_lie_is_looked_in_even_if_one_stands_there(monkeypatch: pytest.MonkeyPatch) -> None:
    library = str(Path(os.__file__).parent)
    for folder in (str(ROOT), library, sys.prefix):
        monkeypatch.chdir(folder)
        assert isolated_process.without_current_folder([folder, "/elsewhere"]) == [folder, "/elsewhere"]
    monkeypatch.chdir("/")
    assert isolated_process.without_current_folder(["", "/", library]) == [library]


def test_a_folder_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    script = f'rmdir "{folder.at}" && exec "{sys.executable}" "{folder.command}" --version'
    assert subprocess.run(["/bin/sh", "-c", script], cwd=folder.at, check=False, env=untold()).returncode == 0


# the plugin -----------------------------------------------------------------------------------------------------------


def test_the_button_in_libreoffice(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """LibreOffice stands in the folder of the workbook that was opened from there; the command does not."""
    job = loaded()
    monkeypatch.chdir(folder.at)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    monkeypatch.setattr(job.Run, "show_failure", lambda _: None)
    monkeypatch.setattr(job, "Callback", lambda what: what)
    document = SimpleNamespace(Title="年报.xlsx")
    running = job.Run(mock.MagicMock(), sys.executable, "shred", document)
    assert running.process.wait(60) == 2
    log = running.log.read_text("utf-8")
    assert owned_folders.is_owned_folder(running.folder), "a merge may remove it once it is a day old"
    assert re.fullmatch("ogi-[0-9a-f]{16}", running.folder.name)
    left = {one.name for one in running.folder.iterdir()}
    assert left == {owned_folders.MARK, running.log.name}, "the log stays in it"
    owned_folders.remove_owned_folder(running.folder)
    assert "shred" in log and "validate" in log, "it came as far as to know its commands"
    assert running.folder.parent == owned_folders.get_temporary_folder()


def test_the_job_keeps_to_the_rule_that_it_cannot_import() -> None:
    job = loaded()
    start = isolated_process.python_command(python="/p/python")
    assert job.build_command("/p/python", "validate", "pipe", "年报.xlsx")[: len(start)] == start
    assert job.SAFE == isolated_process.SAFE_VARIABLES


def test_a_python_written_down_without_its_folder_is_not_run(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.at)
    settings = folder.at.parent / "libreoffice.json"
    settings.write_text(json.dumps({"python": "python"}))
    with pytest.raises(ValueError, match="python"):
        loaded().read_interpreter(settings)


@pytest.mark.parametrize("addin", [False, True])
def test_the_macros_command_line(folder: Folder, addin: bool) -> None:
    """The words that VBA puts together for Python, put together here: with no settings, for a macro of ours."""
    text = sources.harden_xlwings(_xlwings_modules()["xlwings"], addin=addin).text
    command = "import xlplugin, sys, json; print(json.dumps([xlplugin.__file__, sys.path]))"
    (before,) = re.findall(r'^    PythonCommand = "(.*)" & PythonCommand\r$', text, re.MULTILINE)
    (line,) = re.findall(r'RunCommand = CondaCmd & PythonInterpreter & (".* -c ".*)\r$', text, re.MULTILINE)
    values = {"PYTHONPATH": "false;/a.xlsm;/a.xlsm;;;;", "PythonCommand": before + command}
    pieces = re.findall(r'"((?:[^"]|"")*)"|(\w+)', line)
    words = "".join(values[name] if name else literal.replace('""', '"') for literal, name in pieces)
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" {words}'],
        cwd=folder.at, env=untold(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    where, path = json.loads(done.stdout)
    assert where == str(ROOT / "xlplugin" / "__init__.py")
    assert not {"", str(folder.at)} & set(path)


# nobody else starts anything ------------------------------------------------------------------------------------------

OWNER = "workbook/safety/isolated_process.py"
EXCEPTIONS = {"xlplugin/oxt/ogi_job.py": "runs within LibreOffice's own Python, which has none of our packages"}
STARTS = re.compile(r"^(system|popen|exec\w+|spawn\w+|posix_spawn\w*|startfile|fork\w*)$")
MODULES = {"subprocess", "multiprocessing", "runpy", "pty", "webbrowser", "code", "codeop", "ensurepip", "venv"}
NAMES = {"Popen", "ProcessPoolExecutor", "get_context", "create_subprocess_exec", "create_subprocess_shell"}
BUILT_IN = {"exec", "eval", "compile", "__import__"}


def starters(tree: ast.AST) -> Iterator[str]:
    """Whatever in a module could start a program or a process, or run a text as code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names if one.name.partition(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            top = (node.module or "").partition(".")[0]
            yield from [top] if top in MODULES else []
            yield from (one.name for one in node.names if one.name in NAMES or (top == "os" and STARTS.match(one.name)))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BUILT_IN:
            yield node.func.id
        elif isinstance(node, ast.Attribute):
            module = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in NAMES or (module in {"os", "posix", "nt"} and STARTS.match(node.attr)):
                yield node.attr


def sources_of(*suffixes: str) -> list[Path]:
    folders = ("workbook", "xlplugin", "tools")
    return [path for one in folders for path in sorted((ROOT / one).rglob("*")) if path.suffix in suffixes]


def test_nothing_starts_a_program_but_the_one_module() -> None:
    trees = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in sources_of(".py")}
    found = {name: set(starters(tree)) for name, tree in trees.items()}
    assert len(found) > 150
    assert found.pop(OWNER) == {"subprocess", "Popen", "multiprocessing", "get_context", "ProcessPoolExecutor"}
    assert {name for name, what in found.items() if what} == set(EXCEPTIONS)


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess", "from subprocess import run", "import os; os.system('x')", "from os import execvp",
        "import multiprocessing.pool as p", "eval('1')", "from concurrent.futures import ProcessPoolExecutor",
        "import concurrent.futures as c; c.ProcessPoolExecutor()", "import os; os.startfile('a')", "__import__('os')",
        "import asyncio; asyncio.create_subprocess_exec('a')", "import runpy",
    ],
)  # fmt: skip
def test_the_search_finds_what_starts_something(code: str) -> None:
    assert list(starters(ast.parse(code)))


def test_every_python_started_by_a_script_is_isolated() -> None:
    """PowerShell, the shell, and VBA: each line that starts a Python says so."""
    scripts = {path.name: path.read_text("utf-8") for path in sources_of(".ps1", ".sh", ".bat")}
    assert {"ogi.ps1", "setup-tests.sh", "安装.bat", "卸载.bat", "检查.bat"} <= set(scripts)
    windows = r"& (?:\$exe|\$python|\$try\[0\] @rest|\(Installed-Python\)) "
    unix = r'(?<!-p )(?:\.venv/bin/python|"\$system"|"\$wanted"|"\$python"|"\$1") -[a-zA-Z]+ '
    starts = re.compile(f"{windows}|{unix}")
    lines = [line for text in scripts.values() for line in text.splitlines() if starts.search(line)]
    assert len(lines) > 12
    assert [line for line in lines if not re.search(r"(?: -I| -P) ", line)] == []
    for name, data in bundle.read_texts("1").items():
        if name.endswith(".bat"):
            lines = data.decode().splitlines()
            assert lines[1] == 'cd /d "%SystemRoot%"', "before any program is named"
            started = [line for line in lines if "powershell" in line.lower()]
            assert [line.startswith('"%SystemRoot%\\System32\\') for line in started] == [True]


def test_the_macros_start_nothing_without_its_folder() -> None:
    for addin in (False, True):
        text = sources.harden_xlwings(_xlwings_modules()["xlwings"], addin=addin).text
        code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("'"))
        assert [line for line in code.splitlines() if " -c " in line and " -P -B -c " not in line] == []
        assert "cmd.exe" not in code
        assert not re.search(r"\bShell\s*\(|\bShell \"", code)
        assert code.count("WScript.Run(") == code.count('WScript.Run(Environ("ComSpec")') == 1
        assert code.count("prepare_sys_path(") == 2
    for stem in ("Ogi", "OgiAddin"):
        assert not re.search(r"\bShell\b|CreateObject|\.Run\b", sources.read_module(stem).text)
