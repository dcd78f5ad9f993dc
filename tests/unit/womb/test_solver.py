"""The solver: positivity, threads, refusals, and a failure that names what failed."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import decidua.womb
from decidua.base.errors import InputError
from decidua.evidence import load_ledger
from decidua.womb import GENOTYPES, MECHANISMS, REGIMENS, SolverError, simulate_pregnancy
from decidua.womb.composition import PARTS, equations
from decidua.womb.parameters import ledger_values
from decidua.womb.schedule import Schedule
from decidua.womb.solver import (
    OUTPUTS,
    STATES,
    Run,
    antimony_text,
    model_parameters,
    model_parts,
    parameters_with,
    sbml_text,
    solve,
)
from decidua.womb.units import unit_of

RUN = Run(schedule=Schedule(0.0, ()), density_per_mm2=133.0, recognition=0.5, mechanism=1, end_day=280.0)


def test_every_state_has_one_equation_or_reactions():
    amounts = [name for name in STATES if f"{name}' = " not in model_parts()]
    assert amounts == ["prednisolone_gut", "prednisolone_body", "prednisolone_eliminated"]
    assert model_parts().count("' = ") == len(STATES) - len(amounts)
    assert model_parts().count(" -> ") == 3


def test_every_part_is_its_own_readable_file():
    folder = Path(decidua.womb.__file__).parent / "models"
    assert {path.stem for path in folder.glob("*.ant")} == set(PARTS)
    assert all(len(path.read_text(encoding="utf-8").splitlines()) < 60 for path in folder.glob("*.ant"))


def test_the_unit_in_a_name_is_the_unit_of_its_ledger_entry():
    ledger = load_ledger()
    told = {
        "per_day": "per_day",
        "days": "time_unit",
        "cells_per_mm2": "cells_per_mm2",
        "ng_per_ml": "ng_per_ml",
        "mg_per_day": "milligram_per_day",
        "fold": "dimensionless",
        "dimensionless": "dimensionless",
        "probability": "dimensionless",
    }
    for name in ledger:
        short = name.removeprefix("womb.").replace(".", "_")
        if name.startswith("womb.") and re.search(
            rf"\b{short} has ", antimony_text(RUN.schedule, parameters=model_parameters())
        ):
            assert unit_of(short) == told[ledger[name].unit], name


def test_no_number_in_the_equations_is_without_a_unit():
    bare = re.findall(
        r"(?<![\w.^])\d+(?:\.\d+)?(?![\w.])(?! *[a-z])", re.sub(r'unit .*|.*".*', "", equations())
    )
    assert bare == []


def test_other_parameters_are_set_without_compiling_anew():
    """Equal to a model with these numbers written into its text, in another instance."""
    import roadrunner

    others = parameters_with({"unk_turnover_per_day": 0.2, "trophoblast_growth_per_day": 0.15})
    found = solve(RUN, parameters=others)
    text = antimony_text(RUN.schedule, parameters=others)
    runner = roadrunner.RoadRunner(sbml_text(text))
    for name, value in RUN.inputs().items():
        runner.setValue(name, value)
    runner.setValue("uterine_nk", RUN.density_per_mm2 * others["unk_first_day_share"])
    runner.integrator.relative_tolerance, runner.integrator.absolute_tolerance = 1e-9, 1e-12
    again = np.array(runner.simulate(0.0, 280.0, 281, ["trophoblast", "uterine_nk"]))
    assert found["trophoblast"] == pytest.approx(again[:, 0], rel=1e-6, abs=1e-9)
    assert found["uterine_nk"] == pytest.approx(again[:, 1], rel=1e-6, abs=1e-9)
    assert np.max(np.abs(found["trophoblast"] - solve(RUN)["trophoblast"])) > 0.01


def test_a_name_that_is_no_entry_cannot_be_changed():
    with pytest.raises(KeyError, match="unk_turnover"):
        parameters_with({"unk_turnover": 1.0})


def test_every_ledger_entry_of_the_womb_is_used():
    """Each number reaches the model as it is, through one that follows from it, or sets the table's axes."""
    text = antimony_text(RUN.schedule, parameters=model_parameters())
    directly = {name for name in ledger_values() if f"\n{name} = " in text}
    code = "".join(
        path.read_text(encoding="utf-8") for path in Path(decidua.womb.__file__).parent.glob("*.py")
    )
    through_code = {name for name in ledger_values() if name in code or name.startswith("recognition_")}
    assert set(ledger_values()) <= directly | through_code


def test_no_biological_number_stands_in_the_model():
    """Only 0, 1, 2, 0.5 as structure, codes of the switch, and units."""
    lines = [line.split("#")[0] for line in model_parts().splitlines() if not line.startswith("unit ")]
    lines = [line for line in lines if '"' not in line]
    found = {number for line in lines for number in re.findall(r"(?<![a-z_0-9])\d+\.?\d*(?![a-z_0-9])", line)}
    assert found <= {"0", "1", "2", "3", "4", "0.5"}


@settings(max_examples=20, deadline=None)
@given(
    mechanism=st.sampled_from(MECHANISMS),
    regimen=st.sampled_from(REGIMENS),
    density=st.floats(1.0, 5000.0),
    recognition=st.floats(0.0, 1.0),
    genotype=st.none() | st.sampled_from(list(GENOTYPES)),
    infection=st.none() | st.floats(3.0, 30.0),
    removed=st.none() | st.floats(3.0, 30.0),
)
def test_nothing_falls_below_zero(mechanism, regimen, density, recognition, genotype, infection, removed):
    course = simulate_pregnancy(
        mechanism,
        density_per_mm2=density,
        recognition=recognition,
        genotype=genotype,
        regimen=regimen,
        infection_week=infection,
        corpus_luteum_removed_week=removed,
    )
    for name in OUTPUTS:
        assert np.all(np.isfinite(course.variables[name])), name
        assert course.variables[name].min() >= 0.0, name
    for share in (
        "activation",
        "trophoblast",
        "invasion",
        "narrow_arteries",
        "plugs_open",
        "perfusion",
        "adrenal_drive",
        "thromboxane",
        "recognition_signal",
        "placental_barrier",
    ):
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
