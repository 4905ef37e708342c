"""What every feed of a city file may say, whatever its system is, as typed models."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator, model_validator
from pydantic import Field as option

from cities.values import Cron, Title, Zone


class Strict(BaseModel):
    """A part of a city file: unknown keys are mistakes and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


OneOrMore = Annotated[
    list[str], BeforeValidator(_as_list, json_schema_input_type=str | list[str]), option(min_length=1)
]
"""One text, or several in a list."""


class FieldMap(Strict):
    """How one contract field is read from the sender's record."""

    from_: OneOrMore | None = option(
        None, alias="from", description="the sender's field, or its wordings: of several the first given one is read"
    )
    format: str | None = option(None, description="how dates (strptime, epoch_s, epoch_ms) or numbers (1,234.5) look")
    scale: int | None = option(None, description="multiply the number by this, exactly: 100 turns 12.50 into cents")
    zone: Zone | None = option(None, description="time zone of values that carry no offset, when not the city's")
    values: dict[str, str] | None = option(None, description="the sender's codes and ours; one not listed is a finding")
    sql: str | None = option(None, description="a DuckDB expression over the sender's fields, which are all text")

    @field_validator("scale")
    @classmethod
    def _leaves_a_number(cls, scale: int | None) -> int | None:
        if scale == 0:
            raise ValueError("0 would make every number 0; write what it is multiplied by, or leave it out")
        return scale

    @model_validator(mode="after")
    def _one_origin(self) -> FieldMap:
        if (self.from_ is None) == (self.sql is None):
            raise ValueError("give exactly one of `from` and `sql`")
        return self

    @property
    def sender_field(self) -> str:
        """What a finding calls the sender's side of this field: its name, or the expression over it."""
        return " or ".join(self.wordings) or f"sql: {self.sql}"

    @property
    def wordings(self) -> list[str]:
        """The names under which the sender sends this field, the usual one first; none for an expression."""
        return self.from_ or []


def _field_map(value: Any) -> Any:
    return {"from": value} if isinstance(value, (str, list)) else value


class Layout(Strict):
    """What to do when the sender's fields are not those of the city file."""

    added: Literal["warn", "ignore", "refuse"] = "warn"
    removed: Literal["refuse", "warn"] = "refuse"


class Rows(Strict):
    """How many records a delivery may hold; outside it is refused."""

    min: int | None = None
    max: int | None = None


Period = Literal["day", "month", "year"]
"""How a promise of data is divided in time."""


class Coverage(Strict):
    """What the records of a feed must cover: each period, in each area where areas are promised."""

    period: Period
    field: str = option(description="contract field that says which period a record belongs to")
    areas: Literal["all"] | list[str] = option([], description="areas with records in each period; none: the city's")
    since: date | None = option(None, description="day from which it holds, when not the day on which the feed joined")
    filled: list[str] = option([], description="contract fields that may be blank in a record, but not in all")


class ExpectedData(Strict):
    """A data set that a department owes and that nobody has connected yet."""

    title: Title
    period: Period = option(description="how often it should come")
    since: date = option(description="day from which it is owed")
    legal_basis: str | None = option(None, description="why it is owed, when not the department's own legal basis")


class FeedTerms(Strict):
    """What every feed says, whatever its system is.

    `tells_changes` says of a kind of system whether it can tell by a small question that nothing changed.
    """

    tells_changes: ClassVar[bool] = False

    title: Title
    contract: str
    due: str = option(description='local time by which it must have arrived, as "06:30"')
    matters: int = option(1, ge=1, le=3, description="weight in scores")
    critical: bool = option(False, description="a mart cannot do without it")
    schedule: Cron | None = option(None, description="cron of a DAG of its own")
    watch: bool = option(False, description="read every five minutes besides, and watched by the alert rules")
    fields: dict[
        str, Annotated[FieldMap, BeforeValidator(_field_map, json_schema_input_type=str | list[str] | FieldMap)]
    ]
    keep: list[str] = option([], description="sender's fields without a contract field, kept as JSON in `_extra`")
    layout: Layout = Layout()
    snapshot: bool = option(False, description="each delivery is complete: a record that is gone was withdrawn")
    live: bool = option(
        False,
        description="shows only what goes on now: a record that is gone has ended, not been withdrawn",
    )
    rows: Rows = Rows()
    coverage: Coverage | None = option(None, description="what its records must cover, to see what is missing")
    time_zone: Zone | None = option(None, description="of values that carry no offset, when not the city's")
    url: str = ""
    url_env: str | None = option(None, description="environment variable whose address replaces `url` when it is set")
    token_env: str | None = option(None, description="environment variable that holds the source's access token")
    overlap: timedelta = option(
        timedelta(0), description="how far before the cursor to ask again, for late corrections: P2D is two days"
    )

    @field_validator("due")
    @classmethod
    def _is_time(cls, due: str) -> str:
        if not re.fullmatch(r"\d\d:\d\d", due):
            raise ValueError('write the local time in quotes, like "06:30"')
        time.fromisoformat(due)
        return due

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        try:
            urlsplit(url)
        except ValueError as error:
            raise ValueError(f"no address ({error}); correct it") from None
        return url

    @field_validator("overlap")
    @classmethod
    def _lies_before_the_cursor(cls, overlap: timedelta) -> timedelta:
        if overlap < timedelta(0):
            raise ValueError("it goes back by itself, and a minus would pass over records; write it like P2D")
        return overlap

    @model_validator(mode="after")
    def _is_gone_for_one_reason(self) -> FeedTerms:
        if self.live and self.snapshot:
            raise ValueError("what is gone was withdrawn (`snapshot`) or has ended (`live`): say one of the two")
        return self

    @model_validator(mode="after")
    def _has_address(self) -> FeedTerms:
        if not (self.url or self.url_env):
            raise ValueError("give `url`, or `url_env` where the address holds a credential")
        return self


class LimitedTerms(FeedTerms):
    """What a feed says besides whose answers are limited in size."""

    limit_mb: int = option(512, ge=1, description="an answer or a file larger than this, unpacked, is refused")


class WebTerms(LimitedTerms):
    """What a feed of a web server says besides: how it may be asked."""

    parallel: int = option(4, ge=1, le=16, description="pages asked for at once, where the system allows it")
    rate: float | None = option(None, gt=0, description="most calls a second that the department allows")
    hosts: list[str] = option([], description="other hosts that the source may redirect to")


FileFormat = Literal["csv", "tsv", "fixed_width", "json", "ndjson", "xml", "geojson", "workbook", "syndication"]


class Column(Strict):
    """Where one column stands in each line of a file of fixed width."""

    name: str
    start: int = option(ge=1, description="its first place in the line, counted from 1")
    width: int = option(ge=1)


class FileTerms(LimitedTerms):
    """What a feed of whole files says besides, wherever they come from: how they are to be read."""

    tells_changes: ClassVar[bool] = True

    header_row: int | Literal["auto"] | None = option(
        None,
        description="line that names the columns, those above are titles; 0: none does; auto: found by the mapped "
        "wordings; 1 when not given, of fixed width 0",
    )
    header_rows: int = option(1, ge=1, description="lines that name the columns together")
    delimiter: str | None = option(None, min_length=1, max_length=1, description="comma, of tsv the tab")
    quote: str = option('"', max_length=1, description='what values with a delimiter stand in; "" where nothing quotes')
    columns: list[Column] = option([], description="of a file of fixed width")
    counted_in: Literal["characters", "bytes"] = option("characters", description="what start and width count")
    encoding: str | list[str] | None = option(
        None, description="of text; found out and told when not given, among those of a list or those of the time zone"
    )
    sheet: str | None = option(None, description="of a workbook, a name or a pattern like *; its first when not given")
    records: str = option(
        "", description="of JSON: where the list of records lies, like result.records; of XML: a record's element"
    )
    member: str | None = option(None, description="of a zip: the name of the file in it, or a pattern like *.csv")

    @field_validator("header_row", mode="before")
    @classmethod
    def _is_row(cls, told: Any) -> Any:
        if told not in (None, "auto") and (not isinstance(told, int) or told < 0):
            raise ValueError("write the number of the line that names the columns, 0 where none does, or auto")
        return told

    @field_validator("encoding", mode="before")
    @classmethod
    def _is_encoding(cls, told: Any) -> Any:
        for name in _as_list(told) if told else []:
            try:
                "".encode(name)
            except (LookupError, TypeError):
                raise ValueError(f"{name!r} is no text encoding; write it like utf-8, gb18030 or cp1252") from None
        return told or None

    @property
    def file_format(self) -> FileFormat:
        """The format of its files."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _has_columns(self) -> FileTerms:
        if bool(self.columns) != (self.file_format == "fixed_width"):
            raise ValueError("`columns` belong to the format fixed_width, which needs them")
        if len({column.name for column in self.columns}) < len(self.columns):
            raise ValueError("two of the `columns` have one name")
        return self
