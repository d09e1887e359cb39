#!/usr/bin/env python3
"""Kills `obmen serve` again and again while people work on both sides, and looks for what got lost.

    cargo build --release && python3 tests/killed.py
    python3 tests/killed.py --kills 50 --seed 7

After a first sync, people enter new clients and change phones and mailboxes on both sides, one each second and a half of the
simulators' clock. Of the messages about it one in twenty is lost and one comes twice, and whoever posts while nobody listens
does not post again. Both systems lose replies after the effect (2 % of all requests), let effects come a simulated minute after
the connection was cut (1 %) and answer 502 (2 %). `obmen serve` is killed with SIGKILL whenever both systems have counted as many
further writes as were drawn, and is started again a moment later; a process that is killed before it could write does not count.

When people and faults have stopped, everything that somebody entered last has to stand on both sides within a simulated quarter
of an hour, nobody may be there twice, `obmen diff` has to find nothing that nothing explains, and a restarted `obmen serve` has nothing to
write.

Needs Python 3.11 and nothing else; talks to 127.0.0.1 only; ends the processes it started. Exit code 1, with a sentence for each
requirement that is not met.
"""
from __future__ import annotations

import sys

sys.dont_write_bytecode = True

import argparse
import contextlib
import json
import random
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "speed")]

import score  # noqa: E402
from bases import Generated  # noqa: E402
from crash import FAULTS  # noqa: E402
from live import Live  # noqa: E402
from office import Office  # noqa: E402
from world import Place, Table  # noqa: E402

KILLS = 25
PEOPLE = 600
# Ten of the simulators' seconds are one real one; obmen keeps pace with them.
SCALE = 10.0
# Seconds of the simulators' clock: between two changes, until obmen is started again at most, until all has arrived.
EVERY, AWAY, REST = 1.5, 20.0, 900.0
# Writes of both systems until the next kill, at most.
WRITES = 12
# Real seconds after which a kill comes in any case.
PATIENCE = 30.0


def main() -> int:
    parser = argparse.ArgumentParser("killed", description="Kills obmen serve again and again while people work.")
    parser.add_argument("--kills", type=int, default=KILLS, metavar="N", help=f"how often it is killed (default: {KILLS})")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="draws when (default: 1)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="obmen-killed-") as folder, contextlib.ExitStack() as stack:
        obmen = score.find_binary()
        place = Place(obmen, Path(folder), Table, Generated(obmen, Path(folder)))
        complaints = Night(Live(place, stack, SCALE, 10, people=PEOPLE), options.seed).pass_by(options.kills)
    for complaint in complaints:
        print(f"killed: {complaint}", file=sys.stderr)
    print("killed:", "NOT MET" if complaints else "ok")
    return 1 if complaints else 0


class Night:
    """People at work, while somebody pulls the plug again and again."""

    def __init__(self, live: Live, seed: int) -> None:
        self.live, self.seed, self.draw = live, seed, random.Random(seed)
        self.office = Office(live)
        self.world = score.World(live.world.control, live.onec)
        self.ended = threading.Event()

    def pass_by(self, kills: int) -> list[str]:
        before = self.office.keys()
        self.disturb(FAULTS)
        deliveries = {"do": "deliveries", "loss": Office.LOSS, "doubling": Office.DOUBLING, "seed": self.seed}
        score.get_json(f"{self.office.portal}act", deliveries)
        people = threading.Thread(target=self.work)
        people.start()
        begun = time.monotonic()
        try:
            killed = [self.kill() for _ in range(kills)]
        finally:
            self.ended.set()
            people.join()
        self.disturb([])
        print(f"killed {kills} times within {time.monotonic() - begun:.0f} s, after {killed} writes; "
              f"{self.office.number} changes by people", flush=True)
        return self.judge(before, kills - sum(count > 0 for count in killed))

    def disturb(self, faults: list[dict]) -> None:
        for place, control in enumerate(self.world.controls.values()):
            score.get_json(f"{control}faults", [fault | {"seed": 2 * self.seed + place} for fault in faults])

    def work(self) -> None:
        while not self.ended.wait(EVERY / SCALE):
            self.office.change()

    def written(self) -> int:
        return sum(self.world.writes().values())

    def kill(self) -> int:
        """Kills the process at a drawn number of writes, and starts another; how many there were."""
        begin, until = self.written(), time.monotonic() + PATIENCE
        target = begin + self.draw.randint(1, WRITES)
        while (written := self.written()) < target and time.monotonic() < until:
            if self.live.serve.poll() is not None:
                raise SystemExit(f"obmen serve ended by itself with {self.live.serve.returncode}")
            time.sleep(0.002)
        self.live.serve.kill()
        self.live.serve.wait()
        self.live.serve.stdout.close()
        # Whoever posts meanwhile finds nobody.
        time.sleep(self.draw.uniform(0, AWAY / SCALE))
        self.live.begin()
        return written - begin

    def obmen(self, *command: str) -> dict:
        """What a command prints, whatever it ends with."""
        world = self.live.world
        done = subprocess.run([world.place.obmen, *command, "--config", str(world.config), "--json"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, env=world.environment, check=False)
        return json.loads(done.stdout)

    def judge(self, before: dict, idle: int) -> list[str]:
        begun = time.monotonic()
        while (missing := self.office.missing()) and time.monotonic() < begun + REST / SCALE:
            time.sleep(1.0)
        print(f"the last value stood on both sides after {(time.monotonic() - begun) * SCALE:.0f} s of the simulators", flush=True)
        self.live.rest()
        complaints = [f"{idle} kills met a process that had not written"] if idle else []
        if missing:
            complaints.append(f"{len(missing)} values got lost, among them {missing[:5]}")
        if twins := self.office.twins(before):
            complaints.append(f"{twins} records came twice")
        difference = self.obmen("diff")
        print(f"obmen diff: {difference['equal']} pairs are equal; {difference['counts']}", flush=True)
        for one in difference["differences"]:
            if one["why"] == "unexplained":
                history = [self.obmen("why", record) for record in one["records"]]
                complaints.append(f"a difference that nothing explains: {one}; what is known: {history}")
        done = self.world.writes()
        self.live.stop()
        self.live.begin()
        self.live.rest()
        complaints += [f"a restart over a world at rest wrote {count} times in {side}"
                       for side, count in self.world.written_since(done).items() if count]
        return complaints


if __name__ == "__main__":
    sys.exit(main())
