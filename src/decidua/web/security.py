"""What every response carries and every request must keep, in one layer around the whole application."""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from decidua.measure.layout import LARGEST_FILE_BYTES

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# No address but this server's own. Scripts may ask it again (`connect-src`), which moves a figure in place.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_HEADER_LINES = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
FROM_ELSEWHERE = "This was sent by another site. Please use the pages of the explorer itself."
TOO_LARGE = f"a request of {LARGEST_FILE_BYTES // 1_000_000} MB or less"
WENT_WRONG = "Something went wrong here, and nothing was kept. Going back and trying again may help."

log = logging.getLogger("decidua.web")


class TooLargeError(Exception):
    """More came than a request may hold."""


class Guard:
    """Adds the headers, refuses what is too large, logs no more than the path, and lets no error out.

    The outermost layer that can see an error from a page: what escaped it would be printed by the server with
    its message, and a message may repeat what somebody typed. So only the kind of error and its place are
    logged.
    """

    def __init__(self, app: App, hosts: tuple[str, ...] = ()) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        refused = _refusal(scope, self.hosts)
        if refused:
            await exchange.refuse(*refused)
        else:
            await self._answer(scope, exchange)
        exchange.log()

    async def _answer(self, scope: Scope, exchange: _Exchange) -> None:
        # Whoever asks for the head alone gets that of the page; the body stays here.
        asked = {**scope, "method": "GET"} if exchange.is_head else scope
        try:
            await self.app(asked, exchange.receive, exchange.send)
        except TooLargeError:
            await exchange.refuse(413, f"The request is too large; allowed: {TOO_LARGE}.")
        except Exception as error:  # noqa: BLE001 - see the class: nothing may pass
            log.error("%s %s: %s", scope["method"], _path(scope), place_of(error))
            await exchange.refuse(500, WENT_WRONG)


class _Exchange:
    """One request and its response, counted and given the headers."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self._receive, self._send = scope, receive, send
        self.started = time.perf_counter()
        self.status, self.received = 0, 0
        self.is_head = scope["method"] == "HEAD"

    async def receive(self) -> Message:
        message = await self._receive()
        self.received += len(message.get("body", b""))
        if self.received > LARGEST_FILE_BYTES:
            raise TooLargeError
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = [pair for pair in message.get("headers", ()) if pair[0].decode().lower() not in HEADERS]
            message = {**message, "headers": [*own, *_HEADER_LINES]}
        elif self.is_head:
            message = {**message, "body": b""}
        await self._send(message)

    async def refuse(self, status: int, said: str) -> None:
        """A refusal in one sentence, as JSON where JSON was asked for; nothing if an answer has begun."""
        if self.status:
            return
        is_api = wants_json(str(self.scope["path"]))
        body = json.dumps({"detail": said, "field": None}) if is_api else said
        kind = b"application/json" if is_api else b"text/plain; charset=utf-8"
        # What of the request was not read cannot be told from the next one on this connection.
        headers = [(b"content-type", kind), (b"connection", b"close")]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body.encode()})

    def log(self) -> None:
        took = 1000 * (time.perf_counter() - self.started)
        log.info("%s %s %d %.0f ms", self.scope["method"], _path(self.scope), self.status, took)


def wants_json(path: str) -> bool:
    """Whether programs ask here, so that a refusal is JSON."""
    return path.startswith("/api/") or path == "/health"


def _path(scope: Scope) -> str:
    """The path alone, on one line: what follows it may hold what somebody typed."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(scope["path"])[:200])


def _refusal(scope: Scope, hosts: tuple[str, ...]) -> tuple[int, str] | None:
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin-1").rpartition("]")
    name = (host[0] + host[1]) or host[2].partition(":")[0]
    if hosts and name not in hosts:
        # Another site must not reach this server by a name of its own that leads to this machine.
        return 421, f"This server answers to {', '.join(hosts)} only."
    if scope["method"] not in SAFE_METHODS and _is_from_elsewhere(headers):
        return 403, FROM_ELSEWHERE
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > LARGEST_FILE_BYTES:
        return 413, f"The request is too large; allowed: {TOO_LARGE}."
    return None


def _is_from_elsewhere(headers: Mapping[bytes, bytes]) -> bool:
    """Whether another site had a reader's browser send this: it could fill every place for a run, say.

    Browsers that tell say so in `Sec-Fetch-Site`. Others name the origin, or nothing (`null`) where a page
    sends no referrer, as ours do; programs name neither.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in (b"cross-site", b"same-site")
    origin = headers.get(b"origin", b"null")
    return origin != b"null" and origin.partition(b"://")[2] != headers.get(b"host")


def place_of(error: BaseException) -> str:
    """What kind of error, and where, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    where = f"{last.filename.rpartition('/')[2]} line {last.lineno}" if last else "an unknown place"
    return f"{type(error).__name__} in {where}"
