"""`crisis user`: add a person, or set a password."""

from __future__ import annotations

import click

from crisis.cli.opening import complain, say, sentence, standing_desk
from crisis.core.people import Role
from crisis.errors import Invalid
from crisis.flows import people
from crisis.flows.desk import Desk


@click.group(name="user")
def command() -> None:
    """Add a person or set a password."""


@command.command()
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([str(role) for role in Role]))
@click.option("--region", "regions", multiple=True)
@click.option("--title", default="")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh")
@click.password_option()
def add(
    email: str, name: str, roles: tuple[str, ...], regions: tuple[str, ...], title: str, lang: str, password: str
) -> None:
    """Add a person who can sign in."""
    desk = _desk()
    try:
        person = people.add_person(
            desk,
            by=None,
            name=name,
            email=email,
            roles=tuple(Role(role) for role in roles),
            regions=regions,
            title=title,
            lang=lang,
            password=password,
        )
    except Invalid as invalid:
        complain(sentence(invalid))
        raise SystemExit(1) from None
    say(f"{person.name} can sign in {'to the sample desk ' if desk.drill else ''}as {person.email}")


@command.command()
@click.argument("email")
@click.password_option()
def password(email: str, password: str) -> None:
    """Set a new password; every session of the person ends."""
    desk = _desk()
    found = people.of_address(desk, email)
    if found is None:
        complain(f"email: nobody has the address {email}")
        raise SystemExit(1)
    try:
        people.set_password(desk, found.id, password, by=None)
    except Invalid as invalid:
        complain(sentence(invalid))
        raise SystemExit(1) from None
    say(f"{found.name} has a new password{'' if found.active else ', and is switched off on the page “Readiness”'}")


def _desk() -> Desk:
    return standing_desk("`crisis init` sets up your own, `make run` opens the sample.")
