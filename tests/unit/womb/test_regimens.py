"""Regimens as data: the shipped ones, refusals, protocols, and the sentence that stands beside each."""

import pytest

from decidua.base.errors import InputError
from decidua.evidence import load_ledger
from decidua.womb import (
    REGIMENS,
    SAFETY_SENTENCE,
    load_regimen,
    read_regimen,
    regimen_from,
    render_regimen,
    simulate_pregnancy,
)
from decidua.womb.schedule import schedule_of, titrated_doses
from decidua.womb.solver import density_multiplier


def regimen(*steps, **more):
    return regimen_from({"name": "tried", "title": "tried", "steps": list(steps), **more}, file="tried.yaml")


def step(drug="prednisolone", dose=20.0, start=5.0, weeks=2.0, **more):
    return {
        "drug": drug,
        "dose_mg_per_day": dose,
        "start_gestation_weeks": start,
        "duration_weeks": weeks,
        **more,
    }


@pytest.mark.parametrize("name", REGIMENS)
def test_every_shipped_regimen_is_read_and_carries_the_sentence(name):
    known = load_regimen(name)
    assert known.name == name
    text = render_regimen(known)
    assert "do not stop or change them without your clinic: stopping suddenly can be dangerous." in text
    assert text.endswith(SAFETY_SENTENCE)
    assert "simulation only" in text


@pytest.mark.parametrize("name", REGIMENS)
def test_every_source_of_a_regimen_is_known(name):
    assert set(load_regimen(name).sources) <= set(load_ledger().sources)


def test_the_trial_course_holds_945_mg():
    assert (
        sum(s.mg_per_day * 7 * s.duration_weeks for s in load_regimen("prednisolone_tang2013").steps) == 945.0
    )


def test_progesterone_ends_at_week_12_and_16():
    ends = [
        load_regimen(f"progesterone_{name}").steps[-1].end_day / 7.0 for name in ("promise2015", "prism2019")
    ]
    assert ends == [12.0, 16.0]
    assert load_regimen("progesterone_prism2019").steps[0].mg_per_day == 800.0


IMPOSSIBLE = {
    "negative dose": [step(dose=-5.0)],
    "not a number": [step(dose=float("nan"))],
    "unknown drug": [step(drug="cortisone")],
    "wrong unit": [{"drug": "aspirin", "dose_g_per_day": 1, "start_gestation_weeks": 5, "duration_weeks": 1}],
    "dose in words": [step(dose="20 mg")],
    "two doses": [step(dose_mg_twice_daily=10.0)],
    "two starts": [step(start_cycle_day=1)],
    "no start": [{"drug": "aspirin", "dose_mg_per_day": 81, "duration_weeks": 1}],
    "no length": [step(weeks=0.0)],
    "before the cycle": [step(start=-3.0)],
    "after term": [step(start=43.0)],
    "backwards": [step(start=10.0), step(start=5.0)],
    "overlap": [step(start=5.0, weeks=3.0), step(start=6.0, dose=10.0)],
}


@pytest.mark.parametrize("steps", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_impossible_regimens_get_one_clear_message(steps):
    with pytest.raises(InputError) as refused:
        regimen(*steps)
    assert str(refused.value).startswith("tried.yaml: ")
    assert "\n" not in str(refused.value)


def test_a_wrong_unit_is_answered_with_the_right_one():
    with pytest.raises(InputError, match=r"doses in mg: .*dose_mg_per_day"):
        regimen(*IMPOSSIBLE["wrong unit"])


def test_courses_of_one_drug_add_up_where_the_regimen_says_so():
    twice = regimen(step(start=5.0, weeks=3.0), step(start=6.0, weeks=3.0, dose=10.0), overlap="adds")
    schedule = schedule_of(twice, density_per_mm2=133.0, multiplier=density_multiplier)
    doses = [schedule.dose_on(7.0 * week, drug="prednisolone") for week in (4.5, 5.5, 6.5, 8.5, 9.5)]
    assert doses == [0.0, 20.0, 30.0, 10.0, 0.0]
    with pytest.raises(InputError, match="overlap: adds"):
        regimen(*IMPOSSIBLE["overlap"])
    with pytest.raises(InputError, match="order of time"):
        regimen(*IMPOSSIBLE["backwards"], overlap="adds")


def test_a_file_of_ones_own_is_accepted_wherever_a_name_is(tmp_path):
    path = tmp_path / "mine.yaml"
    lines = ["name: mine", "title: my own course", "steps:", "  - {drug: aspirin, dose_mg_per_day: 100,"]
    path.write_text("\n".join(lines) + " start_gestation_weeks: 6, duration_weeks: 4}\n")
    for given in (path, str(path)):
        course = simulate_pregnancy("marker", density_per_mm2=133.0, regimen=given, end_week=12.0)
        assert course.regimen == "mine"
        assert course.variables["aspirin_mg_per_day"][course.time_days == 50.0][0] == 100.0


def test_published_courses_before_conception_hold_what_was_given():
    totals = {
        name: sum(s.mg_per_day * 7 * s.duration_weeks for s in load_regimen(name).steps)
        for name in ("prednisolone_quenby2005", "prednisolone_cooper2019")
    }
    assert totals == {"prednisolone_quenby2005": 20.0 * 21, "prednisolone_cooper2019": 10.0 * 28}


def test_steps_of_two_drugs_may_overlap():
    assert regimen(step(), step(drug="progesterone")).drugs == ("prednisolone", "progesterone")


@pytest.mark.parametrize("text", ["[1, 2", "a: &x 1\nb: *x", "just words", "", "name: [1]"])
def test_broken_files_are_refused(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"mine\.yaml"):
        read_regimen(path)


def test_a_missing_file_and_an_unknown_name_are_refused(tmp_path):
    with pytest.raises(InputError):
        read_regimen(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="story_protocol"):
        load_regimen("miracle")


def test_a_protocol_beside_steps_of_the_same_drug_is_refused():
    protocol = load_regimen("story_protocol").protocol.model_dump()
    with pytest.raises(InputError, match="not both"):
        regimen(step(), protocol=protocol)
    with pytest.raises(InputError, match="go down"):
        regimen(protocol={**protocol, "taper": [{"dose_mg_per_day": 5, "duration_weeks": 1}] * 2})


def test_the_story_gives_no_steroid_below_the_cut():
    schedule = schedule_of(
        load_regimen("story_protocol"), density_per_mm2=299.0, multiplier=density_multiplier
    )
    assert schedule.normalised is None
    assert schedule.start_day == 0.0
    assert {change.drug for change in schedule.changes} == {"progesterone", "aspirin"}


@pytest.mark.parametrize(
    ("density", "doses", "normal"),
    [(310.0, [10.0], True), (365.0, [10.0, 20.0], True), (600.0, [10.0] + [20.0] * 5, False)],
)
def test_the_story_raises_the_dose_until_the_count_is_normal(density, doses, normal):
    protocol = load_regimen("story_protocol").protocol
    found = titrated_doses(protocol, density_per_mm2=density, multiplier=density_multiplier)
    assert found == (doses, normal)


def test_the_story_treats_before_conception_and_tapers_from_week_12():
    schedule = schedule_of(
        load_regimen("story_protocol"), density_per_mm2=365.0, multiplier=density_multiplier
    )
    assert schedule.start_day == -56.0
    dose = {day: schedule.dose_on(day, drug="prednisolone") for day in (-40.0, -20.0, 60.0, 85.0, 92.0, 99.0)}
    assert dose == {-40.0: 10.0, -20.0: 20.0, 60.0: 20.0, 85.0: 10.0, 92.0: 5.0, 99.0: 0.0}
