"""The README's own files and commands do what it says."""

from __future__ import annotations

import re
from pathlib import Path

from cities.home import PROJECT
from tests.docs.shown import Desk
from tests.story.office import Office

README = PROJECT / "README.md"


def test_adding_a_department_goes_as_the_readme_shows(tmp_path: Path) -> None:
    commands = Desk(tmp_path).follow(README)
    assert [command.split()[1] for command in commands] == ["check", "run", "status", "replay", "replay"]


def test_every_verb_that_the_readme_names_is_there() -> None:
    help_text = Office(Path("/nowhere")).do("--help").stdout
    verbs = set(re.findall(r"^civiclake (\w+)", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert verbs == set(re.findall(r"^  (\w+)  ", help_text.partition("Commands:")[2], re.MULTILINE))
