"""Studies simulated under one mechanism, of the published sizes or larger, and weighed as if published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from decidua.inference.weights import CLASSES, Weighed
from decidua.inference.weights_evidence import Problem, by_draw, importance, limit_at
from decidua.inference.weights_likelihood import (
    SUN,
    TANG,
    Place,
    Repeat,
    Studies,
    Trial,
    at_place,
    birth_chance,
    chances_untreated,
    in_repeatability,
    middle_level,
    normalised,
    p_read_high,
    place_of,
    sample_of,
    weights_after_failed_transfers,
)
from decidua.inference.weights_samples import (
    MEDIAN_FACTOR,
    Counted,
    Laboratory,
    Outcomes,
    Ranged,
    Sample,
)
from decidua.inference.weights_studies import laboratory_of_mean, laboratory_of_range
from decidua.inference.weights_tables import EVERYONE, SECOND, THIRD, Grid, Selection
from decidua.life.parameters import FloatArray

Random = np.random.Generator
BIRTHS_PER_TRANSFER = 0.4  # level of the simulated trial of transfers; it cancels
MEDIAN_OVER_CUT = (
    0.5,
    1.5,
)  # level of the simulated before-and-after series, which its likelihood leaves free


def a_truth(problem: Problem, rng: Random, *, effect: float | None = None) -> FloatArray:
    """One point of the prior that fits the budget of variance; with a given strength if one is wanted."""
    while True:
        point = problem.stage.points(rng.standard_normal((1, problem.stage.dimensions)))[0]
        if effect is not None and 0 in problem.stage.free:
            point[0] = effect
        if point[0] <= limit_at(problem.mean, problem.grid, point[6:7])[0]:
            return np.asarray(point)


def simulated_studies(s: Selection, grid: Grid, point: FloatArray, like: Studies, rng: Random) -> Studies:
    """Studies of the same sizes as those given, printed by the law at this point.

    Arguments:  s      what losses select under the true mechanism
                grid   of its tables
                point  the truth, shape (8,)
                like   whose sizes, cuts and laboratories are taken
                rng    random numbers
    Returns:    Studies
    Checked by: tests/unit/inference/test_weights_simulate.py
    """
    place = place_of(float(point[0]), float(point[6]), grid)
    third = normalised(np.exp(at_place(s.log_weight[THIRD], place)))
    everyone = normalised(np.exp(at_place(s.log_weight[EVERYONE], place)))
    births = {g: at_place(s.birth[g], place) for g in (SECOND, THIRD, EVERYONE)}
    sample = sample_of(third, point, grid)
    chances = {g: chances_untreated(middle_level(b, grid), grid) for g, b in births.items()}
    plain = point.copy()
    plain[2:4] = 0.0
    trials = _trials(s, grid, place, point, births, third, like, rng)
    return like._replace(
        kuon=_counted(like.kuon, _moved(sample, point, rng), like.kuon_lab, rng),
        kuon_lab=_controls(like.kuon_lab, rng, told="sd"),
        losses=_ranged(like.losses, _moved(sample, point, rng), like.losses_lab, rng, is_mean=True),
        losses_lab=_controls(like.losses_lab, rng, told="mean"),
        outcomes=_outcomes(like.outcomes, sample, chances[THIRD], point, like.losses_lab, rng),
        failed=_failed(s, grid, place, point, like, rng),
        failed_lab=_controls(like.failed_lab, rng, told="median"),
        repeat=_repeat(like, sample, point, rng),
        tang=trials["tang"],
        laskin=trials["laskin"],
        gomaa=trials["gomaa"],
        sun=_transfers(s, grid, place, point, everyone, births[EVERYONE], like, rng),
        cohort=_outcomes(
            like.cohort, sample_of(everyone, plain, grid), chances[EVERYONE], point, like.kuon_lab, rng
        ),
    )


def _scores(sample: Sample, count: int, rng: Random) -> FloatArray:
    weight = sample.weight / sample.weight.sum()
    nodes = rng.choice(weight.size, size=count, p=weight)
    return np.asarray(sample.mean[nodes] + sample.sd * rng.standard_normal(count))


def _moved(sample: Sample, point: FloatArray, rng: Random, extra_sd: float = 0.0) -> Sample:
    """The sample at the level of its own table."""
    shift = float(np.hypot(point[7], extra_sd) * rng.standard_normal())
    return Sample(sample.weight, sample.mean + shift, sample.sd)


def _readings(sample: Sample, count: float, lab: Laboratory, rng: Random) -> FloatArray:
    return np.exp(lab.log_median + lab.log_sd * _scores(sample, round(count), rng))


def _controls(lab: Laboratory, rng: Random, *, told: str) -> Laboratory:
    """The laboratory as so many new controls would show it."""
    factor = MEDIAN_FACTOR if told == "median" else 1.0
    count = round((factor / lab.median_error) ** 2)
    readings = np.exp(lab.log_median + lab.log_sd * rng.standard_normal(count))
    if told == "sd":
        return laboratory_of_mean(float(readings.mean()), float(readings.std(ddof=1)), float(count))
    middle = readings.mean() if told == "mean" else np.median(readings)
    shown = Ranged(float(count), float(readings.min()), float(middle), float(readings.max()))
    return laboratory_of_range(shown, is_mean=told == "mean")


def _counted(like: Counted, sample: Sample, lab: Laboratory, rng: Random) -> Counted:
    y = _readings(sample, like.below + like.between + like.above, lab, rng)
    below, above = float((y < like.low_cut).sum()), float((y > like.high_cut).sum())
    between = float(y.size) - below - above
    return Counted(like.low_cut, like.high_cut, below, between, above, float(y.mean()), float(y.std(ddof=1)))


def _ranged(like: Ranged, sample: Sample, lab: Laboratory, rng: Random, *, is_mean: bool) -> Ranged:
    y = _readings(sample, like.women, lab, rng)
    return Ranged(like.women, float(y.min()), float(y.mean() if is_mean else np.median(y)), float(y.max()))


def _outcomes(
    like: Outcomes, sample: Sample, p_birth: FloatArray, point: FloatArray, lab: Laboratory, rng: Random
) -> Outcomes:
    if like.lost == 0.0:
        return like
    lost = _readings(Sample(sample.weight * (1.0 - p_birth), sample.mean, sample.sd), like.lost, lab, rng)
    born = _readings(Sample(sample.weight * p_birth, sample.mean, sample.sd), like.born, lab, rng)
    off = float(np.exp(point[7] * lab.log_sd * rng.standard_normal()))
    return Outcomes(like.lost, float(lost.mean()), like.born, float(born.mean()) * off)


def _failed(s: Selection, grid: Grid, place: Place, point: FloatArray, like: Studies, rng: Random) -> Ranged:
    weight = _failed_weights(s, place, point, like)
    sample = _moved(sample_of(weight, point, grid), point, rng, like.constants.failed_level_sd)
    return _ranged(like.failed, sample, like.failed_lab, rng, is_mean=False)


def _failed_weights(s: Selection, place: Place, point: FloatArray, like: Studies) -> FloatArray:
    everyone = normalised(np.exp(at_place(s.log_weight[EVERYONE], place)))
    usual = in_repeatability(s.implantation[0], place)
    return weights_after_failed_transfers(everyone, usual, float(point[1]), like.constants)


def _repeat(like: Studies, sample: Sample, point: FloatArray, rng: Random) -> Repeat:
    """Women read twice; those with a first reading above the cut are treated in between."""
    table, log_sd = like.repeat, like.constants.repeat_log_sd
    weight = sample.weight / sample.weight.sum()
    level = np.log(table.cut) + log_sd * rng.uniform(*MEDIAN_OVER_CUT) - log_sd * float(weight @ sample.mean)
    before: list[float] = []
    after: list[float] = []
    off = point[7] * rng.standard_normal()
    while len(before) < table.women:
        lasting = sample.mean[rng.choice(weight.size, p=weight)]
        first, second = level + log_sd * (lasting + sample.sd * rng.standard_normal(2))
        if first > np.log(table.cut):
            before.append(float(first))
            after.append(float(second + point[4] + off))
    return replace_medians(table, before, after)


def replace_medians(table: Repeat, before: list[float], after: list[float]) -> Repeat:
    """The series with these log readings."""
    return table._replace(before=float(np.exp(np.median(before))), after=float(np.exp(np.median(after))))


def _arm(births: FloatArray, weight: FloatArray, ratio: FloatArray, level: float, grid: Grid) -> float:
    """Chance of birth in one arm at a level between those of the grid."""
    at = np.interp(level, grid.level, np.arange(grid.level.size))
    low = min(int(at), grid.level.size - 2)
    here = births[low] + (births[low + 1] - births[low]) * (at - low)
    chances = [birth_chance(here[:, d], float(ratio[d]), grid) for d in range(weight.size)]
    return float(weight @ np.array(chances))


def _trial(
    like: Trial,
    births: FloatArray,
    weight: FloatArray,
    ratio: FloatArray,
    level: float,
    grid: Grid,
    rng: Random,
) -> Trial:
    control = _arm(births, weight, np.zeros(weight.size), level, grid)
    treated = _arm(births, weight, ratio, level, grid)
    return Trial(
        like.treated,
        float(rng.binomial(round(like.treated), treated)),
        like.control,
        float(rng.binomial(round(like.control), control)),
    )


def _trials(
    s: Selection,
    grid: Grid,
    place: Place,
    point: FloatArray,
    births: Mapping[int, FloatArray],
    third: FloatArray,
    like: Studies,
    rng: Random,
) -> dict[str, Trial]:
    """The trials in women with losses, each at a level of its own."""
    c, dose = like.constants, point[4] / like.constants.log_steroid
    high = normalised(third * p_read_high(sample_of(third, point, grid), c.cut_score))
    second = normalised(np.exp(at_place(s.log_weight[SECOND], place)))
    out = {}
    for name, group, weight, extra in (
        ("tang", THIRD, high, 0.0),
        ("laskin", SECOND, second, c.aspirin_sd),
        ("gomaa", THIRD, third, 0.0),
    ):
        ratio = point[5] + dose * at_place(s.regimen[TANG, group], place)
        ratio = ratio + float(np.hypot(point[7], extra) * rng.standard_normal())
        level = float(c.trial_level_sd * rng.standard_normal())
        out[name] = _trial(getattr(like, name), births[group], weight, ratio, level, grid, rng)
    return out


def _transfers(
    s: Selection,
    grid: Grid,
    place: Place,
    point: FloatArray,
    everyone: FloatArray,
    births: FloatArray,
    like: Studies,
    rng: Random,
) -> Trial:
    dose = point[4] / like.constants.log_steroid
    weight = _failed_weights(s, place, point, like)
    usual = in_repeatability(s.implantation[0], place)
    treated = usual + dose * (in_repeatability(s.implantation[1 + SUN], place) - usual)
    ratio = point[5] + dose * at_place(s.regimen[SUN, EVERYONE], place) + point[7] * rng.standard_normal()
    here = middle_level(births, grid)
    plain = np.array([birth_chance(here[:, d], 0.0, grid) for d in range(everyone.size)])
    with_it = np.array([birth_chance(here[:, d], float(ratio[d]), grid) for d in range(everyone.size)])
    gain = (weight @ (np.exp(point[1] * treated) * with_it)) / (weight @ (np.exp(point[1] * usual) * plain))
    p = min(BIRTHS_PER_TRANSFER * float(gain), 0.95)
    trial = like.sun
    return Trial(
        trial.treated,
        float(max(rng.binomial(round(trial.treated), p), 1)),
        trial.control,
        float(max(rng.binomial(round(trial.control), BIRTHS_PER_TRANSFER), 1)),
    )


def reweighed(problems: Mapping[str, Problem], studies: Studies, *, seed: int, size: int) -> Weighed:
    """Weigh simulated studies under the mean of the tables."""
    evidence = {}
    for name, problem in problems.items():
        one = replace(problem, studies=studies, by_draw=(problem.mean,))
        run = importance(one, seed=seed, size=size)
        _, each = by_draw(one, run, points=min(size, 300), seed=seed)
        evidence[name] = run.log_evidence + np.log(np.maximum(each.ratio, 1e-300))
    return Weighed(evidence)


def confusion(
    problems: Mapping[str, Problem],
    like: Studies,
    *,
    truths: Mapping[str, str],
    sets: int,
    seed: int,
    size: int,
    effect: float | None = None,
) -> dict[str, dict[str, Any]]:
    """Simulate and weigh: how often each class comes first, and its mean weight, by the true class.

    Arguments:  problems  every mechanism, with the tables that count
                like      sizes of the studies
                truths    class to the mechanism that stands for it
                sets      simulated sets of studies under each class
                seed      of everything
                size      points of the importance sampling
                effect    the true strength, or None to draw it from the prior
    Returns:    true class to {"first": class to share of sets, "weight": class to mean weight}
    """
    out = {}
    for number, (true_class, mechanism) in enumerate(truths.items()):
        rng = np.random.default_rng([seed, number])
        first, weight = dict.fromkeys(CLASSES, 0.0), dict.fromkeys(CLASSES, 0.0)
        for turn in range(sets):
            problem = problems[mechanism]
            point = a_truth(problem, rng, effect=effect)
            studies = simulated_studies(problem.mean, problem.grid, point, like, rng)
            found = reweighed(problems, studies, seed=turn, size=size)
            first[found.order[0]] += 1.0 / sets
            for name, value in found.weights.items():
                weight[name] += value / sets
        out[true_class] = {"first": first, "weight": weight}
    return out
