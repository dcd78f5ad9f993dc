"""What waiting for a test costs: further losses counted in lives, and their closed form from the law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from decidua.base.estimates import Estimate
from decidua.inference.evaluation import NEXT_BIRTH, NEXT_LOSS, Evaluation
from decidua.study.story_groups import FloatArray, Lens, estimate, evaluated, losses_history
from decidua.study.waiting_lives import waiting_of

ANEUPLOID = 0


@dataclass(frozen=True)
class Waiting:
    """Waiting from one number of losses to another, per woman.

    losses     expected further losses on the way
    birth      chance that a live birth comes first
    stopped    chance of neither; None in closed form, where every woman becomes pregnant again
    aneuploid  share of those losses with a wrong number of chromosomes, which no immune treatment can prevent
    """

    losses: Estimate
    birth: Estimate
    aneuploid: Estimate
    stopped: Estimate | None = None


def waiting_in_lives(*, age_years: int, instead_of: int, lens: Lens) -> Waiting:
    """The same counted in simulated lives, where women also stop trying or do not conceive again.

    Arguments:  age_years   one of the story's ages; those near to it count
                instead_of  losses in a row at which waiting ends
                lens        whose world
    Returns:    Waiting, per woman
    Checked by: verify/test_care.py (against the closed form)
    """
    return Waiting(**waiting_of(age_years, instead_of, lens.mechanism))


class Chain:
    """Histories of nothing but losses at one age, each worked out once."""

    def __init__(self, *, age_years: float, loss_week: int) -> None:
        self.age_years, self.loss_week = age_years, loss_week
        self._known: dict[int, Evaluation] = {}

    def after(self, losses: int) -> Evaluation:
        """The posterior after so many losses, all at ages before the one now."""
        if losses not in self._known:
            history = losses_history(losses, age_years=self.age_years, loss_week=self.loss_week)
            self._known[losses] = evaluated(history)
        return self._known[losses]


def expected_further_losses_while_waiting(
    chain: Chain, *, tested_after: int, instead_of: int, lens: Lens
) -> Waiting:
    r"""Losses on the way from one number of losses to a larger one, if pregnant again each time.

    $$ E = \sum_{j=n}^{m-1} \prod_{i=n}^{j} p_i $$ with p_i the chance of a loss after i losses.
    Waiting ends with a birth. Assumes that every further pregnancy is at the age now, so that waiting
    itself ages nobody, and that a stillbirth ends the wait too.

    Arguments:  chain         histories of losses at one age
                tested_after  losses after which the test could have been, n
                instead_of    losses after which it was, m > n
                lens          whose world
    Returns:    Waiting, per woman
    Raises:     ValueError when there is nothing to wait for
    Checked by: tests/unit/study/test_story_groups.py (against a simulated chain)
    """
    if not instead_of > tested_after >= 0:
        raise ValueError(f"waiting from {tested_after} to {instead_of} losses is no wait")
    first = chain.after(tested_after)
    reached = np.ones(len(first.prepared))
    losses, born, aneuploid = (np.zeros_like(reached) for _ in range(3))
    for count in range(tested_after, instead_of):
        here = chain.after(count)
        born += reached * here.ahead(NEXT_BIRTH)
        reached = reached * here.ahead(NEXT_LOSS)
        losses += reached
        aneuploid += reached * aneuploid_share_of_last_loss(chain.after(count + 1))
    return Waiting(
        losses=estimate(first, losses, lens),
        birth=estimate(first, born, lens),
        aneuploid=estimate(first, aneuploid / losses, lens),
    )


def aneuploid_share_of_last_loss(evaluation: Evaluation) -> FloatArray:
    """Chance by draw that the last loss of a history had a wrong number of chromosomes."""
    return np.asarray(evaluation.posterior.causes[:, -1, ANEUPLOID])
