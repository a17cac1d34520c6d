"""Triage: how grave a story looks, and why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.core.triage import suggest

HARMS = st.sets(
    st.sampled_from(["death", "injury", "regulator", "legal", "default", "fraud", "safety", "data", "environment"])
)


@pytest.mark.parametrize(
    ("harms", "voices", "risk", "severity"),
    [
        ((), 1, 0.1, 1),
        ((), 1, 0.6, 2),
        (("injury",), 1, 0.6, 3),
        (("regulator",), 1, 0.6, 3),
        ((), 3, 0.6, 3),
        (("death",), 1, 0.6, 4),
    ],
)
def test_the_scale_of_severity(harms: tuple[str, ...], voices: int, risk: float, severity: int) -> None:
    assert suggest(harms=harms, voices=voices, risk=risk, names_us=True, reach=3).severity == severity


@given(HARMS, st.integers(0, 9), st.floats(0, 1), st.integers(1, 5))
@settings(max_examples=80, deadline=None)
def test_a_story_about_others_or_a_namesake_stays_at_the_bottom(
    harms: set[str], voices: int, risk: float, reach: int
) -> None:
    for about in ({"names_us": False}, {"names_us": True, "namesake": True}):
        assert suggest(harms=harms, voices=voices, risk=risk, reach=reach, **about).severity == 1


@given(HARMS, HARMS, st.integers(0, 9), st.integers(0, 9), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=150, deadline=None)
def test_more_harm_more_voices_and_more_risk_never_look_less_grave(
    harms: set[str], more: set[str], voices: int, extra: int, risk: float, worse: float
) -> None:
    less = suggest(harms=harms, voices=voices, risk=min(risk, worse), names_us=True, reach=3)
    grave = suggest(harms=harms | more, voices=voices + extra, risk=max(risk, worse), names_us=True, reach=3)

    assert grave.severity >= less.severity
    assert 1 <= grave.severity <= 4


@given(HARMS, st.integers(0, 9), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_whatever_is_suggested_has_a_reason(harms: set[str], voices: int, risk: float) -> None:
    assert suggest(harms=harms, voices=voices, risk=risk, names_us=True, reach=3).reasons
