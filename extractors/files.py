"""One file on the web, fetched whole: CSV, JSON, GeoJSON, a workbook, or a syndication feed (RSS, Atom)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from cities.model import FileFeed, FolderFeed
from extractors.documents import fingerprint, looks_like_html, read_json, records_in
from extractors.errors import FetchError
from extractors.paging import Page
from extractors.question import Question
from extractors.session import Answer, Session
from extractors.source import Format, Layout, Source, address, token

OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
"""The first bytes of a workbook of Excel 97-2003, a compound file ([MS-CFB] 2.2)."""


def ask(feed: FileFeed, question: Question) -> Source:
    """Ask for the whole file, whatever the cursor or window; the access token goes as a bearer token."""
    given = token(feed)
    headers = {"Authorization": f"Bearer {given}"} if given else {}
    session = Session(address(feed), question.spool, question.tally, headers)
    layout = layout_of(feed, feed.system)

    def pages() -> Iterator[Page]:
        yield session.get(session.url, {}, lambda answer: as_page(answer, layout))

    return Source(layout, pages())


def layout_of(feed: FileFeed | FolderFeed, form: Format) -> Layout:
    """Return how a whole file is to be read, as the city file says."""
    return Layout(
        format=form,
        records="features" if form == "geojson" else feed.records,
        header_row=feed.header_row,
        delimiter=feed.delimiter,
        encoding=feed.encoding,
        sheet=feed.sheet,
    )


def as_page(answer: Answer, layout: Layout) -> Page:
    """Return a whole file as one page, refusing what cannot be a file of its format; counted where that is cheap."""
    if layout.format in ("json", "geojson"):
        records = records_in(read_json(answer), layout.records, answer.shown)
        return Page(answer.body, len(records), fingerprint(records))
    _refuse_impostor(answer, layout.format)
    return Page(answer.body, None)


def _refuse_impostor(answer: Answer, kind: Format) -> None:
    start = answer.body.read(512)
    answer.body.seek(0)
    if looks_like_html(start):
        raise FetchError(
            f"{answer.shown}: a web page came instead of a {kind}; the file may have moved, or the site wants a login",
            temporary=True,
        )
    if kind == "workbook" and not start.startswith(OLD_WORKBOOK) and not _is_whole_zip(answer):
        raise FetchError(f"{answer.shown}: what came is no workbook, or only a part of one", temporary=True)
    if not start:
        raise FetchError(f"{answer.shown}: an empty file came", temporary=True)


def _is_whole_zip(answer: Answer) -> bool:
    """Return whether the directory at a zip's very end is there; a workbook that was cut off has none."""
    is_whole = zipfile.is_zipfile(answer.body)
    answer.body.seek(0)
    return is_whole
