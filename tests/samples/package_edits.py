"""Small random edits of a workbook's package, as no program makes them: for readers that must agree whatever comes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from workbook.model.form_loader import list_form_ids, load_form

Parts = dict[str, bytes]
"""The parts of a package by name."""

CELL = re.compile(r'<c r="[A-Z]+[0-9]+"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
ROW = re.compile(r"<row [^>]*>.*?</row>", re.DOTALL)
ITEM = re.compile(r"<si>.*?</si>", re.DOTALL)
STRINGS, BOOK, PROPERTIES = "xl/sharedStrings.xml", "xl/workbook.xml", "docProps/custom.xml"

VALUES = (
    "007", "-0", "-0.0", "1E3", "1E+16", "1.5", " 5", "5 ", "", "１", "1_0", "-1", "0x1", "nan", "inf", "1E999",
    "5\r\n",
    "&#53;", "&bogus;", "\x0b5", "5\x0b", "\0", "abc", "5.0", "+5", "-5", "9" * 20, "9" * 301, "true", "0", "1", "2",
    "]]>",
    "12", "12.34", "0.1", "#REF!", "通过", "\ufffe", "&amp;", "_x0035_", "&#95;x0035_", "&#13;", "5&#10;", "２０２３",
)  # fmt: skip
TEXTS = (
    "", " ", "　", "5", "007", "#N/A", "A&amp;B", "&lt;", "_x000D_", "&#95;x000D_", "a\rb", "a\r\nb", "a\nb", "\t制表",
    "]]>",
    "😀𠀀", "\u200b", "\ufeff", "\ufffd", "\ufffe", "&#xFFFE;", "&#x20000;", "&#13;", "&#0;", "&nbsp;", "￥100",
    "２０２３年度",
    "2022年", "420100", "县级部门", " 前后空格 ", "&quot;&apos;", "\x01", "é", "e\u0301", "不适用", "typed",
)  # fmt: skip
KINDS = ("n", "s", "str", "b", "e", "d", "inlineStr", "zz")
WORDS = tuple(
    dict.fromkeys(
        text
        for form in map(load_form, list_form_ids())
        for text in (
            *(section.label for section in form.sections),
            *(table.title for table in form.tables),
            *(line.label for table in form.tables for line in (*table.rows, *table.columns)),
        )
    )
)
"""What the forms print."""


def parts_of(path: Path) -> Parts:
    """A package taken apart."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(path: Path, parts: Mapping[str, bytes]) -> Path:
    """A package put together, nothing compressed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return path


Edit = tuple[str, str, str]
"""Part, pattern, replacement."""


def changed(parts: Mapping[str, bytes], *edits: Edit, count: int = 1) -> Parts:
    """The parts after edits, each made `count` times (0: wherever its pattern is), and each must find its pattern."""
    now = dict(parts)
    for part, pattern, to in edits:
        text, found = re.subn(pattern, to, now[part].decode("utf-8", "surrogateescape"), count=count, flags=re.DOTALL)
        assert found, f"{pattern} is not in {part}"
        now[part] = text.encode("utf-8", "surrogateescape")
    return now


# one edit -------------------------------------------------------------------------------------------------------------


def edited(parts: Parts, draw: Random) -> Parts:
    """The parts after one edit, to the value or the spelling of anything."""
    sheets = [name for name in parts if "worksheets/sheet" in name and name.endswith(".xml")]
    choice = draw.random()
    if choice < 0.5:
        return _changed(parts, draw.choice(sheets), _in_one(CELL, draw, draw.choice(CELLS)))
    if choice < 0.6:
        return _changed(parts, draw.choice(sheets), _in_one(ROW, draw, draw.choice(ROWS)))
    if choice < 0.75:
        return _changed(parts, STRINGS, _in_one(ITEM, draw, draw.choice(ITEMS)))
    if choice < 0.85:
        return draw.choice(PACKAGES)(parts, draw)
    part = draw.choice([*sheets, *sheets, STRINGS, BOOK, PROPERTIES, *parts])
    return _changed(parts, part, lambda text: _signs(text, draw)) if part in parts else parts


def _changed(parts: Parts, part: str, change: Callable[[str], str]) -> Parts:
    text = parts[part].decode("utf-8", "surrogateescape")
    return {**parts, part: change(text).encode("utf-8", "surrogateescape")}


Change = Callable[[str, Random], str]


def _in_one(pattern: re.Pattern[str], draw: Random, change: Change) -> Callable[[str], str]:
    """The change, made in one place that fits."""

    def changed(text: str) -> str:
        found = list(pattern.finditer(text))
        if not found:
            return text
        one = draw.choice(found)
        return text[: one.start()] + change(one[0], draw) + text[one.end() :]

    return changed


def _signs(text: str, draw: Random) -> str:
    """A few signs anywhere: lost, doubled, or put in."""
    at = draw.randrange(len(text) + 1)
    end = min(len(text), at + draw.choice((0, 1, 1, 2, 5, 40)))
    put = draw.choice(
        ("", "", text[at:end] * 2, " ", "\n", "<", ">", "&", '"', "x", "0", "\0", "<!-- -->", "<?x y?>", "é")
    )
    return text[:at] + put + text[end:]


# cells


def _value(cell: str, draw: Random) -> str:
    said = f"<v>{draw.choice(VALUES)}</v>"
    if "<v>" in cell:
        return re.sub(r"<v>.*?</v>", lambda _: said, cell, flags=re.DOTALL)
    return cell.replace("/>", f">{said}</c>") if cell.endswith("/>") else cell.replace("</c>", f"{said}</c>")


def _digit(cell: str, draw: Random) -> str:
    """Another number of the same kind: a figure, or the number of a text."""
    return re.sub(r"<v>(\d+)</v>", lambda old: f"<v>{max(0, int(old[1]) + draw.choice((-1, 1, 10)))}</v>", cell)


def _kind(cell: str, draw: Random) -> str:
    bare = re.sub(r' t="\w+"', "", cell, count=1)
    return bare if draw.random() < 0.3 else re.sub(r'^(<c r="\w+"(?: s="\d+")?)', rf'\1 t="{draw.choice(KINDS)}"', bare)


def _inline(cell: str, draw: Random) -> str:
    head = re.match(r'<c r="\w+"(?: s="\d+")?', cell)
    text = draw.choice((*TEXTS, *WORDS))
    if head is None:
        return cell
    if draw.random() < 0.5:
        return f'{head[0]} t="str"><v>{text}</v></c>'
    return f'{head[0]} t="inlineStr"><is><t>{text}</t></is></c>'


def _shown(cell: str, draw: Random) -> str:
    """Another text as the result of a formula."""
    text = draw.choice((*TEXTS, *WORDS))
    return re.sub(r'(t="str".*<v>).*?</v>', lambda old: f"{old[1]}{text}</v>", cell, flags=re.DOTALL)


def _formula(cell: str, draw: Random) -> str:
    put = draw.choice(("", "<f/>", "<f>1+1</f>", '<f t="shared" si="0"/>', "<f>SUM(D6:D7)</f>", "<f>D6</f>", "<foo/>"))
    bare = re.sub(r"<f.*?(?:/>|</f>)", "", cell, flags=re.DOTALL)
    return bare.replace("<v>", f"{put}<v>") if "<v>" in bare else bare.replace("/>", f">{put}</c>")


def _loosely(cell: str, draw: Random) -> str:
    """The same cell spelled as XML also allows."""
    change = draw.choice(
        (
            lambda x: x.replace('"', "'"),
            lambda x: x.replace("<c ", "<c\n"),
            lambda x: x.replace(' s="', '  s="'),
            lambda x: x.replace("<v>", "<v >"),
            lambda x: x.replace("<v>", '<v xml:space="preserve">'),
            lambda x: x.replace("<v>", "<v><![CDATA[").replace("</v>", "]]></v>"),
            lambda x: x.replace("<v>", "<v><!-- 5 -->"),
            lambda x: x.replace("<c ", '<c cm="1" '),
            lambda x: x.replace("<c ", '<c r="A1" '),
            lambda x: re.sub(r'(r="\w+") (s="\d+")', r"\2 \1", x),
            lambda x: re.sub(r'r="(\w+)"', lambda old: f'r="{old[1].lower()}"', x),
            lambda x: re.sub(r' r="\w+"', "", x),
            lambda x: re.sub(r' s="\d+"', ' s="1"', x),
            lambda x: f"<!-- {x} -->",
            lambda x: f"<x>{x}</x>",
            lambda x: f"{x}<extLst><c/></extLst>",
        )
    )
    return change(cell)


def _moved(cell: str, draw: Random) -> str:
    place = f"{draw.choice('ABCDEFGHIJKLMNOPQRSTU')}{draw.randint(1, 60)}"
    copy = re.sub(r'r="\w+"', f'r="{place}"', cell, count=1)
    return copy if draw.random() < 0.5 else cell + copy


CELLS: tuple[Change, ...] = (
    _value, _value, _value, _value, _digit, _digit, _digit, _kind, _kind, _inline, _shown, _shown, _formula, _loosely,
    _loosely, _moved, lambda cell, _: cell * 2, lambda _cell, _draw: "", lambda cell, _: re.sub("<v>.*</v>", "", cell),
)  # fmt: skip


# rows, texts


def _row(row: str, draw: Random) -> str:
    put = draw.choice(
        (' ht="40"', ' ht="40" customHeight="1"', ' ht="1" ht="2"', ' hidden="1"', ' x14ac:dyDescent="0.2"',
         ' spans="1:9"',
         ' customHeight="x"', ' thickBot="1"', ' s="1" customFormat="1"', "\n", ' a="1"')
    )  # fmt: skip
    bare = re.sub(r' (?:ht|spans|customHeight)="[^"]*"', "", row) if draw.random() < 0.7 else row
    return re.sub(r'^(<row r="\d+")', lambda old: old[1] + put, bare)


def _renumbered(row: str, draw: Random) -> str:
    return re.sub(r'^<row r="\d+"', draw.choice((f'<row r="{draw.randint(1, 99)}"', "<row")), row)


ROWS: tuple[Change, ...] = (
    _row, _row, _row, _renumbered, lambda row, _: row * 2, lambda _row, _draw: "", lambda row, _: f"{row}<row/>",
)  # fmt: skip


def _said(item: str, draw: Random) -> str:
    text = draw.choice((*TEXTS, *TEXTS, *WORDS))
    return re.sub(r"(<t[^>]*>).*?</t>", lambda old: f"{old[1]}{text}</t>", item, flags=re.DOTALL)


def _more(item: str, draw: Random) -> str:
    return item.replace("</t>", f"{draw.choice(TEXTS)}</t>")


def _runs(item: str, draw: Random) -> str:
    text = "".join(re.findall(r"<t[^>]*>(.*?)</t>", item, flags=re.DOTALL))
    return draw.choice(
        (
            f"<si><r><t>{text}</t></r><r><t>附</t></r></si>",
            f"<si><t>{text}</t><rPh sb='0' eb='1'><t>音</t></rPh></si>",
            f'<si><t>{text}</t><phoneticPr fontId="1"/></si>',
            f'<si><t xml:space="preserve">{text}</t></si>',
            f"<si><t >{text}</t></si>",
            f"<si><t><![CDATA[{text}]]></t></si>",
            f"<si><t>{text}<!-- --></t></si>",
            "<si><t/></si>",
            "<si/>",
        )
    )


ITEMS: tuple[Change, ...] = (
    _said, _said, _said, _more, _more, _runs, lambda item, _: item * 2, lambda _item, _draw: "",
)  # fmt: skip


# the package


def _with(name: str, data: bytes = b"x") -> Callable[[Parts, Random], Parts]:
    return lambda parts, _: {**parts, name: data}


def _replaced(part: str, *pairs: tuple[str, str]) -> Callable[[Parts, Random], Parts]:
    """One thing replaced by another, at all places where it stands."""

    def changed(parts: Parts, draw: Random) -> Parts:
        old, new = draw.choice(pairs)
        names = [name for name in parts if re.fullmatch(part, name)]
        one = draw.choice(names) if names else ""
        return _changed(parts, one, lambda text: re.sub(old, new, text, count=1)) if one else parts

    return changed


def _tail(parts: Parts, draw: Random) -> Parts:
    """A setting of a sheet, below its cells or above, is gone."""
    sheets = [name for name in parts if "worksheets/sheet" in name and name.endswith(".xml")]
    setting = draw.choice(("sheetProtection", "mergeCell", "dataValidation", "cfRule", "selection", "sheetFormatPr"))
    pattern = re.compile(rf"<{setting} [^>]*?(?:/>|>.*?</{setting}>)", re.DOTALL)
    return _changed(parts, draw.choice(sheets), _in_one(pattern, draw, lambda *_: ""))


PACKAGES: tuple[Callable[[Parts, Random], Parts], ...] = (
    _with("xl/workbook.bin"),
    _with("word/document.xml"),
    _with("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
    _with("xl/vbaProject.bin"),
    _with("docProps/thumbnail.jpeg"),
    _with("XL/Workbook.xml"),
    _tail,
    _tail,
    lambda parts, draw: {name: data for name, data in parts.items() if name != draw.choice(list(parts))},
    _replaced(
        BOOK, ("<sheets>", '<sheets><sheet name="又" sheetId="99" r:id="rId1"/>'), ("'表三'!", "'表二'!"),
        ('name="表三"', 'name="表 三"'), ('name="文字"', 'name="表二"'), ("<sheet ", '<sheet state="hidden" '),
        (r"\$D\$6", "$D$7"), ('<definedName name="agency.year">.*?</definedName>', ""), ("annual-2021", "annual-2019"),
    ),
    _replaced(
        PROPERTIES, (r"ogi\.stamp", "ogi.summary"), ("</property>", "乙</property>"), (r"\|1\|", "|2|"),
        ("</Properties>", '<property fmtid="{}" pid="9" name="ICV"><vt:lpwstr>A1</vt:lpwstr></property></Properties>'),
    ),
    _replaced(
        r"xl/(worksheets/sheet\d+|sharedStrings)\.xml", ("UTF-8", "ISO-8859-1"), ("UTF-8", "UTF-16"), ("UTF-8",
        "utf-8"),
        (r"<\?xml.*?\?>\s*", ""), (r"\A", "\ufeff"), ("<(sst|worksheet) ", r"<\1 xmlns:x14ac='urn:x' "),
        ("<(sst|worksheet) ", r'<\1 xmlns:x14ac="urn:x" '), ("main", "mine"), (r"\Z", "\n"), (r"\Z", "\x0b"), (r"\Z",
         "<!-- -->"),
        ('count="', 'count="1" count="'), ("<sheetData>", "<sheetData >"), ("<sheetData>",
         "<sheetProtection/><sheetData>"),
    ),
)  # fmt: skip
