"""DuckDB's extensions, which come as wheels: nothing is downloaded, and nothing is kept in the user's home."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import duckdb


def extension_file(name: str) -> Path:
    """Return the file of a DuckDB extension inside its installed wheel; ModuleNotFoundError where that is missing."""
    spec = find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"duckdb-extension-{name.replace('_', '-')} is not installed: run `make .venv`")
    return Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
