"""What the last answer of a source can be recognised by, so that an unchanged one costs a small request and no check.

Only equality is trusted. A server says 304 also when an older file was put back, if it compares dates by "not newer"
(RFC 9110, 13.1.3), and a cache may hold another answer than ours: so a 304 counts only when it repeats a mark that we
know, and the hash of the unpacked bytes decides where marks change though nothing else does.
"""

from __future__ import annotations

import email.utils
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict, ValidationError

CHUNK = 2**20
ONE_SECOND = timedelta(seconds=1)


class Validator(BaseModel):
    """Marks of one answer: the server's `etag` and `last_modified` as they were written, the hash of its bytes."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    etag: str | None = None
    last_modified: str | None = None
    sha256: str

    @classmethod
    def of(cls, headers: Mapping[str, str], body: BinaryIO) -> Validator:
        """Return the marks of an answer, and its body rewound."""
        digest = hashlib.sha256()
        while chunk := body.read(CHUNK):
            digest.update(chunk)
        body.seek(0)
        marks = {"etag": headers.get("ETag"), "last_modified": _settled(headers)}
        return cls(**marks, sha256=digest.hexdigest())

    @classmethod
    def read(cls, text: str | None) -> Validator | None:
        """Return the marks that a receipt holds; None where there are none."""
        try:
            return cls.model_validate_json(text) if text else None
        except ValidationError:
            return None

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for the answer only if it is another one."""
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: mark for name, mark in conditions.items() if mark}

    def is_repeated_by(self, headers: Mapping[str, str]) -> bool:
        """Return whether a 304 speaks of this answer: by its ETag, or by its date where it has no ETag."""
        if etag := headers.get("ETag"):
            return _strong(etag) == _strong(self.etag)
        return self.last_modified is not None and headers.get("Last-Modified") == self.last_modified


def _strong(etag: str | None) -> str | None:
    """Return an ETag without its mark of weakness, which compression on the way adds."""
    return etag.removeprefix("W/") if etag else None


def _settled(headers: Mapping[str, str]) -> str | None:
    """Return Last-Modified, unless the file changed in the second of the answer and may change in it again."""
    try:
        changed = email.utils.parsedate_to_datetime(headers["Last-Modified"])
        answered = email.utils.parsedate_to_datetime(headers["Date"])
        return headers["Last-Modified"] if answered - changed >= ONE_SECOND else None
    except (KeyError, ValueError, TypeError):
        return None
