"""The how-to's own file and commands do what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from cities.home import PROJECT

PAGE = (PROJECT / "docs" / "add-a-department.md").read_text(encoding="utf-8")
FILES = re.findall(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```", PAGE, re.DOTALL)
RUNS = re.findall(r"<!-- run -->\n```\n(.*?)```", PAGE, re.DOTALL)


def test_a_department_is_added_as_the_page_shows(tmp_path: Path) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    command = tmp_path / ".venv" / "bin" / "civiclake"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{PROJECT}" exec "{sys.executable}" -m civiclake "$@"\n')
    command.chmod(0o700)
    shutil.copytree(PROJECT / "cities" / "sandbox", tmp_path / "cities" / "sandbox")
    for name, content in FILES:
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    places = {"CIVICLAKE_HOME": str(tmp_path / ".civiclake"), "CIVICLAKE_CITY": str(tmp_path / "cities" / "sandbox")}
    shown = "".join(RUNS).splitlines()
    assert len(shown) > 15
    said = []
    for line in shown:
        if line.startswith("$ "):
            run = subprocess.run(
                ["/bin/sh", "-c", line.removeprefix("$ ")], cwd=tmp_path, text=True, check=True,
                env=os.environ | places, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            said += [line, *run.stdout.splitlines()]
    assert said == shown


def test_the_page_is_short_and_leads_only_to_pages_that_are_there() -> None:
    assert len(PAGE.splitlines()) < 80
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (PROJECT / "docs" / target).exists(), target
