"""Tells from a file's bytes which format it is and how it is to be read."""

from __future__ import annotations

import csv
import gzip
import json
import re
import zipfile
import zlib
from collections import Counter
from io import BytesIO, StringIO
from typing import IO, Any

import fastexcel
from defusedxml import ElementTree

from contracts.drafting.recognise import Terms
from contracts.errors import ContractError

DELIMITERS = ",\t;|"
LOOK = 60
"""Lines at the top of a table by which it is judged."""

MOST = 512 * 2**20
GZIP = b"\x1f\x8b"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
USUAL = ("features", "result.records", "value")
"""Where answers of ArcGIS, CKAN and SensorThings that were kept as files hold their records, among other lists."""

VALUE = r"@|\d{4}-\d\d-\d\d|\d+[/.]\d+[/.]\d+|\d{5,}|\d{3}[\s-]+\d{3,4}"
"""What stands in no name of a column: e-mails, dates, numbers of telephones and of records."""

DEEPEST = 4
"""Objects inside objects among which a list of records is looked for."""


def sniff(body: bytes) -> Terms:
    """Return the terms of a whole file: its `format` and what else a feed must say to read it.

    Raises ContractError where it is none of the known formats.
    """
    try:
        return _sniff(_unpacked(gzip.GzipFile(fileobj=BytesIO(body))) if body.startswith(GZIP) else body)
    except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile):
        raise ContractError("what it is packed in is damaged or was cut off; send it again") from None


def _unpacked(file: IO[bytes] | gzip.GzipFile) -> bytes:
    body = file.read(MOST + 1)
    if len(body) > MOST:
        raise ContractError(f"unpacked it is over {MOST // 2**20} MB; give a part of it")
    return body


def _sniff(body: bytes) -> Terms:
    if body.startswith(b"PK\x03\x04"):
        return _zip(body)
    if body.startswith(OLD_WORKBOOK):
        return _workbook(body)
    text = _text(body)
    start = text.lstrip()[:1]
    if start == "<":
        return _markup(body)
    if start in ("{", "["):
        return _json(text)
    return _table(text)


def _text(body: bytes) -> str:
    encoding = next((name for mark, name in MARKS.items() if body.startswith(mark)), "utf-8")
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _zip(body: bytes) -> Terms:
    with zipfile.ZipFile(BytesIO(body)) as file:
        names = [name for name in file.namelist() if not name.endswith("/")]
        if "[Content_Types].xml" in names:
            return _workbook(body)
        if len(names) != 1:
            raise ContractError(f"a zip of {len(names)} files; unpack it and give one of them")
        with file.open(names[0]) as member:
            return {**_sniff(_unpacked(member)), "member": "*." + names[0].rpartition(".")[2]}


def _workbook(body: bytes) -> Terms:
    try:
        book = fastexcel.read_excel(body)
        sheets = {name: _cells(book, name) for name in book.sheet_names}
    except fastexcel.FastExcelError as error:
        raise ContractError(f"no workbook that can be read: {str(error).splitlines()[0]}") from None
    name, cells = max(sheets.items(), key=lambda held: len(held[1]))
    first = {} if name == book.sheet_names[0] else {"sheet": name}
    return {"format": "workbook", **first, **_header(cells)}


def _cells(book: Any, name: str) -> list[list[str]]:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=LOOK, dtypes="string")
    return [[cell or "" for cell in line] for line in sheet.to_polars().rows()]


def _markup(body: bytes) -> Terms:
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError):
        raise ContractError("it begins like XML or a web page and is none that can be read") from None
    if _tag(root) in {"rss", "feed", "RDF"}:
        return {"format": "syndication"}
    often = Counter(_tag(element) for element in _list_in(root) if len(element))
    if not often:
        raise ContractError("the XML holds no list of records")
    return {"format": "xml", "records": often.most_common(1)[0][0]}


def _list_in(element: Any) -> Any:
    """Return the element whose children are the records, below those that hold nothing but one other."""
    inner = list(element)
    is_wrapper = len(inner) == 1 and len(inner[0]) and all(len(one) for one in inner[0])
    return _list_in(inner[0]) if is_wrapper else element


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _json(text: str) -> Terms:
    try:
        document = json.loads(text)
    except RecursionError:
        raise ContractError("the JSON is nested too deep to be a list of records") from None
    except ValueError:
        if _is_object(text.lstrip().partition("\n")[0]):
            return {"format": "ndjson"}
        raise ContractError("it begins like JSON and is none, or was cut off") from None
    found = _lists(document, "", 0)
    if found and isinstance(document, dict) and document.get("type") == "FeatureCollection":
        has_properties = any(isinstance(feature.get("properties"), dict) for feature in document.get("features", []))
        return {"format": "geojson"} if has_properties else {"format": "json", "records": "features"}
    if not found and isinstance(document, dict) and "\n" not in text.strip():
        return {"format": "ndjson"}
    if not found:
        raise ContractError("the JSON holds no list of objects")
    path = next((path for path in USUAL if path in found), max(found, key=lambda path: found[path]))
    return {"format": "json", **({"records": path} if path else {})}


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _lists(document: Any, path: str, depth: int) -> dict[str, int]:
    """Return the lists of objects that lie in a document, by their dotted path, and how long each of them is."""
    if isinstance(document, list):
        return {path: len(document)} if document and all(isinstance(one, dict) for one in document) else {}
    if not isinstance(document, dict) or depth == DEEPEST:
        return {}
    inner = [_lists(value, f"{path}.{name}".lstrip("."), depth + 1) for name, value in document.items()]
    return {path: size for found in inner for path, size in found.items()}


def _table(text: str) -> Terms:
    start = "".join(StringIO(text, newline="").readlines()[: LOOK * 2])
    tables = {delimiter: _lines(start, delimiter) for delimiter in DELIMITERS}
    delimiter = max(tables, key=lambda one: _agreement(tables[one]))
    lines = tables[delimiter]
    if _agreement(lines) == 0:
        raise ContractError("it is no table, JSON, XML, workbook or syndication feed")
    told = {"format": "tsv"} if delimiter == "\t" else {"format": "csv"}
    return {**told, **({"delimiter": delimiter} if delimiter in ";|" else {}), **_header(lines)}


def _lines(text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))[:LOOK]
    except csv.Error:
        return []


def _width(lines: list[list[str]]) -> int:
    widths = Counter(len(line) for line in lines if line)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _agreement(lines: list[list[str]]) -> float:
    """How well lines cut by a delimiter agree in their width; nothing where it cuts none of them."""
    width = _width(lines)
    given = [line for line in lines if line]
    return 0 if width < 2 else sum(len(line) == width for line in given) / len(given) * width**0.5


def _header(lines: list[list[str]]) -> Terms:
    """Say which line names the columns where it is not the first; 0 where none does."""
    width = _width(lines)
    table = [(at, line) for at, line in enumerate(lines, start=1) if len(line) == width]
    row = next((at for at, line in table if _is_header(line)), 0)
    if row and _is_like_the_others(*[line for at, line in table if at >= row]):
        # what it holds are values, maybe of a person, and must not be taken for names
        row = 0
    return {"header_row": row} if row != 1 else {}


def _is_header(line: list[str]) -> bool:
    given = [cell for cell in line if cell.strip()]
    words = [cell for cell in given if re.search(r"[^\W\d]", cell)]
    if any(re.search(VALUE, cell) for cell in given) or len(set(given)) < len(given):
        return False
    return len(given) >= 0.8 * len(line) and len(words) >= 0.5 * len(given)


def _is_like_the_others(first: list[str], *others: list[str]) -> bool:
    """Whether a line is written like those below it: in some column with digits all of them look the same."""
    columns = zip(first, *others, strict=True)
    return len(others) > 1 and any(
        "9" in _look(cell) and all(_look(other) == _look(cell) for other in below) for cell, *below in columns
    )


def _look(cell: str) -> str:
    return re.sub(r"[^\W\d]+", "A", re.sub(r"\d+", "9", cell))
