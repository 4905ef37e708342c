"""What a city file may say, as typed models.

Every key is described here once; the JSON Schema for editors and the error messages come from these models.
"""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator, model_validator
from pydantic import Field as option

Words = dict[str, str]
"""One text in several languages: language code to text."""


class Strict(BaseModel):
    """A part of a city file: unknown keys are mistakes and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldMap(Strict):
    """How one contract field is read from the sender's record."""

    from_: str | None = option(None, alias="from", description="the sender's field")
    format: str | None = option(None, description="how dates (strptime, epoch_s, epoch_ms) or numbers (1,234.5) look")
    scale: int | None = option(None, description="multiply the number by this, exactly: 100 turns 12.50 into cents")
    zone: str | None = option(None, description="time zone of values that carry no offset, when not the city's")
    values: dict[str, str] | None = option(None, description="the sender's codes and ours; one not listed is a finding")
    sql: str | None = option(None, description="a DuckDB expression over the sender's fields, which are all text")

    @model_validator(mode="after")
    def _one_origin(self) -> FieldMap:
        if (self.from_ is None) == (self.sql is None):
            raise ValueError("give exactly one of `from` and `sql`")
        return self

    @property
    def sender_field(self) -> str:
        """What a finding calls the sender's side of this field: its name, or the expression over it."""
        return self.from_ or f"sql: {self.sql}"


def _field_map(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


class Layout(Strict):
    """What to do when the sender's fields are not those of the city file."""

    added: Literal["warn", "ignore", "refuse"] = "warn"
    removed: Literal["refuse", "warn"] = "refuse"


class Rows(Strict):
    """How many records a delivery may hold; outside it is refused."""

    min: int | None = None
    max: int | None = None


class FeedTerms(Strict):
    """What every feed says, whatever its system is."""

    title: Words
    contract: str
    due: str = option(description='local time by which it must have arrived, as "06:30"')
    matters: int = option(1, ge=1, le=3, description="weight in scores")
    critical: bool = option(False, description="a mart cannot do without it")
    schedule: str | None = option(None, description="cron of a DAG of its own")
    fields: dict[str, Annotated[FieldMap, BeforeValidator(_field_map)]]
    keep: list[str] = option([], description="sender's fields without a contract field, kept as JSON in `_extra`")
    layout: Layout = Layout()
    snapshot: bool = option(False, description="each delivery is complete: a record that is gone was withdrawn")
    rows: Rows = Rows()
    time_zone: str | None = option(None, description="of values that carry no offset, when not the city's")
    url: str = ""
    url_env: str | None = option(None, description="environment variable whose address replaces `url` when it is set")
    token_env: str | None = option(None, description="environment variable that holds the source's access token")

    @field_validator("due")
    @classmethod
    def _is_time(cls, due: str) -> str:
        if not re.fullmatch(r"\d\d:\d\d", due):
            raise ValueError('write the local time in quotes, like "06:30"')
        time.fromisoformat(due)
        return due

    @model_validator(mode="after")
    def _has_address(self) -> FeedTerms:
        if not (self.url or self.url_env):
            raise ValueError("give `url`, or `url_env` where the address holds a credential")
        return self


class SocrataFeed(FeedTerms):
    """A Socrata (SODA 2.1) data set."""

    system: Literal["socrata"]
    cursor: str | None = None
    order: str | None = option(None, description="stable order of the pages; `:id` when not given")
    where: str | None = None
    page_size: int = option(1000, ge=1, le=50000)


class Open311Feed(FeedTerms):
    """The requests of an Open311 GeoReport v2 end point."""

    system: Literal["open311"]
    cursor: str | None = None
    format: Literal["json", "xml"] = "json"
    params: dict[str, str] = {}
    page_size: int = option(200, ge=1, le=1000)


class ArcgisFeed(FeedTerms):
    """A layer of an ArcGIS FeatureServer or MapServer."""

    system: Literal["arcgis"]
    cursor: str | None = None
    where: str = "1=1"
    page_size: int | None = option(None, ge=1, description="at most the layer's maxRecordCount, the default")


class CkanFeed(FeedTerms):
    """A CKAN DataStore resource."""

    system: Literal["ckan"]
    resource_id: str
    sort: str = "_id"
    filters: dict[str, str] = {}
    page_size: int = option(1000, ge=1, le=32000)


class SensorthingsFeed(FeedTerms):
    """An entity set of an OGC SensorThings 1.1 service."""

    system: Literal["sensorthings"]
    cursor: str | None = None
    expand: str | None = None
    page_size: int = option(1000, ge=1)


class SqlFeed(FeedTerms):
    """A table of the department's own database (`sqlite:///file` under CIVICLAKE_HOME, `sqlite:////file`, `postgresql://`)."""

    system: Literal["sql"]
    table: str
    key: list[str] = option(description="columns that order the rows")
    cursor: str | None = None
    page_size: int = option(50_000, ge=1)


class FileFeed(FeedTerms):
    """A file on the web, fetched whole."""

    system: Literal["csv", "json", "geojson", "workbook", "syndication"]
    header_row: int = option(1, ge=1, description="the line that names the columns; those above it are titles")
    delimiter: str = ","
    encoding: str = "utf-8"
    sheet: str | None = option(None, description="of a workbook; its first when not given")
    records: str = option("", description="of JSON: where the list of records lies, like result.records")


class FolderFeed(FeedTerms):
    """Files dropped into a local folder: `url: file:///folder`, or `file:folder` under CIVICLAKE_HOME."""

    system: Literal["folder"]
    glob: str
    format: Literal["csv", "json", "geojson", "workbook"]
    header_row: int = option(1, ge=1)
    delimiter: str = ","
    encoding: str = "utf-8"
    sheet: str | None = None
    records: str = ""


Feed = Annotated[
    SocrataFeed | Open311Feed | ArcgisFeed | CkanFeed | SensorthingsFeed | SqlFeed | FileFeed | FolderFeed,
    option(discriminator="system"),
]
"""One stream of records from one department; its class is its kind of system."""


class Contact(Strict):
    """Whom people ask."""

    name: str
    email: str


class Areas(Strict):
    """The districts that the city's records speak of."""

    kind: Words
    codes: list[str] = option(min_length=1)


class DepartmentFile(Strict):
    """One department's YAML."""

    title: Words
    steward: str
    schedule: str
    legal_basis: str
    feeds: dict[str, Feed]


class CityFile(Strict):
    """`city.yml`: what holds for all departments of the city."""

    title: Words
    time_zone: str
    languages: list[str] = ["en"]
    areas: Areas
    contact: Contact
    delivery_days: int = option(30, ge=1, description="days that kept deliveries stay: they hold personal values")

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("not a time zone of the IANA database; write it like America/Chicago")
        return name


class Department(DepartmentFile):
    """A department with its id, which is its file's name."""

    id: str


class City(CityFile):
    """A whole city: its own settings and its departments by id."""

    id: str
    departments: dict[str, Department]

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def feeds(self) -> dict[str, Feed]:
        """All feeds by their id `<department>__<feed>`, in the order of the files."""
        return {
            f"{department.id}__{name}": feed
            for department in self.departments.values()
            for name, feed in department.feeds.items()
        }

    def department_of(self, feed_id: str) -> Department:
        """Return the department that answers for a feed id."""
        return self.departments[feed_id.split("__")[0]]
