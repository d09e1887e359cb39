#!/usr/bin/env python3
"""obmen beside the handler that integrators write: the same people, the same changes, the same faults.

    cargo build --release && python3 crates/app/benches/naive/run.py

Two thousand changes (new people, phones, mailboxes), one each half a second of the simulators' clock, on both sides, while 5 % of
the messages are lost, 5 % come twice, 2 % of the requests get a 500, and 1 % take effect and lose their answer. Then
everything has ten minutes of simulated time to come to rest. Printed for each: records that came twice, values that people entered last
and that do not stand on both sides, requests, how many of them the portal's limits refused, and the seconds until the last
value stood on the other side. Exit code 1 where obmen loses or doubles anything.
"""
from __future__ import annotations

import sys

sys.dont_write_bytecode = True

import argparse
import contextlib
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parents[3] / "tests"
sys.path[:0] = [str(HERE), str(TESTS), str(TESTS / "speed")]

import score  # noqa: E402
from bases import Generated  # noqa: E402
from handler import Handler  # noqa: E402
from live import Live  # noqa: E402
from office import Office  # noqa: E402
from world import Place, Table  # noqa: E402

PEOPLE, CHANGES, SCALE, EVERY = 1_000, 2_000, 10.0, 0.5
FAILING, UNANSWERED = 0.02, 0.01
REST = 600.0


def main() -> int:
    parser = argparse.ArgumentParser("naive", description="Compares obmen with a naive handler.")
    parser.add_argument("--changes", type=int, default=CHANGES, metavar="N", help=f"changes by people (default: {CHANGES})")
    changes = parser.parse_args().changes
    print(f"{'':<24}{'twins':>8}{'lost':>8}{'requests':>12}{'refused':>10}{'seconds':>10}", flush=True)
    well = True
    with tempfile.TemporaryDirectory(prefix="obmen-naive-") as folder:
        place = Place(score.find_binary(), Path(folder), Table, Generated(score.find_binary(), Path(folder)))
        for name in ("naive handler", "obmen"):
            with contextlib.ExitStack() as stack:
                live = Live(place, stack, SCALE, 10, people=PEOPLE)
                twins, lost, requests, refused, seconds = Observed(live, stack, name != "obmen").work(changes)
            print(f"{name:<24}{twins:>8}{lost:>8}{requests:>12}{refused:>10}{seconds:>10.0f}", flush=True)
            well &= name != "obmen" or twins == lost == 0
    print("ok" if well else "NOT MET")
    return 0 if well else 1


class Observed(Office):
    """People at work, while either obmen or the naive handler carries their changes over."""

    def __init__(self, live: Live, stack: contextlib.ExitStack, is_naive: bool) -> None:
        super().__init__(live)
        self.handler = None
        if is_naive:
            live.stop()
            infobase = live.world.infobase
            self.handler = Handler(live.world.portal["webhook_url"], infobase["odata_url"], infobase.get("user", "obmen"),
                                   score.PASSWORD)
            stack.callback(self.handler.close)
            self.hook, self.headers = f"{self.handler.url}/onec", {}
            score.get_json(f"{self.portal}act", {"do": "listen", "url": f"{self.handler.url}/bitrix24", "events": [
                "ONCRMCONTACTADD", "ONCRMCONTACTUPDATE"]})

    def work(self, changes: int) -> tuple[int, int, int, int, float]:
        before = self.keys()
        for control in (self.portal, self.onec):
            score.get_json(f"{control}counters/reset", {})
            score.get_json(f"{control}faults", [{"kind": "error500", "share": FAILING, "seed": 1},
                                                {"kind": "reset_after", "share": UNANSWERED, "seed": 2}])
        score.get_json(f"{self.portal}act", {"do": "deliveries", "loss": self.LOSS, "doubling": self.DOUBLING, "seed": 3})
        begun = time.monotonic()
        for number in range(changes):
            time.sleep(max(begun + number * EVERY / SCALE - time.monotonic(), 0))
            self.change()
        for control in (self.portal, self.onec):
            score.get_json(f"{control}faults", [])
        ended = last = time.monotonic()
        missing = self.missing()
        while missing and time.monotonic() < ended + REST / SCALE:
            time.sleep(1.0)
            missing, before_that = self.missing(), missing
            if len(missing) < len(before_that):
                last = time.monotonic()
        while self.handler and not self.handler.is_idle():
            time.sleep(0.2)
            last = time.monotonic()
        counters = [score.get_json(f"{control}counters") for control in (self.portal, self.onec)]
        requests, refused = sum(one["requests"] for one in counters), counters[0]["limited_503"] + counters[0]["limited_429"]
        return self.twins(before), len(self.missing()), requests, refused, (last - begun) * SCALE


if __name__ == "__main__":
    sys.exit(main())
