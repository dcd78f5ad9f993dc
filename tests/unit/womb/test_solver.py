"""The solver: positivity, threads, refusals, and a failure that names what failed."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decidua.base.errors import InputError
from decidua.womb import MECHANISMS, REGIMENS, SolverError, simulate_pregnancy
from decidua.womb.parameters import ledger_values
from decidua.womb.schedule import Schedule
from decidua.womb.solver import OUTPUTS, STATES, Run, antimony_text, model_parameters, model_parts, solve

RUN = Run(schedule=Schedule(0.0, ()), density_per_mm2=133.0, recognition=0.5, mechanism=1, end_day=280.0)


def test_the_core_has_twelve_states():
    assert len(STATES) == 12
    assert all(f"{name}' = " in model_parts() for name in STATES)
    assert model_parts().count("' = ") == 12


def test_every_ledger_entry_of_the_womb_is_used():
    """Each number reaches the model as it is, through one that follows from it, or sets the table's axes."""
    text = antimony_text(RUN.schedule, parameters=model_parameters())
    directly = {name for name in ledger_values() if f"\n{name} = " in text}
    from pathlib import Path

    import decidua.womb

    code = "".join(path.read_text() for path in Path(decidua.womb.__file__).parent.glob("*.py"))
    through_code = {name for name in ledger_values() if name in code or name.startswith("recognition_")}
    assert set(ledger_values()) <= directly | through_code


def test_no_biological_number_stands_in_the_model():
    """Only 0, 1, 2, 0.5 as structure, codes of the switch, and units."""
    import re

    lines = [line.split("#")[0] for line in model_parts().splitlines() if not line.startswith("unit ")]
    found = {number for line in lines for number in re.findall(r"(?<![a-z_0-9])\d+\.?\d*(?![a-z_0-9])", line)}
    assert found <= {"0", "1", "2", "3", "4", "0.5"}


@settings(max_examples=20, deadline=None)
@given(
    mechanism=st.sampled_from(MECHANISMS),
    regimen=st.sampled_from(REGIMENS),
    density=st.floats(1.0, 5000.0),
    recognition=st.floats(0.0, 1.0),
    infection=st.none() | st.floats(3.0, 30.0),
    removed=st.none() | st.floats(3.0, 30.0),
)
def test_nothing_falls_below_zero(mechanism, regimen, density, recognition, infection, removed):
    course = simulate_pregnancy(
        mechanism,
        density_per_mm2=density,
        recognition=recognition,
        regimen=regimen,
        infection_week=infection,
        corpus_luteum_removed_week=removed,
    )
    for name in OUTPUTS:
        assert np.all(np.isfinite(course.variables[name])), name
        assert course.variables[name].min() >= 0.0, name
    for share in ("activation", "trophoblast", "narrow_arteries", "plugs_open", "perfusion"):
        assert course.variables[share].max() <= 1.0 + 1e-6, share


def test_two_threads_give_what_one_gives():
    densities = [60.0, 133.0, 300.0, 600.0] * 2
    alone = [simulate_pregnancy("attack", density_per_mm2=d).variables["loss_signal"] for d in densities]
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(simulate_pregnancy, "attack", density_per_mm2=d) for d in densities]
        together = [future.result().variables["loss_signal"] for future in futures]
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_runs_leave_no_trace_in_the_next_one():
    first = simulate_pregnancy("attack", density_per_mm2=300.0, regimen="prednisolone_tang2013")
    simulate_pregnancy(
        "attack",
        density_per_mm2=50.0,
        regimen="prednisolone_tang2013",
        infection_week=7.0,
        corpus_luteum_removed_week=6.0,
    )
    again = simulate_pregnancy("attack", density_per_mm2=300.0, regimen="prednisolone_tang2013")
    assert all(np.array_equal(first.variables[name], again.variables[name]) for name in OUTPUTS)


@pytest.mark.parametrize("wrong", [float("nan"), 1e200])
def test_a_failed_solve_names_parameters_and_is_silent(wrong, capfd):
    with pytest.raises(SolverError, match=r"density_per_mm2=133.*trophoblast_growth_per_day="):
        solve(RUN, parameters={**model_parameters(), "trophoblast_growth_per_day": wrong})
    assert capfd.readouterr().err == ""
    assert np.all(np.isfinite(solve(RUN)["trophoblast"]))


def test_a_parameter_that_is_missing_is_named():
    rest = {name: value for name, value in model_parameters().items() if name != "unk_turnover_per_day"}
    with pytest.raises(SolverError, match="unk_turnover_per_day"):
        solve(RUN, parameters=rest)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("density_per_mm2", 0.0),
        ("density_per_mm2", float("nan")),
        ("density_per_mm2", -5.0),
        ("recognition", 1.5),
        ("end_week", 61.0),
        ("infection_week", -1.0),
        ("rtol", 0.0),
    ],
)
def test_inputs_outside_their_range_are_refused(field, value):
    with pytest.raises(InputError, match=field):
        simulate_pregnancy("attack", **{"density_per_mm2": 133.0, field: value})


def test_an_unknown_mechanism_is_refused():
    with pytest.raises(InputError, match="attack, perfusion"):
        simulate_pregnancy("magic", density_per_mm2=133.0)


def test_looser_tolerance_gives_the_same_curves():
    tight, loose = (
        simulate_pregnancy(
            "attack", density_per_mm2=300.0, regimen="prednisolone_tang2013", rtol=rtol, atol=atol
        )
        for rtol, atol in ((1e-9, 1e-12), (1e-6, 1e-9))
    )
    for name in STATES:
        span = max(float(np.ptp(tight.variables[name])), 1e-12)
        assert np.max(np.abs(tight.variables[name] - loose.variables[name])) < 1e-3 * span, name
