"""Each rule of the safety layer is broken once and kept once, so that every one of them can fail."""

from __future__ import annotations

import pytest

from decidua.tell.safety import RULES, check_public_html, check_public_text
from decidua.tell.words import sentence

STEROID = sentence("steroid")
SIDES = (
    "The chance of no benefit is 60 in 100, the chance of net harm 35 in 100, "
    "the share that rests on prior alone 80 in 100."
)


def broken(text: str) -> set[str]:
    return {violation.rule for violation in check_public_text(text)}


def broken_html(html: str) -> set[str]:
    return {violation.rule for violation in check_public_html(html)}


@pytest.mark.parametrize("word", ["steroids", "Prednisolone", "prednisone", "tapering", "the regimen"])
def test_steroids_never_stand_without_the_sentence_on_stopping(word):
    assert broken(f"Some clinics offer {word}.") == {"steroid sentence"}
    assert broken(f"Some clinics offer {word}.\n{STEROID}") == set()


def test_the_steroid_sentence_is_found_across_a_terminals_lines_and_frames():
    wrapped = STEROID.replace("without your", "│\n│ without your")
    assert broken(f"│ Steroids were tried. │\n│ {wrapped} │") == set()


def test_the_steroid_sentence_must_not_lie_behind_a_click():
    hidden = f"<p>Steroids were tried.</p><details><summary>More</summary><p>{STEROID}</p></details>"
    assert broken_html(hidden) == {"steroid sentence"}


def test_every_prospect_says_if_pregnant_again():
    assert broken("The next pregnancy ends in a live birth for 70 in 100.") == {"if pregnant again"}
    assert broken("If pregnant again, the next pregnancy ends in a live birth for 70 in 100.") == set()


def test_an_averaged_benefit_never_stands_alone():
    assert broken("The benefit on average is 2 more births in 100.") == {"averaged benefit"}
    assert broken(f"The benefit on average is 2 more births in 100. {SIDES}") == set()
    assert broken(f"The benefit on average is 2 more births in 100.\n\n# Elsewhere\n\n{SIDES}") == {
        "averaged benefit"
    }


def test_a_uterine_nk_result_stands_beside_results_of_women_with_births():
    assert broken("A high uterine NK result was seen in 40 of them.") == {"uterine NK result"}
    assert (
        broken("A high uterine NK result was seen in 40 of them, and in 30 among women with births.") == set()
    )


@pytest.mark.parametrize(
    "verdict",
    [
        "You have too many killer cells.",
        "Your NK count is too high.",
        "her cells are abnormal.",
        "She had a high count.",
    ],
)
def test_no_verdict_on_one_person(verdict):
    assert "verdict on one person" in broken(verdict)


def test_a_group_above_a_cut_off_is_not_a_verdict():
    assert (
        broken("In that clinic 40 of 100 women lay over the cut-off, also among women with births.") == set()
    )


@pytest.mark.parametrize(
    "said", ["The chance is 12 in 100.", "There is a 12% chance.", "Chances: 7 out of 100"]
)
def test_a_small_chance_comes_as_words_first(said):
    assert broken(said) == {"small chance in numbers"}
    page = f"<p>It is unlikely.</p><details><summary>Show the number</summary><p>{said}</p></details>"
    assert broken_html(page) == set()


@pytest.mark.parametrize(
    "said",
    [
        "The chance is 62 in 100.",
        "The chance of one is 88 in 100 and of the other 12 in 100.",
        "12% of them smoked.",
    ],
)
def test_a_large_chance_both_frames_or_a_share_may_stand_as_numbers(said):
    assert broken(said) == set()


def test_causes_of_past_losses_lie_behind_a_click():
    said = "<p>The first loss was caused by the chromosomes in 60 in 100.</p>"
    assert broken_html(said) == {"cause of a past loss"}
    assert broken_html(f"<details><summary>Causes</summary>{said}</details>") == set()


@pytest.mark.parametrize(
    "page", ["<p>\U0001f476</p>", '<img alt="A baby" src="a.png">', '<image href="fetus.png"/>']
)
def test_no_picture_of_a_baby(page):
    assert broken_html(page) == {"picture of a baby"}


def test_a_picture_of_cells_may_stand():
    assert broken_html('<img alt="Cells in the womb lining" src="cells.png">') == set()


@pytest.mark.parametrize(
    "page",
    [
        "<video src='a.webm'></video>",
        "<svg><animate attributeName='r'/></svg>",
        "<style>p{animation: pulse 2s}</style>",
        "<style>@keyframes pulse {}</style>",
        "<script>setInterval(f, 9)</script>",
        "<audio autoplay></audio>",
    ],
)
def test_nothing_moves_or_plays_by_itself(page):
    assert broken_html(page) == {"plays by itself"}


def test_a_style_that_stops_motion_may_stand():
    assert broken_html("<style>* {animation: none}</style>") == set()


@pytest.mark.parametrize(
    "page",
    [
        "<p>Helpline 01924 200799</p>",
        "<p>Call 988</p>",
        "<a href='tel:116123'>Talk</a>",
        "<p>1-800-944-4773</p>",
    ],
)
def test_no_telephone_numbers(page):
    assert broken_html(page) == {"telephone number"}


@pytest.mark.parametrize(
    "text", ["doi 10.1093/humrep/deab123", "in 2013-2015", "weeks 10 to 12", "0.5 to 0.7", "n = 45 000"]
)
def test_numbers_that_are_not_telephones_may_stand(text):
    assert broken(text) == set()


@pytest.mark.parametrize("text", ["It was 61.5% of them.", "61.5 in 100", "60.1 to 62.9 per cent"])
def test_percentages_are_whole(text):
    assert broken(text) == {"decimals"}


def test_banned_words_are_caught_across_lines_and_quoting_is_allowed():
    assert broken("It was no products\nof conception.") == {"banned word “products of conception”"}
    assert broken("One paper is called “Products of conception in the laboratory”.") == set()
    assert broken_html("<blockquote>at least</blockquote><q>risk</q><cite>risk</cite>") == set()
    assert broken_html("<p>at least</p>") == {"banned word “at least”"}


def test_styles_and_scripts_are_not_read_as_text():
    assert (
        broken_html("<head><title>risk</title></head><style>.risk{}</style><script>risk()</script>") == set()
    )


def test_every_rule_explains_itself_and_offers_a_remedy():
    assert all(rule.__doc__ for rule in RULES)
    assert all(
        violation.remedy
        for violation in check_public_text("Steroids, risk, call 988, 1.5%, the next pregnancy")
    )
