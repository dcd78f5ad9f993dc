"""The story as one self-contained page, `story.html`: no script, nothing loaded from elsewhere."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from decidua.base.estimates import Estimate
from decidua.evidence import load_ledger
from decidua.study.story import Story
from decidua.tell.story_charts import CHARTS
from decidua.tell.story_figure import Figure
from decidua.tell.story_hundred import hundred_figure
from decidua.tell.story_told import OWN_WORLD, ToldStep, tell_steps
from decidua.tell.template import template
from decidua.tell.weights_words import weights_label, weights_sentence
from decidua.tell.words import load_words, sentence

TITLE = "Natural killer cells and losing a pregnancy: a popular story, looked at step by step"
HUNDREDS = {
    "question_c": (
        "avg.c.births",
        "Births of 100 people with such a history, if pregnant again",
        "have a baby, if pregnant again",
    ),
    "question_d": (
        "avg.d.untreated_here",
        "Of 100 women at this week with treatment",
        "would be here without it",
    ),
}


def story_html(story: Story) -> str:
    """The whole page.

    Arguments:  story  as `walk_the_story` gives it
    Returns:    HTML
    Checked by: tests/unit/study/test_story_page.py, tests/safety, tests/browser
    """
    told = tell_steps(story)
    page: str = template("story.html.j2").render(
        title=TITLE,
        own_world=OWN_WORLD[story.mechanism],
        contested=sentence("contested_mechanism"),
        sentences=load_words().sentences,
        weights_said=weights_sentence(),
        weights_label=weights_label(),
        steps=[one for one in told if not one.step.is_question],
        questions=[one for one in told if one.step.is_question],
        figures={one.step.id: figures_of(story, one) for one in told},
        guidelines=list(load_ledger().guidelines.values()),
        support=list(load_ledger().support.values()),
        made=story.provenance,
        origin=origin_attribute,
    )
    return page


def figures_of(story: Story, told: ToldStep) -> list[Any]:
    """The figures of one step, drawn, their SVG marked as safe."""
    return [_safe(figure_named(story, name)) for name in told.step.figures]


def figure_named(story: Story, name: str) -> Figure:
    """One figure by its name."""
    if name not in HUNDREDS:
        return CHARTS[name](story, load_ledger())
    run, title, what = HUNDREDS[name]
    found = story.values[run]
    if not isinstance(found, Estimate):
        raise TypeError(f"{run} is no estimate")
    return hundred_figure(found, name=name, title=title, what=what, origin=f"run:{run}")


def origin_attribute(origin: str) -> Markup:
    """`data-evidence`, `data-run` or `data-claim`, with the ids that a number comes from."""
    kinds: dict[str, list[str]] = {}
    for one in origin.split():
        kind, _, name = one.partition(":")
        kinds.setdefault(kind, []).append(name)
    shown = " ".join(f'data-{kind}="{escape(" ".join(names))}"' for kind, names in kinds.items())
    return Markup(shown)  # noqa: S704 - made of escaped names alone


def _safe(figure: Figure) -> dict[str, Any]:
    held = {name: getattr(figure, name) for name in Figure.__dataclass_fields__}
    return held | {"svg": Markup(figure.svg)}  # noqa: S704 - drawn by this program
