"""Names and values as SQL writes them."""

from __future__ import annotations


def identifier(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """Return a value's text as an SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"
