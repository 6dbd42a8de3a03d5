"""The body of an HTTP answer: decompressed step by step, so that a small bomb cannot fill the memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import httpx

from crawlers.connector import PermanentError, TemporaryError


def read_body(url: str, answer: httpx.Response, max_bytes: int) -> bytes:
    """Return the whole body, decompressed; `url` is for messages.

    Raises PermanentError "too large" as soon as more than `max_bytes` have come out, or for an encoding that was
    not asked for, TemporaryError for a damaged one.
    """
    length = answer.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise _too_large(url, max_bytes)
    parts: list[bytes] = []
    size = 0
    for part in _plain(url, answer, max_bytes + 1):
        size += len(part)
        if size > max_bytes:
            raise _too_large(url, max_bytes)
        parts.append(part)
    return b"".join(parts)


def _plain(url: str, answer: httpx.Response, step: int) -> Iterator[bytes]:
    """Yield decompressed parts of at most `step` bytes; httpx's own decoders have no bound."""
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        yield from answer.iter_raw()
    elif encoding in {"gzip", "x-gzip", "deflate"}:
        try:
            yield from inflate(answer.iter_raw(), step)
        except (zlib.error, EOFError) as error:
            raise TemporaryError(f"{url} sent a damaged {encoding} body ({error}); tried again later") from error
    else:
        raise PermanentError(f"{url} answered in the encoding {encoding!r}, which was not asked for")


def inflate(parts: Iterator[bytes], step: int) -> Iterator[bytes]:
    """Yield what the gzip or deflate body in `parts` holds, at most `step` bytes at a time.

    Raises zlib.error for a damaged body, EOFError for one that ends too early.
    """
    unpack = None
    for part in parts:
        data = part
        while data:
            if unpack is None or unpack.eof:
                unpack = zlib.decompressobj(_window_bits(data))
            yield unpack.decompress(data, step)
            data = unpack.unconsumed_tail or unpack.unused_data
    if unpack is not None and not unpack.eof:
        raise EOFError("it ends too early")


def _window_bits(data: bytes) -> int:
    """Return zlib's `wbits`: gzip and zlib name themselves; some servers send bare deflate (RFC 9110, 8.4.1.2)."""
    if data[:1] == b"\x1f" or data[0] & 0x0F == zlib.DEFLATED:
        return zlib.MAX_WBITS | 32
    return -zlib.MAX_WBITS


def _too_large(url: str, max_bytes: int) -> PermanentError:
    return PermanentError(
        f"too large: {url} sent more than {max_bytes:,} bytes (counted after decompression); nothing was taken in"
    )
