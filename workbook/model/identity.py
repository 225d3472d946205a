"""The identity of the agency that reports, and the checks of its two national codes.

The fields asked for, the levels and the provinces are in `identity.toml`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Final, NamedTuple

from workbook.safety.messages import read_toml
from workbook.safety.unsafe_text import fold_name


@dataclass(frozen=True, slots=True)
class Identity:
    """The agency a report is from. A blank text means unknown.

    `name` is the full name; `code` its 统一社会信用代码 (18 characters); `region` its 行政区划代码 (six digits);
    `level` a code of `list_levels()` such as `county-department`; `contact` a person and telephone for questions, not
    part of the published report; `revision` counts the corrections handed in since the first submission, which is 0.
    """

    name: str = ""
    code: str = ""
    region: str = ""
    level: str = ""
    contact: str = ""
    revision: int = 0


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
