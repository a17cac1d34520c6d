"""Bytes of a document to text, whatever its label says.

Labels lie: servers say ISO-8859-1 for everything, "gb2312" is nearly always GBK or GB18030, and a document
that was converted keeps its old declaration. So a label is a claim which is checked, in this order:

    byte order mark  ->  valid UTF-8  ->  declared (header, then document), if it looks right
                     ->  the Chinese encoding that gives real Chinese  ->  the language whose letters fit best

Labels mean what browsers make of them (WHATWG Encoding Standard, https://encoding.spec.whatwg.org/, "names and
labels"): gb2312 is read as GB18030, iso-8859-1 as windows-1252, big5 with its Hong Kong extension.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass

_SAMPLE_BYTES = 40_000

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How "<" and "<?" begin without a mark (XML 1.0, appendix F).
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_LABELS = {
    **dict.fromkeys(
        ("gb2312", "gbk", "gb_2312-80", "gb_2312", "x-gbk", "chinese", "csgb2312", "cp936", "ms936"), "gb18030"
    ),
    **dict.fromkeys(("windows-936", "gb2312-80", "euc-cn", "euccn", "gb-2312"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "cn-big5", "csbig5", "x-x-big5", "big-5", "big5-eten"), "big5hkscs"),
    **dict.fromkeys(
        ("iso-8859-1", "iso8859-1", "latin1", "latin-1", "l1", "iso_8859-1", "us-ascii", "ascii"), "cp1252"
    ),
    **dict.fromkeys(("x-cp1252", "ansi", "ms-ansi", "iso8859_1"), "cp1252"),
    **dict.fromkeys(("iso-8859-9", "latin5", "l5"), "cp1254"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ksc5601", "korean", "windows-949"), "cp949"),
    **dict.fromkeys(("x-mac-roman", "macintosh", "mac", "csmacintosh"), "mac_roman"),
    **dict.fromkeys(("utf8", "utf-8", "unicode-1-1-utf-8", "x-utf-8"), "utf-8"),
}
_WIDE = re.compile(r"^(?:u|utf[-_]?|ucs[-_]?|iso-10646-ucs-|csucs|cs)?(?:2|4|16|32|unicode)(?:[-_]?[lb]e)?$")
# Not encodings of documents, or a way to smuggle markup past a filter (UTF-7).
_REFUSED = frozenset({"utf_7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_ESCAPED = frozenset(
    {"hz", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_3", "iso2022_kr"}
)

_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?\bencoding\s*=\s*["']\s*([A-Za-z0-9._:()-]{1,40})\s*["']""")
_META = re.compile(rb"""<meta[^>]{0,200}?\bcharset\s*=\s*["']?\s*([A-Za-z0-9._:()-]{1,40})""", re.IGNORECASE)
_CHARSET = re.compile(r"""\bcharset\s*=\s*["']?\s*([^\s"';,]{1,40})""", re.IGNORECASE)

# Frequent characters of written Chinese (simplified, then traditional forms that differ) and its punctuation. In real
# text well over a third of the characters are among them; in text decoded with the wrong table nearly none are.
_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进"
    "好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己"
    "制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感"
    "建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉"
    "格望觉术领共确传师观清今切院让识候带导争运笔版网称售车消费警企业集团股价调查回应声明品牌客户产品召投诉处罚监管局银行证券亿元增降涨跌超首"
    "這個們來為國說時會對過發後裡種經麼學當沒動還進樣開從實軍無長機關點業將兩間問與應戰頭體見產給員東話門題認條聲處義幾論總電數報結務場計資區隊決馬書聽卻達強則難權設"
    "記類據張該規萬覺術領確傳師觀讓識帶導爭運網稱車費企團價調應聲牌戶訴罰監銀證億漲"
    "，。、：；！？（）《》“”‘’【】「」『』…—·"
)
# Letters beyond ASCII of the languages written in each encoding, the commoner encoding first. Capital letters of
# scripts that have them are left out: in the wrong table small letters become capitals (windows-1251 and KOI8-R).
_KANA = frozenset(map(chr, range(0x3041, 0x30FF))) | _COMMON
_RUSSIAN = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґў")
_ALPHABETS: dict[str, tuple[frozenset[str], ...]] = {
    "cp1252": tuple(
        map(
            frozenset,
            (
                "£©®½§",
                "äöüßÄÖÜé",
                "éèêëàâçîïôùûœÉÀÇÊ",
                "áéíóúñüÁÉÍÓÚÑ¿¡ªº",
                "áàâãçéêíóôõúÁÃÇÉÕ",
                "àèéìòùÈ",
                "åäöøæéÅÄÖØÆðþýíáú",
            ),
        )
    ),
    "cp1250": tuple(
        map(
            frozenset,
            (
                "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
                "áčďéěíňóřšťúůýžÁČĎÉÍŘŠŤÚŮÝŽľĺŕôä",
                "áéíóöőúüűÁÉÍÓÖŐÚÜŰ",
                "ăâîşţĂÂÎŞŢ",
                "čćđšžČĆĐŠŽ",
            ),
        )
    ),
    "cp1254": (frozenset("ğışçöüİŞÇÖÜâî"),),
    "cp1251": (_RUSSIAN,),
    "koi8_r": (_RUSSIAN,),
    "cp1253": (frozenset("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋ"),),
    "cp1255": (frozenset("אבגדהוזחטיךכלםמןנסעףפץצקרשת"),),
    "cp1256": (frozenset("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگ"),),
    "cp932": (_KANA,),
    "euc_jp": (_KANA,),
    # The 2,350 syllables of KS X 1001; the others of the code page are hardly used.
    "cp949": (frozenset(bytes((a, b)).decode("euc_kr") for a in range(0xB0, 0xC9) for b in range(0xA1, 0xFF)),),
}
_NEUTRAL = frozenset("“”‘’„‚–—…«»•€™£©®°·´¿¡\u00a0\u00ad\u3001\u3002\uff0c「」（）！？：；")
_FREQUENT = {"cp1251": "оеаинтсрвл", "koi8_r": "оеаинтсрвл", "cp1255": "יוהלאמרתבש"}
_LATIN = frozenset({"cp1252", "cp1250", "cp1254"})
_WORD = re.compile(r"[^\W\d_]+")
_SIGN = re.compile(r"[^\w\x00-\x7f]")
_NOT_ASCII = re.compile("[^\x00-\x7f]+")
_ILL = re.compile("[\ufffd\x80-\x9f\ue000-\uf8ff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """A document as text. `encoding` is the Python codec that was used, `declared` what header or document
    claimed ("" if nothing), `replaced` how many places could not be read (each is U+FFFD in the text)."""

    text: str
    encoding: str
    declared: str = ""
    replaced: int = 0


def decode(data: bytes, *, content_type: str = "") -> Decoded:
    """The text of a document: never fails, whatever the bytes. See the head of this file for the order of trust.

    `content_type` is the value of the HTTP header, if there was one. A byte order mark is not part of the text.
    """
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return _surely(data[len(mark) :], codec, declared=codec)
    claims = _claims(data, content_type)
    declared = claims[0] if claims else ""
    wide = _wide(data)
    if wide:
        return _surely(data, wide, declared=declared)
    codecs_claimed = [codec for codec in map(codec_of, claims) if codec]
    for codec in codecs_claimed:
        if codec in _ESCAPED and (b"\x1b" in data or b"~{" in data):
            return _surely(data, codec, declared=declared)
    try:
        # Text in another encoding that happens to be valid UTF-8 is not met beyond a few characters.
        return Decoded(text=data.decode("utf-8"), encoding="utf-8", declared=declared)
    except UnicodeDecodeError:
        pass
    if data.startswith(b"\x4c\x6f\xa7\x94"):
        return _surely(data, _ebcdic(data), declared=declared)
    return _contest(data, codecs_claimed, declared)


def codec_of(label: str) -> str:
    """The Python codec for a label, as browsers read it; "" for an unknown or refused one."""
    name = label.strip().lower()
    if name in _LABELS:
        return _LABELS[name]
    if _WIDE.match(name):
        return ""  # Bytes that are not wide were declared wide: the label says nothing.
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    if found.name.replace("-", "_") in _REFUSED or not getattr(found, "_is_text_encoding", True):
        return ""
    return _LABELS.get(found.name, found.name)


def _claims(data: bytes, content_type: str) -> list[str]:
    claims: list[str] = []
    header = _CHARSET.search(content_type)
    if header:
        claims.append(header[1])
    head = data[:2048]
    inside = _DECLARATION.search(head) or _META.search(head)
    if inside:
        claims.append(inside[1].decode("ascii"))
    return claims


def _wide(data: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, by how the document starts or where its zero bytes lie."""
    for start, codec in _STARTS[:-1]:
        if data.startswith(start):
            return codec
    sample = data[:400]
    zeros = sample.count(0)
    if zeros < 8 or zeros * 4 < len(sample):
        return ""
    odd = sample[1::2].count(0)
    if odd > 0.9 * zeros:
        return "utf-16-le"
    return "utf-16-be" if odd < 0.1 * zeros else ""


def _ebcdic(data: bytes) -> str:
    head = data[:400].decode("cp037", "replace").encode("ascii", "replace")
    inside = _DECLARATION.search(head)
    return (codec_of(inside[1].decode("ascii")) if inside else "") or "cp037"


def _surely(data: bytes, codec: str, *, declared: str) -> Decoded:
    if codec == "cp1252":
        # The five bytes that windows-1252 leaves free are controls for a browser, not errors.
        return Decoded(text=_western(data), encoding=codec, declared=declared)
    try:
        return Decoded(text=data.decode(codec), encoding=codec, declared=declared)
    except UnicodeDecodeError:
        text = data.decode(codec, "replace")
        return Decoded(text=text, encoding=codec, declared=declared, replaced=text.count("\ufffd"))


def _western(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1").translate(_C1)


_C1 = {byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def _contest(data: bytes, claimed: list[str], declared: str) -> Decoded:
    """Bytes that are not UTF-8: the claims against what the bytes look like."""
    sample = _high_part(data)
    if _mostly_utf8(sample):
        text = data.decode("utf-8", "replace")
        return Decoded(text=text, encoding="utf-8", declared=declared, replaced=text.count("\ufffd"))
    chinese = {codec: _chinese(sample, codec) for codec in ("gb18030", "big5hkscs")}
    best = max(chinese, key=lambda codec: chinese[codec])
    trusted = _trusted(claimed, sample, chinese)
    if trusted:
        return _surely(data, trusted, declared=declared)
    for codec in claimed:
        if codec == "utf-8":
            continue  # It was tried.
        if codec in chinese:
            if chinese[codec] >= 0.15 or (chinese[codec] >= chinese[best] and _guess(sample)[1] < 0.9):
                return _surely(data, codec, declared=declared)
        elif _reads(sample, codec) and chinese[best] < 0.3:
            # Western labels are put on anything; others are put on purpose.
            western = _likeness(sample, "cp1252") if codec in ("cp1252", "mac_roman") else 1.0
            # (No likeness is above 1, and the guess is what takes long.)
            if western <= 0.7 and _guess(sample)[1] >= max(0.9, western + 0.3):
                break
            return _surely(data, codec, declared=declared)
    guess, likeness = _guess(sample)
    if chinese[best] >= 0.15 and chinese[best] >= likeness - 0.5:
        return _surely(data, best, declared=declared)
    return _surely(data, guess, declared=declared)


def _trusted(claimed: list[str], sample: bytes, chinese: dict[str, float]) -> str:
    """The first claim, if it needs no further look: real Chinese, or Western letters as Western words have them."""
    first = next((codec for codec in claimed if codec != "utf-8"), "")
    if chinese.get(first, 0.0) >= 0.15:
        return first
    western = first == "cp1252" and max(chinese.values()) < 0.15 and _likeness(sample, first) >= 0.8
    return first if western else ""


def _high_part(data: bytes) -> bytes:
    """The stretch that is judged: it begins a little before the first byte that is not ASCII."""
    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 200) if first else 0
    return data[start : start + _SAMPLE_BYTES]


def _mostly_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(map(len, _NOT_ASCII.findall(text))) - bad
    return good >= 10 * bad


def _reads(sample: bytes, codec: str) -> bool:
    """Whether the codec reads the sample, give or take one damaged place in a hundred."""
    text = sample.decode(codec, "replace")
    strange = sum(map(len, _NOT_ASCII.findall(text)))
    return len(_ILL.findall(text)) <= 2 + strange // 100


def _chinese(sample: bytes, codec: str) -> float:
    """The part of the characters which are frequent in Chinese, 0..1; damage counts against it."""
    text = sample.decode(codec, "replace")
    runs = "".join(_NOT_ASCII.findall(text))[:20_000]
    if not runs:
        return 0.0
    common = sum(character in _COMMON for character in runs)
    return max(0.0, (common - 3 * len(_ILL.findall(runs))) / len(runs))


def _guess(sample: bytes) -> tuple[str, float]:
    """(codec, likeness) of the language whose letters cover the text best; windows-1252 if none does."""
    scored = {codec: _likeness(sample, codec) for codec in _ALPHABETS}
    western = scored["cp1252"]
    best = max(scored, key=lambda codec: (scored[codec], _frequent(sample, codec)))
    if scored[best] <= max(0.5, western + 0.1):
        return "cp1252", western
    return best, scored[best]


def _frequent(sample: bytes, codec: str) -> float:
    """Hebrew and small Russian letters lie on the same bytes: the frequent ones tell them apart."""
    letters = _FREQUENT.get(codec, "")
    text = sample.decode(codec, "replace")[:20_000]
    return sum(map(text.count, letters)) / max(1, len(text))


def _likeness(sample: bytes, codec: str) -> float:
    """The greatest part of the letters beyond ASCII that one language in this codec explains, 0..1.

    A letter of another script inside a Latin word explains nothing, nor does a long word of nothing but accents.
    """
    text = sample.decode(codec, "replace")[:20_000]
    # What is ASCII from space to space says nothing of any language, and is most of a feed.
    text = " ".join([piece for piece in text.split(" ") if not piece.isascii()])
    latin = codec in _LATIN
    fitting, strange = [], 0
    for word, times in Counter(_WORD.findall(text)).items():
        if word.isascii():
            continue
        letters = "".join(_NOT_ASCII.findall(word))
        whole = len(letters) == len(word)
        if (whole and len(word) > 2) if latin else not whole:
            strange += len(letters) * times
        else:
            fitting.append(letters * times)
    known = Counter("".join(fitting))
    signs = Counter(_SIGN.findall(text))
    strange += sum(times for sign, times in signs.items() if sign not in _NEUTRAL)
    total = known.total() + strange
    if not total:
        return 0.9 if signs and codec == "cp1252" else 0.0
    return (
        max(sum(times for letter, times in known.items() if letter in alphabet) for alphabet in _ALPHABETS[codec])
        / total
    )
