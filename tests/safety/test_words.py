"""The closed list of words is whole, and the helpers that read it say what they should."""

from __future__ import annotations

import pytest

from decidua.tell.words import chance_words, in_100, label, load_words, sentence

MUST_BE_BANNED = [
    "risk",
    "odds",
    "failure",
    "success rate",
    "spontaneous abortion",
    "early pregnancy failure",
    "blighted ovum",
    "products of conception",
    "fetal demise",
    "habitual abortion",
    "failed pregnancy",
    "incompetent cervix",
    "cervical insufficiency",
    "unexplained",
    "hostile womb",
    "killer cells attack the baby",
    "chemical pregnancy",
    "scratch",
    "at least",
    "just",
    "advanced maternal age",
    "abortion",
]


@pytest.mark.parametrize("word", MUST_BE_BANNED)
def test_every_word_that_people_found_unacceptable_is_banned(word):
    text = f"There was {word.upper()} in it."
    assert any(banned.pattern.search(text) for banned in load_words().banned)


@pytest.mark.parametrize(
    "word", ["induced abortion", "adjust", "injustice", "asterisk", "good chance", "failed"]
)
def test_words_that_only_look_alike_are_not(word):
    assert not [banned.word for banned in load_words().banned if banned.pattern.search(f"An {word} here.")]


def test_the_fixed_sentences_stand_word_for_word():
    assert sentence("steroid") == (
        "If you take steroids, do not stop or change them without your clinic: "
        "stopping suddenly can be dangerous."
    )
    assert sentence("if_pregnant_again") == "if pregnant again"
    assert sentence("contested_mechanism") == "assumes a contested mechanism"
    assert sentence("not_a_device") == "For research and education. Not a medical device."


def test_our_own_sentences_and_labels_keep_our_own_words():
    own = [
        *load_words().sentences.values(),
        *(text for group in load_words().labels.values() for text in group.values()),
    ]
    assert not [
        (banned.word, text) for banned in load_words().banned for text in own if banned.pattern.search(text)
    ]


def test_every_mechanism_class_and_outcome_has_a_label():
    labels = load_words().labels
    assert set(labels["mechanism_class"]) == {"high_count_harms", "low_count_harms", "no_effect"}
    assert set(labels["mechanism"]) == {"attack", "perfusion", "decidual_quality", "too_few", "marker"}
    assert set(labels["outcome"]) == {
        "miscarriage",
        "live_birth",
        "stillbirth",
        "ectopic",
        "induced",
        "ongoing",
    }


def test_what_is_not_in_the_list_is_named_with_what_is():
    with pytest.raises(KeyError, match=r"no sentence 'comfort'; there are .*steroid"):
        sentence("comfort")
    with pytest.raises(KeyError, match="no outcome 'loss'; there are ectopic"):
        label("outcome", "loss")


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.0, "very unlikely"), (0.05, "unlikely"), (0.2999, "less likely than not"), (0.30, None), (1.0, None)],
)
def test_only_a_chance_below_30_in_100_comes_as_words(p, words):
    assert chance_words(p) == words


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0.0, "0 in 100"), (0.004, "fewer than 1 in 100"), (0.618, "62 in 100"),
        (0.996, "more than 99 in 100"), (1.0, "100 in 100"),
    ],
)  # fmt: skip
def test_numbers_are_whole_and_never_round_to_certainty(p, shown):
    assert in_100(p) == shown


@pytest.mark.parametrize("show", [chance_words, in_100])
@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_chance_is_refused(show, p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        show(p)
