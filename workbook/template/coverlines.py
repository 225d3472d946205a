"""The lines of 校验 about the cover: who reports, for which year, and whether the codes are right."""

from __future__ import annotations

from collections.abc import Iterator

from workbook import identity
from workbook.finding import Severity
from workbook.form import LAST, Form
from workbook.safety.messages import load_messages
from workbook.template.line import Line
from workbook.template.places import Places, Spot

messages = load_messages("workbook.template")

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""What a unified social credit code is made of (GB 32100)."""


def cover_lines(places: Places) -> Iterator[Line]:
    """Who reports, for which year, and the codes: by the fields of the cover, in their order there."""
    at = places.identity
    cover = messages.text("sheet.cover")
    titles = {f.code: f.label for f in identity.fields()}
    name = at["name"]
    yield Line(
        "agency.identity.name",
        "identity",
        cover,
        titles["name"],
        name,
        waiting="waiting",
        failed="waiting",
        left=f"IF({_given(name)},1,0)",
        right="1",
        test="{difference}=0",
        cells=("agency.name",),
    )
    year = at["year"].absolute
    years = places.form.years
    until = "" if years.until == LAST else f",{year}<={years.until}"
    shown = years_shown(places.form)
    yield Line(
        "agency.form-in-force",
        "form-in-force",
        cover,
        titles["year"],
        at["year"],
        waiting="waiting",
        left=f'IF(ISNUMBER({year}),IF({year}=INT({year}),{year},""),"")',
        right=f'"{shown}"',
        known="ISNUMBER({left})",
        test=f"AND({year}>={years.from_}{until})",
        cells=("agency.year",),
    )
    asked = [f for f in identity.fields() if f.required == Severity.WARNING]
    filled = "+".join(f"IF({_given(at[f.code])},1,0)" for f in asked)
    missing = "&".join(f'IF({_given(at[f.code])},"","|{f.code}")' for f in asked)
    yield Line(
        "agency.identity-asked",
        "identity-asked",
        cover,
        "、".join(f.label for f in asked),
        at[asked[0].code],
        waiting="unjudged",
        left=filled,
        right=str(len(asked)),
        test="{difference}=0",
        cells=tuple(f"agency.{f.code}" for f in asked),
        present=f"MID({missing},2,99)",
    )
    yield from _codes(places, titles)
    yield _known_level(places.identity["level"], titles["level"])


def _codes(places: Places, titles: dict[str, str]) -> Iterator[Line]:
    cover = messages.text("sheet.cover")
    code, region = places.identity["code"], places.identity["region"]
    ref = code.absolute
    numbers = ",".join(str(n) for n in range(1, 19))
    weights = ",".join(str(pow(3, n, 31)) for n in range(17)) + ",1"
    total = f'SUM((FIND(MID({ref},{{{numbers}}},1),"{_SIGNS}")-1)*{{{weights}}})'
    valid = f"IF(LEN({ref})<>18,0,IF(ISERROR({total}),0,IF(MOD({total},31)=0,1,0)))"
    yield Line(
        "agency.credit-code",
        "credit-code",
        cover,
        titles["code"],
        code,
        waiting="unjudged",
        cells=("agency.code",),
        left=f'IF(LEN({ref})=0,"",{valid})',
        right="1",
        array=True,
        test="{difference}=0",
    )
    ref = region.absolute
    provinces = "|" + "|".join(identity.provinces()) + "|"
    digits = f'SUM(--ISNUMBER(FIND(MID({ref},{{1,2,3,4,5,6}},1),"0123456789")))'
    known = f'ISNUMBER(FIND("|"&LEFT({ref},2)&"|","{provinces}"))'
    yield Line(
        "agency.region-code",
        "region-code",
        cover,
        titles["region"],
        region,
        waiting="unjudged",
        cells=("agency.region",),
        right="1",
        array=True,
        test="{difference}=0",
        left=f'IF(LEN({ref})=0,"",IF(LEN({ref})<>6,0,IF({digits}<6,0,IF({known},1,0))))',
    )


def _known_level(spot: Spot, title: str) -> Line:
    listed = ",".join(f'{spot.absolute}="{level.label}"' for level in identity.levels())
    return Line(
        "agency.level",
        "level",
        messages.text("sheet.cover"),
        title,
        spot,
        waiting="unjudged",
        cells=("agency.level",),
        left=f'IF(LEN({spot.absolute})=0,"",IF(OR({listed}),1,0))',
        right="1",
        test="{difference}=0",
    )


def _given(spot: Spot) -> str:
    """Whether a cell holds any text or number; an error value is none."""
    return f"IF(ISERROR({spot.absolute}),FALSE,LEN({trimmed(spot.absolute)})>0)"


def trimmed(ref: str) -> str:
    """A text without the spaces around it, full-width ones too."""
    return f'TRIM(SUBSTITUTE({ref},"　"," "))'


def years_shown(form: Form) -> str:
    """The report years a form is for, as a clerk reads them: 2021 年及以后."""
    years = form.years
    return messages.text(
        "line.year_from" if years.until == LAST else "line.year_range", **{"from": years.from_, "until": years.until}
    )
