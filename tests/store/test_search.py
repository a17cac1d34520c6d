"""Search finds Chinese words of two characters, the same on both databases, and only what one may know of."""

from __future__ import annotations

import pytest

from crisis.flows.desk import Desk
from crisis.store import search
from tests.world import World


def found(desk: Desk, words: str, person: object) -> list[str]:
    with desk.reading() as db:
        return [hit.title for hit in search.find(db, words, person=person)]  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["爆炸", "灶具", "杭州 受伤", "星炉灶具爆炸", "两人受伤"])
def test_any_part_of_a_title_finds_it(world: World, words: str) -> None:
    world.story("杭州一户人家星炉灶具爆炸，两人受伤")
    world.story("宁波经销商退货")

    assert found(world.desk, words, world.lin) == ["杭州一户人家星炉灶具爆炸，两人受伤"]


@pytest.mark.parametrize("words", ["灶", "炸", "Q5灶", "灶 退", "さくら", "ら", "コーヒー", "가스", "스", "Müller"])
def test_single_characters_kana_and_hangul_are_found_wherever_they_stand(world: World, words: str) -> None:
    title = "退：Q5灶具爆炸，さくら、コーヒー、가스 Müller"
    world.story(title)
    world.story("宁波经销商的会")

    assert found(world.desk, words, world.lin) == [title]


def test_all_words_must_be_there_and_characters_must_stand_together(world: World) -> None:
    world.story("杭州一户人家星炉灶具爆炸")

    assert found(world.desk, "杭州 退货", world.lin) == []
    assert found(world.desk, "杭炉", world.lin) == []


def test_a_text_that_changed_is_found_by_its_new_words_only(world: World) -> None:
    story = world.story("旧的标题")
    with world.desk.transaction() as db:
        search.put(db, kind="story", ref=story.id, incident_id=None, title="新的名字", words="more")

    assert found(world.desk, "标题", world.lin) == []
    assert found(world.desk, "新的 more", world.lin) == ["新的名字"]


@pytest.mark.parametrize(
    "junk",
    ["", "   ", '"', "' OR 1=1 --", "NEAR(a b)", "a:b*", "!&|():*", "《》", "\x00", "𠮷", "a" * 5000, "词 " * 300],
)
def test_no_junk_breaks_the_query(world: World, junk: str) -> None:
    world.story("杭州一户人家星炉灶具爆炸")

    assert found(world.desk, junk, world.lin) == []


def test_a_restricted_incident_is_found_by_its_members_only(world: World) -> None:
    hidden = world.room("董事被带走调查", restricted=True)
    world.room("灶具爆炸", regions=["温州"])

    for person in world.everybody:
        titles = found(world.desk, "调查", person)
        assert (hidden.title in titles) == (person == world.lin), person.name
    assert found(world.desk, "灶具", world.he)
