"""What a failed call is called in a message: the library's own words hold the whole address, with its secrets."""

from __future__ import annotations

import email.utils
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import requests
import urllib3

LONGEST = timedelta(days=1).total_seconds()
ADVICE = {
    401: "; check the token named by token_env",
    403: "; check the token named by token_env, and the agreement with the department",
    404: "; check the feed's url",
    407: "; check the proxy of this network",
    414: "; the question is too long for the source: ask for smaller pages",
}
TEMPORARY = {202, 408, 425, 429}


def may_pass(error: Exception) -> bool:
    """Return whether a failed call may do better later: a certificate or an address does not mend itself."""
    return not isinstance(error, requests.exceptions.InvalidURL) and _certificate(error) is None


def in_words(error: Exception, connect: float, silence: float) -> str:
    """Return what happened and, where there is something to do, what; both times in seconds."""
    if (wrong := _certificate(error)) is not None:
        return f"its certificate was not accepted ({wrong}); ask the department, or trust its authority here"
    if any(isinstance(reason, urllib3.exceptions.NameResolutionError) for reason in _reasons(error)):
        return "its name is not known in this network; check the feed's url, or the name server"
    kinds, library = requests.exceptions, urllib3.exceptions
    for kind, words in (
        (kinds.ProxyError, "the proxy of this network did not let the call through"),
        ((kinds.SSLError, library.SSLError), "the secure connection could not be made, or broke off"),
        (kinds.ConnectTimeout, f"no connection within {connect:g} s"),
        ((kinds.ReadTimeout, library.ReadTimeoutError), f"no answer within {silence:g} s"),
        (library.ProtocolError, "the answer broke off before its end"),
        (kinds.ConnectionError, "the source cannot be reached or hung up"),
    ):
        if isinstance(error, kind):
            return words
    return f"the call failed ({type(error).__name__})"


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Read a Retry-After header (RFC 9110, 10.2.3), seconds or an HTTP date; a day at most, None when it says nothing.

    A date is counted from the answer's own, since the source's clock may not be ours.
    """
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked), LONGEST)
    later, now = _instant(asked), _instant(headers.get("Date", "")) or datetime.now(UTC)
    return None if later is None else min(max(0.0, (later - now).total_seconds()), LONGEST)


def _instant(date: str) -> datetime | None:
    try:
        read = email.utils.parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _certificate(error: Exception) -> str | None:
    """Return why a certificate was not accepted, None when it is not about one."""
    reasons = (reason for reason in _reasons(error) if isinstance(reason, ssl.SSLCertVerificationError))
    return next((reason.verify_message for reason in reasons), None)


def _reasons(error: object) -> Iterator[Exception]:
    """Yield an error and those that it was made of, which both libraries wrap."""
    while isinstance(error, Exception):
        yield error
        error = getattr(error, "reason", None) or (error.args[0] if error.args else None)
