"""A page that shows what does not happen is found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.shown import Desk, change

PAGE = """\
<!-- file: notes/today.txt -->
```
first
second
```

<!-- change: notes/today.txt -->
```diff
 first
-second
+third
```

<!-- run -->
```
$ export WHO=nobody
$ cat notes/today.txt
first
third
$ echo "$PWD \\
    of $WHO"; echo said >&2
…     of nobody
said
```

<!-- a block that is not marked is not run -->
```
$ false
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "page.md").write_text(PAGE)
    return tmp_path / "page.md"


def test_a_page_is_followed_from_its_first_block_to_its_last(page: Path, tmp_path: Path) -> None:
    commands = Desk(tmp_path / "desk").follow(page)
    assert commands == ["export WHO=nobody", "cat notes/today.txt", 'echo "$PWD \\\n    of $WHO"; echo said >&2']


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("\nthird\n$", "\nfourth\n$"), ("\nthird\n$", "\n$"), ("\nthird\n$", "\nthird\nfourth\n$"), ("said\n`", "`"),
     ("of nobody", "of somebody"), ("    of $WHO", "of $WHO"), ("$ cat notes", "$ cat letters"), ("-second", "-fifth")],
)  # fmt: skip
def test_whatever_differs_from_the_page_is_found(right: str, wrong: str, page: Path, tmp_path: Path) -> None:
    assert PAGE.count(right) == 1
    page.write_text(PAGE.replace(right, wrong))
    with pytest.raises(AssertionError):
        Desk(tmp_path / "desk").follow(page)


def test_a_change_must_say_its_one_place(tmp_path: Path) -> None:
    (tmp_path / "twice.txt").write_text("a\na\n")
    with pytest.raises(AssertionError, match="2 times"):
        change(tmp_path / "twice.txt", "-a\n+b\n")
