"""A first draft of a roster from the reports handed in: one line an agency, parents where they are certain."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from workbook import identity
from workbook.harmless import folded, line, seen
from workbook.identity import Identity
from workbook.merging.agencies import keys, valid_code
from workbook.merging.roster.lines import Agency, Roster
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging.roster")


def draft(identities: Iterable[Identity]) -> Roster:
    """One line for every agency among these, governments before their departments, region by region.

    Of several reports of one agency the highest revision is believed, others fill what it left blank. An identity with
    neither name nor code makes no line. The parent is stated where region and level leave exactly one, else blank.
    """
    stated = [one for one in identities if folded(one.name) or folded(one.code)]
    groups: defaultdict[str, list[Identity]] = defaultdict(list)
    for key, one in zip(keys(stated), stated, strict=True):
        groups[key].append(one)
    agencies = sorted((_line(same) for same in groups.values()), key=_order)
    return Roster(tuple(_with_parents(agencies)))


def _line(same: Sequence[Identity]) -> Agency:
    newest = sorted(same, key=lambda one: -one.revision)

    def first(code: str) -> str:
        return next((text for one in newest if (text := " ".join(line(seen(str(getattr(one, code)))).split()))), "")

    known = identity.level_named(first("level"))
    code = next((valid for one in newest if (valid := valid_code(one))), first("code"))
    return Agency(first("name"), code, first("region"), known.code if known else "", "", first("contact"))


def _order(one: Agency) -> tuple[str, int, str, str]:
    ranks = {level.code: n for n, level in enumerate(identity.levels())}
    return one.region or "~", ranks.get(one.level, len(ranks)), one.name, one.code


def _with_parents(agencies: Sequence[Agency]) -> Iterable[Agency]:
    governments: defaultdict[tuple[str, str], list[Agency]] = defaultdict(list)
    for one in agencies:
        governments[one.level, one.region].append(one)
    names = Counter(folded(one.name) for one in agencies)
    for one in agencies:
        above = _superior(one, governments)
        yield replace(one, parent=_reference(above, names)) if above else one


def _superior(one: Agency, governments: Mapping[tuple[str, str], Sequence[Agency]]) -> Agency | None:
    """The one agency that is above by region and level; None where there are none or several."""
    rule = messages.entry("superior").get(one.level)
    if rule is None or not one.region or identity.region_problem(one.region):
        return None

    def of(level: str, digits: int) -> Sequence[Agency]:
        return governments.get((level, one.region[:digits].ljust(6, "0")), ())

    found = of(rule["level"], rule["digits"])
    if not found and re.fullmatch(rule.get("direct", "-"), one.region):
        found = of(rule["above"], rule["direct_digits"])
    return found[0] if len(found) == 1 else None


def _reference(above: Agency, names: Mapping[str, int]) -> str:
    """How a line states its parent: by name while only one line has it, else by code; blank where neither tells."""
    if above.name and names[folded(above.name)] == 1:
        return above.name
    return valid_code(above.identity)
