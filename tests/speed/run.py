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
import math
import signal
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "clients")]

import run as clients  # noqa: E402, the tests/clients/run.py, for its environment with fast-bitrix24
import score  # noqa: E402
from bases import Generated  # noqa: E402
from world import Pair, Place, Span, Table, Watched, bound_of, shown  # noqa: E402

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


class Bench:
    """The measurements."""

    def __init__(self, obmen: str, folder: Path, table: Table) -> None:
        self.table, self.bases = table, Generated(obmen, folder)
        self.place = Place(obmen, folder, table, self.bases)

    def export(self) -> None:
        """Reading in real time: how many requests, and whether fast-bitrix24 has its answers earlier."""
        for linked, allowed in ((False, 22), (True, 44)):
            what = "with links" if linked else "without links"
            base = self.bases.portal(f"export-{what}", EXPORTED, linked)
            with contextlib.ExitStack() as stack:
                world = Pair(self.place, stack, base, self.bases.empty_infobase(), 1.0, ["--latency", LATENCY])
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
            world = Pair(self.place, stack, self.bases.portal("portal-empty", 0), base, scale)
            result = world.sync("created_bitrix24")
            created = result.report["created_bitrix24"]
            self.writes(f"{created} creates in Bitrix24", result, result.creates)
            world.no_refusals()

    def write_backs(self, count: int, scale: float) -> None:
        """So many contacts arrive in an empty infobase, and their new ids come back."""
        with contextlib.ExitStack() as stack:
            base = self.bases.portal("write-backs", count)
            world = Pair(self.place, stack, base, self.bases.empty_infobase(), scale)
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
                world = Pair(self.place, stack, portal, self.bases.infobase(f"memory-{count}", count), scale)
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

    def writes(self, what: str, result: Watched, span: Span) -> None:
        bound, binds = bound_of(span.requests, span.execution)
        self.table.row(what, span.seconds / bound if bound else math.inf, 1.15, span.requests, span.seconds, bound)
        self.table.note(f"bound by {binds}; the whole sync: {result.report['seconds']:.0f} s, "
                        f"{result.counters['requests']} requests; execution: {shown(result.counters['operating'])}")
        self.table.note(f"processor: {result.cpu:.1f} s of {result.wall:.1f} s; {result.resident}")
        forecast, took = result.forecast["seconds"], result.report["seconds"]
        self.table.row("    forecast of the whole sync, off by", abs(forecast - took) / took, 0.15, "", took, forecast)


if __name__ == "__main__":
    sys.exit(main())
