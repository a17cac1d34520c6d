"""A firm near us is recognised under the short name that stories use, and ours is not taken for another's."""

from __future__ import annotations

from crisis.content.classifier import rules
from crisis.core.case import Case
from crisis.core.classify.names import Names, find_name
from monitors.organisation import Organisation

RULES = rules()


def names(name: str, *, peers: tuple[str, ...] = (), suppliers: tuple[str, ...] = ()) -> Names:
    case = Case(id="c", org=Organisation(name=name, peers=peers, suppliers=suppliers), mentions=())
    return Names.of(case, RULES.name_endings, RULES.common_words)


def test_the_ending_that_says_what_kind_of_firm_it_is_may_be_missing() -> None:
    found = names("Oakhaven Savings", peers=("Castlegate Bank plc",), suppliers=("牧樂飼料有限公司",))

    assert find_name("castlegate halts withdrawals", found.others) == (0, 10)
    assert find_name("牧乐牵出多家肉企", found.others) == (0, 2)
    assert find_name("oakhaven stays open", found.us) == (0, 8)


def test_what_is_part_of_our_own_name_names_nobody_else() -> None:
    found = names("知行书屋", peers=("知行教育",))

    assert "知行" not in found.others and "知行教育" in found.others


def test_a_common_word_is_no_name() -> None:
    found = names("Oakhaven Savings", peers=("First Bank", "National Rail", "平安保险"))

    assert find_name("the first national queue", found.others) is None
    assert find_name("一路平安", found.others) is None


def test_the_part_of_a_name_that_is_its_own_is_found() -> None:
    found = names(
        "康和乳业",
        peers=("湖南插旗菜业", "Kaupthing Singer & Friedlander"),
        suppliers=("濟生公司斗六廠", "油门踏板供应商CTS"),
    )

    assert find_name("插旗的土坑", found.others) == (0, 2)
    assert find_name("济生辣椒粉", found.others) == (0, 2)
    assert find_name("cts的踏板", found.others) == (0, 3)
    assert find_name("hospice money stuck in kaupthing", found.others) == (23, 32)


def test_what_somebody_is_to_us_is_no_name() -> None:
    found = names("康和乳业", suppliers=("原料供应商", "University of Leeds"))

    assert find_name("原料很贵", found.others) is None
    assert find_name("any university", found.others) is None
