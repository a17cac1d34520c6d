"""Who may see what: every query of case data goes through one of these conditions.

A restricted incident does not exist for people who are not its members: not in lists, counts, search,
exports, feeds or notifications. A regional office sees its own regions only.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from crisis.core.people import Person, Role
from crisis.store import schema

_EVERY_INCIDENT = {
    Role.OFFICER,
    Role.EXECUTIVE,
    Role.PUBLISHER,
    Role.VIEWER,
    Role.ADMINISTRATOR,
    Role.HANDLER,
}
_EVERY_STORY = {Role.OFFICER, Role.EXECUTIVE, Role.VIEWER, Role.ADMINISTRATOR}
_EVERY_COMPLAINT = {Role.OFFICER, Role.EXECUTIVE, Role.HANDLER, Role.VIEWER, Role.ADMINISTRATOR}


def incidents(person: Person) -> ColumnElement[bool]:
    """The condition on `incident` rows that this person may know of."""
    table = schema.incident
    member = table.c.id.in_(select(schema.member.c.incident_id).where(schema.member.c.person_id == person.id))
    if _EVERY_INCIDENT & set(person.roles):
        open_to_role: ColumnElement[bool] = true()
    elif person.has(Role.REGIONAL) and person.regions:
        open_to_role = table.c.id.in_(
            select(schema.incident_region.c.incident_id).where(schema.incident_region.c.region.in_(person.regions))
        )
    else:
        open_to_role = false()
    return or_(member, and_(table.c.restricted.is_(False), open_to_role))


def incident_ids(person: Person, column: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that a column names an incident which this person may know of."""
    return column.in_(select(schema.incident.c.id).where(incidents(person)))


def stories(person: Person) -> ColumnElement[bool]:
    """The condition on `story` rows. A story that became a hidden incident is hidden with it."""
    table = schema.story
    if _EVERY_STORY & set(person.roles):
        waiting: ColumnElement[bool] = true()
    elif person.has(Role.REGIONAL) and person.regions:
        waiting = table.c.region.in_(person.regions)
    else:
        waiting = false()
    return or_(
        and_(table.c.incident_id.is_(None), waiting),
        and_(table.c.incident_id.is_not(None), incident_ids(person, table.c.incident_id)),
    )


def complaints(person: Person) -> ColumnElement[bool]:
    """The condition on `complaint` rows; the link to a hidden incident is hidden where it is shown."""
    table = schema.complaint
    if _EVERY_COMPLAINT & set(person.roles):
        return true()
    if person.has(Role.REGIONAL) and person.regions:
        return table.c.region.in_(person.regions)
    return false()


def responses(person: Person) -> ColumnElement[bool]:
    """The condition on `response` rows: within an incident a regional office reads its own regions."""
    table = schema.response
    of_incident = incident_ids(person, table.c.incident_id)
    regions = regions_read(person)
    return of_incident if regions is None else and_(of_incident, table.c.region.in_(regions))


def regions_read(person: Person) -> tuple[str, ...] | None:
    """The regions whose responses the person reads; None: all of them."""
    return None if _EVERY_INCIDENT & set(person.roles) else person.regions
