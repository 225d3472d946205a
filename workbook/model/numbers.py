"""Parses the raw value of a cell into the number it states, and lists what was odd about the way it was typed.

Counts are integers (件). Money is stored as an integer number of 分 and exchanged as a decimal in the cell's own unit
(元, 万元), never as a float.
Only what has one possible reading becomes a number; everything else stays as the words that were typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from decimal import Context, Decimal
from types import MappingProxyType
from typing import Final, NamedTuple, overload

from workbook.safety.messages import read_toml

Number = int | Decimal
"""An integer number of base units (件, 分); a Decimal where a figure is no integer (1.5 件)."""

Value = Number | str | None
"""What a cell holds: a number of base units; words; None = blank."""

Raw = str | int | float | Decimal | date | time | timedelta | None
"""What readers deliver for one cell."""

NOT_APPLICABLE: Final = "不适用"
"""Stands for every mark that says "nothing here" (/, -, —, 不适用, n/a …). It is neither blank nor 0."""


class Unit(NamedTuple):
    """What a cell counts in: its label, and how many base units (件, 分) make one."""

    label: str
    scale: int


class Oddity(NamedTuple):
    """One thing that was odd about a cell.

    `raw` is the cell as it was; `detail` the part concerned: the unit or note removed, the sign met, or for
    `other-unit` the two possible readings in the cell's unit, the one taken first. Kinds where a number was read:
    text, space, width, unit, other-unit, note, comma, sign, decimal, scientific, chinese, json-float. Kinds where none
    was: space (only blanks typed), mark, date, bool, error (#REF!), not-finite, words.
    """

    kind: str
    raw: str
    detail: str


class ParsedFigure(NamedTuple):
    """The value of a cell in base units (件, 分), and what was odd about it; nothing odd = ()."""

    value: Value
    oddities: tuple[Oddity, ...] = ()


_DATA: Final = read_toml("workbook.model.numbers")
_MONEY: Final[dict[str, int]] = _DATA["money"]
_CHINESE: Final[dict[str, str]] = _DATA["chinese"]
_NOTE: Final[dict[str, str]] = _DATA["note"]
EXACT: Final = Context(prec=5000)
"""Where broken figures are added (`localcontext(EXACT)`): without rounding, or a sum would depend on the order of its
parts."""
_LONGEST_NOTE: Final = 1000
"""A longer note is no note on a number."""
_DIGITS_OF_FLOATS: Final = (16, 17)
_NEXT_TO_NOTHING: Final = Decimal("0.001")
"""Of a base unit (件, 分): so far is a sum of floats from the integer it should be, at most."""
_LONGEST: Final = 400
"""No more characters has a number in the unit of its cell, written out: what is longer stays words, however it came."""

UNITS: Final = MappingProxyType({u["label"]: Unit(u["label"], u["scale"]) for u in _DATA["unit"]})
"""The units of the form's cells, by label."""

NOTHING_MARKS: Final = (*_DATA["nothing"], *_DATA["dashes"], "——", "--")
"""What stands for "nothing here" when it fills a cell alone, as a formula can count it (letters in either case)."""

DASHES: Final[str] = _DATA["dashes"]
"""Signs that are no digits and stand for "nothing here", each alone or several."""

_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e"
_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_MINUS: Final = "-−﹣–—‐‑"
_SPACE: Final = rf"[\s{_INVISIBLE}]"
_BLANKS: Final = re.compile(rf"\A{_SPACE}+|{_SPACE}+\Z")
_PLAIN: Final = str.maketrans(_CHINESE["variants"], _CHINESE["plain"])
_DIGITS: Final = {
    **{digit: str(n) for n, digit in enumerate(_CHINESE["digits"])},
    **{
        variant: str(_CHINESE["digits"].index(plain))
        for variant, plain in zip(_CHINESE["variants"], _CHINESE["plain"], strict=True)
        if plain in _CHINESE["digits"]
    },
}
"""Numerals of one digit, in every spelling."""
NUMERALS: Final = "".join(_CHINESE[k] for k in ("digits", "places", "myriads", "variants"))
"""The characters of Chinese numerals."""


def _any(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, words))})"


def _cell(units: Iterable[str]) -> re.Pattern[str]:
    """Match a whole cell: currency, number, unit, note; on text whose full-width characters are already folded.

    `¥1,234.50万元(含税)`: currency `¥`; number `1,234.50` of digits, fraction and (`1e5`) exponent, or a Chinese
    numeral (`十二`); unit `万元`, or boxed as in `12(单位:万元)`; note `(含税)`.
    """
    return re.compile(
        rf"(?P<currency>{_any(_DATA['currency'])})?{_SPACE}*"
        rf"(?P<number>(?P<sign>[{_MINUS}+]?)(?:(?P<digits>(?:0|[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+|[1-9][0-9]*))"
        rf"(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]{{1,2}})?|(?P<chinese>[{NUMERALS}]+?)))"
        rf"{_SPACE}*(?:\({_SPACE}*{_NOTE['unit']}{_SPACE}*(?P<boxed>{_any(units)}){_SPACE}*\)|(?P<unit>{_any(units)})?"
        rf"{_SPACE}*(?P<note>[(\[【〔][^()\[\]【】〔〕]+[)\]】〕])?)"
    )


_COUNT_CELL: Final = _cell(_DATA["counters"])
_MONEY_CELL: Final = _cell(_MONEY)
# A mark for "nothing here" alone in its cell: "—", "--", "无", "(n/a)".
_MARK: Final = re.compile(
    rf"[{re.escape(_DATA['dashes'])}]+|{_any(_DATA['nothing'])}|\({_any(_DATA['nothing'])}\)", re.I
)
_NOTE_PART: Final = re.compile(rf"(?:{_NOTE['part']}).")
_NOTE_REMARK: Final = re.compile(_NOTE["remark"])
_NOTE_DOUBT: Final = re.compile("|".join(_NOTE[name] for name in ("replaced", "withdrawn", "doubted", "scaled")), re.X)
# A number within a note, and its unit: "16件" of "其中修订16件", "3万元"; not "2023年", "第20条".
_NOTE_FIGURE: Final = re.compile(
    rf"(?<![第0-9.{NUMERALS}])(?P<number>[0-9]+(?:\.[0-9]+)?|[{NUMERALS}]+?)"
    rf"(?P<unit>{_any([*_MONEY, *_DATA['counters']])})?(?=$|[,、;。])"
)
# An error value of a spreadsheet: "#REF!", "#DIV/0!", "#N/A".
_ERROR: Final = re.compile(r"#[A-Z][A-Z0-9_/]*[!?]?", re.I)
# A date typed as text: "2024-01-31", "2024年1月", "2024/1/31 08:00", "1月31日".
_DATE: Final = re.compile(
    r"[0-9]{4}[-/.年][0-9]{1,2}(?:[-/.月](?:[0-9]{1,2}日?)?)?(?:[ T][0-9:.]+)?|[0-9]{1,2}月[0-9]{1,2}日"
)


def parse_figure(raw: Raw, unit: Unit) -> ParsedFigure:
    """Read one cell: its value in base units (件, 分) and every oddity met on the way.

    Blank (None, nothing or only spaces) is None. A mark for "nothing here" is NOT_APPLICABLE. What is no number, or
    could be more than one (1,2 · 12 34 · 约10 · 2-3 · 12% · 007 · 96（应为69）), comes back as the words typed, without
    the spaces around them. Money stated in another unit than the cell's is converted exactly, with the oddity
    `other-unit`.
    """
    if raw is None:
        return ParsedFigure(None)
    if isinstance(raw, bool):
        return _words(str(raw).upper(), "bool")
    if isinstance(raw, int):
        held = raw.bit_length() < 64 or _held(Decimal(raw))
        return ParsedFigure(raw * unit.scale) if held else _words(str(Decimal(raw)), "not-finite")
    if isinstance(raw, float | Decimal):
        exact = Decimal(raw) if isinstance(raw, Decimal) else Decimal(format(raw, ".15g"))
        return ParsedFigure(_scaled(exact, unit.scale)) if _held(exact) else _words(str(raw), "not-finite")
    if isinstance(raw, date | time | timedelta):
        return _words(str(raw), "date")
    return _read_text(str(raw), unit)


def _words(text: str, kind: str, raw: str = "") -> ParsedFigure:
    return ParsedFigure(text, (Oddity(kind, raw or text, ""),))


def _read_text(raw: str, unit: Unit) -> ParsedFigure:
    text = _BLANKS.sub("", raw)
    if not text:
        return ParsedFigure(None, (Oddity("space", raw, ""),) if raw else ())
    folded = text.translate(_WIDE)
    if _MARK.fullmatch(folded):
        return ParsedFigure(NOT_APPLICABLE, () if raw == NOT_APPLICABLE else (Oddity("mark", raw, text),))
    if match := (_COUNT_CELL if unit.scale == 1 else _MONEY_CELL).fullmatch(folded):
        number = _number(match, unit)
        stated = _stated(match, unit)
        if number is not None and stated and _held(taken := Decimal(_scaled(number, stated, unit.scale))):
            found = [("text", ""), *_odd(match, text, raw, unit)]
            if stated != unit.scale:
                found.append(("other-unit", f"{_plain(taken)}{unit.label}; {_plain(number)}{unit.label}"))
            return ParsedFigure(_scaled(number, stated), tuple(Oddity(kind, raw, detail) for kind, detail in found))
    if _ERROR.fullmatch(folded):
        return _words(text, "error", raw)
    return _words(text, "date" if _DATE.fullmatch(folded) else "words", raw)


def _number(match: re.Match[str], unit: Unit) -> Decimal | None:
    """Give the number of a matched cell in the unit it states, or None where a doubt remains."""
    number, own = _unnoted_number(match), match["boxed"] or match["unit"] or unit.label
    if number is None or (match["note"] and not _is_harmless_note(match["note"][1:-1], number, own)):
        return None
    return number


def _unnoted_number(match: re.Match[str]) -> Decimal | None:
    """Give the number of a matched cell, whatever note is behind it; None where it is no certain number by itself."""
    negative = match["sign"] not in ("", "+")
    if match["chinese"]:
        alone = match["chinese"] == _CHINESE["dash"] and not (match["unit"] or match["boxed"])
        count = None if alone or match["sign"] else parse_chinese_number(match["chinese"])
        return None if count is None else Decimal(count)
    if len(match["number"]) > _LONGEST:
        return None
    number = Decimal(match["digits"].replace(",", "") + (match["fraction"] or "") + (match["exponent"] or ""))
    return number.copy_negate() if negative and number else number


def _is_harmless_note(note: str, number: Decimal, own: str) -> bool:
    """Whether a note is one of those that leave the number before it as it is; any other may say what replaces it.

    `own` is the unit of the number.
    """
    bare = re.sub(_SPACE, "", note)
    if _NOTE_REMARK.fullmatch(bare):
        return True
    if len(bare) > _LONGEST_NOTE or not _NOTE_PART.match(bare) or _NOTE_DOUBT.search(bare):
        return False
    if number < 0 or bare.startswith(_NOTE["more"]):
        return True
    return all(part <= number for part in _list_parts(bare, own))


def _list_parts(note: str, own: str) -> Iterator[Decimal]:
    """Yield the numbers a note names as parts, in the unit of the number before it.

    A number in a unit that cannot be compared with that (money in a count) is left out.
    """
    for found in _NOTE_FIGURE.finditer(note):
        spelled = parse_chinese_number(found["number"]) if found["number"][0] in NUMERALS else found["number"]
        unit = found["unit"] or own
        if spelled is None or (unit != own and (unit in _MONEY) != (own in _MONEY)):
            continue
        yield EXACT.divide(Decimal(spelled) * _MONEY.get(unit, 1), Decimal(_MONEY.get(own, 1)))


def _stated(match: re.Match[str], unit: Unit) -> int:
    """Give the scale of the unit a matched cell states, the cell's own where it states none; 0 = in doubt."""
    word = match["boxed"] or match["unit"]
    if unit.scale == 1:
        return 0 if match["currency"] else 1
    if word:
        return _MONEY[word]
    yuan = _MONEY[UNITS["元"].label]
    return 0 if match["currency"] and unit.scale != yuan else unit.scale


def _odd(match: re.Match[str], text: str, raw: str, unit: Unit) -> list[tuple[str, str]]:
    """Kind and detail of each oddity in a cell that was read, `other-unit` apart."""
    typed, part = text[slice(*match.span("number"))], match.groupdict("")
    word = part["currency"] + (part["boxed"] or part["unit"])
    around = match[0].removesuffix(part["note"])
    own = bool(word) and _stated(match, unit) == unit.scale
    tests = (
        ("space", text != raw or bool(re.search(_SPACE, around)), ""),
        ("width", typed.replace("，", ",") != part["number"], typed),
        ("unit", own, word),
        ("note", bool(part["note"]), part["note"][1:-1].strip()),
        ("comma", "," in part["digits"], ""),
        ("sign", part["sign"] not in ("", "-"), part["sign"]),
        ("decimal", unit.scale == 1 and set(part["fraction"]) == {".", "0"}, part["fraction"]),
        ("scientific", bool(part["exponent"]), part["exponent"]),
        ("chinese", bool(part["chinese"]), part["chinese"]),
    )
    return [(kind, detail) for kind, met, detail in tests if met]


def parse_chinese_number(text: str) -> int | None:
    """Read the integer a well-formed Chinese numeral states (十二, 两百零三, 壹仟); None for anything else."""
    signs = text.translate(_PLAIN)
    digits, places, myriads = _CHINESE["digits"], _CHINESE["places"], _CHINESE["myriads"]
    total = section = digit = 0
    for sign in signs:
        if sign in digits:
            digit = digits.index(sign)
        elif sign in places:
            section, digit = section + (digit or 1) * 10 ** (places.index(sign) + 1), 0
        elif sign in myriads:
            total, section, digit = total + (section + digit) * 10 ** (4 * myriads.index(sign) + 4), 0, 0
        else:
            return None
    number = total + section + digit
    short = signs.removeprefix(digits[1]) if signs.startswith(digits[1] + places[0]) else signs
    return number if short == spell_chinese_number(number) else None


def parse_chinese_digits(text: str) -> str | None:
    """Give the digits of a number spelled digit by digit (二〇二四 → "2024"); None for anything else.

    What is written for 〇 (○, the letter O, 0) and Arabic digits may be among the numerals, but one numeral must be
    there: 2O24 is a slip of the keyboard.
    """
    digits = [
        "0" if sign in _CHINESE["zeros"] else _DIGITS.get(sign, sign if sign.isascii() and sign.isdigit() else "")
        for sign in fold_width(text)
    ]
    return "".join(digits) if all(digits) and any(sign in _DIGITS for sign in text) else None


def fold_width(text: str) -> str:
    """Return a text with its full-width characters (ＡＢ１２（）) as ASCII, character by character."""
    return text.translate(_WIDE)


def spell_chinese_number(number: int) -> str:
    """Write an integer of 0 to 999 999 999 999 as a Chinese numeral; "" beyond."""
    digits, places, myriads = _CHINESE["digits"], _CHINESE["places"], _CHINESE["myriads"]
    if not 0 < number < 10**12:
        return digits[0] if number == 0 else ""
    written, skipped = "", False
    for power in range(11, -1, -1):
        digit = number // 10**power % 10
        if digit:
            written += (digits[0] if skipped and written else "") + digits[digit]
            written += places[power % 4 - 1] if power % 4 else ""
        skipped = not digit
        if power % 4 == 0 and power and number // 10**power % 10_000:
            written += myriads[power // 4 - 1]
    return written.removeprefix(digits[1]) if written.startswith(digits[1] + places[0]) else written


def _scaled(number: Decimal, scale: int, per: int = 1) -> int | Decimal:
    """Give `number` × scale ÷ per, exactly: an int where it is an integer."""
    value = EXACT.divide(EXACT.multiply(number, Decimal(scale)), Decimal(per))
    return int(value) if value == value.to_integral_value() else value.normalize(EXACT)


def _plain(number: int | Decimal) -> str:
    """Digits only: no exponent, no trailing zeros after the point."""
    return f"{Decimal(number).normalize(EXACT):f}"


def _held(number: Decimal) -> bool:
    """Whether a number in the unit of its cell, written out, is no longer than what is read."""
    return number.is_finite() and abs(number.adjusted()) < _LONGEST and len(_plain(number)) <= _LONGEST


def to_cell_unit(value: int | Decimal, unit: Unit) -> Decimal:
    """Give a value in base units (件, 分) in the cell's own unit, exactly: 4166214619 分 → 4166.214619 万元."""
    return Decimal(_scaled(Decimal(value), 1, unit.scale))


@overload
def format_json_value(value: int | Decimal | str, unit: Unit) -> str | int: ...
@overload
def format_json_value(value: None, unit: Unit) -> None: ...
def format_json_value(value: Value, unit: Unit) -> str | int | None:
    """Give a value as JSON holds it: counts as int, money as digits in the cell's unit ("174360"), words as they are.

    A broken count (1.5 件) is digits too; blank is None. `parse_figure` and `parse_json_value` give the value back.
    """
    if value is None or isinstance(value, str) or (unit.scale == 1 and isinstance(value, int)):
        return value
    return _plain(to_cell_unit(value, unit))


class JsonNumber(Decimal):
    """A number with a fraction or an exponent in a JSON file: its exact value; as text it is as it stands there."""

    __slots__ = ("literal",)
    literal: str

    def __new__(cls, literal: str) -> JsonNumber:
        """Hold a literal. Raises decimal.InvalidOperation where its exponent is beyond all numbers."""
        number = super().__new__(cls, literal)
        number.literal = literal
        return number

    def __str__(self) -> str:
        """Return the number as it stands in the file."""
        return self.literal


def parse_json_value(raw: str | float | Decimal | None, unit: Unit) -> ParsedFigure:
    """Read a value of the JSON format: null is blank, counts are integers, money is a string in the cell's unit.

    A money string is no oddity; a decimal is read exactly, a float of Python to 15 digits, both with the oddity
    `json-float`; other strings as `parse_figure`.
    """
    reading = _read_exact(raw, unit) if isinstance(raw, Decimal) else parse_figure(raw, unit)
    if isinstance(raw, float | Decimal) and not isinstance(reading.value, str):
        return ParsedFigure(reading.value, (*reading.oddities, Oddity("json-float", str(raw), "")))
    if isinstance(raw, str) and unit.scale != 1:
        return ParsedFigure(reading.value, tuple(o for o in reading.oddities if o.kind != "text"))
    return reading


def _read_exact(raw: Decimal, unit: Unit) -> ParsedFigure:
    """Read a decimal of a JSON file to its last digit.

    A program that adds floats writes 4166.2146190000003 for 4166.214619. So where the last of 16 or 17 digits make it
    no integer of base units, but by next to nothing, the number is that integer.
    """
    exact = parse_figure(raw, unit)
    if isinstance(exact.value, Decimal) and len(raw.as_tuple().digits) in _DIGITS_OF_FLOATS:
        rounded = parse_figure(Decimal(format(raw, ".15g")), unit)
        if isinstance(rounded.value, int) and abs(EXACT.subtract(exact.value, rounded.value)) < _NEXT_TO_NOTHING:
            return rounded
    return exact


CellValue = int | float | Decimal | str | None
"""What a cell of a spreadsheet may hold."""


def is_exact(value: float | Decimal) -> bool:
    """Whether a spreadsheet's 15 digits hold that number."""
    if isinstance(value, int) and abs(value) < 10**15:
        return True
    number = Decimal(value) if isinstance(value, int) else value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        return False
    return Decimal(format(float(number), ".15g")) == number
