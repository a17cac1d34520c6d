"""The second opinion on a text: what it reads like, added to its wordings; a guess where it stands alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crisis.content.checks import load_checks
from crisis.content.encoder import vectors
from crisis.core.case import FactStatus
from crisis.core.checks import DraftText, LedgerFact, Level, check
from crisis.core.checks.likeness import Points, Signs
from tests.readers import with_likeness

CHECKS = load_checks()
GOOD = (
    "Kettleby Stoves, 14 May 2026, 10:00\n"
    "We are sorry for what this family went through last night.\n"
    "A stove exploded in a home in Gongshu and one customer was hurt; what caused it is not known yet.\n"
    "{odd}\n"
    "Please stop using the stove and call Li Man on 0800 000 000. You can choose a refund or a replacement.\n"
    "We will say more here at 18:00 today.\nKettleby Stoves"
)


def draft(odd: str, **changes: object) -> DraftText:
    fact = LedgerFact(id="F1", claim="A stove exploded in a home in Gongshu", status=FactStatus.CONFIRMED)
    base = DraftText(id="d", lang="en", text=GOOD.format(odd=odd), audience="customers", facts=(fact,), hours=4)
    return replace(base, **changes)  # type: ignore[arg-type]


SEEN = {"18:00": {"SC06": 1.0}}


def test_a_sentence_that_reads_like_a_fault_without_its_words_is_a_guess_that_never_blocks() -> None:
    checks = with_likeness(CHECKS, {**SEEN, "teaspoon": {"SC15": 0.8}})

    report = check(draft("A teaspoon of attention would have spared everybody this."), checks)

    found = next(finding for finding in report.findings if finding.check == "SC15")
    assert CHECKS.check("SC15").severity is Level.BLOCK
    assert (found.guess, found.severity, found.alike) == (True, Level.HIGH, ("like SC15",))
    assert (
        "teaspoon" in draft("A teaspoon of attention would have spared everybody this.").text[found.start : found.end]
    )
    assert not report.blocked


@pytest.mark.parametrize(
    ("gate", "score", "severity"), [(0.3, -0.03, Level.MEDIUM), (0.3, 0.03, Level.HIGH), (0.5, -0.03, None)]
)
def test_below_even_odds_a_finding_is_medium_at_most(gate: float, score: float, severity: Level | None) -> None:
    checks = with_likeness(CHECKS, {**SEEN, "teaspoon": {"SC15": score}}, gate=gate)

    report = check(draft("A teaspoon of attention would have spared everybody this."), checks)

    found = {finding.check: finding.severity for finding in report.findings}
    assert found.get("SC15") is severity


def test_words_of_others_do_not_read_like_ours() -> None:
    checks = with_likeness(CHECKS, {**SEEN, "teaspoon": {"SC15": 0.8}})

    report = check(draft("“A teaspoon of attention would have spared everybody this.”"), checks)

    assert "SC15" not in {finding.check for finding in report.findings}


@pytest.mark.parametrize(
    ("check_id", "odd", "exempt"),
    [
        ("SC41", "That teaspoon of a story is false from the first word to the last.", {"claim_refuted": True}),
        ("SC52", "For the teaspoon line dial 0571 8888 1234 at any hour.", {"own_numbers": ("0571-8888-1234",)}),
        ("SC18", "Every teaspoon will be refunded in full.", {"approved_remedies": ("refund in full",)}),
    ],
)
def test_what_is_exempt_is_not_brought_back_by_what_it_reads_like(
    check_id: str, odd: str, exempt: dict[str, object]
) -> None:
    checks = with_likeness(CHECKS, {**SEEN, "teaspoon": {check_id: 0.9}})

    plain, exempted = check(draft(odd), checks), check(draft(odd, **exempt), checks)

    assert check_id in {finding.check for finding in plain.findings}
    assert check_id not in {finding.check for finding in exempted.findings}


def test_business_as_usual_in_no_listed_words_comes_before_the_injured_as_a_guess() -> None:
    odd = "The kilns kept their teaspoon rhythm."
    text = GOOD.format(odd="More is not known.").replace("We are sorry for", odd + "\nWe are sorry for")
    plain, read = (
        check(draft(odd, text=text, injury=True), with_likeness(CHECKS, {**SEEN, **words}))
        for words in ({}, {"teaspoon": {"SC38": -0.5}})
    )

    assert "SC38" not in {finding.check for finding in plain.findings}
    found = next(finding for finding in read.findings if finding.check == "SC38")
    assert (found.guess, text[found.start : found.end], found.alike) == (True, odd, ("like SC38",))


def test_a_check_may_believe_its_own_likeness_more_than_others_do() -> None:
    signs = Signs(first=0.5, second=0.0)
    points = Points(gate=0.5, signs={"first": 1.0}, checks={"SC15": 0.0, "SC18": 0.0}, own={"SC15": 2.0})

    assert points.share("SC15", signs) > points.share("SC18", signs) > 0.5


def test_a_guess_gives_advice_and_changes_no_words_by_itself() -> None:
    checks = with_likeness(CHECKS, {"18:00": {"SC06": -1.0}, "teaspoon": {"SC52": 0.9, "SC15": 0.9}})

    report = check(draft("A teaspoon of attention would have spared everybody this."), checks)

    guesses = [finding for finding in report.findings if finding.guess]
    assert {finding.check for finding in guesses} >= {"SC06", "SC15", "SC52"}
    assert all(finding.fix is None or finding.fix.replacement is None for finding in guesses)


def test_a_guess_costs_half_of_a_finding_of_its_level_and_stands_last() -> None:
    odd = "A teaspoon of attention would have spared everybody this."

    report = check(
        draft(odd, text=GOOD.format(odd=odd).replace("Li Man", "us")),
        with_likeness(CHECKS, {**SEEN, "teaspoon": {"SC15": 0.8}}),
    )

    assert [finding.guess for finding in report.findings] == sorted(finding.guess for finding in report.findings)
    rows = {row.check: row for score in report.principles for row in score.rows}
    assert (rows["SC15"].guess, rows["SC15"].points) == (True, 7)
    # The guessed blame stands before the remedy: a guess of medium.
    assert (rows["SC03"].guess, rows["SC03"].points) == (True, 3)
    assert {(row.guess, row.points) for check_id, row in rows.items() if check_id not in ("SC03", "SC15")} <= {
        (False, 15),
        (False, 7),
        (False, 3),
    }


def test_a_required_element_that_the_text_does_not_read_like_is_guessed_to_be_missing() -> None:
    report = check(draft("The lift is out of order."), with_likeness(CHECKS, {"18:00": {"SC06": -1.0}}))

    found = next(finding for finding in report.findings if finding.check == "SC06")
    assert found.guess and found.start == found.end == 0


@pytest.mark.parametrize(("score", "certain"), [(0.8, True), (-0.8, False)])
def test_what_the_ledger_does_not_bear_out_rests_on_no_wording_that_was_dismissed(score: float, certain: bool) -> None:
    odd = "Had they only read the label, nobody would be in hospital."
    made = with_likeness(CHECKS, {**SEEN, "label": {"SC15": score}})
    assert made.likeness is not None
    always = replace(made.likeness.forbidden, checks={**made.likeness.forbidden.checks, "SC21": 30.0})

    report = check(draft(odd), replace(made, likeness=replace(made.likeness, forbidden=always)))

    assert ("SC15" in {finding.check for finding in report.findings}) is certain
    (flat,) = [finding for finding in report.findings if finding.check == "SC21"]
    assert flat.guess is not certain
    assert report.blocked is certain


def test_a_short_text_is_left_to_its_wordings() -> None:
    text = "A teaspoon of attention would have spared everybody this."

    report = check(draft("", text=text), with_likeness(CHECKS, {"teaspoon": {"SC15": 0.8}}))

    assert "SC15" not in {finding.check for finding in report.findings}
    assert not any(finding.guess for finding in report.findings)


def test_without_a_likeness_the_wordings_alone_decide() -> None:
    alone = replace(CHECKS, likeness=None)

    report = check(draft("It was probably user error."), alone)

    assert "SC15" in {finding.check for finding in report.findings}
    assert not any(finding.guess for finding in report.findings)


@given(some.floats(-1.5, 1.5), some.floats(0, 1), some.integers(0, 6))
def test_the_more_a_text_reads_like_a_fault_the_surer_is_the_finding(first: float, more: float, lacking: int) -> None:
    likeness = CHECKS.likeness
    assert likeness is not None
    for identity in likeness.forbidden.checks:
        lower, upper = (Signs(first=value, second=-1.0, lacking=lacking) for value in (first, first + more))

        assert likeness.forbidden.share(identity, lower) <= likeness.forbidden.share(identity, upper) + 1e-9


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_sentence_has_one_vector_alone_and_among_others(lang: str) -> None:
    lines = {
        "zh": ["我们深表歉意。", "请立即停止使用。", "原因尚未查明，明天18:00再通报。"],
        "en": ["We are deeply sorry.", "Please stop using it.", "The cause is not known; more at 18:00."],
    }[lang]

    together = vectors([line + " " for line in lines])
    alone = [vectors([line + "  "])[0] for line in lines]

    for left, right in zip(together, alone, strict=True):
        assert float(left @ right) > 0.999


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        (
            "The blame lies with the carrier alone.",
            "Whoever signs a confidentiality agreement will get 50 pounds.",
            True,
        ),
        (
            "Whoever signs a confidentiality agreement will get 50 pounds.",
            "The blame lies with the carrier alone.",
            False,
        ),
    ],
)
def test_what_people_get_on_a_condition_is_the_remedy_that_a_reason_must_not_stand_before(
    first: str, second: str, found: bool
) -> None:
    report = check(draft("", text=f"{first} {second}"), CHECKS)

    assert [finding.guess for finding in report.findings if finding.check == "SC03"] == [False] * found


def test_what_comes_out_of_order_only_by_a_guess_is_a_guess() -> None:
    odd = "A teaspoon of attention would have spared everybody this."
    text = GOOD.format(odd="").replace("A stove exploded", f"{odd} A stove exploded")

    report = check(draft("", text=text), with_likeness(CHECKS, {**SEEN, "teaspoon": {"SC15": 0.8}}))

    assert [(f.guess, f.severity) for f in report.findings if f.check == "SC03"] == [(True, Level.MEDIUM)]
