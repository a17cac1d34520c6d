"""Playbooks and roles from the shelf: read, compared with the shape, and with each other.

The common core, one typed part per crisis type and the modules lie in playbooks/*.yaml and playbooks/modules/.
A file of the same name in `$CRISIS_HOME/playbooks` replaces the built-in one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path

from crisis.content.roots import stacked
from crisis.content.yamlfile import load
from crisis.core.case import CrisisType
from crisis.core.playbook import Fulfilment, Playbook, PlaybookShelf, Role
from crisis.core.text import Text
from crisis.errors import ContentInvalid

CORE_STEPS = 29  # Source: domain research part 5.0, K01 to K29.


@lru_cache(maxsize=4)
def load_playbooks(home: Path | None = None) -> PlaybookShelf:
    """The shelf. Raises ContentInvalid with every problem as `file:line: what`."""
    problems: list[str] = []
    audiences = frozenset(
        file.stem for folder in stacked("playbooks", home) for file in (folder / "audiences").glob("*.yaml")
    )
    books: dict[str, Playbook] = {}
    modules: dict[str, Playbook] = {}
    roles: Mapping[Role, Text] = {}
    names = ("core", *CrisisType)
    for folder in stacked("playbooks", home):
        for name in names:
            file = folder / f"{name}.yaml"
            if file.is_file():
                _read(file, name, books, problems, audiences)
        for file in sorted((folder / "modules").glob("*.yaml")):
            _read(file, f"module.{file.stem}", modules, problems, audiences)
        if (folder / "roles.yaml").is_file():
            try:
                roles = load(folder / "roles.yaml", dict[Role, Text])
            except ContentInvalid as invalid:
                problems.extend(invalid.problems)
    problems += [f"playbooks/{name}.yaml:1: missing" for name in names if name not in books]
    problems += [f"playbooks/roles.yaml:1: no name for the role {role}" for role in Role if role not in roles]
    if "core" in books:
        problems += _compared(books["core"], [*books.values(), *modules.values()])
    if problems:
        raise ContentInvalid(tuple(problems))
    return PlaybookShelf(
        core=books["core"],
        typed={kind: books[kind] for kind in CrisisType},
        modules={name.removeprefix("module."): book for name, book in modules.items()},
        roles=roles,
    )


def _read(file: Path, name: str, into: dict[str, Playbook], problems: list[str], audiences: Collection[str]) -> None:
    try:
        book: Playbook = load(file, Playbook)
    except ContentInvalid as invalid:
        problems.extend(invalid.problems)
        return
    if book.id != name:
        problems.append(f"{file.parent.name}/{file.name}:{_line(file, 'id: ')}: id must be {name}")
    for step in book.steps:
        texts = [step.title, step.output, *(text for text in (step.gate, step.due_note) if text is not None)]
        where = f"{file.parent.name}/{file.name}:{_line(file, f'- id: {step.id}')}"
        if any(not (text.zh.strip() and text.en.strip()) for text in texts):
            problems.append(f"{where}: step {step.id} is not written in both languages")
        if step.due_hours is None and step.due_note is None:
            problems.append(f"{where}: step {step.id} needs due_hours or due_note")
        if step.due_hours is not None and step.due_hours <= 0:
            problems.append(f"{where}: step {step.id}: due_hours must be above 0")
        if step.gate_hard and step.gate is None:
            problems.append(f"{where}: step {step.id} has a hard gate without a gate")
        if step.fulfilled_by is not None:
            problems += [
                f"{where}: step {step.id}: fulfilled_by: {what}" for what in _wrong(step.fulfilled_by, audiences)
            ]
    into[name] = book


def _wrong(asked: Fulfilment, audiences: Collection[str]) -> list[str]:
    """What is wrong with the releases that a step names; that their kinds exist was seen with the shape."""
    empty = [f"{name} is empty" for name in ("kinds", "audiences") if not getattr(asked, name)]
    return empty + [f"there is no audience card {name}" for name in asked.audiences if name not in audiences]


def _compared(core: Playbook, books: list[Playbook]) -> list[str]:
    known = {step.id for step in core.steps}
    problems = []
    if len(known) < CORE_STEPS:
        problems.append(f"playbooks/core.yaml:1: {len(known)} steps; the core has at least {CORE_STEPS}")
    owners: dict[str, str] = {}
    for book in books:
        for step in book.steps:
            if step.refines and step.refines not in known:
                problems.append(f"{book.id}: step {step.id} refines {step.refines}, which the core does not have")
            if step.id in owners:
                problems.append(f"{book.id}: step {step.id} is also in {owners[step.id]}")
            owners[step.id] = book.id
    return problems


def _line(file: Path, text: str) -> int:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if text in line:
            return number
    return 1
