"""Records and ways of writing them, made from the contracts themselves.

A good record is drawn as typed values from what its contract declares of each field; a writing says how its sender
would put each value into text, and how the city file then reads it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import strategies as st

from contracts import Contract, ContractField
from tests.contracts.kinds import sender_name

AREAS = ["32", "33"]
HOME_ZONE = "America/Chicago"
ZONES = [HOME_ZONE, "Europe/Berlin", "Asia/Shanghai"]
CANARY = "canary"
"""Stands in every personal value: where it shows up, somebody was given away."""

LAST_DAY = date(2026, 11, 22)
DTYPES: dict[str, Any] = {
    "str": pl.String, "int": pl.Int64, "float": pl.Float64, "bool": pl.Boolean, "date": pl.Date,
    "instant": pl.Datetime("us", "UTC"),
}  # fmt: skip
Record = dict[str, Any]


# values

words = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="@"), min_size=1, max_size=8)
plain_texts = st.lists(words, min_size=1, max_size=3).map(" ".join)
awkward_texts = st.sampled_from(
    ['a "b", c', "a,b;c\td", "line\nbreak", "007", "null", "路灯 坏了", "{}", "'", "1e5", "\\n"]
)
personal_texts = st.integers(0, 10**6).map(lambda number: f"{CANARY} {number} Quill")
free_texts = st.sampled_from(
    ["Lamp out", f"ask {CANARY}7@mail.example", f"{CANARY}8@mail.example or 312-555-0199, please", "路灯坏了"]
)


def _texts(held: ContractField) -> st.SearchStrategy[str]:
    if held.allowed:
        return st.sampled_from(held.allowed)
    if held.reference == "area":
        return st.sampled_from(AREAS)
    if held.pattern:
        return st.from_regex(held.pattern, fullmatch=True).filter(lambda text: text == text.strip())
    if held.privacy == "mask":
        return free_texts
    return personal_texts if held.is_personal else st.one_of(plain_texts, awkward_texts)


def _decimals(held: ContractField) -> st.SearchStrategy[float]:
    least, most = held.ge if held.ge is not None else -(10.0**6), held.le if held.le is not None else 10.0**6
    small = st.integers(0, 50_000).map(lambda number: number / 1000)
    wide = st.decimals(Decimal(str(least)), Decimal(str(most)), places=3, allow_nan=False, allow_infinity=False)
    return st.one_of(small.filter(lambda value: least <= value <= most), wide.map(float))


def _whole_numbers(held: ContractField) -> st.SearchStrategy[int]:
    least, most = held.ge if held.ge is not None else -(10**12), held.le if held.le is not None else 10**12
    return st.integers(int(least), int(most))


def _is_plain(instant: datetime) -> bool:
    """Whether the instant has a clock time of its own in every zone."""
    local = [instant.astimezone(ZoneInfo(zone)) for zone in ZONES]
    return all(one.replace(fold=0).utcoffset() == one.replace(fold=1).utcoffset() for one in local)


instants = (
    st.datetimes(datetime(1995, 1, 1), datetime(2026, 11, 22), timezones=st.just(UTC))
    .map(lambda instant: instant.replace(microsecond=0))
    .filter(_is_plain)
)


def values(held: ContractField) -> st.SearchStrategy[Any]:
    """Values that a contract accepts in a field, blanks included where it may be blank."""
    given = {
        "str": _texts, "int": _whole_numbers, "float": _decimals, "bool": lambda _: st.booleans(),
        "date": lambda _: st.dates(date(1995, 1, 1), LAST_DAY), "instant": lambda _: instants,
    }[held.type](held)  # fmt: skip
    return given if held.required else st.one_of(given, given, st.none())


def broken_rules(contract: Contract, records: list[Record]) -> list[set[str]]:
    """Return for each record the fields whose rules between fields it breaks, by the rules' own expressions."""
    frame = typed_frame(contract, records)
    told: list[set[str]] = [set() for _ in records]
    for number, rule in enumerate(contract.rules):
        passes = frame.select(rule.holds(contract.in_zone(HOME_ZONE).model).fill_null(True).alias("x"))["x"]
        for at in passes.not_().arg_true():
            told[at].add(f"{number} {rule.rule.id}")
    return told


def typed_frame(contract: Contract, records: list[Record]) -> pl.DataFrame:
    """Return typed records as the check sees them after reading."""
    schema = {held.name: DTYPES[held.type] for held in contract.fields}
    return pl.DataFrame([[one[name] for one in records] for name in schema], schema=schema, orient="col")


def mended(contract: Contract, record: Record, keep: set[str], but: str | None = None) -> Record | None:
    """Change a record, outside the fields to keep, until it breaks no rule between fields but the one named."""
    for _ in range(8):
        broken = sorted(told for told in broken_rules(contract, [record])[0] if told != but)
        if not broken:
            return record
        rule = contract.rules[int(broken[0].split()[0])]
        others = [name for name in rule.holds(contract.model).meta.root_names() if name not in keep]
        changes = [{name: value} for name in others for value in _other_values(contract, contract.field(name))]
        counts = [len(broken_rules(contract, [record | change])[0]) for change in changes]
        if not changes:
            return None
        record = record | changes[counts.index(min(counts))]
    return None


def _other_values(contract: Contract, held: ContractField) -> list[Any]:
    plain = {"float": [0.0, 20.0], "instant": [datetime(1996, 1, 1, 12, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)],
             "date": [date(1996, 1, 1), date(2026, 11, 1)]}  # fmt: skip
    return [*([] if held.required else [None]), *held.allowed, *plain.get(held.type, [])]


@st.composite
def good_records(draw: st.DrawFn, contract: Contract) -> Record:
    """One record that its contract accepts without a finding."""
    drawn = {held.name: draw(values(held)) for held in contract.fields}
    found = mended(contract, drawn, keep=set())
    assert found is not None
    return found


def rekeyed(contract: Contract, record: Record, number: int) -> Record:
    """Return a record under a key of its own."""
    first = contract.key[0]
    return record | {first: f"{str(record[first])[:20].strip() or 'K'}-{number}"}


# writings


@dataclass(frozen=True)
class Writing:
    """How one field is written by its sender, and what the city file says to read it back."""

    told: dict[str, Any]
    write: Callable[[Any], Any]
    zone: str | None = None
    codes: dict[str, str] = field(default_factory=dict)


def _local(zone: str, pattern: str) -> Callable[[datetime], str]:
    return lambda instant: instant.astimezone(ZoneInfo(zone)).strftime(pattern)


def _instant_writings() -> list[Writing]:
    offset = _local("Asia/Shanghai", "%Y-%m-%dT%H:%M:%S")
    american, german = "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y %H:%M:%S %z"
    return [
        Writing({}, lambda instant: instant.strftime("%Y-%m-%dT%H:%M:%SZ")),
        Writing({}, lambda instant: offset(instant) + "+08:00"),
        Writing({}, lambda instant: offset(instant) + ".000+0800"),
        *(Writing({} if zone == HOME_ZONE else {"zone": zone}, _local(zone, "%Y-%m-%dT%H:%M:%S.000"), zone)
          for zone in ZONES),
        Writing({"format": american}, _local(HOME_ZONE, american)),
        Writing({"format": german}, lambda instant: instant.strftime(german)),
        Writing({"format": "epoch_s"}, lambda instant: str(int(instant.timestamp()))),
        Writing({"format": "epoch_ms"}, lambda instant: int(instant.timestamp()) * 1000),
    ]  # fmt: skip


def _date_writings() -> list[Writing]:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return [
        Writing({}, date.isoformat),
        Writing({}, lambda day: f"{day}T00:00:00.000"),
        Writing({}, lambda day: f"{day}T12:00:00Z"),
        *(Writing({"format": pattern}, lambda day, pattern=pattern: day.strftime(pattern))
          for pattern in ("%m/%d/%Y", "%d.%m.%Y", "%d-%b-%Y", "%Y年%m月%d日")),
        Writing({"format": "epoch_ms", "zone": "UTC"},
                lambda day: (datetime(day.year, day.month, day.day, tzinfo=UTC) - epoch) // timedelta(milliseconds=1)),
    ]  # fmt: skip


def _number_writings(held: ContractField) -> list[Writing]:
    scale = 100 if held.type == "int" and held.unit == "cents" else None
    terms = {"scale": scale} if scale else {}

    def exact(value: Any) -> Decimal:
        return Decimal(str(value)) / (scale or 1)

    def grouped(value: Any, before: str, group: str, point: str) -> str:
        plain = f"{abs(exact(value)):,f}".replace(",", "\0").replace(".", point).replace("\0", group)
        return f"{before}{'-' if value < 0 else ''}{plain}"

    return [
        Writing(terms, lambda value: f"{exact(value):f}"),
        Writing(terms, lambda value: f"{exact(value):f}" + ("" if "." in f"{exact(value):f}" else ".0")),
        *([] if scale else [Writing({}, lambda value: value)]),
        *(Writing({**terms, "format": f"{before}1{group}234{point}5"},
                  lambda value, parts=(before, group, point): grouped(value, *parts))
          for before, group, point in [("", ",", "."), ("", ".", ","), ("$", ",", "."), ("", " ", ","),
                                       ("", "'", ".")]),
    ]  # fmt: skip


def _bool_writings() -> list[Writing]:
    pairs = [("true", "false"), ("Y", "N"), ("1", "0"), ("Yes", "No"), (True, False)]
    return [Writing({}, lambda value, pair=pair: pair[0] if value else pair[1]) for pair in pairs]


def _code_writings(held: ContractField) -> list[Writing]:
    codes = {f"{number} {ours.title()}": ours for number, ours in enumerate(held.allowed)}
    theirs = {ours: code for code, ours in codes.items()}
    return [
        Writing({}, str),
        Writing({"values": {**codes, "Legacy": "no longer allowed"}}, lambda value: theirs[value], codes=codes),
    ]


def writings(held: ContractField) -> list[Writing]:
    """Every way in which a field may be written."""
    if held.type == "instant":
        return _instant_writings()
    if held.type == "date":
        return _date_writings()
    if held.type in {"int", "float"}:
        return _number_writings(held)
    if held.type == "bool":
        return _bool_writings()
    if held.allowed:
        return _code_writings(held)
    expression = Writing({"sql": f"{sender_name(held.name)}::JSON->>'$'"}, json.dumps)
    return [Writing({}, str), expression]


# deliveries

FORMATS: dict[str, dict[str, Any]] = {
    "json": {"format": "json"}, "wrapped": {"format": "json", "records": "result.records"},
    "ndjson": {"format": "ndjson"}, "csv": {"format": "csv"},
    "gb18030": {"format": "csv", "delimiter": ";", "encoding": "gb18030", "header_row": 2},
}  # fmt: skip


def as_body(names: list[str], records: list[Record], form: str) -> bytes:
    """Write sent records as one page of a format."""
    if form == "json":
        return json.dumps([_without_blanks(one) for one in records], ensure_ascii=False).encode()
    if form == "wrapped":
        return json.dumps({"result": {"records": records, "total": 1}}).encode()
    if form == "ndjson":
        return "\n".join(json.dumps(_without_blanks(one), ensure_ascii=False) for one in records).encode()
    file = io.StringIO()
    writer = csv.writer(file, delimiter=FORMATS[form].get("delimiter", ","))
    if form == "gb18030":
        file.write("Report of the day\n")
    writer.writerow(names)
    writer.writerows(["" if one.get(name) is None else one[name] for name in names] for one in records)
    return file.getvalue().encode(FORMATS[form].get("encoding", "utf-8"))


def _without_blanks(record: Record) -> Record:
    return {name: value for name, value in record.items() if value is not None}


@dataclass(repr=False)
class Terms:
    """How all fields of one delivery are written, and in which format."""

    contract: Contract
    writing: dict[str, Writing]
    form: str

    def __repr__(self) -> str:
        return f"{self.contract.name} as {self.form}: {self.feed['fields']}"

    @property
    def feed(self) -> dict[str, Any]:
        """What the city file says of the feed."""
        return {
            "contract": self.contract.name,
            "fields": {name: ({} if "sql" in held.told else {"from": sender_name(name)}) | held.told
                       for name, held in self.writing.items()},
        }  # fmt: skip

    def sent(self, record: Record) -> Record:
        """Write one record as its sender would."""
        return {
            sender_name(name): None if value is None else self.writing[name].write(value)
            for name, value in record.items()
        }

    def body(self, sent: list[Record]) -> bytes:
        """Write sent records as one page."""
        return as_body([sender_name(name) for name in self.writing], sent, self.form)


@st.composite
def terms(draw: st.DrawFn, contract: Contract) -> Terms:
    """A way to write all records of a delivery."""
    writing = {held.name: draw(st.sampled_from(writings(held))) for held in contract.fields}
    return Terms(contract, writing, draw(st.sampled_from(list(FORMATS))))


def harshest_terms(contract: Contract, form: str) -> Terms:
    """The way to write that lets most rules apply: clock times without offset, and codes of the sender's own."""

    def chosen(held: ContractField) -> Writing:
        ways = writings(held)
        return next((way for way in ways if way.zone == HOME_ZONE or way.codes), ways[0])

    return Terms(contract, {held.name: chosen(held) for held in contract.fields}, form)
