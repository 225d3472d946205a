"""The identity of the agency that reports, and the checks of its two national codes.

The fields asked for, the levels and the provinces are in `identity.toml`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from typing import Final, NamedTuple

from workbook.model.numbers import NUMERALS, UNITS, fold_width, parse_chinese_digits, parse_chinese_number, parse_figure
from workbook.safety.messages import read_toml
from workbook.safety.unsafe_text import fold_name


@dataclass(frozen=True, slots=True)
class Identity:
    """The agency a report is from. A blank text means unknown.

    `name` is the full name; `code` its 统一社会信用代码 (18 characters); `region` its 行政区划代码 (six digits);
    `level` a code of `list_levels()` such as `county-department`; `contact` a person and telephone for questions, not
    part of the published report; `revision` counts the corrections handed in since the first submission, which is 0.
    `unreadable` has what is entered for `year` and `revision` where that is no certain number, as (field, text): the
    number itself is then unknown (None, 0).
    """

    name: str = ""
    code: str = ""
    region: str = ""
    level: str = ""
    contact: str = ""
    revision: int = 0
    unreadable: tuple[tuple[str, str], ...] = ()


class IdentityField(NamedTuple):
    """One thing asked about the agency. `required` is the severity of a blank: error, warning, or "" = may be blank."""

    code: str
    label: str
    en: str
    aliases: tuple[str, ...]
    required: str
    help: str


class GovernmentLevel(NamedTuple):
    """A level of government, or of one of its departments (`…-department`)."""

    code: str
    label: str
    en: str


class CodeProblem(NamedTuple):
    """Why a code cannot be right.

    `kind` is `length`, `alphabet` (a character that no code has), `province` (no such province) or `check` (the last
    character does not fit the others). `position` counts from 1 and is 0 for a wrong length; `found` is the character
    there (for `length` how many characters there are); `expected` what should stand there, "" where nobody can tell.
    """

    kind: str
    position: int
    found: str
    expected: str


_CODE_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CONFUSED: Final = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}


_data = partial(read_toml, "workbook.model.identity")


@cache
def list_identity_fields() -> tuple[IdentityField, ...]:
    """List what is asked about the agency, in the order asked; `year` belongs to the report, not to `Identity`."""
    return tuple(IdentityField(**{**f, "aliases": tuple(f["aliases"])}) for f in _data()["field"])


@cache
def list_levels() -> tuple[GovernmentLevel, ...]:
    """List the levels from ministry to township, each government before its departments."""
    return tuple(GovernmentLevel(**level) for level in _data()["level"])


@cache
def get_provinces() -> dict[str, str]:
    """Give the provinces of GB/T 2260: first two digits of a region code → name."""
    return dict(_data()["provinces"])


def find_identity_field(text: str) -> IdentityField | None:
    """Find the field that a heading means: its code, label or an alias, spaces and a final colon ignored."""
    wanted = "".join(text.split()).rstrip(":：").lower()
    return next(
        (f for f in list_identity_fields() if wanted in (f.code, f.label, f.en.replace(" ", "").lower(), *f.aliases)),
        None,
    )


def find_level(text: str) -> GovernmentLevel | None:
    """Find the level that a code or a label in either language means; None for anything else."""
    wanted = text.strip().lower()
    return next((v for v in list_levels() if wanted in (v.code, v.label, v.en.lower())), None)


def get_level_label(text: str) -> str:
    """Return the printed label of a level given by code or label; a text that means no level, as it is."""
    level = find_level(text)
    return level.label if level else text


def compute_check_digit(code17: str) -> str:
    """Give the 18th character that belongs to the first 17 of a 统一社会信用代码 (GB 32100-2015, weights 3ⁱ, MOD 31).

    Raises ValueError for anything but 17 characters of the standard's alphabet.
    """
    if len(code17) != 17:
        raise ValueError(f"17 signs expected, not {len(code17)}")
    total = sum(_CODE_CHARACTERS.index(character) * pow(3, i, 31) for i, character in enumerate(code17))
    return _CODE_CHARACTERS[-total % 31]


def find_credit_code_problem(code: str) -> CodeProblem | None:
    """Say why a 统一社会信用代码 cannot be right; None if it can be, or is blank (unknown)."""
    if not code:
        return None
    if len(code) != 18:
        return CodeProblem("length", 0, str(len(code)), "18")
    for position, character in enumerate(code, 1):
        if character not in _CODE_CHARACTERS:
            upper = character.upper()
            expected = upper if upper in _CODE_CHARACTERS and character.isascii() else _CONFUSED.get(upper, "")
            return CodeProblem("alphabet", position, character, expected)
    expected = compute_check_digit(code[:17])
    return None if code[17] == expected else CodeProblem("check", 18, code[17], expected)


def find_region_problem(region: str) -> CodeProblem | None:
    """Say why a 行政区划代码 cannot be right: six digits, the first two a province; None if it can be, or is blank."""
    if not region:
        return None
    if len(region) != 6:
        return CodeProblem("length", 0, str(len(region)), "6")
    for position, character in enumerate(region, 1):
        if character not in "0123456789":
            return CodeProblem("alphabet", position, character, "")
    return None if region[:2] in get_provinces() else CodeProblem("province", 1, region[:2], "")


# What is entered for the year and the revision

Entered = str | int | float | Decimal | None
"""A field of the identity as readers deliver it; None and blanks = nothing entered."""

FIRST_YEAR: Final = 1000
LAST_YEAR: Final = 9999
"""A year has four digits."""
MOST_REVISED: Final = 10**8 - 1
"""The largest number of corrections that is read: eight digits."""
YEAR_DIGITS: Final = 4
LONGEST_ENTRY: Final = 40
"""Nothing longer is a year or a revision."""
_SPACES: Final = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e]+")
_BOXED: Final = re.compile(r"[(\[〔【](.+)[)\]〕】]")
_PLAIN_ODDITIES: Final = {"text", "width", "comma", "decimal", "scientific", "chinese"}
"""Oddities of a number that leave no doubt of it; a unit, a note or a sign is none of a year's."""
# Four digits of any kind on their own: "二〇二四", "二O二四", "２０２４"; not "二〇二医院", "十二〇二四", "20240".
_FOUR_DIGITS: Final = re.compile(
    r"(?<![〇零一二三四五六七八九十百千万\d])[〇零○Oo一二三四五六七八九壹贰貳叁參肆伍陆陸柒捌玖\d]{4}(?![〇零一二三四五六七八九十百千万\d])"
)


def parse_year(entered: Entered) -> int | None:
    """Read what is entered for 报告年度 (2024, ２０２４年度, 2024.0, 二〇二四年); None: blank, or in doubt."""
    if isinstance(entered, str) and len(entered) == 4 and entered.isascii() and entered.isdigit():
        number: int | None = int(entered)  # nearly always
    else:
        number = _parse_framed_number("year", _normalize(entered))
    return number if number is not None and FIRST_YEAR <= number <= LAST_YEAR else None


def parse_revision(entered: Entered) -> int | None:
    """Read what is entered for 报送版次 (1, １, 第1次, 第二次, 更正1, v2); None where it is blank or in doubt.

    The first submission (首次报送, 无) is 0.
    """
    text = _normalize(entered)
    if re.fullmatch(_data()["revision"]["first"], text):
        return 0
    number = _parse_framed_number("revision", text)
    return number if number is not None and 0 <= number <= MOST_REVISED else None


def list_unreadable_fields(entered: Mapping[str, Entered]) -> tuple[tuple[str, str], ...]:
    """List year and revision where something is entered that is no certain number: (field, text as entered)."""
    parsers = {"year": parse_year, "revision": parse_revision}
    texts = {code: str(value).strip() for code in parsers if (value := entered.get(code)) is not None}
    return tuple((code, text) for code, text in texts.items() if _normalize(text) and parsers[code](text) is None)


def spell_years_in_digits(text: str) -> str:
    """Return a title or sentence with each year of this century in ASCII digits: 某局二〇二四年 → 某局2024年."""
    return _FOUR_DIGITS.sub(_spell_year, text)


def _spell_year(match: re.Match[str]) -> str:
    digits = parse_chinese_digits(match[0]) or fold_width(match[0])
    return digits if digits.isascii() and digits.isdigit() and digits.startswith("20") else match[0]


def _normalize(entered: Entered) -> str:
    """A text as the patterns expect it: no spaces, nothing in one pair of brackets, ASCII width, small letters."""
    if entered is None or isinstance(entered, bool):
        return ""
    text = fold_width(_SPACES.sub("", str(entered)))
    boxed = _BOXED.fullmatch(text)
    return (boxed[1] if boxed else text).lower()


@cache
def _compile_frame(field: str) -> re.Pattern[str]:
    """Compile the pattern of one number and the words around it: before `第`, number `2`, after `次更正`."""
    words = _data()[field]
    return re.compile(rf"(?P<before>{words['before']})(?P<number>.+?)(?P<after>{words['after']})")


def _parse_framed_number(field: str, text: str) -> int | None:
    """Read an integer with the words a field may have around it: a figure's spelling, or 二〇二四 digit by digit."""
    match = _compile_frame(field).fullmatch(text) if len(text) <= LONGEST_ENTRY else None
    if match is None:
        return None
    number = match["number"].lstrip("0") or "0"
    if len(number) == YEAR_DIGITS and (digits := parse_chinese_digits(number)):
        return int(digits)
    if match["before"] or match["after"]:
        spelled = parse_chinese_number(number)  # 第一次: no dash, which 一 alone may be
        if spelled is not None:
            return spelled
    reading = parse_figure(number, UNITS["件"])
    plain = all(odd.kind in _PLAIN_ODDITIES for odd in reading.oddities)
    return reading.value if plain and isinstance(reading.value, int) else None


def is_doubtful_name(name: str) -> bool:
    """Whether what is entered for the agency's name names none: —, 123, 无, ××局, 本单位. A blank name is no doubt."""
    text = _normalize(name)
    if not text:
        return False
    letters = [sign for sign in text if sign.isalpha() and sign not in NUMERALS]
    words = _data()["name"]
    return not letters or bool(
        re.fullmatch(rf"{words['nothing']}|{words['nobody']}|{words['pattern']}", text) or text in _list_field_words()
    )


@cache
def _list_field_words() -> frozenset[str]:
    texts = (text for field in list_identity_fields() for text in (field.label, *field.aliases, field.help))
    return frozenset(_normalize(text) for text in texts)


# What tells agencies apart


def get_comparable_code(agency: Identity) -> str:
    """Return the credit code as it is compared; blank where it cannot be a valid one (then it identifies nobody)."""
    code = fold_name(agency.code).upper()
    return "" if len(set(code)) < 2 or find_credit_code_problem(code) else code


def list_agency_keys(agencies: Sequence[Identity]) -> list[str]:
    """Return one key for each agency: equal keys mean the same agency.

    The credit code; where there is none the name, or the code that goes with that name in the other reports if only
    one does. An agency with neither is like no other.
    """
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for agency in agencies:
        if code := get_comparable_code(agency):
            codes[fold_name(agency.name)].add(code)
    found = []
    for n, agency in enumerate(agencies):
        name = fold_name(agency.name)
        code = get_comparable_code(agency)
        if not code and name and len(codes[name]) == 1:
            (code,) = codes[name]
        found.append(code or name or f"#{n}")
    return found
