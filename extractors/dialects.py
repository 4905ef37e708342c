"""How each kind of database writes names, values as text, and a value back as a literal.

A value leaves the database as the text that it prints itself, so that 1234.50 stays 1234.50 and a zero date stays
0000-00-00. A key is compared by the database in the column's own type: a text `10` would sort before `9`.
"""

from __future__ import annotations

import re

from extractors.errors import FetchError
from extractors.quoting import identifier, literal

NUMBERS = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*|FLOAT|DOUBLE)$")
"""DuckDB's names of types whose literals are bare numbers."""


class Dialect:
    """Standard SQL, as PostgreSQL speaks it; kinds of column are DuckDB's names of them."""

    def name(self, name: str) -> str:
        """Return a name as an identifier."""
        return identifier(name)

    def text(self, column: str, kind: str) -> str:
        """Return the expression for a column's value as text."""
        return f"CAST({column} AS TEXT)"

    def mark(self, column: str, kind: str) -> str:
        """Return the expression for the text of a key that `literal` makes a literal of."""
        return self.text(column, kind)

    def literal(self, mark: str, kind: str) -> str:
        """Return a text that the database gave as a literal of its column's kind."""
        return literal(mark)

    def bound(self, value: str, kind: str, like: str) -> str:
        """Return a cursor's value as a literal; `like` is the mark of the greatest one."""
        return self.literal(value, kind)

    def limited(self, query: str, seconds: int) -> str:
        """Return a query that the database itself ends when it takes longer."""
        return query


class Sqlite(Dialect):
    """SQLite, where every value has a type of its own, and a comparison may mean another one than is meant."""

    def text(self, column: str, kind: str) -> str:
        """Return the expression for a value as text; bytes, which need not be text, as hexadecimal digits."""
        return f"CASE typeof({column}) WHEN 'blob' THEN hex({column}) ELSE CAST({column} AS TEXT) END"

    def mark(self, column: str, kind: str) -> str:
        """Return the expression for a value as the literal that SQLite itself writes."""
        return f"quote({column})"

    def literal(self, mark: str, kind: str) -> str:
        """Return the literal, which the mark is already."""
        return mark

    def bound(self, value: str, kind: str, like: str) -> str:
        """Return a cursor's value as what the others are: to SQLite every number is less than any text."""
        return literal(value) if like.startswith("'") else number(value)


class Mysql(Dialect):
    """MySQL and MariaDB."""

    def __init__(self, is_mariadb: bool) -> None:
        self._is_mariadb = is_mariadb

    def name(self, name: str) -> str:
        """Return a name as an identifier, whatever ANSI_QUOTES says."""
        return "`" + name.replace("`", "``") + "`"

    def text(self, column: str, kind: str) -> str:
        """Return the expression for a value as text: truth as 1 and 0, bytes as hexadecimal digits."""
        if kind == "BOOLEAN":
            return f"CAST({column} + 0 AS CHAR)"
        if kind == "BLOB":
            # so are called bytes, but also texts that are compared byte by byte
            return f"CASE CHARSET({column}) WHEN 'binary' THEN HEX({column}) ELSE CAST({column} AS CHAR) END"
        return f"CAST({column} AS CHAR)"

    def mark(self, column: str, kind: str) -> str:
        """Return the expression for the text of a key."""
        return f"HEX({column})" if kind == "BLOB" else self.text(column, kind)

    def literal(self, mark: str, kind: str) -> str:
        """Return a literal that no SQL mode reads another way: a backslash may or may not escape."""
        if NUMBERS.match(kind) or kind == "BOOLEAN":
            return number(mark)
        return f"X'{mark}'" if kind == "BLOB" else f"_utf8mb4 X'{mark.encode().hex()}'"

    def limited(self, query: str, seconds: int) -> str:
        """Return a query that the server ends; the two servers have parted ways here."""
        if self._is_mariadb:
            return f"SET STATEMENT max_statement_time = {seconds} FOR {query}"
        return query.replace("SELECT", f"SELECT /*+ MAX_EXECUTION_TIME({seconds * 1000}) */", 1)


class DuckDb(Dialect):
    """DuckDB itself: its files, and Parquet."""

    def literal(self, mark: str, kind: str) -> str:
        """Return a literal of the column's type."""
        return f"CAST({literal(mark)} AS {kind})"


def number(text: str) -> str:
    """Return a number's text as it may stand bare in a query; raises FetchError where it is none."""
    if not re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text):
        raise FetchError("the kept cursor is no number like those of its field; fetch the feed whole once")
    return text
