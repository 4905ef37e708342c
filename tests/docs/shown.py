"""Follows a page as its reader would: writes its files, makes its changes, runs its commands, and compares.

A page marks the blocks that count. `<!-- file: path -->` stands before a file's content, `<!-- change: path -->` before
one change of a file as a diff, `<!-- run -->` before commands, each after `$`, and what they print. Paths are those of
the desk. A shown `…` stands for anything: a place on the reader's machine, or a number that grows with the project.
Blank lines and blanks at the end of a line do not count.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from cities.home import PROJECT

BLOCK = re.compile(r"<!-- (run|file: \S+|change: \S+) -->\n```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass
class Desk:
    """A folder that looks to a reader like the project: the command, the sandbox city's files, a home of its own."""

    place: Path
    exported: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        command = self.place / ".venv" / "bin" / "civiclake"
        command.parent.mkdir(parents=True)
        command.write_text(f'#!/bin/sh\nPYTHONPATH="{PROJECT}" exec "{sys.executable}" -m civiclake "$@"\n')
        command.chmod(0o700)
        shutil.copytree(PROJECT / "cities" / "sandbox", self.place / "cities" / "sandbox")
        self.exported = {
            "CIVICLAKE_HOME": str(self.home), "CIVICLAKE_CITY": str(self.place / "cities" / "sandbox"), **self.exported
        }  # fmt: skip

    @property
    def home(self) -> Path:
        return self.place / ".civiclake"

    def follow(self, page: Path) -> list[str]:
        """Do what a page shows, from its first block to its last; return the commands that were run."""
        commands: list[str] = []
        for what, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            kind, _, name = what.partition(": ")
            if kind == "file":
                (self.place / name).parent.mkdir(parents=True, exist_ok=True)
                (self.place / name).write_text(text, encoding="utf-8")
            elif kind == "change":
                change(self.place / name, text)
            else:
                shown = [line.rstrip() for line in text.splitlines() if line.strip()]
                differs = "\n".join(unified_diff(shown, self.said(shown), page.name, "what is printed", lineterm=""))
                assert not differs, differs
                commands += commands_of(shown)
        return commands

    def said(self, shown: list[str]) -> list[str]:
        """Run the commands of a block and return it as it should look."""
        said: list[str] = []
        for command in commands_of(shown):
            said += [*f"$ {command}".splitlines(), *self.run(command)]
        return [
            expected if expected is not None and fits(expected, line) else line
            for expected, line in zip([*shown, *[None] * len(said)], said, strict=False)
        ]

    def run(self, command: str) -> list[str]:
        """Run a command in the desk's shell and return the lines it prints; `export` holds for those that follow."""
        if set_one := re.fullmatch(r"export (\w+)=(\S+)", command):
            self.exported[set_one[1]] = set_one[2]
            return []
        run = subprocess.run(
            ["/bin/sh", "-c", command], cwd=self.place, env=os.environ | self.exported, text=True, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert run.returncode == 0, f"{command}\n{run.stdout}"
        return [line.rstrip() for line in run.stdout.splitlines() if line.strip()]


def commands_of(shown: list[str]) -> list[str]:
    """Return the commands of a block; one that a backslash breaks goes on in the next line, as in a shell."""
    return [command.removeprefix("$ ") for command in re.findall(r"^\$ (?:.*\\\n)*.*$", "\n".join(shown), re.MULTILINE)]


def fits(shown: str, line: str) -> bool:
    """Whether a line is as the page shows it."""
    return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), line) is not None


def change(file: Path, diff: str) -> None:
    """Change a file at the one place that a diff shows."""
    lines = diff.splitlines(keepends=True)
    before, after = ("".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +"))
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{file.name} has {text.count(before)} times:\n{before}"
    file.write_text(text.replace(before, after), encoding="utf-8")
