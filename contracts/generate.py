"""Writes what follows from the contracts: dbt's sources and staging models, ODCS files, catalogue pages.

The files are kept with the code, so that a change of a contract shows everything it changes; a test fails while one
of them is stale. `python -m contracts.generate` writes them; with `--check` it writes nothing, names the stale ones and
ends with 1 if there are any.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cities.home import PROJECT
from contracts.contract import all_contracts
from contracts.exports import catalogue, dbt, odcs

STAGING = Path("dbt_project/models/staging")
ODCS = Path("contracts/odcs")
CATALOGUE = Path("docs/catalogue")


def generate(project: Path, check: bool = False) -> list[Path]:
    """Bring the generated files up to date and return those that were not; with `check`, only tell which are not.

    A file of a kind that is no more is removed. `project` is the folder of the project.
    """
    texts = _texts()
    stale = [path for path, text in texts.items() if _read(project / path) != text]
    left = sorted(path for path in _generated(project) if path not in texts)
    if not check:
        for path in stale:
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text(texts[path], encoding="utf-8")
        for path in left:
            (project / path).unlink()
    return [*stale, *left]


def _texts() -> dict[Path, str]:
    contracts = all_contracts()
    texts = {STAGING / "_sources.yml": dbt.sources(contracts), CATALOGUE / "index.md": catalogue.index(contracts)}
    for contract in contracts:
        texts[STAGING / f"stg_{contract.name}.sql"] = dbt.staging_model(contract)
        texts[STAGING / f"_stg_{contract.name}.yml"] = dbt.staging_properties(contract)
        texts[ODCS / f"{contract.name}.odcs.yaml"] = odcs.document(contract)
        texts[CATALOGUE / f"{contract.name}.md"] = catalogue.page(contract)
    return texts


def _generated(project: Path) -> list[Path]:
    """Return the files that only this module writes."""
    patterns = [(STAGING, "*stg_*.*"), (ODCS, "*.odcs.yaml"), (CATALOGUE, "*.md")]
    return [path.relative_to(project) for folder, pattern in patterns for path in (project / folder).glob(pattern)]


def tell_stale(stale: list[Path], check: bool) -> None:
    """Print the files that were not up to date; with `check`, end with 1 where there are any."""
    for path in stale:
        click.echo(path)
    if check and stale:
        click.echo("stale: run `make fix`, and look at what it changes", err=True)
        sys.exit(1)


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


@click.command()
@click.option("--check", is_flag=True, help="write nothing; name the stale files and end with 1 if there are any")
def main(check: bool) -> None:
    """Bring the files that follow from the contracts up to date."""
    tell_stale(generate(PROJECT, check), check)


if __name__ == "__main__":
    main()
