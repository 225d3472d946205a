"""Renders a value in a number format: the text a person sees in the cell, as far as that can be determined.

Only so much is rendered as it takes to compare what is seen with what is stored. Dates and fractions are recognised,
not spelled out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from workbook.excel.reading.cell_appearance import are_indistinguishable, get_named_colour
from workbook.excel.reading.workbook_contents import PAPER

LONGEST: Final = 255
"""No format that a program takes is longer."""
MOST_DIGITS: Final = 40
"""A number of more digits before the point is not rendered."""

BUILT_IN: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
        5: '"¥"#,##0;"¥"-#,##0', 6: '"¥"#,##0;[Red]"¥"-#,##0',
        7: '"¥"#,##0.00;"¥"-#,##0.00', 8: '"¥"#,##0.00;[Red]"¥"-#,##0.00',
        9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
        14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
        20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm",
        27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"',
        32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: '上午/下午h"时"mm"分"', 35: '上午/下午h"时"mm"分"ss"秒"',
        36: 'yyyy"年"m"月"',
        37: "#,##0;-#,##0", 38: "#,##0;[Red]-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;[Red]-#,##0.00",
        41: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', 42: '_ "¥"* #,##0_ ;_ "¥"* -#,##0_ ;_ "¥"* "-"_ ;_ @_ ',
        43: '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
        44: '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ',
        45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
        50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"',
        55: '上午/下午h"时"mm"分"', 56: '上午/下午h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
    }
)  # fmt: skip
"""The formats that files name by number alone, as a Chinese program shows them."""

_WIDE: Final = Context(prec=1000)
_PLAIN: Final = re.compile(r"General|@|(?:#,##)?0(?:\.[0#]+)?(?:_[ )])*", re.I)
_TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>general|g/通用格式)|(?P<exponent>e[+-])"
    r"|(?P<date>上午/下午|am/pm|a/p|y+|m+|d+|h+|s+|e+|g+|b+[0-9]?|aaa+)"
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<text>@)|(?P<end>;)|(?P<other>.)",
    re.I | re.S,
)
_CONDITION: Final = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]+)?)")
_ELAPSED: Final = re.compile(r"h+|m+|s+", re.I)


class FormatToken(NamedTuple):
    """One piece of a format: what it is, and its text."""

    kind: str
    text: str


Section = tuple[FormatToken, ...]


class FormattedValue(NamedTuple):
    """What is seen of a value: `kind` is number, text, date, or other (what is seen cannot be told).

    `places` is how many digits a number shows behind its point; what it is rounded to.
    """

    kind: str
    text: str = ""
    places: int = 0


def is_plain_format(code: str) -> bool:
    """Whether a format shows every value as it is, but for rounding and commas between thousands."""
    return bool(_PLAIN.fullmatch(code))


def format_value(code: str, value: Decimal | str, ground: str = PAPER) -> FormattedValue:
    """What a format shows of a number or a text on ground of that colour."""
    if not code.strip() or len(code) > LONGEST:
        return FormattedValue("other")
    sections = _sections(code)
    if isinstance(value, str):
        return _text(sections, value, ground)
    if not value.is_finite() or value.adjusted() > MOST_DIGITS:
        return FormattedValue("other")
    section, number = _chosen(sections, value)
    return _number(section, number, ground)


@lru_cache(maxsize=256)
def _sections(code: str) -> tuple[Section, ...]:
    """The parts of a format between semicolons."""
    found: list[list[FormatToken]] = [[]]
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or "quoted"
        if kind == "end":
            found.append([])
        else:
            found[-1].append(FormatToken(kind, match[kind] or ""))
    return tuple(map(tuple, found))


def _text(sections: tuple[Section, ...], value: str, ground: str) -> FormattedValue:
    """A text: by the fourth section, or by the last that names it; as it is where none does."""
    one = sections[3] if len(sections) > 3 else sections[-1]
    if len(sections) < 4 and not any(token.kind == "text" for token in one):
        return FormattedValue("text", value)
    if _hides(one, ground):
        return FormattedValue("text", "")
    return FormattedValue("text", "".join(value if token.kind == "text" else _literal(token) for token in one))


def _chosen(sections: tuple[Section, ...], value: Decimal) -> tuple[Section, Decimal]:
    """The section for a number, and the number as that section shows it: a section for negative ones adds no sign."""
    some = sections[:3]
    conditions = [_condition(section) for section in some[:2]]
    if any(conditions):
        # A section without one is for numbers above 0 where it is the first, for those below 0 where it is the second.
        usual = value > 0 or (value == 0 and len(some) < 3), value < 0 or len(some) < 3
        for section, condition, fits in zip(some, conditions, usual, strict=False):
            if _holds(condition, value) if condition else fits:
                return section, value
        return (some[2] if len(some) > 2 else ()), value
    if len(some) == 1 or (value > 0 or (value == 0 and len(some) < 3)):
        return some[0], value
    return (some[1], abs(value)) if value < 0 else (some[2], value)


def _condition(section: Section) -> re.Match[str] | None:
    found = (_CONDITION.fullmatch(token.text) for token in section if token.kind == "bracket")
    return next((match for match in found if match), None)


def _holds(condition: re.Match[str], value: Decimal) -> bool:
    sign, bound = condition[1], Decimal(condition[2])
    return (
        ("<" in sign and value < bound and sign != "<>")
        or (">" in sign and value > bound and sign != "<>")
        or ("=" in sign and value == bound)
        or (sign == "<>" and value != bound)
    )


def _hides(section: Section, ground: str) -> bool:
    """Whether it writes in the colour of the ground."""
    colours = [get_named_colour(token.text) for token in section if token.kind == "bracket"]
    return any(colour and are_indistinguishable(colour, ground) for colour in colours)


def _literal(token: FormatToken) -> str:
    """What a piece that is neither digit nor date shows."""
    if token.kind in ("quoted", "escaped", "other", "point", "comma", "percent", "exponent"):
        return token.text or "%" * (token.kind == "percent")
    if token.kind == "bracket" and token.text.startswith("$"):
        return token.text[1:].partition("-")[0]
    return " " if token.kind == "space" else ""


def _number(section: Section, value: Decimal, ground: str) -> FormattedValue:
    kinds = {token.kind for token in section}
    if "date" in kinds or any(token.kind == "bracket" and _ELAPSED.fullmatch(token.text) for token in section):
        return FormattedValue("date")
    if _hides(section, ground):
        return FormattedValue("number", "")
    if any(token.kind == "fill" and token.text.strip() for token in section):
        return FormattedValue("other")  # as many of that sign as the column has room for
    if "exponent" in kinds and not kinds & {"general", "text"}:
        return _scientific(section, value)
    if kinds & {"general", "text"}:
        return _whole(section, value)
    if any(token == ("other", "/") for token in section) and "digit" in kinds:
        whole = value == int(value) and _has_integer_part(section)
        return _whole(section, value) if whole else FormattedValue("other")
    return _digits(section, value)


def _has_integer_part(section: Section) -> bool:
    """Whether a fraction shows an integer apart, as in `# ?/?`: there are places in two stretches before the stroke."""
    ahead = [token.kind == "digit" for token in section[: section.index(FormatToken("other", "/"))]]
    return sum(one and not before for before, one in zip([False, *ahead], ahead, strict=False)) > 1


def _whole(section: Section, value: Decimal) -> FormattedValue:
    """The number all its digits long; however it is rounded, or written with an exponent, it is the same number."""
    number, said = format(value.normalize(), "f"), ""
    once = False
    for token in section:
        if token.kind in ("general", "text", "digit", "exponent", "point") or token == ("other", "/"):
            said, once = said if once else said + number, True
        else:
            said += _literal(token)
    places = max(0, -int(value.normalize().as_tuple().exponent))
    return FormattedValue("number", said, places)


def _scientific(section: Section, value: Decimal) -> FormattedValue:
    """The number with an exponent: as it is, unless digits before its point are rounded away."""
    mark = next(n for n, token in enumerate(section) if token.kind == "exponent")
    at = [n for n, token in enumerate(section) if token.kind == "digit"]
    point = next((n for n, token in enumerate(section[:mark]) if token.kind == "point"), mark)
    before, behind = sum(n < point for n in at), sum(point < n < mark for n in at)
    step = max(1, before)
    exponent = value.adjusted() // step * step if value else 0
    lost = exponent - behind
    if lost <= 0:  # rounded as by any format
        return _whole(section, value)
    rounded = value.scaleb(-lost, _WIDE).quantize(Decimal(1), ROUND_HALF_UP, _WIDE).scaleb(lost, _WIDE)
    if rounded == value:
        return _whole(section, value)
    ahead = "".join(_literal(token) for token in section[: at[0] if at else 0])
    after = "".join(_literal(token) for token in section[max([mark, *at]) + 1 :])
    return FormattedValue(
        "number", f"{ahead}{rounded.scaleb(-exponent, _WIDE).normalize(_WIDE):f}E+{exponent}{after}", 0
    )


def _digits(section: Section, value: Decimal) -> FormattedValue:
    """The number in the places for its digits, whatever stands between them."""
    at = [n for n, token in enumerate(section) if token.kind == "digit"]
    point = next((n for n, token in enumerate(section) if token.kind == "point"), len(section))
    before, behind = [n for n in at if n < point], [n for n in at if n > point]
    scale, grouped = 0, False
    for n, token in enumerate(section):
        if token.kind == "comma":
            last = before and n > before[-1] and all(section[k].kind == "comma" for k in range(before[-1] + 1, n))
            after = behind and n > behind[-1] and all(section[k].kind == "comma" for k in range(behind[-1] + 1, n))
            scale += 3 if last or after else 0
            grouped = grouped or bool(before and before[0] < n < before[-1])
    percent = sum(token.kind == "percent" for token in section)
    shown = value.scaleb(2 * percent - scale, _WIDE)
    rounded = abs(shown).quantize(Decimal(1).scaleb(-len(behind)), ROUND_HALF_UP, _WIDE) if at else Decimal(0)
    whole, _, broken = format(rounded, "f").partition(".")
    placed = _before(section, before, "" if whole == "0" else whole, grouped=grouped) | _behind(section, behind, broken)
    said = "".join(
        placed.get(n, "" if token.kind == "comma" else "." if token.kind == "point" else _literal(token))
        for n, token in enumerate(section)
    )
    return FormattedValue("number", "-" + said if value < 0 and rounded else said, len(behind))


def _before(section: Section, at: list[int], whole: str, *, grouped: bool) -> dict[int, str]:
    """The digits before the point, by place from the right; the first place takes all that are left."""
    placed: dict[int, str] = {}
    count = 0
    for n in reversed(at):
        digits = whole[-1:] if n != at[0] else whole
        whole = whole[:-1] if n != at[0] else ""
        text = ""
        for digit in reversed(digits or {"0": "0", "?": " "}.get(section[n].text, "")):
            text = digit + ("," if grouped and count and count % 3 == 0 and digit != " " else "") + text
            count += 1
        placed[n] = text
    return placed


def _behind(section: Section, at: list[int], broken: str) -> dict[int, str]:
    """The digits behind the point; zeros at the end only where the format asks for them."""
    placed: dict[int, str] = {}
    needed = False
    for n, digit in reversed(list(zip(at, broken, strict=True))):
        needed = needed or digit != "0" or section[n].text == "0"
        placed[n] = digit if needed else {"?": " "}.get(section[n].text, "")
    return placed
