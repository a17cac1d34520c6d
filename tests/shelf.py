"""A web server on this machine for tests: it answers with what was put there, and a kind that does more says so."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

Request = BaseHTTPRequestHandler


class Shelf:
    """Serves until left. `documents` by path, `asked` the paths that were asked for, in order."""

    def __init__(self) -> None:
        self.documents: dict[str, tuple[str, bytes]] = {}
        self.asked: list[str] = []
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shelf.asked.append(self.path)
                shelf.get(self)

            def do_POST(self) -> None:
                shelf.post(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"

    def put(self, path: str, text: str, *, kind: str = "text/html; charset=utf-8") -> str:
        """Its address."""
        self.documents[path] = (kind, text.encode())
        return f"{self.base}{path}"

    def get(self, request: Request) -> None:
        kind, body = self.documents.get(request.path, ("", b""))
        answer(request, 200 if kind else 404, body, kind=kind or "text/plain")

    def post(self, request: Request, body: bytes) -> None:
        answer(request, 405)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def answer(request: Request, status: int, body: bytes = b"", *, kind: str = "text/plain") -> None:
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
