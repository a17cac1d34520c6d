"""All content of the desk in one value, read once at the door.

Built-in content that is wrong stops the start. Content of the user that is wrong is left out, and the desk opens
with a loud banner: in a crisis the house must open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from crisis.content.alarms import Alarms
from crisis.content.alarms import alarms as load_alarms
from crisis.content.audiences import load_audiences
from crisis.content.checks import load_checks
from crisis.content.classifier import rules as load_rules
from crisis.content.encoder import vectors
from crisis.content.glossary import glossary as load_glossary
from crisis.content.legal import load_legal
from crisis.content.lexicon import lexicon as load_lexicon
from crisis.content.playbooks import load_playbooks
from crisis.content.statements import StatementShelf, load_statements
from crisis.core.audience import AudienceContent
from crisis.core.case import Case, CreditKind, CrisisType
from crisis.core.checks import CheckSet
from crisis.core.classify import Rules
from crisis.core.classify.sightings import texts_read
from crisis.core.legal import LegalContent
from crisis.core.playbook import Playbook, PlaybookShelf, Role
from crisis.core.text import Lang, Text
from crisis.errors import ContentInvalid, Invalid
from monitors.alert import Reason
from monitors.listening import Rules as AlarmRules
from monitors.risk import Lexicon

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Library:
    """Everything that is data. `problems` are `file:line: what` of the user's own content that was left out; `encode`
    is what the texts of cases are read with."""

    rules: Rules
    checks: CheckSet
    lexicon: Lexicon
    alarm_content: Alarms
    alarms: AlarmRules
    playbooks: PlaybookShelf
    audiences: AudienceContent
    legal: LegalContent
    statements: StatementShelf
    glossary: Mapping[str, tuple[str, ...]]
    problems: tuple[str, ...] = ()
    encode: Callable[[Sequence[str]], object] = vectors

    def prepare(self) -> None:
        """Loads what cases and texts are read with: about a second and 220 MB, nothing when it is loaded."""
        self.rules.prepare()
        self.checks.prepare()
        if self.audiences.reader is not None:
            self.audiences.reader.prepare()

    def read_ahead(self, case: Case) -> None:
        """Reads the texts of a case, so that who judges it soon finds them read: some 50 ms for a long new one."""
        if self.rules.reader is not None:
            self.encode(texts_read(case))

    def playbook(self, primary: CrisisType, kind: CreditKind | None) -> Playbook:
        """The common core with the steps of a type."""
        return self.playbooks.start(primary, kind)

    def alarm_words(self, reason: Reason, lang: Lang) -> str:
        """Why the ear woke somebody, as a person reads it."""
        return self.alarm_content.sentence(reason, lang)

    @property
    def modules(self) -> tuple[Playbook, ...]:
        """Sets of steps that can be added to a running incident."""
        return tuple(self.playbooks.modules.values())

    def module(self, identity: str) -> Playbook:
        """One of them by its id. Raises Invalid."""
        for module in self.modules:
            if module.id == identity:
                return module
        raise Invalid("module", "choice_wrong", value=identity)

    @property
    def roles(self) -> Mapping[Role, Text]:
        """Names of the roles that own steps."""
        return self.playbooks.roles


def load(home: Path | None = None) -> Library:
    """All content. Raises ContentInvalid when something built-in is wrong."""
    problems: list[str] = []

    def stacked(read: Callable[[Path | None], Value]) -> Value:
        if home is not None:
            try:
                return read(home)
            except ContentInvalid as invalid:
                problems.extend(invalid.problems)
        return read(None)

    alarm_content = stacked(load_alarms)
    return Library(
        rules=stacked(load_rules),
        checks=stacked(load_checks),
        lexicon=stacked(load_lexicon),
        alarm_content=alarm_content,
        alarms=alarm_content.rules(),
        playbooks=stacked(load_playbooks),
        audiences=stacked(load_audiences),
        legal=stacked(load_legal),
        statements=stacked(load_statements),
        glossary=stacked(load_glossary),
        problems=tuple(dict.fromkeys(problems)),
    )
