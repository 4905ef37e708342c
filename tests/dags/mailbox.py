"""A real mail server on the loopback address that keeps what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


@dataclass
class Mailbox:
    """What came, and whether recipients are refused."""

    port: int = 0
    mails: list[tuple[str, Message]] = field(default_factory=list)
    refuses: bool = False


class _Server(ThreadingTCPServer):
    daemon_threads = True
    mailbox: Mailbox


class _Session(StreamRequestHandler):
    server: _Server

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 mailbox")
        recipient = ""
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"EHLO":
                self.say("250 mailbox")
            elif word == b"RCPT" and self.server.mailbox.refuses:
                self.say("550 nobody of that name")
            elif word == b"DATA":
                self.say("354 go on")
                lines = []
                while (part := self.rfile.readline()) != b".\r\n":
                    lines.append(part)
                self.server.mailbox.mails.append((recipient, message_from_bytes(b"".join(lines))))
                self.say("250 kept")
            elif word == b"QUIT":
                return self.say("221 bye")
            else:
                if word == b"RCPT":
                    recipient = line.decode().split("<")[1].split(">")[0]
                self.say("250 ok")
        return None


@contextmanager
def receiving() -> Iterator[Mailbox]:
    """Serve from a thread until the block ends."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.mailbox = Mailbox(server.server_address[1])
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server.mailbox
        server.shutdown()
        thread.join()


@dataclass
class Hook:
    """A webhook: what was posted to it, as (headers, body), and which status it answers."""

    url: str = ""
    status: int = 202
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


class _HookServer(ThreadingHTTPServer):
    daemon_threads = True
    hook: Hook


class _Post(BaseHTTPRequestHandler):
    server: _HookServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.hook.posts.append((headers, body))
        self.send_response(self.server.hook.status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def posted_to() -> Iterator[Hook]:
    """Serve a webhook from a thread until the block ends."""
    with _HookServer(("127.0.0.1", 0), _Post) as server:
        server.hook = Hook(f"http://127.0.0.1:{server.server_address[1]}/secret-path")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server.hook
        server.shutdown()
        thread.join()
