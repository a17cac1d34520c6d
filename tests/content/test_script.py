"""Drafts in traditional characters: every sentence of ours is right in them, facts stay, and the checks still pass."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from crisis.content.checks import load_checks
from crisis.content.roots import builtin
from crisis.content.script import load_scribe
from crisis.content.statements import load_statements
from crisis.core.case import Case, CaseFact, CrisisType, FactStatus
from crisis.core.checks import DraftText, LedgerFact, Level, check
from crisis.core.checks.sentences import fold
from crisis.core.drafting import DraftContext, DraftPhase, Kind, script_of
from crisis.core.script import Script
from crisis.errors import ContentInvalid
from monitors.organisation import Organisation
from tests.content.drafts import CONFIRMED, HOURS, ORG, context_for
from tests.content.script_lines import lines

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
KNOWN = "昨晚信義區一戶家庭的瓦斯爐發生爆炸，一位用戶受傷"
DOUBTED = "瓦斯爐閥門有品質缺陷"
PLACES = [Script.TAIWAN, Script.HONG_KONG]


def golden(file: Path, text: str) -> None:
    """The text as somebody has read it; `GOLDEN=write` writes it to be read."""
    if os.environ.get("GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def context(audience: str, kind: CrisisType, phase: DraftPhase, script: Script) -> DraftContext:
    """A case that was written down in traditional characters, for readers of a script."""
    made = context_for(audience, "zh", kind, phase)
    return replace(made, org="星爐燃具有限公司", known=(KNOWN,), open=(DOUBTED,), script=script)


def test_each_sentence_with_a_character_of_several_forms_is_written_as_somebody_has_read_it() -> None:
    golden(GOLDEN / "script.txt", "".join(f"{line}\n" for line in lines()))


@pytest.mark.parametrize("script", PLACES)
@pytest.mark.parametrize("form", list(Kind))
def test_a_draft_in_traditional_characters_reads_as_somebody_has_read_it(form: Kind, script: Script) -> None:
    shelf = load_statements()
    audience = shelf.templates["zh", form].head.audiences[0]

    text = shelf.draft(form, context(audience, CrisisType.LINEAR, DraftPhase.HOUR_1, script))

    golden(GOLDEN / "statements" / f"{form}.{script}.txt", text)


@pytest.mark.parametrize("script", PLACES)
def test_no_simplified_character_is_left_in_a_draft_of_any_kind_for_any_audience(script: Script) -> None:
    shelf = load_statements()
    left = shelf.scribe.only_simplified
    found = set()

    for kind in CrisisType:
        for form in Kind:
            for audience in shelf.templates["zh", form].head.audiences:
                for phase in (DraftPhase.HOUR_1, DraftPhase.HOUR_72):
                    text = shelf.draft(form, context(audience, kind, phase, script))
                    found |= {line for line in text.splitlines() if left & set(line)}

    assert not found


@pytest.mark.parametrize("script", PLACES)
@pytest.mark.parametrize("form", list(Kind))
def test_our_own_drafts_in_traditional_characters_have_no_finding_above_low(form: Kind, script: Script) -> None:
    shelf = load_statements()
    audience = shelf.templates["zh", form].head.audiences[0]
    kind = list(CrisisType)[list(Kind).index(form) % len(CrisisType)]
    text = shelf.draft(form, context(audience, kind, DraftPhase.HOUR_1, script))
    draft = DraftText(
        id="draft",
        lang="zh",
        text=text,
        audience=audience,
        crisis_type=kind,
        injury=True,
        hours=HOURS[DraftPhase.HOUR_1],
        kind=str(form),
        facts=(
            LedgerFact(id="F0", claim=KNOWN, status=FactStatus.CONFIRMED),
            LedgerFact(id="F1", claim=DOUBTED, status=FactStatus.UNCONFIRMED),
        ),
    )

    grave = [item for item in check(draft, load_checks()).findings if item.severity is not Level.LOW]

    assert not [(item.check, text[item.start : item.end]) for item in grave]


def test_the_checks_read_our_wording_as_they_read_it_simplified_but_for_the_words_of_a_place() -> None:
    scribe, table = load_scribe(), load_checks().traditional

    otherwise = {
        stretch
        for line in lines()
        for stretch in (line.split()[0],)
        if fold(scribe.turned(stretch, Script.HANT), table) != fold(stretch, table)
    }

    # 答覆 is written with a character that simplified texts have as well (覆盖), so it is not folded.
    assert {stretch for stretch in otherwise if "答复" not in stretch} == set()


def test_a_fact_stays_as_it_was_entered_whatever_is_written_around_it() -> None:
    made = replace(context_for("customers", "zh", CrisisType.LINEAR, DraftPhase.HOUR_1), script=Script.TAIWAN)

    text = load_statements().draft(Kind.HOLDING, made)

    assert f"· {CONFIRMED['zh']}。" in text
    assert ORG.name in text
    assert "我們理解大家的擔心。" in text


def test_an_english_draft_has_no_script() -> None:
    shelf = load_statements()
    plain = context_for("customers", "en", CrisisType.LINEAR, DraftPhase.HOUR_1)

    assert shelf.draft(Kind.HOLDING, replace(plain, script=Script.TAIWAN)) == shelf.draft(Kind.HOLDING, plain)


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("可能干扰检修", "可能干擾檢修"),
        ("若干货物", "若干貨物"),
        ("烘干机里没有饼干", "烘乾機裡沒有餅乾"),
        ("骨干和干部干活", "骨幹和幹部幹活"),
        ("对手表示，手表没有坏", "對手表示，手錶沒有壞"),
        ("必须发布", "必須發布"),
        ("集团子公司", "集團子公司"),
        ("应当当面说明", "應當當面說明"),
        ("经理发给您", "經理發給您"),
        ("带头发言，掉头发", "帶頭發言，掉頭髮"),
        ("方面包括面包和面粉", "方面包括麵包和麵粉"),
        ("统一只能这样", "統一只能這樣"),
        ("恢复方案很复杂，答复已发", "恢復方案很複雜，答覆已發"),
        ("强调制度，控制品质，制造产品", "強調制度，控制品質，製造產品"),
        ("多年历史，翻开日历", "多年歷史，翻開日曆"),
        ("分别致函，一致认为", "分別致函，一致認為"),
        ("皇后，以后", "皇后，以後"),
        ("几公里里程", "幾公里里程"),
        ("批准时间不准确", "批准時間不準確"),
        ("平台遇到台风", "平台遇到颱風"),
        ("体系上，联系数据", "體系上，聯繫數據"),
        ("问卷入口", "問卷入口"),
        ("线上游戏", "線上遊戲"),
        ("每周检查周边", "每週檢查周邊"),
        ("关注明天，注明日期", "關注明天，註明日期"),
        ("室内脏乱，内脏受伤", "室內髒亂，內臟受傷"),
    ],
)
def test_a_character_of_several_forms_is_written_by_the_word_it_stands_in(simplified: str, traditional: str) -> None:
    assert load_scribe().turned(simplified, Script.HANT) == traditional


def test_what_is_traditional_already_stays() -> None:
    for line in lines():
        for written, script in zip(line.split()[1:], PLACES, strict=False):
            assert load_scribe().turned(written, script) == written


@pytest.mark.parametrize(
    ("places", "texts", "script"),
    [
        (("TW",), (), Script.TAIWAN),
        (("HK",), ("一户人家",), Script.HONG_KONG),
        (("MO",), (), Script.HONG_KONG),
        (("TW", "HK"), (), Script.HANT),
        (("CN",), ("一戶人家的瓦斯爐",), Script.HANS),
        (("CN", "HK"), ("一戶人家的瓦斯爐",), Script.HONG_KONG),
        (("CN", "HK"), ("一户人家的煤气炉",), Script.HANS),
        ((), ("一戶人家的瓦斯爐",), Script.HANT),
        ((), ("一户人家",), Script.HANS),
        ((), ("大家",), Script.HANS),
        ((), (), Script.HANS),
    ],
)
def test_the_script_is_that_of_the_places_and_where_they_differ_that_of_the_texts(
    places: tuple[str, ...], texts: tuple[str, ...], script: Script
) -> None:
    assert load_scribe().for_readers(places, texts) is script


def test_facts_say_the_script_before_what_was_heard() -> None:
    org = Organisation(name="星炉燃具")
    fact = CaseFact(hours=1.0, claim="一戶人家的瓦斯爐爆炸", status=FactStatus.CONFIRMED)

    assert script_of(Case(id="x", org=org, mentions=(), facts=(fact,)), (), load_scribe()) is Script.HANT
    assert script_of(Case(id="x", org=org, mentions=()), (), load_scribe()) is Script.HANS


@pytest.mark.parametrize(
    ("was", "now", "problem"),
    [
        ('simplified: "\\\n  ', 'simplified: "\\\n  后', "script.yaml:1: simplified and traditional differ in length"),
        ("zh-Hant-TW: {", "zh-Hans: {", "script.yaml:1: own: simplified wording is not turned"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused(tmp_path: Path, was: str, now: str, problem: str) -> None:
    text = (builtin("playbooks") / "script.yaml").read_text(encoding="utf-8")
    assert was in text
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "script.yaml").write_text(text.replace(was, now, 1), encoding="utf-8")

    with pytest.raises(ContentInvalid) as bad:
        load_scribe(tmp_path)

    assert problem in bad.value.problems
