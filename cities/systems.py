"""The kinds of system that a feed may come from: each class holds what its kind says besides the terms of all feeds."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field as option
from pydantic import field_validator, model_validator

from cities.terms import FeedTerms, FileFormat, FileTerms, OneOrMore, WebTerms


class SocrataFeed(WebTerms):
    """A Socrata (SODA 2.1) data set."""

    system: Literal["socrata"]
    cursor: str | None = None
    key: str = option(":id", description="field that tells records apart, never blank: pages are ranges of it")
    where: str | None = None
    page_size: int = option(1000, ge=1, le=50000)


class Open311Feed(WebTerms):
    """The requests of an Open311 GeoReport v2 end point."""

    system: Literal["open311"]
    cursor: str | None = None
    format: Literal["json", "xml"] = "json"
    params: dict[str, str] = {}
    page_size: int | None = option(200, ge=1, le=1000, description="null where the end point has no pages")


class ArcgisFeed(WebTerms):
    """A layer of an ArcGIS FeatureServer or MapServer."""

    system: Literal["arcgis"]
    cursor: str | None = None
    where: str = "1=1"
    page_size: int | None = option(None, ge=1, description="at most the layer's maxRecordCount, the default")


class CkanFeed(WebTerms):
    """A CKAN DataStore resource."""

    system: Literal["ckan"]
    resource_id: str
    sort: str = "_id"
    filters: dict[str, str] = {}
    page_size: int = option(1000, ge=1, le=32000)


class SensorthingsFeed(WebTerms):
    """An entity set of an OGC SensorThings 1.1 service."""

    system: Literal["sensorthings"]
    cursor: str | None = None
    expand: str | None = None
    page_size: int = option(1000, ge=1)


class NgsiLdFeed(WebTerms):
    """The entities of one type that an NGSI-LD broker holds (ETSI GS CIM 009): `url` ends in /ngsi-ld/v1/entities."""

    system: Literal["ngsi_ld"]
    type: str = option(description="entity type: a term of the context, or a whole URI")
    cursor: str | None = option(None, description="modifiedAt, an attribute, or its observedAt: speed.observedAt")
    q: str | None = option(None, description="further condition in the standard's query language")
    attrs: list[str] = option([], description="attributes to send; all when not given")
    form: Literal["simplified", "normalized"] = "simplified"
    context: str | None = option(None, description="address of the JSON-LD context that names types and attributes")
    tenant: str | None = None
    page_size: int = option(500, ge=1, le=1000)

    @model_validator(mode="after")
    def _sends_its_cursor(self) -> NgsiLdFeed:
        if self.cursor and "." in self.cursor and self.form == "simplified":
            raise ValueError("only `form: normalized` sends what lies inside an attribute, like its observedAt")
        return self


class OdataFeed(WebTerms):
    """An entity set of an OData 4 service, or of an OData 3 Web API such as Legistar's."""

    system: Literal["odata"]
    version: Literal[3, 4] = 4
    key: str = option(description="the field that tells the entities apart; pages come in its order")
    key_type: Literal["Int", "String", "Guid"] = "Int"
    cursor: str | None = None
    cursor_type: Literal["DateTimeOffset", "DateTime", "Date", "Int"] | None = option(
        None, description="DateTimeOffset in version 4 and DateTime (a clock time) in 3 when not given"
    )
    filter: str | None = None
    expand: str | None = None
    records: str | None = option(None, description="where the list lies; not given, `value` in version 4, the top in 3")
    token_param: str | None = option(None, description="query parameter that carries the token, like token or api_key")
    token_header: str | None = option(None, description="header that carries it, when not as a bearer token")
    page_size: int = option(1000, ge=1)


class MqttFeed(FeedTerms):
    """Topics of an MQTT 5 broker, `mqtt://host` or over TLS `mqtts://host`, gathered for some time at each run."""

    system: Literal["mqtt"]
    topics: list[str] = option(min_length=1, description="topic filters, like sensors/+/state or sensors/#")
    client_id: str | None = option(None, description="the session's name at the broker, civiclake-<feed> if not given")
    seconds: float = option(30, gt=0, description="how long to gather")
    most: int = option(100_000, ge=1, description="messages after which a gathering ends; the broker keeps the others")
    limit_mb: int = option(512, ge=1, description="size after which a gathering ends")
    session_days: int = option(7, ge=1, description="days that the broker keeps messages for us between two gatherings")
    user_env: str | None = option(None, description="environment variable with the broker's user")
    password_env: str | None = option(None, description="environment variable with its password")
    ca_file: str | None = option(None, description="certificate of the broker's authority, when it is not a public one")


class SqlFeed(FeedTerms):
    """A table or query of the department's own database: `postgresql://`, `mysql://`, `mariadb://`, or the file
    `sqlite:///file`, `duckdb:///file`, `parquet:///folder/*.parquet` under CIVICLAKE_HOME (four slashes: anywhere)."""

    system: Literal["sql"]
    table: str | None = option(None, description="its name; not given, all records of Parquet files")
    query: str | None = option(None, description="a SELECT instead of a table; Parquet files are its table `records`")
    key: list[str] = option(min_length=1, description="columns that tell every row from the others, and order them")
    cursor: str | None = None
    page_size: int = option(50_000, ge=1)
    seconds: int = option(600, ge=1, description="a statement that takes longer is ended")

    @model_validator(mode="after")
    def _names_its_rows(self) -> SqlFeed:
        if self.table and self.query:
            raise ValueError("give `table` or `query`, not both")
        if not (self.table or self.query or self.url_env or self.url.startswith("parquet:")):
            raise ValueError("give `table` or `query`")
        return self


class FileFeed(FileTerms, WebTerms):
    """A file on the web, fetched whole; the system is its format."""

    system: FileFormat

    @property
    def file_format(self) -> FileFormat:
        """The format of the file."""
        return self.system


class DropTerms(FileTerms):
    """What a feed of dropped files says besides: which are meant, and when one is finished."""

    glob: str = option(description="names of the files, like *.csv; all that match are one delivery")
    format: FileFormat
    settle: float = option(
        2, ge=0, le=60, description="seconds that a file must have lain unchanged to be finished; they are waited for"
    )
    done: str | None = option(
        None, description='a file is finished when a marker file lies beside it, named like "{name}.ok"'
    )

    @field_validator("glob")
    @classmethod
    def _stays_in_the_folder(cls, glob: str) -> str:
        parts = PurePosixPath(glob).parts
        if not parts or glob.startswith("/") or ".." in parts:
            raise ValueError("write names of files in the folder that `url` names, like *.csv")
        return glob

    @field_validator("done")
    @classmethod
    def _names_the_file(cls, done: str | None) -> str | None:
        if done is not None and ("{name}" not in done or done == "{name}"):
            raise ValueError('write {name} for the name of the file, like "{name}.ok"')
        if done is not None and "/" in done:
            raise ValueError('the marker file lies beside the file; write it without a folder, like "{name}.ok"')
        return done

    @property
    def file_format(self) -> FileFormat:
        """The format of the files."""
        return self.format


class FolderFeed(DropTerms):
    """Files dropped into a local folder: `url: file:///folder`, or `file:folder` under CIVICLAKE_HOME."""

    system: Literal["folder"]

    @field_validator("glob")
    @classmethod
    def _reaches_into_whole_folders(cls, glob: str) -> str:
        if any("**" in part and part != "**" for part in PurePosixPath(glob).parts):
            raise ValueError("** stands for folders alone; write it like **/*.csv")
        return glob


class SftpFeed(DropTerms):
    """Files dropped on an SFTP server: `url: sftp://user@host/folder`, with `/~/folder` in the user's home."""

    system: Literal["sftp"]
    host_key: OneOrMore = option(
        description="fingerprint of the server's key as ssh-keygen -lf shows it, SHA256:..., or several"
    )
    password_env: str | None = option(
        None, description="environment variable with the password, or with key_env the key's passphrase"
    )
    key_env: str | None = option(None, description="environment variable with the private key, or the path of its file")

    @model_validator(mode="after")
    def _is_guarded(self) -> SftpFeed:
        if not (self.password_env or self.key_env):
            raise ValueError("give `password_env` or `key_env`")
        if not all(re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", key) for key in self.host_key):
            raise ValueError("write `host_key` as ssh-keygen -lf shows it: SHA256: and 43 characters")
        return self


Feed = Annotated[
    SocrataFeed
    | Open311Feed
    | ArcgisFeed
    | CkanFeed
    | SensorthingsFeed
    | NgsiLdFeed
    | OdataFeed
    | MqttFeed
    | SqlFeed
    | FileFeed
    | FolderFeed
    | SftpFeed,
    option(discriminator="system"),
]
"""One stream of records from one department; its class is its kind of system."""
