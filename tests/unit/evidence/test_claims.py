"""The lay claims, the guidelines and the organisations: complete, in plain words, and safe to show."""

from __future__ import annotations

from decidua.evidence import load_ledger
from decidua.tell.safety import check_public_text


def test_all_twelve_claims_stand_with_reason_and_sources():
    claims = load_ledger().claims
    assert list(claims) == list("abcdefghijkl")
    assert all(claim.reason and claim.sources for claim in claims.values())


def test_claims_that_say_two_things_are_judged_twice():
    claims = load_ledger().claims
    for letter in "cfi":
        assert [part.id for part in claims[letter].parts] == [f"{letter}1", f"{letter}2"]
    assert claims["c"].parts[1].verdict == "contradicted"
    assert claims["f"].parts[1].verdict == "unproven"
    assert claims["i"].parts[1].verdict == "unproven"


def test_verdicts_follow_the_evidence_sheet():
    verdicts = {name: claim.verdict for name, claim in load_ledger().claims.items()}
    assert verdicts["e"] == "contradicted"
    assert {verdicts[name] for name in "gl"} == {"supported"}
    assert verdicts["j"] == "partly_supported"
    assert verdicts["b"] == "contested"


def test_a_contradicted_claim_cites_what_contradicts_it():
    claims = load_ledger().claims.values()
    for part in (part for claim in claims for part in (claim, *claim.parts)):
        if part.verdict == "contradicted":
            assert any(citation.why == "contradicts_claim" for citation in part.sources), part.id


def test_reasons_may_be_put_before_the_public():
    from decidua.tell.words import sentence

    parts = [part for claim in load_ledger().claims.values() for part in (claim, *claim.parts)]
    text = "\n\n".join(f"“{part.text}” {part.reason}" for part in parts)
    assert check_public_text(f"{text}\n\n{sentence('steroid')}") == []


def test_what_nobody_read_of_a_guideline_says_so():
    guidelines = load_ledger().guidelines
    royal = guidelines["rcog_2023_fourth"]
    assert (royal.trigger_losses, royal.consecutive, royal.date) == (3, "no", "2023-06-19")
    assert royal.steroids == royal.progesterone == royal.ivig == "not verified"
    assert guidelines["eshre_2022"].trigger_losses == 2
    assert guidelines["dggg_2022"].trigger == "not verified"
    assert guidelines["graded_model_loss_1"].trigger_losses == 1


def test_no_guideline_cell_is_empty():
    for guideline in load_ledger().guidelines.values():
        cells = guideline.model_dump(exclude={"trigger_losses", "note", "sources"})
        assert all(cells.values()), guideline.id


def test_support_gives_links_and_no_numbers():
    support = load_ledger().support
    assert {"miscarriage_association", "tommys", "sands"} <= set(support)
    for organisation in support.values():
        assert not any(letter.isdigit() for letter in organisation.link + organisation.about)
