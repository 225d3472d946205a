"""Pages rendered from templates: every value is text on the page, and a page is complete or not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError
from lxml import html

from tests import domain
from workbook.safety.html_template import render_html, write_html
from workbook.safety.unsafe_text import make_legible

PAGE = """{% macro bold(text) %}<b>{{ text }}</b>{% endmacro %}
<p title="{{ text }}">{{ text }}</p>{{ bold(text) }}<style>{{ asset("look.css") }}</style>
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with one template and one style sheet."""
    folder = tmp_path / f"pages_of_{tmp_path.name}"
    (folder / "templates").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "templates" / "page.html.jinja").write_text(PAGE, "utf-8")
    (folder / "templates" / "look.css").write_text("p > b { color: red }\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return folder.name


PRINTED = st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cn"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=PRINTED | st.sampled_from(["<b>", "{{ 7*7 }}", "' onload='x"]))
def test_a_value_is_text_wherever_it_is_printed(package: str, text: str) -> None:
    page = html.document_fromstring(render_html(package, "page.html.jinja", text=text))
    shown = make_legible(text)
    (paragraph,), (bold,) = page.findall(".//p"), page.findall(".//b")
    assert paragraph.get("title") == paragraph.text_content() == bold.text_content() == shown


@pytest.mark.parametrize(
    ("text", "shown"), [("a\u202eb", "a〔U+202E〕b"), ("\ud800", "\ufffd"), ("\ufdd0", "〔U+FDD0〕"), (12, "12")]
)
def test_what_is_not_seen_is_shown_by_its_number(package: str, text: object, shown: str) -> None:
    assert f"<b>{shown}</b>" in render_html(package, "page.html.jinja", text=text)


def test_a_style_sheet_is_put_into_the_page_as_it_is(package: str) -> None:
    assert "<style>p > b { color: red }\n</style>" in render_html(package, "page.html.jinja", text="")


def test_a_value_that_is_missing_is_an_error_and_leaves_the_old_page(package: str, tmp_path: Path) -> None:
    path = tmp_path / "页.html"
    write_html(path, package, "page.html.jinja", text="甲")
    old = path.read_bytes()
    assert old.decode() == render_html(package, "page.html.jinja", text="甲")
    with pytest.raises(UndefinedError):
        write_html(path, package, "page.html.jinja")
    assert path.read_bytes() == old
    assert {one.name for one in tmp_path.iterdir()} == {path.name, package}


TEMPLATES = sorted((domain.ROOT / "workbook").rglob("*.jinja"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_prints_a_value_that_is_not_escaped(template: Path) -> None:
    assert not re.search(r"\|\s*safe\b|\bautoescape\b|\bMarkup\b", template.read_text("utf-8"))
