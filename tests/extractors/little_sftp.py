"""A small SFTP server on this machine that serves a folder, and hangs up when it is told to."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import Any

import paramiko
from paramiko.sftp_attr import SFTPAttributes

PASSWORD = "correct horse battery"
USER = "lake"


class LittleSftp:
    """Serves a folder to one user; `hang_up_after` bytes sent of files it cuts the connection, once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = paramiko.ECDSAKey.generate()
        self.user_key: paramiko.PKey | None = None
        self.hang_up_after: int | None = None
        self.on_open: Any = lambda path: None
        self.logins = 0
        self.sent = 0
        self.transports: list[paramiko.Transport] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"sftp://{USER}@127.0.0.1:{self._listening.getsockname()[1]}/out"

    @property
    def fingerprint(self) -> str:
        return self.key.fingerprint

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()
        for transport in self.transports:
            transport.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            self.transports.append(transport)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, self, transport)
            try:
                transport.start_server(server=_Door(self))
            except (paramiko.SSHException, EOFError, OSError):
                transport.close()


class _Door(paramiko.ServerInterface):
    def __init__(self, server: LittleSftp) -> None:
        self.server = server

    def check_auth_password(self, username: str, password: str) -> int:
        self.server.logins += 1
        return paramiko.AUTH_SUCCESSFUL if (username, password) == (USER, PASSWORD) else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self.server.logins += 1
        known = self.server.user_key
        return paramiko.AUTH_SUCCESSFUL if known is not None and key == known else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _File(paramiko.SFTPHandle):
    def __init__(self, file: Any, server: LittleSftp, transport: paramiko.Transport) -> None:
        super().__init__()
        self.readfile, self.server, self.transport = file, server, transport

    def read(self, offset: int, length: int) -> Any:
        limit = self.server.hang_up_after
        if limit is not None and self.server.sent + length > limit:
            self.server.hang_up_after = None
            self.transport.close()
            return paramiko.SFTP_FAILURE
        data = super().read(offset, length)
        self.server.sent += len(data) if isinstance(data, bytes) else 0
        return data

    def stat(self) -> Any:
        return SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Entry(SFTPAttributes):
    """Writes the name of a file as the disk holds it, whatever bytes these are."""

    @classmethod
    def of(cls, path: Path) -> Any:
        return cls.from_stat(path.lstat(), os.fsencode(path.name))

    def asbytes(self) -> bytes:
        return b"a line for people"


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, door: Any, server: LittleSftp, transport: paramiko.Transport) -> None:
        super().__init__(door)
        self.server, self.transport = server, transport

    def _path(self, path: str) -> Path:
        return self.server.folder / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> Any:
        try:
            found = sorted(self._path(path).iterdir())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return [_Entry.of(one) for one in found]

    def stat(self, path: str) -> Any:
        try:
            return SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        try:
            file = self._path(path).open("rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        self.server.on_open(self._path(path))
        return _File(file, self.server, self.transport)
