"""Our own Chinese wording in which a character has several traditional forms, as Taiwan and Hong Kong write it."""

from __future__ import annotations

import re

from crisis.content.audiences import load_audiences
from crisis.content.statements import load_statements
from crisis.core.script import Script

# Characters that are one of their own in traditional writing and also the simplified form of another, or of several.
SEVERAL = set(
    "丑丰么于云仆价优伙体余佛佣修儿克党冢冬凄准几凶出划刮制千升卜占卷厂厘只台吁吃合吊后向吨听周咨咸咽哄唇喂噪回困圣坏"
    "复夸奸姜娘宁家尸局岩岭岳巨布帘席干并幸庄庵异弦彩征御忏志念怀怜恤惊愈愿戚才扎扑托扣扰折抵拐拼挂挨挽捆据搜斗昆晒曲"
    "朱朴机杆杠杯杰松板极构柜栖栗梁棱欲气污沈沾泄泛泞注洁洒洼涂涌淀游溪炖熏狸璇瓮症痒痴确离秋种秘筑篱糖系网羡肮肴胄胜"
    "胡腊腌膻致舍苔苹范荐茧蒙蓑虫虱蚕蚝蜡蝎表触谷赶踊辟适郁酸采里雇雕霉面个仑冲别勋卤历发叹哗团坛尝尽弥当径摆术毁汇湿"
    "炼烟签纤脏艳苏荡获证赞迹鉴钟铲锤闲须饥着账"
)
_STRETCH = re.compile(r"[\u4e00-\u9fff]+")


def sources() -> list[str]:
    """Templates, blocks, blanks, titles, names and answers: whatever is turned before it stands in a draft."""
    shelf = load_statements()
    texts = [*shelf.blocks("zh"), *(item.body for (lang, _), item in shelf.templates.items() if lang == "zh")]
    texts += [item.head.title for (lang, _), item in shelf.templates.items() if lang == "zh"]
    texts += [text.zh for text in shelf.blanks.values()]
    for card in load_audiences().cards.values():
        texts.append(card.name.zh)
        texts += [text.zh for typed in card.types.values() for text in (typed.ask, typed.answer)]
        texts += [text.zh for question in card.questions for text in (question.ask, question.answer)]
    return texts


def lines() -> list[str]:
    """Stretch by stretch, sorted: simplified, Taiwan, Hong Kong where it differs."""
    scribe = load_statements().scribe
    found = {stretch for text in sources() for stretch in _STRETCH.findall(text) if SEVERAL & set(stretch)}
    out = []
    for stretch in sorted(found):
        taiwan, hong_kong = (scribe.turned(stretch, script) for script in (Script.TAIWAN, Script.HONG_KONG))
        out.append(f"{stretch} {taiwan}" + ("" if hong_kong == taiwan else f" {hong_kong}"))
    return out
