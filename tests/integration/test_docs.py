"""The pages of docs/ say what is so: the generated ones are current, and every link leads somewhere."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

import workbook
from tests.domain import ROOT
from tools import api_page, licences
from workbook.cli.reference_commands import write_rules_page

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_the_rule_book_is_current():
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == write_rules_page(), "run: make docs"


def test_the_page_of_licences_is_current():
    assert (ROOT / "docs" / "licences.md").read_text("utf-8") == licences.build_page(), "run: make docs"


def test_the_page_of_the_library_is_current_and_names_everything():
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert page == api_page.build_page(), "run: make docs"
    assert set(re.findall(r"^### `(\w+)`", page, re.MULTILINE)) == set(workbook.__all__) - {"__version__"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / unquote(link)).exists()] == []


def test_the_readmes_name_every_command():
    for readme in ("README.md", "README.zh-CN.md"):
        text = (ROOT / readme).read_text("utf-8")
        for command in ("new", "check", "export", "import", "merge", "repair"):
            assert f"ogi {command} " in text
