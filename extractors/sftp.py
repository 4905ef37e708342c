"""Files that a department drops on an SFTP server.

Source of the format: RFC 4251 to 4254 (SSH) and draft-ietf-secsh-filexfer-02 (SFTP 3, which servers speak). The
server's key is compared before anything is said to it. No agent, no file of the user's home and no known_hosts is
looked at: what opens the door is named in the city file.
"""

from __future__ import annotations

import errno
import io
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

import paramiko

from cities.systems import SftpFeed
from extractors.drops import Drop, Dropped, Listing, changed_while_read, source_of
from extractors.encodings import plausible
from extractors.errors import FetchError
from extractors.files import as_page, layout_of
from extractors.paging import Page
from extractors.question import Question, Tally
from extractors.session import Answer, parts_of, show, spooled
from extractors.source import Source, address, environment

KINDS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for, in seconds: to be reached, and in silence."""

    connect: float = 10
    silence: float = 60


PATIENCE = Patience()
IN_FLIGHT = 64
"""Pieces of a file, of 32 KiB, that are asked for at once: waiting for each would be slow on a long way."""

OUR_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
"""Errors of the disk that files are kept on, which no server sends."""


@dataclass(frozen=True)
class Place:
    """Where files are dropped: `folder` is absolute, or begins with `~/` in the user's home."""

    host: str
    port: int
    user: str
    folder: str
    shown: str

    @classmethod
    def of(cls, url: str) -> Place:
        """Read it from the feed's url."""
        parts = parts_of(url)
        if parts.scheme != "sftp" or not parts.hostname or not parts.username or parts.password:
            raise FetchError(
                "write an SFTP server's url as sftp://user@host/folder, or sftp://user@host/~/folder in the user's "
                "home; a password belongs into the variable named by password_env"
            )
        folder = unquote(parts.path).removeprefix("/~/") or "."
        return cls(parts.hostname, parts.port or 22, unquote(parts.username), folder, show(url))

    def path(self, name: str) -> str:
        """Return where a file of the folder lies."""
        return f"{self.folder.rstrip('/')}/{name}"


def ask(feed: SftpFeed, question: Question) -> Source:
    """Ask for all finished files; a cursor or window changes nothing, since records known already are recognised."""
    place = Place.of(address(feed))
    layout, candidates = layout_of(feed), plausible(feed.encoding, question.zone.key)

    def listed() -> Listing:
        with _logged_in(place, feed, question.tally) as client:
            return _listed(client, place, feed.glob)

    def read(files: list[Dropped]) -> Iterator[Page]:
        with _logged_in(place, feed, question.tally) as client:
            for file in files:
                body = _fetched(client, place, file, question)
                yield as_page(Answer(body, f"{place.shown}/{file.name}"), layout, candidates, file.name)

    return source_of(feed, question, Drop(place.shown, listed, read))


def _listed(client: paramiko.SFTPClient, place: Place, glob: str) -> Listing:
    """Return the plain files of the folder; what a link leads to is none of them."""
    files = [
        Dropped(entry.filename, entry.st_size or 0, (entry.st_mtime or 0) * 10**9)
        for entry in client.listdir_attr(place.folder)
        if entry.st_mode is None or stat.S_ISREG(entry.st_mode)
    ]
    names = {file.name for file in files}
    return Listing([file for file in files if fnmatchcase(file.name, glob)], names.__contains__)


def _fetched(client: paramiko.SFTPClient, place: Place, file: Dropped, question: Question) -> BinaryIO:
    """Return a file that was the same before and after it was read, and came whole."""
    question.tally.http_calls += 1
    body = spooled(question.spool)
    with client.open(place.path(file.name), "rb") as remote:
        remote.prefetch(file.size, IN_FLIGHT)
        while chunk := remote.read(2**20):
            body.write(chunk)
            if body.tell() > file.size:
                break
    after = client.stat(place.path(file.name))
    if not body.tell() == file.size == after.st_size or file.changed_ns != (after.st_mtime or 0) * 10**9:
        raise changed_while_read(f"{place.shown}/{file.name}")
    body.seek(0)
    return body


@contextmanager
def _logged_in(place: Place, feed: SftpFeed, tally: Tally) -> Iterator[paramiko.SFTPClient]:
    """Open the server's file system; every failure inside is told without what the server or the library says."""
    tally.http_calls += 1
    transport = None
    try:
        connection = socket.create_connection((place.host, place.port), PATIENCE.connect)
        transport = paramiko.Transport(connection)
        transport.banner_timeout = transport.auth_timeout = PATIENCE.silence
        transport.start_client(timeout=PATIENCE.silence)
        _refuse_stranger(transport.get_remote_server_key(), feed, place)
        _log_in(transport, feed, place)
        client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise FetchError(f"{place.shown}: the server gives no SFTP", temporary=True)
        client.get_channel().settimeout(PATIENCE.silence)  # type: ignore[union-attr]
        yield client
    except FileNotFoundError:
        raise FetchError(f"{place.shown}: no such folder, or a file went away; look there", temporary=True) from None
    except PermissionError:
        raise FetchError(f"{place.shown}: {place.user} may not read there; ask the department") from None
    except UnicodeDecodeError:
        # the library reads no other names, and lists none beside one
        raise FetchError(
            f"{place.shown}: the server writes a name that is not UTF-8; ask the department to rename that file"
        ) from None
    except (OSError, EOFError, paramiko.SSHException) as error:
        if isinstance(error, OSError) and error.errno in OUR_DISK:
            raise
        words = f"{place.shown}: the server cannot be reached or hung up ({type(error).__name__})"
        raise FetchError(words, temporary=True) from None
    finally:
        if transport is not None:
            transport.close()


def _refuse_stranger(key: paramiko.PKey, feed: SftpFeed, place: Place) -> None:
    if key.fingerprint not in feed.host_key:
        raise FetchError(
            f"{place.shown}: the server shows the {key.get_name()} key {key.fingerprint}, which is not the feed's "
            "host_key: it may be another server; ask the department for its fingerprint before you change the city file"
        )


def _log_in(transport: paramiko.Transport, feed: SftpFeed, place: Place) -> None:
    password = environment(feed.password_env, "the password") if feed.password_env else None
    try:
        if feed.key_env:
            transport.auth_publickey(place.user, _private_key(feed.key_env, password))
        else:
            transport.auth_password(place.user, password or "")
    except paramiko.AuthenticationException:
        named = feed.key_env or feed.password_env
        raise FetchError(f"{place.shown}: {place.user} is not let in; check what the variable {named} holds") from None


def _private_key(variable: str, passphrase: str | None) -> paramiko.PKey:
    """Return the key that an environment variable holds, or that lies in the file which it names."""
    held = environment(variable, "the private key, or the path of its file")
    try:
        text = held if "PRIVATE KEY" in held else Path(held).read_text(encoding="ascii")
    except (OSError, ValueError):
        raise FetchError(f"the file named by {variable} cannot be read; it must hold a private key") from None
    for kind in KINDS:
        try:
            return kind.from_private_key(io.StringIO(text), passphrase)
        except (paramiko.SSHException, ValueError):
            continue
    raise FetchError(f"{variable}: no private key of ed25519, ECDSA or RSA that its passphrase opens")
