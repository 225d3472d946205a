"""What the golden files describe: commands run on fixed inputs, and all that they report, without times and paths.

Everything goes through `ogi`, as a user would: no structure inside the program is known here.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from benchmarks.province import province
from tests.domain import ROOT
from workbook.cli import main

YEARS = (2024, 2020)
"""One report year for each form in force."""
UNSTABLE = re.compile(
    r"sha256|_at$|^modified$|^time$|^program$|^version$|^written$|^received$|^size$|^reader$|^date$|digest"
)
"""Members of a JSON that differ from run to run: hashes of files just made, times, the version of the program."""


def run(*words: str | Path) -> tuple[int, str]:
    """The exit status of a command and all that it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        status = main([str(word) for word in words])
    return status, out.getvalue()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def stable(value: Any, folder: str) -> Any:
    """A JSON value without what differs from run to run."""
    if isinstance(value, dict):
        return {key: stable(one, folder) for key, one in value.items() if not UNSTABLE.search(key)}
    if isinstance(value, list):
        return [stable(one, folder) for one in value]
    return without_places(value, folder) if isinstance(value, str) else value


def without_places(text: str, folder: str) -> str:
    text = text.replace(folder, "…").replace(os.path.relpath(folder), "…")
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", "TIME", text)
    text = re.sub(r"\b[0-9a-f]{64}\b", "SHA256", text)
    text = re.sub(r"用时 [\d.]+ 秒|Took [\d.]+ s", "TOOK", text)
    text = re.sub(r"逾期 \d+ 天", "逾期 N 天", text)  # to the day on which this runs
    text = re.sub(r"校验码.*", "校验码", text)
    return re.sub(r"\d{4}年\d{1,2}月\d{1,2}日|\d{4}-\d\d-\d\d", "DAY", text)


def checked(files: list[Path], folder: Path) -> Iterator[str]:
    """A line a file: exit status, findings by rule, and the digest of all that `ogi check` says in both languages."""
    for path in files:
        said, rules = [], ""
        for lang in ("zh", "en"):
            status, text = run("check", path, "--json", "--lang", lang)
            try:
                found = stable(json.loads(text), str(folder))
            except ValueError:
                found = without_places(text, str(folder))
            said.append(json.dumps(found, ensure_ascii=False, sort_keys=True))
            rules = " ".join(f"{name}×{n}" for name, n in _rules(found))
        name = path.relative_to(folder).as_posix()
        yield f"{name} | {status} | {digest(''.join(said))} | {rules}"


def _rules(found: Any) -> Iterator[tuple[str, int]]:
    counts: dict[str, int] = {}

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(rule := value.get("rule"), str):
                counts[rule] = counts.get(rule, 0) + 1
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(found)
    return iter(sorted(counts.items()))


# the corpora ----------------------------------------------------------------------------------------------------------


def merges(folder: Path) -> Iterator[str]:
    """A province in each form: every status and figure of the merge, its letters, and what is said on the screen."""
    for year in YEARS:
        made = province(folder, 60, year=year, jobs=1)
        for path in sorted(made.folder.rglob("*")):
            os.utime(path, (1_700_000_000, 1_700_000_000))
        room = folder / f"merged-{year}"
        room.mkdir(exist_ok=True)
        for lang in ("zh", "en"):
            out, letters = room / f"{lang}.json", room / f"letters-{lang}"
            asked = ("--year", str(year), "--roster", made.list, "-o", out, "--chase", letters, "--no-cache")
            status, text = run("merge", made.files, *asked, "--lang", lang)
            yield f"merge {year} {lang} | {status} | screen {digest(without_places(text, str(folder)))}"
            data = stable(json.loads(out.read_text("utf-8")), str(folder))
            for key, value in sorted(data.items()):
                yield f"merge {year} {lang} | {key} {digest(json.dumps(value, ensure_ascii=False, sort_keys=True))}"
            for letter in sorted(letters.rglob("*.txt")):
                text = without_places(letter.read_text("utf-8"), str(folder))
                yield f"letter {year} {lang} | {letter.name} {digest(text)}"
        some = sorted(made.files.rglob("*.xlsx"))[::4]
        yield from checked(some, made.files)


def altered(folder: Path, count: int) -> Iterator[str]:
    """Workbooks as issued, filled and then edited at random: figures, words, labels, rows, columns, sheets, formats."""
    made = province(folder, 60, year=2024, jobs=1), province(folder, 60, year=2020, jobs=1)
    sources = [sorted(one.files.glob("**/*.xlsx"))[:20] for one in made]
    room = folder / "altered"
    room.mkdir(exist_ok=True)
    files = []
    for n in range(count):
        chance = Random(n)
        source = chance.choice(sources[n % 2])
        path = room / f"{n:03}.xlsx"
        try:
            book = openpyxl.load_workbook(source)
        except Exception:
            continue
        for _ in range(chance.randint(1, 3)):
            _edit(chance.choice(book.worksheets[1:5]), chance)
        book.save(path)
        files.append(path)
    yield from checked(files, room)


def _edit(sheet: Worksheet, chance: Random) -> None:
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    if not cells:
        return
    cell = chance.choice(cells)
    match chance.randint(0, 11):
        case 0 | 1 | 2:
            cell.value = chance.randint(0, 999)
        case 3:
            cell.value = f"{chance.randint(1, 99)}个"
        case 4:
            cell.value = chance.choice(("不适用", "无", "/", "—", "１２", "1,234", "3.5", "十二", " 7 ", "=1+1", "-3"))
        case 5:
            cell.value = None
        case 6:
            cell.value = f"{cell.value}（本单位）"
        case 7:
            sheet.insert_rows(cell.row)
        case 8:
            sheet.delete_rows(cell.row)
        case 9:
            sheet.insert_cols(cell.column)
        case 10:
            cell.number_format = chance.choice(('0"件"', "yyyy-mm-dd", "0.00", ";;;", "@"))
        case _:
            sheet.sheet_state = "hidden"


def published(folder: Path) -> Iterator[str]:
    """Reports as published, in the documents of `tests/`: what is imported from each, and what is found then."""
    real = next(path for path in (ROOT / "tests").rglob("truth.json") if path.parent.name == "real").parent
    room = folder / "imported"
    room.mkdir(exist_ok=True)
    for path in sorted(real.iterdir()):
        if path.suffix in {".txt", ".html", ".docx"}:
            target = room / f"{path.name}.xlsx"
            for lang in ("zh", "en"):
                status, text = run("import", path, "-o", target, "--force", "--lang", lang)
                yield f"import {path.name} {lang} | {status} | {digest(without_places(text, str(folder)))}"
    yield from checked(sorted(room.iterdir()), room)
    yield from checked(sorted((ROOT / "examples").glob("*.json")), ROOT)


def rule_cases(_folder: Path) -> Iterator[str]:
    """Every case of the rule book: the findings, in both languages."""
    from tests.unit.rules.test_rule_cases import CASES, findings
    from workbook.model import rule_catalog

    for n, case in enumerate(CASES):
        said = [
            (
                one.rule,
                one.severity.value,
                [str(cell) for cell in one.cells],
                rule_catalog.format_message(one, lang),
                rule_catalog.format_advice(one, lang),
            )
            for one in findings(case)
            for lang in ("zh", "en")
        ]
        yield f"{n:03} {case['rule']} | {digest(repr(said))} | {len(said) // 2}"


def outputs(folder: Path) -> Iterator[str]:
    """Blank templates byte by byte, and the pages of help and reference in both languages."""
    for year in YEARS:
        path = folder / f"{year}.xlsx"
        run("new", "--year", str(year), "-o", path, "--force")
        yield f"new {year} | {hashlib.sha256(path.read_bytes()).hexdigest()}"
    commands = ("new", "check", "export", "import", "repair", "merge", "roster", "schema", "rules", "forms", "demo")
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "100"
    try:
        for words in (["--help"], *([one, "--help"] for one in commands)):
            yield f"ogi {' '.join(words)} | {digest(run(*words)[1])}"
        for words in (["rules"], ["forms"], ["rules", "--lang", "en"], ["forms", "--lang", "en"]):
            yield f"ogi {' '.join(words)} | {digest(run(*words)[1])}"
    finally:
        os.environ.pop("COLUMNS")
        if before is not None:
            os.environ["COLUMNS"] = before


# messages -------------------------------------------------------------------------------------------------------------


def messages() -> list[str]:
    """Every text of the product, wherever it is kept: in a TOML file, or as a pair of Chinese and English in code."""
    found = set[str]()
    for package in ("workbook", "xlplugin"):
        for path in (ROOT / package).rglob("*.toml"):
            found |= set(_texts(tomllib.loads(path.read_text("utf-8"))))
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and len(node.args) == 2:
                    texts = [
                        one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
                    ]
                    if len(texts) == 2 and _is_chinese(texts[0]) and not _is_chinese(texts[1]):
                        found |= set(texts)
    return sorted(repr(text) for text in found)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value


def _is_chinese(text: str) -> bool:
    return any("\u3000" <= one <= "\u9fff" or "\uff00" <= one <= "\uffef" for one in text)
