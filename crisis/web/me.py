"""The person who is signed in, and what they change themselves: their telephone number and their password."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from crisis.flows import people
from crisis.web import forms, page, session
from crisis.web.page import render

blueprint = Blueprint("me", __name__, url_prefix="/me")


@blueprint.get("")
def index() -> str:
    return render("me.html", changed=session.was_told("password"), least=people.PASSWORD_LENGTH, phone_error=None)


@blueprint.post("/phone")
def set_phone() -> Answer | tuple[str, int]:
    """The number under which colleagues call, by themselves: nobody else knows when it changes."""
    me = session.me()
    _, error = page.attempt(lambda: people.set_phone(session.desk(), me.id, forms.text("phone"), by=me))
    if error is not None:
        return (
            render("me.html", changed=False, least=people.PASSWORD_LENGTH, phone_error=error),
            page.status_of(error),
        )
    return redirect(url_for("me.index"), 303)


@blueprint.post("/password")
def change_password() -> Answer | tuple[str, int]:
    token, error = page.attempt(
        lambda: people.change_own_password(
            session.desk(),
            by=session.me(),
            # Passwords are taken as they are: a blank at the end belongs to them.
            current=request.form.get("password_now", ""),
            new=request.form.get("password", ""),
            again=request.form.get("password_again", ""),
            token=request.cookies.get(session.COOKIE, ""),
            address=request.remote_addr or "",
        )
    )
    if token is None:
        return render(
            "me.html", changed=False, least=people.PASSWORD_LENGTH, error=error, phone_error=None
        ), page.status_of(error)
    answer = redirect(url_for("me.index"), 303)
    session.keep(answer, token)
    session.tell_once(answer, "password")
    return answer
