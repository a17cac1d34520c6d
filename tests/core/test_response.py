"""Responses: how the stance of audiences moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.core.response import Response, checked, shift, stance_now, stance_series
from crisis.errors import Invalid

AT = datetime(2026, 5, 14, 1, 0, tzinfo=UTC)
ANSWER = Response(incident_id=1, audience="customers", region="温州", stance=-2, said="不敢再用", at=AT, by=1)
HOUR = timedelta(hours=1)
ANSWERS = st.lists(
    st.builds(
        lambda minutes, stance: replace(ANSWER, at=AT + timedelta(minutes=minutes), stance=stance),
        st.integers(0, 600),
        st.integers(-2, 2),
    ),
    max_size=20,
)


def test_words_a_stance_and_an_audience_are_needed() -> None:
    assert checked(ANSWER) is ANSWER
    for change in ({"said": " "}, {"stance": 3}, {"stance": -3}, {"audience": ""}):
        with pytest.raises(Invalid):
            checked(replace(ANSWER, **change))  # type: ignore[arg-type]


def test_the_stance_before_and_after_a_release_is_told_apart() -> None:
    later = replace(ANSWER, at=AT + HOUR, stance=1)

    assert shift([ANSWER, later], AT + HOUR) == (-2, 1)
    assert shift([], AT) == (None, None)


def test_without_answers_nobody_knows_the_stance() -> None:
    assert stance_now([]) is None
    assert stance_series([], step=HOUR) == ()


@given(ANSWERS)
@settings(max_examples=80, deadline=None)
def test_the_series_counts_every_answer_once_in_order_of_time(answers: list[Response]) -> None:
    series = stance_series(answers, step=HOUR)

    assert sum(point.n for point in series) == len(answers)
    assert [point.at for point in series] == sorted(point.at for point in series)
    assert all(-2 <= point.mean <= 2 for point in series)
    assert sum(point.mean * point.n for point in series) == pytest.approx(sum(answer.stance for answer in answers))


@given(ANSWERS)
@settings(max_examples=60, deadline=None)
def test_the_stance_now_is_that_of_the_newest_answers(answers: list[Response]) -> None:
    newest = sorted(answers, key=lambda answer: answer.at)[-3:]

    now = stance_now(answers, last=3)

    assert now == (sum(answer.stance for answer in newest) / len(newest) if newest else None)
