"""A delivery: the pages of one fetch as they came, with a receipt; it is complete or it is not there.

It is written into a draft beside its place, which readers never see, forced to the disk, and made visible by one
rename. A process that dies leaves a draft, which the feed's next fetch removes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from cities import home
from extractors.errors import DamagedDelivery, FetchError
from extractors.source import Layout

NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(_Kept):
    """The window that was asked for, as instants; both None when the cursor decided."""

    start: AwareDatetime | None = None
    end: AwareDatetime | None = None


class KeptPage(_Kept):
    """One page: its file's name under `pages/`, its size in bytes and records (None: not counted), its hash.

    `file` is the name that a whole file has at its source. `encoding` is how its text is written where that had to be
    found out, and `is_guess` says that it may be written otherwise.
    """

    name: str
    bytes: int
    records: int | None
    sha256: str
    file: str = ""
    encoding: str | None = None
    is_guess: bool = False


class Waiver(_Kept):
    """A rule of deliveries that a person has lifted for one delivery: which, why, who, and when."""

    rule: str
    note: str
    who: str
    at: AwareDatetime


class Receipt(_Kept):
    """What was asked, what came, and what the source said it had.

    `source_count` is the source's own number for the same question, taken before the pages, and again after them where
    it disagreed: of a source that changed meanwhile it is the number that came. None where it has none.
    `complete_snapshot` is true when nothing narrowed the question and the counts agree, as far as there are any: only
    then does a record's absence mean that it was withdrawn. `cursor_to` is the greatest cursor value that came;
    `moves_cursor` says whether the next fetch may start there: no window was asked for, and no fewer records came
    than the source counted.
    `sha256` is the hash of the pages' hashes in their order. `validator` is what the source can be asked by next time
    whether anything changed (an ETag, a Last-Modified, a folder's listing), None where it gives nothing of the kind;
    with `not_modified` the source said that nothing changed since the last one, and there are no pages. `narrowed` is
    true when a cursor or a window left records of the source out of the question. `may_lack` says why records may be
    missing that no count tells of.
    `replays` is the delivery whose pages are judged once more, and `recs` which of its records, counted from 0 there;
    None: all of them, as a delivery. `waived` are the rules that are lifted for it.
    """

    feed: str
    delivery_id: str
    system: str
    fetched_at: AwareDatetime
    finished_at: AwareDatetime
    window: Span
    cursor_from: str | None
    cursor_to: str | None
    moves_cursor: bool
    complete_snapshot: bool
    pages: list[KeptPage]
    records: int | None
    source_count: int | None
    http_calls: int
    retries: int
    bytes: int
    sha256: str
    layout: Layout
    validator: str | None = None
    not_modified: bool = False
    may_lack: str | None = None
    narrowed: bool = False
    replays: str | None = None
    recs: list[int] | None = None
    waived: list[Waiver] = []

    @classmethod
    def read(cls, path: Path) -> Receipt:
        """Read a receipt from its file, or from its delivery's folder; raises DamagedDelivery where it is none."""
        place = path / "receipt.json" if path.is_dir() else path
        try:
            return cls.model_validate_json(place.read_bytes())
        except ValidationError as error:
            raise DamagedDelivery(
                f"{place} is not a receipt ({error.error_count()} mistakes); restore it from the back-up, or remove "
                f"the folder {place.parent} and run the feed again"
            ) from None


@dataclass(frozen=True)
class Delivery:
    """A complete delivery at its place."""

    place: Path
    receipt: Receipt

    @classmethod
    def read(cls, place: Path) -> Delivery:
        """Open the delivery at a place; raises FileNotFoundError when it is not there."""
        return cls(place, Receipt.read(place))

    @property
    def pages(self) -> list[Path]:
        """The files of the pages, in their order."""
        return [self.place / "pages" / page.name for page in self.receipt.pages]

    def refuse_damaged(self) -> None:
        """Raise DamagedDelivery where a page is missing or is not, to the bit, what was fetched."""
        for page, kept in zip(self.pages, self.receipt.pages, strict=True):
            if not page.is_file() or _sha256(page) != kept.sha256:
                raise DamagedDelivery(
                    f"{self.receipt.feed}: {page} is missing or is not what was fetched; remove the folder "
                    f"{self.place} and run the feed again"
                )


def delivery_place(feed_id: str, delivery_id: str) -> Path:
    """Return where a delivery lies or will lie."""
    for name in (feed_id, delivery_id):
        if not NAME.fullmatch(name):
            raise FetchError(f"{name!r} cannot name a delivery; use letters, digits, _ and -")
    return home() / "deliveries" / feed_id / delivery_id


def _sha256(file: Path) -> str:
    with file.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest()
