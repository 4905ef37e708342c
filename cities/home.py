"""Where everything lies that a run makes."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cities.errors import SettingError

PROJECT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """Return `CIVICLAKE_HOME` (default `.civiclake/` in the project), made if need be, readable by its owner only.

    Raises SettingError where it cannot be made.
    """
    return own_folder(Path(os.environ.get("CIVICLAKE_HOME") or PROJECT / ".civiclake").absolute())


def own_folder(place: Path) -> Path:
    """Return a folder of the home, made if need be, readable by its owner only; raises SettingError where it cannot."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            f"the folder {place} cannot be made ({error.strerror}); let CIVICLAKE_HOME name one that you may write in"
        ) from error
    return place


def secret_key(name: str) -> bytes:
    """Return a key of this installation: the environment's `CIVICLAKE_<NAME>_KEY`, or a kept random one.

    The kept one is made once under `secrets/` (mode 600). Losing it means that new pseudonyms no longer match
    the old ones, so production sets the environment variable from its own secret store.
    """
    given = os.environ.get(f"CIVICLAKE_{name.upper()}_KEY")
    if given:
        return given.encode()
    place = home() / "secrets" / f"{name}.key"
    if not place.exists():
        _keep_random_key(place)
    return place.read_bytes()


def _keep_random_key(place: Path) -> None:
    place.parent.mkdir(mode=0o700, exist_ok=True)
    draft = place.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_hex(32))
    try:
        # a link fails where the key exists already: of two first runs at once, one key wins for both
        os.link(draft, place)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
