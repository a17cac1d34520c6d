"""The lexicon on the shelf: it loads, it is broad, and what is wrong in it is told with its line."""

from pathlib import Path

import pytest

from crisis.content.lexicon import lexicon, read
from crisis.errors import ContentInvalid
from monitors.risk import Harm, Lexicon, assess

WORDS = lexicon()


def blamed(text: str, *entities: str) -> list[str]:
    return [blame.entity for blame in assess(text, entities, WORDS).blamed if blame.score >= 0.5]


def test_there_are_thousands_of_terms_in_both_languages_and_every_kind_of_harm() -> None:
    bad = [term for term in WORDS.terms if term.kind]

    assert sum(not term.text.isascii() for term in bad) >= 2000
    assert sum(term.text.isascii() for term in bad) >= 2000
    assert {term.kind for term in bad} == set(Harm)
    assert {term.kind for term in bad if term.text.isascii()} == set(Harm)


@pytest.mark.parametrize(
    "text",
    [
        "多名顾客在明月餐厅就餐后食物中毒",
        "明月餐厅后厨被曝老鼠横行",
        "明月餐厅拖欠员工工资三个月",
        "警方对明月餐厅立案侦查",
        "明月餐廳涉嫌詐騙,負責人失聯",
        "明月餐厅用户数据泄露",
        "消费者集体抵制明月餐厅",
        "明月餐厅被市场监管局罚款",
    ],
)
def test_bad_news_in_chinese_is_heard(text: str) -> None:
    assert blamed(text, "明月餐厅", "明月餐廳")


@pytest.mark.parametrize(
    "text",
    [
        "明月餐厅荣获年度最佳餐饮品牌",
        "明月餐厅开展防范非法集资宣传活动",
        "明月餐厅没有发生食物中毒",
        "明月餐厅零投诉",
        "明月餐厅上线反欺诈系统",
        "如有侵权请联系明月餐厅删除",
    ],
)
def test_what_only_sounds_bad_in_chinese_is_not(text: str) -> None:
    assert not blamed(text, "明月餐厅")


@pytest.mark.parametrize(
    "text",
    [
        "Acme recalls 20,000 heaters after fatal fires",
        "Acme shares slump 12% to a 52-week low",
        "Acme Q3 net profit down 30%",
        "Regulator fines Acme over misleading ads",
        "Hackers steal customer data from Acme",
        "Customers call for a boycott of Acme",
        "Acme to lay off 900 workers",
        "Broker downgrades Acme to sell",
        "Acme files for bankruptcy",
        "Sell Acme with a target of 250",
    ],
)
def test_bad_news_in_english_is_heard(text: str) -> None:
    assert blamed(text, "Acme")


@pytest.mark.parametrize(
    "text",
    [
        "Acme names new chief executive",
        "Acme net loss narrows",
        "Acme bad loans fall to five-year low",
        "No injuries in Acme drill",
        "Acme launches fraud detection tool",
        "Buy Acme with a stop loss of 40",
        "Acme cleared of fraud",
        "Acme shares rise on strong sales",
    ],
)
def test_what_only_sounds_bad_in_english_is_not(text: str) -> None:
    assert not blamed(text, "Acme")


def test_the_one_who_rates_is_not_blamed_for_the_rating() -> None:
    assert blamed("Fitch downgrades debt of Acme", "Fitch", "Acme") == ["Acme"]


def shelf(tmp_path: Path, **files: str) -> tuple[Path, ...]:
    folder = tmp_path / "lexicon"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tuple(sorted(folder.iterdir()))


HEAD = "lang: en\nabout: {zh: 试, en: test}\n"


def texts(words: Lexicon) -> set[str]:
    return {term.text for term in words.terms}


def test_short_hand_is_spelled_out(tmp_path: Path) -> None:
    body = (
        "sets: {what: [red, blue]}\nirregular: {fall: [falls, fell]}\n"
        'groups: [{id: a, kind: loss, weight: 0.5, terms: [~fall ill, ~halve, ~deny, suit+, "{what} ink"]}]\n'
    )

    assert texts(read(shelf(tmp_path, a=HEAD + body))) == {
        *("fall ill", "falls ill", "fell ill", "halve", "halves", "halved", "halving"),
        *("deny", "denies", "denied", "denying", "suit", "suits", "red ink", "blue ink"),
    }


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            'groups:\n- {id: a, kind: loss, weight: 0.5, terms: ["{what} ink"]}\n',
            "a.yaml:4: '{what} ink': there is no set",
        ),
        ("groups:\n- {id: a, weight: 0.5, terms: [ink]}\n", "a.yaml:4: groups: a: kind is missing"),
        ("groups:\n- {id: a, kind: loss, weight: 7, terms: [ink]}\n", "a.yaml:4: groups.0.weight"),
        ("groups:\n- {id: a, kind: harm, weight: 0.5, terms: [ink]}\n", "a.yaml:4: groups.0.kind"),
        ("groups:\n- {id: a, kind: loss, weight: 0.5, terms: [no]}\n", "a.yaml:4: groups.0.terms.0"),
        ("gruops: []\n", "a.yaml:3: gruops"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path: Path, body: str, problem: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        read(shelf(tmp_path, a=HEAD + body))

    assert problem in str(caught.value)


def test_a_later_file_replaces_a_term_and_the_desks_own_folder_replaces_a_file(tmp_path: Path) -> None:
    own = "groups: [{{id: a, kind: loss, weight: {weight}, terms: [zzz]}}]\n"
    paths = shelf(tmp_path, a=HEAD + own.format(weight=0.9), b=HEAD + own.format(weight=0.1))
    assert [term.weight for term in read(paths).terms] == [0.1]

    home = tmp_path / "home"
    (home / "playbooks" / "lexicon").mkdir(parents=True)
    (home / "playbooks" / "lexicon" / "en-market.yaml").write_text(HEAD + own.format(weight=0.9), encoding="utf-8")
    words = lexicon(home)
    assert "zzz" in texts(words)
    assert "nosedives" not in texts(words)
    assert "nosedives" in texts(WORDS)
