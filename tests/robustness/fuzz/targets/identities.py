"""Names and codes of agencies, and dates people write. Nothing raises; what a problem says of a code is true of it, and
putting in the sign it expects heals a wrong check sign; two of one name are one agency, of none are not."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.domain import AGENCY, credit_code
from tests.robustness.fuzz.mutation import changed_text
from workbook.merging.roster.roster_lines import get_roster_column, parse_written_date
from workbook.model import identity
from workbook.model.identity import Identity, fold_name, get_comparable_code, list_agency_keys

WORDS = (
    *(one.label for one in (*identity.list_identity_fields(), *identity.list_levels())),
    *"0123456789ABCDEFGHJKLMNPQRTUWXYIOZSV",
    "：", ":", "＊", "（必填）", "ＡＢ", "１", "2026年1月31日", "45688", "11", "65", " ", "ſ", "ı", "İ",
)  # fmt: skip
BEGINNINGS = ("420100", "县级部门", "机关名称（必填）：", "2026/1/31", "20260131", "45688.5", "level", "1" * 18,
              "某某局")  # fmt: skip


def seeds() -> list[bytes]:
    codes = AGENCY.code, AGENCY.code.lower(), credit_code("12345678901234567")
    return [text.encode() for text in (AGENCY.name, *codes, *BEGINNINGS)]


def changed(data: bytes, draw: Random) -> bytes:
    return changed_text(data, draw, WORDS)[:400]


def tried(data: bytes, folder: Path) -> None:  # noqa: ARG001
    text = data.decode("utf-8", "replace")
    for problem, length in ((identity.find_credit_code_problem(text), 18), (identity.find_region_problem(text), 6)):
        if problem is None:
            assert len(text) in (0, length)
        elif problem.kind == "length":
            assert (problem.found, len(text) == length) == (str(len(text)), False)
        else:
            assert text.startswith(problem.found, problem.position - 1)
        if problem and problem.kind == "check":
            assert identity.find_credit_code_problem(text[:17] + problem.expected) is None
    who = Identity(text, text, text, text)
    code = get_comparable_code(who)
    assert code == get_comparable_code(Identity(code=code)) and (
        not code or identity.find_credit_code_problem(code) is None
    )
    assert len(set(list_agency_keys([who, who, Identity(text)]))) == (1 if fold_name(text) else 3)
    identity.find_level(text)
    identity.find_identity_field(text)
    get_roster_column(text)
    day = parse_written_date(text)
    assert day is None or parse_written_date(day.isoformat()) == day
