"""Legal reminders: each fires for a fitting case in its place and on its days, and not for a near miss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from crisis.content.plans import load_plan_content
from crisis.core.case import Case, CaseMention, OutletKind
from crisis.core.legal import ANY, Law, LegalReminder, law, reach
from crisis.core.need import look
from monitors.organisation import Organisation
from tests.core.test_audience import Judged

TODAY = date(2026, 11, 28)
CONTENT = load_plan_content()
REMINDERS = {item.id: item for item in CONTENT.legal.reminders}


@dataclass(frozen=True)
class Told:
    """An industry and what is said of the organisation."""

    industry: str
    said: str


# What a reminder asks for -> a case in Chinese and one in English that have it, and near misses.
CASES: dict[frozenset[str], tuple[tuple[Told, Told], tuple[Told, ...]]] = {
    frozenset(): (
        (Told("家电", "门店排队太久"), Told("appliances", "Queues at the shop were too long")),
        (),
    ),
    frozenset({"personal_data", "leaked"}): (
        (
            Told("酒店", "三百万条客户信息被黑客放到网上叫卖"),
            Told("hotels", "Customer records of three million guests were stolen and posted online"),
        ),
        (
            Told("酒店", "数据显示，本季入住率下降"),
            Told("酒店", "客户信息要先同意才收集，律师谈隐私条款"),
            Told("gas supply", "A gas leak closed two streets"),
        ),
    ),
    frozenset({"network_incident"}): (
        (Told("在线文档", "平台遭勒索软件攻击，服务中断"), Told("online", "Ransomware shut down the platform")),
        (
            Told("在线文档", "平台升级失败，服务中断三小时"),
            Told("online", "A hackathon at the company went on all night"),
        ),
    ),
    frozenset({"critical_trade", "network_incident"}): (
        (Told("地铁运营", "售票系统遭网络攻击"), Told("airline", "Malware stopped the check-in desks")),
        (Told("家电", "官网遭网络攻击"), Told("airline", "Fog stopped the check-in desks")),
    ),
    frozenset({"finance_trade", "network_incident"}): (
        (Told("银行", "网上银行遭网络攻击"), Told("retail bank", "A cyber attack took online banking down")),
        (Told("家电", "官网遭网络攻击"), Told("retail bank", "A branch closed early")),
    ),
    frozenset({"smart_trade", "network_incident"}): (
        (Told("路由器", "零日漏洞正被黑客利用"), Told("home routers", "Hackers use a zero-day in the router")),
        (Told("饼干", "官网被黑客攻击"), Told("home routers", "The router gets warm")),
    ),
    frozenset({"network_incident", "listed"}): (
        (Told("零售", "公司遭勒索软件攻击，股价下跌"), Told("retail", "Shares fell after the ransomware attack")),
        (Told("零售", "业绩不佳，股价下跌"), Told("retail", "Ransomware shut down the tills")),
    ),
    frozenset({"ransom"}): (
        (Told("物流", "公司向勒索者付了钱"), Told("logistics", "The company paid the ransom")),
        (Told("物流", "公司付清了货款"), Told("logistics", "The company paid its suppliers")),
    ),
    frozenset({"health_trade", "personal_data", "leaked"}): (
        (Told("医院", "病人资料外泄"), Told("hospital", "Patient records were stolen")),
        (Told("酒店", "客户资料外泄"), Told("hospital", "Patient records are kept on paper")),
    ),
    frozenset({"food_trade", "unsafe_food"}): (
        (Told("乳制品", "一批酸奶检出致病菌"), Told("dairy", "Listeria was found in one batch of yoghurt")),
        (
            Told("家电", "一批灶具抽检不合格"),
            Told("乳制品", "奶农抗议收购价太低"),
            Told("kitchen knives", "One batch was found to be contaminated"),
        ),
    ),
    frozenset({"ware_trade", "casualties"}): (
        (Told("燃具", "燃气灶爆炸，一人受伤"), Told("stoves", "A stove exploded and a woman was injured")),
        (
            Told("燃具", "燃气灶点不着火"),
            Told("餐饮", "两人中毒送医"),
            Told("steel", "Two men were injured in the rolling mill"),
        ),
    ),
    frozenset({"ware_trade", "recalled"}): (
        (Told("玩具", "公司召回一款玩具"), Told("toys", "The company recalls a toy")),
        (Told("玩具", "一款玩具涨价"), Told("bakery", "The bakery recalls a loaf")),
    ),
    frozenset({"sells_goods", "recalled"}): (
        (Told("食品", "公司召回一批饼干"), Told("food", "The company recalls a batch of biscuits")),
        (Told("食品", "公司推出新饼干"), Told("bank", "The bank recalls its manager")),
    ),
    frozenset({"casualties", "own_event", "at_work"}): (
        (
            Told("化工", "车间发生爆炸，三名工人死亡"),
            Told("chemicals", "Explosion at a chemical plant, two workers killed"),
        ),
        (
            Told("燃具", "一户人家的燃气灶爆炸，一人受伤"),
            Told("餐饮", "两名顾客中毒送医"),
            Told("stoves", "A stove exploded in a kitchen and a woman was injured"),
        ),
    ),
    frozenset({"vehicles", "defective"}): (
        (Told("汽车", "刹车失灵，车主投诉"), Told("cars", "Brakes failed, owners complain")),
        (Told("汽车", "新车交付延期"), Told("stoves", "The stove caught fire"), Told("cars", "The new model is late")),
    ),
    frozenset({"listed"}): (
        (Told("零售", "公司股价跌停"), Told("retail", "The share price fell by a third")),
        (Told("零售", "门店排队太久"), Told("retail", "Queues at the shop were too long")),
    ),
    frozenset({"government_acts"}): (
        (Told("零售", "市政府成立工作组"), Told("retail", "The government set up a team")),
        (Told("零售", "门店排队太久"), Told("retail", "Queues at the shop were too long")),
    ),
    frozenset({"peers_named", "platform_matter"}): (
        (
            Told("零售", "同行发帖，平台已删除伪造的视频"),
            Told("retail", "Rivals are behind a fake video, the platform says"),
        ),
        (Told("零售", "同行也涨价了"), Told("retail", "A fake video went viral")),
    ),
}


def case(told: Told, *regions: str, lang: str = "") -> Case:
    """A case in which one outlet says this of an organisation with these regions."""
    spoken = lang or ("en" if told.said.isascii() else "zh")
    mention = CaseMention(hours=0, outlet="", kind=OutletKind.ONLINE, reach=3, lang=spoken, title=told.said, summary="")
    org = Organisation(name="Xn", industry=told.industry, regions=regions)
    return Case(id="x", org=org, mentions=(mention,), language=spoken)


def read(given: Case, on: date = TODAY) -> Law:
    """The law of a case on a day, by the content of the house."""
    return law(given, look(given, Judged(), CONTENT.audiences.needs), CONTENT.legal, on=on)


def ids(found: Law) -> set[str]:
    return {item.id for item in found.reminders}


def region(item: LegalReminder, lang: str) -> str:
    """A region by which the place of a reminder is known."""
    if item.jurisdiction == ANY:
        return "火星"
    place = CONTENT.legal.places.places[item.jurisdiction]
    return place.zh[0] if lang == "zh" else place.en[0]


@pytest.mark.parametrize("name", REMINDERS)
def test_a_reminder_fires_for_a_fitting_case_in_both_languages(name: str) -> None:
    item = REMINDERS[name]
    chinese, english = CASES[frozenset(item.when)][0]

    assert name in ids(read(case(chinese, region(item, "zh"))))
    assert name in ids(read(case(english, region(item, "en"))))


@pytest.mark.parametrize("name", REMINDERS)
def test_a_reminder_does_not_fire_for_a_near_miss(name: str) -> None:
    item = REMINDERS[name]

    for told in CASES[frozenset(item.when)][1]:
        assert name not in ids(read(case(told, region(item, "zh")))), told


@pytest.mark.parametrize("name", [name for name, item in REMINDERS.items() if item.jurisdiction != ANY])
def test_a_reminder_does_not_fire_in_another_place(name: str) -> None:
    item = REMINDERS[name]
    told = CASES[frozenset(item.when)][0][0]
    elsewhere = [code for code in CONTENT.legal.places.places if code != item.jurisdiction]

    assert name not in ids(read(case(told, *(CONTENT.legal.places.places[code].name.zh for code in elsewhere))))


@pytest.mark.parametrize("name", [name for name, item in REMINDERS.items() if item.valid_from])
def test_a_reminder_fires_from_its_first_day_on_and_not_the_day_before(name: str) -> None:
    item = REMINDERS[name]
    fitting = case(CASES[frozenset(item.when)][0][0], region(item, "zh"))
    first = item.valid_from
    assert first is not None

    assert name in ids(read(fitting, first))
    assert name not in ids(read(fitting, first - timedelta(days=1)))


def test_a_reminder_holds_on_its_last_day_and_not_the_day_after() -> None:
    ending = replace(REMINDERS["SG01"], valid_to=TODAY)

    assert ending.is_in_force(TODAY)
    assert not ending.is_in_force(TODAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("中国香港", ("HK",)),
        ("Hong Kong, China", ("HK",)),
        ("臺灣新竹", ("TW",)),
        ("台北市中山区", ("TW",)),
        ("广东中山", ("CN",)),
        ("澳門", ("MO",)),
        ("New South Wales", ("AU",)),
        ("South Wales", ("UK",)),
        ("New England", ("US",)),
        ("New Mexico", ("US",)),
        ("Indiana", ("US",)),
        ("India", ("IN",)),
        ("Northern Ireland", ("UK",)),
        ("Ireland", ("EU",)),
        ("London, Ontario", ("CA",)),
        ("日本北海道", ("JP",)),
        ("广西北海", ("CN",)),
        ("Hong Kong and Shenzhen", ("CN", "HK")),
        ("worldwide", ()),
    ],
)
def test_a_region_is_placed_by_its_longest_word(words: str, codes: tuple[str, ...]) -> None:
    found = reach(case(Told("家电", "Queues"), words), CONTENT.legal)

    assert (found.places, found.unplaced) == (codes, ())


def test_a_place_without_reminders_is_named_in_both_languages() -> None:
    found = read(case(Told("家电", "门店排队太久"), "杭州", "巴西", "Nairobi"))

    assert [(name.zh, name.en) for name in found.missing] == [("肯尼亚", "Kenya"), ("巴西", "Brazil")]
    assert not found.unplaced and not found.nowhere


def test_a_place_whose_reminders_do_not_fit_is_told_from_one_without_any() -> None:
    found = read(case(Told("家电", "门店排队太久"), "新加坡", "巴西"))

    assert [name.en for name in found.unfitting] == ["Singapore"]
    assert [name.en for name in found.missing] == ["Brazil"]


def test_a_place_whose_only_reminders_are_not_yet_in_force_counts_as_one_without_any() -> None:
    before = read(case(Told("酒店", "客户信息被黑客叫卖"), "新西兰"), date(2020, 11, 30))

    assert [name.en for name in before.missing] == ["New Zealand"]


def test_a_region_that_nobody_knows_is_named_and_the_others_still_count() -> None:
    found = read(case(Told("酒店", "客户信息被黑客叫卖"), "云岭县", "上海"))

    assert found.unplaced == ("云岭县",)
    assert "R07" in ids(found)


def test_without_a_known_place_only_what_holds_everywhere_is_said_and_that_it_is_so() -> None:
    found = read(case(Told("retail", "Queues at the shop were too long"), "worldwide"))

    assert found.nowhere
    assert ids(found) == {"R18"}


def test_every_place_with_reminders_says_where_its_law_can_be_read() -> None:
    assert [item.id for item in CONTENT.legal.reminders if item.jurisdiction != ANY and not item.site] == []
