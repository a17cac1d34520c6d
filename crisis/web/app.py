"""The web application: built once from a desk, a blueprint per place."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map

from crisis.content.roots import builtin
from crisis.errors import CrisisError, Invalid, NotFound, NotPermitted, Stale, WrongState
from crisis.flows.desk import Desk
from crisis.i18n import translate
from crisis.store.db import is_out_of_reach
from crisis.web import forms, keys, page, session, show, wording

log = logging.getLogger(__name__)
MAX_FORM_BYTES = 4 * 1024 * 1024
# Up to here a form that is refused for its size is read all the same, for the words beside its file.
MAX_READ_BYTES = 4 * MAX_FORM_BYTES
# Of such a form, what was longer than this was pasted: its beginning says what it was.
LONGEST_SHOWN = 20_000


def create_app(desk: Desk) -> Flask:
    """The application of a desk."""
    app = Flask(
        "crisis.web",
        static_folder="static",
        template_folder=str(builtin("templates") / "pages"),
    )
    app.extensions["desk"] = desk
    app.url_map.converters["int"] = _Number
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_FORM_BYTES
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: translate(g.lang, message),
        lambda one, many, n: translate(g.lang, one if n == 1 else many),
        newstyle=True,
    )
    app.jinja_env.globals["gettext"] = show.gettext
    app.jinja_env.filters.update(
        clock=show.clock,
        date=show.date,
        full_clock=show.full_clock,
        dur=show.dur,
        big_clock=show.big_clock,
        due_class=show.due_class,
        due_text=show.due_text,
        initial=show.initial,
        local_input=show.local_input,
        stance=show.stance,
        hours=show.hours,
        bracketed=show.bracketed,
        parts_of=show.parts,
        prefixed=lambda text, prefix: f"{prefix}{text}",
        tongue=show.tongue,
        dialled=show.dialled,
        tongues=show.tongues,
        foreign=show.foreign,
        words=page.words,
        label=wording.label,
        happened=wording.happened,
        receipt=wording.receipt,
        amid=wording.amid,
        rolename=lambda code, lang: _role_name(desk, code, lang),
    )
    app.jinja_env.globals.update(
        most_bytes=MAX_FORM_BYTES,
        marked=show.marked,
        roles=wording.ROLES,
        pairs=show.pairs,
        hour=timedelta(hours=1),
        types=wording.types,
        credits=wording.credits,
        options=wording.options,
        last_seen=show.last_seen,
        zone_name=show.zone_name,
        bound_keys=keys.bound,
    )
    app.before_request(session.only_our_name)
    app.before_request(session.before)
    app.after_request(session.after)
    _errors(app)
    _places(app)

    @app.get("/healthz")
    def health() -> Response:
        """200 when the desk can answer: the database opens and content is loaded."""
        desk.database.ask()
        return Response("ok\n", mimetype="text/plain")

    @app.get("/favicon.ico")
    def icon() -> Response:
        """Where a browser looks that was shown no page, such as one that opens the Atom feed."""
        return app.send_static_file("icon.svg")

    return app


class _Number(IntegerConverter):
    """A number in an address: what no row can have as its id is not found."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=forms.LARGEST)


def _role_name(desk: Desk, code: str, lang: str) -> str:
    """The name of a playbook role; an own task has none."""
    for role, name in desk.content.roles.items():
        if role == code:
            return name[lang]
    return code


def _places(app: Flask) -> None:
    from crisis.web import (
        approve,
        audiences,
        complaints,
        drill,
        facts,
        find,
        inbox,
        incidents,
        log,
        me,
        newsroom,
        promises,
        publish,
        roomforms,
        setup,
        sourceforms,
        sources,
        studio,
        watches,
        websub,
        why,
    )

    app.register_blueprint(session.blueprint)
    places = (
        inbox,
        incidents,
        roomforms,
        promises,
        log,
        facts,
        studio,
        approve,
        publish,
        audiences,
        complaints,
        newsroom,
        sources,
        sourceforms,
        watches,
        why,
        websub,
        setup,
        find,
        keys,
        me,
        drill,
    )
    # Room, forms, promises and log of an incident share a blueprint.
    for blueprint in dict.fromkeys(place.blueprint for place in places):
        app.register_blueprint(blueprint)


def _back() -> str:
    """The page that the form stood on, as far as the browser tells and it is one of this desk's; else nothing."""
    came = urlsplit(request.referrer or "")
    return session.own_path(came.path) if came.netloc == request.host else ""


def _errors(app: Flask) -> None:
    statuses: dict[type[CrisisError], int] = {
        NotFound: 404,
        NotPermitted: 403,
        Stale: 409,
        WrongState: 409,
        Invalid: 422,
    }

    @app.errorhandler(CrisisError)
    def known(error: CrisisError) -> tuple[str, int]:
        status = next((code for kind, code in statuses.items() if isinstance(error, kind)), 500)
        return _page(wording.sentence(error), status)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[str, int]:
        if isinstance(error, RequestEntityTooLarge):
            request.max_content_length = request.max_form_memory_size = MAX_READ_BYTES
            lost = tuple(words[:LONGEST_SHOWN] for words in page.typed_words())
            return _page(wording.http_sentence(413, ""), 413, lost)
        return _page(wording.http_sentence(error.code or 500, error.description or ""), error.code or 500)

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> tuple[str, int]:
        # A person never sees a trace: they are told a word by which the operator finds it in the log.
        found_by = secrets.token_hex(3)
        log.exception("request.failed path=%s found_by=%s", request.path, found_by)
        status = 503 if is_out_of_reach(error) else 500
        return _page(wording.http_sentence(status, ""), status, found_by=found_by)

    def _page(text: str, status: int, lost: tuple[str, ...] | None = None, *, found_by: str = "") -> tuple[str, int]:
        lost = page.typed_words() if lost is None else lost
        back, again = _back(), request.full_path.rstrip("?") if request.method == "GET" else ""
        try:
            return page.render(
                "error.html", text=text, status=status, lost=lost, back=back, again=again, found_by=found_by
            ), status
        except Exception:
            log.exception("error page failed")
            return page.bare(text, lost, again or back, found_by), status
