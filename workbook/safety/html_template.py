"""Renders HTML pages from Jinja2 templates. Whatever a page is given is escaped here, and nowhere else.

A package keeps its templates, style sheets and scripts in its folder `templates/`:

    render_html("workbook.documents", "report.html.jinja", title=title)

Every value that a template prints is made legible (what is not seen is shown by its number, as in 〔U+202E〕), then
escaped; only the output of macros and `asset` is markup. A name that has no value is an error, never a blank.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from workbook.safety.atomic_write import replace_file
from workbook.safety.unsafe_text import make_legible

_NO_CHARACTER = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010fffd]")
"""What HTML has no place for: control characters, halves of characters."""
PIECES = 1000
"""So many pieces of a page are written at once."""


def render_html(package: str, template: str, **values: object) -> str:
    """Return the page as a text."""
    return _environment(package).get_template(template).render(values)


def write_html(path: Path, package: str, template: str, **values: object) -> None:
    """Write the page at `path`, complete or not at all, piece by piece as it is rendered. Raises OSError."""
    page = _environment(package).get_template(template).stream(values)
    page.enable_buffering(PIECES)
    with replace_file(path) as file:
        page.dump(file, "utf-8")


@cache
def _environment(package: str) -> Environment:
    """Where the templates of a package are found, and what they may use besides Jinja2's own."""
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_legible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def asset(name: str) -> Markup:
        """A style sheet or a script of the package, to be put into the page as it is."""
        source, _, _ = environment.loader.get_source(environment, name)  # type: ignore[union-attr]
        return Markup(source.replace("\r\n", "\n"))  # as a browser reads it: else its hash is another

    environment.globals.update(asset=asset, zip=zip)
    environment.filters["csp_hash"] = _csp_hash
    environment.filters["thousands"] = "{:,}".format
    return environment


def _legible(value: object) -> object:
    """A value as it is shown: markup as it is, of any other what a reader can see and a page can hold."""
    return value if isinstance(value, Markup) else _NO_CHARACTER.sub("\ufffd", make_legible(str(value)))


def _csp_hash(content: str) -> str:
    """How a Content-Security-Policy names the one style or script that may be applied or run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
