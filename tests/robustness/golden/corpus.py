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
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from benchmarks.desk import place_of
from benchmarks.province import province
from tests.domain import ROOT
from tests.samples.package_edits import packed, parts_of
from tests.samples.real_reports import REAL
from tests.unit.rules.test_rule_cases import CASES, findings
from workbook.cli import main
from workbook.model.rule_catalog import format_advice, format_message

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
        printed, rules = [], ""
        for lang in ("zh", "en"):
            status, text = run("check", path, "--json", "--lang", lang)
            try:
                found = stable(json.loads(text), str(folder))
            except ValueError:
                found = without_places(text, str(folder))
            printed.append(json.dumps(found, ensure_ascii=False, sort_keys=True))
            rules = " ".join(f"{name}×{n}" for name, n in _count_rules(found))
        name = path.relative_to(folder).as_posix()
        yield f"{name} | {status} | {digest(''.join(printed))} | {rules}"


def _count_rules(found: Any) -> list[tuple[str, int]]:
    rules = [one["rule"] for one in _nested(found) if isinstance(one, dict) and isinstance(one.get("rule"), str)]
    return sorted(Counter(rules).items())


def _nested(value: Any) -> Iterator[Any]:
    """A value of JSON or TOML, and all that is in it."""
    yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nested(one)


def members(path: Path, folder: Path) -> Iterator[str]:
    """Each member of a JSON file, and the digest of it without what differs from run to run."""
    for key, value in sorted(stable(json.loads(path.read_text("utf-8")), str(folder)).items()):
        yield f"{key} {digest(json.dumps(value, ensure_ascii=False, sort_keys=True))}"


# the corpora ----------------------------------------------------------------------------------------------------------


def merges(folder: Path) -> Iterator[str]:
    """A province in each form: every status and figure of the merge, its letters, and what is said on the screen."""
    for year in YEARS:
        made = province(folder, 60, year=year, jobs=1)
        for path in sorted(made.folder.rglob("*")):
            os.utime(path, (1_700_000_000, 1_700_000_000))
        place = folder / f"merged-{year}"
        place.mkdir(exist_ok=True)
        for lang in ("zh", "en"):
            out, letters = place / f"{lang}.json", place / f"letters-{lang}"
            asked = ("--year", str(year), "--roster", made.list, "-o", out, "--chase", letters, "--no-cache")
            status, text = run("merge", made.files, *asked, "--lang", lang)
            yield f"merge {year} {lang} | {status} | screen {digest(without_places(text, str(folder)))}"
            yield from (f"merge {year} {lang} | {one}" for one in members(out, folder))
            for letter in sorted(letters.rglob("*.txt")):
                text = without_places(letter.read_text("utf-8"), str(folder))
                yield f"letter {year} {lang} | {letter.name} {digest(text)}"
        some = sorted(made.files.rglob("*.xlsx"))[::4]
        yield from checked(some, made.files)


def altered(folder: Path, count: int) -> Iterator[str]:
    """Workbooks as issued, filled and then edited at random: figures, words, labels, rows, columns, sheets, formats."""
    made = province(folder, 60, year=2024, jobs=1), province(folder, 60, year=2020, jobs=1)
    sources = [sorted(one.files.glob("**/*.xlsx"))[:20] for one in made]
    place = folder / "altered"
    place.mkdir(exist_ok=True)
    files = []
    for n in range(count):
        chance = Random(n)
        source = chance.choice(sources[n % 2])
        path = place / f"{n:03}.xlsx"
        try:
            book = openpyxl.load_workbook(source)
        except Exception:
            continue
        for _ in range(chance.randint(1, 3)):
            _edit(chance.choice(book.worksheets[1:5]), chance)
        book.save(path)
        files.append(path)
    yield from checked(files, place)


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


Alteration = Callable[[Workbook], None]


def typed(*texts: str) -> Alteration:
    """One text after the other in the cells of 表三 for natural persons, from D8 down."""

    def alter(book: Workbook) -> None:
        for n, text in enumerate(texts):
            book["表三"].cell(8 + n, 4).value = text

    return alter


def validated(**changes: object) -> Alteration:
    """Every validation of 表三 with other settings."""

    def alter(book: Workbook) -> None:
        for one in book["表三"].data_validations.dataValidation:
            for name, value in changes.items():
                setattr(one, name, value)

    return alter


def unprotected(*sheets: str) -> Alteration:
    def alter(book: Workbook) -> None:
        for name in sheets or book.sheetnames:
            book[name].protection.disable()

    return alter


def summed(formula: str, *, blank: bool = True) -> Alteration:
    """The total J8 of 表三 by another formula, its parts D8 to I8 blank or as they are."""

    def alter(book: Workbook) -> None:
        for column in range(4, 10) if blank else ():
            book["表三"].cell(8, column).value = None
        book["表三"]["J8"] = formula

    return alter


ALTERATIONS: dict[str, Alteration] = {
    "as typed": lambda _: None,
    "spaces": typed(" 12", "12 ", "\u300012", "12\u3000", "\u3000\u300012\u3000", "12\u00a0", "1 2", "12\t", "12\n",
                    "\u200b12", "1\u30002", " ", "\u3000", "\u00a0"),
    "units": typed("12件", "12 件", "12\u3000件", "12件 ", "12个", "12份", "12人次", "12元", "件", "件12", "12件件",
                   "约12件"),
    "wide digits": typed("１２", "１２件", "\u3000１２\u3000件", "１，２３４", "1，234", "１２．０", "－３", "（１２）",
                         "12.0", "十二件"),
    "validations warn": validated(errorStyle="warning"),
    "validations inform": validated(errorStyle="information"),
    "validations say nothing": validated(showErrorMessage=False),
    "validations ask for a length": validated(type="textLength"),
    "one sheet not protected": unprotected("表三"),
    "no sheet protected": unprotected(),
    "a plain sum over blanks": summed("=SUM(D8:I8)"),
    "the issued sum over blanks": summed('=IF(COUNT(D8:I8)=0,"",SUM(D8:I8))'),
    "a plain sum over figures": summed("=SUM(D8:I8)", blank=False),
    "a plain sum with a cell too many": summed("=SUM(C8:I8)"),
    "a plain sum with a cell too few": summed("=SUM(D8:H8)", blank=False),
    "plus signs over blanks": summed("=D8+E8+F8+G8+H8+I8"),
}  # fmt: skip
"""What is done to a sound workbook, by a program that keeps no result of a formula."""


def guards(folder: Path) -> Iterator[str]:
    """Sound workbooks of each form, each altered in one way that a reader must see or see through; then merged."""
    for year in YEARS:
        place = folder / f"guards {year}"
        place.mkdir(exist_ok=True)
        made = province(folder, 60, year=year, jobs=1)
        agencies = cycle(made.plain)
        for name, alter in ALTERATIONS.items():
            book = openpyxl.load_workbook(made.files / place_of(next(agencies), year))
            alter(book)
            book.save(place / f"{name}.xlsx")
        for name in ("a plain sum over blanks, stored as 0", "a plain sum over blanks, stored as 5"):
            path = made.files / place_of(next(agencies), year)
            book = openpyxl.load_workbook(path)
            ALTERATIONS["a plain sum over blanks"](book)
            book.save(place / f"{name}.xlsx")
            parts = parts_of(place / f"{name}.xlsx")
            stored = f"<f>SUM(D8:I8)</f><v>{name[-1]}</v>".encode()
            sheet = "xl/worksheets/sheet3.xml"
            parts[sheet], count = re.subn(
                rb"<f>SUM\(D8:I8\)</f><v ?/>|<f>SUM\(D8:I8\)</f><v></v>", stored, parts[sheet]
            )
            assert count == 1
            packed(place / f"{name}.xlsx", parts)
        for line in checked(sorted(place.iterdir()), place):
            yield f"{year} {line}"
        out = folder / f"guards {year}.json"
        status, _ = run("merge", place, "-o", out, "--no-cache", "--include-errors", "--jobs", "1")
        yield f"{year} merge of these | {status}"
        yield from (f"{year} merge of these | {one}" for one in members(out, folder))


def published(folder: Path) -> Iterator[str]:
    """Reports as published, in the documents of `tests/`: what is imported from each, and what is found then."""
    place = folder / "imported"
    place.mkdir(exist_ok=True)
    for path in sorted(REAL.iterdir()):
        if path.suffix in {".txt", ".html", ".docx"}:
            target = place / f"{path.name}.xlsx"
            for lang in ("zh", "en"):
                status, text = run("import", path, "-o", target, "--force", "--lang", lang)
                yield f"import {path.name} {lang} | {status} | {digest(without_places(text, str(folder)))}"
    yield from checked(sorted(place.iterdir()), place)
    yield from checked(sorted((ROOT / "examples").glob("*.json")), ROOT)


def rule_cases(_folder: Path) -> Iterator[str]:
    """Every case of the rule book: the findings, in both languages."""
    for n, case in enumerate(CASES):
        found = findings(case)
        texts = []
        for one in found:
            facts = one.rule, one.severity.value, [str(cell) for cell in one.cells]
            texts += [(*facts, format_message(one, lang), format_advice(one, lang)) for lang in ("zh", "en")]
        yield f"{n:03} {case['rule']} | {digest(repr(texts))} | {len(found)}"


def outputs(folder: Path) -> Iterator[str]:
    """Blank templates byte by byte, and the pages of help and reference in both languages."""
    for year in YEARS:
        path = folder / f"{year}.xlsx"
        run("new", "--year", str(year), "-o", path, "--force")
        yield f"new {year} | {hashlib.sha256(path.read_bytes()).hexdigest()}"
    commands = ("new", "check", "export", "import", "repair", "merge", "roster", "schema", "rules", "forms", "demo")
    pages = ("rules", "forms", "rules --lang en", "forms --lang en")
    with mock.patch.dict(os.environ, {"COLUMNS": "100"}):
        for words in ("--help", *(f"{one} --help" for one in commands), *pages):
            yield f"ogi {words} | {digest(run(*words.split())[1])}"


# messages -------------------------------------------------------------------------------------------------------------


def messages() -> list[str]:
    """Every text of the product: of TOML files that speak Chinese (others hold patterns and colours), pairs in code."""
    found = set[str]()
    for package in ("workbook", "xlplugin"):
        for path in (ROOT / package).rglob("*.toml"):
            texts = {one for one in _nested(tomllib.loads(path.read_text("utf-8"))) if isinstance(one, str)}
            found |= texts if 4 * sum(map(_is_chinese, texts)) > len(texts) else set()
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and len(node.args) == 2:
                    match [one.value for one in node.args if isinstance(one, ast.Constant)]:
                        case [str(zh), str(en)] if _is_chinese(zh) and not _is_chinese(en):
                            found |= {zh, en}
    return sorted(repr(text) for text in found)


def _is_chinese(text: str) -> bool:
    return any("\u3000" <= one <= "\u9fff" or "\uff00" <= one <= "\uffef" for one in text)
