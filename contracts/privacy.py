"""Hides personal values before a record may enter the lake: drop, pseudonym, mask, generalise.

Fields that are dropped never leave this step. A pseudonym is the same for the same value everywhere in the city, so
that records of one person can be counted without knowing the person; without the installation's key nobody can make
or test one. Masking text hides e-mails, numbers of seven digits or more, and what the record's own personal fields
hold; no method finds every name in free text, which is why such fields stay classified personal.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

import duckdb
import polars as pl

from contracts.contract import Contract, ContractField
from contracts.engine import run
from extractors.quoting import identifier

HIDDEN_EMAIL = "[e-mail]"
HIDDEN_NUMBER = "[number]"
HIDDEN_PERSON = "[personal]"
EMAIL = r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"
NUMBER = r"\+?\(?\d([ \-./()]{0,2}\d){6,}"
DOUBTFUL = r"@|\d[\d \-./()]{5,}\d"
"""What every text holds that has an e-mail or a number to be hidden."""

LEAST_LENGTH = 3
"""Characters that a personal value must have to be looked for in text; shorter ones are found everywhere.

Beyond ASCII one less: Chinese names have two.
"""

DIGITS = 32
BLOCK = 64


def pseudonym(value: str, domain: str, key: bytes) -> str:
    """Return the pseudonym of a value: HMAC-SHA256 of domain and value, 32 hexadecimal digits.

    Case, surrounding blanks and Unicode's several ways to write one character make no difference.
    """
    text = f"{domain}\x1f{_plain(value)}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:DIGITS]


def _plain(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip().lower()


def hide(connection: duckdb.DuckDBPyConnection, typed: pl.DataFrame, contract: Contract, key: bytes) -> pl.DataFrame:
    """Return the record columns as they may be kept, with `_extra` masked and `_row_hash` of all.

    typed holds all fields of the contract and `_extra`.
    """
    table = _masked(connection, typed, contract)
    table = table.with_columns(_kept(field) for field in contract.fields)
    table = table.with_columns(
        _pseudonyms(connection, table[field.name], field, key)
        for field in contract.fields
        if field.privacy == "pseudonym"
    )
    hashed = ", ".join(_hashed(field) for field in contract.record_fields)
    columns = table.select(*contract.record_columns, "_extra")
    told = f"json_array({hashed})"
    if columns["_extra"].null_count() < len(columns):
        # a field that a record lacks is written as null or left out, as the other records of its page have it
        extra = "CASE WHEN json_valid(_extra) THEN json_merge_patch('{}', _extra) ELSE to_json(_extra) END"
        told = f"CASE WHEN _extra IS NULL THEN {told} ELSE json_array({hashed}, {extra}) END"
    return columns.with_columns(run(connection, f"SELECT md5({told}::VARCHAR) AS _row_hash FROM records", columns))


def _kept(field: ContractField) -> pl.Expr:
    """Return a field as it may be kept, or, of a pseudonym, what it is made of."""
    column = pl.col(field.name)
    if field.privacy == "pseudonym":
        return column.str.normalize("NFKC").str.strip_chars().str.to_lowercase()
    if field.privacy == "mask" and field.cut:
        return column.str.slice(0, field.cut)
    if field.privacy == "generalise":
        return column.round(field.decimals or 0, mode="half_away_from_zero")
    return column


def _pseudonyms(connection: duckdb.DuckDBPyConnection, plain: pl.Series, field: ContractField, key: bytes) -> pl.Series:
    """Return the pseudonyms of a column, each made once."""
    values = plain.drop_nulls().unique()
    inner, outer = _pads(key)
    text = f"encode('{field.domain}' || chr(31) || value)"
    query = f"SELECT left(sha256($outer::BLOB || unhex(sha256($inner::BLOB || {text}))), {DIGITS}) AS made FROM records"
    made = run(connection, query, values.to_frame("value"), {"inner": inner, "outer": outer})
    return plain.replace_strict(values, made["made"], return_dtype=pl.String)


def _texts(contract: Contract) -> list[str]:
    """Return the columns of free text."""
    return [field.name for field in contract.fields if field.privacy == "mask"] + ["_extra"]


def _known(contract: Contract) -> list[str]:
    """Return the columns that hold a person's own values, which may be repeated in free text."""
    return [field.name for field in contract.fields if field.privacy in {"drop", "pseudonym"} and field.type == "str"]


def _masked(connection: duckdb.DuckDBPyConnection, table: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Mask texts: first what the record itself shows to be personal, then what looks like it.

    Patterns are slow, so they are only applied to the few records that can hold something.
    """
    texts, known = _texts(contract), _known(contract)
    lower = table.select(pl.col(texts + known).str.to_lowercase().name.prefix("lower "))
    doubtful = [table[text].str.contains(DOUBTFUL).alias(text) for text in texts]
    repeated = [
        pl.col(f"lower {text}").str.contains(pl.col(f"lower {value}"), literal=True).alias(f"{value} in {text}")
        for text in texts
        for value in known
    ]
    seen = pl.DataFrame(doubtful).with_columns(lower.select(repeated))
    rows = seen.select(pl.any_horizontal(pl.all()).fill_null(False).arg_true()).to_series()
    if not len(rows):
        return table
    some = table[rows].select(texts + known).with_columns(lower[rows])
    masked = run(connection, f"SELECT {', '.join(map(identifier, texts))} FROM {_masking(texts, known)}", some)
    return table.with_columns(table[text].scatter(rows, masked[text]) for text in texts)


def _masking(texts: list[str], known: list[str]) -> str:
    """Return the SQL that masks texts."""
    source = "records"
    for value in known:
        source = _replaced(source, {text: _without(text, value) for text in texts})
    source = _replaced(source, {text: _emails_hidden(text) for text in texts})
    return _replaced(source, {text: _numbers_hidden(text) for text in texts})


def _emails_hidden(text: str) -> str:
    return f"regexp_replace({identifier(text)}, '{EMAIL}', '{HIDDEN_EMAIL}', 'g')"


def _numbers_hidden(text: str) -> str:
    return f"regexp_replace({identifier(text)}, '{NUMBER}', '{HIDDEN_NUMBER}', 'g')"


def _replaced(source: str, texts: dict[str, str]) -> str:
    return (
        f"(SELECT * REPLACE ({', '.join(f'{new} AS {identifier(text)}' for text, new in texts.items())}) FROM {source})"
    )


def _without(text: str, value: str) -> str:
    """Return the SQL that hides a value in a text; a pattern is only made for the few texts that hold one."""
    holds = f"contains({identifier('lower ' + text)}, {identifier('lower ' + value)})"
    hidden = f"regexp_replace({identifier(text)}, regexp_escape({identifier(value)}), '{HIDDEN_PERSON}', 'gi')"
    least = f"{LEAST_LENGTH} - (strlen({identifier(value)}) > length({identifier(value)}))::INT"
    return f"CASE WHEN {holds} AND length({identifier(value)}) >= {least} THEN {hidden} ELSE {identifier(text)} END"


def _hashed(field: ContractField) -> str:
    """Return the SQL of a value's part in the row hash."""
    return f"epoch_us({identifier(field.name)})" if field.type == "instant" else identifier(field.name)


def _pads(key: bytes) -> tuple[bytes, bytes]:
    """Return the key blocks of HMAC (RFC 2104), with which SHA-256 alone makes one."""
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)
