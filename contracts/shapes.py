"""How values are written, without the values: every digit a 9, every letter an a."""

from __future__ import annotations

import polars as pl

from contracts.contract import ContractField

ENOUGH = 1_000
"""Values that are looked at: what most of them look like is the sender's way of writing."""

LONGEST = 40


def shapes_of(sent: pl.DataFrame, fields: list[ContractField]) -> dict[str, str]:
    """Return the shape of most values of each field that is not text and not personal, where any was given."""
    plain = [field for field in fields if field.type != "str" and not field.is_personal and field.name in sent.columns]
    found = {field.name: _most_common(sent[field.name], field) for field in plain}
    return {name: shape for name, shape in found.items() if shape}


def _most_common(text: pl.Series, field: ContractField) -> str | None:
    given = text.drop_nulls().head(ENOUGH)
    if not len(given):
        return None
    # how many digits a number has says nothing of how it is written
    digits = r"\d+" if field.type in ("int", "float") else r"\d"
    shapes = given.str.replace_all(digits, "9").str.replace_all(r"\p{L}", "a").str.slice(0, LONGEST)
    return str(shapes.value_counts(sort=True).sort(["count", text.name], descending=[True, False])[text.name][0])
