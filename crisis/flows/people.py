"""People and their sign-in: passwords by argon2, sessions kept on the server, throttling of guesses.

Times here are real time, also in a drill.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from crisis.core.people import Action, Person, Role, demand
from crisis.errors import Invalid, NotFound, NotPermitted
from crisis.flows.desk import Desk, acting, note
from crisis.store import people as store
from crisis.store import records

SESSION_LASTS = timedelta(hours=12)
GUESS_WINDOW = timedelta(minutes=15)
GUESSES_PER_ACCOUNT = 8
GUESSES_PER_ADDRESS = 40
PASSWORD_LENGTH = 10
# What people write for a number: an area code in brackets, an extension behind the number.
_DIALLED = re.compile(r"(?=(?:\D*\d){3})[+]?[\d ()/.#*,;x转-]{3,40}")

_hasher = PasswordHasher()
# Verified against when the account does not exist, so that both cases take the same time.
_NOBODY = _hasher.hash("nobody has this password")


@dataclass(frozen=True, kw_only=True)
class Session:
    """A signed-in browser. `csrf` must come back with every form."""

    person: Person
    csrf: str


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def hashed(password: str) -> str:
    """The stored form of a password. Raises Invalid when it is too short."""
    if len(password) < PASSWORD_LENGTH:
        raise Invalid("password", "password_short", least=PASSWORD_LENGTH)
    return _hasher.hash(password)


def sign_in(desk: Desk, *, email: str, password: str, address: str) -> str:
    """The token of a new session. Raises Invalid: wrong e-mail or password, or too many guesses."""
    now = desk.real_now()
    guessed = _Guessed.at(email=email, address=address)
    with desk.reading() as db:
        _demand_few_guesses(db, guessed, field="password", now=now)
        person = store.by_email(db, email.strip())
        if person is not None and not person.active:
            person = None
    right = _is_password_of(person, password)
    desk.checkpoint("password_verified")
    with desk.transaction() as db:
        if right and person is not None and _is_still(db, person):
            _forgive(db, guessed, now=now)
            return open_session(db, person, now=now)
        _count_guess(db, guessed, now=now)
    raise Invalid("password", "sign_in_wrong")


@dataclass(frozen=True, kw_only=True)
class _Guessed:
    """What guesses at a password are counted under: the account, and the address they come from."""

    account: str
    origin: str

    @classmethod
    def at(cls, *, email: str, address: str) -> _Guessed:
        return cls(account=f"account:{_digest(email.strip().lower())}", origin=f"address:{address}")


def _demand_few_guesses(db: Connection, guessed: _Guessed, *, field: str, now: datetime) -> None:
    for key, most in ((guessed.account, GUESSES_PER_ACCOUNT), (guessed.origin, GUESSES_PER_ADDRESS)):
        if store.guesses(db, key, since=now - GUESS_WINDOW) >= most:
            raise Invalid(field, "too_many_guesses", minutes=int(GUESS_WINDOW.total_seconds() // 60))


def _is_password_of(person: Person | None, password: str) -> bool:
    """Whether it is. Never asked inside a transaction: the hash is slow on purpose."""
    try:
        _hasher.verify(person.password_hash if person and person.password_hash else _NOBODY, password)
        return person is not None and bool(person.password_hash)
    except (VerificationError, InvalidHashError):
        return False


def _is_still(db: Connection, person: Person) -> bool:
    """Whether nobody has changed the password, or switched the person off, while it was verified: a change ends every
    session, and none may begin with what was right before. The row stays so until the transaction ends."""
    kept = store.locked(db, person.id)
    return kept.active and kept.password_hash == person.password_hash


def _count_guess(db: Connection, guessed: _Guessed, *, now: datetime) -> None:
    store.forget_old_guesses(db, upto=now - GUESS_WINDOW)
    store.add_guesses(db, (guessed.account, guessed.origin), at=now)


def _forgive(db: Connection, guessed: _Guessed, *, now: datetime) -> None:
    """Forget the wrong guesses at this account: somebody knew its password."""
    store.forget_guesses(db, guessed.account)
    # Nobody looks at what is over: old guesses and ended sessions go with each sign-in.
    store.forget_old_guesses(db, upto=now - GUESS_WINDOW)
    store.forget_ended_sessions(db, now=now)


def sign_in_by_click(desk: Desk, person_id: int) -> str:
    """The token of a session without a password: only in the sample desk. Raises NotPermitted elsewhere."""
    if not desk.drill:
        raise NotPermitted("only in the sample desk")
    with desk.transaction() as db:
        person = records.first(db, Person, id=person_id, active=True)
        if person is None:
            raise NotFound(kind="person", id=person_id)
        return open_session(db, person, now=desk.real_now())


def open_session(db: Connection, person: Person, *, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    store.add_session(
        db,
        token_hash=_digest(token),
        person_id=person.id,
        csrf=secrets.token_urlsafe(24),
        now=now,
        expires_at=now + SESSION_LASTS,
    )
    return token


def session_of(desk: Desk, token: str) -> Session | None:
    """The session of a cookie, or None when it has ended. Its life is prolonged while it is used."""
    now = desk.real_now()
    with desk.reading() as db:
        kept = store.session_of(db, _digest(token), now=now)
        person = records.get(db, Person, kept.person_id) if kept else None
    if kept is None or person is None or not person.active:
        return None
    if now - kept.seen_at > timedelta(minutes=5):
        with desk.transaction() as db:
            store.prolong(db, kept.id, now=now, expires_at=now + SESSION_LASTS)
    return Session(person=person, csrf=kept.csrf)


def sign_out(desk: Desk, token: str) -> None:
    """End the session of a cookie."""
    with desk.transaction() as db:
        store.end_session(db, _digest(token))


def add_person(
    desk: Desk,
    *,
    by: Person | None,
    name: str,
    email: str,
    roles: tuple[Role, ...],
    regions: tuple[str, ...] = (),
    title: str = "",
    phone: str = "",
    lang: str = "zh",
    password: str = "",
) -> Person:
    """A new person of the desk. `by` is None only for the very first administrator. Raises Invalid."""
    if by is not None:
        demand(by, Action.ADMINISTER)
    person = checked(
        name=name,
        email=email,
        roles=roles,
        regions=regions,
        title=title,
        phone=phone,
        lang=lang,
        password=password,
        at=desk.real_now(),
    )
    with acting(desk) as (db, now):
        return put_person(db, person, by=by, now=now)


def checked(
    *,
    name: str,
    email: str,
    roles: tuple[Role, ...],
    regions: tuple[str, ...] = (),
    title: str = "",
    phone: str = "",
    lang: str = "zh",
    password: str = "",
    at: datetime,
) -> Person:
    """The person as they would be kept. Raises Invalid at the field that cannot be used."""
    if not name.strip():
        raise Invalid("name", "name_missing")
    if "@" not in email:
        raise Invalid("email", "email_wrong", value=email)
    if not roles:
        raise Invalid("roles", "roles_missing")
    if Role.REGIONAL in roles and not regions:
        raise Invalid("regions", "regions_missing")
    return Person(
        name=name.strip(),
        email=email.strip(),
        roles=roles,
        regions=regions,
        title=title.strip(),
        phone=called(phone),
        lang=lang,
        password_hash=hashed(password) if password else "",
        created_at=at,
    )


def called(phone: str) -> str:
    """A telephone number as it is kept; empty where there is none. Raises Invalid for what cannot be dialled."""
    found = " ".join(phone.split())
    if found and not _DIALLED.fullmatch(found):
        raise Invalid("phone", "phone_wrong", value=found)
    return found


def put_person(db: Connection, person: Person, *, by: Person | None, now: datetime) -> Person:
    """Add a checked person within a transaction of the caller. Raises Invalid when the e-mail is taken."""
    if store.by_email(db, person.email):
        raise Invalid("email", "email_taken", value=person.email)
    person = records.add(db, replace(person, created_at=now))
    note(db, "person_added", at=now, by=by, person=person.name, roles=[str(role) for role in person.roles])
    return person


def set_password(desk: Desk, person_id: int, password: str, *, by: Person | None) -> Person:
    """The person with a new password; every session of theirs ends. Administrators only: they need not know the old
    one. One's own is changed with `change_own_password`. `by` is None when it is set from the command line.
    """
    if by is not None:
        demand(by, Action.ADMINISTER)
    password_hash = hashed(password)
    with acting(desk) as (db, now):
        person = records.save(db, replace(records.get(db, Person, person_id), password_hash=password_hash))
        store.end_sessions_of(db, person_id)
        note(db, "password_set", at=now, by=by, person=person.name)
        return person


def change_own_password(desk: Desk, *, by: Person, current: str, new: str, again: str, token: str, address: str) -> str:
    """The token under which the session of `token` goes on, once the person has the password of their own choice.

    All of their other sessions end, and so does whatever was signed in with a copy of `token`.

    Wrong guesses of the current password count as those at the sign-in do: an open browser that was left alone is no
    place to try passwords at. Raises Invalid, NotPermitted in the sample desk, Stale when it was set meanwhile.
    """
    if desk.drill:
        raise NotPermitted("nobody signs in with a password in the sample desk")
    now = desk.real_now()
    guessed = _Guessed.at(email=by.email, address=address)
    with desk.reading() as db:
        _demand_few_guesses(db, guessed, field="password_now", now=now)
        person = records.get(db, Person, by.id)
    if not _is_password_of(person, current):
        with desk.transaction() as db:
            _count_guess(db, guessed, now=now)
        raise Invalid("password_now", "password_not_yours")
    password_hash = hashed(new)
    if new == current:
        raise Invalid("password", "password_same")
    if new != again:
        raise Invalid("password_again", "password_differs")
    with acting(desk) as (db, at):
        changed = records.save(db, replace(person, password_hash=password_hash))
        _forgive(db, guessed, now=now)
        renewed = secrets.token_urlsafe(32)
        store.rename_session(db, _digest(token), to=_digest(renewed))
        store.end_other_sessions(db, by.id, but=_digest(renewed))
        note(db, "password_changed", at=at, by=by, person=changed.name)
        return renewed


def set_phone(desk: Desk, person_id: int, phone: str, *, by: Person) -> Person:
    """The person with the number under which they are called; empty takes it away. One's own, or by an administrator.
    Raises Invalid for what cannot be dialled."""
    if person_id != by.id:
        demand(by, Action.ADMINISTER)
    number = called(phone)
    with acting(desk) as (db, now):
        person = records.save(db, replace(store.locked(db, person_id), phone=number))
        # Not the number itself: the log stays for ever, and is read by more people than need to call.
        note(db, "phone_set" if number else "phone_taken", at=now, by=by, person=person.name)
        return person


def set_active(desk: Desk, person_id: int, *, active: bool, by: Person) -> Person:
    """The person as active or not; who is not active is signed out everywhere."""
    demand(by, Action.ADMINISTER)
    if person_id == by.id and not active:
        raise Invalid("active", "not_yourself")
    with acting(desk) as (db, now):
        person = records.save(db, replace(records.get(db, Person, person_id), active=active))
        if not active:
            store.end_sessions_of(db, person_id)
        note(db, "person_active" if active else "person_inactive", at=now, by=by, person=person.name)
        return person


def owner(db: Connection, person_id: int) -> Person:
    """The person who is to own something from now on, within a transaction of the caller. Raises NotFound, and Invalid
    for somebody who is switched off: they would never hear of it."""
    found = records.get(db, Person, person_id)
    if not found.active:
        raise Invalid("owner", "owner_inactive", name=found.name)
    return found


def set_lang(desk: Desk, person_id: int, lang: str) -> None:
    """Remember the language a person reads in."""
    with desk.transaction() as db:
        store.set_lang(db, person_id, lang)


def of_address(desk: Desk, email: str) -> Person | None:
    """Who has this e-mail address, in small or capital letters; also somebody who is switched off."""
    with desk.reading() as db:
        return store.by_email(db, email.strip())


def everybody(desk: Desk) -> tuple[Person, ...]:
    """Every active person, by id."""
    with desk.reading() as db:
        return records.find(db, Person, active=True)
