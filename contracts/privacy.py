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
from contracts.engine import quoted, run

HIDDEN_EMAIL = "[e-mail]"
HIDDEN_NUMBER = "[number]"
HIDDEN_PERSON = "[personal]"
EMAIL = r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"
NUMBER = r"\+?\(?\d([ \-./()]{0,2}\d){6,}"
LEAST_LENGTH = 3
"""Characters that a personal value must have to be looked for in text; shorter ones are found everywhere."""

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
    """Return the record columns as they may be kept, with `_extra` masked and `_row_hash` of the record columns.

    typed holds all fields of the contract and `_extra`.
    """
    table = typed.with_columns(
        _plain_text(pl.col(field.name)).alias(f"plain {field.name}") for field in _pseudonyms(contract)
    )
    table = table.with_columns(pl.col(_texts(contract) + _known(contract)).str.to_lowercase().name.prefix("lower "))
    kept = [f"{_kept(field)} AS {quoted(field.name)}" for field in contract.record_fields]
    hidden = f"SELECT {', '.join([*kept, '_extra'])} FROM {_masked(contract)}"
    hashed = ", ".join(_hashed(field) for field in contract.record_fields)
    query = f"SELECT *, md5(concat({hashed})) AS _row_hash FROM ({hidden})"
    inner, outer = _pads(key)
    return run(connection, query, table, {"inner": inner, "outer": outer} if "$inner" in query else {})


def _plain_text(column: pl.Expr) -> pl.Expr:
    return column.str.normalize("NFKC").str.strip_chars().str.to_lowercase()


def _kept(field: ContractField) -> str:
    name = quoted(field.name)
    if field.privacy == "pseudonym":
        text = f"encode('{field.domain}' || chr(31) || {quoted('plain ' + field.name)})"
        return f"left(sha256($outer::BLOB || unhex(sha256($inner::BLOB || {text}))), {DIGITS})"
    if field.privacy == "mask" and field.cut:
        return f"left({name}, {field.cut})"
    if field.privacy == "generalise":
        return f"round({name}, {field.decimals})"
    return name


def _pseudonyms(contract: Contract) -> list[ContractField]:
    return [field for field in contract.fields if field.privacy == "pseudonym"]


def _texts(contract: Contract) -> list[str]:
    """Return the columns of free text."""
    return [field.name for field in contract.fields if field.privacy == "mask"] + ["_extra"]


def _known(contract: Contract) -> list[str]:
    """Return the columns that hold a person's own values, which may be repeated in free text."""
    return [field.name for field in contract.fields if field.privacy in {"drop", "pseudonym"} and field.type == "str"]


def _masked(contract: Contract) -> str:
    """Return the SQL that masks texts: first what the record itself shows to be personal, then what looks like it."""
    source, texts = "records", _texts(contract)
    for value in _known(contract):
        source = _replaced(source, {text: _without(text, value) for text in texts})
    source = _replaced(source, {text: _emails_hidden(text) for text in texts})
    return _replaced(source, {text: _numbers_hidden(text) for text in texts})


def _emails_hidden(text: str) -> str:
    hidden = f"regexp_replace({quoted(text)}, '{EMAIL}', '{HIDDEN_EMAIL}', 'g')"
    return f"CASE WHEN contains({quoted(text)}, '@') THEN {hidden} ELSE {quoted(text)} END"


def _numbers_hidden(text: str) -> str:
    return f"regexp_replace({quoted(text)}, '{NUMBER}', '{HIDDEN_NUMBER}', 'g')"


def _replaced(source: str, texts: dict[str, str]) -> str:
    return f"(SELECT * REPLACE ({', '.join(f'{new} AS {quoted(text)}' for text, new in texts.items())}) FROM {source})"


def _without(text: str, value: str) -> str:
    """Return the SQL that hides a value in a text; a pattern is only made for the few texts that hold one."""
    holds = f"contains({quoted('lower ' + text)}, {quoted('lower ' + value)})"
    hidden = f"regexp_replace({quoted(text)}, regexp_escape({quoted(value)}), '{HIDDEN_PERSON}', 'gi')"
    return f"CASE WHEN {holds} AND length({quoted(value)}) >= {LEAST_LENGTH} THEN {hidden} ELSE {quoted(text)} END"


def _hashed(field: ContractField) -> str:
    """Return the SQL of a value's part in the row hash: its length keeps neighbouring values apart."""
    name = quoted(field.name)
    text = f"epoch_us({name})::VARCHAR" if field.type == "instant" else f"{name}::VARCHAR"
    return f"coalesce(length({text})::VARCHAR || ':' || {text}, '-')"


def _pads(key: bytes) -> tuple[bytes, bytes]:
    """Return the key blocks of HMAC (RFC 2104), with which SHA-256 alone makes one."""
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)
