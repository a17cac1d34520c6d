"""Links between stories of two languages are proposed, never made."""

from __future__ import annotations

from crisis.content.glossary import glossary
from monitors.article import Article
from monitors.links import Bridge

BRIDGE = Bridge(glossary())
QUAKE = Article(id="zh", title="日本地震引发火灾，核电站关闭")
ENGLISH = (
    Article(id="quake", title="Earthquake in Japan starts fires, nuclear plant closed"),
    Article(id="cricket", title="India win cricket match against England"),
    Article(id="bank", title="Bank cuts interest rate"),
)


def test_a_chinese_story_finds_its_english_one() -> None:
    (link,) = BRIDGE.propose((QUAKE, *ENGLISH))

    assert (link.chinese, link.english) == ("zh", "quake")
    assert {"japan", "fir"} & set(link.shared) or "japan" in link.shared


def test_traditional_characters_and_latin_names_are_bridges_too() -> None:
    one = Article(id="hant", title="波音737 MAX客機墜毀 乘客遇難")
    other = Article(id="en", title="Boeing 737 MAX crash: passengers dead")

    assert BRIDGE.likeness(one, other)[0] > 0.3


def test_unlike_stories_get_no_link() -> None:
    assert not BRIDGE.propose((Article(id="zh", title="茶饮品牌推出新口味"), *ENGLISH))


def test_one_shared_word_is_no_link() -> None:
    assert not BRIDGE.propose((Article(id="zh", title="日本"), *ENGLISH))


def test_without_a_glossary_only_names_and_numbers_speak() -> None:
    bare = Bridge({})

    assert bare.likeness(Article(id="a", title="CrowdStrike 更新"), Article(id="b", title="CrowdStrike update"))[0] > 0
    assert bare.likeness(QUAKE, ENGLISH[0])[0] == 0


def test_a_link_says_in_which_words_the_two_meet_and_the_name_of_the_house_is_none_of_them() -> None:
    bridge = Bridge(glossary(), without=("Starhearth",))
    one = Article(id="zh", title="Starhearth 灶具爆炸，两人受伤")
    other = Article(id="en", title="Starhearth stove explosion leaves two injured")

    _, shared = bridge.likeness(one, other)

    assert set(bridge.meetings(one, other, shared)) == {("爆炸", "explosion"), ("受伤", "injured")}
