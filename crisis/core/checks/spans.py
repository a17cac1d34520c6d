"""Where words, clauses and what can stand alone begin and end, as far as a pattern language can tell.

A pattern may stop inside a word; what a reader is shown does not. English words end at blanks. Chinese has none: a
place is taken for the end of a word where the wordings of the checks end one, and else the whole clause is shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W_\u3400-\u9fff]")
_JOINS = "'’-"
_EDGE = " \t\u3000\n,，、;；:："
# What ends a clause, in folded and in written form.
_BREAK = re.compile(r"[。，；：、！？!?;:\n“”\"「」『』()（）]|[,.](?!\d)")
# Chinese signs after which something must follow.
_GOES_ON = "再不都就会将很更最被把向对与和并而"
# Chinese signs that close the word before them.
_CLOSES = "者们們性度率"
_LONGEST = 6


def whole_words(text: str, start: int, end: int, known: Collection[str], folded: str) -> tuple[int, int]:
    """text[start:end] grown until it begins and ends with whole words, without blanks and commas at its ends.

    `known`: (folded) Chinese words after or before which another word can begin.
    """
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    if start == end:
        return start, end
    while start > 0 and _within(text, start):
        start -= 1
    while end < len(text) and _within(text, end):
        end += 1
    if start > 0 and _HAN.match(text[start]) and _HAN.match(text[start - 1]) and not _begins(folded, start, end, known):
        start = max((found.end() for found in _BREAK.finditer(text, 0, start)), default=0)
        while text[start].isspace():
            start += 1
    if end < len(text) and _HAN.match(text[end - 1]) and _HAN.match(text[end]) and not _ends(folded, start, end, known):
        if text[end] in _CLOSES:
            end += 1
        else:
            found = _BREAK.search(text, end)
            end = found.start() if found else len(text)
            while text[end - 1].isspace():
                end -= 1
    return start, end


def _within(text: str, place: int) -> bool:
    """Whether a word written in letters or digits goes on over this place."""
    before, after = text[place - 1], text[place]
    if _WORD.match(before):
        return bool(_WORD.match(after)) or (
            after in _JOINS and place + 1 < len(text) and bool(_WORD.match(text[place + 1]))
        )
    return before in _JOINS and place > 1 and bool(_WORD.match(text[place - 2])) and bool(_WORD.match(after))


def _begins(folded: str, start: int, end: int, known: Collection[str]) -> bool:
    """Whether a known word begins here, and none goes on over the place."""
    here = any(folded[start : start + size] in known for size in range(2, min(_LONGEST, end - start) + 1))
    return here and not _straddled(folded, start, known)


def _ends(folded: str, start: int, end: int, known: Collection[str]) -> bool:
    if folded[end] in _CLOSES or folded[end - 1] in _GOES_ON:
        return False
    here = any(folded[end - size : end] in known for size in range(2, min(_LONGEST, end - start) + 1))
    return here and not _straddled(folded, end, known)


def _straddled(folded: str, place: int, known: Collection[str]) -> bool:
    """Whether a known word of three signs or more lies over a place."""
    return any(
        folded[left : left + size] in known
        for size in range(3, _LONGEST + 1)
        for left in range(max(0, place - size + 1), place)
        if left + size > place
    )


# What parts the clauses of a sentence. In English only what another whole clause follows.
_SUBJECT = (
    r"(?:we|our|i|my|you|your|they|their|it|its|he|she|this|these|those|there|the|an?|all|every|any|each|no|nobody"
    r"|no one|everyone|anyone|please|some|one|two|three|if you|nothing)\b"
)
_PARTS = {
    "en": re.compile(rf"\s*;\s+(?={_SUBJECT})|,\s+(?:and|but|so|yet)\s+(?={_SUBJECT})|\s+-\s+(?={_SUBJECT})"),
    "zh": re.compile(r"\s*(?:;|,(?!\d)|--)\s*"),
}
# How a clause begins that needs no other before it.
_ALONE = {
    "en": re.compile(
        r"(?:we|our|i|you|your|please|the|an?|all|every|any|each|no|nobody|no one|everyone|anyone|there)\b"
    ),
    "zh": re.compile(
        r"我们|我司|本公司|公司(?!的)|您|大家|请|如需|如您|凡|已购|受影响的|同时|此外|另外|目前|医疗费|伤者"
        r"|所有|客服|热线|下一?次"
    ),
}
# How a clause begins, or ends, that leans on the next one.
_LEANS = {
    "en": re.compile(
        r"^(?:if|when|whenever|while|whilst|although|though|even|because|since|as|once|unless|until|whatever|whoever"
        r"|despite|given|where|whether|having|being|after|before|not only|either|neither|both|according)\b(?![^,]*,)"
        r"|\b(?:that|which|who|whether|because|say|says|said|believe|think|found|show|shows|confirm(?:s|ed)?)$"
    ),
    "zh": re.compile(
        r"^(?:如果|如|若|倘|假如|假使|假若|虽|尽管|固然|由于|因|为|除|只要|只有|只因|即使|即便|哪怕|无论|不论|不管|既|一旦|不仅|不但|不单|不是"
        r"|并非|与其|据|经|根据|按|随着|对|关于|有关|就|针对|作为|凭|以|当|在|从|面对|鉴于|考虑到|出于|本着|自|像|至于|与|和|跟|向|把|将|被"
        r"|但凡|所谓|退一步|话又说|万一|要是|要不是|若非|倘若|比起|相比|正如|正因|之所以)"
        r"|(?:的|者|人|时|时候|后|前|中|之下|以来|期间|而言|来说|来看|情况下|表示|认为|称|说|强调|指出|认定|判断|显示|表明|证明|看来|来讲|讲|说法|情况|一事|一个|一条|来)$"
        r"|^.{0,3}$"
    ),
}


# What a Chinese clause has that states something; without any it is only a topic ("所谓外流").
_STATES = re.compile(
    r"[已了将会被把没不无未请可]|是(?!非)|有(?!关)|正在|对不起|抱歉|(?:在|向|给|为|由|让|使|等|到)[\u3400-\u9fff]{3}"
)


def clauses(folded: str, lang: str) -> list[tuple[int, int]]:
    """The clauses of a folded sentence, without the signs and words between them."""
    found, left = [], 0
    for match in _PARTS[lang].finditer(folded):
        if match.start() > left:
            found.append((left, match.start()))
            left = match.end()
    if left < len(folded):
        found.append((left, len(folded)))
    return found


def stands_alone(clause: str, lang: str) -> bool:
    """Whether a (folded) clause can begin a sentence of its own when what stood before it is gone."""
    return _ALONE[lang].match(clause) is not None


def leans(clause: str, lang: str) -> bool:
    """Whether a (folded) clause needs the one that follows it."""
    clause = clause.strip(" ,;")
    return _LEANS[lang].search(clause) is not None or (lang == "zh" and _STATES.search(clause) is None)
