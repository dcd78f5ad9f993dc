r"""From counts to predictions: the value over all draws, and how much it differs from draw to draw.

A statistic f of all counts X is followed to first order in what each draw adds:

$$ u_d = \nabla f \cdot (x_d / w_d - X) $$

with w_d the share of women of draw d. Chance in the simulation is taken out twice: only what is linear in the
parameters of the draws is kept, fitted for the even and the odd women of each draw alone, and the spread over
draws is the product of the two fits, which share the parameters and no woman.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from decidua.evidence.draws import Draws
from decidua.life.parameters import FloatArray
from decidua.life.ways import IntArray
from decidua.study.validation_lives_counts import Counts
from decidua.study.validation_lives_statistics import Cells, Statistic
from decidua.study.validation_rows import Predictions
from decidua.study.validation_rule import from_scale, on_scale

STEP = 1e-5  # of a count
NO_SPREAD = 1e-12  # a parameter that is the same in every draw


def predictions_of(
    statistics: Sequence[Statistic],
    counts: Counts,
    *,
    world_of: Callable[[str], str],
    structure: str,
    weight: FloatArray,
    parameters: FloatArray,
) -> Predictions:
    """Every statistic over draws.

    Arguments:  statistics  what is asked
                counts      by table
                world_of    from a table to its world, whose women are counted under `women.WORLD`
                structure   whose draws
                weight      of each draw
                parameters  of each draw, from `parameters_of_draws`
    Returns:    Predictions
    Checked by: tests/unit/study/test_validation_lives.py
    """
    by_name = {}
    for one in statistics:
        parts = [(counts[table], counts[f"women.{world_of(table)}"]) for table in one.tables]
        by_name[one.name] = over_draws(one, parts, parameters)
    return Predictions(structure, by_name, weight)


def over_draws(
    one: Statistic, parts: Sequence[tuple[IntArray, IntArray]], parameters: FloatArray
) -> FloatArray:
    """One statistic under every draw, shape (draws,)."""
    sizes = [counts.shape[-1] for counts, _ in parts]
    x = np.concatenate([per_woman(*part) for part in parts], axis=-1)  # (halves, draws, all cells)
    weight = np.mean([half_weights(women) for _, women in parts], axis=0)
    pooled = np.concatenate([counts.sum(axis=(1, 2)).reshape(-1) / women[0].sum() for counts, women in parts])

    def value(at: FloatArray) -> float:
        return on_scale(one.value(*cells_from(at, sizes)), one.scale)

    middle, slopes = value(pooled), gradient(value, pooled)
    moved = explained((x - pooled) @ slopes, weight, parameters)
    return np.array([from_scale(middle + u, one.scale) for u in moved])


def per_woman(counts: IntArray, women: IntArray) -> FloatArray:
    """Trials and events for each woman, shape (halves, draws, 2 * cells); zero where nobody lived."""
    lived = women[0, :, :, 0][None, :, :, None]
    rate = np.divide(counts, lived, out=np.zeros(counts.shape), where=lived > 0)
    return np.concatenate([rate[0], rate[1]], axis=-1)


def half_weights(women: IntArray) -> FloatArray:
    """Share of women of each draw; none where one of its halves is empty."""
    lived = women[0, :, :, 0]
    share = np.where((lived > 0).all(axis=0), lived.sum(axis=0), 0.0)
    return np.asarray(share / share.sum())


def cells_from(x: FloatArray, sizes: Sequence[int]) -> list[Cells]:
    """Cells of each table out of one row of numbers."""
    out, place = [], 0
    for size in sizes:
        out.append(Cells(x[place : place + size], x[place + size : place + 2 * size]))
        place += 2 * size
    return out


def gradient(value: Callable[[FloatArray], float], at: FloatArray) -> FloatArray:
    """Slopes of a statistic by its cells; cells that nobody reached have none."""
    out = np.zeros(at.size)
    for k in np.flatnonzero(at):
        step = STEP * at[k]
        up, down = at.copy(), at.copy()
        up[k], down[k] = at[k] + step, at[k] - step
        out[k] = (value(up) - value(down)) / (2.0 * step)
    return out


def parameters_of_draws(draws: Draws) -> FloatArray:
    """What differs between draws: parameters over their spread, and mechanism, shape (draws, columns)."""
    names = np.array(draws.mechanism)
    is_one = [(names == name).astype(np.float64) for name in dict.fromkeys(draws.mechanism)]
    columns = np.column_stack([*draws.columns.values(), *is_one[1:]])
    spread = columns.std(axis=0)
    return np.asarray((columns - columns.mean(axis=0))[:, spread > NO_SPREAD] / spread[spread > NO_SPREAD])


def explained(halves: FloatArray, weight: FloatArray, parameters: FloatArray) -> FloatArray:
    """What the parameters of a draw explain of its deviation, without what chance adds, shape (draws,).

    Arguments:  halves      deviations seen in each half of the women, shape (2, draws)
                weight      of each draw, sums to 1
                parameters  shape (draws, columns)
    """
    root = np.sqrt(weight)
    features = np.column_stack([np.ones(weight.size), parameters])
    found = np.linalg.lstsq(features * root[:, None], (halves * root).T, rcond=None)[0]
    one, other = (features[:, 1:] @ found[1:]).T
    one, other = one - weight @ one, other - weight @ other
    between, both = float(weight @ (one * other)), (one + other) / 2.0
    total = float(weight @ both**2)
    if between <= 0.0 or total <= 0.0:
        return np.zeros(both.size)
    return np.asarray(both * (between / total) ** 0.5)
