"""What a study of pathways found, in plain words and whole numbers: of 1,000 women, and how sure that is."""

from __future__ import annotations

from decidua.base.estimates import Estimate
from decidua.care.following import days_until_result, p_accepts, wait_days
from decidua.evidence import load_ledger
from decidua.inference.harms import harms_of_treatments
from decidua.study.comparison import MONTHS, Arm, Benefit, Found, StudyResult
from decidua.tell.harm_lines import harm_sentences
from decidua.tell.whole_numbers import about, how_many, out_of_100, outward, words_of
from decidua.tell.words import label, sentence
from decidua.womb import render_regimen
from decidua.womb.mechanisms import assumes_contested_mechanism

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
SIDES_TITLE = "Live births of each 100 women treated, and how sure that is"
SIDE_HEADS = (
    "pathway",
    "more or fewer",
    "chance of no benefit",
    "chance of net harm",
    "share that rests on prior alone",
)
SIDES_NOTE = (
    "Benefit means one live birth more, or more than one, for every 100 women treated; net harm one fewer, "
    "or worse. The share is of 100 parts that carry the effect. Where it says that we cannot tell, too few "
    "women were simulated."
)
NONE_SEEN = "none seen"
NOBODY_WAITED = "if nobody waited"
MECHANISM_TITLE = "Live births, more or fewer, under each explanation by itself"
REPEATABILITY_TITLE = "Live births, more or fewer, by how well a second reading repeats the first"


def short(care_name: str) -> str:
    """A pathway in a few words for the head of a column."""
    return care_name.replace("_", " ")


def opening(result: StudyResult) -> list[str]:
    """Who was asked, and what is assumed of them all."""
    mechanism = result.study.file.mechanism
    asked = (
        f"{result.women:,} simulated women live once in every arm; "
        f"{round(1000 * result.share_with_a_loss)} of 1,000 ever have a recorded loss. Care begins after "
        "a loss, so these are the same women in every arm. All later pregnancies count, "
        f"{sentence('if_pregnant_again')}."
    )
    return [asked, *(one_explanation(mechanism) if mechanism else ()), sentence("natural_killer")]


def one_explanation(mechanism: str) -> tuple[str, ...]:
    """What a study of one explanation alone says of itself."""
    told = f"Explanation used: {label('mechanism', mechanism)}."
    is_contested = assumes_contested_mechanism(mechanism)
    return (f"{told} This {sentence('contested_mechanism')}.",) if is_contested else (told,)


def pathways(result: StudyResult) -> list[str]:
    """A paragraph for each pathway that does anything."""
    return [arm_words(arm) for arm in result.arms if arm.care.regimens or arm.care.test != "none"]


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
    """A chance in a sentence, which says why it cannot be told."""
    return in_words(p) if p is not None else f"{in_words(p)} with so few simulated women"


def in_words(p: float | None) -> str:
    """A chance, as words where it is small; None where too few women were simulated."""
    if p is None:
        return sentence("cannot_tell")
    return words_of(p) or f"{out_of_100(p)} in 100"


def how_to_read() -> str:
    """What stands behind a middle value."""
    return (
        "Numbers behind a middle value are the middle 95 of 100 draws of what is not known, with what the "
        f"number of simulated women leaves open. “{NONE_SEEN.capitalize()}” means that no simulated woman "
        "differed; among more women some might."
    )


def readings(result: StudyResult) -> list[str]:
    """High readings among women with births, and that nobody else was touched."""
    births = result.high_among_births
    lo, hi = outward(births)
    return [
        (
            f"High readings are also found {sentence('births_high_too')}: in {how_many(births.mean)} of them "
            f"({about(births.mean)} of 100; studies fit {lo} to {hi})."
        ),
        f"Women whom care did not reach and whose life differs all the same: {result.strayed}.",
    ]


def harms(result: StudyResult) -> tuple[str, ...]:
    """What may come with a steroid course, for the first pathway that may lead to one."""
    courses = (harms_of_treatments(arm.care.regimens) for arm in result.arms if arm.care.regimens)
    return harm_sentences(next((found for found in courses if found), ()))


def assumed(result: StudyResult) -> list[str]:
    """Delays and acceptance that nobody has published."""
    ledger, tested = load_ledger(), [arm.care for arm in result.arms if arm.care.test != "none"]
    return list(
        dict.fromkeys(
            f"Assumed, since nobody has published it: {days_until_result(care, ledger)} days until a result "
            f"and {wait_days(care)} before each pregnancy under the course; of 100 women who are offered it, "
            f"{out_of_100(p_accepts(care, ledger))} take it."
            for care in tested
        )
    )


LIMITS = (
    "No trial has compared these pathways: the study puts published parts together.",
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
    return with_range(found.value)


def with_range(value: Estimate) -> str:
    """A middle value and its range, signed; where no simulated woman differed there is none to give."""
    if value.lo == value.hi == 0.0:
        return NONE_SEEN
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
    return ["outcome", *(short(arm.care.name) for arm in result.arms)]


def compared(result: StudyResult) -> list[Arm]:
    """Every arm but the one compared with."""
    return [arm for arm in result.arms if arm.care.name != result.study.against]


def difference_title(result: StudyResult) -> str:
    """Of whom, and against what."""
    return f"More or fewer than with {short(result.study.against)}, of 1,000 women with a recorded loss"


def side_rows(result: StudyResult) -> list[list[str]]:
    """All sides of the benefit of each pathway that treats, also as if nobody had to wait."""
    rows = []
    for arm in compared(result):
        name = short(arm.care.name)
        rows += _side_row(name, arm.benefit)
        if arm.care.test != "none":
            rows += _side_row(f"{name}, {NOBODY_WAITED}", arm.benefit_without_waiting)
    return rows


def _side_row(name: str, benefit: Benefit | None) -> list[list[str]]:
    if benefit is None:
        return []
    births = with_range(benefit.births_per_100)
    chances = [in_words(p) for p in (benefit.p_no_benefit, benefit.p_net_harm)]
    return [[name, births, *chances, str(out_of_100(benefit.prior_share))]]


def difference_heads() -> list[str]:
    """Heads of the table of differences."""
    return ["pathway", *(ROWS[name] for name in DIFFERENCES)]


def difference_rows(result: StudyResult) -> list[list[str]]:
    """A row for each arm."""
    return [
        [short(arm.care.name), *(difference(arm.difference[name]) for name in DIFFERENCES)]
        for arm in compared(result)
    ]


def mechanism_heads(result: StudyResult) -> list[str]:
    """Heads of the table by explanation."""
    return ["pathway", *(MECHANISM_HEADS[name] for name in result.arms[0].by_mechanism)]


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
    return ["pathway", *(f"{lo:.2f} to {hi:.2f}" for lo, hi, _ in bands)]


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
