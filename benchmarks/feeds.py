"""Serves a folder of feeds on loopback, in a process of its own: `python feeds.py FOLDER`.

Each feed has an address of its own (127.0.0.1, 127.0.0.2, ...), because requests to one host keep a second's distance.
The first line of output is a JSON list of the feeds' URLs. It ends when its input ends.
"""

from __future__ import annotations

import json
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(SimpleHTTPRequestHandler):
    """Serves files, and writes no log."""

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def serve(folder: Path) -> list[str]:
    """Serve each feed of `folder` from an address of its own; return their URLs."""
    urls = []
    for number, feed in enumerate(sorted(folder.glob("*.xml")), start=1):
        server = ThreadingHTTPServer((f"127.0.0.{number}", 0), partial(Handler, directory=str(folder)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        urls.append(f"http://127.0.0.{number}:{server.server_port}/{feed.name}")
    return urls


if __name__ == "__main__":
    print(json.dumps(serve(Path(sys.argv[1]))), flush=True)
    sys.stdin.read()
