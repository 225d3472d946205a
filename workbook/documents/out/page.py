"""A publication → one web page with nothing outside it: accessible, printable, and fit to paste into a site's CMS.

The `article` is what is pasted. What a reader cannot do without stands in the elements themselves, so that it
survives a CMS that throws the `style` element out.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final

from workbook.documents.out.pagetable import table_html
from workbook.documents.out.parts import Paragraph, Part, Publication, clean
from workbook.safety.messages import load_messages

messages = load_messages("workbook.documents.out")

INDENT: Final = ' style="text-indent:2em"'
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What a browser may load and run for the page: its own style, and nothing else."""


def page_of(published: Publication) -> str:
    """The page; the same publication gives the same text."""
    title = escape(published.heading)
    about = {
        "author": " ".join(clean(published.report.agency.name).split()),
        "description": f"{published.report.form.title} {published.report.form.citation.number}",
    }
    metas = "".join(f'<meta name="{name}" content="{escape(text)}">\n' for name, text in about.items() if text)
    css = Path(__file__).with_name("page.css").read_text("utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n{metas}<style>\n{css}</style>\n</head>\n<body>\n{_article(published)}</body>\n</html>\n"
    )


def _article(published: Publication) -> str:
    """The report itself, from heading to last part."""
    lines = "<br>".join(escape(line) for line in published.title)
    inside = [f'<h1 style="text-align:center">{lines}</h1>\n']
    if published.draft:
        inside.insert(0, f'<p style="text-align:center"><strong>{escape(messages.text("draft.line"))}</strong></p>\n')
        inside.append(f'<div class="ogi-mark" aria-hidden="true">{escape(messages.text("draft.mark"))}</div>\n')
    year = published.report.year
    prefix = "ogi" if year is None else f"ogi-{year}"  # two years' reports may stand on one page
    inside += [_part(part, f"{prefix}-{part.section.code}") for part in published.parts]
    return f'<article class="ogi-report" lang="zh-CN">\n{"".join(inside)}</article>\n'


def _part(part: Part, name: str) -> str:
    heading = f'<h2 id="{name}">{escape(part.section.label)}</h2>\n'
    if part.grid is None:
        inside = "".join(_paragraph(one) for one in part.paragraphs)
    else:
        table = table_html(part.grid, name)
        wide = 'class="ogi-wide" style="overflow-x:auto" tabindex="0" role="region"'  # scrolled by keyboard too
        inside = f'<div {wide} aria-labelledby="{name}">\n{table}</div>\n'
    return f'<section aria-labelledby="{name}">\n{heading}{inside}</section>\n'


def _paragraph(paragraph: Paragraph) -> str:
    text = escape(paragraph.text)
    if paragraph.kind == "heading":
        return f"<h3{INDENT}>{text}</h3>\n"
    return f"<p{INDENT if paragraph.kind == 'body' else ''}>{text}</p>\n"
