"""What `civiclake check` finds in city files that are well formed, before any department is asked."""

from __future__ import annotations

from pathlib import Path

from cities import read_city
from cities.reader import city_folder
from contracts.fit import misfits


def test_a_form_of_numbers_that_cannot_be_read_by_is_told(tmp_path: Path) -> None:
    for name in ("city.yml", "buildings.yml"):
        text = (city_folder("sandbox") / name).read_text()
        (tmp_path / name).write_text(text.replace("1,234.5", "1.000"))
    [told] = misfits(read_city(str(tmp_path)))
    assert told.startswith("buildings__permits: `format: 1.000` of a number must show 1234.5 as the sender writes it")
