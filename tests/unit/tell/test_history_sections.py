"""What stands on the page of a history, in which order, and what stands there only on request."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from decidua.base.estimates import Estimate
from decidua.evidence import load_ledger
from decidua.inference.answer import Change, Current, PastLoss
from decidua.inference.benefit import Sides
from decidua.life.harms import Harm, unknown
from decidua.measure.history import History, Test
from decidua.tell.history_grades import RESTS_ON
from decidua.tell.history_page import print_history, section_text
from decidua.tell.history_parts import Wish
from decidua.tell.history_sections import history_sections
from decidua.tell.safety import check_public_text
from decidua.tell.weights_words import weights_sentence
from decidua.tell.words import label, sentence


def page(answer, history, wish=None, *, width=80, encoding="utf-8"):
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    console = Console(file=file, width=width, highlight=False)
    print_history(answer, history=history, wish=wish or Wish(), console=console)
    return raw.getvalue().decode(encoding)


def flat(text):
    return " ".join(text.split())


def titles(answer, history, wish=None):
    return [section.title for section in history_sections(answer, history=history, wish=wish or Wish())]


def test_the_page_goes_from_a_note_by_the_answer_to_help(two_losses, losses_then_birth):
    assert titles(two_losses, losses_then_birth) == [
        "Before you read on",
        "The next pregnancy, if pregnant again",
        "How well this is known",
        "What would change this most",
        "Other published formulas",
        "What may have been behind the losses",
        "What guideline bodies say",
        "Help and support",
        "Where this comes from",
    ]


def test_an_ongoing_pregnancy_comes_first(treated, now_at_26_weeks):
    assert titles(treated, now_at_26_weeks)[1:3] == ["This pregnancy", "How well this is known"]
    assert titles(treated, now_at_26_weeks, Wish(later=True))[1:5] == [
        "This pregnancy",
        "The pregnancy after this one, if pregnant again",
        "How well this is known",
        "What would change this most",
    ]
    said = flat(page(treated, now_at_26_weeks))
    assert (
        "pregnant at 26 weeks with a heartbeat seen, about 98 have a baby born alive, about 2 do not" in said
    )
    assert "about 83 would have come this far without it too" in said
    assert "does not show that the treatment worked" in said
    assert sentence("steroid") in said


def test_without_treatment_nothing_is_said_of_it(treated, now_at_26_weeks):
    ongoing = replace(now_at_26_weeks.pregnancies[-1], treatments=())
    history = replace(now_at_26_weeks, pregnancies=(*now_at_26_weeks.pregnancies[:-1], ongoing))
    assert "without it too" not in flat(page(treated, history))
    assert sentence("steroid") not in flat(page(treated, history))


def test_a_share_nobody_knows_is_said_to_be_unknown(treated, now_at_26_weeks):
    wide = replace(treated, current=Current(Estimate(0.98, 0.95, 0.99), Estimate(0.6, 0.3, 0.9)))
    assert "without the treatment: we cannot tell" in flat(page(wide, now_at_26_weeks))


def test_without_an_age_the_page_is_about_the_past_only(past_only, losses_then_birth):
    said = flat(page(past_only, losses_then_birth))
    assert "Without an age now, nothing can be said here of a pregnancy to come" in said
    assert "Out of 100" not in said
    assert "How well this is known" not in said


# Words that judge the news, promise, or tell a person what to do.
CHEERING_OR_TELLING = re.compile(
    r"\b(sadly|unfortunately|luckily|good news|bad news|you will|should)\b", re.IGNORECASE
)

CASES = ("two_losses", "late", "past_only", "treated")


@pytest.fixture(params=CASES)
def case(request, now_at_26_weeks, losses_then_birth):
    history = {"treated": now_at_26_weeks, "late": History(age_years=44.0)}.get(
        request.param, losses_then_birth
    )
    return request.getfixturevalue(request.param), history


WISHES = (Wish(), Wish(nk=True, causes=True), Wish(numbers="none", nk=True, causes=True))


@pytest.mark.parametrize("mechanism", [None, "attack"])
@pytest.mark.parametrize("wish", WISHES, ids=str)
def test_a_public_page_keeps_every_rule_and_says_what_it_must(case, wish, mechanism):
    answer, history = case
    text = page(replace(answer, mechanism=mechanism), history, wish)
    assert not [str(violation) for violation in check_public_text(text)]
    for name in ("not_a_device", "urgent_help", "never_stored"):
        assert sentence(name) in flat(text)
    assert (sentence("contested_mechanism") in flat(text)) == (mechanism is not None)


def test_the_page_is_calm(case):
    text = page(*case, Wish(nk=True, causes=True))
    assert "!" not in text
    assert not CHEERING_OR_TELLING.search(text)


def test_words_alone_hold_no_chance_in_numbers(case):
    text = flat(page(*case, Wish(numbers="none", nk=True, causes=True)))
    for fixed in ("6 completed weeks", "24 weeks", "Loss 1 (pregnancy 1)", "Loss 2 (pregnancy 2)", "loss 2"):
        text = text.replace(fixed, "")
    told = text.split("What guideline bodies say")[0]
    assert not re.search(r"\d", told), told


def test_no_line_is_wider_than_80_columns_and_narrow_terminals_are_kept_to(case):
    assert max(map(len, page(*case, Wish(nk=True, causes=True), width=200).splitlines())) <= 80
    assert max(map(len, page(*case, width=60).splitlines())) <= max(60, 23 + 50)


def test_a_terminal_with_plain_letters_gets_a_page_too(two_losses, losses_then_birth):
    text = page(replace(two_losses), losses_then_birth, encoding="cp1252")
    assert "a history like this" in text
    assert "#" in text


def test_causes_are_shown_on_request_only_and_blame_nobody(two_losses, losses_then_birth):
    hidden, shown = (flat(page(two_losses, losses_then_birth, Wish(causes=on))) for on in (False, True))
    assert "by chance: about 52" not in hidden
    assert "add --causes" in hidden
    assert "by chance: about 52 of 100" in shown
    assert "no cause found so far: we cannot tell" in shown  # its interval spans more than 40 points
    assert "None of the named causes is something that a person did" in shown
    assert "6 of 100" not in shown.split("usual count of NK cells in the womb lining:")[1][:20]


def test_a_cause_that_was_found_or_ruled_out_is_said_so(two_losses, losses_then_birth):
    over = 1.0 + 2e-16  # as a sum in floating point may be
    found = dict(two_losses.past_losses[0].causes) | {
        "aneuploid": Estimate(over, over, over),
        "translocation": Estimate(0.0, 0.0, 0.0),
    }
    answer = replace(two_losses, past_losses=(PastLoss(1, found),))
    for numbers in ("public", "clinician", "none"):
        said = flat(page(answer, losses_then_birth, Wish(numbers=numbers, causes=True)))
        assert "which comes about by chance: all " in said
        assert "that a parent carries: none " in said


def test_uterine_nk_cells_stand_beside_women_with_births(two_losses, losses_then_birth):
    plain = flat(page(two_losses, losses_then_birth))
    assert "Natural killer cells in the womb lining" not in plain
    asked = flat(page(two_losses, losses_then_birth, Wish(nk=True)))
    block = asked.split("Natural killer cells in the womb lining")[1].split("Other published formulas")[0]
    assert "among women with births: about 60 (studies fit 10 to 270)" in block
    assert "before anything is known: about 80" in block
    assert "after this history: about 100" in block
    assert weights_sentence(is_prior=two_losses.mechanisms["weights_are"] == "prior") in block
    assert sentence("data_cannot_tell") in block
    all_numbers = flat(page(two_losses, losses_then_birth, Wish(nk=True, numbers="clinician")))
    assert "weight 33 before, 35 after this history alone" in all_numbers


def test_a_test_result_opens_the_uterine_nk_block(treated, now_at_26_weeks):
    assert "after this history and these results: about 100" in flat(page(treated, now_at_26_weeks))


def test_a_uterine_nk_share_nobody_knows_is_said_to_be_unknown(two_losses, losses_then_birth):
    wide = replace(two_losses.uterine_nk, p_above_cut_after=Estimate(0.3, 0.1, 0.55))
    said = flat(page(replace(two_losses, uterine_nk=wide), losses_then_birth, Wish(nk=True)))
    assert "after this history: we cannot tell" in said


def test_what_would_change_it_is_in_order_of_what_it_changes(two_losses, losses_then_birth):
    text = flat(page(two_losses, losses_then_birth))
    block = text.split("What would change this most")[1].split("Other published formulas")[0]
    assert sentence("treated_antibodies") in block
    counts = re.findall(r"(?:now|ones|found|few|high):? about (\d+)", block)
    assert counts == ["75", "66", "72", "77", "73"]
    assert "antiphospholipid antibodies, looked for and found: about 66 (very few of such people)" in block
    assert "chromosomes of loss 2, one too many or too few: about 77 (about 55 of 100 such people)" in block
    assert "High counts are also found among women with births" in block


def test_what_would_change_nothing_is_left_out(two_losses, losses_then_birth):
    still = (Change("thyroid", "yes", None, Estimate(0.7379, 0.6, 0.85)),)
    said = flat(page(replace(two_losses, what_would_change_it=still), losses_then_birth))
    assert "Nothing that could be found out would move it" in said


def test_other_formulas_stand_with_their_faults(two_losses, losses_then_birth):
    said = flat(page(two_losses, losses_then_birth))
    assert "The formula of Brigham and others (1999): about 77 of 100" in said
    assert "Gave too many births in another clinic." in said
    assert "known to promise" not in said.lower()
    assert "Koki" not in said
    assert "The formula of Koki and others (2025): gives no number here" in flat(
        page(two_losses, losses_then_birth, Wish(numbers="clinician"))
    )


def test_a_clinician_sees_intervals_and_small_numbers(late, two_losses, losses_then_birth):
    wish = Wish(numbers="clinician", nk=True)
    said = flat(page(late, History(age_years=44.0), wish))
    assert "about 26 have a baby born alive, about 74 have a loss" in said
    assert "731 draws" in said
    assert "162 (63 to 335) after" in flat(page(two_losses, losses_then_birth, wish))


def test_each_part_says_how_sure_its_studies_are(treated, now_at_26_weeks):
    sections = history_sections(treated, history=now_at_26_weeks, wish=Wish(causes=True))
    graded = {
        section.title: re.findall(r"How sure the studies are: ([\w ]+) \(", text)
        for section in sections
        if "How sure" in (text := section_text(section).replace("\n", " "))
    }
    assert graded == {
        "How well this is known": ["low"],
        "Natural killer cells in the womb lining": ["very low"],
        "What may have been behind the losses": ["low", "very low"],
    }
    assert set(RESTS_ON["births"]) <= set(load_ledger())


def test_where_a_register_saw_more_losses_than_the_model_the_page_says_so(two_losses, losses_then_birth):
    said = sentence("register_saw_more")
    assert said in flat(page(two_losses, losses_then_birth))
    after_one = replace(two_losses, past_losses=two_losses.past_losses[:1])
    assert said not in flat(page(after_one, losses_then_birth))


def test_harms_of_a_steroid_course_stand_beside_what_the_treatment_did(treated, now_at_26_weeks):
    course = Harm("preterm_birth", "estimate", "risk_ratio", Estimate(1.9, 1.1, 3.1), None, ("entry",), "why")
    current = replace(treated.current, harms=(course, unknown("sleep", "no study")))
    answer = replace(treated, current=current)
    said = flat(page(answer, now_at_26_weeks))
    assert "Seen more often with a steroid course like this: early birth." in said
    assert "Not known: poor sleep." in said
    assert "1.90" not in said
    assert "early birth: 1.90 times (1.10 to 3.10 fits)" in flat(
        page(answer, now_at_26_weeks, Wish(numbers="clinician"))
    )
    assert not check_public_text(said)


def test_guideline_bodies_are_told_with_their_dates_and_losses_first(two_losses, late, losses_then_birth):
    said = flat(page(two_losses, losses_then_birth))
    assert "after 2: ESHRE RPL (update), 2017, updated 2023; ASRM (US), 2012; Norway NGF, 2024" in said
    assert "after 3: RCOG GTG 17, 4th ed. (UK), 2023, or after 2 if a cause is suspected" in said
    assert "a 3D scan of the womb" in said
    assert "NICE NG126 (UK), 2021, says to offer progesterone once a scan" in said
    assert "how many losses come first" not in flat(page(late, History(age_years=44.0)))


def test_what_the_numbers_leave_out_stands_beside_them(two_losses, losses_then_birth):
    answer = replace(two_losses, left_out=("age_above_register", "stillbirth_again"), past_losses=())
    said = flat(page(answer, losses_then_birth))
    section = said.split("The next pregnancy, if pregnant again")[1].split("How well this is known")[0]
    for name in answer.left_out:
        assert flat(label("left_out", name)) in section
    assert "about 25 have no baby born alive" in section


def test_no_heartbeat_late_in_a_pregnancy_is_never_too_early(treated, now_at_26_weeks):
    answer = replace(treated, current=Current(None, None))

    def said(week):
        now = replace(now_at_26_weeks.pregnancies[-1], week=week, heartbeat="not_seen", treatments=())
        return flat(page(answer, replace(now_at_26_weeks, pregnancies=(now,))))

    for week in (7, None):
        assert "too early" in said(week)
    for week in (12, 26):
        assert "too early" not in said(week)
        assert "we are sorry" in said(week)
    assert "How well this is known" not in said(26)


def test_a_treatment_shows_every_side_of_what_it_did(treated, now_at_26_weeks):
    current = replace(treated.current, treatment=Sides(0.53, 0.004, 1.0))
    answer = replace(treated, current=current)
    said = flat(page(answer, now_at_26_weeks))
    assert "Up to this point, the chance of no benefit (less than one more in 100 here): 53 in 100." in said
    assert "fewer come this far: very unlikely" in said
    assert "share that rests on prior alone: 100 of 100 parts" in said
    words = flat(page(answer, now_at_26_weeks, Wish(numbers="none")))
    assert "about as likely as not" in words
    assert "All of this rests on assumptions." in words


def test_where_hardly_anybody_is_lost_yet_a_treatment_is_not_called_useless(treated, now_at_26_weeks):
    current = replace(treated.current, treatment=Sides(1.0, 0.0, 0.0))
    said = flat(page(replace(treated, current=current), now_at_26_weeks))
    assert "Up to this point no treatment makes much of a difference." in said
    assert "chance of no benefit" not in said


def test_whoever_was_told_of_no_heartbeat_reads_of_no_harm_and_no_bleeding(treated, now_at_26_weeks):
    course = Harm("preterm_birth", "estimate", "risk_ratio", Estimate(1.9, 1.1, 3.1), None, ("entry",), "why")
    answer = replace(treated, current=Current(None, None, (course,)))
    now = replace(now_at_26_weeks.pregnancies[-1], week=9, heartbeat="not_seen")
    said = flat(page(answer, replace(now_at_26_weeks, pregnancies=(now,))))
    for word in ("early birth", "On bleeding early", "gives numbers"):
        assert word not in said
    assert sentence("steroid") in said


def test_where_a_course_was_taken_the_sentence_on_stopping_stands(two_losses, past_only, losses_then_birth):
    first = replace(losses_then_birth.pregnancies[0], treatments=("prednisolone_tang2013",))
    history = replace(losses_then_birth, pregnancies=(first, *losses_then_birth.pregnancies[1:]))
    for answer in (two_losses, past_only):
        assert sentence("steroid") in flat(page(answer, history))
        assert sentence("steroid") not in flat(page(answer, losses_then_birth))


def test_antibodies_that_were_found_come_with_the_word_of_a_treatment(
    two_losses, treated, losses_then_birth, now_at_26_weeks
):
    known = {"antiphospholipid": "yes"}
    silent = replace(two_losses, what_would_change_it=())
    for answer, history in ((silent, losses_then_birth), (treated, now_at_26_weeks)):
        told = flat(page(answer, replace(history, conditions={**history.conditions, **known})))
        assert sentence("treated_antibodies") in told


def test_a_pregnancy_that_goes_on_without_an_age_is_not_passed_over(past_only, now_at_26_weeks):
    assert "the pregnancy that goes on" in flat(page(past_only, now_at_26_weeks))
    unseen = replace(now_at_26_weeks.pregnancies[-1], heartbeat="not_seen")
    history = replace(now_at_26_weeks, pregnancies=(*now_at_26_weeks.pregnancies[:-1], unseen))
    assert sentence("no_heartbeat_seen_later") in flat(page(past_only, history))


def test_no_difference_gives_away_a_number_that_is_not_shown(two_losses, losses_then_birth):
    small = replace(two_losses, next_live_birth=Estimate(0.27, 0.2, 0.35))
    said = flat(page(small, losses_then_birth))
    assert "many fewer than among people of the same age" in said or "somewhat fewer than" in said
    assert "out of every 100" not in said


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (
            Test("uterine_nk", 340.0, "cells_per_mm2"),
            "A result of 340 cells per mm² was given. One reading",
        ),
        (
            Test("blood_nk", 18.0, "percent_of_lymphocytes"),
            "A blood result of 18 of 100 lymphocytes was given.",
        ),
    ],
)
def test_whoever_gives_a_result_is_told_what_it_says(two_losses, losses_then_birth, test, said):
    history = replace(losses_then_birth, tests=(test,))
    assert said in flat(page(two_losses, history))
    assert f"{test.value:g}" not in flat(page(two_losses, history, Wish(numbers="none")))
    sample = "have another sample of" if test.test == "uterine_nk" else "have a sample of"
    assert sample in flat(page(two_losses, history))


def test_bleeding_is_spoken_of_while_it_can_matter(two_losses, losses_then_birth, treated, now_at_26_weeks):
    assert "On bleeding early in a pregnancy" in flat(page(two_losses, losses_then_birth))
    assert "On bleeding early in a pregnancy" not in flat(page(treated, now_at_26_weeks))


def test_the_sources_of_births_are_named_with_their_identifiers(two_losses, losses_then_birth):
    said = flat(page(two_losses, losses_then_birth))
    assert "Births rest most on: age, and losses before: Magnus 2019" in said
    assert said.count("doi:10.") >= 3
