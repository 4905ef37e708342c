"""One file on the web, fetched whole; what holds for whole files wherever they come from."""

from __future__ import annotations

import zipfile

from cities import Feed
from cities.systems import FileFeed
from cities.terms import FileTerms
from extractors.documents import fingerprint, looks_like_html, read_json, records_in
from extractors.encodings import Encoding, UnknownEncoding, find_encoding, plausible
from extractors.errors import FetchError
from extractors.paging import Page
from extractors.question import Question
from extractors.session import Answer
from extractors.source import Layout, Source, open_session, token
from extractors.unpacking import UnpackError, is_packed, unpacked
from extractors.validator import Validator

OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
"""The first bytes of a workbook of Excel 97-2003, a compound file ([MS-CFB] 2.2)."""

START = 512
TEXTS = ("csv", "fixed_width")
"""Formats whose files do not say themselves how their text is written."""


def ask(feed: FileFeed, question: Question) -> Source:
    """Ask for the whole file, whatever the cursor or window; the access token goes as a bearer token.

    The file is asked for on condition that it changed, and one that came though it is the same as before is not kept.
    """
    given = token(feed)
    headers = {"Authorization": f"Bearer {given}"} if given else {}
    session = open_session(feed, question, headers)
    layout, candidates = layout_of(feed), plausible(feed.encoding, question.zone.key)
    known = Validator.read(question.validator)

    def whole(answer: Answer) -> Source:
        page, validator = as_page(answer, layout, candidates), Validator.of(answer.headers, answer.body)
        if known is None or validator.sha256 != known.sha256:
            return Source(layout, iter([page]), validator=validator.model_dump_json)
        page.body.close()
        return _unchanged(layout, validator)

    def whole_or_known(answer: Answer) -> Source | None:
        if not answer.is_unchanged:
            return whole(answer)
        return _unchanged(layout, known) if known and known.is_repeated_by(answer.headers) else None

    conditions = known.conditions if known else {}
    return session.get(session.url, {}, whole_or_known, conditions) or session.get(session.url, {}, whole)


def _unchanged(layout: Layout, validator: Validator) -> Source:
    return Source(layout, iter(()), validator=validator.model_dump_json, not_modified=True)


def layout_of(feed: FileTerms) -> Layout:
    """Return how a whole file is to be read, as the city file says."""
    told = feed.file_format
    return Layout(
        format="csv" if told == "tsv" else told,
        records="features" if told == "geojson" else feed.records,
        header_row=feed.header_row if feed.header_row is not None else int(told != "fixed_width"),
        header_rows=feed.header_rows,
        delimiter=feed.delimiter or ("\t" if told == "tsv" else ","),
        quote=feed.quote,
        columns=feed.columns,
        counted_in=feed.counted_in,
        encoding=feed.encoding if isinstance(feed.encoding, str) else None,
        sheet=feed.sheet,
        member=feed.member,
        limit_mb=feed.limit_mb,
    )


def layout_today(feed: Feed, kept: Layout) -> Layout:
    """Return how kept pages of a feed are to be read by today's city file; only of whole files does it say that."""
    return layout_of(feed) if isinstance(feed, FileTerms) else kept


def as_page(answer: Answer, layout: Layout, candidates: list[str], file: str = "") -> Page:
    """Return a whole file as one page, refusing what cannot be a file of its format.

    Its records are counted where that is cheap; how its text is written is found out among the candidates.
    """
    if layout.format in ("json", "geojson") and not is_packed(answer.body, layout):
        records = records_in(read_json(answer), layout.records, answer.shown)
        return Page(answer.body, len(records), fingerprint(records), file=file)
    try:
        _refuse_impostors(answer, layout)
        encoding = _encoding(answer, layout, candidates)
    except UnpackError as error:
        raise FetchError(f"{answer.shown}: {error}", temporary=error.temporary) from None
    except UnknownEncoding as error:
        raise FetchError(f"{answer.shown}: {error}") from None
    answer.body.seek(0)
    return Page(answer.body, None, file=file, encoding=encoding)


def _refuse_impostors(answer: Answer, layout: Layout) -> None:
    """Take all that lies in the file once, so that what was cut off is noticed while it can be asked for again."""
    _refuse_web_page(answer, answer.body.read(START))
    for _, chunks in unpacked(answer.body, layout):
        start = next(chunks, b"")
        _refuse_web_page(answer, start)
        if not start:
            raise FetchError(f"{answer.shown}: an empty file came", temporary=True)
        for _ in chunks:
            pass
    if layout.format == "workbook" and not is_packed(answer.body, layout):
        _refuse_no_workbook(answer)
    elif layout.member is None and start.startswith(b"PK\x03\x04") and layout.format != "workbook":
        raise FetchError(f"{answer.shown}: a zip came; name the file in it as the feed's `member`")


def _refuse_web_page(answer: Answer, start: bytes) -> None:
    if looks_like_html(start[:START]):
        raise FetchError(
            f"{answer.shown}: a web page came instead of the file; it may have moved, or the site wants a login",
            temporary=True,
        )


def _refuse_no_workbook(answer: Answer) -> None:
    """The directory lies at a zip's very end; a workbook that was cut off has none."""
    start = answer.body.read(len(OLD_WORKBOOK))
    if start != OLD_WORKBOOK and not zipfile.is_zipfile(answer.body):
        raise FetchError(f"{answer.shown}: what came is no workbook, or only a part of one", temporary=True)


def _encoding(answer: Answer, layout: Layout, candidates: list[str]) -> Encoding | None:
    """Find out how the text of a file is written, of all its members together, unless the city file says it."""
    if layout.format not in TEXTS or layout.encoding is not None:
        return None
    return find_encoding(lambda: (chunk for _, chunks in unpacked(answer.body, layout) for chunk in chunks), candidates)
