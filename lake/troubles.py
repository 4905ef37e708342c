"""What the catalogue and the store say when they cannot be used, in words for the person who must mend it."""

from __future__ import annotations

import re
from pathlib import Path

from cities.disk import full_disk
from lake.errors import LakeUnreachable
from lake.place import LakePlace

LOST = (
    "connection refused", "connection to server", "server closed the connection", "terminating connection",
    "no connection to the server", "connection has been closed", "connection not open", "the database system is",
    "failed to commit: failed to execute query \"rollback\"", "from ducklake: current transaction is aborted",
    "attempted to access index 0 within vector of size 0",
)  # fmt: skip
"""What libpq and PostgreSQL say of a server that is down, goes down or comes up."""

PARQUET = re.compile(r"""["']([^"']+\.parquet)["']""")
DAMAGED = (
    "no such file", "no magic bytes", "too small to be a parquet", "failed to read file", "invalid string encoding",
    "could not read enough bytes",
)  # fmt: skip
"""What DuckDB says of a Parquet file that it cannot read."""

STORE_REFUSES = ("http 403", "http 401")
STORE_LACKS = ("http 404", "nosuchbucket")
STORE_IS_DOWN = ("could not connect to server error for http", "error for http", "http 500", "http 502", "http 503")


def unusable(place: LakePlace, error: BaseException) -> str | None:
    """Return what is wrong with the lake's places and what to do, or None where an error says nothing of the kind."""
    told = str(error).lower()
    if (full := full_disk(error)) is not None:
        return full
    if (damaged := _damaged_file(place, str(error))) is not None:
        return damaged
    if place.is_in_object_store and (of_store := _of_store(place, told, str(error))):
        return of_store
    shown = place.without_password(place.catalogue)
    if place.is_shared and any(words in told for words in LOST):
        lines = place.without_password(str(error)).splitlines()
        reason = next((line for line in lines if any(words in line.lower() for words in LOST)), lines[0])
        return f"the catalogue {shown} cannot be used ({reason.strip()}); start or mend it, then run again"
    if "database is locked" in told:
        return f"the catalogue {shown} is locked by another program; end that, then run again"
    return None


def unreachable(place: LakePlace, error: Exception) -> LakeUnreachable:
    """Return the error of a lake that cannot be opened, for whatever reason, without a password."""
    reason = unusable(place, error) or place.without_password(str(error))
    return LakeUnreachable(f"the lake cannot be opened: {reason}")


def unreadable(published: Path, error: Exception) -> str:
    """Return why the published file cannot be opened, and what to do."""
    reason = str(error).splitlines()[0]
    if "lock" in reason:
        return f"the published file {published} is held by another program ({reason}); end that, then try again"
    return (
        f"the published file {published} cannot be read ({reason}); restore it from the back-up, or remove it and run "
        "`civiclake run`, which makes it again"
    )


def _damaged_file(place: LakePlace, error: str) -> str | None:
    """Tell of a Parquet file that is gone or damaged; many a flipped bit is read without an error, though."""
    file = PARQUET.search(error)
    if file is None or not any(words in error.lower() for words in DAMAGED):
        return None
    if file[1].startswith(place.data):
        return f"the lake's file {file[1]} is missing or damaged; restore it from the back-up, then run again"
    return f"the file {file[1]} is missing or damaged; remove the folder `checked` that it lies in, then run again"


def _of_store(place: LakePlace, told: str, error: str) -> str | None:
    if any(words in told for words in STORE_REFUSES):
        return f"the store refuses {place.data}; correct CIVICLAKE_S3_KEY_ID and CIVICLAKE_S3_SECRET, then run again"
    if any(words in told for words in STORE_LACKS):
        file = re.search(r"'https?://[^']*/([^'/]+)'", error)
        named = f" (asked for {file[1]})" if file else ""
        return f"the store has no such bucket or file under {place.data}{named}; make it, or restore it, then run again"
    if any(words in told for words in STORE_IS_DOWN):
        return f"the store of {place.data} does not answer; start it or correct CIVICLAKE_S3_ENDPOINT, then run again"
    return None
