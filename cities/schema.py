"""The JSON Schemas of city files, for editors: `python -m cities.schema` writes them, `--check` finds stale ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cities.model import CityFile, DepartmentFile

FILES: dict[str, Any] = {"city.schema.json": CityFile, "department.schema.json": DepartmentFile}
FOLDER = Path(__file__).resolve().parent


def write_schemas(folder: Path = FOLDER, check: bool = False) -> list[Path]:
    """Write the schemas, or only look with `check`; returns the files that were not up to date."""
    stale = []
    for name, model in FILES.items():
        text = json.dumps(model.model_json_schema(), ensure_ascii=False, indent=1) + "\n"
        place = folder / name
        if not place.exists() or place.read_text(encoding="utf-8") != text:
            stale.append(place)
            if not check:
                place.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    only_check = "--check" in sys.argv[1:]
    found = write_schemas(check=only_check)
    if only_check and found:
        sys.exit(f"stale: {', '.join(path.name for path in found)}; run `make fix`")
