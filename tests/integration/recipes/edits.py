"""The recipes of CONTRIBUTING.md as edits of a copy of the project: a form version, a row, a rule, a region."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

from tests.domain import ROOT, edited_text

_FILE = max((ROOT / "workbook" / "forms").glob("annual-*.toml"))
NEWEST: str = _FILE.stem
"""The newest form there is, in the project itself: the copy has one more."""
FROM: int = tomllib.loads(_FILE.read_text("utf-8"))["years"]["from"]
YEAR = max(FROM + 2, 2027)
NEXT = f"annual-{YEAR}"
LABEL, ROW, RULE = "6.以程序批量生成的申请", "refused.generated", "corrections-bound"
RENAMED = ("（一）予以公开", "（一）全部公开")

Edits = tuple[tuple[str, str], ...]

OPENED: Edits = (
    (f'id = "{NEWEST}"', f'id = "{NEXT}"'),
    (f"years = {{ from = {FROM} }}", f"years = {{ from = {YEAR} }}"),
)
ONE_ROW: Edits = (
    (
        '  { code = "otherwise.uncorrected"',
        f'  {{ code = "{ROW}", label = "{LABEL}", en = "Generated", under = "refused", into = "results" }},\n'
        '  { code = "otherwise.uncorrected"',
    ),
)
"""A row that counts into a total."""
MANY: Edits = (
    (f'label = "{RENAMED[0]}"', f'label = "{RENAMED[1]}"'),
    *ONE_ROW,
    # a line that became two
    ('{ code = "permits", label = "行政许可"', '{ code = "permits.granted", label = "行政许可（准予）"'),
    (
        '"Administrative permits", article = "第二十条第（五）项" }]',
        '"Permits granted" }, { code = "permits.refused", label = "行政许可（不予）", en = "Permits refused" }]',
    ),
    # a table more, with a rule of its own
    (
        '[[table]]\ncode = "fees"',
        f"""[[table]]
code = "platform"
section = "proactive"
title = "第二十四条"
en = "Article 24: platforms"
corner = "信息内容"
columns = [
  {{ code = "published", label = "本年发布件数", en = "Published this year" }},
  {{ code = "corrected", label = "本年更正件数", en = "Corrected this year" }},
]
rows = [
  {{ code = "website", label = "政府网站", en = "Website" }},
  {{ code = "media", label = "政务新媒体", en = "Media" }},
]

[[table.rule]]
id = "{RULE}"
each = "row"
left = ["corrected"]
op = "<="
right = ["published"]

[[table]]
code = "fees\"""",
    ),
)
NORM = """
[[rule]]
id = "%s"
severity = "warning"
kind = "equation"
citation = "算术关系"
[rule.zh]
title = "更正件数上限"
text = "本年更正件数不超过本年发布件数。"
message = "{line}：{left}填 {actual}，超过{right} {expected}，多 {difference}。"
fix = "核对更正件数；确有原因的写明情况。"
[rule.en]
title = "Corrections bounded"
text = "Corrected this year is at most published this year."
message = "{line}: {left} is {actual}, more than {right} = {expected} by {difference}."
fix = "Check the number corrected, or give the reason."
"""


"""An entry of the rule book; its id is to be filled in."""

BOUND = "granted-bound"
STATED = f"""[[table.rule]]
id = "{BOUND}"
left = ["granted"]
op = "<="
right = ["new", "brought"]

"""
CASES = f"""
[[case]]
rule = "{BOUND}"
set = {{ "requests.granted.law" = 2, "requests.new.law" = 1, "requests.brought.law" = 1 }}
finds = []

[[case]]
rule = "{BOUND}"
set = {{ "requests.granted.law" = 2, "requests.new.law" = 1 }}
finds = [{{ first = "requests.granted.law", actual = 2, expected = 1, difference = 1 }}]
"""
REGION = "330100"
SUPPLEMENT = f"""
id = "330000-{FROM}"
region = "330000"
form = "{NEWEST}"
citation = {{ number = "某办〔{FROM}〕1号", by = "某省人民政府办公厅" }}

[[row]]
table = "enforcement"
after = "penalties"
code = "inspections"
label = "行政检查"
en = "Inspections"

[[rule]]
table = "enforcement"
id = "cumulative"
left = ["coercion"]
op = "<="
right = ["inspections"]
"""


PARTS = ("workbook", "xlplugin", "tests", "tools", "docs", "examples", "locks", "sbom")


def copy_project(folder: Path) -> Path:
    """A copy of the project in that folder: what the program and the quick tests need."""
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (*ROOT.glob("*.md"), ROOT / "pyproject.toml"):
        shutil.copy(file, folder / file.name)
    return folder


def add_form_version(project: Path, edits: Edits) -> None:
    """Add the next form, which is the newest with these edits, and close the newest; no code is touched."""
    newest = project / "workbook" / "forms" / f"{NEWEST}.toml"
    newest.with_name(f"{NEXT}.toml").write_text(edited_text(newest, *OPENED, *edits), "utf-8")
    opened, closed = f"{{ from = {FROM} }}", f"{{ from = {FROM}, until = {YEAR - 1} }}"
    newest.write_text(edited_text(newest, (opened, closed)), "utf-8")


def list_codes(project: Path) -> None:
    """List the next form's codes as tests/cases/codes.toml does."""
    form = tomllib.loads((project / "workbook" / "forms" / f"{NEXT}.toml").read_text("utf-8"))
    with (project / "tests" / "cases" / "codes.toml").open("a", encoding="utf-8") as codes:
        for table in form["table"]:
            codes.write(f"[{NEXT}.{table['code']}]\n")
            codes.writelines(f"{kind} = {[line['code'] for line in table[kind]]}\n" for kind in ("rows", "columns"))


def add_norm(project: Path, rule: str) -> None:
    """Add an entry of that id to the rule book."""
    with (project / "workbook" / "model" / "rules.toml").open("a", encoding="utf-8") as book:
        book.write(NORM % rule)


def add_rule(project: Path) -> None:
    """Add a rule to the newest form: its entry in the rule book and its equation; not yet its cases."""
    add_norm(project, BOUND)
    file = project / "workbook" / "forms" / f"{NEWEST}.toml"
    following = '[[table]]\ncode = "reviews"'
    file.write_text(edited_text(file, (following, STATED + following)), "utf-8")


def add_cases(project: Path) -> None:
    """Add a case that passes and one that fails for the rule added."""
    with (project / "tests" / "cases" / "rules" / "figures.toml").open("a", encoding="utf-8") as cases:
        cases.write(CASES)


def add_region(project: Path) -> None:
    """Add a region's supplement to the newest form: a row and a rule."""
    folder = project / "workbook" / "forms" / "supplements"
    (folder / f"330000-{FROM}.toml").write_text(SUPPLEMENT, "utf-8")
