"""What a study of pathways found, in plain words and whole numbers: of 1,000 women, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

from decidua.care.following import days_until_result, p_accepts, wait_days
from decidua.evidence import load_ledger
from decidua.inference.harms import harms_of_treatments
from decidua.study.comparison import MONTHS, Arm, Benefit, Found, StudyResult
from decidua.tell.harm_lines import harm_sentences
from decidua.tell.weights_words import weights_sentence
from decidua.tell.whole_numbers import about, how_many, out_of_100, outward, words_of
from decidua.tell.words import label, sentence
from decidua.womb import render_regimen

FEW = 10.0  # below it a number per 1,000 keeps one decimal
ROWS = {
    "live_births": "live births",
    "women_with_a_live_birth": "women with a live birth",
    "recognised_losses": "recorded losses",
    "euploid_losses": "of these, usual chromosomes",
    "very_early_losses": "very early losses",
    "preterm_births": "early births",
    "infections_added_at_most": "infections added, at most",
    MONTHS: "months, first loss to next birth",
    "women_tested": "women tested",
    "women_flagged": "women with a high reading",
    "women_flagged_not_high": "of these, lasting count lower",
    "women_treated": "women treated",
    "women_treated_same_outcome": "of these, same outcome without",
}
IN_ALL = ("live_births", "recognised_losses", "preterm_births", "women_tested", "women_treated")
DIFFERENCES = ("live_births", "recognised_losses", "very_early_losses", "preterm_births", MONTHS)
MECHANISM_HEADS = {
    "attack": "too many",
    "perfusion": "too much flow",
    "decidual_quality": "lining",
    "too_few": "too few",
    "marker": "no effect",
}
LEVELS_TITLE = "Of 1,000 women who ever have a recorded loss, in whole lives"
ALL_TITLE = "Of 1,000 women who try for a baby, in whole lives"
DIFFERENCE_TITLE = "More or fewer than with the pathway compared with, of 1,000 women with a recorded loss"
MECHANISM_TITLE = "Live births, more or fewer, under each explanation by itself"
REPEATABILITY_TITLE = "Live births, more or fewer, by how well a second reading repeats the first"


def short(care_name: str) -> str:
    """A pathway in a few words for the head of a column."""
    return care_name.replace("_", " ")


def opening(result: StudyResult) -> list[str]:
    """The question, who was asked, and how to read a number."""
    file = result.study.file
    return [
        file.question,
        (
            f"{result.women:,} simulated women live once in every arm; "
            f"{round(1000 * result.share_with_a_loss)} of 1,000 ever have a recorded loss. Care begins after "
            "a loss, so these are the same women in every arm."
        ),
        (
            "Numbers behind a middle value are the middle 95 of 100 draws of what is not known, with what "
            "the number of simulated women leaves open. All later pregnancies count, "
            f"{sentence('if_pregnant_again')}."
        ),
        sentence("natural_killer"),
    ]


def findings(result: StudyResult) -> list[str]:
    """A paragraph for each pathway that does anything, then what holds for all."""
    lines = [arm_words(arm) for arm in result.arms if arm.care.regimens or arm.care.test != "none"]
    return [*lines, *common_words(result)]


def arm_words(arm: Arm) -> str:
    """One pathway in a few sentences, all sides of its benefit among them."""
    parts = [f"{arm.care.title}.", *_reached(arm), *_births(arm)]
    if arm.benefit is not None:
        parts += [*_sides(arm.benefit), *_if_nobody_waited(arm)]
    return " ".join(parts)


def _reached(arm: Arm) -> list[str]:
    """Who is tested, reads high, is treated, and for whom nothing comes of it; whole numbers of 1,000."""
    found = {name: number(arm.with_a_loss[name].value.mean) for name in ROWS}
    tested = (
        f"Of 1,000 women with a recorded loss, {found['women_tested']} are tested; "
        f"{found['women_flagged']} of them read high, {found['women_flagged_not_high']} of these though the "
        "count that lasts is lower than the cut."
    )
    treated = (
        f"{found['women_treated']} of the 1,000 are treated; {found['women_treated_same_outcome']} of them "
        "would have as many births and losses without it."
    )
    return [tested, treated] if arm.care.test != "none" else [treated]


def _births(arm: Arm) -> list[str]:
    """What it does to births and losses, with and without its waiting."""
    moved = {name: difference(arm.difference[name]) for name in DIFFERENCES}
    losses = (
        f"Recorded losses: {moved['recognised_losses']}. Very early losses: {moved['very_early_losses']}."
    )
    return [
        f"Live births: {moved['live_births']}.",
        losses,
        f"Early births: {moved['preterm_births']}.",
    ]


def _sides(benefit: Benefit) -> list[str]:
    """Chance of none, of harm, and what rests on nothing but a prior."""
    return [
        f"The {sentence('no_benefit')}: {chance(benefit.p_no_benefit)}.",
        f"The {sentence('net_harm')}, so fewer births: {chance(benefit.p_net_harm)}.",
        f"The {sentence('prior_alone')}: {out_of_100(benefit.prior_share)} of 100 parts.",
    ]


def _if_nobody_waited(arm: Arm) -> list[str]:
    """The same sides where neither a result nor a course makes anybody wait."""
    if arm.care.test == "none" or arm.benefit_without_waiting is None:
        return []
    without, sides = difference(arm.without_waiting["live_births"]), arm.benefit_without_waiting
    return [
        f"If nobody had to wait for a result or for the course, live births: {without}.",
        f"Then the {sentence('no_benefit')}: {chance(sides.p_no_benefit)}.",
        f"The {sentence('net_harm')}: {chance(sides.p_net_harm)}.",
    ]


def chance(p: float | None) -> str:
    """A chance as words where it is small, and nothing where too few women were simulated."""
    if p is None:
        return f"{sentence('cannot_tell')} with so few simulated women"
    return words_of(p) or f"{out_of_100(p)} in 100"


def common_words(result: StudyResult) -> list[str]:
    """What holds for every pathway."""
    steroids = [names for arm in result.arms if (names := arm.care.regimens)]
    births = result.high_among_births
    lo, hi = outward(births)
    harms = next((found for names in steroids if (found := harms_of_treatments(names))), ())
    benefit = "Benefit means one live birth more, or more than one, for every 100 women treated."
    too = (
        f"High readings are also found {sentence('births_high_too')}: in {how_many(births.mean)} of them "
        f"({about(births.mean)} of 100; studies fit {lo} to {hi})."
    )
    return [
        f"{benefit} {weights_sentence()}",
        *harm_sentences(harms),
        too,
        f"Women whom care did not reach and whose life differs all the same: {result.strayed}.",
    ]


def limits(result: StudyResult) -> list[str]:
    """What the study cannot say."""
    ledger, tested = load_ledger(), [arm.care for arm in result.arms if arm.care.test != "none"]
    assumed = dict.fromkeys(
        f"Assumed, since nobody has published it: {days_until_result(care, ledger)} days until a result and "
        f"{wait_days(care)} before each pregnancy under the course; of 100 women who are offered it, "
        f"{out_of_100(p_accepts(care, ledger))} take it."
        for care in tested
    )
    return [*assumed, *LIMITS]


LIMITS = (
    "It holds no costs, and no number for worry, for hope, or for being listened to.",
    "Infections are those of people ill with arthritis on the same doses: an upper bound.",
    "Only losses from six weeks on count as recorded.",
    "Every woman who reaches the number of losses and goes on trying is tested; in life many are not.",
)


def courses(result: StudyResult) -> list[str]:
    """Every regimen of the pathways in words, without its last line, which stands apart."""
    names = dict.fromkeys(name for arm in result.arms for name in arm.care.regimens)
    return [line for name in names for line in render_regimen(name).splitlines()[:-1]]


def number(value: float) -> str:
    """A number of 1,000 women: whole, or with one decimal where it is small."""
    if abs(value) >= FEW or round(abs(value), 1) == 0.0:
        return f"{value:,.0f}".replace("-0", "0")
    return f"{value:.1f}"


def signed(value: float) -> str:
    """A difference with its sign; nothing is 0."""
    shown = number(abs(value))
    return "0" if float(shown.replace(",", "")) == 0.0 else f"{'+' if value > 0 else '−'}{shown}"


def difference(found: Found) -> str:
    """A difference with its interval."""
    value = found.value
    if value.lo == value.hi == 0.0:
        return "0"
    return f"{signed(value.mean)} ({signed(value.lo)} to {signed(value.hi)})"


def level_rows(result: StudyResult) -> list[list[str]]:
    """A row for each measure, a column for each arm."""
    return [
        [words, *(number(arm.with_a_loss[name].value.mean) for arm in result.arms)]
        for name, words in ROWS.items()
    ]


def all_rows(result: StudyResult) -> list[list[str]]:
    """The same of all women who try for a baby."""
    return [[ROWS[name], *(number(arm.all_women[name].value.mean) for arm in result.arms)] for name in IN_ALL]


def arm_heads(result: StudyResult) -> list[str]:
    """Heads of both."""
    return ["", *(short(arm.care.name) for arm in result.arms)]


def compared(result: StudyResult) -> list[Arm]:
    """Every arm but the one compared with."""
    return [arm for arm in result.arms if arm.care.name != result.study.against]


def difference_heads() -> list[str]:
    """Heads of the table of differences."""
    return ["", *(ROWS[name] for name in DIFFERENCES)]


def difference_rows(result: StudyResult) -> list[list[str]]:
    """A row for each arm."""
    return [
        [short(arm.care.name), *(difference(arm.difference[name]) for name in DIFFERENCES)]
        for arm in compared(result)
    ]


def mechanism_heads(result: StudyResult) -> list[str]:
    """Heads of the table by explanation."""
    return ["", *(MECHANISM_HEADS[name] for name in result.arms[0].by_mechanism)]


def mechanism_rows(result: StudyResult) -> list[list[str]]:
    """Live births under each explanation by itself."""
    return [
        [short(arm.care.name), *(difference(one["live_births"]) for one in arm.by_mechanism.values())]
        for arm in compared(result)
    ]


def mechanism_note(result: StudyResult) -> str:
    """What the heads stand for."""
    told = [f"{MECHANISM_HEADS[name]}: {label('mechanism', name)}" for name in result.arms[0].by_mechanism]
    return f"Each column {sentence('contested_mechanism')}. {'; '.join(told)}."


def repeatability_heads(result: StudyResult) -> list[str]:
    """Heads of the table across repeatability."""
    bands = result.arms[0].by_repeatability
    return ["", *(f"{lo:.2f} to {hi:.2f}" for lo, hi, _ in bands)]


def repeatability_rows(result: StudyResult) -> list[list[str]]:
    """Live births in each band."""
    return [
        [short(arm.care.name), *(difference(found["live_births"]) for _, _, found in arm.by_repeatability)]
        for arm in compared(result)
    ]


REPEATABILITY_NOTE = (
    "Correlation of two readings of one woman in different cycles: 0 is chance alone, 1 is the same reading "
    "twice. Nobody has measured it."
)


def sentence_of(result: StudyResult) -> str:
    """The whole study in a few sentences.

    Arguments:  result  as `run_study` gives it
    Returns:    text
    Checked by: tests/unit/tell/test_study_told.py
    """
    lines: Sequence[str] = [arm_words(arm) for arm in compared(result)]
    last = f"{weights_sentence()} {sentence('steroid')} {sentence('not_a_device')}"
    return "\n".join([*opening(result), *lines, last])
