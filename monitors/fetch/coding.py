"""Bytes on the wire to bytes of the document: gzip, deflate, br, zstd, and never more than allowed.

A decoder is fed piece by piece and gives at most what is still allowed, so a bomb costs one piece of work and no
memory. Every coding here is decoded with a bound on its output; none is inflated first and measured afterwards.
"""

from __future__ import annotations

import sys
import zlib
from typing import Any, Protocol

if sys.version_info >= (3, 14):
    from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
else:
    from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

import brotli  # type: ignore[import-untyped]

# What we say we understand. The order is the order of decoding speed per byte saved.
ACCEPT = "zstd, br, gzip, deflate"
_PIECE = 256 * 1024
# More layers than two have no honest use; each layer multiplies what a bomb can do.
_MOST_LAYERS = 2
# RFC 9659: over HTTP a zstd frame needs a window of 8 MB at most. A larger one is a way to make us allocate.
_ZSTD_WINDOW: dict[int, int] = {DecompressionParameter.window_log_max: 23}


class TooLarge(Exception):
    """The document is larger than allowed."""


class BadCoding(Exception):
    """The bytes are not what Content-Encoding says, or it names a coding we do not know."""


class _Layer(Protocol):
    @property
    def done(self) -> bool: ...

    def feed(self, data: bytes, room: int) -> bytes: ...


class Decoder:
    """Decodes one body. `feed` the pieces in order, then `end`; the document is `taken`."""

    def __init__(self, content_encoding: str, *, max_bytes: int) -> None:
        names = [name for part in content_encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
        if len(names) > _MOST_LAYERS:
            raise BadCoding(content_encoding[:60])
        # Codings are listed in the order they were applied, so the last one comes off first (RFC 9110 8.4).
        self._layers = [_layer(name) for name in reversed(names)]
        self._max = max_bytes
        self._pieces: list[bytes] = []
        self.size = 0

    def feed(self, data: bytes) -> None:
        """Take the next piece from the wire. Raises TooLarge, BadCoding."""
        for layer in self._layers:
            # One byte of room more than allowed tells "exactly full" from "too large".
            data = layer.feed(data, self._max + 1)
            if len(data) > self._max:
                raise TooLarge
        self._pieces.append(data)
        self.size += len(data)
        if self.size > self._max:
            raise TooLarge

    @property
    def whole(self) -> bool:
        """Whether every coding has seen its own end: False for a compressed body that was cut."""
        return all(layer.done for layer in self._layers)

    def taken(self) -> bytes:
        """The document as far as it came."""
        return b"".join(self._pieces)


def _layer(name: str) -> _Layer:
    match name:
        case "gzip" | "x-gzip":
            return _Zlib(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Zlib(0)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
    raise BadCoding(name[:60])


class _Zlib:
    """gzip (members one after another included) and deflate, with or without its zlib head."""

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._stream: Any = None
        self.done = False
        self._seen = False
        self._plain = False

    def feed(self, data: bytes, room: int) -> bytes:
        out: list[bytes] = []
        size = 0
        while data:
            if self._stream is None:
                if self._plain or (self._bits and not self._seen and not b"\x1f\x8b".startswith(data[:2])):
                    # Says gzip and is not: a common slip of servers, and the document itself is sound.
                    self._plain = self.done = True
                    return data
                if self._seen and not b"\x1f\x8b".startswith(data[:2]):
                    # Rubbish after the last member: servers pad, browsers ignore it.
                    break
                self._stream = zlib.decompressobj(self._bits or _deflate_bits(data))
                self._seen = True
                self.done = False
            try:
                piece = self._stream.decompress(data, room - size)
            except zlib.error as error:
                raise BadCoding(str(error)[:100]) from None
            out.append(piece)
            size += len(piece)
            if size >= room:
                break
            if self._stream.eof:
                data = self._stream.unused_data
                self._stream = None
                self.done = True
            else:
                data = self._stream.unconsumed_tail
        return b"".join(out)


def _deflate_bits(data: bytes) -> int:
    # "deflate" means zlib by RFC 9110 8.4.1.2 but some servers send it bare; the low four bits of a zlib head are 8.
    return zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def done(self) -> bool:
        return bool(self._stream.is_finished())

    def feed(self, data: bytes, room: int) -> bytes:
        out: list[bytes] = []
        size = 0
        try:
            while size < room and not self._stream.is_finished():
                piece = self._stream.process(data, output_buffer_limit=min(_PIECE, room - size))
                data = b""
                out.append(piece)
                size += len(piece)
                if not piece and self._stream.can_accept_more_data():
                    break
        except brotli.error as error:
            raise BadCoding(str(error)[:100]) from None
        return b"".join(out)


class _Zstd:
    """zstd frames, one after another."""

    def __init__(self) -> None:
        self._stream: ZstdDecompressor | None = None
        self.done = False

    def feed(self, data: bytes, room: int) -> bytes:
        out: list[bytes] = []
        size = 0
        try:
            while size < room:
                if self._stream is None:
                    if not data:
                        break
                    self._stream = ZstdDecompressor(options=_ZSTD_WINDOW)
                    self.done = False
                piece = self._stream.decompress(data, max_length=min(_PIECE, room - size))
                data = b""
                out.append(piece)
                size += len(piece)
                if self._stream.eof:
                    data = self._stream.unused_data
                    self._stream = None
                    self.done = True
                elif self._stream.needs_input:
                    break
        except ZstdError as error:
            raise BadCoding(str(error)[:100]) from None
        return b"".join(out)
