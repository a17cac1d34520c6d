"""Who is asking: the session cookie, the language, the form token. Every page but the public ones needs a person."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import TypeVar, cast

from flask import Blueprint, Response, abort, current_app, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from crisis.core.people import Person, Role
from crisis.errors import Invalid, NotFound
from crisis.flows import people
from crisis.flows.desk import Desk, house
from crisis.i18n import LANGS
from crisis.web import wording
from crisis.web.page import render

COOKIE = "desk"
FORM_COOKIE = "desk-form"
LANG_COOKIE = "lang"
TOLD_COOKIE = "desk-told"
DEFAULT_ZONE = "Asia/Shanghai"
PUBLIC = {
    "static",
    "session.sign_in",
    "session.sign_in_form",
    "session.by_click",
    "newsroom.index",
    "newsroom.item",
    "newsroom.feed",
    "health",
    "icon",
    "websub.verify",
    "websub.push",
}
# What a machine sends has no form and no cookie: its signature is checked where it arrives.
MACHINES = {"websub.verify", "websub.push"}
# What proxies write into a request: RFC 7239, RFC 9110 (Via), and the names that were there before.
_OF_PROXIES = ("x-forwarded", "forwarded", "via", "x-real-ip")

blueprint = Blueprint("session", __name__)
View = TypeVar("View", bound=Callable[..., object])


def desk() -> Desk:
    """The desk of this application."""
    return cast(Desk, current_app.extensions["desk"])


def me() -> Person:
    """The person who is signed in."""
    return cast(Person, g.person)


def is_loopback() -> bool:
    """Whether the browser sits on this machine. Nobody can tell behind a proxy, so there it is never so."""
    if not desk().settings.local or any(name.lower().startswith(_OF_PROXIES) for name, _ in request.headers):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def only_our_name() -> Answer | None:
    """Before anything else: an address that is not this desk's gets a sentence, and nothing of the desk. What a page
    of an error needs is there from now on, whatever fails."""
    g.lang, g.form_token, g.person = read_lang(), "", None
    if desk().settings.is_ours(request.headers.get("Host", "")):
        return None
    return Response(wording.http_sentence(400, "host") + "\n", 400, mimetype="text/plain")


def read_lang(own: str | None = None) -> str:
    """The language that was asked for, else that of this browser, of the person, of its settings."""
    spoken = "en" if request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans", "en"]) == "en" else "zh"
    asked = (request.args.get("lang"), request.cookies.get(LANG_COOKIE), own, spoken)
    return next(lang for lang in asked if lang in LANGS)


def before() -> Answer | None:
    """Before each request: language, person, form token."""
    wanted = request.args.get("lang")
    found = people.session_of(desk(), request.cookies.get(COOKIE, "")) if request.endpoint != "static" else None
    g.person = found.person if found else None
    g.lang = read_lang(found.person.lang if found else None)
    g.set_lang = wanted if wanted in LANGS else None
    g.form_token = found.csrf if found else request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    g.set_form_token = not found and FORM_COOKIE not in request.cookies
    if request.endpoint != "static":
        with desk().reading() as db:
            home = house(db)
            g.zone = home.zone if home else DEFAULT_ZONE
            g.now = desk().now(db)
    if request.endpoint in MACHINES:
        return None
    if "\0" in request.path or any("\0" in value for values in request.values.lists() for value in values[1]):
        # No keyboard types it and no database keeps it.
        abort(400, "form")
    if found is None and request.endpoint not in PUBLIC and request.endpoint is not None:
        if request.method == "GET":
            return redirect(url_for("session.sign_in_form", next=request.full_path.rstrip("?")))
        # The form of a session that is over.
        abort(400, "signed out")
    if request.method == "POST":
        expected = found.csrf if found else request.cookies.get(FORM_COOKIE, "")
        given = request.form.get("csrf", "")
        if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
            abort(400, "form")
    return None


def after(answer: Response) -> Response:
    """After each request: cookies and the headers that keep a page to itself."""
    secure = desk().settings.secure
    if g.get("set_lang"):
        answer.set_cookie(LANG_COOKIE, g.set_lang, max_age=31536000, samesite="Lax", secure=secure)
    if g.get("has_told"):
        answer.delete_cookie(TOLD_COOKIE, httponly=True, samesite="Strict", secure=secure)
    if g.get("set_form_token") and request.endpoint != "static":
        answer.set_cookie(FORM_COOKIE, g.form_token, httponly=True, samesite="Strict", secure=secure)
    answer.headers["Content-Security-Policy"] = (
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["X-Frame-Options"] = "DENY"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint not in ("static", "icon", "newsroom.index", "newsroom.item", "newsroom.feed"):
        answer.headers["Cache-Control"] = "no-store"
    if secure:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    return answer


def only(*roles: Role) -> Callable[[View], View]:
    """A view for these roles; for others it does not exist."""

    def wrap(view: View) -> View:
        @wraps(view)
        def inner(*args: object, **kwargs: object) -> object:
            if not set(roles) & set(me().roles):
                raise NotFound(kind="page")
            return view(*args, **kwargs)

        return cast(View, inner)

    return wrap


def home_of(person: Person) -> str:
    """Where a person begins: triage, approvals, the own region's board, or complaints."""
    if person.has(Role.OFFICER) or person.has(Role.VIEWER):
        return url_for("inbox.index")
    if person.has(Role.EXECUTIVE):
        return url_for("approve.index")
    if person.has(Role.HANDLER):
        return url_for("complaints.index")
    if person.has(Role.ADMINISTRATOR):
        return url_for("setup.index")
    return url_for("incidents.index")


@blueprint.get("/sign-in")
def sign_in_form() -> str:
    return _form()


def _form(error: Invalid | None = None) -> str:
    by_click = people.everybody(desk()) if desk().drill and is_loopback() else ()
    return render("sign-in.html", error=error, by_click=by_click, next=_next())


def _next() -> str:
    """Where to go after signing in: only a path of this desk."""
    return own_path(request.values.get("next", ""))


def own_path(wanted: str) -> str:
    """The address when it is a path of this desk, else nothing."""
    # A browser takes tabs and line ends out of an address, and reads a backslash as a slash.
    plain = wanted.isprintable() and "\\" not in wanted
    return wanted if plain and wanted.startswith("/") and not wanted.startswith("//") else ""


@blueprint.post("/sign-in")
def sign_in() -> Answer:
    try:
        token = people.sign_in(
            desk(),
            email=request.form.get("email", ""),
            password=request.form.get("password", ""),
            address=request.remote_addr or "",
        )
    except Invalid as invalid:
        return make_response(_form(invalid), 422)
    return _signed_in(token)


@blueprint.post("/sign-in/<int:person_id>")
def by_click(person_id: int) -> Answer:
    if not is_loopback():
        raise NotFound(kind="page")
    return _signed_in(people.sign_in_by_click(desk(), person_id))


def _signed_in(token: str) -> Answer:
    found = people.session_of(desk(), token)
    assert found is not None
    g.lang = found.person.lang if LANG_COOKIE not in request.cookies else g.lang
    answer = redirect(_next() or home_of(found.person), 303)
    keep(answer, token)
    return answer


def keep(answer: Answer, token: str) -> None:
    """The browser keeps the token of a session."""
    answer.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=desk().settings.secure, max_age=12 * 3600)


def tell_once(answer: Answer, what: str) -> None:
    """The next page that asks for it tells this person what was done, once. Not by the address: a link tells anybody
    who opens it, and as often as they do."""
    answer.set_cookie(
        TOLD_COOKIE, f"{what}-{me().id}", httponly=True, samesite="Strict", secure=desk().settings.secure, max_age=60
    )


def was_told(what: str) -> bool:
    """Whether this was just done by the person who reads the page; asked again it is not."""
    g.has_told = TOLD_COOKIE in request.cookies
    return request.cookies.get(TOLD_COOKIE) == f"{what}-{me().id}"


@blueprint.get("/alive/<int:person_id>")
def alive(person_id: int) -> Response:
    """The form token of this person's session, 403 when somebody else is signed in here now. A page asks before it
    sends a form, so that what was typed does not leave it in vain."""
    if me().id != person_id:
        abort(403)
    return Response(g.form_token, mimetype="text/plain")


@blueprint.post("/sign-out")
def sign_out() -> Answer:
    people.sign_out(desk(), request.cookies.get(COOKIE, ""))
    answer = redirect(url_for("session.sign_in_form"), 303)
    answer.delete_cookie(COOKIE)
    return answer
