"""Figures of the dead, the hurt, people and money are read in both languages; shares, years and ages are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.core.classify.amounts import Measure, amounts, number, weight
from monitors.folding import fold


def read(text: str) -> dict[str, float]:
    return {str(amount.measure): amount.value for amount in amounts(fold(text).text)}


@pytest.mark.parametrize(
    ("text", "measure", "value"),
    [
        ("厂房爆炸 已致2死7伤", "dead", 2),
        ("厂房爆炸 已致2死7伤", "hurt", 7),
        ("遇難人數升至八人", "dead", 8),
        ("仍有十余人失联", "dead", 10),
        ("一万两千户停水", "people", 12_000),
        ("数十万用户受影响", "people", 300_000),
        ("虚构销售6.8亿元", "money", 680_000_000),
        ("At least seventeen dead in the fire", "dead", 17),
        ("Worker killed at the plant", "dead", 1),
        ("A man, 34, dies in hospital", "dead", 1),
        ("14 people were taken to hospital", "hurt", 14),
        ("An outage hits 4 million customers", "people", 4_000_000),
        ("A penalty of €48 million", "money", 48_000_000),
        ("The insurer is fined 2.5 billion", "money", 2_500_000_000),
    ],
)
def test_a_figure_is_read_with_what_it_counts(text: str, measure: str, value: float) -> None:
    assert read(text)[measure] == value


@pytest.mark.parametrize(
    "text", ["2019年的老问题", "满意率98%", "死者家属到场", "In 2019 the firm moved", "Up 4 percent"]
)
def test_years_and_shares_count_nothing(text: str) -> None:
    assert read(text) == {}


def test_the_span_of_a_figure_opens_to_its_words() -> None:
    text = "昨夜塔吊倾覆，4人死亡"

    (found,) = [amount for amount in amounts(text) if amount.measure is Measure.DEAD]

    assert text[found.start : found.end] == "4人死亡"


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_more_never_weighs_less(first: int, second: int) -> None:
    small, large = sorted((first, second))
    for unit in ("人死亡", "人受伤", "户", "元"):
        weights = [weight(amounts(f"{count}{unit}")[0]) for count in (small, large)]
        assert 0 < weights[0] <= weights[1] <= 2


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="〇一二三四五六七八九十百千万亿两几余多0123456789., millionthousandbk", max_size=12))
def test_any_words_are_some_number(words: str) -> None:
    assert number(words) >= 0
