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
import json
import random
import re
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parents[3] / "tests"
sys.path[:0] = [str(HERE), str(TESTS), str(TESTS / "speed")]

import score  # noqa: E402
from bases import Generated  # noqa: E402
from handler import CLIENTS, Handler  # noqa: E402
from live import SECRET, Live  # noqa: E402
from world import Place, Table  # noqa: E402

PEOPLE, CHANGES, SCALE, EVERY = 1_000, 2_000, 10.0, 0.5
LOSS, DOUBLING, FAILING, UNANSWERED = 0.05, 0.05, 0.02, 0.01
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
                twins, lost, requests, refused, seconds = Office(live, stack, name != "obmen").work(changes)
            print(f"{name:<24}{twins:>8}{lost:>8}{requests:>12}{refused:>10}{seconds:>10.0f}", flush=True)
            well &= name != "obmen" or twins == lost == 0
    print("ok" if well else "NOT MET")
    return 0 if well else 1


class Office:
    """People at work, whose changes somebody carries over."""

    def __init__(self, live: Live, stack: contextlib.ExitStack, is_naive: bool) -> None:
        self.live, self.random = live, random.Random(7)
        self.portal, self.onec = live.world.control, live.onec
        self.handler = None
        # The messages of 1C reach whoever listens; the portal knows its listener.
        self.hook, self.headers = f"{live.url}/hooks/onec/score", {"X-Obmen-Secret": SECRET}
        if is_naive:
            live.stop()
            infobase = live.world.infobase
            self.handler = Handler(live.world.portal["webhook_url"], infobase["odata_url"], infobase.get("user", "obmen"),
                                   score.PASSWORD)
            stack.callback(self.handler.close)
            self.hook, self.headers = f"{self.handler.url}/onec", {}
            score.get_json(f"{self.portal}act", {"do": "listen", "url": f"{self.handler.url}/bitrix24", "events": [
                "ONCRMCONTACTADD", "ONCRMCONTACTUPDATE"]})
        self.people = list(live.pairs)
        self.wanted: dict[tuple[str, str], str] = {}
        self.number = 0

    def work(self, changes: int) -> tuple[int, int, int, int, float]:
        before = self.keys()
        for control in (self.portal, self.onec):
            score.get_json(f"{control}counters/reset", {})
            score.get_json(f"{control}faults", [{"kind": "error500", "share": FAILING, "seed": 1},
                                                {"kind": "reset_after", "share": UNANSWERED, "seed": 2}])
        score.get_json(f"{self.portal}act", {"do": "deliveries", "loss": LOSS, "doubling": DOUBLING, "seed": 3})
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

    def change(self) -> None:
        """Somebody does something on one of both sides."""
        side = self.random.choice(("bitrix24", "onec"))
        roll = self.random.random()
        self.number += 1
        phone = f"+7 (999) {200 + self.number // 10_000}-{self.number // 100 % 100:02}-{self.number % 100:02}"
        mailbox = f"novy{self.number}@pismo.example"
        if roll < 0.25:
            self.enter(side, phone, mailbox)
            return
        # Nobody is edited again before the last change could arrive: who is right then is a question, and none is lost.
        contact, ref = self.people.pop(self.random.randrange(len(self.people) // 2))
        self.people.append((contact, ref))
        field, value = ("phone", phone) if roll < 0.75 else ("mailbox", mailbox)
        if side == "bitrix24":
            self.live.edit_bitrix24(contact, value, "PHONE" if field == "phone" else "EMAIL")
        else:
            self.edit_onec(ref, "phones" if field == "phone" else "emails", value)
        self.wanted[contact, field] = value

    def enter(self, side: str, phone: str, mailbox: str) -> None:
        name = f"Новиков Иван{self.number} Петрович"
        if side == "bitrix24":
            last, first, middle = name.split()
            fields = {"LAST_NAME": last, "NAME": first, "SECOND_NAME": middle,
                      "PHONE": [{"VALUE": phone, "VALUE_TYPE": "MOBILE"}], "EMAIL": [{"VALUE": mailbox, "VALUE_TYPE": "WORK"}]}
            key = score.get_json(f"{self.portal}act", {"do": "create", "entity": "contact", "fields": fields})["id"]
        else:
            fields = {"Description": name, "НаименованиеПолное": name, "ЮридическоеФизическоеЛицо": "ФизическоеЛицо",
                      "phones": [phone], "emails": [mailbox]}
            key = score.get_json(f"{self.onec}act", {"do": "create", "set": CLIENTS, "fields": fields})["ref"]
            self.tell(key)
        self.wanted[key, "phone"], self.wanted[key, "mailbox"] = phone, mailbox

    def edit_onec(self, ref: str, field: str, value: str) -> None:
        score.get_json(f"{self.onec}act", {"do": "update", "set": CLIENTS, "ref": ref, "fields": {field: [value]}})
        self.tell(ref)

    def tell(self, ref: str) -> None:
        """A message about a save, which may be lost or come twice."""
        roll = self.random.random()
        times = 0 if roll < LOSS else 2 if roll < LOSS + DOUBLING else 1
        body = json.dumps({"type": CLIENTS, "ref": ref}).encode()
        for _ in range(times):
            request = urllib.request.Request(self.hook, body, {"Content-Type": "application/json", **self.headers})
            threading.Thread(target=lambda request=request: score.OPENER.open(request, timeout=30).close(), daemon=True).start()

    def keys(self) -> dict[str, dict[str, set[str]]]:
        """Phones and mailboxes of both sides, each with the records that hold it."""
        sides: dict[str, dict[str, set[str]]] = {"bitrix24": {}, "onec": {}}
        for one in score.get_json(f"{self.portal}dump")["contacts"]:
            for row in [*(one.get("PHONE") or ()), *(one.get("EMAIL") or ())]:
                sides["bitrix24"].setdefault(plain(row["VALUE"]), set()).add(str(one["ID"]))
        for item in score.get_json(f"{self.onec}dump")["objects"][CLIENTS]:
            for row in item.get("КонтактнаяИнформация") or () if not item.get("DeletionMark") else ():
                sides["onec"].setdefault(plain(row["Представление"]), set()).add(item["Ref_Key"])
        return sides

    def missing(self) -> list[str]:
        """Values that people entered last and that do not stand on both sides."""
        sides = self.keys()
        return [value for value in self.wanted.values() if any(plain(value) not in held for held in sides.values())]

    def twins(self, before: dict[str, dict[str, set[str]]]) -> int:
        """Records beside the first of all that share a phone or mailbox, as far as nobody shared it at the beginning."""
        count = 0
        for side, held in self.keys().items():
            first: dict[str, str] = {}

            def root(record: str) -> str:
                while first.setdefault(record, record) != record:
                    record = first[record]
                return record

            for key, records in held.items():
                if len(before[side].get(key, ())) > 1:
                    continue
                some, *others = sorted(records)
                for other in others:
                    if root(some) != root(other):
                        first[root(other)] = root(some)
                        count += 1
        return count


def plain(text: str) -> str:
    return text.lower() if "@" in text else re.sub(r"\D", "", text)[-10:]


if __name__ == "__main__":
    sys.exit(main())
