"""The review page: what was read, from where and how surely, beside the document as read; one file, no script."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape as _escape
from pathlib import Path

from workbook.documents.reading.blocks import Grid, Paragraph
from workbook.documents.reading.gather import Confidence
from workbook.documents.reading.read import Imported
from workbook.documents.reading.telling import why_of
from workbook.finding import Source
from workbook.form import Cell
from workbook.harmless import fitted, legible
from workbook.report import shown
from workbook.rulebook import advice, message
from workbook.safety.messages import Bilingual, load_messages

messages = load_messages("workbook.documents.reading")

LONGEST = 4_000
"""No more characters of one paragraph are shown."""


def review(imported: Imported, lang: str = "zh") -> str:
    """The page, uncertain cells first; everything from the document is escaped."""
    return _Page(imported, lang).html()


class _Page:
    def __init__(self, imported: Imported, lang: str) -> None:
        self.read, self.lang = imported, lang

    def say(self, name: str, **facts: object) -> str:
        return escape(messages.get(f"review.{name}", **facts).say(self.lang))

    def html(self) -> str:
        """Head, left the cells, right the document."""
        css = Path(__file__).with_name("review.css").read_text("utf-8")
        title = self.say("title")
        lang = "en" if self.lang == "en" else "zh-CN"
        return (
            f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
            f"<style>{css}</style></head><body><header><h1>{title}</h1>{''.join(self.head())}</header>"
            f'<div class="sides"><main>{"".join(self.cells())}{"".join(self.findings())}{"".join(self.texts())}</main>'
            f'<section class="document"><h2>{self.say("source")}</h2>{"".join(self.document())}</section></div>'
            "</body></html>\n"
        )

    def head(self) -> Iterator[str]:
        report = self.read.report
        number = {one.value: len(self.read.cells(one)) for one in Confidence}
        facts = (
            ("file", self.read.path.name),
            ("agency", report.agency.name),
            ("year", report.year or ""),
            ("form", f"{report.form.id} {report.form.citation.number}"),
        )
        yield "<dl>"
        for name, value in facts:
            yield f"<dt>{self.say(name)}</dt><dd>{escape(str(value)) or self.say('none')}</dd>"
        yield f'</dl><p class="counts">{self.say("counts", **number)}</p>'

    def cells(self) -> Iterator[str]:
        for confidence, name in (
            (Confidence.UNCERTAIN, "first"),
            (Confidence.SOLVED, "then"),
            (Confidence.CERTAIN, "rest"),
        ):
            some = self.read.cells(confidence)
            yield f'<h2 class="{confidence.value}">{self.say(name)} ({len(some)})</h2>'
            if some:
                yield "<table><thead><tr>"
                for head in ("cell", "value", "raw", "candidates", "where"):
                    yield f'<th scope="col">{self.say(head)}</th>'
                yield "</tr></thead><tbody>"
                yield from (self.row(self.read.report.form.cell(code), confidence) for code in some)
                yield "</tbody></table>"

    def row(self, cell: Cell, confidence: Confidence) -> str:
        report = self.read.report
        value = report[cell.code]
        told = self.say("blank") if value is None else escape(shown(value, cell))
        raw = escape(self.read.raws.get(cell.code, ""))
        some = escape(Bilingual("、", ", ").say(self.lang).join(self.read.candidates.get(cell.code, ())))
        some += escape(why_of(self.read.doubts.get(cell.code, ())).say(self.lang))
        where = _linked(report.source(cell.code))
        label = escape(cell.words.say(self.lang))
        return (
            f'<tr class="{confidence.value}"><th scope="row">{label}</th><td class="number">{told}</td>'
            f"<td>{raw}</td><td>{some}</td><td>{where}</td></tr>"
        )

    def findings(self) -> Iterator[str]:
        yield f"<h2>{self.say('findings')} ({len(self.read.findings)})</h2><ul>"
        for one in self.read.findings:
            said = escape(message(one, self.lang))
            yield f"<li>{_linked(one.source)} {said} <small>{escape(advice(one, self.lang))}</small></li>"
        yield "</ul>"

    def texts(self) -> Iterator[str]:
        yield f"<h2>{self.say('texts')}</h2>"
        for section in self.read.report.form.texts:
            text = self.read.report.texts.get(section.code, "")
            yield f"<h3>{escape(section.words.say(self.lang))}</h3>"
            yield "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line) or f"<p>{self.say('none')}</p>"

    def document(self) -> Iterator[str]:
        sure = {self.read.report.source(code): one for code, one in self.read.confidence.items()}
        for block in self.read.blocks:
            if isinstance(block, Paragraph):
                if block.text.strip():
                    mark = sure.get(block.source)
                    yield f'<p id="{_name(block.source)}" class="{mark.value if mark else ""}">'
                    yield f"<small>{escape(_place(block.source))}</small> {escape(fitted(block.text, LONGEST))}</p>"
            else:
                yield from _table(block, sure)


def _table(grid: Grid, sure: dict[Source, Confidence]) -> Iterator[str]:
    """The table as the document prints it, its spans kept."""
    yield f"<table><caption>{escape(grid.source.sheet)}</caption><tbody>"
    rows: dict[int, list[str]] = {}
    for box in grid.boxes:
        mark = sure.get(box.source)
        spans = f' rowspan="{box.rows}"' * (box.rows > 1) + f' colspan="{box.columns}"' * (box.columns > 1)
        kind = f' class="{mark.value}"' if mark else ""
        cell = f'<td id="{_name(box.source)}"{spans}{kind}>{escape(fitted(box.text, LONGEST))}</td>'
        rows.setdefault(box.row, []).append(cell)
    for row in range(min(rows, default=0), max(rows, default=-1) + 1):
        yield f"<tr>{''.join(rows.get(row, ()))}</tr>"
    yield "</tbody></table>"


def escape(text: str) -> str:
    """What strangers wrote, as markup: what is not seen is shown by its number."""
    return _escape(legible(text))


def _name(source: Source) -> str:
    return escape(f"{source.sheet}-{source.cell}".replace(" ", "_"))


def _place(source: Source) -> str:
    return " ".join(part for part in (source.sheet, source.cell) if part)


def _linked(source: Source) -> str:
    place = escape(_place(source))
    return f'<a href="#{_name(source)}">{place}</a>' if place else ""
