"""Sending a form to a server that a document named (a WebSub hub), under the same guard as a fetch."""

from __future__ import annotations

import asyncio

import aiohttp
from yarl import URL

from monitors import guard
from monitors.fetch.wire import Session

_LONGEST_S = 20.0


async def post_form(address: str, form: bytes, session: Session) -> str:
    """ "" when the server took the form (2xx), else why not. Redirects are not followed, the answer is not read."""
    refusal = guard.url_refusal(address, session.allowed, proxied=session.proxy is not None)
    if refusal is not None:
        return refusal.code
    url = URL(address)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    with guard.reaching((session.proxy or url).raw_host or "") as errand:
        try:
            async with (
                asyncio.timeout(_LONGEST_S),
                session.http.post(
                    url, data=form, headers=headers, allow_redirects=False, proxy=session.proxy
                ) as answer,
            ):
                return "" if 200 <= answer.status < 300 else f"status {answer.status}"
        except TimeoutError:
            return "too_slow"
        except (aiohttp.ClientError, ValueError, OSError):
            return errand.refused[0].code if errand.refused else "no_connection"
