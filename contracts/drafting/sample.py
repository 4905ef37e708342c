"""Takes a sample of a source by its own extractor, reads it as text, and leaves nothing of it behind."""

from __future__ import annotations

import glob
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import TypeAdapter

from cities import City, Feed, home
from contracts.drafting.recognise import Terms, recognise
from contracts.drafting.sniff import sniff
from contracts.errors import ContractError
from contracts.pages import UnreadablePage, read_batches
from extractors import Delivery, FetchError, fetch

FEED: TypeAdapter[Any] = TypeAdapter(Feed)
SIZE = 500
"""Records of a page of the sample."""

MOST = 100_000
"""Records of a whole file that are looked at."""

STATED = {"title": {"en": "Sample"}, "contract": "none", "due": "06:30", "fields": {}}
"""What a feed must say and a fetch does not look at."""

PAGED = {"socrata", "open311", "arcgis", "ckan", "sensorthings"}


@dataclass(frozen=True)
class Sample:
    """Some records of a source as text, the delivery they lie in, and the terms under which they were fetched."""

    place: Path
    terms: Terms
    records: pl.DataFrame


def read_feed(terms: Terms, **told: Any) -> Any:
    """Return the feed that these terms of a city file describe."""
    return FEED.validate_python({**STATED, **terms, **told})


@contextmanager
def sampled(source: str, city: City) -> Iterator[Sample]:
    """Give a sample of what lies at an address or path; its delivery is removed afterwards.

    Raises FetchError or ContractError where nothing can be read.
    """
    feed_id = f"sample-{secrets.token_hex(6)}"
    try:
        terms = _terms(source, feed_id, city)
        place = _fetch(terms, feed_id, "sample", city)
        records = _read(place)
        if not any(len(records[name].drop_nulls()) for name in records.columns):
            raise ContractError("no record with a value came; give an address or a file that holds some")
        yield Sample(place, terms, records)
    finally:
        shutil.rmtree(home() / "deliveries" / feed_id, ignore_errors=True)


def _terms(source: str, feed_id: str, city: City) -> Terms:
    """Return what a feed must say to be asked here: known by the address, or found out by looking at the bytes."""
    if "://" not in source:
        return _file_terms(Path(source).absolute())
    if known := recognise(source):
        return known
    told = sniff(_body(source, feed_id, city))
    return {"system": told.pop("format"), "url": source, **told}


def _file_terms(path: Path) -> Terms:
    # a feed of one file may become one of many; it lies finished already
    told = {"system": "folder", "url": path.parent.as_uri(), "glob": glob.escape(path.name), "settle": 0}
    return {**told, **sniff(path.read_bytes())}


def _body(url: str, feed_id: str, city: City) -> bytes:
    """Return the bytes of a file on the web, fetched as lines of JSON or, where it is a zip, as a workbook.

    Neither is looked into, but both are refused where a web page comes.
    """
    try:
        place = _fetch({"system": "ndjson", "url": url}, feed_id, "plain", city)
    except FetchError as error:
        if "a zip came" not in str(error):
            raise
        place = _fetch({"system": "workbook", "url": url}, feed_id, "packed", city)
    return Delivery.read(place).pages[0].read_bytes()


def _fetch(terms: Terms, feed_id: str, delivery_id: str, city: City) -> Path:
    size = {"page_size": SIZE} if terms["system"] in PAGED else {}
    feed = read_feed(terms, **size)
    return fetch(feed_id, feed, delivery_id, cursor=None, time_zone=city.time_zone, most_pages=1)


def _read(place: Path) -> pl.DataFrame:
    """Read all fields of the first records of a delivery."""
    receipt = Delivery.read(place).receipt
    try:
        fields = {name for batch in read_batches(place, receipt, set()) for name in batch.fields}
        held: list[pl.DataFrame] = []
        for batch in read_batches(place, receipt, fields):
            held += [batch.records.filter(~batch.broken)] if fields else []
            if sum(map(len, held)) >= MOST:
                break
    except UnreadablePage as error:
        raise ContractError(f"what came cannot be read: {error}") from None
    return pl.concat(held, how="diagonal").head(MOST) if held else pl.DataFrame()
