"""Browsers for tests: a client of the application that is signed in as somebody and sends its form token."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crisis.core.people import Person
from crisis.flows import people
from crisis.flows.desk import Desk


def spoken(html: str) -> str:
    """A page without the marks that say in which language a stretch of it is."""
    return re.sub(r'<span lang="[^"]+">(.*?)</span>', r"\1", html)


class Browser:
    """One browser. `person` is None for somebody who is not signed in."""

    def __init__(self, app: Flask, desk: Desk, person: Person | None = None) -> None:
        self.person = person
        self.client: FlaskClient = app.test_client()
        self.csrf = ""
        if person is not None:
            with desk.transaction() as db:
                token = people.open_session(db, person, now=desk.real_now())
            self.client.set_cookie("desk", token, domain="localhost")
            found = people.session_of(desk, token)
            assert found is not None
            self.csrf = found.csrf

    def get(self, url: str, **more: Any) -> TestResponse:
        return self.client.get(url, **more)

    def post(self, url: str, form: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form with its token."""
        return self.client.post(url, data={"csrf": self.csrf, **(form or {})}, **more)

    def token(self) -> str:
        """The form token of somebody who is not signed in, as the sign-in page gives it."""
        self.client.get("/sign-in")
        cookie = self.client.get_cookie("desk-form", domain="localhost")
        self.csrf = cookie.value if cookie else ""
        return self.csrf
