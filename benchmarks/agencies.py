"""The agencies of a made-up province: names, credit codes, regions and levels, as a tree of three storeys."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import count, islice
from pathlib import Path
from typing import Any, NamedTuple

from workbook.model.identity import Identity, compute_check_digit

PROVINCE = "37"
CITY_DEPARTMENTS, COUNTY_DEPARTMENTS, TOWNSHIPS, COUNTIES = 8, 24, 15, 10
"""How many departments a city and a county have, how many townships a county, how many counties a city."""


class Line(NamedTuple):
    """One line of the roster; `parent` is the credit code of the agency it belongs to, blank for the province."""

    name: str
    code: str
    region: str
    level: str
    parent: str
    contact: str
    folder: str

    @property
    def identity(self) -> Identity:
        """The agency as its report names it."""
        return Identity(self.name, self.code, self.region, self.level, self.contact)


@cache
def data() -> dict[str, Any]:
    """Names, sizes and sentences, from `province.toml`."""
    return tomllib.loads(Path(__file__).with_name("province.toml").read_text("utf-8"))


def roster(agencies: int) -> tuple[Line, ...]:
    """So many agencies, from the top: the province, then city by city and county by county.

    ValueError where two digits of the region code do not suffice for so many.
    """
    lines = tuple(islice(_lines(), agencies))
    if len(lines) < agencies:
        raise ValueError(f"a province has at most {len(lines)} agencies")
    return lines


def _lines() -> Iterator[Line]:
    names = data()["names"]
    number = count(1)

    def line(name: str, region: str, level: str, parent: str, folder: str) -> Line:
        n = next(number)
        first = f"11{region}{n:09d}"
        contact = f"{names['contacts'][n % len(names['contacts'])]}某 {n:04d}-{n * 7919 % 10**7:07d}"
        return Line(name, first + compute_check_digit(first), region, level, parent, contact, folder)

    province = line(f"{names['province']}人民政府", f"{PROVINCE}0000", "province", "", "")
    yield province
    for c, city_name in zip(range(1, 100), _names("stems", names["city"]), strict=False):
        full, region = names["province"] + city_name, f"{PROVINCE}{c:02d}00"
        city = line(f"{full}人民政府", region, "city", province.code, city_name)
        yield city
        for department in names["departments"][:CITY_DEPARTMENTS]:
            yield line(full + department, region, "city-department", city.code, city_name)
        for d, county_name in zip(range(1, COUNTIES + 1), _names("branches", names["county"]), strict=False):
            where, below = f"{city_name}/{county_name}", f"{PROVINCE}{c:02d}{d:02d}"
            county = line(f"{full}{county_name}人民政府", below, "county", city.code, where)
            yield county
            for department in names["departments"][:COUNTY_DEPARTMENTS]:
                yield line(full + county_name + department, below, "county-department", county.code, where)
            for _, township in zip(range(TOWNSHIPS), _names("stems", names["township"]), strict=False):
                yield line(f"{full}{county_name}{township}人民政府", below, "township", county.code, where)


def _names(characters: str, kind: str) -> Iterator[str]:
    """甲市, 乙市, …, then 甲甲市, 甲乙市 …"""
    alphabet = data()["names"][characters]
    yield from (character + kind for character in alphabet)
    yield from (first + second + kind for first in alphabet for second in alphabet)
