"""The walked story in words: each step's claims, texts, verdicts, sources and figures, ready for any page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from decidua.base.estimates import Estimate
from decidua.evidence import Ledger, load_ledger
from decidua.evidence.schema import ClaimPart, Source
from decidua.inference.harms import harms_of_regimen
from decidua.study.story import Story
from decidua.study.story_drugs import DrugEffect, Repeated
from decidua.study.story_script import Step, claims_by_id
from decidua.tell.harm_lines import harm_sentences
from decidua.tell.safety import STEROID
from decidua.tell.story_marks import LENS_WORDS
from decidua.tell.story_text import FORMS, Filler, Piece, Text, plain
from decidua.tell.words import chance_words, in_100, sentence

VERDICTS = {
    "supported": ("●", "supported"),
    "partly_supported": ("◐", "partly supported"),
    "contested": ("◇", "contested"),
    "contradicted": ("✕", "contradicted"),
    "unproven": ("○", "unproven"),
}
DRUG_WORDS = {
    "story_protocol": "The story's course",
    "progesterone_promise2015": "Progesterone",
    "aspirin_low_dose": "Low-dose aspirin",
}
LINKS = (
    ("DOI", "https://doi.org/{}"),
    ("PMID", "https://pubmed.ncbi.nlm.nih.gov/{}/"),
    ("PMCID", "https://pmc.ncbi.nlm.nih.gov/articles/{}/"),
)
OWN_WORLD = {
    "attack": "In the story's own world",
    "perfusion": "In a world where too much blood flows in early",
    "decidual_quality": "In a world where the cells tidy up a worn lining",
}


@dataclass(frozen=True)
class SourceLine:
    """A source by name, with a link where its identifier is known."""

    label: str
    link: str | None


@dataclass(frozen=True)
class ClaimLine:
    """What the story says, the verdict, and why."""

    id: str
    quote: str
    sign: str
    verdict: str
    reason: str


@dataclass(frozen=True)
class ToldStep:
    """One step, whole: what any page shows of it."""

    step: Step
    number: str
    title: Text
    claims: tuple[ClaimLine, ...]
    own_world: tuple[Text, ...]
    evidence: tuple[Text, ...]
    benefit: tuple[Text, ...]
    details: tuple[tuple[str, tuple[Text, ...]], ...]
    age_rows: tuple[tuple[int, int, int], ...]
    drug_rows: tuple[tuple[str, ...], ...]
    sources: tuple[SourceLine, ...]
    names_a_steroid: bool


def tell_steps(story: Story) -> tuple[ToldStep, ...]:
    """Every step and question in words, in the order of the walk."""
    ledger = load_ledger()
    filler = Filler(ledger, story.values)
    numbers = [str(place) for place in range(1, len(story.script.steps) + 1)]
    numbers += [f"({step.id})" for step in story.script.questions]
    pairs = zip(story.script.walk, numbers, strict=True)
    return tuple(_told(story, step, number, filler, ledger) for step, number in pairs)


def _told(story: Story, step: Step, number: str, filler: Filler, ledger: Ledger) -> ToldStep:
    claims = [claims_by_id(ledger)[name] for name in step.claims]
    benefit = tuple(line for regimen in step.benefits for line in _benefit_lines(story, regimen))
    told = ToldStep(
        step=step,
        number=number,
        title=filler.fill(step.title),
        claims=tuple(_claim_line(claim) for claim in claims),
        own_world=tuple(filler.fill(text) for text in step.own_world),
        evidence=tuple(filler.fill(text) for text in step.evidence),
        benefit=benefit,
        details=tuple((one.summary, tuple(filler.fill(text) for text in one.text)) for one in step.details),
        age_rows=_age_rows(story, step),
        drug_rows=tuple(row for regimen in step.benefits for row in _drug_rows(story, regimen)),
        sources=_sources(claims, ledger),
        names_a_steroid=False,
    )
    return _with_warning(told)


def _with_warning(told: ToldStep) -> ToldStep:
    words = [
        *map(plain, (told.title, *told.own_world, *told.evidence, *told.benefit)),
        *(c.quote for c in told.claims),
    ]
    words += [claim.reason for claim in told.claims] + [told.step.command]
    return replace(told, names_a_steroid=STEROID.search(" ".join(words)) is not None)


def _claim_line(claim: ClaimPart) -> ClaimLine:
    sign, words = VERDICTS[claim.verdict]
    return ClaimLine(claim.id, claim.text, sign, words, claim.reason)


def _age_rows(story: Story, step: Step) -> tuple[tuple[int, int, int], ...]:
    """Age, births of 100 with this history, births of 100 without losses."""
    rows = story.ages.get(step.id, ())
    return tuple(
        (round(r.age_years), round(100 * r.births.mean), round(100 * r.no_losses.mean)) for r in rows
    )


def _sources(claims: Iterable[ClaimPart], ledger: Ledger) -> tuple[SourceLine, ...]:
    names = dict.fromkeys(cited.source for claim in claims for cited in claim.sources)
    return tuple(source_line(ledger.sources[name]) for name in names)


def source_line(source: Source) -> SourceLine:
    """A source by who and when, with the link that its identifiers give, if any."""
    found = ((form, getattr(source, mark)) for mark, form in LINKS)
    return SourceLine(
        source.short_label(), next((form.format(value) for form, value in found if value), None)
    )


def chance_piece(p: float, origin: str) -> Piece:
    """A chance in words when it is below 30 in 100, else in numbers."""
    words = chance_words(p)
    return Piece(words) if words else Piece(in_100(p), origin)


def _benefit_lines(story: Story, regimen: str) -> tuple[Text, ...]:
    """What stands beside an averaged benefit: none, harm, what is assumed, and how well the test repeats."""
    effect: DrugEffect = story.drugs[regimen, "avg"]
    stem = f"run:avg.drug.{regimen}"
    first: tuple[Piece, ...] = (
        Piece(f"{DRUG_WORDS[regimen]}. The {sentence('no_benefit')}: "),
        chance_piece(effect.p_no_benefit, f"{stem}.p_no_benefit"),
        Piece(f". The {sentence('net_harm')}, so fewer births: "),
        chance_piece(effect.p_net_harm, f"{stem}.p_net_harm"),
        Piece(f". The {sentence('prior_alone')}: "),
        Piece(f"{round(100 * effect.prior_share)} in 100", f"{stem}.prior_share"),
        Piece(" of the numbers behind it."),
    )
    if effect.prior_share > 0.0:
        first += (Piece(" These are starting guesses that no study has moved."),)
    harms = tuple((Piece(said),) for said in harm_sentences(harms_of_regimen(regimen)))
    return (first, *harms, _across_repeatability(story.repeated[regimen, "avg"], stem))


def _across_repeatability(bands: Sequence[Repeated], stem: str) -> Text:
    """The gain where two tests of one woman agree badly, fairly and well; once where it is the same."""
    unmeasured = Piece("How well two tests of one woman agree has never been measured. ")
    gains = [_gain(band.effect.gain) for band in bands]
    if len(set(gains)) == 1:
        same = Piece("However well they agree, of 100 such women, ")
        return (unmeasured, same, Piece(gains[0], f"{stem}.repeatability"), Piece("."))
    span = f"({bands[0].repeatability_lo:.1f} to {bands[-1].repeatability_hi:.1f})"
    told: list[Piece] = [unmeasured, Piece("From badly to well "), Piece(span, stem), Piece(": ")]
    for place, gain in enumerate(gains):
        told += [Piece("; " if place else ""), Piece(gain, f"{stem}.repeatability")]
    return (*told, Piece("."))


def _drug_rows(story: Story, regimen: str) -> tuple[tuple[str, ...], ...]:
    """A drug in both worlds across repeatability, as rows of a table."""
    return tuple(
        (
            DRUG_WORDS[regimen],
            LENS_WORDS[lens],
            f"{band.repeatability_lo:.1f} to {band.repeatability_hi:.1f}",
            f"{round(100 * band.effect.gain.mean)}",
            f"{math.floor(100 * band.effect.gain.lo)} to {math.ceil(100 * band.effect.gain.hi)}",
            f"{round(100 * band.effect.p_no_benefit)}",
            f"{round(100 * band.effect.p_net_harm)}",
        )
        for lens in LENS_WORDS
        for band in story.repeated[regimen, lens]
    )


def _gain(gain: Estimate) -> str:
    return FORMS["more"](gain.mean).removesuffix(" than without it").removesuffix(" as without it")
