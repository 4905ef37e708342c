"""The tutorials' commands print what the pages show, over the very morning that their readers run first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cities.home import PROJECT
from tests.docs.shown import Desk
from tests.mornings import SMALL, after_first_morning

TUTORIALS = PROJECT / "docs" / "tutorials"
PARTS = r"^\*You will be able to [^*]*About \d+ minutes\.\*$|^\*\*(?:Exercise|Check)\.\*\*|^<details>"
FIRST_DEPARTMENT, ANALYST = TUTORIALS / "first-department.md", TUTORIALS / "analyst-in-a-day.md"


@pytest.fixture
def desk(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk after the morning of `after_first_morning`."""
    desk = Desk(tmp_path)
    after_first_morning(tmp_path_factory, desk.home)
    return desk


@pytest.mark.parametrize("page", [FIRST_DEPARTMENT, ANALYST], ids=lambda page: page.stem)
def test_a_tutorial_begins_with_a_home_of_its_own_and_that_morning(page: Path) -> None:
    begin = rf'```\n\$ export CIVICLAKE_HOME="\$HOME/{page.stem}"\n\$ \.venv/bin/civiclake {" ".join(SMALL)}\n```'
    assert len(re.findall(begin, page.read_text(encoding="utf-8"))) == 1


def test_the_first_department_is_added_as_the_page_shows(desk: Desk) -> None:
    commands = desk.follow(FIRST_DEPARTMENT)
    verbs = [command.split()[1] for command in commands if command.startswith(".venv/bin/civiclake")]
    assert verbs == ["check", "check", "run", "status", "run", "status", "replay", "query", "query", "query"]
    pages = desk.home / "site" / "en" / "departments"
    assert "555-01" not in (pages / "forestry.html").read_text(encoding="utf-8")


def test_every_question_and_every_solution_of_the_analysts_day_is_answered_as_shown(desk: Desk) -> None:
    assert len(desk.follow(ANALYST)) > 15


def test_each_lesson_has_a_goal_a_time_an_exercise_a_check_and_a_solution() -> None:
    lessons = re.split(r"^## (?=\d\. )", ANALYST.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert [int(lesson[0]) for lesson in lessons] == [1, 2, 3, 4, 5, 6]
    for lesson in lessons:
        parts = re.findall(PARTS, lesson, re.MULTILINE)
        assert [re.sub(r"\W", "", part)[:9] for part in parts] == ["Youwillbe", "Exercise", "Check", "details"]
        worked, _, solved = lesson.partition("<details>")
        assert "<!-- run -->" in worked
        assert "<!-- run -->" in solved.partition("</details>")[0]


@pytest.mark.parametrize("page", [FIRST_DEPARTMENT, ANALYST], ids=lambda page: page.stem)
def test_what_a_command_prints_is_short(page: Path) -> None:
    for block in re.findall(r"<!-- run -->\n```\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for answer in re.split(r"^\$ (?:.*\\\n)*.*\n", block, flags=re.MULTILINE):
            assert len(answer.splitlines()) <= 12, block
