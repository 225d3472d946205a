"""Files of one make, altered byte by byte; and what the fast reader says of them while nobody else may be asked."""

from __future__ import annotations

import tempfile
from functools import cache
from html import escape
from pathlib import Path

from tests.samples import package_edits
from tests.samples.filled_workbooks import BEFORE, FORM, OLD_FORM, REPORT, filled, made
from tests.samples.package_edits import STRINGS, Edit, Parts, changed, packed, parts_of
from workbook.excel.reading.quick_reader import QuickReader
from workbook.model.form_loader import load_form
from workbook.model.report import Report
from workbook.rules.evaluation import Submission

OLD_REPORT = filled(OLD_FORM)
COVER, PLAIN, TABLE, ACROSS, WORDS, CHECKED = (f"xl/worksheets/sheet{n}.xml" for n in range(1, 7))
BOOK, PROPERTIES = package_edits.BOOK, package_edits.PROPERTIES
STYLES = "xl/styles.xml"
"""Parts of our template: of its sheets 封面, 表二, 表三, 表四, 文字 and 校验; and others."""


class InFull(Exception):
    """The fast reader leaves this file to the full one."""


def nobody(*_: object) -> None:
    """There is no full reader to ask."""
    raise InFull


def _parts(report: Report, previous: Report | None) -> Parts:
    with tempfile.TemporaryDirectory() as folder:
        return parts_of(made(Path(folder) / "年报.xlsx", report, previous))


@cache
def usual() -> Parts:
    """The workbook of `REPORT` and `BEFORE`, taken apart."""
    return _parts(REPORT, BEFORE)


@cache
def older() -> Parts:
    """A workbook of the form of 2019, with figures of this year alone."""
    return _parts(OLD_REPORT, None)


def cell(part: str, at: str, value: str | None, kind: str = "") -> Edit:
    """Another stored value in a cell; None empties it."""
    head = rf'(<c r="{at}"(?: s="\d+")?)(?: t="\w+")?'
    inside = r"(?:/>|>(<f[^<]*(?:</f>|(?<=/>)))?(?:<v>[^<]*</v>)?</c>)"
    kind = kind and f' t="{kind}"'
    said = "/>" if value is None else f"{kind}>\\g<2><v>{value}</v></c>"
    return part, head + inside, rf"\g<1>{said}"


def text(parts: Parts, said: str) -> tuple[Parts, str]:
    """The parts with one more shared text, and its number."""
    number = str(parts[STRINGS].count(b"<si>"))
    return changed(parts, (STRINGS, "</sst>", f"<si><t>{said}</t></si></sst>")), number


def typed(parts: Parts, part: str, at: str, said: str) -> Parts:
    """The parts with a text typed into a cell."""
    more, number = text(parts, said)
    return changed(more, cell(part, at, number, "s"))


def styled(
    parts: Parts, at: tuple[str, str], *, code: str = "", font: str = "", fill: str = "", number: int = 900
) -> Parts:
    """The parts with a cell in a style of its own: number format by code or built-in number, font, fill."""
    styles = parts[STYLES].decode()
    which = styles.split("<cellXfs")[1].split("</cellXfs>")[0].count("<xf ")
    fonts = styles.split("<fonts")[1].split("</fonts>")[0].count("<font>")
    fills = styles.split("<fills")[1].split("</fills>")[0].count("<fill>")
    edits: list[Edit] = []
    if code.isdecimal():
        number = int(code)
    elif code:
        edits.append((STYLES, "</numFmts>", f'<numFmt numFmtId="{number}" formatCode="{_quoted(code)}"/></numFmts>'))
    edits += [
        (STYLES, "</fonts>", f"<font>{font}</font></fonts>"),
        (STYLES, "</fills>", f"<fill>{fill}</fill></fills>"),
        (STYLES, "</cellXfs>", f'<xf numFmtId="{number if code else 0}" fontId="{fonts if font else 0}" '
         f'fillId="{fills if fill else 0}" borderId="0" xfId="0"/></cellXfs>'),
        (at[0], rf'(<c r="{at[1]}" s=)"\d+"', rf'\1"{which}"'),
    ]  # fmt: skip
    return changed(parts, *edits)


def _quoted(code: str) -> str:
    """A number format as an attribute and as a replacement of a pattern."""
    return escape(code).replace("\\", r"\\")


def renumbered(parts: Parts) -> Parts:
    """The shared texts in another order, as a program that saves the file anew numbers them."""
    first, *items = parts[STRINGS].split(b"<si>")
    last, end = items[-1].split(b"</sst>")
    items = [*items[:-1], last]
    count = len(items)
    now = {**parts, STRINGS: b"<si>".join([first, *items[::-1]]) + b"</sst>" + end}
    for part in (COVER, PLAIN, TABLE, ACROSS, WORDS, CHECKED):
        head, *cells = now[part].split(b' t="s"><v>')
        numbers = [one.split(b"</v>", 1) for one in cells]
        now[part] = b' t="s"><v>'.join([head, *(b"%d</v>%b" % (count - 1 - int(n), rest) for n, rest in numbers)])
    return now


def taught(folder: Path, parts: Parts) -> QuickReader:
    """A reader that was shown one workbook."""
    reader = QuickReader()
    reader.read(packed(folder / "样.xlsx", parts))
    return reader


_SHOWN: dict[tuple[int, ...], QuickReader] = {}


def shown(folder: Path, *files: Parts) -> QuickReader:
    """A reader that was shown these files; one for all that ask, for as long as the forms are the same objects."""
    key = id(load_form(FORM.id)), *map(id, files)
    if key in _SHOWN:
        return _SHOWN[key]
    if any(known[0] != key[0] for known in _SHOWN):
        _SHOWN.clear()
    reader, path = QuickReader(), folder / "样.xlsx"
    for parts in files:
        reader.read(packed(path, parts))
    if all(fast(reader, path, parts) is not None for parts in files):  # else whoever asks next may try anew
        _SHOWN[key] = reader
    return reader


def locked(path: Path) -> Path:
    """A part that nobody reads is said to be encrypted."""
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"docProps/app.xml") - 46
    assert raw[at : at + 4] == b"PK\1\2"
    raw[at + 8] |= 1
    path.write_bytes(raw)
    return path


def fast(reader: QuickReader, path: Path, parts: Parts) -> Submission | None:
    """What the fast reader says of a file; None where it leaves it to the full one."""
    return reader.read_known(packed(path, parts))


def exactly(report: Report | None) -> object:
    """All there is to a report, its figures by type, its sources too."""
    if report is None:
        return None
    values = [(type(value), str(value)) for value in report.values]
    texts, sources = dict(report.texts), dict(report.sources)
    return report.form, report.year, report.agency, values, texts, report.answers, sources, report.merged


def said(submission: Submission) -> tuple[object, ...]:
    """All there is to a submission, whoever read it."""
    one = submission
    return one.path, exactly(one.report), exactly(one.previous), one.findings, one.template, one.summary
