"""Whatever the priors allow: nothing falls below zero, and what must be kept is kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from decidua.evidence import load_ledger
from decidua.womb import MECHANISMS, load_regimen
from decidua.womb.schedule import schedule_of
from decidua.womb.solver import OUTPUTS, Run, density_multiplier, parameters_with, solve

SHARES = (
    "activation",
    "trophoblast",
    "invasion",
    "narrow_arteries",
    "adrenal_drive",
    "thromboxane",
    "plugs_open",
)
REGIMENS = ("none", "prednisolone_tang2013", "progesterone_prism2019", "aspirin_low_dose")
# A tenth of a percent of women lie outside on each side.
OUTERMOST = 1e-3


def at_quantile(prior, q):
    a = prior.parameters
    match prior.distribution:
        case "normal":
            found = a["mean"] + a["sd"] * special.ndtri(q)
        case "lognormal":
            found = a["median"] * np.exp(a["log_sd"] * special.ndtri(q))
        case "beta":
            found = special.betaincinv(a["alpha"], a["beta"], q)
        case "uniform":
            found = a["lo"] + (a["hi"] - a["lo"]) * q
    return float(np.clip(found, a.get("lo", -np.inf), a.get("hi", np.inf)))


def womb_priors():
    ledger = load_ledger()
    entries = {name: ledger[name] for name in ledger if name.startswith("womb.")}
    return {name.removeprefix("womb.").replace(".", "_"): e.prior for name, e in entries.items() if e.prior}


@st.composite
def parameters(draw):
    """A point of the priors' support; every third number sits at an end of its prior."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    ends = [OUTERMOST, 1.0 - OUTERMOST]
    chosen = {
        name: at_quantile(prior, rng.choice(ends) if rng.random() < 1 / 3 else rng.uniform(*ends))
        for name, prior in womb_priors().items()
    }
    return parameters_with(chosen)


def run_of(
    regimen, *, values, mechanism="marker", density=300.0, recognition=0.5, infection_day=70.0, removed=1e9
):
    schedule = schedule_of(
        load_regimen(regimen),
        density_per_mm2=density,
        multiplier=lambda dose: density_multiplier(dose, parameters=values),
    )
    return Run(
        schedule=schedule,
        density_per_mm2=density,
        recognition=recognition,
        mechanism=MECHANISMS.index(mechanism) + 1,
        end_day=280.0,
        infection_day=infection_day,
        corpus_luteum_removed_day=removed,
    )


@settings(max_examples=40, deadline=None)
@given(
    values=parameters(),
    mechanism=st.sampled_from(MECHANISMS),
    regimen=st.sampled_from(REGIMENS),
    density=st.floats(10.0, 2000.0),
    recognition=st.floats(0.0, 1.0),
    removed=st.just(1e9) | st.floats(30.0, 100.0),
)
def test_nothing_falls_below_zero_and_shares_stay_shares(
    values, mechanism, regimen, density, recognition, removed
):
    run = run_of(
        regimen, values=values, mechanism=mechanism, density=density, recognition=recognition, removed=removed
    )
    found = solve(run, parameters=values)
    for name in OUTPUTS:
        assert np.all(np.isfinite(found[name])), name
        assert found[name].min() >= 0.0, name
    for name in SHARES:
        assert found[name].max() <= 1.0 + 1e-6, name
    assert np.all(np.diff(found["narrow_arteries"]) <= 1e-9)
    assert found["uterine_nk"].max() <= found["uterine_nk_untreated"].max() * (1.0 + 1e-6)


@settings(max_examples=20, deadline=None)
@given(values=parameters())
def test_the_drug_is_neither_made_nor_lost(values):
    found = solve(run_of("prednisolone_tang2013", values=values), parameters=values)
    held = sum(found[f"prednisolone_{place}"] for place in ("gut", "body", "eliminated"))
    available = values["prednisolone_availability"] * found["prednisolone_given_mg"]
    assert held == pytest.approx(available, rel=1e-7, abs=1e-9)
    assert found["prednisolone_given_mg"][-1] == pytest.approx(945.0, rel=1e-9)


@settings(max_examples=20, deadline=None)
@given(values=parameters(), density=st.floats(10.0, 2000.0))
def test_untreated_cells_follow_the_published_course(values, density):
    """One percent, since a course that bends over many weeks has already begun to on the first day."""
    found = solve(run_of("none", values=values, density=density), parameters=values)
    assert found["uterine_nk"] == pytest.approx(found["uterine_nk_untreated"], rel=1e-2)


@settings(max_examples=20, deadline=None)
@given(values=parameters())
def test_steroid_lowers_cells_and_the_own_axis_and_never_raises_them(values):
    plain, treated = (
        solve(run_of(regimen, values=values), parameters=values)
        for regimen in ("none", "prednisolone_tang2013")
    )
    assert np.all(treated["uterine_nk"] <= plain["uterine_nk"] * (1.0 + 1e-6))
    assert np.all(treated["adrenal_drive"] <= plain["adrenal_drive"] + 1e-6)
    assert np.all(treated["infection"] >= plain["infection"] * (1.0 - 1e-4) - 1e-9)
