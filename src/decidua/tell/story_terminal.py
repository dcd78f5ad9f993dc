"""The story in the terminal: one short section for each step, 80 columns wide or less."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from decidua.evidence import load_ledger
from decidua.study.story import Story
from decidua.tell.story_page import TITLE
from decidua.tell.story_text import Text, plain
from decidua.tell.story_told import OWN_WORLD, ToldStep, tell_steps
from decidua.tell.weights_words import weights_label, weights_sentence
from decidua.tell.words import sentence

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDEST = 80
INDENT = 2


def print_story(story: Story, console: Console) -> None:
    """Write the whole walk to a console.

    Arguments:  story    as `walk_the_story` gives it
                console  made wide enough or narrow; never written wider than WIDEST
    Checked by: tests/unit/study/test_story_page.py, tests/safety
    """
    console.width = min(console.width, WIDEST)
    for part in _parts(story):
        console.print(part, highlight=False)


def _parts(story: Story) -> Iterator[RenderableType]:
    yield from _opening(story)
    for told in tell_steps(story):
        yield from _step(story, told)
    yield from _closing(story)


def _rule(title: str) -> RenderableType:
    from rich.rule import Rule

    return Rule(title, style="dim")


def _block(text: str, *, style: str = "", indent: int = INDENT) -> RenderableType:
    from rich.padding import Padding
    from rich.text import Text as RichText

    return Padding(RichText(text, style=style), (0, 0, 1, indent))


def _opening(story: Story) -> Iterator[Any]:
    yield _block(f"\n{TITLE}", style="bold", indent=0)
    yield _block(sentence("natural_killer"), indent=0)
    yield _block(
        f"{OWN_WORLD[story.mechanism]}: a model run as if this were true. It "
        f"{sentence('contested_mechanism')}. "
        "What studies and this model say: what was found, and the model with each explanation weighed. "
        f"{weights_sentence()}",
        indent=0,
    )
    yield _block(f"{sentence('where_it_starts')} {sentence('groups_not_you')}", indent=0)
    yield _block(sentence("steroid"), indent=0)
    yield _block(f"{sentence('urgent_help')} {sentence('not_a_device')}", indent=0)


def _step(story: Story, told: ToldStep) -> Iterator[Any]:
    by = f"{told.step.by}: " if told.step.by else ""
    yield _rule(f"{told.number} {plain(told.title)}" if not by else told.number)
    if by:
        yield _block(f"{by}{plain(told.title)}", style="bold")
    for claim in told.claims:
        yield _block(f"“{claim.quote}”\n{claim.sign} {claim.verdict}. {claim.reason}")
    yield _answer(f"{OWN_WORLD[story.mechanism]} ({sentence('contested_mechanism')})", told.own_world)
    yield _answer(f"What studies and this model say ({weights_label()})", (*told.evidence, *told.benefit))
    if told.step.table == "guidelines":
        yield _guidelines()
    if told.names_a_steroid:
        yield _block(sentence("steroid"), style="bold")
    labels = "; ".join(source.label for source in told.sources)
    yield _block(f"Sources: {labels}\nCheck: {told.step.command}", style="dim")


def _answer(head: str, texts: tuple[Text, ...]) -> RenderableType:
    from rich.padding import Padding
    from rich.text import Text as RichText

    said = RichText(f"{head}\n", style="bold")
    said.append("\n".join(plain(text) for text in texts), style="not bold")
    return Padding(said, (0, 0, 1, INDENT))


def _guidelines() -> RenderableType:
    """Who starts where, with the date; parts that nobody read say so."""
    lines = [
        f"{body.body}, {body.date}: "
        f"{'no rule read' if body.trigger_losses is None else f'from loss {body.trigger_losses}'}; "
        f"NK tests: {body.nk_test}"
        for body in load_ledger().guidelines.values()
    ]
    return _block("\n".join(lines), indent=2 * INDENT)


def _closing(story: Story) -> Iterator[Any]:
    yield _rule("Who offers support")
    lines = "\n".join(f"{one.name} ({one.country}): {one.link}" for one in load_ledger().support.values())
    yield _block(lines)
    yield _block(f"{sentence('urgent_help')} {sentence('not_a_device')} {sentence('never_stored')}")
    made = story.provenance
    versions = f"{made['program']} {made['version']}, model {made['model_version']}"
    versions += f", evidence {made['evidence_version']}"
    yield _block(f"{versions}. For figures and tables: decidua story --out FOLDER", style="dim")
