"""Both simulators with the product between them on one clock, what was asked of the portal, and a line for each figure."""
from __future__ import annotations

import contextlib
import json
import math
import os
import re
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import score
from bases import Generated

# A million records take a while to be loaded.
score.START_SECONDS = 1200
RATE, BUCKET, EXECUTION, WINDOW = 2.0, 50, 480.0, 600.0
PARALLEL = 2
CREATES = re.compile(r"^crm\.(item\.batchImport|(item|contact|company)\.add)\?")
UPDATES = re.compile(r"^crm\.(item|contact|company)\.update\?")


class Table:
    """What was measured, a line each."""

    def __init__(self) -> None:
        self.unmet = 0
        print(f"{'what':<46}{'requests':>9}{'time':>10}{'bound':>10}{'ratio':>8}{'allowed':>9}", flush=True)

    def row(self, what: str, value: float, allowed: float, requests: object = "", took: object = "",
            bound: object = "") -> None:
        met = value <= allowed
        self.unmet += not met
        cells = [f"{one:.1f} s" if isinstance(one, float) else str(one) for one in (took, bound)]
        print(f"{what:<46}{requests!s:>9}{cells[0]:>10}{cells[1]:>10}{value:>8.3g}{allowed:>9.4g}"
              f"  {'ok' if met else 'NOT MET'}", flush=True)

    def note(self, text: str) -> None:
        print(f"    {text}", flush=True)

    def end(self) -> int:
        print("NOT MET" if self.unmet else "ok")
        return 1 if self.unmet else 0


@dataclass
class Place:
    """Where measurements are made, and where they are told."""

    obmen: str
    folder: Path
    table: Table
    bases: Generated


def bound_of(requests: int, execution: dict[str, float]) -> tuple[float, str]:
    """The least time that so many requests with so much work take, and why."""
    rate = max((requests - BUCKET) / RATE, 0.0)
    longest = max(execution.values(), default=0.0)
    work = WINDOW * max(math.ceil(longest / EXECUTION - 1e-9) - 1, 0)
    return (rate, "rate") if rate > work else (work, "execution")


def shown(operating: dict[str, float]) -> str:
    largest = sorted(operating.items(), key=lambda one: -one[1])[:6]
    return ", ".join(f"{method} {seconds:.0f}" for method, seconds in largest)


class Span:
    """Requests of one sort: from the first one's arrival to the last one's answer."""

    def __init__(self) -> None:
        self.requests, self.first, self.last = 0, math.inf, -math.inf
        self.execution: dict[str, float] = {}

    def add(self, request: dict) -> None:
        at = datetime.fromisoformat(request["at"][:26].rstrip("Z") + "+00:00").timestamp()
        self.requests += 1
        self.first = min(self.first, at)
        self.last = max(self.last, at + request["took"])

    @property
    def seconds(self) -> float:
        return max(self.last - self.first, 0.0)


class Watched:
    """What the portal was asked while something ran."""

    def __init__(self) -> None:
        self.creates, self.updates, self.listed = Span(), Span(), Span()
        self.report: dict = {}
        self.forecast: dict = {}
        self.counters: dict = {}
        self.cpu = self.wall = 0.0
        self.resident = ""

    @property
    def contacts(self) -> int:
        return self.listed.requests

    @property
    def seconds(self) -> float:
        return self.listed.seconds

    def note(self, request: dict) -> None:
        try:
            commands = json.loads(request["body"]).get("cmd") or {}
        except ValueError:
            return
        commands = list(commands.values())
        if any(CREATES.match(command) for command in commands):
            self.creates.add(request)
        if any(UPDATES.match(command) for command in commands):
            self.updates.add(request)


class Pair:
    """Both simulators, and the product between them on the same clock."""

    def __init__(self, place: Place, stack: contextlib.ExitStack, portal: Path, infobase: Path, scale: float,
                 options: list[str] | None = None, kind: str = "odata") -> None:
        self.place, self.scale = place, scale
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=place.folder)))
        common = ["--port", "0", "--time-scale", f"{scale:g}"]
        simulate = [place.obmen, "sim"]
        self.portal = score.start(stack, [*simulate, "bitrix24", *common, *(options or ()), "--data", portal])
        self.infobase = score.start(stack, [*simulate, "onec", *common, "--password", score.PASSWORD, "--data", infobase,
                                             *(["--extension=safe-mode"] if kind == "extension" else [])])
        self.control = self.portal["control"]
        config = score.configuration(self.portal, self.infobase, "bp30", 1.0, kind=kind)
        self.config = self.folder / "obmen.toml"
        self.config.write_text(config + f"parallel = {PARALLEL}\n", encoding="utf-8")
        self.environment = {**os.environ, "OBMEN_CLOCK": self.pace()}

    def read_only(self) -> None:
        """Nobody is created: the preview asks 1C for nobody, and is over when both sides are read and compared."""
        with self.config.open("a", encoding="utf-8") as config:
            config.write('[pair.create]\nbitrix24 = "none"\nonec = "none"\n')

    def pace(self) -> str:
        """The moment at which real and simulated time were one, with their factor."""
        real = time.time()
        now = datetime.fromisoformat(score.get_json(f"{self.control}time")["now"][:26].rstrip("Z") + "+00:00").timestamp()
        since = real if self.scale == 1.0 else real - (now - real) / (self.scale - 1)
        return f"{self.scale:g}@{datetime.fromtimestamp(since, timezone.utc).isoformat().replace('+00:00', 'Z')}"

    def run(self, *command: str) -> dict:
        """Runs the product; what it used of the machine is kept."""
        with open(self.folder / "out", "w+b") as out, open(self.folder / "err", "w+b") as err:
            process = subprocess.Popen([self.place.obmen, *command, "--config", str(self.config), "--json"], stdout=out,
                                       stderr=err, env=self.environment)
            _, status, self.used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0), err.seek(0)
            said, complaints = out.read().decode(), err.read().decode()
        if process.returncode not in (0, 3):
            raise SystemExit(f"`obmen {' '.join(command)}` ended with {process.returncode}:\n{said}{complaints}")
        return json.loads(said)

    @property
    def peak(self) -> float:
        """MiB resident at most, of the last run."""
        return self.used.ru_maxrss / 1024

    @property
    def resident(self) -> str:
        return f"resident at most: {self.peak:.0f} MiB"

    def watched(self, work, *methods: str) -> Watched:
        """Runs something and counts the requests that hold a method; their first commands are in the log."""
        self.forget()
        work()
        watched = Watched()
        for request in self.log(0):
            if any(method in request["body"] or request["target"].endswith(method) for method in methods):
                watched.listed.add(request)
        watched.counters = self.counters()
        return watched

    def sync(self, wanted: str) -> Watched:
        """A forecast, then a sync with every request looked at."""
        self.run("setup")
        watched = Watched()
        watched.forecast = self.run("plan")["forecast"]
        time.sleep(WINDOW * 1.2 / self.scale)  # what the preview asked counts no more
        self.forget()
        self.post("requests", {"bodies": True})
        ended, last = threading.Event(), 0

        def watch() -> None:
            nonlocal last
            while True:
                is_last = ended.is_set()
                for request in self.log(last):
                    watched.note(request)
                    last = request["number"]
                if is_last:
                    return
                ended.wait(1.0)

        watcher = threading.Thread(target=watch)
        begun = time.monotonic()
        watcher.start()
        try:
            watched.report = self.run("sync", "--yes")
        finally:
            watched.cpu, watched.wall = self.used.ru_utime + self.used.ru_stime, time.monotonic() - begun
            watched.resident = self.resident
            ended.set()
            watcher.join()
        watched.counters = self.counters()
        for span, methods in ((watched.creates, CREATES), (watched.updates, UPDATES)):
            span.execution = {method: seconds for method, seconds in watched.counters["operating"].items()
                              if methods.match(f"{method}?")}
        if not watched.report.get(wanted):
            raise SystemExit(f"nothing was counted as {wanted}: {watched.report}")
        return watched

    def log(self, since: int) -> list[dict]:
        return score.get_json(f"{self.control}requests?since={since}&limit=10000")["requests"]

    def counters(self) -> dict:
        return score.get_json(f"{self.control}counters")

    def forget(self) -> None:
        self.post("requests/reset", {})
        self.post("counters/reset", {})

    def post(self, path: str, body: dict) -> None:
        score.get_json(f"{self.control}{path}", body)

    def no_refusals(self) -> None:
        counters = self.counters()
        refused = counters["limited_503"] + counters["limited_429"] + counters["cut"]
        self.place.table.row("    refused by a limit or cut", refused, 0)
