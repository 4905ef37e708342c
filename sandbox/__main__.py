"""The sandbox on the command line: `python -m sandbox serve` and `python -m sandbox truth`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from contextlib import suppress
from threading import Thread

from sandbox.server import SandboxServer
from sandbox.truth import truth


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, meaning in (
        ("serve", "serve the systems until stopped"),
        ("truth", "print what a correct lake must say"),
    ):
        command = verbs.add_parser(verb, help=meaning)
        command.add_argument("--seed", type=int, default=7)
        command.add_argument("--scale", type=float, default=1.0)
        command.add_argument("--day", type=int, default=0, help="0 is Monday 26 October 2026")
    serve = verbs.choices["serve"]
    serve.add_argument("--port", type=int, default=8765, help="0 takes a free one")
    serve.add_argument("--finance", help="where to write the finance database: sqlite:////path or postgresql://...")
    return parser.parse_args()


def _serve(options: argparse.Namespace) -> None:
    server = SandboxServer(options.seed, options.scale, options.day, options.finance, options.port)
    # shutdown() waits for the serving loop, which runs in the thread that receives the signal.
    signal.signal(signal.SIGTERM, lambda *_: Thread(target=server.shutdown).start())
    now = server.city.world.now.isoformat()
    print(json.dumps({"url": server.url, "day": server.day, "now": now}), flush=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.1)
    server.server_close()


def main() -> int:
    """Run one verb; 2 when the server cannot start."""
    options = _options()
    if options.verb == "truth":
        print(json.dumps(truth(options.seed, options.scale, options.day), ensure_ascii=False))
        return 0
    try:
        _serve(options)
    except (OSError, ValueError) as error:
        print(f"The sandbox could not start: {error}. Choose another --port or --finance.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
