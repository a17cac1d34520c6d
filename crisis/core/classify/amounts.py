"""How many dead, how many people, how much money: the figures of a text, in Chinese and English.

    "3人死亡" -> dead 3      "4 million customers" -> people 4,000,000      "€48 million" -> money 48,000,000

Figures are read from folded text. The largest of each kind in a sentence counts; shares and years are none of them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum


class Measure(StrEnum):
    """What a figure counts."""

    DEAD = "dead"
    HURT = "hurt"
    PEOPLE = "people"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure at `text[start:end]`."""

    measure: Measure
    value: float
    start: int
    end: int


_DIGITS = {char: place for place, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "几": 3, "数": 3}
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "a dozen": 12, "dozens": 36, "scores": 60, "hundreds": 300, "thousands": 3000,
    "tens of thousands": 3e4, "hundreds of thousands": 3e5, "millions": 3e6,
}  # fmt: skip
_SCALES = {
    "十": 10.0, "百": 100.0, "千": 1000.0, "万": 1e4, "亿": 1e8, "hundred": 100.0, "thousand": 1000.0, "million": 1e6,
    "mn": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "k": 1000.0,
}  # fmt: skip
_LONGEST_FIRST = sorted(_WORDS, key=lambda word: -len(word))

# A figure: `3`, `2.5万`, `十余`, `一万两千`; `1,500`, `4 million`, `twenty`.
_ZH = r"(?:\d+(?:,\d{3})*(?:\.\d+)?(?:百|千)?(?:万|亿)*|[〇零一二两三四五六七八九十几数百千万亿]+)(?:多|余)?(?:万|亿)?"
_EN_LARGE = r"\d+(?:,\d{3})*(?:\.\d+)?[ -]?(?:million|billion|mn|bn)\b"
_EN = rf"(?:\d+(?:,\d{3})*(?:\.\d+)?|{'|'.join(_LONGEST_FIRST)})(?:[ -]?(?:hundred|thousand|million|billion|mn|bn)\b)?"
_OF_THEM = r"(?:名|位|个)?[^，。,;；\d]{0,8}?"
_ONE = (
    "man|woman|child|boy|girl|baby|worker|driver|passenger|patient|pupil|student|resident|employee|guest|customer|"
    "firefighter|teenager|pensioner|toddler"
)
_MANY = (
    "people|persons|passengers|workers|residents|patients|children|students|customers|users|homes|households|families|"
    "members|savers|account holders|employees|staff|jobs|subscribers|travellers|commuters|men|women|guests"
)
_ARE = "(?: more| other)?(?: (?:" + _MANY + "))?(?: are| were| have| confirmed| feared)*(?: been)?"
_PERSON = "人|用户|居民|乘客|旅客|客户|患者|病患|学生|儿童|婴儿|员工|消费者|市民|村民|会员|储户|业主|家庭|户|民众"
_PATTERNS = (
    (Measure.DEAD, rf"({_ZH}){_OF_THEM}(?:死亡|遇难|身亡|罹难|丧生|不治|死(?!者家)|失踪|失联|失去联系)"),
    (Measure.DEAD, rf"(?:死亡|遇难|身亡|罹难|丧生)(?:人数)?(?:升至|增至|上升至|已达|达|为)?({_ZH})(?:人|名)"),
    (Measure.DEAD, rf"\b({_EN}){_ARE} (?:dead|killed|died|dies|die|missing|drowned|bodies|deaths|fatalities)\b"),
    (
        Measure.DEAD,
        r"\b(?:kill(?:s|ed|ing)|toll (?:rises|climbs|reaches|of|at|to)(?: to)?)"
        rf"(?: at least| about| some)? ({_EN})\b",
    ),
    (Measure.DEAD, rf"\b(?:a|an|one) (?:\w+ )?({_ONE})(?: has| had| was| is)? (?:dies|died|dead|killed|drowned)\b"),
    (Measure.DEAD, rf"\b({_ONE})(?:, \d+,)? (?:dies|killed|found dead|drowned)\b"),
    (Measure.HURT, rf"({_ZH}){_OF_THEM}(?:受伤|伤者|住院|送医|就医|中毒|伤(?!害|心)|不适|患病|确诊)"),
    (
        Measure.HURT,
        rf"\b({_EN}){_ARE} (?:hurt|injured|hospitalised|hospitalized|ill|sick|wounded|injuries|taken to hospital|"
        r"in hospital|treated)\b",
    ),
    (Measure.PEOPLE, rf"({_ZH})(?:名|位|个|户|家)?(?:{_PERSON})"),
    (Measure.PEOPLE, rf"\b({_EN})(?: of)?(?: \w+)? (?:{_MANY})\b"),
    (Measure.MONEY, rf"({_ZH})(?:元|美元|港元|港币|欧元|英镑|日元|人民币|新台币|韩元|块钱)"),
    (Measure.MONEY, r"[$£€¥]\s?(\d+(?:,\d{3})*(?:\.\d+)?\s?(?:million|billion|mn|bn|m|k)?)\b"),
    (
        Measure.MONEY,
        r"\b(?:fine[ds]?|pays?|paid|loss|losses|worth|costs?|debts?|penalty|bill|hole|gap|owes?|owed)"
        rf"(?: \w+){{0,2}} ({_EN_LARGE})",
    ),
    (Measure.MONEY, rf"\b({_EN})(?: \w+)? (?:dollars|pounds|euros|yuan|yen|rupees|francs)\b"),
)
_COMPILED = tuple((measure, re.compile(pattern)) for measure, pattern in _PATTERNS)
_FIGURE = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def amounts(text: str) -> tuple[Amount, ...]:
    """The largest figure of each kind in a folded text."""
    found: dict[Measure, Amount] = {}
    for measure, pattern in _COMPILED:
        for match in pattern.finditer(text):
            value = number(match.group(1))
            if value > 0 and (measure not in found or value > found[measure].value):
                found[measure] = Amount(measure, value, *match.span())
    return tuple(found.values())


def number(words: str) -> float:
    """The number that a figure or its words mean; 0 when they mean none. "几" and "dozens" count as three."""
    words = words.strip()
    figure = _FIGURE.match(words)
    if figure:
        value, rest = float(figure.group().replace(",", "")), words[figure.end() :]
        for scale in re.findall(r"万|亿|百|千|hundred|thousand|million|billion|mn|bn|m|k", rest):
            value *= _SCALES[scale]
        return value
    if words[:1].isascii():
        if words in _ONE.split("|"):
            return 1.0
        for word in _LONGEST_FIRST:
            if words.startswith(word):
                rest = words[len(word) :].strip(" -")
                return _WORDS[word] * _SCALES.get(rest, 1.0)
        return 0.0
    return _chinese(words)


def _chinese(words: str) -> float:
    """三千二百 -> 3200, 十余 -> 10, 数万 -> 30000."""
    whole, part, digit = 0.0, 0.0, 0.0
    for char in words:
        if char in "万亿":
            whole = (whole + part + digit or 1.0) * _SCALES[char]
            part = digit = 0.0
        elif char in "十百千":
            part += (digit or 1.0) * _SCALES[char]
            digit = 0.0
        elif char in _DIGITS:
            digit = float(_DIGITS[char])
    return whole + part + digit


def weight(amount: Amount) -> float:
    """How much a figure weighs, 0 to about 2: its order of magnitude beside what is usual for such a figure.

    One dead weighs .5, thirty 1.5; ten hurt .5, a thousand 1.5; ten thousand people .5, ten million 1.7; ten million
    of any currency .5, ten billion 1.7. Our own choice: the points are fitted.
    """
    usual = {Measure.DEAD: 0.0, Measure.HURT: 0.0, Measure.PEOPLE: 3.0, Measure.MONEY: 6.0}[amount.measure]
    steepness = {Measure.DEAD: 0.7, Measure.HURT: 0.35, Measure.PEOPLE: 0.4, Measure.MONEY: 0.4}[amount.measure]
    least = {Measure.DEAD: 0.5, Measure.HURT: 0.2, Measure.PEOPLE: 0.1, Measure.MONEY: 0.1}[amount.measure]
    return round(min(2.0, max(least, least + steepness * (math.log10(amount.value) - usual))), 3)
