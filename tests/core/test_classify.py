"""The classifier on small stories of our own: the type, the reasons, and the laws it keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.content.classifier import rules
from crisis.core.case import Case, CaseFact, CaseMention, CreditKind, CrisisType, FactStatus, OutletKind, Severity
from crisis.core.classify import (
    Correction,
    classify,
    corrections_like,
    differences,
    fingerprint,
    language_of,
)
from crisis.core.classify.changes import likeness
from monitors.organisation import Organisation

RULES = rules()


def mention(
    title: str, summary: str = "", *, kind: str = "newspaper", hours: float = 0.0, lang: str = "zh"
) -> CaseMention:
    return CaseMention(hours=hours, outlet="x", kind=OutletKind(kind), reach=4, lang=lang, title=title, summary=summary)


def fact(claim: str, status: str = "confirmed", hours: float = 5.0) -> CaseFact:
    return CaseFact(hours=hours, claim=claim, status=FactStatus(status))


def case(
    *mentions: CaseMention,
    facts: tuple[CaseFact, ...] = (),
    name: str = "晨焰灶具",
    peers: tuple[str, ...] = (),
    suppliers: tuple[str, ...] = (),
    language: str = "zh",
) -> Case:
    return Case(
        id="c",
        org=Organisation(name=name, peers=peers, suppliers=suppliers),
        mentions=mentions,
        facts=facts,
        language=language,
    )


STOVE = case(
    mention("居民家中燃气灶爆炸 两人受伤送医", "昨晚七时许，晨焰灶具一台灶具爆炸，消防员到场扑灭明火。"),
    mention("阀门密封圈老化 检测确认泄漏点", "检验报告显示起因是一批密封圈老化，涉事批次已召回。", hours=20.0),
    facts=(fact("灶具爆炸致两人受伤"), fact("检测确认原因为阀门密封圈老化")),
)
RUMOUR = case(
    mention("网传晨焰灶具辐射致癌？千万别买，转给家人", "一条没有署名的短信在群里疯传，没有出处。", kind="social"),
    mention("专家：说法毫无科学依据", "主管部门表示未发现任何问题，请勿信谣。", kind="official", hours=6.0),
    facts=(fact("灶具致癌", "unconfirmed"), fact("网上流传该短信"), fact("公司否认并报警")),
)
TANGLE = case(
    mention("新站开通首日瘫痪 设计、施工、调度各执一词", "承包商与业主互相推诿，没有单一原因。", kind="tv"),
    mention("赶工期、培训不足、监管缺位：层层失守", "独立调查委员会追问谁批准提前开通，此前多次预警。", hours=30.0),
    facts=(fact("多个环节同时失灵", "unconfirmed"), fact("承包商否认责任", "disputed"), fact("成立联合调查组")),
    name="云江地铁",
)
CHEAT = case(
    mention("监管部门对晨焰灶具立案：伪造检验报告", "公司承认篡改检测数据，以次充好，被罚款。", kind="official"),
    mention("内部邮件显示高层明知隐瞒", "前员工称造假持续多年。", hours=10.0),
    facts=(fact("公司承认伪造检测报告"), fact("监管部门处罚并撤销认证")),
)
NAMESAKE = case(
    mention("晨艳灶具厂黑作坊被查 一字之差牵连同行", "晨艳使用劣质阀门被查封。"),
    mention(
        "我们与晨艳没有任何关系，并非同一家",
        "经销商询问是否也使用该阀门，多地门店不分品牌一律下架。",
        kind="official",
        hours=5.0,
    ),
    facts=(fact("晨艳灶具厂被查封"), fact("晨焰灶具与晨艳灶具厂无任何关系")),
    peers=("晨艳灶具厂", "晨艳"),
)
ENGLISH = {
    CrisisType.LINEAR: case(
        mention(
            "Ferry loses power off Port Alder, 40 passengers taken off safely",
            "Crews restored power in two hours. A technician had entered the wrong setting during maintenance.",
            lang="en",
        ),
        facts=(fact("The outage was caused by a single wrong setting"), fact("Service was restored")),
        name="Alder Ferries",
        language="en",
    ),
    CrisisType.MEDIA: case(
        mention(
            "Viral clip claims Brill oats cause cancer",
            "An influencer cites a small study. No evidence, say regulators; the firm calls the claim false.",
            kind="social",
            lang="en",
        ),
        facts=(fact("A video claimed the oats are harmful"), fact("The oats are unsafe", "disputed")),
        name="Brill Oats",
        language="en",
    ),
    CrisisType.MATRIX: case(
        mention(
            "Who is to blame for the arena crush?",
            "Police, stewards and the contractor blame each other; rushed building, ignored warnings and a lack of "
            "training all played a part. A public inquiry will ask who approved the plan.",
            lang="en",
        ),
        facts=(fact("A joint inquiry was announced"), fact("Exits were locked", "disputed")),
        name="Fenwick Arena",
        language="en",
    ),
    CrisisType.CREDIT: case(
        mention(
            "Lender halts withdrawals after missing bond payment",
            "Savers queue at branches; accounts frozen; creditors meet; Larch Credit defaulted on its notes.",
            kind="wire",
            lang="en",
        ),
        facts=(fact("The company missed an interest payment"), fact("Withdrawals are suspended")),
        name="Larch Credit",
        language="en",
    ),
    CrisisType.CHAIN: case(
        mention(
            "After the collapse of Rowan Bank, who is next?",
            "Shares of peers fell. Larch Bank says it has no exposure and nothing to do with Rowan.",
            kind="wire",
            lang="en",
        ),
        facts=(fact("Rowan Bank failed"), fact("Larch has no link to Rowan Bank")),
        name="Larch Bank",
        peers=("Rowan Bank", "Rowan"),
        language="en",
    ),
}
CHINESE = {
    CrisisType.LINEAR: STOVE,
    CrisisType.MEDIA: RUMOUR,
    CrisisType.MATRIX: TANGLE,
    CrisisType.CREDIT: CHEAT,
    CrisisType.CHAIN: NAMESAKE,
}


@pytest.mark.parametrize("kind", list(CrisisType))
def test_each_type_is_recognised_in_chinese(kind: CrisisType) -> None:
    assert classify(CHINESE[kind], RULES).primary is kind


@pytest.mark.parametrize("kind", list(CrisisType))
def test_each_type_is_recognised_in_english(kind: CrisisType) -> None:
    assert classify(ENGLISH[kind], RULES).primary is kind


def test_traditional_chinese_is_judged_like_simplified() -> None:
    simplified = case(mention("灶具爆炸起火 伤者送医", "检测确认阀门老化，涉事批次召回。"))
    traditional = case(mention("灶具爆炸起火 傷者送醫", "檢測確認閥門老化，涉事批次召回。"))

    assert classify(simplified, RULES).scores == classify(traditional, RULES).scores


@pytest.mark.parametrize("story", [*CHINESE.values(), *ENGLISH.values()])
def test_scores_are_the_sum_of_the_rows_and_nothing_else(story: Case) -> None:
    judgement = classify(story, RULES)

    for kind in CrisisType:
        assert judgement.scores[kind] == pytest.approx(
            sum(row.points for row in judgement.evidence if row.type is kind), abs=0.01
        )


@pytest.mark.parametrize("story", [*CHINESE.values(), *ENGLISH.values()])
def test_every_row_of_words_opens_to_characters_of_its_text(story: Case) -> None:
    for row in classify(story, RULES).evidence:
        if row.span is None:
            continue
        text = story.facts[row.fact].claim if row.fact is not None else story.mentions[row.mention or 0].text
        start, end = row.span
        assert 0 <= start < end <= len(text)
        if RULES.by_id[row.feature].dynamic == "":
            assert text[start:end] in row.because.zh


@pytest.mark.parametrize("event", ["爆炸", "爆燃", "爆裂", "爆胎", "爆管", "闪爆", "自爆", "爆破"])
def test_what_bursts_is_not_a_post_that_goes_viral(event: str) -> None:
    seen = classify(case(mention(f"晨焰一处厂房{event}")), RULES).evidence

    assert "viral_post" not in {row.feature for row in seen}


def test_a_post_that_everybody_reads_goes_viral() -> None:
    for title in ("晨焰道歉冲上热搜，话题一夜爆红", "晨焰灶具的差评引爆全网"):
        assert "viral_post" in {row.feature for row in classify(case(mention(title)), RULES).evidence}


def test_a_denied_word_gives_no_points() -> None:
    plain = classify(case(mention("公司伪造检测报告")), RULES)
    denied = classify(case(mention("公司没有伪造检测报告")), RULES)

    assert any(row.feature == "falsified" for row in plain.evidence)
    assert not any(row.feature == "falsified" for row in denied.evidence)


def test_hearsay_weighs_less_than_a_plain_statement() -> None:
    def points(title: str) -> float:
        rows = classify(case(mention(title)), RULES).evidence
        return sum(row.points for row in rows if row.feature == "falsified" and row.type is CrisisType.CREDIT)

    assert 0 < points("据传公司伪造检测报告") < points("公司伪造检测报告")


def test_an_old_case_told_again_counts_for_nothing() -> None:
    judgement = classify(case(mention("门店照常营业", "人们想起三鹿当年造假、隐瞒。")), RULES)

    assert not any(row.feature in ("falsified", "concealed") for row in judgement.evidence)


def test_the_same_words_again_add_less_each_time() -> None:
    def total(times: int) -> float:
        story = case(*(mention("公司伪造检测报告") for _ in range(times)))
        rows = classify(story, RULES).evidence
        return sum(row.points for row in rows if row.feature == "falsified" and row.type is CrisisType.CREDIT)

    one, two, three = total(1), total(2), total(3)
    assert one < two < three < 2 * one
    assert three - two < two - one


def test_latin_words_need_their_borders() -> None:
    judgement = classify(case(mention("The campfire crew sang defaulting songs", lang="en"), language="en"), RULES)

    assert not any(row.feature == "fire_blast" for row in judgement.evidence)


def test_who_speaks_is_evidence_and_the_reason_names_the_outlet() -> None:
    plain = mention("公告", "请投资者注意")
    judged = classify(case(replace(plain, outlet="某证券交易所")), RULES)
    row = next(row for row in judged.evidence if row.feature == "exchange_or_auditor_speaks")

    assert row.because.zh.endswith("“某证券交易所”") and row.mention == 0
    assert judged.scores[CrisisType.CREDIT] > classify(case(plain), RULES).scores[CrisisType.CREDIT]


def test_a_first_report_that_names_nobody_of_us_speaks_for_a_chain() -> None:
    features = lambda story: {row.feature for row in classify(story, RULES).evidence}  # noqa: E731

    assert "nobody_in_first_report" in features(case(mention("一家工厂被查")))
    assert "nobody_in_first_report" not in features(case(mention("晨焰灶具被查")))
    assert "nobody_in_first_report" not in features(case(mention("一家工厂被查", kind="social")))


def test_credit_kinds_are_told_apart() -> None:
    assert classify(CHEAT, RULES).credit_kind is CreditKind.PRODUCTION
    assert classify(ENGLISH[CrisisType.CREDIT], RULES).credit_kind is CreditKind.LENDING
    books = case(mention("财务造假：虚增收入十亿元", "审计机构无法表示意见，交易所问询，证监会立案。"))
    assert classify(books, RULES).credit_kind is CreditKind.FINANCE
    adverts = case(mention("虚假宣传误导消费者，霸王条款拒绝退款", "公司承认欺骗会员，被罚款。"))
    assert classify(adverts, RULES).credit_kind is CreditKind.OPERATING


def test_a_kind_is_only_named_with_credit() -> None:
    judgement = classify(STOVE, RULES)

    assert CrisisType.CREDIT not in (judgement.primary, *judgement.secondary)
    assert judgement.credit_kind is None


def test_deaths_make_a_case_more_severe_than_grumbling() -> None:
    grave = case(mention("工厂爆炸 多人遇难", "死亡人数升至二十人，市长赶到现场，全面停产。"))
    mild = case(mention("新海报文案引网友吐槽", "评论区调侃，公司很快补偿，无人受伤，影响有限。", kind="social"))

    order = list(Severity)
    assert order.index(classify(grave, RULES).severity) > order.index(classify(mild, RULES).severity)
    assert classify(grave, RULES).severity is Severity.SEVERE


def test_a_case_without_any_text_starts_as_provisional_linear() -> None:
    judgement = classify(case(), RULES)

    assert judgement.primary is CrisisType.LINEAR
    assert judgement.confidence == pytest.approx(0.2)


def test_the_next_fact_is_asked_in_both_languages() -> None:
    ask = classify(STOVE, RULES).next_fact

    assert ask.zh and ask.en


def test_what_changed_its_mind_is_shown() -> None:
    early = case(*STOVE.mentions)
    late = case(*STOVE.mentions, *CHEAT.mentions, facts=CHEAT.facts)

    change = differences(classify(early, RULES), classify(late, RULES))

    assert change.changed
    assert change.before is CrisisType.LINEAR and change.after is CrisisType.CREDIT
    assert change.shifts[0].toward > 0


def test_nothing_changed_when_nothing_was_learnt() -> None:
    judgement = classify(STOVE, RULES)

    change = differences(judgement, judgement)

    assert not change.changed and change.shifts == ()


def test_a_correction_comes_up_beside_a_case_like_it() -> None:
    correction = Correction(
        case_id="old",
        said=CrisisType.LINEAR,
        corrected=CrisisType.MATRIX,
        reason="Three causes were found later.",
        fingerprint=fingerprint(classify(STOVE, RULES).evidence),
    )

    near = corrections_like(classify(STOVE, RULES).evidence, [correction])
    far = corrections_like(classify(ENGLISH[CrisisType.CREDIT], RULES).evidence, [correction])

    assert near[0][0] == correction and near[0][1] == pytest.approx(1.0)
    assert far == ()


def test_the_language_of_a_case_is_its_own_or_that_of_most_mentions() -> None:
    assert language_of(STOVE) == "zh"
    assert language_of(case(mention("Fire", lang="en"), language="mixed")) == "en"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=4), st.lists(st.text(max_size=40), max_size=3))
def test_any_text_is_judged_and_shares_add_up(titles: list[str], claims: list[str]) -> None:
    story = case(
        *(mention(title, title[::-1]) for title in titles),
        facts=tuple(fact(claim, "disputed") for claim in claims),
    )

    judgement = classify(story, RULES)

    assert sum(judgement.probabilities.values()) == pytest.approx(1.0, abs=0.001)
    assert judgement.confidence == max(judgement.probabilities.values())
    assert judgement.primary not in judgement.secondary and len(judgement.secondary) <= 2


@given(st.dictionaries(st.sampled_from("abcd"), st.floats(0.1, 5), min_size=1))
def test_a_fingerprint_is_most_like_itself(mark: dict[str, float]) -> None:
    assert likeness(mark, mark) == pytest.approx(1.0)
