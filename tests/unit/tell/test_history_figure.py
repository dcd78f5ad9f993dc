"""The figure of a history: its hundred marks equal the sentence, its words reach everybody, nothing leaks."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decidua.base.estimates import Estimate
from decidua.tell.history_figure import (
    WIDTH,
    counts_of,
    figure_description,
    figure_in_page,
    figure_styles,
    history_figure,
)
from decidua.tell.history_parts import Bar, Wish
from decidua.tell.history_sections import history_sections
from decidua.tell.history_sentences import headline
from decidua.tell.safety import check_public_html
from decidua.tell.whole_numbers import out_of_100, outward

SVG = "{http://www.w3.org/2000/svg}"
CHANCE = st.floats(0.0, 1.0, allow_nan=False)


def drawn(answer, **named):
    return ElementTree.fromstring(history_figure(answer, **named))


def part(root, name):
    (found,) = [group for group in root.iter(f"{SVG}g") if group.get("data-part") == name]
    return found


def kinds(root):
    return Counter(mark.get("data-kind") for mark in part(root, "hundred").iter(f"{SVG}circle"))


def numbers_of(text):
    return [int(number) for number in re.findall(r"\d+", text)]


def words(root):
    return " ".join(" ".join(text.itertext()) for text in root.iter(f"{SVG}text"))


def test_the_hundred_marks_equal_the_sentence(two_losses):
    hundred, born, _, lo, hi = numbers_of(headline(two_losses))
    counted = kinds(drawn(two_losses))
    assert counted == {"certain": 60, "uncertain": 26, "other": 14}
    assert sum(counted.values()) == hundred
    assert counted["certain"] == lo
    assert counted["certain"] + counted["uncertain"] == hi
    assert counts_of(two_losses.next_live_birth).middle == born


@given(st.tuples(CHANCE, CHANCE, CHANCE))
def test_the_marks_equal_the_interval_for_any_chance(chances):
    lo, mean, hi = sorted(chances)
    birth = Estimate(mean, lo, hi)
    counts, (low, high) = counts_of(birth), outward(birth)
    assert counts.certain + counts.uncertain + counts.other == 100 == len(counts.kinds)
    assert counts.uncertain == high - low
    assert low <= counts.middle == out_of_100(mean) <= high


@pytest.mark.parametrize("mean", [0.748, 0.70, 0.041, 0.999, 1.0, 0.0])
def test_the_line_parts_as_many_marks_as_the_sentence_says(two_losses, mean):
    answer = replace(two_losses, next_live_birth=Estimate(mean, mean, mean))
    hundred = part(drawn(answer), "hundred")
    (edge,) = hundred.iter(f"{SVG}path")
    left, lower, *rest = map(float, re.findall(r"-?\d+(?:\.\d+)?", edge.get("d")))
    across, upper = (rest[0], rest[1]) if len(rest) == 3 else (left, lower)
    places = [(float(mark.get("cx")), float(mark.get("cy"))) for mark in hundred.iter(f"{SVG}circle")]
    before = [(x, y) for x, y in places if y < upper or (y < lower and x < across)]
    assert len(before) == out_of_100(mean)


def test_it_is_named_and_described_for_those_who_cannot_see_it(two_losses):
    root = drawn(two_losses)
    ids = {element.get("id"): element for element in root.iter() if element.get("id")}
    assert root.get("role") == "img"
    named = [ids[name] for name in root.get("aria-labelledby").split()]
    assert [element.tag for element in named] == [f"{SVG}title", f"{SVG}desc"]
    assert named[1].text == figure_description(two_losses)
    assert headline(two_losses) in named[1].text
    shown = [child for child in root if child.tag == f"{SVG}g"]
    assert [group.get("aria-hidden") for group in shown] == ["true"]


def test_marks_differ_by_more_than_colour(two_losses):
    looks = {
        mark.get("data-kind"): (
            mark.get("class"),
            mark.get("fill"),
            mark.get("r"),
            mark.get("stroke-dasharray"),
        )
        for mark in part(drawn(two_losses), "hundred").iter(f"{SVG}circle")
    }
    assert len(set(looks.values())) == 3
    assert looks["uncertain"][1].startswith("url(#")
    assert looks["other"][2] != looks["certain"][2]


def test_it_follows_dark_high_contrast_and_print(two_losses):
    svg = history_figure(two_losses)
    for query in ("prefers-color-scheme: dark", "forced-colors: active", "@media print"):
        assert query in svg


def test_two_figures_may_stand_in_one_page(two_losses):
    first, second = (
        {element.get("id") for element in drawn(two_losses, name=name).iter() if element.get("id")}
        for name in ("first", "second")
    )
    assert first
    assert second
    assert not first & second


@pytest.mark.parametrize("mechanism", [None, "attack"])
@pytest.mark.parametrize("name", ["two_losses", "late", "treated"])
def test_it_keeps_every_rule(name, mechanism, request):
    svg = history_figure(replace(request.getfixturevalue(name), mechanism=mechanism))
    assert not [str(violation) for violation in check_public_html(svg)]
    assert "if pregnant again" in svg
    assert ("assumes a contested mechanism" in svg) == (mechanism is not None)


def test_a_small_chance_has_its_words_before_its_number(late):
    said = figure_description(late)
    assert said.index("less likely than not") < said.index("about 26")


def test_the_same_age_without_losses_stands_on_the_same_scale(two_losses):
    bands = part(drawn(two_losses), "bands")
    here, there = ((float(r.get("x")), float(r.get("width"))) for r in bands.iter(f"{SVG}rect"))
    # 86 - 60 out of 100 against 90 - 73.
    assert here[1] / there[1] == pytest.approx(26 / 17)
    assert (there[0] - here[0]) / here[1] == pytest.approx((73 - 60) / 26)
    assert "Same age, no losses: about 83, studies fit 73 to 90" in words(bands)


def test_no_text_runs_out_of_the_picture(two_losses):
    root = drawn(replace(two_losses, mechanism="attack"))
    height = float(root.get("height"))
    for text in root.iter(f"{SVG}text"):
        size, x, said = float(text.get("font-size")), float(text.get("x")), text.text
        # Letters of the fonts in use are half as wide as high, on average.
        reach = 0.5 * size * len(said) / (2 if text.get("text-anchor") == "middle" else 1)
        assert x + reach <= WIDTH, said
        assert float(text.get("y")) < height, said


def bars(answer, history, **given):
    sections = history_sections(answer, history=history, wish=Wish(**given))
    return {part.pregnancy: part for section in sections for part in section.parts if isinstance(part, Bar)}


def test_a_figure_inside_a_page_leaves_colours_and_words_to_the_page(two_losses, losses_then_birth):
    alone = history_figure(two_losses)
    inside = figure_in_page(bars(two_losses, losses_then_birth)["next"], name="next")
    assert "<style>" in alone
    assert "<style" not in inside
    assert inside.count("data-kind") == alone.count("data-kind")
    assert ".history-figure .solid" in figure_styles()
    # The legend and the words of the bands are text of the page, so they keep its size on a narrow screen.
    for said in ("60: a baby born alive, even at the low end", "Same age, no losses: about 83"):
        assert said in re.sub(r"<svg.*?</svg>", "", inside, flags=re.DOTALL)


def test_a_pregnancy_that_goes_on_has_a_figure_of_its_own(treated, now_at_26_weeks):
    assert list(bars(treated, now_at_26_weeks, later=True)) == ["now", "next"]
    shown = bars(treated, now_at_26_weeks)
    assert list(shown) == ["now"]
    now = ElementTree.fromstring(figure_in_page(shown["now"], name="now").strip())
    marks = [mark.get("data-kind") for mark in now.iter("circle")][:100]
    assert Counter(marks) == Counter(counts_of(treated.current.live_birth).kinds)
    (title,) = now.iter("title")
    assert "who are pregnant" in title.text
    assert "if pregnant again" not in title.text


def test_a_small_chance_of_now_is_drawn_on_request_alone(treated, now_at_26_weeks):
    small = replace(treated, current=replace(treated.current, live_birth=Estimate(0.2, 0.1, 0.3)))
    assert "now" not in bars(small, now_at_26_weeks)
    assert "now" in bars(small, now_at_26_weeks, numbers="clinician")


def test_without_an_age_there_is_nothing_to_draw(past_only):
    with pytest.raises(ValueError, match="past only"):
        history_figure(past_only)
