"""A running `obmen sim bitrix24` and its controls under `/_sim/`."""
from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import simulator

# Whatever proxies the clients are given, the controls go straight to the simulator.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Portal:
    """The addresses of one simulated portal."""

    def __init__(self, webhook_url: str, control: str) -> None:
        self.webhook_url = webhook_url
        self.control = control

    def counters(self) -> dict:
        return self._call("counters")

    def dump(self) -> dict:
        return self._call("dump")

    def act(self, **action: object) -> dict:
        return self._call("act", action)

    def faults(self, rules: list[dict]) -> None:
        self._call("faults", rules)

    def _call(self, path: str, body: object = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        with DIRECT.open(urllib.request.Request(self.control + path, data=data), timeout=60) as answer:
            return json.load(answer)


@contextlib.contextmanager
def running(binary: Path, *options: str) -> Iterator[Portal]:
    """A portal that lives as long as the block."""
    with simulator.running(binary, "bitrix24", *options) as addresses:
        yield Portal(**addresses)
