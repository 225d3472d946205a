"""The sum in the form's own layout: one <table> a part of the form, each figure tied to its headings."""

from __future__ import annotations

from itertools import pairwise

from workbook.form import Form, Section
from workbook.layout import Block, Box, Label, Plan, plan
from workbook.merging.page.data import PageData
from workbook.merging.page.figures import figure, said
from workbook.merging.page.markup import tag, text, word

SCOPES = {"head": ("col", "colgroup"), "group": ("row", "rowgroup"), "row": ("row", "rowgroup")}
"""By kind of label: the scope of one line, and of several."""


def form_table(data: PageData, section: Section, lang: str) -> str:
    """A part of the form, with the figures of the sum."""
    return _Printed(data, section, lang).table()


class _Printed:
    def __init__(self, data: PageData, section: Section, lang: str) -> None:
        self.data = data
        self.form: Form = data.report.form
        self.section = section
        self.lang = lang
        self.plan: Plan = plan(self.form, section)
        self.ids = {label.box: f"{section.code}-{n}" for n, label in enumerate(self.plan.labels)}

    def table(self) -> str:
        """The whole part: header rows that repeat on paper where one table fills it."""
        lines = self._lines()
        head = self.plan.head_rows if len(self.plan.blocks) == 1 else 0
        caption = tag("caption", text(self.section.label))
        parts = [tag("thead", "".join(lines[:head]))] if head else []
        starts = [head, *(self._top(block) for block in self.plan.blocks[1:]), self.plan.rows]
        parts += [tag("tbody", "".join(lines[a:b])) for a, b in pairwise(starts)]
        wide = " wide" if self.plan.columns > 12 else ""
        table = tag("table", caption + "".join(parts), cls=f"form{wide}")
        return tag("div", table, cls="scroll", tabindex=0, role="region", aria_label=self.section.label)

    def _top(self, block: Block) -> int:
        """Where a block begins: at its band where it has one."""
        bands = [label.box.top for label in self.plan.labels if label.kind == "band" and label.box.top < block.head]
        return max(bands, default=block.head)

    def _lines(self) -> list[str]:
        cells: list[list[tuple[int, str]]] = [[] for _ in range(self.plan.rows)]
        for label in self.plan.labels:
            cells[label.box.top].append((label.box.left, self._label(label)))
        for code, box in self.plan.cells.items():
            cells[box.top].append((box.left, self._figure(code, box)))
        return [tag("tr", "".join(markup for _, markup in sorted(line))) for line in cells]

    def _label(self, label: Label) -> str:
        box = label.box
        if label.kind == "corner":
            return tag("td", text(label.text), cls="corner", **_spans(box))
        if label.kind == "band":
            return tag("th", text(label.text), cls="band", id=self.ids[box], scope="colgroup", **_spans(box))
        one, several = SCOPES[label.kind]
        across = label.kind == "head"
        wide = box.right > box.left if across else box.bottom > box.top
        return tag(
            "th", text(label.text), cls=label.kind, id=self.ids[box], scope=several if wide else one, **_spans(box)
        )

    def _figure(self, code: str, box: Box) -> str:
        cell = self.form.cell(code)
        value = figure(self.data.report, code)
        shown, notes, look = text(said(value, cell)), [], ["sum"] if cell.total else []
        if value is None:
            shown = tag("span", text(word("tables.blank", self.lang)), cls="none")
        if code in self.data.wrong:
            look.append("wrong")
            notes.append(word("tables.wrong", self.lang))
        if self.data.blanks and (missing := self.data.blanks[cell.index]) and self.data.report.merged:
            look.append("wait")
            notes.append(word("tables.missing", self.lang, n=missing))
        if notes:
            mark = "▲" if code in self.data.wrong else "△"
            shown += tag("span", mark, cls="mark", role="img", aria_label="；".join(notes), title="；".join(notes))
        return tag("td", shown, data_cell=code, cls=" ".join(look) or None, headers=self._headers(box), **_spans(box))

    def _headers(self, box: Box) -> str:
        """The ids of all labels above and beside a figure, within its table."""
        block = next(one for one in self.plan.blocks if one.box.top <= box.top <= one.box.bottom)
        found = []
        for label in self.plan.labels:
            at = label.box
            above = label.kind == "head" and block.head <= at.top < box.top and _meet(at[1::2], box[1::2])
            beside = label.kind in ("group", "row") and _meet(at[0::2], box[0::2])
            band = label.kind == "band" and at.top == block.head - 1
            if above or beside or band:
                found.append(self.ids[at])
        return " ".join(found)


def _meet(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]


def _spans(box: Box) -> dict[str, int | None]:
    down, across = box.bottom - box.top + 1, box.right - box.left + 1
    return {"rowspan": down if down > 1 else None, "colspan": across if across > 1 else None}
