"""One careful HTTP conversation with one department's server.

Everything that can go wrong on the way is decided here once: patience, repetition, size, redirects, and what an
error message may show of an address.
"""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

import requests
import urllib3
from requests.auth import AuthBase, HTTPBasicAuth

from extractors.content_coding import ACCEPTED, unpacked
from extractors.errors import FetchError
from extractors.pace import Pace
from extractors.problems import problem_in
from extractors.question import Tally
from extractors.wire import Wire
from extractors.wording import ADVICE, TEMPORARY, in_words, may_pass, retry_after_seconds

USER_AGENT = "CivicLake/0.1 (city data office; collects records as agreed with the department)"
IN_MEMORY = 8 * 2**20
MOST_REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
Read = TypeVar("Read")


@dataclass(frozen=True)
class Patience:
    """How long a source is waited for, in seconds, how often it is asked again, and how many bytes it may send."""

    connect: float = 10
    silence: float = 60
    answer: float = 900
    attempts: int = 5
    first_wait: float = 1
    longest_wait: float = 60
    max_bytes: int = 2**29


PATIENCE = Patience()


@dataclass(frozen=True)
class Answer:
    """A complete answer with status 200: its bytes, rewound, its address as a message may show it, and its headers.

    With `is_unchanged` it is a 304, without bytes: nothing changed since the conditions that were sent.
    """

    body: BinaryIO
    shown: str
    headers: Mapping[str, str] = field(default_factory=dict)
    is_unchanged: bool = False


class _NoAuth(AuthBase):
    """Sends no credentials; having it keeps requests from looking for some in the user's home."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _Http(requests.Session):
    """Leaves redirects alone: the library takes each apart, even one that it is told not to follow."""

    def resolve_redirects(self, *told: Any, **more: Any) -> Iterator[requests.Response]:
        yield from ()


@dataclass
class Session:
    """Talks to one host, from several threads if need be; each has connections of its own.

    `url` is the feed's address, possibly with `user:password@`; `spool` the private folder where answers too big for
    memory lie while they are read; `headers` may carry an access token. `hosts` (`name` or `name:port`) may be led to
    as well, and see neither credentials nor token. `pace` is shared by all that ask this source for the same delivery.
    """

    url: str
    spool: Path
    tally: Tally
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=lambda: PATIENCE)
    hosts: Collection[str] = ()
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        parts = parts_of(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError(f"{parts.scheme or 'no'} scheme: the feed's url must start with http:// or https://")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        self._auth = HTTPBasicAuth(user, password) if user else _NoAuth()
        self._own = threading.local()
        self._wires: list[Wire] = []

    def get(
        self,
        url: str,
        params: Mapping[str, str],
        read: Callable[[Answer], Read],
        conditions: Mapping[str, str] = MappingProxyType({}),
    ) -> Read:
        """Ask, repeating with growing pauses what may pass, and return what `read` makes of the answer.

        `read` takes part in the repetition: an answer that it finds broken (FetchError, temporary) is asked for again.
        `conditions` are headers that allow the source to answer that nothing changed.
        Raises FetchError when it does not pass, or at once when repeating cannot help.
        """
        for attempt in range(1, self.patience.attempts + 1):
            try:
                return read(self._answer(url, params, conditions))
            except FetchError as error:
                wait = self._wait_seconds(error, attempt)
                if wait is None:
                    raise
                self.tally.repeated()
                # a source in trouble is left alone by all threads
                self.pace.hold(wait)
        raise AssertionError("the last attempt returns or raises")

    def stop(self) -> None:
        """End what other threads are asking; they raise."""
        self.pace.stop()
        for wire in self._wires:
            wire.cut()

    def _wait_seconds(self, error: FetchError, attempt: int) -> float | None:
        """Return how long to wait before asking again; None when that is no use, or longer than a fetch may wait."""
        asked = error.wait_seconds or 0
        is_over = attempt == self.patience.attempts or self.pace.stopped.is_set()
        if not error.temporary or is_over or asked > self.patience.longest_wait:
            return None
        pause = self.patience.first_wait * 2 ** (attempt - 1)
        # the random part keeps feeds of one department from coming back all at the same moment
        return max(asked, min(pause, self.patience.longest_wait) * random.uniform(0.75, 1.25))

    def _answer(self, url: str, params: Mapping[str, str], conditions: Mapping[str, str]) -> Answer:
        shown = show(url)
        try:
            with self._follow(url, params, conditions) as response:
                if response.status_code == 304 and conditions:
                    return Answer(BytesIO(), shown, response.headers, is_unchanged=True)
                _refuse_status(response, shown)
                return Answer(self._receive(response, shown), shown, response.headers)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            words = in_words(error, self.patience.connect, self.patience.silence)
            if self._wire.ran_out:
                words = f"still not complete after {self.patience.answer:g} s"
            # the library's own words hold the whole address, with its secrets
            raise FetchError(f"{shown}: {words}", temporary=may_pass(error)) from None

    def _follow(self, url: str, params: Mapping[str, str], conditions: Mapping[str, str]) -> requests.Response:
        """Ask, following redirects: another host must not see the token, nor pass for the source unless it is named."""
        for _ in range(MOST_REDIRECTS):
            is_own = self._is_own_host(url)
            self.pace.wait()
            self.tally.called()
            response = self._http.get(
                _without_user(url),
                params=params,
                headers={**(self.headers if is_own else {}), **conditions},
                auth=self._auth if is_own else _NoAuth(),
                stream=True,
                allow_redirects=False,
                timeout=(self.patience.connect, self.patience.silence),
            )
            if not response.is_redirect:
                return response
            response.close()
            url, params = led(url, response.headers["Location"], "redirect"), {}
        raise FetchError(f"{show(url)}: more than {MOST_REDIRECTS} redirects; correct the feed's url")

    @property
    def _http(self) -> requests.Session:
        """The calling thread's connections: the library's are not to be shared."""
        if not hasattr(self._own, "http"):
            self._own.wire = Wire(self.patience.answer, self.pace.stopped)
            self._wires.append(self._own.wire)
            self._own.http = _Http()
            self._own.http.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": ACCEPTED})
            for scheme in ("http://", "https://"):
                self._own.http.mount(scheme, self._own.wire)
        return cast(requests.Session, self._own.http)

    @property
    def _wire(self) -> Wire:
        return cast(Wire, self._own.wire)

    def _is_own_host(self, url: str) -> bool:
        """Return whether an address is the feed's own host, False for one that the city file allows besides.

        Raises FetchError for any other, and for one that would leave the secure connection.
        """
        here, there = parts_of(self.url), parts_of(url)
        is_upgrade = (here.scheme, there.scheme) == ("http", "https")
        is_same = here.hostname == there.hostname and (is_upgrade or _port(here) == _port(there))
        is_allowed = there.hostname in self.hosts or f"{there.hostname}:{_port(there)}" in self.hosts
        if there.scheme not in (here.scheme, "https"):
            raise FetchError(
                f"{show(self.url)} leads to {show(urljoin(url, '/'))}, away from the secure connection, which is "
                "refused; correct the feed's url, or ask the department"
            )
        if not (is_same or is_allowed):
            raise FetchError(
                f"{show(self.url)} leads to another host, {show(urljoin(url, '/'))}, which is refused; "
                "if the source has moved, correct the feed's url; if it may lead there, name the host under `hosts`"
            )
        return is_same

    def _receive(self, response: requests.Response, shown: str) -> BinaryIO:
        body = spooled(self.spool)
        for chunk in unpacked(response.raw, shown):
            body.write(chunk)
            if body.tell() > self.patience.max_bytes:
                raise FetchError(
                    f"{shown}: the answer is over the limit of {self.patience.max_bytes:,} bytes; "
                    "ask for smaller pages, narrow the feed, or raise its limit_mb"
                )
        if not body.tell():
            # headers that break off before Content-Length look to the library like an answer of no bytes
            raise FetchError(f"{shown}: an empty answer came, or it broke off in its headers", temporary=True)
        body.seek(0)
        return body


def spooled(folder: Path) -> BinaryIO:
    """Return a file in memory that moves into a private folder when it grows, and has no name there."""
    return cast(BinaryIO, tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(folder)))


def parts_of(url: str) -> SplitResult:
    """Take an address apart; raises FetchError where it is none, also when a redirect gave it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        # its words hold parts of the address, which may be a password
        raise FetchError("no address; correct the feed's url, or ask the department") from None
    return parts


def _port(parts: SplitResult) -> int | None:
    return parts.port or PORTS.get(parts.scheme)


def led(base: str, link: Any, what: str) -> str:
    """Return the address that a link leads to, taken from an answer of another address.

    Raises FetchError, which calls the link by `what`, when it is no address.
    """
    try:
        url = urljoin(base, link)
        _ = urlsplit(url).port
    except (ValueError, TypeError, AttributeError):
        # the link itself may hold secrets
        raise FetchError(f"{show(base)}: its {what} is no address; ask the department") from None
    return url


def show(url: str) -> str:
    """Return an address as messages and logs may show it: without credentials and without its query."""
    parts = parts_of(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _without_user(url: str) -> str:
    """Return an address without the credentials in it."""
    parts = parts_of(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _refuse_status(response: requests.Response, shown: str) -> None:
    status = response.status_code
    if status == 200:
        return
    asked = retry_after_seconds(response.headers)
    later = f"; it asks to come back in {asked:g} s" if asked is not None else ""
    raise FetchError(
        f"{shown}: the source answered {status} {response.reason or ''}".rstrip()
        + problem_in(response)
        + later
        + ADVICE.get(status, ""),
        temporary=status in TEMPORARY or status >= 500,
        wait_seconds=asked,
    )
