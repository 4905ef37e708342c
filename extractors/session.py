"""One careful HTTP conversation with one department's server.

Everything that can go wrong on the way is decided here once: patience, repetition, size, redirects, and what an
error message may show of an address.
"""

from __future__ import annotations

import email.utils
import random
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar, cast
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
import urllib3
from requests.auth import AuthBase, HTTPBasicAuth

from extractors.errors import FetchError
from extractors.question import Tally

USER_AGENT = "CivicLake/0.1 (city data office; collects records as agreed with the department)"
IN_MEMORY = 8 * 2**20
CHUNK = 2**16
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
    """A complete answer with status 200: its bytes, rewound, and its address as a message may show it."""

    body: BinaryIO
    shown: str


class _NoAuth(AuthBase):
    """Sends no credentials; having it keeps requests from looking for some in the user's home."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


@dataclass
class Session:
    """Talks to one host only.

    `url` is the feed's address, possibly with `user:password@`; `spool` the private folder where answers too big for
    memory lie while they are read; `headers` may carry an access token.
    """

    url: str
    spool: Path
    tally: Tally
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=lambda: PATIENCE)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError(f"{parts.scheme or 'no'} scheme: the feed's url must start with http:// or https://")
        self._http = requests.Session()
        self._http.headers.update({"User-Agent": USER_AGENT, **self.headers})
        self._http.auth = HTTPBasicAuth(parts.username, parts.password or "") if parts.username else _NoAuth()

    def get(self, url: str, params: Mapping[str, str], read: Callable[[Answer], Read]) -> Read:
        """Ask, repeating with growing pauses what may pass, and return what `read` makes of the answer.

        `read` takes part in the repetition: an answer that it finds broken (FetchError, temporary) is asked for again.
        Raises FetchError when it does not pass, or at once when repeating cannot help.
        """
        for attempt in range(1, self.patience.attempts + 1):
            try:
                return read(self._answer(url, params))
            except FetchError as error:
                wait = self._wait_seconds(error, attempt)
                if wait is None:
                    raise
                self.tally.retries += 1
                time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _wait_seconds(self, error: FetchError, attempt: int) -> float | None:
        """Return how long to wait before asking again; None when that is no use, or longer than a fetch may wait."""
        asked = error.wait_seconds or 0
        if not error.temporary or attempt == self.patience.attempts or asked > self.patience.longest_wait:
            return None
        pause = self.patience.first_wait * 2 ** (attempt - 1)
        # the random part keeps feeds of one department from coming back all at the same moment
        return max(asked, min(pause, self.patience.longest_wait) * random.uniform(0.75, 1.25))

    def _answer(self, url: str, params: Mapping[str, str]) -> Answer:
        shown = show(url)
        started = time.monotonic()
        try:
            with self._follow(url, params) as response:
                _refuse_status(response, shown)
                return Answer(self._receive(response, shown, started), shown)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            # the library's own words hold the whole address, with its secrets
            raise FetchError(f"{shown}: {_in_words(error, self.patience)}", temporary=_may_pass(error)) from None

    def _follow(self, url: str, params: Mapping[str, str]) -> requests.Response:
        """Ask, following redirects on the same host: another host must not see the token, nor pass for the source."""
        for _ in range(5):
            self._refuse_other_host(url)
            self.tally.http_calls += 1
            response = self._http.get(
                _without_user(url),
                params=params,
                stream=True,
                allow_redirects=False,
                timeout=(self.patience.connect, self.patience.silence),
            )
            if not response.is_redirect:
                return response
            response.close()
            url, params = urljoin(url, response.headers["Location"]), {}
        raise FetchError(f"{show(url)}: more than 5 redirects; correct the feed's url")

    def _refuse_other_host(self, url: str) -> None:
        here, there = urlsplit(self.url), urlsplit(url)
        is_same = (here.hostname, here.port) == (there.hostname, there.port)
        is_upgrade = here.hostname == there.hostname and (here.scheme, there.scheme) == ("http", "https")
        if not (is_same and here.scheme == there.scheme or is_upgrade):
            raise FetchError(
                f"{show(self.url)} leads to another host, {show(urljoin(url, '/'))}, which is refused; "
                "if the source has moved, correct the feed's url"
            )

    def _receive(self, response: requests.Response, shown: str, started: float) -> BinaryIO:
        body = spooled(self.spool)
        for chunk in response.iter_content(CHUNK):
            body.write(chunk)
            if body.tell() > self.patience.max_bytes:
                raise FetchError(
                    f"{shown}: the answer is over the limit of {self.patience.max_bytes:,} bytes; "
                    "ask for smaller pages or narrow the feed"
                )
            if time.monotonic() - started > self.patience.answer:
                raise FetchError(f"{shown}: still not complete after {self.patience.answer:g} s", temporary=True)
        body.seek(0)
        return body


def spooled(folder: Path) -> BinaryIO:
    """Return a file in memory that moves into a private folder when it grows, and has no name there."""
    return cast(BinaryIO, tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(folder)))


def show(url: str) -> str:
    """Return an address as messages and logs may show it: without credentials and without its query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _refuse_status(response: requests.Response, shown: str) -> None:
    status = response.status_code
    if status == 200:
        return
    asked = _retry_after_seconds(response.headers.get("Retry-After"))
    later = f"; it asks to come back in {asked:g} s" if asked is not None else ""
    advice = {
        401: "; check the token named by token_env",
        403: "; check the token named by token_env, and the agreement with the department",
        404: "; check the feed's url",
    }.get(status, "")
    raise FetchError(
        f"{shown}: the source answered {status} {response.reason or ''}".rstrip() + later + advice,
        temporary=status in (202, 408, 425, 429) or status >= 500,
        wait_seconds=asked,
    )


def _retry_after_seconds(header: str | None) -> float | None:
    """Read a Retry-After header (RFC 9110, 10.2.3): seconds, or an HTTP date."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _may_pass(error: Exception) -> bool:
    return not isinstance(error, (requests.exceptions.SSLError, requests.exceptions.InvalidURL))


def _in_words(error: Exception, patience: Patience) -> str:
    exceptions = requests.exceptions
    for kind, words in (
        (exceptions.SSLError, "its certificate was not accepted; ask the department, or trust its authority here"),
        (exceptions.ProxyError, "the proxy of this network did not let the call through"),
        (exceptions.ConnectTimeout, f"no connection within {patience.connect:g} s"),
        (exceptions.ReadTimeout, f"no answer within {patience.silence:g} s"),
        (exceptions.ChunkedEncodingError, "the answer broke off before its end"),
        (exceptions.ContentDecodingError, "the answer is not compressed as it says"),
        (exceptions.ConnectionError, "the source cannot be reached or hung up"),
    ):
        if isinstance(error, kind):
            return words
    return f"the call failed ({type(error).__name__})"
