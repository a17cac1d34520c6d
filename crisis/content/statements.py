"""Wording of statements: templates with a head, rendered in a sandbox, checked when they are read.

    templates/statements/{zh,en}/<kind>.j2   head (YAML between --- lines) + Jinja2 body
    templates/statements/{zh,en}/_blocks.j2  the pieces that all of them share

A template sees `c` (the DraftContext), `t` (dates and contacts worded in its language) and the answers to the
audience's questions. An unknown name is an error, never an empty place. A file of the same name in
`$CRISIS_HOME/templates/statements` replaces the built-in one.

Chinese is written once, in simplified characters; the wording is turned into the script of the context before anything
of the case stands in it (crisis/core/script.py), so facts, names and contacts stay as they were entered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import yaml
from jinja2 import BaseLoader, StrictUndefined, Template, TemplateError, TemplateNotFound, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import TypeAdapter, ValidationError

from crisis.content.roots import stacked
from crisis.content.script import load_scribe
from crisis.content.yamlfile import load
from crisis.core.audience import AUDIENCES, AudienceCard
from crisis.core.drafting import Contacts, DraftContext, Kind
from crisis.core.script import Scribe, Script
from crisis.core.text import Text
from crisis.errors import ContentInvalid

LANGS = ("zh", "en")
# What a template is given besides the contacts; see StatementShelf.draft.
_NAMES = {"c", "t", "goods", "org", "next_update", "kind", "answers"}
_HEAD = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateHead:
    """The head of a template: its title for lists, its kind, whom it is for, which names must not be empty."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    title: str
    kind: Kind
    audiences: tuple[str, ...]
    required: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementTemplate:
    """One template: head, language, and the line its body begins in."""

    head: TemplateHead
    lang: str
    body: str
    starts_at: int
    file: str


class StatementShelf:
    """All templates of statements. `draft` words a text; `heads` lists what there is."""

    def __init__(
        self,
        templates: Mapping[tuple[str, Kind], StatementTemplate],
        blocks: Mapping[str, str],
        blanks: Mapping[str, Text],
        scribe: Scribe,
    ) -> None:
        self.templates = templates
        self.scribe = scribe
        self.blanks = blanks
        self._blocks = blocks
        # One set of blocks per script: wording is turned before anything of the case stands in it.
        self._environments = {
            script: ImmutableSandboxedEnvironment(
                loader=_Blocks({name: scribe.turned(text, script) for name, text in blocks.items()}),
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
                keep_trailing_newline=False,
                autoescape=False,
            )
            for script in Script
        }
        self._compiled: dict[tuple[str, Script], Template] = {}

    def heads(self, lang: str) -> tuple[TemplateHead, ...]:
        """The heads of one language, by kind."""
        return tuple(item.head for (language, _), item in sorted(self.templates.items()) if language == lang)

    def blocks(self, lang: str) -> tuple[str, ...]:
        """The pieces that the templates of a language share, as they are written."""
        return tuple(text for name, text in sorted(self._blocks.items()) if name.startswith(f"{lang}/"))

    def draft(self, kind: Kind, context: DraftContext) -> str:
        """The text of this kind in the language and script of the context. Raises ContentInvalid when the wording is
        wrong."""
        template = self.templates[context.lang, kind]
        script = context.script if context.lang == "zh" else Script.HANS
        words = _words(
            context, {name: self.scribe.turned(text[context.lang], script) for name, text in self.blanks.items()}
        )
        names = {"c": context, "t": words, "goods": context.goods, "org": context.org, **words["contacts"]}
        names["next_update"] = words["next"]
        names["kind"] = str(kind)
        for name in template.head.required:
            if not names.get(name):
                raise ContentInvalid((f"{template.file}:1: {name} is required and empty",))
        answers = []
        for question in context.questions:
            source = question.answer[context.lang]
            # The answer that names the next update closes a text; the others stand where the template puts them.
            ask = self._render(question.ask[context.lang], names, script)
            answer = {"ask": ask, "answer": self._render(source, names, script)}
            answers.append(answer | {"closing": "next_update" in source})
        text = self._render(template.body, names | {"answers": answers}, script, where=template)
        return _tidy(text)

    def title(self, kind: Kind, lang: str, script: Script = Script.HANS) -> str:
        """What a kind of text is called in a language and script."""
        title = self.templates[lang, kind].head.title
        return self.scribe.turned(title, script) if lang == "zh" else title

    def compile(self, source: str, script: Script = Script.HANS) -> Template:
        """A compiled snippet, its wording turned into a script; the same one is compiled once."""
        if (source, script) not in self._compiled:
            turned = self.scribe.turned(source, script)
            self._compiled[source, script] = self._environments[script].from_string(turned)
        return self._compiled[source, script]

    def unknown_names(self, source: str) -> tuple[str, ...]:
        """Names that a text uses and nobody gives it. Raises TemplateSyntaxError."""
        used = meta.find_undeclared_variables(self._environments[Script.HANS].parse(source))
        return tuple(sorted(used - _NAMES - set(self.blanks)))

    def _render(
        self, source: str, names: Mapping[str, Any], script: Script, *, where: StatementTemplate | None = None
    ) -> str:
        if "{" not in source:
            return self.scribe.turned(source, script)
        try:
            return self.compile(source, script).render(names)
        except TemplateError as error:
            place = f"{where.file}:{where.starts_at}" if where else "playbooks/audiences:1"
            raise ContentInvalid((f"{place}: {error}",)) from None


class _Blocks(BaseLoader):
    """Only the shared blocks can be included: a template reads no file."""

    def __init__(self, blocks: Mapping[str, str]) -> None:
        self._blocks = blocks

    def get_source(self, environment: Any, template: str) -> tuple[str, str | None, None]:
        if template not in self._blocks:
            raise TemplateNotFound(template)
        return self._blocks[template], None, None


@lru_cache(maxsize=4)
def load_statements(home: Path | None = None) -> StatementShelf:
    """All templates. Raises ContentInvalid with every problem as `file:line: what`."""
    problems: list[str] = []
    templates: dict[tuple[str, Kind], StatementTemplate] = {}
    blocks: dict[str, str] = {}
    blanks: dict[str, Text] = {}
    for folder in stacked("templates", home):
        if (folder / "statements" / "contacts.yaml").is_file():
            try:
                blanks.update(load(folder / "statements" / "contacts.yaml", dict[str, Text]))
            except ContentInvalid as invalid:
                problems.extend(invalid.problems)
        for lang in LANGS:
            for file in sorted((folder / "statements" / lang).glob("*.j2")):
                text = file.read_text(encoding="utf-8")
                name = f"{lang}/{file.name}"
                if file.name.startswith("_"):
                    blocks[name] = text
                    continue
                template = _read(name, lang, text, problems)
                if template is not None:
                    templates[lang, template.head.kind] = template
    problems += [f"{lang}/{kind}.j2:1: missing" for lang in LANGS for kind in Kind if (lang, kind) not in templates]
    missing = [item.name for item in fields(Contacts) if item.name not in blanks]
    problems += [f"statements/contacts.yaml:1: no blank for {name}" for name in missing]
    shelf = StatementShelf(templates, blocks, blanks, load_scribe(home))
    for template in templates.values():
        try:
            for name in shelf.unknown_names(template.body):
                before = template.body.split(name, 1)[0]
                problems.append(f"{template.file}:{template.starts_at + before.count(chr(10))}: unknown name {name}")
            shelf.compile(template.body)
        except TemplateSyntaxError as error:
            problems.append(f"{template.file}:{template.starts_at + error.lineno - 1}: {error.message}")
    if problems:
        raise ContentInvalid(tuple(problems))
    return shelf


def draft(audience: str, lang: str, kind: Kind, context: DraftContext, home: Path | None = None) -> str:
    """The text of a kind for an audience in a language, from the context. Raises ContentInvalid."""
    if (context.audience, context.lang) != (audience, lang):
        raise ValueError(f"the context is for {context.audience} in {context.lang}")
    return load_statements(home).draft(kind, context)


def card_problems(card: AudienceCard, shelf: StatementShelf) -> tuple[str, ...]:
    """Answers of a card that are not Jinja, as `file:line: what`."""
    problems = []
    where = f"audiences/{card.id}.yaml:1"
    answers = [typed.answer for typed in card.types.values()] + [question.answer for question in card.questions]
    for answer in answers:
        for text in (answer.zh, answer.en):
            try:
                problems += [f"{where}: unknown name {name}: {text[:40]}" for name in shelf.unknown_names(text)]
            except TemplateSyntaxError as error:
                problems.append(f"{where}: {error.message}: {text[:40]}")
    return tuple(problems)


def _read(name: str, lang: str, text: str, problems: list[str]) -> StatementTemplate | None:
    match = _HEAD.match(text)
    if match is None:
        problems.append(f"{name}:1: the head between two lines of --- is missing")
        return None
    try:
        record = yaml.safe_load(match[1])
        head = TypeAdapter(TemplateHead).validate_python(record)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problems.append(f"{name}:{(mark.line if mark else 0) + 2}: not YAML: {getattr(error, 'problem', error)}")
        return None
    except ValidationError as invalid:
        lines = match[1].split("\n")
        for item in invalid.errors():
            key = str(item["loc"][0]) if item["loc"] else ""
            line = next((place for place, row in enumerate(lines, 2) if row.startswith(f"{key}:")), 1)
            problems.append(f"{name}:{line}: {key}: {item['msg']}")
        return None
    for audience in head.audiences:
        if audience not in AUDIENCES:
            problems.append(f"{name}:1: audiences: {audience} is no audience")
    return StatementTemplate(
        head=head, lang=lang, body=text[match.end() :], starts_at=match[0].count("\n") + 1, file=name
    )


def _words(context: DraftContext, blanks: Mapping[str, str]) -> dict[str, Any]:
    contacts = {name: getattr(context.contacts, name)[context.lang].strip() or blank for name, blank in blanks.items()}
    return {
        "contacts": contacts,
        "date": _date(context.at, context.lang),
        "time": f"{context.at:%H:%M}",
        "next": _moment(context.next_at, context.lang),
    }


def _date(moment: datetime, lang: str) -> str:
    if lang == "zh":
        return f"{moment.year}年{moment.month}月{moment.day}日"
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _moment(moment: datetime, lang: str) -> str:
    if lang == "zh":
        return f"{moment.month}月{moment.day}日{moment:%H:%M}"
    return f"{moment:%H:%M} on {moment.day} {_MONTHS[moment.month - 1]}"


def _tidy(text: str) -> str:
    """Lines without blanks at their ends and without empty lines between them, one final line end."""
    return "".join(f"{line.rstrip()}\n" for line in text.split("\n") if line.strip())
