"""How a web page shows its words: its style sheets, style attributes and tags, as far as they hide, strike or raise.

What may change how words are shown and is not understood leaves the figures of a table in doubt. Style sheets outside
the page are never fetched: what only they hide is read as if it were shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from workbook.documents.reading.css_declarations import (
    MOST_DECLARED,
    Declared,
    ElementStyle,
    apply_declarations,
    attribute_declarations,
    is_doubtful,
    is_harmless,
    is_telling,
    parse_declarations,
    written_in,
)
from workbook.documents.reading.css_parser import (
    LONGEST,
    CompoundSelector,
    UnknownSelector,
    fits_compound,
    parse_selector,
    read_rules,
    split_at,
)
from workbook.safety.limits import TooLarge
from workbook.safety.messages import read_toml

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_RULES: Final = 4_000
"""No page has more rules that may change how words are shown."""

MOST_STEPS: Final = 1_000_000
"""So many rules and ancestors are tried for all elements of a page."""

MOST_SHEETS: Final = 2 << 20
"""No page's own style sheets have more characters."""

TAGS: Final = {
    name: frozenset(tags.split()) for name, tags in read_toml("workbook.documents.reading.html_styles").items()
}
"""Tags by what the elements do to the words in them."""


_Rank = tuple[bool, bool, tuple[int, int, int], int]
"""Which declaration of a property holds: `!important`, in a style attribute, weight of the selector, order."""


class _Rule(NamedTuple):
    parts: tuple[tuple[str, CompoundSelector], ...]
    """From the last compound to the first, each with what joins it to the one before it: ' ', '>', or another."""
    weight: tuple[int, int, int]
    order: int
    declared: Declared
    sure: bool
    """Whether it holds for every screen."""
    tells: bool
    """Whether it hides, strikes or raises words."""
    doubtful: bool
    """Whether it may change how words are shown."""


class _Found(NamedTuple):
    """What is declared for an element."""

    declared: dict[str, str]
    perhaps: bool
    """Whether a rule that may not be for it hides, strikes or raises."""
    styled: bool
    """Whether such a rule, or one for a part of it, may change how it is shown."""
    generated: tuple[str, str]


class PageStyles:
    """The rules of a page's own style sheets."""

    def __init__(self, sheets: Iterable[str] = ()) -> None:
        self.rules: dict[str, list[_Rule]] = {}
        """By the class, name or tag that the last compound asks for."""
        self.count = 0
        self.steps = MOST_STEPS
        self.characters = 0
        """So many characters of selectors were looked at."""
        self.perhaps = self.styled = False
        """Whether a rule of which nothing is understood may hide words, or change how they are shown."""
        self.fonts: set[str] = set()
        """Fonts that the page brings along: what a digit looks like in them is unknown."""
        self._attributes: dict[str, Declared] = {}
        left = MOST_SHEETS
        for sheet in sheets:
            left -= len(sheet)
            if left < 0:
                raise TooLarge
            for prelude, body, sure in read_rules(sheet):
                self._add(prelude, body, sure)

    def _add(self, prelude: str, body: str, sure: bool) -> None:
        if prelude.startswith("@"):
            self._add_at(prelude, body)
            return
        declared = parse_declarations(body)
        if not declared:
            return
        self.characters += len(prelude)
        tells, doubtful = is_telling(declared), is_doubtful(declared)
        for selector in split_at(prelude, ","):
            try:
                parts = parse_selector(selector) if len(selector) <= LONGEST else None
            except UnknownSelector:
                parts = None
            if parts is None:
                self.perhaps = self.perhaps or tells
                self.styled = self.styled or doubtful
                continue
            if not parts:
                continue
            self.count += 1
            if self.count > MOST_RULES:
                raise TooLarge
            compounds = [compound for _, compound in parts]
            weight = (
                sum(bool(one.name) for one in compounds),
                sum(len(one.classes) + len(one.attributes) + one.first + one.last for one in compounds),
                sum(one.tag != "" for one in compounds),
            )
            last = compounds[0]
            key = f"#{last.name}" if last.name else f".{last.classes[0]}" if last.classes else last.tag
            rule = _Rule(parts, weight, self.count, declared, sure, tells, doubtful)
            self.rules.setdefault(key.lower(), []).append(rule)

    def _add_at(self, prelude: str, body: str) -> None:
        """What begins with `@` and is no condition: fonts, and sheets written into an address."""
        if prelude.lower().startswith("@import"):
            self.styled = True
        elif prelude.lower().startswith("@font-face"):
            pairs = (declaration.partition(":") for declaration in body.split(";"))
            declared = {name.strip().lower(): value for name, _, value in pairs}
            if "src" in declared and len(self.fonts) >= MOST_DECLARED:
                self.styled = True
            elif "src" in declared:
                self.fonts.add(declared.get("font-family", "").strip(" \t\n\r\"'").lower())

    def look(self, element: HtmlElement, tag: str, around: ElementStyle) -> ElementStyle:
        """How an element is shown within one that is shown so."""
        if tag in TAGS["not_shown"]:
            return around._replace(shown=False)
        found = self._declared(element, tag)
        declared = found.declared
        look = around._replace(
            struck=around.struck or tag in TAGS["struck"],
            raised=around.raised or tag in TAGS["raised"],
            other=around.other or tag in TAGS["controls"],
            faint=around.faint or element.get("popover") is not None,
            perhaps=around.perhaps or found.perhaps or self.perhaps,
            styled=around.styled
            or found.styled
            or self.styled
            or any(found.generated)
            or self._unusual(element, declared),
            generated=found.generated,
            block=tag not in TAGS["table_parts"] and declared.get("display", "") in TAGS["block_displays"],
        )
        if element.get("hidden") is not None and "display" not in declared:
            return look._replace(shown=False)
        if tag == "dialog" and element.get("open") is None:
            return look._replace(shown=False)
        return apply_declarations(look, declared, inline=tag not in TAGS["table_parts"]) if declared else look

    def hides_column(self, element: HtmlElement) -> bool:
        """Whether a column of a table may not be shown, for all its cells."""
        found = self._declared(element, element.tag)
        return found.perhaps or found.declared.get("visibility", "visible") != "visible"

    def _unusual(self, element: HtmlElement, declared: Mapping[str, str]) -> bool:
        """Whether something that is declared for an element, or what it is, may change how it is shown."""
        tag = element.tag
        paragraph = tag in ("p", "div")
        if any(not is_harmless(name, value, paragraph=paragraph) for name, value in declared.items()):
            return True
        if self.fonts:
            fonts = f"{declared.get('font-family', '')},{declared.get('font', '')}"
            if any(font in fonts for font in self.fonts):
                return True
        if tag == "li" and (parent := element.getparent()) is not None and parent.tag == "ol":
            return "none" not in f"{declared.get('list-style', '')}{declared.get('list-style-type', '')}"
        return (element.get("dir") or "").lower() == "rtl"

    def _declared(self, element: HtmlElement, tag: str) -> _Found:
        """What is set for an element, and what may be."""
        ranked: list[tuple[_Rank, str, str]] = []
        of_parts: dict[str, dict[str, str]] = {}
        perhaps = styled = False

        def declare(declared: Declared, in_attribute: bool, weight: tuple[int, int, int], order: int) -> None:
            ranked.extend(
                ((important, in_attribute, weight, order), name, value) for name, (value, important) in declared.items()
            )

        declare({name: (value, False) for name, value in attribute_declarations(element)}, False, (-1, 0, 0), 0)
        for rule in self._candidates(element, tag) if self.rules else ():
            fits = self._fits(rule.parts, element)
            if fits is False:
                continue
            self._spend(len(rule.declared) // 10)
            if part := rule.parts[0][1].pseudo_element:
                of_parts.setdefault(part, {}).update({name: value for name, (value, _) in rule.declared.items()})
            elif fits and rule.sure:
                declare(rule.declared, False, rule.weight, rule.order)
            elif not perhaps:
                perhaps = rule.tells
                styled = styled or rule.doubtful
        if style := element.get("style"):
            declare(self._parse_attribute(style), True, (0, 0, 0), 0)
        texts = {part: written_in(part, declared) for part, declared in of_parts.items()}
        styled = styled or any(text is not None for text in texts.values())
        around = texts.get("before") or texts.get("marker") or "", texts.get("after") or ""
        ranked.sort(key=lambda one: one[0])  # of one rank the last holds
        return _Found({name: value for _, name, value in ranked}, perhaps, styled, around)

    def _parse_attribute(self, style: str) -> Declared:
        """What a style attribute declares: of an office's page thousands are the same."""
        if len(style) > LONGEST:
            return parse_declarations(style)
        if style not in self._attributes:
            if len(self._attributes) > MOST_RULES:
                self._attributes.clear()
            self._attributes[style] = parse_declarations(style)
        return self._attributes[style]

    def _candidates(self, element: HtmlElement, tag: str) -> Iterator[_Rule]:
        names = (element.get("class") or "").lower().split()[:100]
        keys = [tag, "", f"#{(element.get('id') or '').lower()}", *(f".{one}" for one in names)]
        for key in dict.fromkeys(keys):
            for rule in self.rules.get(key, ()):
                self._step(element)
                yield rule

    def _step(self, element: HtmlElement) -> None:
        self._spend(1 + len(element.get("class") or "") // 100)

    def _spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise TooLarge

    def _is(self, part: CompoundSelector, element: HtmlElement) -> bool | None:
        """Whether an element is what a part of a selector asks for; each thing asked for is a step."""
        if part.attributes:
            self._spend(sum(1 + len(element.get(name) or "") // 100 for name, _, _ in part.attributes))
        if len(part.classes) > 1:
            self._spend(len(part.classes))
        return fits_compound(part, element)

    def _fits(self, parts: tuple[tuple[str, CompoundSelector], ...], element: HtmlElement) -> bool | None:
        """Whether an element is one the selector means; None where that is not known."""
        known: bool | None = self._is(parts[0][1], element)
        at: HtmlElement | None = element
        far = False
        """Whether an ancestor was the nearest of several that may be meant."""
        for (joined, _), (_, part) in pairwise(parts):
            if known is False or at is None:
                return False
            at = at.getparent()
            if joined == ">":
                fits = self._is(part, at) if at is not None else False
            elif joined == " ":
                fits = False
                while at is not None:
                    self._step(at)
                    fits = self._is(part, at)
                    if fits is not False:
                        break
                    at = at.getparent()
            else:
                return None
            if fits is False and far:
                return None
            far = far or joined == " "
            known = fits if fits is not True else known
        return known
