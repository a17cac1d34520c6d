"""Who must be told: reviewed points, what labelled cases add to them, and a guess that can be opened."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.content.audiences import load_audiences
from crisis.core.audience import analyse
from crisis.core.classify.likeness import HAD_TO_TELL
from crisis.core.need import GOODS_NAMED, READS_ALIKE, NeedRule, Points, Seen, look, weigh
from tests.core.test_audience import STOVE, Judged, mention
from tests.readers import ReadsCases

CONTENT = load_audiences()
CONTENT_WITH = replace(
    CONTENT,
    reader=ReadsCases({HAD_TO_TELL + "unions": 2.0}),
    needs=replace(CONTENT.needs, audiences={**CONTENT.needs.audiences, "unions": NeedRule(base=0.0, alike=1.0)}),
)
NAMES = ("a", "b", "c")


def rule(base: float, alike: float = 0.0, **points: float) -> NeedRule:
    rows = tuple(Points(when=(name,), points=value) for name, value in points.items())
    return NeedRule(base=base, points=rows, alike=alike)


tenths = st.integers(-50, 50).map(lambda n: n / 10)
rules = st.builds(
    lambda base, points: rule(base, **points), tenths, st.dictionaries(st.sampled_from(NAMES), tenths, max_size=3)
)


@given(rules, rules, st.sets(st.sampled_from(NAMES)))
def test_a_moved_rule_comes_to_the_sum_of_both(first: NeedRule, second: NeedRule, holding: set[str]) -> None:
    seen = Seen(hits=dict.fromkeys(holding, ()))

    both = weigh("dealers", first, seen).total + weigh("dealers", second, seen).total

    assert abs(weigh("dealers", first.moved(second), seen).total - both) < 1e-9


def test_a_condition_that_comes_to_nothing_is_no_row() -> None:
    assert rule(0.0, a=0.5).moved(rule(0.0, a=-0.5)).points == ()


def test_what_a_case_reads_like_is_a_row_with_the_cases_it_rests_on() -> None:
    seen = look(STOVE, Judged(), CONTENT.needs, ReadsCases({HAD_TO_TELL + "unions": 0.5}))

    need = weigh("unions", rule(-1.0, alike=4.0), seen)

    (row,) = need.rows
    assert (row.when, row.points, need.total, need.told) == ((READS_ALIKE,), 2.0, 1.0, True)
    assert row.cases is not None and row.cases.en


def test_a_case_that_reads_unlike_the_labelled_ones_loses_points() -> None:
    seen = look(STOVE, Judged(), CONTENT.needs, ReadsCases({HAD_TO_TELL + "unions": -0.1}))

    assert weigh("unions", rule(0.0, alike=4.0), seen).total == -0.4


def test_without_a_reader_nothing_is_guessed() -> None:
    seen = look(STOVE, Judged(), CONTENT.needs)

    assert seen.alike == {}
    assert all(
        row.cases is None for name, one in CONTENT.needs.audiences.items() for row in weigh(name, one, seen).rows
    )


def test_a_reader_is_asked_for_every_audience_and_told_the_folded_texts() -> None:
    reader = ReadsCases({})

    look(STOVE, Judged(), CONTENT.needs, reader)

    assert reader.happened == ["read"]
    assert len(reader.given[0]) == len(STOVE.mentions) + len(STOVE.facts)


def test_an_audience_says_that_it_is_told_on_a_guess() -> None:
    told = analyse(STOVE, Judged(), CONTENT_WITH).audiences
    unions = next(item for item in told if item.audience == "unions")

    reason = next(item for item in unions.reasons if item.code == READS_ALIKE)
    assert reason.points and reason.points > 0
    assert reason.text.en.startswith("a guess: ") and "“a case of tell_unions”" in reason.text.en
    assert reason.text.zh.startswith("猜测：")


def test_at_most_five_reasons_stand_beside_the_fixed_ones_the_heaviest_first_and_a_guess_last() -> None:
    for item in analyse(STOVE, Judged(), CONTENT).audiences:
        summed = [reason for reason in item.reasons if reason.points is not None]
        seen = [reason.points or 0 for reason in summed if reason.code != READS_ALIKE]

        assert len(summed) <= 5 and seen == sorted(seen, reverse=True)
        assert READS_ALIKE not in [reason.code for reason in summed[:-1]]


@pytest.mark.parametrize(
    ("product", "title", "named"),
    [
        ("穗光燃气灶", "一户家庭燃气灶爆炸", True),
        ("穗光燃氣灶", "一户家庭燃气灶爆炸", True),
        ("穗光燃具", "穗光燃具开会", False),  # nothing is left of it without our name
        ("Larkfield Kettle", "A kettle burst into flames in Leeds", True),
        ("Pod", "The podium fell", False),
        ("热水器", "一户家庭燃气灶爆炸", False),
    ],
)
def test_a_product_is_named_with_our_name_before_it_or_without(product: str, title: str, named: bool) -> None:
    org = replace(STOVE.org, aliases=("穗光", "Larkfield"), products=(product,))

    seen = look(replace(STOVE, org=org, mentions=(mention(title),), facts=()), Judged(), CONTENT.needs)

    assert seen.holds(GOODS_NAMED) is named
