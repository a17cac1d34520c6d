"""Where hubs reach the desk: they ask whether we really want to be told, and they tell us. No person is behind it."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from crisis.flows import hubs
from crisis.web import session
from monitors.websub import Reply

blueprint = Blueprint("websub", __name__, url_prefix="/websub")


def _answer(reply: Reply) -> Response:
    # A challenge is a stranger's text: it must never be read as a page.
    return Response(reply.body, status=reply.status, mimetype="text/plain")


@blueprint.get("/<token>")
def verify(token: str) -> Response:
    """A hub asks back: the challenge is echoed for what we really asked."""
    return _answer(hubs.verified(session.desk(), token, request.args))


@blueprint.post("/<token>")
def push(token: str) -> Response:
    """A hub tells: the document is kept when its signature is right, and the answer is the same when it is not."""
    request.max_content_length = hubs.MOST_PUSH_BYTES
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _answer(Reply(status=413))
    signature = request.headers.get("X-Hub-Signature", "")
    content_type = request.headers.get("Content-Type", "")
    return _answer(hubs.pushed(session.desk(), token, body, signature=signature, content_type=content_type))
