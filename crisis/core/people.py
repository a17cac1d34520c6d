"""People of the desk, their roles, and what each role may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crisis.errors import NotPermitted


class Role(StrEnum):
    OFFICER = "officer"
    EXECUTIVE = "executive"
    PUBLISHER = "publisher"
    REGIONAL = "regional"
    HANDLER = "handler"
    ADMINISTRATOR = "administrator"
    VIEWER = "viewer"


class Action(StrEnum):
    """One intention of a person. Reading is not listed: visibility is decided in `crisis.store.visible`."""

    TRIAGE = "triage"
    REPORT = "report"
    RUN_INCIDENT = "run_incident"
    WRITE_LOG = "write_log"
    DRAFT = "draft"
    APPROVE = "approve"
    RELEASE = "release"
    RESPOND = "respond"
    COMPLAIN = "complain"
    ADMINISTER = "administer"


_MAY: dict[Role, frozenset[Action]] = {
    Role.OFFICER: frozenset(
        {
            Action.TRIAGE,
            Action.REPORT,
            Action.RUN_INCIDENT,
            Action.WRITE_LOG,
            Action.DRAFT,
            Action.RELEASE,
            Action.RESPOND,
            Action.COMPLAIN,
        }
    ),
    Role.EXECUTIVE: frozenset({Action.APPROVE, Action.WRITE_LOG, Action.RESPOND, Action.RUN_INCIDENT}),
    Role.PUBLISHER: frozenset({Action.RELEASE, Action.WRITE_LOG}),
    Role.REGIONAL: frozenset({Action.REPORT, Action.RESPOND, Action.WRITE_LOG, Action.COMPLAIN}),
    Role.HANDLER: frozenset({Action.COMPLAIN}),
    Role.ADMINISTRATOR: frozenset({Action.ADMINISTER}),
    Role.VIEWER: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who can sign in. A regional office carries the regions it may see; `lang` is `zh` or `en`; under `phone`
    they are called at night."""

    id: int = 0
    name: str
    email: str
    roles: tuple[Role, ...]
    regions: tuple[str, ...] = ()
    title: str = ""
    phone: str = ""
    lang: str = "zh"
    password_hash: str = ""
    active: bool = True
    created_at: datetime | None = None
    version: int = 1

    def has(self, role: Role) -> bool:
        return role in self.roles


def may(person: Person, action: Action) -> bool:
    """Whether one of the person's roles includes the action."""
    return person.active and any(action in _MAY[role] for role in person.roles)


def demand(person: Person, action: Action) -> None:
    """Raises NotPermitted when the person may not do it."""
    if not may(person, action):
        raise NotPermitted(person=person.id, action=str(action))


def regions_for(person: Person, action: Action) -> tuple[str, ...] | None:
    """The regions in which the person may do it; None when it may be done in every region.

    Whoever may do it only as a regional office may do it in the regions of that office, whatever other roles they have.
    """
    if any(action in _MAY[role] for role in person.roles if role is not Role.REGIONAL):
        return None
    return person.regions if may(person, action) else ()


def demand_in(person: Person, action: Action, region: str) -> None:
    """Raises NotPermitted when the person may not do it in this region."""
    demand(person, action)
    regions = regions_for(person, action)
    if regions is not None and region not in regions:
        raise NotPermitted("own regions only", region=region)
