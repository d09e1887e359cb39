#!/usr/bin/env python3
"""Kills a first sync again and again, or its undo, and compares where it ends with one that nobody disturbed.

    cargo build --release && python3 tests/crash.py
    python3 tests/crash.py --kills 8 --seed 7
    python3 tests/crash.py --undo

Two worlds begin alike: a portal and an infobase with a prepared base of tests/data. In one, `obmen sync` runs to its
end. In the other both systems lose replies after the effect (2 % of all requests), let effects come a simulated minute
after the connection was cut (1 %) and answer 502 (2 %), and `obmen sync` is killed with SIGKILL whenever a system has
counted as many writes as were drawn; then it is started again. In the end both worlds have to hold the same records, and
each of them the same values. Left out of the comparison is only what the systems make up themselves:

- ids of the portal. A record that obmen made is called after the record it was made from, wherever its id stands;
- what tells when and by whom something was written, versions, and the codes that 1C counts up;
- the order of rows, and the ids of rows of phones and mailboxes.

So a second record made from one source is one too many, and a record made from no known one is another. A last sync must
find nothing to write. With `--undo` both worlds are synced without disturbance, and the same is done to `obmen undo` of
that sync, which also has to tell the same exceptions. The cases that wait for a person are told where they differ, not required to be the same: what a
run brings a record tells nothing new about others, but a KPP that it fills in may answer a question between branches.

Waiting is in proportion: both systems run twenty times faster, so the minute that a portal works on a request takes
three seconds. obmen is told six, and the same for 1C; what it then waits before it looks for a lost create (8.5 s, and 15
s) is longer than the longest of the late effects, as it has to be, and shorter than with a customer.

Needs Python 3.11 and nothing else; talks to 127.0.0.1 only; ends the processes it started.

Exit code 1, with a sentence for each requirement that is not met.
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
import time
from pathlib import Path

import score

KILLS = 50
# How long obmen takes either system to work on a request, in real seconds.
REQUEST_SECONDS = 6
# Simulated seconds until a late request takes effect: as long as a portal works on one at most.
LATE_SECONDS = 60
# Shares of all requests, on either side.
FAULTS = [
    {"kind": "reset_after", "share": 0.02},
    {"kind": "late", "share": 0.01, "seconds": LATE_SECONDS},
    {"kind": "status", "share": 0.02, "status": 502},
]
SHOWN = 10
# What a system gives by itself, and what tells when and by whom.
OF_THE_PORTAL = {"ID", "DATE_CREATE", "DATE_MODIFY", "LAST_ACTIVITY_TIME", "LAST_ACTIVITY_BY", "MODIFY_BY_ID", "SORT"}
OF_THE_INFOBASE = {"Code", "DataVersion", "LineNumber", "ДатаСоздания"}


def main() -> int:
    options = arguments().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        complaints = compare(options)
    except score.Unmet as reason:
        print(f"crash: {reason}", file=sys.stderr)
        return 1
    for complaint in complaints:
        print(f"crash: {complaint}", file=sys.stderr)
    print(f"crash {options.set}: {'NOT MET' if complaints else 'ok'}")
    return 1 if complaints else 0


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("crash", description="Kills a first sync, or its undo, again and again.")
    parser.add_argument("--undo", action="store_true", help="sync first, and kill the undo of that sync")
    parser.add_argument("--set", default="clean", choices=sorted(score.SHARES), help="the set of tests/data (default: clean)")
    parser.add_argument("--kills", type=int, default=KILLS, metavar="N", help=f"how often it is killed (default: {KILLS})")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="draws when (default: 1)")
    parser.add_argument("--time-scale", type=float, default=20.0, metavar="X",
                        help="how many times faster than real both systems run (default: 20)")
    return parser


def compare(options: argparse.Namespace) -> list[str]:
    with contextlib.ExitStack() as stack:
        scene = Scene(stack, options)
        exceptions = scene.exceptions(scene.run(*scene.work))
        writes = scene.world.writes()
        calm, reviews = scene.canonical(), scene.reviews()
    print(f"undisturbed: {shown(writes)} writes", flush=True)
    with contextlib.ExitStack() as stack:
        scene = Scene(stack, options)
        scene.disturb(options.seed)
        begun = time.monotonic()
        killed = scene.work_and_kill(writes, options)
        print(f"killed {killed} times within {time.monotonic() - begun:.0f} s", flush=True)
        complaints, told = scene.calm_down()
        print(f"done after {time.monotonic() - begun:.0f} s: {shown(scene.world.writes())} writes; struck: "
              + ", ".join(f"{kind} {count}" for kind, count in scene.struck.items()), flush=True)
        disturbed, again = scene.canonical(), scene.reviews()
    if killed < options.kills:
        complaints.append(f"only {killed} of {options.kills} kills met a running {scene.work[0]}")
    complaints += [f"no request met the fault {kind}" for kind, count in scene.struck.items() if not count]
    if exceptions != told:
        complaints.append(f"exceptions told undisturbed {sorted(exceptions)}, disturbed {sorted(told)}")
    for side in calm:
        complaints += differences(side, calm[side], disturbed[side])
    if reviews != again:
        print(f"{len(reviews - again)} cases for a person are missing and {len(again - reviews)} are new: "
              f"{sorted(reviews ^ again)[:SHOWN]}")
    return complaints


def shown(writes: dict[str, int]) -> str:
    return " + ".join(str(count) for count in writes.values())


class Scene:
    """Both systems with a prepared base, and obmen between them."""

    def __init__(self, stack: contextlib.ExitStack, options: argparse.Namespace):
        self.obmen = score.find_binary()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="obmen-crash-")))
        base = score.unpack(options.set, folder / options.set)
        common = ["--port", "0", "--time-scale", f"{options.time_scale:g}"]
        product = score.CONFIGURATION.get(options.set, "bp30")
        portal = score.start(stack, [self.obmen, "sim", "bitrix24", *common, "--data", base / "b24.jsonl"])
        infobase = score.start(stack, [self.obmen, "sim", "onec", *common, "--password", score.PASSWORD,
                                       "--configuration", product, "--data", base / "onec.jsonl"])
        self.world = score.World(portal["control"], infobase["control"])
        self.config = folder / "obmen.toml"
        text = score.configuration(portal, infobase, product, options.time_scale, REQUEST_SECONDS)
        self.config.write_text(text, encoding="utf-8")
        self.struck = dict.fromkeys((fault["kind"] for fault in FAULTS), 0)
        self.noted = dict.fromkeys(self.world.controls, 0)
        self.run("setup")
        self.work = ("sync", "--yes")
        if options.undo:
            self.work = ("undo", self.run(*self.work)["run"], "--yes")

    def run(self, *command: str) -> dict:
        return score.run_obmen(self.obmen, self.config, *command)[0]

    def disturb(self, seed: int) -> None:
        for place, control in enumerate(self.world.controls.values()):
            score.get_json(f"{control}faults", [fault | {"seed": 2 * seed + place} for fault in FAULTS])

    def work_and_kill(self, writes: dict[str, int], options: argparse.Namespace) -> int:
        """Kills the work at drawn numbers of writes; returns how many were killed before one reached its end."""
        draw = random.Random(options.seed)
        killed = 0
        while killed < options.kills:
            done = self.world.writes()
            spread = options.kills - killed + 1
            # On the average an equal share of what is left on each side; the side that is there first decides.
            targets = {side: count + draw.randint(1, max(1, 2 * (writes[side] - count) // spread))
                       for side, count in done.items()}
            code = self.killed_at(targets)
            self.count_struck()
            if code is None:
                killed += 1
            elif code in (0, 3):
                break
            else:
                print(f"a run gave up with {code} after {killed} kills", flush=True)
        return killed

    def killed_at(self, targets: dict[str, int]) -> int | None:
        """Kills a run when a side has counted so many writes; the code of one that ended before."""
        command = [self.obmen, *self.work, "--config", str(self.config), "--json"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while process.poll() is None:
                if any(count >= targets[side] for side, count in self.world.writes().items()):
                    process.kill()
                    break
                time.sleep(0.002)
            code = process.wait()
            return None if code == -signal.SIGKILL else code
        finally:
            process.kill()
            process.wait()

    def calm_down(self) -> tuple[list[str], set[str]]:
        """Lets a run end under the same faults, and another without them; what that one tells of exceptions."""
        for _ in range(5):
            try:
                self.run(*self.work)
                break
            except score.Unmet as given_up:
                print(given_up, flush=True)
        self.count_struck()
        for control in self.world.controls.values():
            score.get_json(f"{control}faults", [])
        told = self.exceptions(self.run(*self.work))
        before = self.world.writes()
        self.run(*self.work)
        return [f"a last {self.work[0]} over a world at rest wrote {count} times in {side}"
                for side, count in self.world.written_since(before).items() if count], told

    def exceptions(self, report: dict) -> set[str]:
        """What an undo could not take back, by names that do not depend on the portal's ids."""
        names = Names(self.world.dumps()["bitrix24"])
        return {f"{names.of.get(one['record'], one['record'])} {one['fields']} {one['reason']}"
                for one in report.get("exceptions", ())}

    def count_struck(self) -> None:
        """Counts which faults requests have met since the last look; the systems remember the last ten thousand."""
        for side, control in self.world.controls.items():
            since = self.noted[side]
            for kind in self.struck:
                answer = score.get_json(f"{control}requests?verdict={kind}&since={since}&limit=10000")
                self.struck[kind] += len(answer["requests"])
                self.noted[side] = answer["last"]

    def canonical(self) -> dict[str, dict[str, str]]:
        dumps = self.world.dumps()
        names = Names(dumps["bitrix24"])
        return {"bitrix24": names.portal(dumps["bitrix24"]), "onec": names.infobase(dumps["onec"])}

    def reviews(self) -> set[str]:
        names = Names(self.world.dumps()["bitrix24"])
        listed = self.run("review", "list")["reviews"]
        return {json.dumps([one["kind"], one["reason"], sorted(names.of.get(id, id) for id in one["bitrix24"]), sorted(one["onec"]),
                            sorted(one["fields"])], ensure_ascii=False) for one in listed}


class Names:
    """Names of portal records that do not depend on the ids the portal gave: a copy is called after its source."""

    def __init__(self, dump: dict):
        self.of: dict[str, str] = {}
        for entity, table in (("contact", "contacts"), ("company", "companies")):
            for record in dump[table]:
                made = str(record.get("ORIGINATOR_ID", "")).startswith("obmen:")
                self.of[f"{entity}:{record['ID']}"] = f"{entity} from {record['ORIGIN_ID']}" if made else f"{entity} {record['ID']}"

    def portal(self, dump: dict) -> dict[str, str]:
        found: dict[str, list] = {}
        for entity, table in (("contact", "contacts"), ("company", "companies")):
            for record in dump[table]:
                found.setdefault(self.of[f"{entity}:{record['ID']}"], []).append(self.card(record))
        for requisite in dump["requisites"]:
            entity = "company" if str(requisite["ENTITY_TYPE_ID"]) == "4" else "contact"
            owner = self.of.get(f"{entity}:{requisite['ENTITY_ID']}", "nobody")
            found.setdefault(f"requisite of {owner}", []).append(self.card(requisite | {"ENTITY_ID": owner}))
        return spread(found)

    def card(self, record: dict) -> str:
        kept = {name: value for name, value in record.items() if name not in OF_THE_PORTAL}
        for name in ("PHONE", "EMAIL", "WEB"):
            if rows := kept.get(name):
                kept[name] = sorted(json.dumps({key: row[key] for key in row if key != "ID"}, ensure_ascii=False) for row in rows)
        for name in ("COMPANY_ID", "COMPANY_IDS"):
            if value := kept.get(name):
                ids = value if isinstance(value, list) else [value]
                kept[name] = sorted(self.of.get(f"company:{id}", str(id)) for id in ids)
        return json.dumps(kept, ensure_ascii=False, sort_keys=True)

    def infobase(self, dump: dict) -> dict[str, str]:
        found: dict[str, list] = {}
        for name, items in dump["objects"].items():
            for item in items:
                key = item.get("Ref_Key") or json.dumps(item, ensure_ascii=False, sort_keys=True)
                found.setdefault(f"{name} {key}", []).append(json.dumps(self.item(item), ensure_ascii=False, sort_keys=True))
        return spread(found)

    def item(self, value: object) -> object:
        if isinstance(value, dict):
            return {key: self.item(inner) for key, inner in value.items() if key not in OF_THE_INFOBASE}
        if isinstance(value, list):
            return sorted((self.item(inner) for inner in value), key=lambda inner: json.dumps(inner, ensure_ascii=False, sort_keys=True))
        return self.of.get(value, value) if isinstance(value, str) else value


def spread(found: dict[str, list]) -> dict[str, str]:
    """A line for each record; a second one of the same name is a line of its own, which the other world does not have."""
    return {f"{name}{f' ({place + 1})' if place else ''}": text
            for name, texts in found.items() for place, text in enumerate(sorted(texts))}


def differences(side: str, calm: dict[str, str], disturbed: dict[str, str]) -> list[str]:
    complaints = []
    for what, names in (("missing", calm.keys() - disturbed.keys()), ("too much", disturbed.keys() - calm.keys())):
        if names:
            complaints.append(f"{side}: {len(names)} records are {what}, among them {sorted(names)[:SHOWN]}")
    other = sorted(name for name in calm.keys() & disturbed.keys() if calm[name] != disturbed[name])
    if other:
        complaints.append(f"{side}: {len(other)} records differ:" + "".join(
            f"\n  {name}: {told(json.loads(calm[name]), json.loads(disturbed[name]))}" for name in other[:SHOWN]))
    return complaints


def told(calm: dict, disturbed: dict) -> str:
    """The fields in which two cards differ."""
    return "; ".join(f"{name} undisturbed {calm.get(name)!r}, disturbed {disturbed.get(name)!r}"
                     for name in sorted(calm.keys() | disturbed.keys()) if calm.get(name) != disturbed.get(name))


if __name__ == "__main__":
    sys.exit(main())
