"""What tapers from different weeks do, told in plain words, with a verdict on the story's reasoning."""

from __future__ import annotations

from dataclasses import dataclass

from decidua.base.estimates import Estimate
from decidua.evidence import load_ledger
from decidua.study.story_script import claims_by_id
from decidua.study.taper import STORY_WEEK, TRACE, Taper, TaperStudy
from decidua.tell.words import label, sentence

PER = 1000
NO_REGIMEN = "without drugs"


@dataclass(frozen=True)
class Verdict:
    """One link of the story's reasoning: what it says, how it stands, and why."""

    id: str
    claim: str
    verdict: str
    reason: str


def opening(study: TaperStudy) -> list[str]:
    """What was run."""
    weeks = ", ".join(str(taper.week) for taper in study.tapers)
    return [
        f"The same simulated pregnancy with tapers that start in weeks {weeks}.",
        (
            f"{study.density_per_mm2:.0f} NK cells per mm² of womb lining on cycle day 21, "
            "recognition of the embryo "
            f"{study.recognition:g} of 1; for the infection, other runs with one in week "
            f"{study.infection_week:g}."
        ),
        sentence("natural_killer"),
        (
            "What a taper does to loss is shown under each explanation by itself; that "
            f"{sentence('contested_mechanism')}. Which explanation is true, {sentence('data_cannot_tell')}."
        ),
    ]


def verdicts(study: TaperStudy) -> list[Verdict]:
    """The story's reasoning, link by link, and as a whole."""
    claims = claims_by_id(load_ledger())
    gap = round(PER * study.largest_gap)
    return [
        Verdict(
            "h1",
            claims["h1"].text,
            "supported in part",
            f"A pulse is real. Here it is highest around week {study.fetal_peak_week:.0f}; by week 20 "
            "it is down to "
            f"{round(100 * study.fetal_late_share)} of 100 parts of that.",
        ),
        Verdict("takes_over", "The baby's steroids take over from the drug.", *_takes_over(study)),
        Verdict(
            "h2",
            claims["h2"].text,
            "contested: not shown",
            f"No study compared weeks. In these runs tapers from week {study.tapers[0].week} to "
            f"{study.tapers[-1].week} differ from that of week {study.story_taper.week} by {_about(gap)} of "
            f"{PER:,} pregnancies, fewer or more by explanation, if pregnant again.",
        ),
        _whole(study),
    ]


def _about(losses: int) -> str:
    return "less than one loss" if losses == 0 else f"up to about {losses} loss{'' if losses == 1 else 'es'}"


def _takes_over(study: TaperStudy) -> tuple[str, str]:
    moves = study.largest_moves
    drug, own = moves["prednisolone_ng_per_ml"], moves["maternal_cortisol"]
    reason = (
        "With the baby's cortisol switched off, the mother's drug level moves by "
        f"{_parts(drug)}, her NK cells by {_parts(moves['uterine_nk'])}, her own cortisol by "
        f"{_parts(own)} of its "
        f"range, and the added loss by {_parts(moves['loss_signal'])} under every explanation. The "
        "placenta keeps "
        "the two sides apart."
    )
    return ("supported" if study.pulse_matters else "contradicted"), reason


def _parts(move: float) -> str:
    """A move as parts of a thousand of a range, in words where it is nothing to be seen."""
    parts = 1000.0 * move
    if parts < 0.001:
        return "nothing"
    return "less than 1 part in 1,000" if parts < 1.0 else f"{parts:.0f} parts in 1,000"


def _whole(study: TaperStudy) -> Verdict:
    claim = f"Week {STORY_WEEK}, because the baby makes its own steroids from week 10."
    if study.pulse_matters:
        return Verdict(
            "reasoning", claim, "supported", "In these runs the pulse does move the mother's side."
        )
    return Verdict(
        "reasoning",
        claim,
        "contradicted",
        "The reason does not hold: the pulse changes neither what the drug does to the mother nor the "
        "added loss. "
        f"That does not make week {STORY_WEEK} wrong. It means the baby's cortisol is no reason for "
        "it, nor for any "
        "other week.",
    )


def what_moves(study: TaperStudy) -> list[str]:
    """What the week of the taper does change."""
    first, last = study.tapers[0], study.tapers[-1]
    return [
        (
            f"A taper from week {last.week} instead of week {first.week} gives {last.total_mg:.0f} mg of "
            "prednisolone "
            f"instead of {first.total_mg:.0f} mg."
        ),
        (
            f"Her own adrenals stay below half for {last.weeks_axis_low:.0f} weeks of the pregnancy instead "
            "of "
            f"{first.weeks_axis_low:.0f}, and they come back over weeks after the last dose."
        ),
        (
            f"The infection of week {study.infection_week:g}: load times time is "
            f"{last.infection_burden:.1f} times that without drugs, instead of "
            f"{first.infection_burden:.1f} times."
        ),
        (
            "How fast adrenals come back in pregnancy, and how much an infection gains, rest on declared "
            "guesses. "
            f"{sentence('unknown_harm')}"
        ),
    ]


WOMB_TITLE = "What each taper does in the womb and to the mother"
WOMB_HEADS = (
    "taper from week",
    "mg in all",
    "last dose, week",
    "level × days",
    "NK cells, week 12",
    "week 16",
    "week 20",
    "adrenals, lowest",
    "weeks below half",
    "infection load",
)


def womb_rows(study: TaperStudy) -> list[list[str]]:
    """A row for each taper."""
    return [_womb_row(taper) for taper in study.tapers]


def _womb_row(taper: Taper) -> list[str]:
    cells = [f"{taper.uterine_nk[week]:.0f}" if week in taper.uterine_nk else "" for week in (12, 16, 20)]
    return [
        str(taper.week),
        f"{taper.total_mg:.0f}",
        f"{taper.last_dose_week:.0f}",
        f"{taper.exposure_ng_days:.0f}",
        *cells,
        f"{taper.lowest_axis:.2f}",
        f"{taper.weeks_axis_low:.0f}",
        f"{taper.infection_burden:.2f}",
    ]


LOSS_TITLE = f"Losses of {PER:,} pregnancies by explanation, and the difference to the story's week"


def loss_note(study: TaperStudy) -> str:
    """What the losses count and what they leave out."""
    return (
        f"{sentence('where_it_starts')} Women of {study.age_years:.0f} (an example) with this number "
        "of cells and no "
        "history told. Behind each number: more or fewer than with the taper of week "
        f"{study.story_taper.week}, with the middle 95 of 100 draws. What a steroid does to loss other than "
        "through the cells is left out: it is the same for every week here, and nobody has measured it "
        "by week."
    )


def loss_heads() -> list[str]:
    """Heads of the table of losses: short names of the explanations."""
    return ["taper from week", "too many", "too much flow", "lining", "too few", "no effect"]


def loss_rows(study: TaperStudy) -> list[list[str]]:
    """A row for no drugs and for each taper; a column for each explanation."""
    untreated = [f"{round(PER * one.mean)}" for one in study.losses_untreated.values()]
    rows = [[NO_REGIMEN, *untreated]]
    for taper in study.tapers:
        cells = [
            f"{round(PER * taper.losses[name].mean)} ({_difference(gap)})"
            for name, gap in taper.against_story.items()
        ]
        rows.append([str(taper.week), *cells])
    return rows


def _difference(gap: Estimate) -> str:
    middle, low, high = (round(PER * value) for value in (gap.mean, gap.lo, gap.hi))
    if (low, high) == (0, 0):
        return "0"
    return f"{_signed(middle)}: {_signed(low)} to {_signed(high)}"


def _signed(number: int) -> str:
    return f"{number:+d}" if number else "0"


def explanations() -> list[str]:
    """What the short heads of the table of losses stand for."""
    names = ("attack", "perfusion", "decidual_quality", "too_few", "marker")
    return [f"{head}: {label('mechanism', name)}" for head, name in zip(loss_heads()[1:], names, strict=True)]


COUNTERFACTUAL_NOTE = (
    f"A move below {100 * TRACE:.0f} percent of a range counts as nothing. The run without the baby's "
    "cortisol shows "
    "what follows from what is known of the placenta; it is not evidence of its own."
)
