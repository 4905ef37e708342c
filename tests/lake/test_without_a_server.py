"""What becomes of tests on PostgreSQL where no server answers."""

from __future__ import annotations

import pytest

from tests import postgresql

NOWHERE = "postgresql://root@127.0.0.1:1"


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_a_laptop_skips_and_the_proof_fails(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(postgresql, "SERVER", NOWHERE)
    with pytest.raises(outcome, match="no PostgreSQL server answers"), postgresql.new_database():
        pass
