"""The same women in every arm: whoever care does not reach lives once, and counts stay whole numbers.

Care begins after a recorded loss, so a woman who never has as many losses as a pathway asks for has the life
that she has without care. Only the others live again in that arm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decidua.life import lived as of
from decidua.life.pathway import NO_CARE, Pathway
from decidua.life.ways import IntArray
from decidua.life.woman import by_draw
from decidua.study.kept_run import Chunk, Progress, add_up
from decidua.study.population_chunks import live_shortly
from decidua.study.population_world import DAYS_IN_MONTH, World

MEASURES = (
    "live_births",
    "women_with_a_live_birth",
    "recognised_losses",
    "euploid_losses",
    "very_early_losses",
    "stillbirths",
    "preterm_births",
    "infections_added_at_most",
    "days_from_first_loss_to_birth",
    "women_tested",
    "women_flagged",
    "women_flagged_not_high",
    "women_treated",
    "women_treated_same_outcome",
    "treated_pregnancies",
    "women_with_another_life",
)
COUNTED = {
    "live_births": of.BIRTHS,
    "recognised_losses": of.LOSSES,
    "euploid_losses": of.EUPLOID,
    "very_early_losses": of.VERY_EARLY,
    "stillbirths": of.STILLS,
    "preterm_births": of.PRETERM,
    "infections_added_at_most": of.INFECTIONS,
    "women_tested": of.TESTED,
    "women_flagged": of.FLAGGED,
    "women_flagged_not_high": of.NOT_HIGH,
    "women_treated": of.TREATED,
    "treated_pregnancies": of.COURSES,
}
WAIT = "days_from_first_loss_to_birth"
CHUNK_WOMEN = 16_384  # fewer than of plain lives: each has every arm, and progress is told after each
OUTCOME = (of.BIRTHS, of.LOSSES, of.STILLS)  # what makes a life's outcome another


@dataclass(frozen=True)
class Accounts:
    """Sums over women by draw; the first axis of `reached` and `moved` is the arm, then the measure.

    women          all of them, shape (draws,)
    with_a_loss    those who ever have a recorded loss, the same in every arm
    others         sums and sums of squares over women without a loss, shape (2, MEASURES, draws)
    reached        the same over women with a loss, shape (arms, 2, MEASURES, draws)
    moved          the same of each woman's difference to the arm compared with
    strayed        women whom care did not reach and whose life differs all the same: none, ever
    """

    women: IntArray
    with_a_loss: IntArray
    others: IntArray
    reached: IntArray
    moved: IntArray
    strayed: IntArray


def empty_accounts(*, arms: int, draws: int) -> Accounts:
    """Nothing added up yet."""

    def room(*shape: int) -> IntArray:
        return np.zeros((*shape, draws), dtype=np.int64)

    each = (2, len(MEASURES))
    return Accounts(room(), room(), room(*each), room(arms, *each), room(arms, *each), room())


@dataclass(frozen=True)
class Arms:
    """What a run of a study is given."""

    world: World
    pathways: Mapping[str, Pathway]
    against: str
    wait_counted_days: int

    @property
    def place(self) -> int:
        """Of the arm compared with."""
        return list(self.pathways).index(self.against)


def run_arms(
    arms: Arms, *, women: int, seed: int, jobs: int, progress: Progress, folder: Path | None = None
) -> Accounts:
    """Let all women live in all arms.

    Arguments:  arms      world and pathways
                women     how many, in every arm
                seed      of their lives
                jobs      threads; any number gives the same accounts
                progress  called with women done and women wanted
                folder    where the sums are kept as it goes, and gone on from; nothing is kept if None
    Returns:    Accounts
    Checked by: tests/unit/study/test_comparison.py, tests/unit/study/test_study_run.py, verify/test_care.py
    """

    def work(_: int, chunk: Chunk) -> Mapping[str, IntArray]:
        return vars(accounts_of(arms, seed, *chunk))

    nothing = vars(empty_accounts(arms=len(arms.pathways), draws=len(arms.world.mechanism)))
    chunks = list(pairwise([*range(0, women, CHUNK_WOMEN), women]))
    return Accounts(**add_up(work, chunks, nothing, folder=folder, jobs=jobs, progress=progress))


def accounts_of(arms: Arms, seed: int, first: int, last: int) -> Accounts:
    """One chunk of women in every arm."""
    world, out = arms.world, empty_accounts(arms=len(arms.pathways), draws=len(arms.world.mechanism))
    women, edges = by_draw(seed, first, last, world.draws)
    draw = np.empty(last - first, dtype=np.int64)
    draw[women - first] = np.repeat(np.arange(edges.size - 1), np.diff(edges))
    chunk = ChunkOfWomen(world, seed, first, last, women, draw)
    without = chunk.live(NO_CARE, np.ones(last - first, dtype=bool))
    has_loss = without[:, of.LOSSES] > 0
    out.women[...], out.with_a_loss[...] = (
        chunk.count(~has_loss) + chunk.count(has_loss),
        chunk.count(has_loss),
    )
    out.others[...] = chunk.sums(measures(without, without, arms.wait_counted_days), ~has_loss)
    found = []
    for pathway in arms.pathways.values():
        lived = without.copy()
        again = may_be_reached(without, pathway)
        lived[again] = chunk.live(pathway, again)[again]
        out.strayed[...] += chunk.count(strayed(lived, without))
        found.append(measures(lived, without, arms.wait_counted_days))
    for arm, values in enumerate(found):
        out.reached[arm] = chunk.sums(values, has_loss)
        out.moved[arm] = chunk.sums(values - found[arms.place], has_loss)
    return out


@dataclass(frozen=True)
class ChunkOfWomen:
    """Some women with their draws."""

    world: World
    seed: int
    first: int
    last: int
    women: IntArray  # by draw
    draw: IntArray  # of each woman, in order of their numbers

    def live(self, pathway: Pathway, which: NDArray[np.bool_]) -> IntArray:
        """Short rows of those among them who live."""
        women = self.women[which[self.women - self.first]]
        counts = np.bincount(self.draw[which], minlength=len(self.world.mechanism))
        edges = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        return live_shortly(
            self.world, women, edges, seed=self.seed, first=self.first, last=self.last, pathway=pathway
        )

    def count(self, which: NDArray[np.bool_]) -> IntArray:
        """How many there are under each draw."""
        return np.bincount(self.draw[which], minlength=len(self.world.mechanism)).astype(np.int64)

    def sums(self, values: IntArray, which: NDArray[np.bool_]) -> IntArray:
        """Sums and sums of squares by draw, shape (2, MEASURES, draws); whole numbers, so exact."""
        draw, draws = self.draw[which], len(self.world.mechanism)
        out = np.zeros((2, len(values), draws), dtype=np.int64)
        for m, each in enumerate(values[:, which]):
            if each.any():
                out[0, m] = np.bincount(draw, weights=each, minlength=draws)
                out[1, m] = np.bincount(draw, weights=each * each, minlength=draws)
        return out


def may_be_reached(without: IntArray, pathway: Pathway) -> NDArray[np.bool_]:
    """Who has as many losses without care as the pathway asks for; until then care changes nothing."""
    asked = [n for n in (pathway.after_losses, pathway.to_all_after_losses) if n > 0]
    if not asked:
        return np.zeros(len(without), dtype=bool)
    losses = without[:, of.LONGEST_RUN if pathway.in_a_row else of.LOSSES]
    return np.asarray(losses >= min(asked))


def strayed(lived: IntArray, without: IntArray) -> NDArray[np.bool_]:
    """Whose life differs from that without care though care neither tested nor treated her."""
    untouched = (lived[:, of.TESTED] == 0) & (lived[:, of.TREATED] == 0)
    return np.asarray(untouched & (lived != without).any(axis=1))


def measures(lived: IntArray, without: IntArray, wait_counted_days: int) -> IntArray:
    """Every measure of every woman, shape (MEASURES, women)."""
    has_birth = lived[:, of.BIRTHS] > 0
    same = (lived[:, OUTCOME] == without[:, OUTCOME]).all(axis=1)
    made = {
        "women_with_a_live_birth": has_birth,
        WAIT: waits(lived, wait_counted_days),
        "women_treated_same_outcome": same & (lived[:, of.TREATED] > 0),
        "women_with_another_life": lived[:, of.TRACE] != without[:, of.TRACE],
    }
    rows = [made[name] if name in made else lived[:, COUNTED[name]] for name in MEASURES]
    return np.stack(rows).astype(np.int64)


def waits(lived: IntArray, counted_days: int) -> IntArray:
    """Days from a first loss to the next live birth; the limit stands for longer, and for none."""
    first, birth = lived[:, of.FIRST_LOSS_DAY], lived[:, of.NEXT_BIRTH_DAY]
    wait = np.where(birth == of.NOT_YET, counted_days, np.minimum(birth - first, counted_days))
    return np.asarray(np.where(first == of.NOT_YET, 0, wait))


def counted_days(months: int) -> int:
    """Months in whole days."""
    return int(months * DAYS_IN_MONTH)
