"""A next issue of the form, as CONTRIBUTING.md says one is added: by edits of a copy of the newest file."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FILE = max((ROOT / "workbook" / "forms").glob("annual-*.toml"))
NEWEST: str = _FILE.stem
"""The newest form there is, in the project itself: the copy has one more."""
FROM: int = tomllib.loads(_FILE.read_text("utf-8"))["years"]["from"]
YEAR = max(FROM + 2, 2027)
NEXT = f"annual-{YEAR}"
LABEL, ROW, RULE = "6.以程序批量生成的申请", "refused.generated", "corrections-bound"
RENAMED = ("（一）予以公开", "（一）全部公开")

EDITS = (
    (f'id = "{NEWEST}"', f'id = "{NEXT}"'),
    (f"years = {{ from = {FROM} }}", f"years = {{ from = {YEAR} }}"),
    (f'label = "{RENAMED[0]}"', f'label = "{RENAMED[1]}"'),
    # a row that counts into a total
    (
        '  { code = "otherwise.uncorrected"',
        f'  {{ code = "{ROW}", label = "{LABEL}", en = "Generated", under = "refused", into = "results" }},\n'
        '  { code = "otherwise.uncorrected"',
    ),
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
NORM = f"""
[[rule]]
id = "{RULE}"
severity = "warning"
kind = "equation"
citation = "算术关系"
[rule.zh]
title = "更正件数上限"
text = "本年更正件数不超过本年发布件数。"
message = "{{line}}：{{left}}填 {{actual}}，超过{{right}} {{expected}}，多 {{difference}}。"
fix = "核对更正件数；确有原因的写明情况。"
[rule.en]
title = "Corrections bounded"
text = "Corrected this year is at most published this year."
message = "{{line}}: {{left}} is {{actual}}, more than {{right}} = {{expected}} by {{difference}}."
fix = "Check the number corrected, or give the reason."
"""


def added(program: Path) -> None:
    """A copy of the program with the next form and its rule in it, and the newest form closed; no code is touched."""
    for package in ("workbook", "xlplugin"):
        shutil.copytree(ROOT / package, program / package, ignore=shutil.ignore_patterns("__pycache__"))
    newest = program / "workbook" / "forms" / f"{NEWEST}.toml"
    text = newest.read_text("utf-8")
    for old, new in EDITS:
        if text.count(old) != 1:
            raise ValueError(f"{old!r} stands {text.count(old)} times in {NEWEST}")
        text = text.replace(old, new)
    newest.with_name(f"{NEXT}.toml").write_text(text, "utf-8")
    opened, closed = f"{{ from = {FROM} }}", f"{{ from = {FROM}, until = {YEAR - 1} }}"
    newest.write_text(newest.read_text("utf-8").replace(opened, closed), "utf-8")
    with (program / "workbook" / "rules.toml").open("a", encoding="utf-8") as book:
        book.write(NORM)
