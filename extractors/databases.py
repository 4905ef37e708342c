"""A read-only way into a department's own database, by DuckDB's extensions; nothing is ever written there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Timer
from urllib.parse import urlsplit

import duckdb

from cities import home
from extractors.dialects import Dialect, DuckDb, Mysql, Sqlite
from extractors.errors import FetchError
from extractors.extensions import extension_file
from extractors.quoting import literal
from extractors.session import show

Row = tuple[str | None, ...]

SCHEMES = {
    "sqlite": "sqlite",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "duckdb": "duckdb",
    "parquet": "parquet",
}
"""What a database's url may begin with, and DuckDB's name for it."""

FILES = "records"
"""The name under which a query finds the records of Parquet files."""

LASTING = re.compile(
    r"does(n't| not) exist|no such|denied|authentication failed|syntax|unknown (column|database)|permission", re.I
)
"""Words of a database for what asking again does not change."""

VALUE = re.compile(r"""(: |value |string )(["']).*""", re.DOTALL)
"""Where a database's reason begins to repeat a value of a row."""


class Database:
    """An open database, read in one transaction.

    `url` is `postgresql://...`, `mysql://...`, `mariadb://...`, or a file under CIVICLAKE_HOME: `sqlite:///file`,
    `duckdb:///file`, `parquet:///folder/*.parquet` (with four slashes anywhere else). SQLite, PostgreSQL and DuckDB
    show one state of all rows to all questions; MySQL and MariaDB the state at each question. A statement that takes
    longer than `seconds` is ended. Every method raises FetchError with the database's own reason, without values.
    """

    def __init__(self, url: str, seconds: int) -> None:
        self._url, self._seconds = url, seconds
        self._system, place = _place(url)
        # without a place of its own for secrets, DuckDB would look for some in the user's home
        secrets = str(home() / "secrets" / "duckdb")
        self._duckdb = duckdb.connect(config={"autoinstall_known_extensions": False, "secret_directory": secrets})
        try:
            self._open(place)
        except BaseException:
            self.close()
            raise

    def _open(self, place: str) -> None:
        for statement in _opening(self._system, place):
            self._run(statement)
        self.dialect = self._dialect()
        self._run("BEGIN TRANSACTION READ ONLY")
        if self._system == "postgres":
            limit = f"SELECT set_config('statement_timeout', '{self._seconds}s', true) AS told"
            self._run(self._asking(limit)).fetchall()

    def rows(self, query: str) -> list[Row]:
        """Return what the database answers to a SELECT of texts."""
        return [row for rows in self.batches(query, 1000) for row in rows]

    def batches(self, query: str, size: int) -> Iterator[list[Row]]:
        """Yield the rows of an answer some at a time, so that wide ones do not lie in memory all at once."""
        self._run(self._asking(self.dialect.limited(query, self._seconds)))
        while rows := self._fetched(size):
            yield rows

    def columns(self, query: str) -> dict[str, str]:
        """Return the names of the columns that a SELECT has, in their order, and DuckDB's names of their types."""
        return {row[0]: row[1] for row in self._run(f"DESCRIBE {self._asking(query)}").fetchall()}

    def close(self) -> None:
        """End the transaction and let the database go."""
        with suppress(duckdb.Error):
            # closing over an open transaction of a lost PostgreSQL session would end this process
            self._duckdb.execute("ROLLBACK")
        self._duckdb.close()

    def _dialect(self) -> Dialect:
        if self._system == "mysql":
            version = self._run(self._asking("SELECT version() AS version")).fetchall()[0][0]
            return Mysql("MariaDB" in version)
        return {"sqlite": Sqlite(), "postgres": Dialect()}.get(self._system, DuckDb())

    def _asking(self, query: str) -> str:
        if self._system in ("duckdb", "parquet"):
            return query
        return f"FROM {self._system}_query('source', {literal(query)})"

    def _run(self, statement: str) -> duckdb.DuckDBPyConnection:
        with _Watch(self._duckdb, self._seconds):
            try:
                return self._duckdb.execute(statement)
            except duckdb.Error as error:
                raise self._failure(error) from None

    def _fetched(self, size: int) -> list[Row]:
        with _Watch(self._duckdb, self._seconds):
            try:
                return self._duckdb.fetchmany(size)
            except duckdb.Error as error:
                raise self._failure(error) from None

    def _failure(self, error: duckdb.Error) -> FetchError:
        reason = "" if isinstance(error, duckdb.InterruptException) else _reason(error)
        reason = reason or f"nothing more; it broke off, or took longer than {self._seconds} s"
        shown = show(self._url)
        return FetchError(f"{shown}: the database says: {reason}", temporary=not LASTING.search(reason))


class _Watch:
    """Interrupts what takes too long inside this process, where no server ends it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, seconds: int) -> None:
        # a server that ends it itself gives the better reason: it goes first
        self._timer = Timer(seconds + 5, connection.interrupt)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _reason(error: duckdb.Error) -> str:
    """Return the database's own words, without connection string, query, user and values."""
    told = str(error).partition("\n\nLINE ")[0]
    # DuckDB repeats the connection string and the query, both in quotes, before them
    words = told.rpartition('": ')[2] if '": ' in told else told.partition("Error: ")[2]
    words = words.strip().partition("\n")[0]
    words = re.sub(r"^\s*(ERROR|FATAL):\s*", "", words)
    words = re.sub(r"user (['\"])[^'\"]*\1(@'[^']*')?", "the user that the url names", words)
    return VALUE.sub(r"\1…", words).removesuffix(": ").strip()


def _place(url: str) -> tuple[str, str]:
    """Return DuckDB's name for the kind of database, and where it is."""
    scheme, _, rest = url.partition("://")
    system = SCHEMES.get(scheme)
    if system is None:
        raise FetchError(f"a database's url must start with {', '.join(f'{name}://' for name in SCHEMES)}")
    if system == "postgres":
        separator = "&" if urlsplit(url).query else "?"
        return system, url if "connect_timeout=" in url else f"{url}{separator}connect_timeout=10"
    if system == "mysql":
        return system, f"mysql://{rest}"
    if not rest.startswith("/"):
        raise FetchError(f"write {scheme}:///file for a file under CIVICLAKE_HOME, {scheme}:////file for another")
    place = home() / rest[1:]
    if not (any(place.parent.glob(place.name)) if system == "parquet" else place.is_file()):
        raise FetchError(f"{place}: no such database file; correct the feed's url, or mount it", temporary=True)
    return system, str(place)


def _opening(system: str, place: str) -> list[str]:
    """Return the statements that open a database so that it can only be read, and nothing beside it."""
    closing = ["SET enable_external_access = false", "SET lock_configuration = true"]
    if system == "parquet":
        folder = literal(str(Path(place).parent))
        view = f"CREATE TEMP VIEW {FILES} AS FROM read_parquet({literal(place)})"
        return [f"SET allowed_directories = [{folder}]", view, *closing]
    if system == "duckdb":
        return [f"ATTACH {literal(place)} AS source (READ_ONLY)", "USE source", *closing]
    return [
        f"LOAD {literal(extension_file(f'{system}_scanner'))}",
        f"ATTACH {literal(place)} AS source (TYPE {system}, READ_ONLY)",
    ]
