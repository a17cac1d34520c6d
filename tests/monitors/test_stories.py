"""Articles about one event stand together, and an officer has the last word."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.article import Article
from monitors.constraints import Constraints, Contradiction
from monitors.stories import Stories, similarity

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FERRY = (
    "Ferry hull cracks found by harbour inspectors",
    "Harbour inspectors find cracks in ferry hull",
    "Cracks in hull keep ferry in harbour",
    "Ferry stays in harbour after hull cracks",
)
TEA = ("茶饮品牌门店被查出过期原料", "茶飲品牌回應門店使用過期原料", "过期原料门店停业 茶饮品牌致歉")
OTHERS = (
    "Snow closes mountain passes in the north",
    "Central bank holds interest rates steady",
    "Striker signs for city club on free transfer",
    "Rain delays start of tennis final",
    "新能源汽车销量再创新高",
    "今年高考报名人数公布",
    "Museum returns bronze statues to Benin",
    "Volcano on island erupts after quiet decade",
)


def article(title: str, *, hours: float = 0, identity: str = "") -> Article:
    return Article(id=identity or title, title=title, source="a", published=NOON + timedelta(hours=hours))


def filled() -> Stories:
    stories = Stories()
    for title in (*OTHERS, *FERRY, *TEA):
        stories.add(article(title))
    stories.consolidate()
    return stories


def test_articles_about_one_event_stand_together_and_others_do_not() -> None:
    stories = filled()

    assert len({stories.story_of(title) for title in FERRY}) == 1
    assert len({stories.story_of(title) for title in TEA}) == 1
    assert len({stories.story_of(title) for title in OTHERS}) == len(OTHERS)


def test_a_story_is_named_after_its_first_article() -> None:
    assert filled().story_of(FERRY[3]) == FERRY[0]


def test_a_copy_joins_the_story_of_its_original() -> None:
    stories = filled()

    place = stories.add(article(FERRY[0], identity="reprint", hours=2))

    assert place.copy == FERRY[0]
    assert place.is_copy
    assert place.story == FERRY[0]


def test_a_name_that_was_shown_leads_to_the_story_it_became() -> None:
    stories = filled()
    shown = stories.story_of(OTHERS[1])
    assert shown is not None

    (change,) = stories.must_join(OTHERS[0], OTHERS[1])

    assert (change.story, change.into) == (OTHERS[1], OTHERS[0])
    assert stories.current(shown) == OTHERS[0] == stories.story_of(OTHERS[1])


def test_what_an_officer_parted_never_comes_together_again() -> None:
    stories = filled()

    name = stories.must_part(FERRY[:2], FERRY[2:])
    stories.consolidate()
    homes = stories.final()

    assert name is not None
    assert {homes[title] for title in FERRY[:2]}.isdisjoint({homes[title] for title in FERRY[2:]})


def test_what_an_officer_joined_stays_together() -> None:
    stories = filled()

    stories.must_join(FERRY[0], OTHERS[0])
    homes = stories.final()

    assert homes[FERRY[0]] == homes[OTHERS[0]]


def test_a_decision_holds_for_an_article_that_arrives_later() -> None:
    stories = filled()
    stories.must_join(OTHERS[0], "late")
    stories.must_part([FERRY[0]], ["other"])

    assert stories.add(article("something else entirely", identity="late")).story == stories.story_of(OTHERS[0])
    assert stories.add(article(FERRY[1], identity="other")).story != stories.story_of(FERRY[0])


def test_contradicting_decisions_are_refused() -> None:
    stories = filled()
    stories.must_join(FERRY[0], FERRY[1])

    with pytest.raises(Contradiction):
        stories.must_part([FERRY[0]], [FERRY[1]])
    stories.must_part([FERRY[0]], [TEA[0]])
    with pytest.raises(Contradiction):
        stories.must_join(FERRY[1], TEA[0])


def test_parting_the_first_article_from_its_story_gives_a_new_name() -> None:
    stories = filled()

    name = stories.must_part(FERRY[1:], FERRY[:1])

    assert name is not None
    assert name != FERRY[0]
    assert stories.story_of(FERRY[0]) == name
    assert stories.story_of(FERRY[1]) == FERRY[0]


def test_a_story_ends_72_hours_after_its_last_article() -> None:
    stories = filled()
    stories.add(article(FERRY[0] + " again", hours=60))

    stories.consolidate(NOON + timedelta(hours=100))

    assert stories.story_of(FERRY[1]) is None
    assert stories.articles_of(FERRY[0]) == (FERRY[0] + " again",)


def test_a_flood_forgets_the_oldest_and_keeps_the_limit() -> None:
    stories = Stories(limit=50)
    for number in range(200):
        stories.add(article(f"word{number} thing{number} place{number}"))

    assert sum(len(stories.articles_of(name)) for name in {f"word{n} thing{n} place{n}" for n in range(200)}) <= 50
    assert len(stories.copies) <= 50
    assert len(Stories.load(stories.dump()).copies) <= 50


def test_an_article_that_is_joined_to_itself_is_forgotten_like_any_other() -> None:
    stories = Stories(limit=2)
    stories.add(article(FERRY[0]))
    stories.must_join(FERRY[0], FERRY[0])

    for title in FERRY[1:4]:
        stories.add(article(title))

    assert stories.story_of(FERRY[0]) is None


def test_a_clock_that_jumps_back_and_missing_dates_do_no_harm() -> None:
    stories = Stories()
    stories.add(article(FERRY[0], hours=10))
    stories.add(article(FERRY[1], hours=-500))
    stories.add(Article(id="undated", title=FERRY[2]))

    assert stories.story_of("undated") == stories.story_of(FERRY[0])


def test_memory_survives_a_restart() -> None:
    stories = filled()
    stories.must_part(FERRY[:1], TEA[:1])

    again = Stories.load(json.loads(json.dumps(stories.dump())))

    assert again.dump() == stories.dump()
    probe = article("Ferry hull cracks: inspectors report", hours=1)
    assert again.add(probe) == stories.add(probe)


def test_alike_is_more_than_unlike() -> None:
    same = similarity(article(FERRY[0]), article(FERRY[1]))
    apart = similarity(article(FERRY[0]), article(OTHERS[0]))

    assert same > 0.5 > apart
    assert similarity(article(TEA[0]), article(TEA[1])) > 0.3


WORDS = st.lists(
    st.sampled_from(["ferry", "hull", "crack", "bank", "rate", "过期", "原料", "门店", "茶饮"]), min_size=1, max_size=6
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(WORDS, min_size=2, max_size=25),
    st.lists(st.tuples(st.booleans(), st.integers(0, 24), st.integers(0, 24)), max_size=8),
)
def test_decisions_hold_whatever_the_clustering_does(
    titles: list[list[str]], decisions: list[tuple[bool, int, int]]
) -> None:
    stories = Stories()
    together: list[tuple[str, str]] = []
    apart: list[tuple[str, str]] = []
    todo = list(decisions)
    for number, words in enumerate(titles):
        stories.add(article(" ".join(words), identity=str(number)))
        if todo and number % 3 == 2:
            join, a, b = todo.pop()
            one, other = str(a % len(titles)), str(b % len(titles))
            try:
                if join:
                    stories.must_join(one, other)
                    together.append((one, other))
                else:
                    stories.must_part([one], [other])
                    apart.append((one, other))
            except Contradiction:
                pass
        stories.consolidate()
    homes = stories.final()

    assert set(homes) == {str(number) for number in range(len(titles))}
    assert all(homes[a] == homes[b] for a, b in together)
    assert all(homes[a] != homes[b] for a, b in apart)


def test_what_is_held_apart_stays_apart_when_nothing_of_that_day_is_remembered() -> None:
    stories = Stories()
    for number in range(9):
        for name in ("port", "dock"):
            stories.add(article(f"{name} ferry hull crack", hours=number * 20, identity=f"{name}{number}"))
            if number == 0 and name == "dock":
                stories.arrange([["port0"], ["dock0"]])
                stories.constraints = Constraints.of([], [("port0", "dock0")])
        # The second of them goes where the first one was put.
        stories.must_join(f"port{number}", f"port{max(0, number - 1)}")
        stories.must_join(f"dock{number}", f"dock{max(0, number - 1)}")
        stories.consolidate(merge=0.01)

    assert stories.story_of("port0") is None
    assert stories.story_of("port8") is not None
    assert stories.story_of("port8") != stories.story_of("dock8")


def test_arranging_brings_each_group_into_a_story_of_its_own_and_says_which_were_emptied() -> None:
    stories = filled()
    ferry, tea = stories.story_of(FERRY[0]), stories.story_of(TEA[0])

    (change,) = stories.arrange([[*FERRY, *TEA]])

    assert {change.story, change.into} == {ferry, tea}
    assert len({stories.story_of(name) for name in (*FERRY, *TEA)}) == 1
    stories.arrange([FERRY, TEA, ["never heard"]])
    assert stories.story_of(FERRY[0]) != stories.story_of(TEA[0])
    assert len({stories.story_of(name) for name in TEA}) == 1
