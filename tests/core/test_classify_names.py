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
