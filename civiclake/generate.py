"""Writes the reference of the command line, from what each verb says of itself.

`python -m civiclake.generate` writes it; with `--check` it writes nothing, names the page when it is stale and ends
with 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from cities.home import PROJECT
from civiclake.cli import commands
from contracts.generate import tell_stale

PAGE = Path("docs/reference/command-line.md")
WIDTH = 100
HEAD = """\
<!-- made by `make fix` from civiclake/: change it there -->
# The command line

Data goes to standard output, progress and remarks to standard error. Exit codes: 0 done, 1 it ran and something failed
or a feed never arrived, 2 it could not start.
"""


def generate(project: Path, check: bool = False) -> list[Path]:
    """Bring the page up to date and return it if it was not; with `check`, only tell.

    `project` is the project's folder.
    """
    text, place = page(), project / PAGE
    if place.exists() and place.read_text(encoding="utf-8") == text:
        return []
    if not check:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return [PAGE]


def page() -> str:
    """Return the page: each verb, and each verb of a group, with the help that it prints."""
    root = click.Context(commands, info_name="civiclake", terminal_width=WIDTH, **commands.context_settings)
    parts = [f"## {context.command_path}\n\n```\n{context.get_help()}\n```\n" for context in _verbs(root)]
    return "\n".join([HEAD, *parts])


def _verbs(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name, command in sorted(context.command.commands.items()):
            yield from _verbs(click.Context(command, context, info_name=name, terminal_width=WIDTH))


@click.command()
@click.option("--check", is_flag=True, help="write nothing; name the page when it is stale and end with 1")
def main(check: bool) -> None:
    """Bring the reference of the command line up to date."""
    tell_stale(generate(PROJECT, check), check)


if __name__ == "__main__":
    main()
