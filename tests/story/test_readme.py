"""The README's own files and commands do what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cities.home import PROJECT
from tests.story.office import Office

README = (PROJECT / "README.md").read_text(encoding="utf-8")
FILES = re.findall(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```", README, re.DOTALL)
STEPS = re.findall(r"<!-- (run|change: \S+) -->\n```\w*\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A home and a copy of the sandbox city, with the README's files put where it says."""
    places = {"cities/sandbox/": tmp_path / "sandbox", "drops/": tmp_path / "home" / "drops"}
    shutil.copytree(PROJECT / "cities" / "sandbox", places["cities/sandbox/"])
    for name, content in FILES:
        folder = next(start for start in places if name.startswith(start))
        place = places[folder] / name.removeprefix(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
    return Office(tmp_path / "home")


def test_adding_a_department_goes_as_the_readme_shows(office: Office) -> None:
    assert len(FILES) == 2
    assert [step.partition(":")[0] for step, _ in STEPS] == ["run", "change", "run"]
    city = office.home.parent / "sandbox"
    for step, shown in STEPS:
        if step == "run":
            assert said(office, shown) == shown.splitlines()
        else:
            change(city / Path(step).name, shown)


def change(file: Path, shown: str) -> None:
    """Change a file as a diff of one line shows."""
    before, after = (line[1:] for line in shown.splitlines())
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), encoding="utf-8")


def said(office: Office, shown: str) -> list[str]:
    """Run the commands of a block and return it as it should look."""
    said = []
    for line in shown.splitlines():
        if line.startswith("$ .venv/bin/civiclake "):
            words = line.removeprefix("$ .venv/bin/civiclake ").split()
            run = subprocess.run(
                [sys.executable, "-m", "civiclake", *words], cwd=PROJECT, text=True, check=True,
                env=office.environment | {"CIVICLAKE_CITY": str(office.home.parent / "sandbox")},
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            said += [line, *run.stdout.splitlines()]
    return said


def test_every_verb_that_the_readme_names_is_there() -> None:
    help_text = Office(Path("/nowhere")).do("--help").stdout
    verbs = set(re.findall(r"^civiclake (\w+)", README, re.MULTILINE))
    assert verbs == set(re.findall(r"^  (\w+)  ", help_text.partition("Commands:")[2], re.MULTILINE))
