"""Bytes to text, whatever the label says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.encoding import codec_of, decode

ZH_HANS = "某公司就产品质量问题作出回应：已召回全部批次，并向消费者致歉。"
ZH_HANT = "該公司就產品品質問題作出回應：已召回全部批次，並向消費者致歉。"
WESTERN = {
    "cp1252": "Die Überprüfung der Straße verzögert sich, äußerte der Geschäftsführer für Öffentlichkeitsarbeit",
    "cp1250": "Spółka ogłosiła, że właściciel zrezygnował i zażółcił gęślą jaźń",
    "cp1251": "Компания объявила об отзыве продукции после жалоб потребителей",
    "cp1253": "Η εταιρεία ανακοίνωσε την ανάκληση των προϊόντων μετά από παράπονα",
    "cp1254": "Şirket, tüketici şikayetlerinin ardından ürünleri geri çağırdığını açıkladı",
    "cp1255": "החברה הודיעה על החזרת המוצרים לאחר תלונות הצרכנים",
    "cp1256": "أعلنت الشركة سحب المنتجات بعد شكاوى المستهلكين",
    "koi8_r": "Компания объявила об отзыве продукции после жалоб потребителей",
}


def document(text: str, declared: str = "") -> str:
    label = f' encoding="{declared}"' if declared else ""
    return f'<?xml version="1.0"{label}?><rss><channel><title>{text}</title></channel></rss>'


CHINESE = [
    ("gb18030", ZH_HANS),
    ("gbk", ZH_HANS),
    ("big5", ZH_HANT),
    ("utf-8", ZH_HANS),
    ("utf-8-sig", ZH_HANS),
    ("utf-16", ZH_HANS),
    ("utf-16-le", ZH_HANS),
    ("utf-16-be", ZH_HANT),
    ("utf-32", ZH_HANS),
]
LABELS = [
    "",
    "utf-8",
    "gb2312",
    "gbk",
    "big5",
    "iso-8859-1",
    "windows-1252",
    "us-ascii",
    "utf-16",
    "koi8-r",
    "nonsense",
]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(("codec", "text"), CHINESE)
def test_chinese_is_read_whatever_the_document_declares(codec: str, text: str, label: str) -> None:
    assert text in decode(document(text, label).encode(codec)).text


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(("codec", "text"), CHINESE)
def test_chinese_is_read_whatever_the_server_declares(codec: str, text: str, label: str) -> None:
    assert text in decode(document(text).encode(codec), content_type=f"text/xml; charset={label}").text


def test_gb2312_is_read_as_gb18030() -> None:
    text = "朱镕基的镕字和𠮷野家的𠮷字都不在国家标准二三一二里面"

    assert text in decode(document(text, "gb2312").encode("gb18030")).text


@pytest.mark.parametrize("title", ["特斯拉", "召回", "联通", "Tesla 召回 Model 3"])
def test_two_chinese_characters_are_enough(title: str) -> None:
    for label in ("", "utf-8", "iso-8859-1"):
        assert title in decode(document(title, label).encode("gb18030")).text


@pytest.mark.parametrize("label", ["", "utf-8"])
@pytest.mark.parametrize(("codec", "text"), WESTERN.items())
def test_languages_of_the_single_byte_encodings_are_told_apart(codec: str, text: str, label: str) -> None:
    assert text in decode(document(text, label).encode(codec)).text


@pytest.mark.parametrize("codec", ["cp1251", "cp1253", "cp1255", "cp1256", "koi8_r"])
def test_other_scripts_are_read_when_they_are_declared_western(codec: str) -> None:
    assert WESTERN[codec] in decode(document(WESTERN[codec], "iso-8859-1").encode(codec)).text


@pytest.mark.parametrize("text", ["Café", "naïve – “déjà vu”", "£5m fine", "mañana", "Sørensen", "Größe 5 €"])
def test_a_few_accents_stay_western(text: str) -> None:
    for label in ("iso-8859-1", "windows-1252", ""):
        assert text in decode(document(text, label).encode("cp1252")).text


def test_damaged_utf8_stays_utf8_and_is_counted() -> None:
    data = document(ZH_HANS, "utf-8").encode() + "末".encode()[:2]

    decoded = decode(data)

    assert ZH_HANS in decoded.text
    assert (decoded.encoding, decoded.replaced) == ("utf-8", 1)


def test_stray_bytes_in_gbk_cost_only_themselves() -> None:
    data = document(ZH_HANS * 5, "gbk").encode("gb18030").replace(b"</title>", b"\xff\xff</title>")

    assert ZH_HANS in decode(data).text


@pytest.mark.parametrize(
    "label", ["utf-7", "rot13", "base64", "unicode_escape", "idna", "zlib", "undefined", "../../x", "a" * 500]
)
def test_labels_that_are_no_encoding_of_documents_are_refused(label: str) -> None:
    assert codec_of(label) == ""


@given(st.binary(max_size=400), st.sampled_from(LABELS))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_some_text(data: bytes, label: str) -> None:
    decoded = decode(data, content_type=f"text/xml; charset={label}")

    assert isinstance(decoded.text, str)
    assert decoded.replaced >= 0


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_valid_utf8_is_always_read_as_such(text: str) -> None:
    data = f"<a>{text}</a>".encode("utf-8", "replace")

    assert decode(data, content_type="text/xml; charset=gbk").text == data.decode() or b"\x00" in data or b"~{" in data
