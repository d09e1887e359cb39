#!/usr/bin/env python3
"""How fast the live exchange is: from somebody's «save» on one side to the value on the other.

    cargo build --release && python3 tests/speed/live.py
    python3 tests/speed/live.py --only latency|polling|extension|throughput|hooks

Starts both simulators with the costs that they have for everybody, and `obmen serve` between them. Latency and hooks run in
real time. The throughput runs on a clock twice as fast, at the portal's real limits, against

    bound = max((requests - 50) / 2, 600 s for each further 480 s of work of a method, the work of all writes shared by as many
                requests as are under way at once)

What binds is said. Exit code 1, with `NOT MET` in the line, where something is slower than allowed. `wrk` has to be installed
for the hooks; after them each acknowledged message has to be a row of the store, or to have been looked at.
"""
from __future__ import annotations

import sys

sys.dont_write_bytecode = True

import argparse
import contextlib
import json
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import score  # noqa: E402
from bases import Generated  # noqa: E402
from world import BUCKET, EXECUTION, RATE, UPDATES, WINDOW, Pair, Place, Span, Table, shown  # noqa: E402

SETTLE = 2.0
# Seconds between two edits: those of one firm's day, and those of a busy hour, where one waits for the other.
DAY, HOUR = (1.5, 3.5), (0.2, 1.2)
SECRET = "geheim-1c"
PEOPLE = 300
EDITS = 50
CHANGED = 1_000
POLL = 10.0
# The extension is asked so often, and half the changes have to stand on the other side within what a look takes.
OUTBOX = 1.0
# What a question, a look and a write of a dozen records may take besides.
TAKES = 2.0
# And where 1C calls besides.
TOLD = 1.0
OVERLAP = 125.0
# A real second is so many of the simulators' where amounts of work are measured.
SCALE = 2.0
# Requests to the portal that obmen has under way at once.
AT_ONCE = 4
HOOK_SECONDS = 10
CLIENTS = "Catalog_Контрагенты"


def main() -> int:
    parser = argparse.ArgumentParser("live", description="Measures the live exchange.")
    parser.add_argument("--only", choices=("latency", "polling", "extension", "throughput", "hooks"), help="one measurement")
    parser.add_argument("--edits", type=int, default=EDITS, metavar="N", help=f"edits a direction (default: {EDITS})")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    table = Table()
    with tempfile.TemporaryDirectory(prefix="obmen-live-") as folder:
        obmen = score.find_binary()
        place = Place(obmen, Path(folder), table, Generated(obmen, Path(folder)))
        for name, measure in (("latency", latency), ("polling", polling), ("extension", extension), ("throughput", throughput),
                              ("hooks", hooks)):
            if options.only in (None, name):
                measure(place, options.edits)
    return table.end()


def latency(place: Place, edits: int) -> None:
    """By messages of both sides."""
    with contextlib.ExitStack() as stack:
        live = Live(place, stack, 1.0, 1_000_000)
        for side, what in (("bitrix24", "message of Bitrix24 to value in 1C"), ("onec", "message of 1C to value in Bitrix24")):
            live.arrive(what, live.edits(side, edits), SETTLE + 1.0, DAY)
            live.arrive("    the same, a change each 0.7 s", live.edits(side, edits), SETTLE + 3.0, HOUR)


def polling(place: Place, edits: int) -> None:
    """Nobody says anything: both sides are asked every ten seconds."""
    with contextlib.ExitStack() as stack:
        live = Live(place, stack, 1.0, int(POLL), listens=False)
        # What was written within the last two minutes is listed with each question.
        time.sleep(OVERLAP)
        live.arrive("change in Bitrix24, polled, to value in 1C", live.edits("bitrix24", edits), POLL + TAKES, HOUR)
        live.arrive("change in 1C, scanned, to value in Bitrix24", live.edits("onec", edits), POLL + TAKES, HOUR)


def extension(place: Place, edits: int) -> None:
    """The extension is asked every second for what was written: in safe mode, where it calls nobody, and where it does."""
    with contextlib.ExitStack() as stack:
        live = Live(place, stack, 1.0, int(POLL), listens=False, kind="extension")
        for between, what in ((DAY, "change in 1C, in its outbox, to value in Bitrix24"), (HOUR, "    the same, a change each 0.7 s")):
            live.arrive(what, live.edits("onec", edits), OUTBOX + TAKES, between, half=TAKES)
        # Its job tells obmen to look.
        live.listens = True
        live.arrive("the same, told by 1C", live.edits("onec", edits), OUTBOX + TAKES, DAY, half=TOLD)


def throughput(place: Place, _: int) -> None:
    """Many counterparties change at once, and one message names them all."""
    with contextlib.ExitStack() as stack:
        live = Live(place, stack, SCALE, 1_000_000, people=CHANGED)
        live.world.forget()
        live.world.post("requests", {"bodies": True})
        chosen = live.pairs[:CHANGED]
        begun = time.monotonic()
        for number, (_, ref) in enumerate(chosen):
            live.edit_onec(ref, phone(number))
        live.tell_onec([ref for _, ref in chosen])
        told = time.monotonic()
        wanted = {digits(phone(number)) for number in range(len(chosen))}
        while not wanted <= live.phones_of_portal():
            if time.monotonic() - told > 600:
                raise SystemExit(f"{len(wanted - live.phones_of_portal())} of {len(wanted)} did not arrive")
            time.sleep(0.2)
        whole = (time.monotonic() - begun) * SCALE
        span, writes = Span(), Span()
        for request in live.world.log(0):
            span.add(request)
            commands = (json.loads(request["body"] or "{}").get("cmd") or {}).values()
            if any(UPDATES.match(command) for command in commands):
                writes.add(request)
        counters = live.world.counters()
        work = sum(counters["operating"].values())
        longest = max(counters["operating"].values(), default=0.0)
        terms = {
            "rate": max((span.requests - BUCKET) / RATE, 0.0),
            "execution": WINDOW * max(-(-longest // EXECUTION) - 1, 0),
            f"the work of {work:.0f} s, {AT_ONCE} requests at once": work / AT_ONCE,
        }
        binds = max(terms, key=terms.get)
        place.table.row(f"{len(chosen)} changed counterparties into Bitrix24", writes.seconds / terms[binds], 1.2,
                        span.requests, writes.seconds, terms[binds])
        place.table.note(f"bound by {binds}; from the first edit to the last value: {whole:.0f} s, of which editing: "
                         f"{(told - begun) * SCALE:.0f} s; work: {shown(counters['operating'])}")
        live.world.no_refusals()


def hooks(place: Place, _: int) -> None:
    """As many messages as possible, each about another contact."""
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed")
    with contextlib.ExitStack() as stack:
        live = Live(place, stack, 1.0, 1_000_000)
        first = 1_000_000
        live.world.post("requests", {"bodies": True})
        command = ["wrk", "--threads", "2", "--connections", "256", "--duration", f"{HOOK_SECONDS}s", "--latency",
                   "--timeout", "10s", "--script", str(HERE / "hooks.lua"), f"{live.url}/hooks/bitrix24/score", "--",
                   live.token, str(first)]
        said = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
        per_second = float(re.search(r"Requests/sec:\s*([\d.]+)", said)[1])
        worst = re.search(r"99%\s*(\S+)", said)[1]
        failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
        acknowledged = int(re.search(r"(\d+) requests in", said)[1]) - int(failed[1] if failed else 0)
        place.table.row("messages a second, durably acknowledged", 5000 / per_second, 1.0, acknowledged, f"{per_second:.0f}/s")
        place.table.note(f"99 of 100 answered within {worst}, {failed[1] if failed else 0} refused")
        # What was asked is read last: a row goes only after its record was asked for.
        with contextlib.closing(sqlite3.connect(live.world.folder / "obmen.db")) as store:
            known = {number for number, in store.execute("select number from dirty where number > ?", (first,))}
        known |= live.looked_at(first)
        # wrk cuts its last requests off: a few more may have been kept than it counted.
        place.table.row("    acknowledged and neither kept nor looked at", max(acknowledged - len(known), 0), 0)


class Live:
    """Both simulators after a first sync, with `obmen serve` between them."""

    def __init__(self, place: Place, stack: contextlib.ExitStack, scale: float, poll: int, people: int = PEOPLE,
                 listens: bool = True, kind: str = "odata") -> None:
        self.place, self.scale, self.kind = place, scale, kind
        portal = place.bases.portal(f"live-{people}", people, companies=1)
        self.world = Pair(place, stack, portal, place.bases.infobase(f"live-{people}", people), scale, kind=kind)
        self.onec = self.world.infobase["control"]
        self.url = f"http://127.0.0.1:{free_port()}"
        listen = {"do": "listen", "url": f"{self.url}/hooks/bitrix24/score"}
        # Nobody hears what the first sync brings about.
        self.token = score.get_json(f"{self.world.control}act", listen)["application_token"]
        self.deliver(1.0)
        self.configure(poll)
        self.world.run("setup")
        self.world.run("sync", "--yes")
        self.log = stack.enter_context(open(self.world.folder / "serve.log", "wb"))
        self.begin()
        stack.callback(self.stop)
        self.rest()
        self.deliver(0.0 if listens else 1.0)
        self.pairs = self.linked()
        self.listens, self.edited = listens, 0
        self.random = random.Random(1)

    def begin(self) -> None:
        command = [self.place.obmen, "serve", "--config", str(self.world.config), "--json"]
        self.serve = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, env=self.world.environment)
        if not self.serve.stdout.readline():
            raise SystemExit(f"`obmen serve` ended with {self.serve.wait()}")

    def rest(self) -> None:
        """What the first questions brought up, the writes of the first sync among it, has been looked at."""
        quiet = 0
        while quiet < 20:
            time.sleep(0.5)
            with score.OPENER.open(f"{self.url}/metrics", timeout=30) as answer:
                rows = [line for line in answer.read().decode().splitlines() if line.startswith("obmen_dirty_rows{")]
            quiet = 0 if any(float(row.rsplit(" ", 1)[1]) for row in rows) else quiet + 1

    def stop(self) -> None:
        if self.serve.poll() is None:
            score.end(self.serve)

    def configure(self, poll: int) -> None:
        text = self.world.config.read_text(encoding="utf-8")
        text = text.replace("[pair.bitrix24]", f"[pair.bitrix24]\napplication_token = \"{self.token}\"\npoll_seconds = {poll}")
        asked = f"poll_seconds = {poll}" if self.kind == "odata" else ""
        text = text.replace("[pair.onec]", f"[pair.onec]\nhook_secret = \"{SECRET}\"\n{asked}")
        listen = self.url.removeprefix("http://")
        self.world.config.write_text(f"[server]\nlisten = \"{listen}\"\n{text}", encoding="utf-8")

    def deliver(self, loss: float) -> None:
        score.get_json(f"{self.world.control}act", {"do": "deliveries", "loss": loss})

    def linked(self) -> list[tuple[str, str]]:
        """Contacts and the counterparties they are linked with."""
        clients = {item["Ref_Key"] for item in score.get_json(f"{self.onec}dump")["objects"][CLIENTS]
                   if sum(row["Тип"] == "Телефон" for row in item.get("КонтактнаяИнформация") or ()) == 1}
        contacts = score.get_json(f"{self.world.control}dump")["contacts"]
        # Whoever writes a value anew keeps its row.
        self.rows = {(str(one["ID"]), field): one[field][0]["ID"] for one in contacts for field in ("PHONE", "EMAIL")
                     if one.get(field)}
        found = [(str(one["ID"]), one.get("UF_CRM_1C_CONTACT_ID")) for one in contacts if len(one.get("PHONE") or ()) == 1]
        return [(contact, ref) for contact, ref in found if ref in clients]

    def edits(self, side: str, count: int) -> list:
        """So many edits of a phone, with the other side's set where it has to arrive."""
        chosen = self.random.sample(self.pairs, count)
        made = []
        for contact, ref in chosen:
            self.edited += 1
            text = phone(50_000 + self.edited)

            def edit(contact=contact, ref=ref, text=text) -> None:
                if side == "bitrix24":
                    self.edit_bitrix24(contact, text)
                    return
                self.edit_onec(ref, text)
                if self.listens:
                    self.tell_onec([ref])

            control, where = (self.onec, CLIENTS) if side == "bitrix24" else (self.world.control, "contact")
            made.append((edit, control, where, text))
        return made

    def arrive(self, what: str, edits: list, allowed: float, between: tuple[float, float], half: float | None = None) -> None:
        """Makes the edits, one after another, and says after how long they stand on the other side."""
        waiting, taken = [], []
        next_at = time.monotonic()
        edits = list(edits)
        while edits or waiting:
            now = time.monotonic()
            if edits and now >= next_at:
                edit, *rest = edits.pop()
                edit()
                waiting.append((time.monotonic(), *rest))
                next_at = now + self.random.uniform(*between)
            for one in list(waiting):
                begun, control, where, text = one
                if self.stands(control, where, text):
                    taken.append(time.monotonic() - begun)
                    waiting.remove(one)
                elif time.monotonic() - begun > 120:
                    raise SystemExit(f"in vain: {what}")
            time.sleep(0.02)
        taken.sort()
        median, worst = taken[len(taken) // 2], taken[(len(taken) - 1) * 99 // 100]
        self.place.table.row(what, worst, allowed, len(taken), worst, allowed)
        if half is not None:
            self.place.table.row("    half of them", median, half, len(taken), median, half)
        settled = f", settling of {SETTLE:.0f} s included" if self.listens and self.kind == "odata" else ""
        self.place.table.note(f"median {median:.2f} s, 99 of 100 within {worst:.2f} s{settled}")

    def stands(self, control: str, where: str, text: str) -> bool:
        return score.get_json(f"{control}records?set={urllib.parse.quote(where)}&find={digits(text)}&limit=0")["total"] > 0

    def edit_bitrix24(self, contact: str, text: str, field: str = "PHONE") -> None:
        held = {"ID": self.rows[contact, field]} if (contact, field) in self.rows else {}
        fields = {field: [{"VALUE": text, "VALUE_TYPE": "WORK"} | held]}
        score.get_json(f"{self.world.control}act", {"do": "update", "entity": "contact", "id": contact, "fields": fields})

    def edit_onec(self, ref: str, text: str) -> None:
        score.get_json(f"{self.onec}act", {"do": "update", "set": CLIENTS, "ref": ref, "fields": {"phones": [text]}})

    def tell_onec(self, refs: list[str]) -> None:
        events = [{"type": CLIENTS, "ref": ref} for ref in refs]
        headers = {"Content-Type": "application/json", "X-Obmen-Secret": SECRET}
        request = urllib.request.Request(f"{self.url}/hooks/onec/score", json.dumps({"events": events}).encode(), headers)
        with score.OPENER.open(request, timeout=30) as answer:
            assert answer.status == 200, answer.status

    def phones_of_portal(self) -> set[str]:
        contacts = score.get_json(f"{self.world.control}dump")["contacts"]
        return {digits(row["VALUE"]) for one in contacts for row in one.get("PHONE") or ()}

    def looked_at(self, first: int) -> set[int]:
        """The ids from this one on that the portal was asked for."""
        numbers = (int(number) for request in self.world.log(0) for number in re.findall(r"\b\d{7,}\b", request["body"]))
        return {number for number in numbers if first < number < 1_000_000_000}


def phone(number: int) -> str:
    return f"+7 (999) {100 + number // 10_000}-{number // 100 % 100:02}-{number % 100:02}"


def digits(text: str) -> str:
    return "".join(one for one in text if one.isdigit())[-10:]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
