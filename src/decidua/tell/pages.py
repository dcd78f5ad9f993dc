"""Takes a page apart for the safety rules: what is seen at once, what lies behind a click, its sections."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

_UNSEEN = {"style", "script", "head", "template"}
_QUOTING = {"q", "blockquote", "cite"}
_BLOCKS = {
    "p", "div", "section", "article", "aside", "li", "ul", "ol", "dl", "dt", "dd", "tr", "td", "th", "table",
    "figure", "figcaption", "header", "footer", "nav", "main", "h1", "h2", "h3", "h4", "h5", "h6",
    "details", "summary", "blockquote", "br", "svg", "text",
}  # fmt: skip
_SECTIONS = {"section", "h1", "h2", "h3"}
_VOID = {"br", "img", "hr", "meta", "link", "input", "source", "wbr", "col", "area", "base", "embed", "track"}
SECTION_MARK = "\n\f\n"
_FRAME = re.compile(r"[\u2500-\u257f]+")
_MARKDOWN_HEADING = re.compile(r"^#{1,3} ", re.MULTILINE)
_RULE_LINE = re.compile(r"^\s*[\u2500\u2501\u2550].*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the rules look at it."""

    seen: str
    """Text that is seen without a click, quotations included."""
    text: str
    """All text, also what lies behind a click."""
    unquoted: str
    """All text outside quotations, where the choice of words is ours."""
    tags: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """Every tag with its attributes, in order; none for plain text."""
    styles: str = ""
    """Content of style and script elements."""

    @property
    def sections(self) -> list[str]:
        """The page's text cut at its headings."""
        return [flat(part) for part in self.text.split(SECTION_MARK) if part.strip()]


def page_from_text(text: str) -> Page:
    """A terminal page or Markdown file; nothing in it lies behind a click."""
    cut = _MARKDOWN_HEADING.sub(SECTION_MARK, _RULE_LINE.sub(lambda m: SECTION_MARK + m.group(), text))
    return Page(seen=cut, text=cut, unquoted=without_quotations(cut))


def page_from_html(html: str) -> Page:
    """An HTML or SVG page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Page(
        seen="".join(reader.seen),
        text="".join(reader.text),
        unquoted=without_quotations("".join(reader.unquoted)),
        tags=tuple(reader.tags),
        styles="".join(reader.styles),
    )


def flat(text: str) -> str:
    """Text on one line, without the frames a terminal draws, so that wrapping cannot split a sentence."""
    return " ".join(_FRAME.sub(" ", text).split())


def sentences_of(text: str) -> list[str]:
    """Sentences of a text; a blank line or the end of a block also ends one."""
    blocks = re.split(r"\n\s*\n|\f", text)
    return [part for block in blocks for part in re.split(r"(?<=[.!?;])\s+", flat(block)) if part]


def without_quotations(text: str) -> str:
    """Text without what stands between curly quotation marks: a claim or a title, in its author's words."""
    return re.sub(r"“[^”]{0,600}”", " ", text)


class _Reader(HTMLParser):
    """Sorts the text of a page by whether it is seen at once and whether it quotes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text: list[str] = []
        self.unquoted: list[str] = []
        self.styles: list[str] = []
        self.tags: list[tuple[str, tuple[tuple[str, str], ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple((name, value or "") for name, value in attrs)))
        self._break(tag)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple((name, value or "") for name, value in attrs)))
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        if tag in _BLOCKS:
            self._add("\n\n")

    def handle_data(self, data: str) -> None:
        if {"style", "script"} & set(self.open):
            self.styles.append(data)
        elif not _UNSEEN & set(self.open):
            self._add(data)

    def _break(self, tag: str) -> None:
        if tag in _SECTIONS:
            self._add(SECTION_MARK)
        elif tag in _BLOCKS:
            self._add("\n\n")

    def _add(self, data: str) -> None:
        self.text.append(data)
        if not self._is_behind_a_click():
            self.seen.append(data)
        if not _QUOTING & set(self.open):
            self.unquoted.append(data)

    def _is_behind_a_click(self) -> bool:
        """Inside closed <details>; its own <summary> is what one clicks, and is seen."""
        if "details" not in self.open:
            return False
        innermost = len(self.open) - 1 - self.open[::-1].index("details")
        is_nested = "details" in self.open[:innermost]
        return is_nested or "summary" not in self.open[innermost:]
