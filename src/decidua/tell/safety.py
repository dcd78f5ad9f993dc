"""The safety layer: rules that every page, report and command output for the public must keep.

A rule is a small function from a page to what breaks it. Tests run all of them over every output; a program
that makes pages of its own can do the same with `check_public_text` and `check_public_html`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from decidua.tell.pages import Page, flat, page_from_html, page_from_text, sentences_of
from decidua.tell.words import load_words, sentence


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a page breaks a rule."""

    rule: str
    excerpt: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.rule}: “{self.excerpt}” ({self.remedy})"


Rule = Callable[[Page], Iterator[Violation]]

STEROID = re.compile(r"steroid|prednisolone|prednisone|\btaper|\bregimen", re.IGNORECASE)
PROSPECT = re.compile(
    r"next (?:\w+ )?pregnanc(?:y|ies)[^.,;]{0,60}(?:\bchance|\d ?%|(?:in|out of) 100)"
    r"|(?:\bchance|\d ?%|(?:in|out of) 100)[^.,;]{0,60}next (?:\w+ )?pregnanc"
    r"|chance of (?:a )?(?:live birth|baby|loss|another loss)|about \d+ have a baby",
    re.IGNORECASE,
)
AVERAGED_BENEFIT = re.compile(
    r"averaged? (benefit|effect|gain)|benefit on average"
    r"|on average[^.]{0,60}(benefit|more (live births|babies)|fewer)",
    re.IGNORECASE,
)
UNK_RESULT = re.compile(
    r"(uterine NK|uNK|womb NK)[^.]{0,40}(result|test)|(result|count|density)[^.]{0,40}above (the|a|its) cut"
    r"|\bhigh\W+(uterine NK|uNK|womb NK|result)",
    re.IGNORECASE,
)
VERDICT = re.compile(
    r"\b(you|she|he) (have|has|had) (too many|a high|high|abnormal|raised)\b"
    r"[^.]{0,40}(NK|killer|count|cells|result)"
    r"|\b(your|her) [^.]{0,40}(NK|killer|count|cells|result|test)\w*[^.]{0,30}"
    r"\b(is|are|was|were) (too high|high|abnormal|positive|raised|above|normal)\b",
    re.IGNORECASE,
)
OUT_OF_100 = re.compile(
    r"(?<![\d.,–-])(\d{1,3}(?:\.\d+)?)(?:\s*%| (?:in|out of) (?:every )?100\b| per ?cent\b)"
    r"|out of 100[^.;]*?\babout (\d{1,3})\b",
    re.IGNORECASE,
)
CHANCE = re.compile(r"\bchances?\b|\blikely\b|\bprospects?\b", re.IGNORECASE)
DECIMAL = re.compile(
    r"\d+\.\d+(?:\s*(?:to|–|-)\s*\d+(?:\.\d+)?)?(?:\s*%| (?:in|out of) (?:every )?100\b| per ?cent\b)",
    re.IGNORECASE,
)
TELEPHONE = re.compile(
    r"(?<![\w./-])0\d{2,4}[ -]\d{3,4}(?:[ -]?\d{3,4})?(?![\w-])"
    r"|(?<![\w./-])(?:1-)?\(?\d{3}\)?-\d{3}-\d{4}\b|\+\d{1,3}[ (]\(?\d"
    r"|\b116 123\b|\b(?:call|dial|ring|phone|text)(?: on)? (?:\d{3,})",
    re.IGNORECASE,
)
BLAME = re.compile(
    r"\b(?:cause of|caused by|caused|because of|due to)\b[^.]{0,80}\b(?:in 100|%)"
    r"|\b(?:chromosom|uterine NK|antiphospholipid)[^.]{0,60}\b(?:in 100|%)"
    r"[^.]{0,60}\b(?:this|that|first|past) loss",
    re.IGNORECASE,
)
PAST_LOSS = re.compile(r"\b(past|this|that|each|first|second|third|earlier) loss", re.IGNORECASE)
BABY_PICTURE = re.compile(
    r"\b(baby|babies|newborn|infant|f(o)?etus|embryo|cot|stork|ultrasound)\b", re.IGNORECASE
)
BABY_SIGNS = re.compile("[\U0001f476\U0001f37c\U0001f930\U0001f931\U0001f463\U0001f423\U0001f6bc\U0001f47c]")
MOVING_TAGS = {"video", "audio", "animate", "animatetransform", "animatemotion", "set", "marquee", "blink"}
MOVING_STYLE = re.compile(
    r"@keyframes|\banimation(-name)?\s*:(?!\s*none)|setInterval|requestAnimationFrame|\.animate\(|autoplay"
)


def keeps_steroid_sentence(page: Page) -> Iterator[Violation]:
    """Wherever a regimen, taper or steroid is named, the sentence about not stopping stands too."""
    found = STEROID.search(flat(page.text))
    if found and sentence("steroid") not in flat(page.seen):
        yield Violation("steroid sentence", _around(flat(page.text), found), sentence("steroid"))


def says_if_pregnant_again(page: Page) -> Iterator[Violation]:
    """Every prospect, which is a chance or a number about a pregnancy to come, says "if pregnant again"."""
    found = PROSPECT.search(flat(page.seen))
    if found and sentence("if_pregnant_again") not in flat(page.seen).lower():
        yield Violation("if pregnant again", _around(flat(page.seen), found), "say “if pregnant again”")


def shows_all_sides_of_a_benefit(page: Page) -> Iterator[Violation]:
    """Beside an averaged benefit stand the chances of none and of harm, and what rests on the prior alone."""
    for section in page.sections:
        found = AVERAGED_BENEFIT.search(section)
        for name in ("no_benefit", "net_harm", "prior_alone") if found else ():
            if found and sentence(name) not in section.lower():
                yield Violation("averaged benefit", _around(section, found), f"add the {sentence(name)}")


def shows_high_results_among_births(page: Page) -> Iterator[Violation]:
    """Beside a uterine NK result stands the share of high results among women with births."""
    for section in page.sections:
        found = UNK_RESULT.search(section)
        if found and sentence("births_high_too") not in section.lower():
            yield Violation(
                "uterine NK result",
                _around(section, found),
                "add the share of high results among women with births",
            )


def gives_no_verdict(page: Page) -> Iterator[Violation]:
    """No cut-off verdict on one person."""
    for found in VERDICT.finditer(flat(page.unquoted)):
        yield Violation("verdict on one person", found.group(), "speak of results above a cut-off in a group")


def puts_words_before_small_chances(page: Page) -> Iterator[Violation]:
    """A chance below 30 in 100 comes as words; its number stands behind a click, or beside its other half."""
    for text in sentences_of(page.seen):
        numbers = [float(a or b) for a, b in OUT_OF_100.findall(text)]
        small = [number for number in numbers if number < 30]
        every = [float(number) for number in re.findall(r"\b\d{1,3}\b", text)]
        lonely = [number for number in small if not any(abs(number + other - 100) <= 1 for other in every)]
        if lonely and CHANCE.search(text):
            yield Violation("small chance in numbers", text[:160], "words first, the number on request")


def hides_causes_of_past_losses(page: Page) -> Iterator[Violation]:
    """Causes of past losses lie behind a click."""
    for text in sentences_of(page.seen):
        if PAST_LOSS.search(text) and BLAME.search(text):
            yield Violation("cause of a past loss", text[:160], "move it behind a click")


def shows_no_baby(page: Page) -> Iterator[Violation]:
    """Pictures show cells or numbers, never a baby."""
    for sign in BABY_SIGNS.findall(page.text):
        yield Violation("picture of a baby", sign, "leave it out")
    for tag, attributes in page.tags:
        described = " ".join(
            value for name, value in attributes if name in ("alt", "src", "href", "xlink:href")
        )
        if tag in ("img", "image", "object", "embed") and BABY_PICTURE.search(described.split("base64")[0]):
            yield Violation("picture of a baby", described[:80], "leave it out")


def plays_nothing(page: Page) -> Iterator[Violation]:
    """Nothing moves or plays by itself."""
    for tag, attributes in page.tags:
        if tag in MOVING_TAGS or any(name == "autoplay" for name, _ in attributes):
            yield Violation("plays by itself", f"<{tag}>", "leave it out")
    for found in MOVING_STYLE.finditer(page.styles):
        yield Violation("plays by itself", found.group(), "leave it out")


def gives_no_telephone_numbers(page: Page) -> Iterator[Violation]:
    """Organisations are named with links; telephone numbers only once verified, and none is yet."""
    for found in TELEPHONE.finditer(flat(page.text)):
        yield Violation("telephone number", found.group(), "give the organisation's link")
    for tag, attributes in page.tags:
        if any(value.startswith(("tel:", "sms:")) for _, value in attributes):
            yield Violation("telephone number", f"<{tag}>", "give the organisation's link")


def rounds_percentages(page: Page) -> Iterator[Violation]:
    """No decimals in a percentage that the public reads."""
    for found in DECIMAL.finditer(flat(page.text)):
        yield Violation("decimals", found.group(), "whole numbers out of 100")


def avoids_banned_words(page: Page) -> Iterator[Violation]:
    """None of the banned words, outside a quotation."""
    text = flat(page.unquoted)
    for banned in load_words().banned:
        for found in banned.pattern.finditer(text):
            yield Violation(f"banned word “{banned.word}”", _around(text, found), f"say: {banned.instead}")


RULES: tuple[Rule, ...] = (
    keeps_steroid_sentence,
    says_if_pregnant_again,
    shows_all_sides_of_a_benefit,
    shows_high_results_among_births,
    gives_no_verdict,
    puts_words_before_small_chances,
    hides_causes_of_past_losses,
    shows_no_baby,
    plays_nothing,
    gives_no_telephone_numbers,
    rounds_percentages,
    avoids_banned_words,
)


def check_public_text(text: str) -> list[Violation]:
    """Everything in a terminal page or Markdown text that breaks a rule of the safety layer.

    Arguments:  text  as a person would read it; what stands between “curly marks” counts as quoted
    Returns:    violations, in the order of the rules; empty when the text keeps them all
    Checked by: tests/safety/test_rules.py (each rule is broken once and kept once)
    """
    return _check(page_from_text(text))


def check_public_html(html: str) -> list[Violation]:
    """Everything in an HTML or SVG page that breaks a rule of the safety layer.

    Arguments:  html  the whole page; <details> lies behind a click; <q>, <blockquote> and <cite> quote
    Returns:    violations, in the order of the rules; empty when the page keeps them all
    Checked by: tests/safety/test_rules.py (each rule is broken once and kept once)
    """
    return _check(page_from_html(html))


def _check(page: Page) -> list[Violation]:
    return [violation for rule in RULES for violation in rule(page)]


def _around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - 40) : found.end() + 40].strip()
