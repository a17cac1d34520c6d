"""The engine of the statement checks: state of the case, ledger, places, fixes, scores."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.content.checks import load_checks
from crisis.core.case import FactStatus
from crisis.core.checks import (
    CheckReport,
    DraftText,
    Finding,
    LedgerFact,
    Level,
    OtherText,
    Principle,
    Question,
    check,
)

CHECKS = load_checks()

GOOD_EN = """Update 1, 22 November 2026, 20:30
A stove exploded in a home in Gongshu last night and a customer was hurt. We are deeply sorry for what the injured \
family is going through; a counsellor and our manager are with them and we advance the medical cost.
If you use the same model, please stop using it and call 0800 000 000 for a free check. You can choose a refund or \
replacement.
We do not yet know what happened. An independent lab will test with the family's representative tomorrow.
Next update at 10:00 tomorrow. Contact Li Ming on 0800 000 000.
Wang Ming, CEO of Acme"""

GOOD_ZH = """第1号通报 2026年11月22日20:30
昨晚，拱墅区一户家庭的燃气灶发生爆炸，一位用户受伤。受伤的家庭受到了惊吓，我们十分牵挂，李经理和心理咨询师正在医院陪护，医疗费由我们先行垫付。
使用同型号灶具的用户：请立即停止使用，拨打400-000-0000，我们免费上门检查，您可以选择退款、更换或维修。
目前原因尚未查明。我们已请省质检院与受伤用户代表明天一起检测。
下一次通报时间：明天10:00。联系人：李经理，电话0571-00000000。
总经理 王明"""

BAD_EN = """Founded in 1990, we have always been committed to quality. It was probably user error and an isolated \
incident. Our product is 100% safe.
We are sorry if anyone was inconvenienced, but irresponsible media have run a smear. We reserve all legal rights. \
We take this matter very seriously and will do better as soon as possible. No comment on the family."""

BAD_ZH = """我司成立于1990年，多年来始终坚持品质。经初步判断，应该是用户操作不当，属于个别现象，\
与我司无关，产品绝对安全。
如果给大家带来不便，我们深表歉意，但是部分媒体恶意炒作，我们保留追究法律责任的权利。我们高度重视，将尽快处理，进一步加强管理，恳请大家相信我们。"""


def draft(text: str, **changes: object) -> DraftText:
    base = DraftText(id="d", lang="en", text=text, audience="customers", crisis_type="linear", hours=4)
    return replace(base, **changes)  # type: ignore[arg-type]


def ids(report: CheckReport) -> set[str]:
    return {finding.check for finding in report.findings}


def first(report: CheckReport, identity: str) -> Finding:
    return next(finding for finding in report.findings if finding.check == identity)


@pytest.mark.parametrize(("text", "lang"), [(GOOD_EN, "en"), (GOOD_ZH, "zh")])
def test_a_good_first_statement_has_nothing_above_low(text: str, lang: str) -> None:
    report = check(draft(text, lang=lang, injury=True), CHECKS)

    assert [finding for finding in report.findings if finding.severity is not Level.LOW] == []
    assert not report.blocked


@pytest.mark.parametrize(("text", "lang"), [(BAD_EN, "en"), (BAD_ZH, "zh")])
def test_a_bad_statement_is_blocked_with_many_findings(text: str, lang: str) -> None:
    report = check(draft(text, lang=lang, injury=True), CHECKS)

    assert report.blocked
    assert {"SC01", "SC07", "SC10", "SC15", "SC16", "SC17", "SC22", "SC23", "SC24", "SC26", "SC27"} <= ids(report)
    assert len(ids(report)) >= 18


def test_traditional_characters_are_read_like_simplified_ones() -> None:
    report = check(draft("這只是個別現象，影響不大。", lang="zh"), CHECKS)

    assert "SC23" in ids(report)


def test_words_of_others_in_quotation_marks_are_not_ours() -> None:
    report = check(draft("有人在网上问“产品绝对安全吗”，检测周五出结果。", lang="zh"), CHECKS)

    assert "SC17" not in ids(report)


def test_a_guess_of_our_own_that_the_next_sentence_takes_back_is_no_guess() -> None:
    guess = "Our supervisor said at noon that it was probably the old hose."

    assert "SC22" in ids(check(draft(guess), CHECKS))
    assert "SC22" not in ids(check(draft(f"{guess} He had no basis for that and we take it back."), CHECKS))
    assert "SC22" in ids(check(draft(f"He had no basis for that and we take it back. {guess}"), CHECKS))


def test_a_finding_shows_its_place_in_the_original_text() -> None:
    text = "对不起。后续情形擇期公布。"

    finding = first(check(draft(text, lang="zh"), CHECKS), "SC07")

    assert "擇期" in text[finding.start : finding.end]


def test_two_remedies_in_one_sentence_are_a_choice_and_one_is_none() -> None:
    both = draft("We replace the heater today and pay your taxi to the depot.")
    one = draft("We replace the heater today.")

    assert "SC33" not in ids(check(both, CHECKS))
    assert "SC33" in ids(check(one, CHECKS))


def test_a_fact_in_other_words_carries_a_sentence_and_a_question_asserts_nothing() -> None:
    facts = (
        LedgerFact(id="F1", claim="数据副本完好", status=FactStatus.CONFIRMED),
        LedgerFact(id="F2", claim="哪一台服务器先断电", status=FactStatus.UNCONFIRMED),
    )

    assert "SC21" in ids(check(draft("数据副本逐块核对过，没有丢失。", lang="zh"), CHECKS))
    assert "SC21" not in ids(check(draft("数据副本逐块核对过，没有丢失。", lang="zh", facts=facts), CHECKS))
    assert "SC21" not in ids(check(draft("哪一台服务器先断电？", lang="zh", facts=facts), CHECKS))


def test_a_headline_that_names_the_accident_does_not_turn_to_the_people() -> None:
    text = "Accident at the mill: two people hurt\nDeliveries go out as planned. Two people were hurt."

    assert "SC38" in ids(check(draft(text, injury=True), CHECKS))


def test_an_injury_makes_missing_empathy_a_block() -> None:
    text = "An internal review has been initiated."

    assert first(check(draft(text), CHECKS), "SC01").severity is Level.HIGH
    assert first(check(draft(text, injury=True), CHECKS), "SC01").severity is Level.BLOCK


def test_investors_need_no_empathy_line() -> None:
    assert "SC01" not in ids(check(draft("An internal review has begun.", audience="investors"), CHECKS))


def test_settled_facts_need_no_unknowns_but_a_credit_crisis_needs_responsibility() -> None:
    facts = (LedgerFact(id="F1", claim="Fees were charged twice", status=FactStatus.CONFIRMED),)
    settled = draft("Fees were charged twice.", hours=80, facts=facts, crisis_type="credit")

    found = ids(check(settled, CHECKS))

    assert "SC08" not in found
    assert "SC45" in found


def test_an_open_fault_gate_lets_an_admission_pass() -> None:
    text = "Our product is defective and we are liable."

    assert "SC19" in ids(check(draft(text), CHECKS))
    assert "SC19" not in ids(check(draft(text, fault_gate_open=True), CHECKS))


def test_a_refuted_claim_may_be_called_false() -> None:
    text = "The claim is false."

    assert "SC41" in ids(check(draft(text), CHECKS))
    assert "SC41" not in ids(check(draft(text, claim_refuted=True), CHECKS))


def test_a_full_refund_needs_an_approved_remedy() -> None:
    text = "You will get a full refund."

    assert "SC18" in ids(check(draft(text), CHECKS))
    assert "SC18" not in ids(check(draft(text, approved_remedies=("Refund approved",)), CHECKS))


def test_blaming_the_system_is_fair_when_the_system_is_the_product() -> None:
    text = "The system error began at 09:12."
    outage = (LedgerFact(id="F1", claim="The payment system failed at 09:12", status=FactStatus.CONFIRMED),)

    assert "SC13" in ids(check(draft(text), CHECKS))
    assert "SC13" not in ids(check(draft(text, facts=outage), CHECKS))


def test_a_flat_sentence_about_an_open_fact_is_unverified() -> None:
    facts = (LedgerFact(id="F1", claim="飞燕与速达是否使用同一面单服务商", status=FactStatus.UNCONFIRMED),)

    flat = check(draft("飞燕与速达使用不同的面单服务商。", lang="zh", facts=facts), CHECKS)
    doubting = check(draft("飞燕与速达是否使用同一面单服务商，正在核对。", lang="zh", facts=facts), CHECKS)

    assert "SC21" in ids(flat)
    assert "SC21" not in ids(doubting)


def test_a_count_of_injured_that_the_ledger_does_not_know_is_unverified() -> None:
    facts = (LedgerFact(id="F1", claim="Eight passengers were injured", status=FactStatus.CONFIRMED),)

    assert "SC21" in ids(check(draft("Three passengers were injured.", facts=facts), CHECKS))
    assert "SC21" not in ids(check(draft("Eight passengers were injured.", facts=facts), CHECKS))


def test_a_count_that_differs_from_another_audience_is_a_contradiction() -> None:
    other = OtherText(audience="media", lang="zh", text="共召回1240台灶具。")

    report = check(draft("共召回300台灶具。", lang="zh", other_texts=(other,)), CHECKS)

    assert first(report, "SC34").severity is Level.BLOCK


def test_one_copy_for_three_audiences_is_seen_after_the_first_hour() -> None:
    others = tuple(OtherText(audience=audience, lang="en", text=GOOD_EN) for audience in ("media", "employees"))

    assert "SC35" in ids(check(draft(GOOD_EN, other_texts=others), CHECKS))
    assert "SC35" not in ids(check(draft(GOOD_EN, other_texts=others, hours=0.5), CHECKS))


def test_an_open_question_of_the_audience_is_named() -> None:
    question = Question(id="use", question="Can I go on using it?", answers=("stop using",))

    assert "SC36" not in ids(check(draft(GOOD_EN, questions=(question,)), CHECKS))
    assert "SC36" in ids(check(draft("We are checking.", questions=(question,)), CHECKS))


def test_a_promise_must_be_in_the_ledger_when_one_is_kept() -> None:
    text = "We will publish the test results on Friday."

    assert "SC57" not in ids(check(draft(text), CHECKS))
    assert "SC57" in ids(check(draft(text, promises=()), CHECKS))
    assert "SC57" not in ids(check(draft(text, promises=("publish test results on Friday",)), CHECKS))


def test_material_news_of_a_listed_company_waits_for_the_filing() -> None:
    text = "The loss is 4 million."

    assert "SC51" in ids(check(draft(text, listed=True), CHECKS))
    assert "SC51" not in ids(check(draft(text, listed=True, filed=True), CHECKS))


def test_a_holding_statement_after_its_hour_is_late() -> None:
    assert "SC58" in ids(check(draft(GOOD_EN, kind="holding", hours=7), CHECKS))
    assert "SC58" not in ids(check(draft(GOOD_EN, kind="holding", hours=0.9), CHECKS))


def test_the_mobile_number_of_a_contact_is_not_a_leak() -> None:
    assert "SC52" not in ids(check(draft("联系人：李经理，手机13800138000。", lang="zh"), CHECKS))
    assert "SC52" not in ids(check(draft("值班手机13800138000。", lang="zh", own_numbers=("13800138000",)), CHECKS))
    assert "SC52" in ids(check(draft("投诉人手机13800138000。", lang="zh"), CHECKS))


def test_a_delete_fix_takes_the_sentence_out() -> None:
    text = "We are sorry. The injured man had ignored two barriers. Please call 0800 000 000."
    finding = first(check(draft(text), CHECKS), "SC15")

    assert finding.fix is not None
    assert finding.fix.apply(text) == "We are sorry. Please call 0800 000 000."


def test_a_missing_line_is_put_in_and_then_no_longer_missing() -> None:
    text = "We are sorry. Please call Ann Lee on 0800 000 000."
    finding = first(check(draft(text), CHECKS), "SC08")

    assert finding.fix is not None
    assert "SC08" not in ids(check(draft(finding.fix.apply(text)), CHECKS))


def test_late_empathy_is_moved_to_the_front() -> None:
    text = "One lot is affected. Tests are made tomorrow. Other shops are open. We are sorry."
    finding = first(check(draft(text), CHECKS), "SC02")

    assert finding.fix is not None
    assert finding.fix.apply(text).startswith("We are sorry.")
    assert "SC02" not in ids(check(draft(finding.fix.apply(text)), CHECKS))


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        (
            "en",
            "To everyone on the 22:10. Sent 3 February, 04:30\nYou sat in a cold train all night and we are sorry.\n"
            "The line lost its current. Two engineers walk the span. Your fare comes back by itself.\nLinden Rail",
        ),
        (
            "zh",
            "各位客户：钱被扣了两次，很抱歉。\n多扣的款项今天退回。记账系统多发了一遍指令。其他业务不受影响。\n澜川银行",
        ),
        ("zh", "致各位旅客，对不起\n列车昨夜停在区间。接触网失电。今天照常检票。\n临溪铁路"),
    ],
)
def test_what_a_title_or_a_greeting_holds_comes_before_the_body(lang: str, text: str) -> None:
    assert "SC02" not in ids(check(draft(text, lang=lang), CHECKS))


@pytest.mark.parametrize(
    ("lang", "line", "dated"),
    [
        ("en", "Version 1, 8 July.", True),
        ("en", "Linden Rail, July 8, 2026, 4.15 p.m.", True),
        ("zh", "10月3日 下午4时。", True),
        ("en", "Next notice: 8 July.", False),
        ("en", "We will write again on 8 July.", False),
        ("zh", "下次通报：10月3日。", False),
    ],
)
def test_a_last_line_that_only_says_when_is_the_date_and_one_that_announces_is_not(
    lang: str, line: str, dated: bool
) -> None:
    body = {
        "en": "The line lost its current.\nTwo engineers walk the span.\nYour fare comes back.\n",
        "zh": "接触网失电。\n两名工程师在查。\n票款退回。\n",
    }

    found = ids(check(draft(body[lang] + line, lang=lang), load_checks(wordings_only=True)))

    assert ("SC40" not in found) is dated


def test_a_score_is_a_hundred_less_its_rows() -> None:
    report = check(draft(BAD_EN, injury=True), CHECKS)

    for score in report.principles:
        assert score.score == max(0, 100 - sum(row.points for row in score.rows))
        assert score.passed == score.total - len(score.rows)
    assert report.score(Principle.CANDOR).score == 0


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="我们对不起但是尽快用户使用不当。，！“”\nwe are sorry but.?!\"' 0123:", max_size=120),
    st.sampled_from(["zh", "en"]),
    st.booleans(),
)
def test_every_place_lies_in_the_text_and_every_fix_can_be_applied(text: str, lang: str, injury: bool) -> None:
    report = check(draft(text, lang=lang, injury=injury), CHECKS)

    for finding in report.findings:
        assert 0 <= finding.start <= finding.end <= len(text)
        if finding.fix is not None:
            assert isinstance(finding.fix.apply(text), str)
    assert report.blocked is any(finding.severity is Level.BLOCK for finding in report.findings)
    assert report == check(draft(text, lang=lang, injury=injury), CHECKS)


def test_roundabout_wording_is_believed_only_of_a_text_that_lacks_something() -> None:
    roundabout = " The carrier dragged its feet."
    end = GOOD_EN.rindex("\nNext update")

    complete = ids(check(draft(GOOD_EN[:end] + roundabout + GOOD_EN[end:]), CHECKS))
    lacking = ids(check(draft(roundabout.strip()), CHECKS))

    assert "SC12" not in complete
    assert "SC12" in lacking


@pytest.mark.parametrize(
    ("lang", "text", "identity", "found"),
    [
        ("en", "What the contractor does is a matter for the contractor.", "SC29", False),
        ("en", "Coach 14 left the road.", "SC29", False),
        ("en", "Your note should have been passed on to the clinic.", "SC29", False),
        ("en", "Mr Hall, sadly, passed on last night.", "SC29", True),
        ("zh", "市場反應熱烈。", "SC29", False),
        ("en", "We are proud of our record, and nobody was hurt.", "SC23", False),
        ("en", "Just tell us how you were hurt.", "SC23", False),
        ("en", "The families have filed a lawsuit.", "SC27", False),
        ("en", "A lawsuit against the blogger follows.", "SC27", True),
        ("zh", "用户已向法院提起诉讼。", "SC27", False),
        ("zh", "我们已收到起诉状，将出庭说明。", "SC27", False),
        ("zh", "我们已向法院提起诉讼，追究造谣者。", "SC27", True),
    ],
)
def test_a_word_that_is_meant_as_it_is_said_is_no_fault(lang: str, text: str, identity: str, found: bool) -> None:
    assert (identity in ids(check(draft(text, lang=lang), load_checks(wordings_only=True)))) is found


def test_business_as_usual_without_a_word_on_the_injured_is_out_of_order() -> None:
    report = check(draft("Trading is on track and orders leave as planned.", injury=True), CHECKS)

    assert "SC38" in ids(report)


@pytest.mark.parametrize(
    ("lang", "text", "found"),
    [
        ("en", "Your account is on hold until the EDD is complete.", True),
        ("en", "Please call the NHS or speak to our CEO.", False),
        ("en", "Your account is on hold until the EDD (a second look at the source of money) is complete.", False),
        ("zh", "本批次的MKT值曾经超出。", True),
        ("zh", "请用APP查询，或联系我们的CEO。", False),
    ],
)
def test_capitals_that_stand_for_something_are_jargon_unless_everybody_knows_or_reads_what(
    lang: str, text: str, found: bool
) -> None:
    assert ("SC28" in ids(check(draft(text, lang=lang), CHECKS))) is found
