"""What a case reads like: a guess beside its words, opened to the labelled cases it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crisis.content.classifier import rules
from crisis.core.case import Case, CaseFact, CaseMention, CreditKind, CrisisType, FactStatus, OutletKind
from crisis.core.classify import classify
from crisis.core.classify.sightings import sightings, texts_read
from monitors.organisation import Organisation
from tests.readers import ReadsCases

RULES = rules()


def case(*titles: str, claims: Sequence[str] = (), lang: str = "en") -> Case:
    return Case(
        id="c",
        org=Organisation(name="Kettleby Stoves"),
        mentions=tuple(
            CaseMention(
                hours=hour, outlet="a daily", kind=OutletKind.NEWSPAPER, reach=3, lang=lang, title=title, summary=""
            )
            for hour, title in enumerate(titles)
        ),
        facts=tuple(CaseFact(hours=1.0, claim=claim, status=FactStatus.CONFIRMED) for claim in claims),
    )


def test_a_guess_says_so_and_names_the_cases_it_rests_on_in_the_readers_language() -> None:
    found = classify(case("Something happened"), replace(RULES, reader=ReadsCases({"chain": 0.6})))

    row = next(row for row in found.evidence if row.feature == "reads_like_chain" and row.type is CrisisType.CHAIN)
    assert row.points > 0
    assert row.because.en == "a guess: reads like cases of a chain crisis: “a case of chain”, “another”"
    assert row.because.zh == "猜测：读起来像连锁危机的案例：“chain 案例”"
    assert row.mention is None and row.fact is None


def test_the_guess_is_a_row_of_the_sum_like_any_other() -> None:
    plain = classify(case("Something happened"), replace(RULES, reader=None))
    found = classify(case("Something happened"), replace(RULES, reader=ReadsCases({"matrix": 0.5})))

    for kind in CrisisType:
        rows = sum(row.points for row in found.evidence if row.type is kind and row.feature == "reads_like_matrix")
        assert abs(found.scores[kind] - plain.scores[kind] - rows) < 0.01
    assert found.primary is CrisisType.MATRIX


def test_the_kind_of_credit_is_guessed_too_and_speaks_for_no_type() -> None:
    said = "Kettleby cannot repay and falsified its books"
    for kind in CreditKind:
        found = classify(case(said), replace(RULES, reader=ReadsCases({"credit": 0.9, kind: 1.5})))

        assert found.credit_kind is kind
        assert not [row for row in found.evidence if row.feature == f"reads_like_{kind}"]


def test_a_small_likeness_says_nothing() -> None:
    seen = sightings(case("Something happened"), replace(RULES, reader=ReadsCases({"linear": 0.04, "media": 0.06})))

    assert [one.concept for one in seen if one.like is not None] == ["reads_like_media"]


def test_mentions_and_claims_are_read_folded_and_empty_ones_are_not() -> None:
    read = ReadsCases({})
    classify(case("ＲＥＣＡＬＬ at Kettleby", claims=("Lot 7 is bad", " ")), replace(RULES, reader=read))

    assert read.given == [("recall at kettleby", "lot 7 is bad")]
    assert texts_read(case()) == ()


def test_without_labelled_cases_words_alone_decide() -> None:
    seen = sightings(case("Fire at the plant"), replace(RULES, reader=None))

    assert seen and all(one.like is None for one in seen)


def test_nothing_said_reads_like_nothing() -> None:
    assert [row for row in classify(case(), RULES).evidence if row.feature.startswith("reads_like_")] == []
    assert [
        row
        for row in classify(case("Savers queue for their money"), RULES).evidence
        if row.feature.startswith("reads_like_")
    ]
