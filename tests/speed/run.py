#!/usr/bin/env python3
"""How fast a first sync is, against what the limits of both systems allow at best.

    cargo build --release && python3 tests/speed/run.py
    python3 tests/speed/run.py --only export
    python3 tests/speed/run.py --only memory --records 1000000

Starts `obmen sim` for both systems with bases of the wanted size, runs the built binary, and prints requests, time, the
bound and their ratio. All times are those of the simulators' clock, at a portal's real limits; the product runs on the
same clock (OBMEN_CLOCK), so that nothing of it is scaled. What binds is said beside each bound:

    rate       (requests - 50) / 2 a second
    execution  600 s for each further 480 s of work of the method that has most
    1C         the work of 1C, shared by as many requests as the pair allows at once

The processor's time counts ten times on a clock that runs ten times faster: it is printed, and another `--time-scale`
shows whether it matters. The export runs in real time, beside fast-bitrix24, which comes from PyPI by
name (tests/clients). Exit code 1, with `NOT MET` in the line, where something is slower than allowed.
"""
from __future__ import annotations

import sys

sys.dont_write_bytecode = True

import argparse
import contextlib
import json
import math
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "clients")]

import run as clients  # noqa: E402, the tests/clients/run.py, for its environment with fast-bitrix24
import score  # noqa: E402
from bases import Generated  # noqa: E402

# A million records take a while to be loaded.
score.START_SECONDS = 1200
RATE, BUCKET, EXECUTION, WINDOW = 2.0, 50, 480.0, 600.0
PARALLEL = 2
EXPORTED = 50_000
# Some are no new parties: so many are enough for ten thousand.
WRITTEN = 10_100
COMPARED = 100_000
# MiB that a million records a side may take, and how much of it a quarter of a million takes less.
RESIDENT, GROWTH = 400, 200
# MiB of the preview of an export: what waits to be kept is bounded, and the export fills it.
EXPORT_RESIDENT = 200
# So many steps of a plan are applied where it is its memory that is looked at: more than a portion of it.
APPLIED = 15_000
LATENCY = "0.1:0.3"
CREATES = re.compile(r"^crm\.(item\.batchImport|(item|contact|company)\.add)\?")
UPDATES = re.compile(r"^crm\.(item|contact|company)\.update\?")


def main() -> int:
    parser = argparse.ArgumentParser("speed", description="Measures a first sync against its bounds.")
    parser.add_argument("--only", choices=("export", "creates", "write-backs", "memory"),
                        help="one measurement")
    parser.add_argument("--time-scale", type=float, default=10.0, metavar="X", help="of the writes (default: 10)")
    parser.add_argument("--written", type=int, default=WRITTEN, metavar="N", help=f"records written (default: {WRITTEN})")
    parser.add_argument("--records", type=int, default=COMPARED, metavar="N",
                        help=f"records a side that are to be compared in little memory (default: {COMPARED})")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    table = Table()
    with tempfile.TemporaryDirectory(prefix="obmen-speed-") as folder:
        bench = Bench(score.find_binary(), Path(folder), table)
        if options.only in (None, "export"):
            bench.export()
        if options.only in (None, "creates"):
            bench.creates(options.written, options.time_scale)
        if options.only in (None, "write-backs"):
            bench.write_backs(options.written, options.time_scale)
        if options.only in (None, "memory"):
            bench.memory(options.records, options.time_scale)
    return table.end()


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


class Bench:
    """The measurements."""

    def __init__(self, obmen: str, folder: Path, table: Table) -> None:
        self.obmen, self.folder, self.table = obmen, folder, table
        self.bases = Generated(obmen, folder)

    def export(self) -> None:
        """Reading in real time: how many requests, and whether fast-bitrix24 has its answers earlier."""
        for linked, allowed in ((False, 22), (True, 44)):
            what = "with links" if linked else "without links"
            base = self.bases.portal(f"export-{what}", EXPORTED, linked)
            with contextlib.ExitStack() as stack:
                world = Pair(self, stack, base, self.bases.empty_infobase(), 1.0, ["--latency", LATENCY])
                world.read_only()
                if not linked:
                    theirs = world.watched(lambda: self.fast(world.portal["webhook_url"]), "crm.contact.list")
                    time.sleep(30)  # the bucket is empty again
                world.run("setup")
                begun = time.monotonic()
                ours = world.watched(lambda: world.run("plan"), "crm.contact.list", "crm.item.list")
                wall = time.monotonic() - begun
                self.table.row(f"export of {EXPORTED} contacts {what}, requests", ours.contacts, allowed, ours.contacts)
                self.table.row("    the whole preview, MiB resident at most", world.peak, EXPORT_RESIDENT, "", wall)
                if not linked:
                    self.table.row("    the same, time beside fast-bitrix24", ours.seconds / theirs.seconds, 1.0,
                                   theirs.contacts, ours.seconds, theirs.seconds)
                world.no_refusals()

    def fast(self, webhook: str) -> None:
        script = ("import sys\nfrom fast_bitrix24 import Bitrix\n"
                  "rows = Bitrix(sys.argv[1], verbose=False).get_all('crm.contact.list', {'select': "
                  "['ID', 'LAST_NAME', 'NAME', 'SECOND_NAME', 'PHONE', 'EMAIL', 'COMPANY_ID']})\n"
                  f"assert len(rows) == {EXPORTED}, len(rows)")
        subprocess.run([str(clients.python()), "-c", script, webhook], check=True, timeout=600)

    def creates(self, count: int, scale: float) -> None:
        """So many people of 1C arrive in an empty portal."""
        with contextlib.ExitStack() as stack:
            base = self.bases.infobase("creates", count)
            world = Pair(self, stack, self.bases.portal("portal-empty", 0), base, scale)
            result = world.sync("created_bitrix24")
            created = result.report["created_bitrix24"]
            self.writes(f"{created} creates in Bitrix24", result, result.creates)
            world.no_refusals()

    def write_backs(self, count: int, scale: float) -> None:
        """So many contacts arrive in an empty infobase, and their new ids come back."""
        with contextlib.ExitStack() as stack:
            base = self.bases.portal("write-backs", count)
            world = Pair(self, stack, base, self.bases.empty_infobase(), scale)
            result = world.sync("updated_bitrix24")
            updated = result.report["updated_bitrix24"]
            self.writes(f"{updated} ids written back into Bitrix24", result, result.updates)
            world.no_refusals()

    def memory(self, records: int, scale: float) -> None:
        """So many contacts against as many counterparties, most of them the same people: how much memory a preview takes, and a
        sync that looks at both sides again and applies the beginning of its plan."""
        peaks: dict[str, list[float]] = {"preview": [], "sync": []}
        for count in (records // 4, records):
            with contextlib.ExitStack() as stack:
                portal = self.bases.portal(f"memory-{count}", count, companies=1)
                world = Pair(self, stack, portal, self.bases.infobase(f"memory-{count}", count), scale)
                world.read_only()
                world.run("setup")
                for what, command in (("preview", ["plan"]), ("sync", ["sync", "--yes", "--limit", str(APPLIED)])):
                    begun = time.monotonic()
                    said = world.run(*command)
                    peaks[what].append(world.peak)
                    links = said["linked"] if what == "sync" else said["counts"]["link"]
                    self.table.note(f"{what} of {count} a side: {links} links, {time.monotonic() - begun:.0f} s, processor: "
                                    f"{world.used.ru_utime + world.used.ru_stime:.0f} s; {world.resident}")
        for what, (quarter, whole) in peaks.items():
            self.table.row(f"{what} of {records} contacts and counterparties, MiB", whole, RESIDENT)
            self.table.row("    more than a quarter of them take, MiB", whole - quarter, GROWTH)

    def writes(self, what: str, result: "Watched", span: "Span") -> None:
        bound, binds = bound_of(span.requests, span.execution)
        self.table.row(what, span.seconds / bound if bound else math.inf, 1.15, span.requests, span.seconds, bound)
        self.table.note(f"bound by {binds}; the whole sync: {result.report['seconds']:.0f} s, "
                        f"{result.counters['requests']} requests; execution: {shown(result.counters['operating'])}")
        self.table.note(f"processor: {result.cpu:.1f} s of {result.wall:.1f} s; {result.resident}")
        forecast, took = result.forecast["seconds"], result.report["seconds"]
        self.table.row("    forecast of the whole sync, off by", abs(forecast - took) / took, 0.15, "", took, forecast)


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

    def __init__(self, bench: Bench, stack: contextlib.ExitStack, portal: Path, infobase: Path, scale: float,
                 options: list[str] | None = None) -> None:
        self.bench, self.scale = bench, scale
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=bench.folder)))
        common = ["--port", "0", "--time-scale", f"{scale:g}"]
        simulate = [bench.obmen, "sim"]
        self.portal = score.start(stack, [*simulate, "bitrix24", *common, *(options or ()), "--data", portal])
        self.infobase = score.start(stack, [*simulate, "onec", *common, "--password", score.PASSWORD, "--data", infobase])
        self.control = self.portal["control"]
        config = score.configuration(self.portal, self.infobase, "bp30", 1.0)
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
            process = subprocess.Popen([self.bench.obmen, *command, "--config", str(self.config), "--json"], stdout=out,
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
        self.bench.table.row("    refused by a limit or cut", refused, 0)


if __name__ == "__main__":
    sys.exit(main())
