"""The exported SBML: consistent in its units, annotated, and the same curves in a second simulator."""

import re
from dataclasses import replace

import libsbml
import numpy as np
import pytest
from typer.testing import CliRunner

from decidua.base.errors import InputError
from decidua.cli import app
from decidua.interop import exported_sbml
from decidua.womb import REGIMENS, SAFETY_SENTENCE, pregnancy_run
from decidua.womb.solver import OUTPUTS, STATES, solve

ONTOLOGY = {
    "uterine_nk": {"CL:0002343", "UBERON:0000995"},
    "trophoblast": {"CL:0000351", "UBERON:0001987"},
    "invasion": {"CL:0008036"},
    "senescent_cells": {"CL:2000002", "UBERON:0002450"},
    "corpus_luteum": {"UBERON:0002512"},
    "mother": {"UBERON:0001969"},
    "prednisolone_gut": {"CHEBI:8378"},
    "prednisolone_body": {"CHEBI:8378"},
    "progesterone": {"CHEBI:17026"},
    "maternal_cortisol": {"CHEBI:17650"},
    "fetal_cortisol": {"CHEBI:17650"},
    "aspirin_mg_per_day": {"CHEBI:15365"},
    "thromboxane": {"CHEBI:15627"},
}


def exported(regimen="none", **more):
    run = pregnancy_run("attack", density_per_mm2=400.0, regimen=regimen, **more)
    return run, exported_sbml(run, notes={"purpose": "a test <of> notes"})


def complaints(text):
    document = libsbml.readSBMLFromString(text)
    document.checkConsistency()
    return [document.getError(i).getMessage() for i in range(document.getNumErrors())]


@pytest.mark.parametrize("doses_per_day", [0, 1])
@pytest.mark.parametrize("regimen", REGIMENS)
def test_libsbml_finds_nothing_in_structure_or_units(regimen, doses_per_day):
    _, text = exported(regimen, doses_per_day=doses_per_day, genotype="aa_c1c2", infection_week=8.0)
    assert complaints(text) == []


def test_a_wrong_unit_would_be_found():
    _, text = exported()
    broken = text.replace(
        'id="unk_turnover_per_day" value="0.1" units="per_day"',
        'id="unk_turnover_per_day" value="0.1" units="time_unit"',
    )
    assert broken != text
    assert complaints(broken)


def test_it_is_level_3_version_2_and_every_quantity_has_a_unit():
    _, text = exported()
    document = libsbml.readSBMLFromString(text)
    model = document.getModel()
    assert (document.getLevel(), document.getVersion()) == (3, 2)
    assert all(p.isSetUnits() for p in model.getListOfParameters())
    assert all(s.isSetSubstanceUnits() or model.isSetSubstanceUnits() for s in model.getListOfSpecies())
    assert all(c.isSetUnits() and c.isSetSize() for c in model.getListOfCompartments())
    assert model.isSetTimeUnits()
    assert model.isSetExtentUnits()


@pytest.mark.parametrize(("name", "terms"), ONTOLOGY.items())
def test_cells_drugs_hormones_and_places_carry_their_terms(name, terms):
    model = libsbml.readSBMLFromString(exported()[1]).getModel()
    cv_terms = model.getElementBySId(name).getCVTerms()
    uris = {term.getResourceURI(i) for term in cv_terms for i in range(term.getNumResources())}
    assert {uri.removeprefix("https://identifiers.org/") for uri in uris} == terms


def copasi_curves(text, *, days, names, points_per_day=1):
    import basico

    model = basico.load_model_from_string(text)
    try:
        table = basico.run_time_course_with_output(
            output_selection=["Time", *(reference(basico, name) for name in names)],
            start_time=0.0,
            duration=days,
            intervals=round(days * points_per_day),
            method="deterministic",
            r_tol=1e-9,
            a_tol=1e-12,
            max_steps=1_000_000,
            max_internal_step=7.0,
            model=model,
        )
    finally:
        basico.remove_datamodel(model)
    table = table.drop_duplicates(subset=table.columns[0], keep="last")
    return table.to_numpy()


def reference(basico, name):
    if name.startswith("prednisolone_") and name in (
        "prednisolone_gut",
        "prednisolone_body",
        "prednisolone_eliminated",
    ):
        return f"[{name}]"  # of one litre, so the number is the amount
    return f"Values[{name}]"


# Single doses are read five times a day, so that no reading falls on a dose.
COMPARED = {
    "even flow": ("prednisolone_tang2013", {"infection_week": 8.0}, 1),
    "earlier cycles": ("story_protocol", {"infection_week": 8.0, "corpus_luteum_removed_week": 6.0}, 1),
    "single doses": (
        "prednisolone_tang2013",
        {"doses_per_day": 1, "end_week": 13.0, "genotype": "aa_c2c2"},
        5,
    ),
}


@pytest.mark.parametrize(("regimen", "more", "points_per_day"), COMPARED.values(), ids=COMPARED.keys())
def test_copasi_gives_the_same_curves(regimen, more, points_per_day):
    """Both at rtol 1e-9 and atol 1e-12; compared to 1e-4 of the range of each variable."""
    run, text = exported(regimen, **more)
    ours = solve(replace(run, points_per_day=points_per_day))
    days = run.end_day - run.schedule.start_day
    theirs = copasi_curves(text, days=days, names=OUTPUTS, points_per_day=points_per_day)
    assert theirs.shape == (ours["time"].size, len(OUTPUTS) + 1)
    assert theirs[:, 0] + run.schedule.start_day == pytest.approx(ours["time"], abs=1e-9)
    for place, name in enumerate(OUTPUTS, start=1):
        span = max(float(np.ptp(ours[name])), 1e-9)
        apart = np.max(np.abs(ours[name] - theirs[:, place]))
        assert apart < 1e-4 * span, (name, apart, span)


def test_the_command_writes_the_file_and_says_what_must_be_said(tmp_path):
    file = tmp_path / "womb.xml"
    arguments = [
        "export",
        "sbml",
        "--out",
        str(file),
        "--regimen",
        "prednisolone_tang2013",
        "--mechanism",
        "attack",
    ]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    assert SAFETY_SENTENCE in shown.output
    assert "assumes a contested mechanism" in shown.output
    text = file.read_text()
    assert SAFETY_SENTENCE in text
    assert "assumes a contested mechanism" in text
    assert "&quot;evidence_version&quot;" in text
    assert complaints(text) == []
    plain = CliRunner().invoke(app, ["export", "sbml", "--out", str(file)])
    assert "contested" not in plain.output + file.read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--density", "-3"],
        ["--regimen", "magic"],
        ["--genotype", "xy"],
        ["--unk-course", "up"],
        ["--recognition", "2"],
    ],
)
def test_bad_input_leaves_nothing_on_disk(tmp_path, arguments):
    file = tmp_path / "womb.xml"
    shown = CliRunner().invoke(app, ["export", "sbml", "--out", str(file), *arguments])
    assert shown.exit_code == 3
    assert len(shown.output.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


IMPOSSIBLE = {
    "negative dose": "{drug: aspirin, dose_mg_per_day: -1, start_gestation_weeks: 5, duration_weeks: 1}",
    "unknown drug": "{drug: heparin, dose_mg_per_day: 1, start_gestation_weeks: 5, duration_weeks: 1}",
    "wrong unit": "{drug: aspirin, dose_g_per_day: 1, start_gestation_weeks: 5, duration_weeks: 1}",
    "backwards": "{drug: aspirin, dose_mg_per_day: 1, start_gestation_weeks: 5, duration_weeks: -1}",
}


@pytest.mark.parametrize("step", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_an_impossible_regimen_gets_one_message_and_exit_code_3(tmp_path, step):
    mine, file = tmp_path / "mine.yaml", tmp_path / "womb.xml"
    mine.write_text(f"name: mine\ntitle: my course\nsteps:\n  - {step}\n")
    shown = CliRunner().invoke(app, ["export", "sbml", "--out", str(file), "--regimen", str(mine)])
    assert shown.exit_code == 3
    assert shown.output.startswith("decidua: mine.yaml: steps.0.")
    assert len(shown.output.strip().splitlines()) == 1
    assert not file.exists()


def test_another_format_and_a_missing_folder_are_refused(tmp_path):
    assert CliRunner().invoke(app, ["export", "png", "--out", str(tmp_path / "a")]).exit_code == 3
    assert CliRunner().invoke(app, ["export", "sbml", "--out", str(tmp_path / "no" / "a")]).exit_code == 3


def test_a_run_that_starts_in_an_earlier_cycle_is_written_in_its_own_time():
    run, text = exported("story_protocol")
    assert run.schedule.start_day < 0.0
    assert f"day {run.schedule.start_day:g}" in text
    first = re.search(r'id="first_day" value="([-\d.]+)"', text)
    assert first is not None
    assert float(first[1]) == run.schedule.start_day
    with pytest.raises(InputError):
        pregnancy_run("attack", density_per_mm2=400.0, doses_per_day=30)
    assert "prednisolone_body" in STATES
