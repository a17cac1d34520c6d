"""Who is named: we, or a firm near us, also under the short names that stories use for firms.

A paper writes "Castlegate" for Castlegate Bank and "牧乐" for 牧乐饲料: the endings that say what kind of firm it is
are dropped (playbooks/classifier/words.yaml), unless what is left is a common word or part of our own name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from crisis.core.case import Case
from monitors.folding import fold, is_word

# A name shorter than this is found too often by chance.
_SHORTEST_NAME = 2
_SHORTEST_SHORT = {True: 4, False: 2}  # Latin letters, Chinese characters
# The first word of a longer Latin name stands for it from so many letters on; a Chinese core has no more characters.
_SHORTEST_FIRST, _LONGEST_CORE = 6, 4
# Before a name: what somebody is to us. In the middle: what kind of firm, after which a branch follows. A place first.
_ROLE = re.compile(
    r"^.*(?:供应商|代言人|代工厂|代工方|合作方|合作伙伴|赞助商|股东|母公司|原料商|服务商|主播|博主|艺人|品牌方|客户|大股东|承包商|经销商)(?=.)"
)
_MIDDLE = re.compile(r"公司|集团|有限|股份")
_PLACE = re.compile(
    r"^(?:中国|北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|"
    r"内蒙古|广西|西藏|宁夏|新疆|香港|澳门|广州|深圳|杭州|南京|苏州|无锡|宁波|温州|成都|武汉|长沙|郑州|西安|济南|青岛|烟台|大连|沈阳|哈尔滨|长春|石家庄|太原|"
    r"合肥|福州|厦门|泉州|南昌|昆明|贵阳|南宁|海口|兰州|台北|台中|台南|高雄|日本|美国|德国|英国|法国|韩国|新西兰|瑞士)(?:省|市)?(?=..)"
)
_ASIDE = re.compile(r"[（(][^）)]*[）)]")


@dataclass(frozen=True, slots=True)
class Names:
    """Folded names: us, and the firms near us."""

    us: tuple[str, ...]
    others: tuple[str, ...]

    @classmethod
    def of(cls, case: Case, endings: Collection[str] = (), common: Collection[str] = ()) -> Names:
        """The names of a case. `endings` and `common` are folded words: kinds of firms, and words that name nobody."""
        org = case.org
        us = _folded((*org.names, *org.products))
        us |= set(shortened(_folded(org.names), endings, common))
        others = _folded((*org.peers, *org.suppliers)) - us
        own = tuple(us)
        near = set(shortened(others, endings, common)) | set(cores(others, endings, common))
        others |= {name for name in near if not any(name in mine for mine in own)}
        return cls(tuple(sorted(us)), tuple(sorted(others)))


def cores(names: Iterable[str], endings: Collection[str], common: Collection[str]) -> Iterator[str]:
    """The part of a firm's name that is its own: "济生" of 济生公司斗六厂, "插旗" of 湖南插旗菜业, "kaupthing" of
    Kaupthing Singer & Friedlander, "cts" of 油门踏板供应商CTS.
    """
    for name in names:
        bare = _ASIDE.sub("", name).strip()
        if bare.isascii():
            first = bare.split(" ")[0].strip(".,'")
            if " " in bare and len(first) >= _SHORTEST_FIRST and first not in common and first not in endings:
                yield first
            continue
        bare = _ROLE.sub("", bare)
        bare = _PLACE.sub("", _MIDDLE.split(bare)[0])
        if bare.isascii() or bare == name:
            yield from ([bare] if len(bare) > _SHORTEST_NAME and bare not in common else ())
            yield from shortened([bare], endings, common)
            continue
        if len(bare) >= _SHORTEST_SHORT[False] and bare not in common and bare not in endings:
            yield from shortened([bare], endings, common)
            if len(bare) <= _LONGEST_CORE:
                yield bare


def shortened(names: Iterable[str], endings: Collection[str], common: Collection[str]) -> Iterator[str]:
    """The short form of each folded name that has one: without the words at its end that say what kind it is."""
    for name in names:
        short = _ASIDE.sub("", name).strip()
        latin = short.isascii()
        while True:
            ending = next((word for word in endings if _ends_with(short, word, latin)), "")
            if not ending:
                break
            short = short[: -len(ending)].rstrip(" &,.")
        if short != name and len(short) >= _SHORTEST_SHORT[latin] and short not in common:
            yield short


def _ends_with(name: str, ending: str, latin: bool) -> bool:
    if latin:
        return ending.isascii() and name.endswith(f" {ending}")
    return not ending.isascii() and name.endswith(ending) and len(name) - len(ending) >= _SHORTEST_SHORT[False]


def find_name(text: str, names: Sequence[str]) -> tuple[int, int] | None:
    """The first place where one of the folded names stands as a whole word, or None."""
    best: tuple[int, int] | None = None
    for name in names:
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            left = at == 0 or not (is_word(text[at]) and is_word(text[at - 1]))
            right = end == len(text) or not (is_word(text[end - 1]) and is_word(text[end]))
            if left and (right or text[end : end + 1] == "s"):
                if best is None or at < best[0]:
                    best = (at, end)
                break
            at = text.find(name, at + 1)
    return best


def _folded(names: Iterable[str]) -> set[str]:
    folded = {fold(name).text.strip() for name in names}
    return {name for name in folded if len(name) >= _SHORTEST_NAME}
