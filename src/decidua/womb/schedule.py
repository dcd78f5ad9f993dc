"""From a regimen to dated changes of dose: protocols are resolved against the woman's true count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from decidua.womb.parameters import CYCLE_DAYS, DAYS_PER_WEEK
from decidua.womb.regimens import Protocol, Regimen

LAST_DAY = 45.0 * DAYS_PER_WEEK
Multiplier = Callable[[float], float]
Span = tuple[str, float, float, float]  # drug, first day, day it is over, mg per day


@dataclass(frozen=True)
class DoseChange:
    """From this day on, this drug is given at this many mg per day."""

    day: float
    drug: str
    mg_per_day: float


@dataclass(frozen=True)
class Schedule:
    """All changes of dose in order of time, and the day the run starts: the first day of a cycle.

    `normalised` is None without a protocol that started; else whether the count came below the cut.
    """

    start_day: float
    changes: tuple[DoseChange, ...]
    normalised: bool | None = None

    def dose_at_start(self, drug: str) -> float:
        """Dose on the first day of the run, mg per day."""
        return self.dose_on(self.start_day, drug=drug)

    def dose_on(self, day: float, *, drug: str) -> float:
        """Dose on a day, mg per day."""
        before = [change.mg_per_day for change in self.changes if change.drug == drug and change.day <= day]
        return before[-1] if before else 0.0


def schedule_of(
    regimen: Regimen,
    *,
    density_per_mm2: float,
    multiplier: Multiplier,
    infection_day: float | None = None,
) -> Schedule:
    """Resolve a regimen for one woman.

    The protocol's retests read her true count exactly, so no part of a fall is regression to the mean here;
    the error of a test belongs to `measure/`.

    Arguments:  regimen          what is given
                density_per_mm2  her true untreated mid-luteal density, cells per mm2
                multiplier       mg per day to density after one cycle on it, as a multiple of untreated
                infection_day    day an infection begins, or None
    Returns:    Schedule
    """
    steps: list[Span] = [(s.drug, s.start_day, s.end_day, s.mg_per_day) for s in regimen.steps]
    normalised = None
    if regimen.protocol and density_per_mm2 > regimen.protocol.start_above_per_mm2:
        doses, normalised = titrated_doses(
            regimen.protocol, density_per_mm2=density_per_mm2, multiplier=multiplier
        )
        steps += _steroid_steps(regimen.protocol, doses)
    if regimen.protocol and infection_day is not None:
        steps = _held(steps, regimen.protocol, infection_day)
    start = min([0.0, *(_cycle_start(first) for _, first, _, _ in steps)])
    if regimen.overlap == "adds":
        steps = _added_up(steps)
    return Schedule(start_day=start, changes=_changes(steps), normalised=normalised)


def titrated_doses(
    protocol: Protocol, *, density_per_mm2: float, multiplier: Multiplier
) -> tuple[list[float], bool]:
    """The daily dose of each cycle until the count is normal or the cycles run out; the last is kept.

    Without waiting to conceive only one cycle comes before pregnancy.
    """
    doses: list[float] = []
    dose = protocol.start_mg_per_day
    for _ in range(protocol.most_cycles if protocol.wait_to_conceive else 1):
        doses.append(dose)
        if density_per_mm2 * multiplier(dose) < protocol.normal_below_per_mm2:
            return doses, True
        dose = min(dose + protocol.raise_by_mg_per_day, protocol.highest_mg_per_day)
    return doses, False


def _steroid_steps(protocol: Protocol, doses: list[float]) -> list[Span]:
    first = -CYCLE_DAYS * len(doses)
    taper_day = protocol.taper_from_gestation_weeks * DAYS_PER_WEEK
    steps: list[Span] = [
        ("prednisolone", first + CYCLE_DAYS * k, first + CYCLE_DAYS * (k + 1), dose)
        for k, dose in enumerate(doses[:-1])
    ]
    steps.append(("prednisolone", -CYCLE_DAYS, taper_day, doses[-1]))
    day = taper_day
    for step in protocol.taper:
        end = day + step.duration_weeks * DAYS_PER_WEEK
        # A taper never raises: whoever was on less than a step of it stays where she was.
        steps.append(("prednisolone", day, end, min(step.dose_mg_per_day, doses[-1])))
        day = end
    return steps


def _held(steps: list[Span], protocol: Protocol, infection_day: float) -> list[Span]:
    """Cut the steroid to the protocol's share for its weeks from the day an infection begins."""
    lo, hi = infection_day, infection_day + protocol.on_infection.weeks * DAYS_PER_WEEK
    kept: list[Span] = []
    for drug, first, end, mg in steps:
        if drug != "prednisolone":
            kept.append((drug, first, end, mg))
            continue
        cuts = [first, *(cut for cut in (lo, hi) if first < cut < end), end]
        for a, b in pairwise(cuts):
            share = protocol.on_infection.dose_share if lo <= a < hi else 1.0
            kept.append((drug, a, b, mg * share))
    return kept


def _added_up(steps: list[Span]) -> list[Span]:
    """Spans of each drug cut at every border, with the sum of what is given in each piece."""
    pieces: list[Span] = []
    for drug in dict.fromkeys(step[0] for step in steps):
        own = [step for step in steps if step[0] == drug]
        borders = sorted({day for _, first, end, _ in own for day in (first, end)})
        for a, b in pairwise(borders):
            given = [mg for _, first, end, mg in own if first <= a < end]
            pieces += [(drug, a, b, sum(given))] if given else []
    return pieces


def _cycle_start(day: float) -> float:
    return CYCLE_DAYS * (day // CYCLE_DAYS) if day < 0.0 else 0.0


def _changes(steps: list[Span]) -> tuple[DoseChange, ...]:
    starts = {(drug, first): mg for drug, first, _, mg in steps}
    ends = {(drug, end): 0.0 for drug, _, end, _ in steps if end < LAST_DAY}
    # Where one step ends as the next begins, the next one counts.
    doses = sorted({**ends, **starts}.items(), key=lambda item: (item[0][1], item[0][0]))
    return tuple(DoseChange(day=day, drug=drug, mg_per_day=mg) for (drug, day), mg in doses)
