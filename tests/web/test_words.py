"""Every sentence of the desk is there in both languages, and every thing that happens or goes wrong has one."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from crisis.channels import email
from crisis.content import library
from crisis.core.release import DeliveryState
from crisis.core.text import Text
from crisis.i18n import CATALOGUE
from crisis.web import wording

ROOT = Path(__file__).resolve().parent.parent.parent
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%|%")

# The states in which a delivery comes to rest: the log says `delivery_<state>`.
SETTLED = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNCERTAIN, DeliveryState.REFUSED)

# Written alike in both languages: nothing but places for values and signs.
ALIKE = {"%(words)s", "CSV", "Atom", "OPML"}


def _extracted() -> list[str]:
    spec = importlib.util.spec_from_file_location("tools_messages", ROOT / "tools" / "messages.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [str(item.id) for item in module.extracted() if item.id]


@lru_cache(maxsize=1)
def _messages() -> tuple[str, ...]:
    return tuple(_extracted())


@lru_cache(maxsize=1)
def _chinese() -> Mapping[str, str]:
    with open(CATALOGUE, "rb") as stream:
        return {str(item.id): str(item.string or "") for item in read_po(stream, locale="zh") if item.id}


def test_every_message_has_its_chinese() -> None:
    missing = [message for message in _messages() if not _chinese().get(message, "").strip()]

    assert not missing, "run `make messages` and write the Chinese of: " + "; ".join(missing)


def test_the_catalogue_holds_no_message_that_is_gone() -> None:
    assert set(_chinese()) <= set(_messages()), sorted(set(_chinese()) - set(_messages()))


def test_both_languages_have_the_same_places_for_values() -> None:
    different = {
        message: chinese
        for message, chinese in _chinese().items()
        if sorted(PLACEHOLDER.findall(message)) != sorted(PLACEHOLDER.findall(chinese))
    }

    assert not different


def test_no_chinese_sentence_is_english() -> None:
    same = {message for message, chinese in _chinese().items() if chinese == message}

    assert same <= ALIKE


def test_chinese_sentences_have_chinese_signs() -> None:
    """Full-width signs beside Han characters, no exclamation mark, no italic or half-width quote."""
    wrong = {
        message: chinese
        for message, chinese in _chinese().items()
        if re.search(r"[\u4e00-\u9fff][,;:?!\"']|[,;:?!\"'][\u4e00-\u9fff]|[!！]", chinese)
    }

    assert not wrong


def test_no_message_is_said_without_being_marked_for_the_catalogue() -> None:
    bare = [
        f"{file.name}:{call.lineno}"
        for file in sorted((ROOT / "crisis" / "web").rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and _name(call.func) in ("say", "translate")
        and any(
            isinstance(value, ast.Constant) and isinstance(value.value, str) and " " in value.value
            for value in call.args
        )
    ]

    assert not bare


# What code says by code word has a sentence at the edge.


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _functions(folder: str) -> Iterator[tuple[str, ast.AST]]:
    for file in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def _said(node: ast.expr, within: ast.AST) -> set[str]:
    """The words an expression can be: a constant, a choice of two, or a name assigned in the same function."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp():
            return _said(node.body, within) | _said(node.orelse, within)
        case ast.Subscript(value=ast.Dict(values=values)):
            return {word for value in values for word in _said(value, within)}
        case ast.JoinedStr(values=[ast.Constant(value="delivery_"), _]):
            return {f"delivery_{state}" for state in SETTLED}
        case ast.Name(id=name):
            return {
                word
                for step in ast.walk(within)
                if isinstance(step, ast.Assign) and any(_name(target) == name for target in step.targets)
                for word in _said(step.value, within)
            }
    return set()


@lru_cache(maxsize=1)
def _notes() -> tuple[tuple[str, frozenset[str], frozenset[str] | None], ...]:
    """(place, verbs, names of arguments or None when they are handed through) of every log entry of the flows."""
    found = []
    for place, function in _functions("crisis"):
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _name(call.func) == "note" and len(call.args) >= 2:
                names = {keyword.arg for keyword in call.keywords}
                known = None if None in names else frozenset(name for name in names if name)
                found.append((place, frozenset(_said(call.args[1], function)), known))
    return tuple(found)


def _raised(error: str, position: int) -> Iterator[tuple[str, str]]:
    """(place, word) of every `raise error(...)` of the product, the word being its argument at a position."""
    for place, function in _functions("crisis"):
        for step in ast.walk(function):
            if isinstance(step, ast.Call) and _name(step.func) == error and len(step.args) > position:
                words = _said(step.args[position], function)
                assert words, f"{place}: the test cannot read the word of {error}"
                yield from ((place, word) for word in words)


def test_every_log_entry_names_its_verb_in_plain_sight() -> None:
    assert _notes()
    assert not [place for place, verbs, _ in _notes() if not verbs]


def test_every_verb_of_the_log_has_a_sentence() -> None:
    missing = {verb for _, verbs, _ in _notes() for verb in verbs} - set(wording.VERBS)

    assert not missing


def test_every_sentence_of_the_log_gets_the_values_it_shows() -> None:
    short = {}
    for place, verbs, given in _notes():
        if given is None:
            continue
        values = given | {"words"} | ({"title"} if {"zh", "en"} <= given else set())
        for verb in verbs:
            lacking = {name for name in PLACEHOLDER.findall(wording.VERBS.get(verb, "")) if name} - values
            if lacking:
                short[f"{place} {verb}"] = lacking

    assert not short


def test_every_wrong_field_has_a_sentence() -> None:
    assert not {f"{place} {code}" for place, code in _raised("Invalid", 1) if code not in wording.FIELD}


def test_every_sentence_of_a_wrong_field_gets_the_values_it_shows() -> None:
    short = {}
    for place, function in _functions("crisis"):
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _name(call.func) == "Invalid" and len(call.args) > 1:
                given = {keyword.arg for keyword in call.keywords}
                for code in _said(call.args[1], function):
                    lacking = {name for name in PLACEHOLDER.findall(wording.FIELD.get(code, "")) if name} - given
                    if lacking:
                        short[f"{place} {code}"] = lacking

    assert not short


def test_every_wrong_state_has_a_sentence() -> None:
    assert not {f"{place} {words}" for place, words in _raised("WrongState", 0) if words not in wording.STATE}


def test_what_the_mail_channel_finds_by_itself_has_a_sentence() -> None:
    assert {email.UNENCRYPTED, email.UNPROVEN, email.NO_TLS} <= set(wording.LABELS["delivered"])


# Found while reading a feed that is read all the same: kept with the entry, shown to nobody.
HARMLESS = {"title_cut", "body_cut", "bad_date", "shared_id", "truncated", "not_well_formed", "damaged_text"}


def _troubles() -> Iterator[str]:
    """Codes of what can be wrong with a source, as the monitors say them."""
    files = [ROOT / "monitors" / name for name in ("guard.py", "health.py")]
    files += [file for folder in ("fetch", "feeds") for file in sorted((ROOT / "monitors" / folder).rglob("*.py"))]
    for file in files:
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and _name(call.func) in ("failed", "_failed", "NotAFeed"):
                yield from (word for value in call.args[:1] for word in _said(value, call))
            elif isinstance(call, ast.Call) and _name(call.func) in ("Failed", "Refusal", "Notice", "Problem"):
                yield from (word for key in call.keywords if key.arg == "code" for word in _said(key.value, call))


def test_every_trouble_of_a_source_has_words() -> None:
    found = set(_troubles())

    assert len(found) > 30
    assert found - HARMLESS <= set(wording.LABELS["trouble"]), found - HARMLESS - set(wording.LABELS["trouble"])


# Content.


def _texts(value: Any, place: str) -> Iterator[tuple[str, Text]]:
    """Every bilingual text inside a value, with the way to it."""
    if isinstance(value, Text):
        yield place, value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _texts(getattr(value, field.name), f"{place}.{field.name}")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{place}[{key}]")
    elif isinstance(value, (tuple, list, frozenset)):
        for number, item in enumerate(value):
            yield from _texts(item, f"{place}[{number}]")


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, Text]]:
    return list(_texts(library.load(), "content"))


def test_content_is_written_in_both_languages(texts: list[tuple[str, Text]]) -> None:
    assert len(texts) > 500
    assert not [place for place, text in texts if not text.zh.strip() or not text.en.strip()]


def test_the_chinese_of_content_is_chinese_and_the_english_is_not(texts: list[tuple[str, Text]]) -> None:
    han = re.compile(r"[\u4e00-\u9fff]")

    assert not [f"{place}: {text.zh}" for place, text in texts if not han.search(text.zh)]
