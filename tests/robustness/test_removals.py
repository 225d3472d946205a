"""Every call that removes a file, moves one, or writes over one, with what proves that it may.

A call that is not in the table fails here: whoever adds one says what it may be sure of. SECURITY.md has the same
table for people.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.domain import ROOT

PACKAGES = ("workbook", "xlplugin", "tools")

REMOVES = {"rmtree", "unlink", "rmdir", "removedirs", "truncate", "move", "rename", "renames", "link", "symlink"}
REMOVES |= {"symlink_to", "hardlink_to"}
WRITES = {"write_text", "write_bytes", "copyfile", "copy2", "copytree", "replace_file", "move_new", "touch"}
WRITES |= {"write_html", "extractall", "get_file", "RotatingFileHandler"}
WRITES |= {"mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory"}
MODULES = {"os", "shutil"}
"""Of which `remove`, `replace`, `copy` are meant: lists and texts have them, too."""

PROOFS = {
    "gate": "the one way in which outputs are written: complete in a folder of ours first, never where a file has come",
    "mark": "a folder of ours by its name, by the mark inside that repeats it, and by its owner",
    "run": "in a folder that this run has made, under a name of sixteen random digits",
    "python": "in a folder that Python's own tempfile has made for this run, which nobody but a maintainer starts",
    "asked": "an output that the user names; refused before where something is there, unless by --force or by asking",
    "new": "opened to be new: fails where anything is",
    "codes": "letters as an earlier chase-up wrote them, by the codes in its list; all else goes back to where it was",
    "readings": "a file of readings by its name, the mark in its head and its owner; or this program's own, torn",
    "key": "a key by its content and owner that others may have read, in a folder where nobody else may write",
    "demo": "a file of the demonstration as an earlier run wrote it, by its SHA-256, unless by --force",
    "record": "what installing wrote, by its SHA-256 in the record; what was there before is in the record first",
    "empty": "an empty folder that installing made",
    "log": "the plugin's own log, at most three files of one name",
    "nowhere": "the system's file that holds nothing",
    "repository": "generated files of this repository; no part of what users run",
}

CALLS = {
    # the gate, and what is ours
    "workbook/safety/atomic_write.py _move_into_place replace": "gate",
    "workbook/safety/atomic_write.py _move_into_place move_new": "gate",
    "workbook/safety/atomic_write.py _take_place move_new": "gate",
    "workbook/safety/atomic_write.py move_new rename": "gate",
    "workbook/safety/atomic_write.py move_new link": "gate",
    "workbook/safety/atomic_write.py move_new replace": "gate",
    "workbook/safety/atomic_write.py move_new unlink": "gate",
    "workbook/safety/atomic_write.py replace_file open": "new",
    "workbook/safety/atomic_write.py write_bytes replace_file": "gate",
    "workbook/safety/atomic_write.py write_text write_bytes": "gate",
    "workbook/safety/html_template.py write_html replace_file": "gate",
    "workbook/safety/owned_folders.py make_owned_folder write_bytes": "run",
    "workbook/safety/owned_folders.py clear_folder rmtree": "mark",
    "workbook/safety/owned_folders.py clear_folder unlink": "mark",
    # for passing files
    "workbook/documents/libreoffice.py convert_document copyfile": "run",
    "workbook/documents/libreoffice.py write_profile write_bytes": "run",
    "workbook/documents/libreoffice.py _run open": "run",
    "workbook/documents/pdf_writer.py build_pdf write_bytes": "run",
    "workbook/merging/archive_files.py _list_inner_archive mkdtemp": "run",
    "workbook/merging/archive_files.py _extract open": "run",
    "workbook/merging/process_file.py _local_file unlink": "run",
    "workbook/merging/executors.py _process_in_pool open": "nowhere",
    "workbook/cli/__init__.py _open_missing_streams open": "nowhere",
    "workbook/cli/__init__.py _stop_printing os.open": "nowhere",
    "workbook/merging/remote_files.py fetch_file get_file": "run",
    "xlplugin/install/libreoffice_extension.py add_extension write_bytes": "run",
    "xlplugin/building/macro_workbooks.py _add_project TemporaryDirectory": "python",
    "xlplugin/building/macro_workbooks.py _add_project write_bytes": "python",
    "xlplugin/oxt/ogi_job.py Run.__init__ open": "new",
    "xlplugin/oxt/ogi_job.py make_scratch_folder write_bytes": "run",
    "xlplugin/oxt/ogi_job.py Run.remove_folder rmtree": "run",
    # letters
    "workbook/exchange/delimited_text.py open_csv_writer open": "new",
    "workbook/merging/letters/letter_files.py _open_text open": "new",
    "workbook/merging/letters/letter_folder.py sign_lists open": "run",
    "workbook/merging/letters/letter_folder.py replace_folder rename": "codes",
    "workbook/merging/letters/letter_folder.py replace_folder touch": "run",
    "workbook/merging/letters/letter_folder.py recover_folder rename": "mark",
    "workbook/merging/letters/letter_folder.py _rename_into_place rename": "codes",
    "workbook/merging/letters/letter_folder.py _finish rename": "codes",
    "workbook/merging/letters/letter_folder.py _move_into unlink": "codes",
    "workbook/merging/letters/letter_folder.py _move_into move_new": "gate",
    # readings
    "workbook/merging/reading_cache.py _remove unlink": "readings",
    "workbook/merging/reading_cache.py make_private_folder os.open": "new",
    "workbook/merging/reading_cache.py _new_key os.open": "new",
    "workbook/merging/reading_cache.py _read_key move_new": "gate",
    "workbook/merging/reading_cache.py _read_key replace": "key",
    # outputs
    "workbook/cli/workbook_commands.py run_export write_text": "asked",
    "workbook/cli/workbook_commands.py import_document write_text": "asked",
    "workbook/cli/reference_commands.py run_schema write_text": "asked",
    "workbook/cli/roster_command.py _make_empty write_bytes": "asked",
    "workbook/documents/__init__.py write_document write_bytes": "asked",
    "workbook/summary/summary_json.py write_summary_json replace_file": "asked",
    "workbook/summary/data/dataframe.py write_parquet replace_file": "asked",
    "workbook/summary/data/report_table.py write_csv replace_file": "asked",
    "workbook/summary/page/page_writer.py write_page write_html": "asked",
    "workbook/merging/roster/roster_writer.py write_roster write_bytes": "asked",
    "workbook/summary/excel/summary_workbook.py write_summary write_bytes": "asked",
    "workbook/excel/template/pen.py Pen.save write_bytes": "asked",
    "workbook/excel/template/template_writer.py write_workbook write_bytes": "asked",
    "xlplugin/commands.py export_json write_text": "asked",
    "xlplugin/commands.py _store_copy write_text": "asked",
    # the demonstration
    "workbook/cli/demo_command.py _Own.make_way unlink": "demo",
    "workbook/cli/demo_command.py _Own.note write_text": "demo",
    # installing
    "xlplugin/install/install_steps.py write_file write_bytes": "record",
    "xlplugin/install/install_steps.py restore_file unlink": "record",
    "xlplugin/install/install_steps.py restore_file rmdir": "empty",
    "xlplugin/entry.py log_exception RotatingFileHandler": "log",
    "xlplugin/install/machine.py WindowsRegistry.delete_value DeleteValue": "record",
    "xlplugin/install/machine.py WindowsRegistry.delete_key DeleteKey": "record",
    "xlplugin/install/machine.py WindowsRegistry.set_value SetValueEx": "record",
    # this repository
    "workbook/excel/template/__main__.py main write_bytes": "repository",
    "xlplugin/building/__main__.py main write_bytes": "repository",
    "tools/bundle.py main TemporaryDirectory": "python",
    "tools/bundle.py main shutil.copy": "python",
    "tools/bundle.py main write_bytes": "repository",
    "tools/docs.py write_pages write_text": "repository",
    "tools/docs.py write_pictures TemporaryDirectory": "python",
    "tools/docs.py write_pictures write_bytes": "repository",
    "tools/sbom.py write_locks TemporaryDirectory": "python",
    "tools/sbom.py write_locks write_text": "python",
    "tools/sbom.py _write_lock write_text": "repository",
    "tools/sbom.py write_bom TemporaryDirectory": "python",
}


def named(call: ast.Call) -> str:
    """What a call that removes, moves or writes is called in the table; blank for any other."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    owner = function.value.id if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) else ""
    given = len(call.args)
    if name in {"DeleteValue", "DeleteKey", "SetValueEx"} or name in WRITES:
        return name
    if name in REMOVES:
        return name if _of_a_path(call, name) else ""
    if owner in MODULES and name in {"remove", "replace", "copy"}:
        return f"{owner}.{name}"
    if name == "replace" and given == 1 and not call.keywords and isinstance(function, ast.Attribute):
        return name
    if owner == "os" and name == "open":
        flags = " ".join(map(ast.unparse, call.args))
        return "os.open" if "O_" in flags and "O_RDONLY" not in flags else ""
    if name in {"open", "fdopen", "ZipFile"}:
        return "open" if _writes(call, name) else ""
    return ""


def _of_a_path(call: ast.Call, name: str) -> bool:
    """Of names that others have, too: a pen links cells and moves over them."""
    if name in {"link", "move"}:
        return isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in MODULES
    return isinstance(call.func, ast.Attribute) or name == "rmtree"


def _writes(call: ast.Call, name: str) -> bool:
    """Whether a file is opened for writing: by a mode that says so, in a place that has a path."""
    words = [*call.args, *(one.value for one in call.keywords)]
    if name == "ZipFile" and call.args and ast.unparse(call.args[0]) in {"out", "file"}:
        return False  # in memory
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name == "fdopen" or owner in {"archive", "package"}:
        return False  # of what is open already, or inside a package in memory
    modes = [one.value for one in words if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return any(re.fullmatch(r"[wax]b?\+?|r\+b?|rb\+", mode) for mode in modes)


def calls() -> Iterator[str]:
    """Every such call: file, function, name."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for function, call in _inside(ast.parse(path.read_text("utf-8")), ()):
                if name := named(call):
                    yield f"{path.relative_to(ROOT).as_posix()} {'.'.join(function) or '<module>'} {name}"


def _inside(node: ast.AST, function: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ast.Call]]:
    for one in ast.iter_child_nodes(node):
        inner = isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        within = (*function, one.name) if inner else function
        if isinstance(one, ast.Call):
            yield within, one
        yield from _inside(one, within)


def test_every_call_that_removes_or_writes_over_is_proven() -> None:
    found = set(calls())
    assert sorted(found - CALLS.keys()) == [], "say in CALLS what proves that these may"
    assert sorted(CALLS.keys() - found) == [], "these are gone"
    assert set(CALLS.values()) == PROOFS.keys()


WAYS = """
os.remove(a) os.replace(a,b) os.truncate(a,0) os.link(a,b) os.open(a,os.O_WRONLY|os.O_CREAT)
a.replace(b) a.rename(b) a.unlink() a.rmdir() a.touch() a.write_text(b)
shutil.rmtree(a) shutil.move(a,b) shutil.copy(a,b) rmtree(a)
a.open('w') a.open('r+') a.open(mode='x') open(a,'ab') ZipFile(a,'a')
tempfile.TemporaryDirectory() atomic_write.replace_file(a)
"""
HARMLESS = "a.replace(b,c) replace(a,b=c) a.remove(b) a.open('rb') open(a) os.open(a,os.O_RDONLY)"


def test_the_search_finds_each_way_to_remove_or_write() -> None:
    """So that the table cannot be complete by being blind."""
    assert [one for one in WAYS.split() if not named(ast.parse(one, mode="eval").body)] == []
    assert [one for one in HARMLESS.split() if named(ast.parse(one, mode="eval").body)] == []


def test_no_other_script_that_is_shipped_removes_anything() -> None:
    """But the installer for Windows, whose every such line is looked at in plugin/install/test_bundle.py."""
    removing = re.compile(r"Remove-Item|\b(rmdir|del|Kill|rd|rm)\b|DeleteFile|DeleteFolder", re.IGNORECASE)
    kinds = {".ps1", ".bat", ".bas", ".cls", ".txt"}
    scripts = [path for path in (ROOT / "xlplugin").rglob("*") if path.suffix in kinds]
    assert len(scripts) > 3
    found = {path.name for path in scripts if removing.search(path.read_text("utf-8"))}
    assert found == {"ogi.ps1"}
