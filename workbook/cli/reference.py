"""`ogi forms`, `ogi schema`, `ogi rules`: what the product knows, printed."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workbook import whole
from workbook.cli.console import messages
from workbook.cli.files import outputs
from workbook.form import LAST, Form, Supplement
from workbook.forms import FORMS, extended, form_ids, load
from workbook.rules import sheet_name
from workbook.safety.messages import UserError

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console


def chosen(form_id: str) -> Form:
    """The form of that id. UserError, naming those there are, where there is none."""
    if form_id not in form_ids():
        raise UserError(messages.get("unknown_form", form=form_id, known="、".join(form_ids())))
    return load(form_id)


def run_forms(args: argparse.Namespace, console: Console) -> int:  # noqa: ARG001 - every command takes both
    """List the forms: years, instrument, size, tables, supplements."""
    for form_id in form_ids():
        for line in _about(load(form_id), console):
            console.out(line)
    return 0


def _about(form: Form, console: Console) -> Iterator[str]:
    years = form.years
    key = "forms_since" if years.until == LAST else "forms_years"
    said = console.say(key, **{"from": years.from_, "until": years.until})
    issued = form.citation
    facts = {"id": form.id, "years": said, "number": issued.number, "by": issued.by, "cells": len(form.cells)}
    yield console.paint(console.say("forms_line", **facts), "strong")
    for table in form.tables:
        sheet = sheet_name(form, table)
        size = {"rows": len(table.rows), "columns": len(table.columns)}
        yield console.say("forms_table", sheet=sheet, title=table.words, **size)
    for added in _supplements(form):
        size = {"rows": len(added.rows), "rules": len(added.rules)}
        yield console.say("forms_supplement", region=added.region, number=added.citation.number, **size)


def _supplements(form: Form) -> Iterator[Supplement]:
    """The regional supplements to a form."""
    for path in sorted((FORMS / "supplements").glob("*.toml")):
        if tomllib.loads(path.read_text("utf-8")).get("form") == form.id:
            yield extended(form, path).supplements[-1]


def run_schema(args: argparse.Namespace, console: Console) -> int:
    """Print the JSON Schema of a form, or write it to a file."""
    from workbook.schema import schema

    form = chosen(args.form or form_ids()[-1])
    text = json.dumps(schema(form), ensure_ascii=False, indent=1)
    if args.output is None:
        console.out(text)
        return 0
    (target,) = outputs([args.output], [], force=args.force)
    with whole.placed(target, force=args.force) as place:
        whole.write_text(place, text + "\n")
    console.out(console.say("made", file=target))
    return 0


def run_rules(args: argparse.Namespace, console: Console) -> int:
    """Print the rule book, for reading or as Markdown."""
    from workbook.cli.rulepages import markdown, readable

    forms: Sequence[Form] = [chosen(args.form)] if args.form else [load(form_id) for form_id in form_ids()]
    lines = markdown(forms, console) if args.markdown else readable(forms, console)
    for line in lines:
        console.out(line)
    return 0
