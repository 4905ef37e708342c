"""Where the lake lies: its catalogue, its data files and DuckDB's extensions."""

from __future__ import annotations

import os
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import duckdb

from cities import SettingError, home
from cities.home import own_folder
from extractors.extensions import extension_file

IN_USER = re.compile(r"(?<=://)([^:@/?]*):(.*)@")
IN_QUERY = re.compile(r"([?&](?:ssl)?password=)([^&]*)")
"""Where the address of a PostgreSQL has a password: group 2."""

EXTENSIONS = ("ducklake", "sqlite_scanner", "postgres_scanner", "httpfs")


@dataclass(frozen=True)
class LakePlace:
    """The two places of a lake, by setting.

    `catalogue` is `sqlite:<file>` (embedded) or a `postgresql://` address (production); `data` is a folder or an
    `s3://bucket/prefix`.
    """

    catalogue: str
    data: str

    @property
    def is_shared(self) -> bool:
        """Whether several machines may write: the catalogue is PostgreSQL."""
        return self.catalogue.startswith(("postgres://", "postgresql://"))

    @property
    def is_in_object_store(self) -> bool:
        """Whether the data files lie in an S3-compatible store."""
        return self.data.startswith("s3://")

    @property
    def extensions(self) -> list[str]:
        """The DuckDB extensions that this lake needs: each costs a sixth of a second to load."""
        catalogue = "postgres_scanner" if self.is_shared else "sqlite_scanner"
        return ["ducklake", catalogue, *(["httpfs"] if self.is_in_object_store else [])]

    @property
    def attach_target(self) -> str:
        """What DuckDB's ATTACH calls this lake."""
        kind = "postgres:" if self.is_shared else ""
        return f"ducklake:{kind}{self.catalogue}"

    def without_password(self, message: str) -> str:
        """Return a message that tells the catalogue's address, or parts of it, without a password."""
        shown = IN_QUERY.sub(r"\1…", IN_USER.sub(r"\1@", self.catalogue))
        message = message.replace(self.catalogue, shown)
        given = [found[2] for pattern in (IN_USER, IN_QUERY) for found in pattern.finditer(self.catalogue)]
        # libpq takes what stands behind a bare @ of a password for the host, and says so
        for secret in [*given, *map(unquote, given), *(part for whole in given for part in whole.split("@"))]:
            if secret and secret not in shown:
                message = message.replace(secret, "…")
        return message


def lake_place() -> LakePlace:
    """Return the place that `CIVICLAKE_CATALOGUE` and `CIVICLAKE_DATA` name, by default under `CIVICLAKE_HOME`.

    Raises SettingError where they or the home cannot be used.
    """
    folder = own_folder(home() / "lake")
    if os.environ.get("CIVICLAKE_DATA") and not os.environ.get("CIVICLAKE_CATALOGUE"):
        # a new catalogue over a lake's files would take all of them for left-overs
        raise SettingError("CIVICLAKE_DATA is set and CIVICLAKE_CATALOGUE is not: set both, or neither")
    catalogue = os.environ.get("CIVICLAKE_CATALOGUE") or f"sqlite:{folder / 'catalogue.sqlite'}"
    data = os.environ.get("CIVICLAKE_DATA") or f"{folder / 'data'}/"
    return LakePlace(catalogue, data.rstrip("/") + "/")


def extension_directory() -> Path:
    """Return a folder in which DuckDB finds the wheels' extensions by name, as dbt-duckdb asks for them."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    system = {"darwin": "osx"}.get(sys.platform, sys.platform)
    folder = home() / "extensions"
    place = folder / f"v{duckdb.__version__}" / f"{system}_{machine}"
    place.mkdir(parents=True, exist_ok=True)
    for name in EXTENSIONS:
        link = place / f"{name}.duckdb_extension"
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(extension_file(name))
    return folder
