"""The matcher against the naive evaluator of tests/eval/match_oracle.py. A long run is a command there."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.article import Article
from monitors.matcher import Matcher
from monitors.matcher.explain import explain
from monitors.watch import Watch
from tests.eval import match_oracle as oracle

seeds = st.integers(10_000_000, 2**40)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_every_span_agrees_with_the_oracle(seed: int) -> None:
    assert oracle.differences(seed) == []


def _case(seed: int) -> tuple[random.Random, str, str, Article]:
    chance = random.Random(seed)
    pool = chance.sample(oracle.WORDS, 6)
    one, other = (oracle.write(oracle.make_place(chance, pool, 2)) for _ in "ab")
    title, body = oracle.make_text(chance, pool, 5), oracle.make_text(chance, pool, 10)
    return chance, one, other, Article(id="a", title=title, body=body)


def _caught(query: str, article: Article) -> bool:
    return bool(Matcher([Watch(id="w", query=query)]).match(article))


@settings(max_examples=80, deadline=None)
@given(seeds)
def test_or_never_loses_and_near_never_gains(seed: int) -> None:
    chance, one, other, article = _case(seed)
    near = chance.randint(0, 6)

    alone, both = _caught(one, article), _caught(f"{one} AND {other}", article)
    tight, wide = (_caught(f"{one} NEAR/{distance} {other}", article) for distance in (near, near + 1))

    assert _caught(f"{one} OR {other}", article) >= alone >= both >= wide >= tight


@settings(max_examples=80, deadline=None)
@given(seeds)
def test_what_is_explained_is_what_is_matched(seed: int) -> None:
    _, one, other, article = _case(seed)
    watch = Watch(id="w", query=f"{one} OR ({other} AND NOT {one})")

    assert explain(article, watch).matched == _caught(watch.query, article)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_other_watches_and_their_order_change_nothing(seed: int) -> None:
    chance, one, other, article = _case(seed)
    watches = [Watch(id="one", query=one), Watch(id="other", query=other), Watch(id="more", query=f"{one} OR zz")]
    alone = {mention for watch in watches for mention in Matcher([watch]).match(article)}
    chance.shuffle(watches)

    assert set(Matcher(watches, sample=[article]).match(article)) == alone
