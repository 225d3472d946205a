"""Form files and supplements (the first byte tells which). Any text is a form or a FormError that names the file. A
form that was accepted gives its cells, equations, rules, printed places and schema; a blank report in it is checked."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

from tests.domain import TINY, zero
from tests.robustness.fuzz.mutation import changed_lines
from tests.robustness.fuzz.oracle import evaluate
from workbook.exchange.json_schema import build_schema
from workbook.model import form_loader
from workbook.model.form import Form
from workbook.model.form_loader import FORMS, FormError, extend_form, load_form
from workbook.model.print_layout import plan_section
from workbook.rules.rule_types import list_rules

SUPPLEMENT = b"+"
WORDS = ("[[table]]", "[[table.rule]]", "[[row]]", "[[rule]]", "[citation]", "years", "into", "under", "code",
         "rows", '"""', "'''", "= {", "= [", "\\u0000", "#", '"total"', "@previous", "= -1", "columns = []",
         "rows = []", '"annual"')  # fmt: skip


def seeds() -> list[bytes]:
    added = """
[[row]]
table = "requests"
after = "new"
code = "online"
label = "网上申请"
[[rule]]
table = "requests"
id = "narrative-counts"
left = ["new"]
right = ["online"]
"""
    forms = [b" " + TINY.encode()] * 3 + [b" " + path.read_bytes() for path in sorted(FORMS.glob("*.toml"))]
    supplements = [path.read_text("utf-8") for path in sorted((FORMS / "supplements").glob("*.toml"))]
    return forms + [SUPPLEMENT + (text + more).encode() for text in supplements for more in ("", added)]


def changed(data: bytes, draw: Random) -> bytes:
    return data[:1] + changed_lines(data[1:], draw, WORDS)


def tried(data: bytes, folder: Path) -> None:
    named = re.search(rb'^id *= *"([a-z0-9-]{1,40})"', data[1:], re.MULTILINE)
    path = folder / f"{named[1].decode() if named else 'form'}.toml"
    path.write_bytes(data[1:])
    try:
        form = (
            extend_form(load_form("annual-2019"), path) if data[:1] == SUPPLEMENT else form_loader._read_form(path)
        )  # `load_form` remembers every form it read
    except FormError as refused:
        assert path.name in str(refused)
        return
    derived(form)


def derived(form: Form) -> None:
    """Everything the product makes of a form can be made."""
    assert len(form.index) == len(form.cells)
    assert form.fingerprint
    list_rules(form)
    build_schema(form)
    for section in form.sheets:
        plan_section(form, section)
    evaluate(zero(form, 2022))
