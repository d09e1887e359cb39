"""People at work on both sides of a live exchange, and what became of what they entered."""
from __future__ import annotations

import contextlib
import json
import random
import re
import threading
import urllib.request

import score
from live import CLIENTS, SECRET, Live


class Office:
    """People at work, whose changes somebody carries over."""

    # Shares of the messages of 1C that never come, and that come twice.
    LOSS, DOUBLING = 0.05, 0.05

    def __init__(self, live: Live) -> None:
        self.live, self.random = live, random.Random(7)
        self.portal, self.onec = live.world.control, live.onec
        # The messages of 1C reach whoever listens; the portal knows its listener.
        self.hook, self.headers = f"{live.url}/hooks/onec/score", {"X-Obmen-Secret": SECRET}
        self.people = list(live.pairs)
        self.wanted: dict[tuple[str, str], str] = {}
        self.number = 0

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
        times = 0 if roll < self.LOSS else 2 if roll < self.LOSS + self.DOUBLING else 1
        for _ in range(times):
            threading.Thread(target=self.post, args=(json.dumps({"type": CLIENTS, "ref": ref}).encode(),), daemon=True).start()

    def post(self, body: bytes) -> None:
        """Nobody sends a message again that found nobody."""
        request = urllib.request.Request(self.hook, body, {"Content-Type": "application/json", **self.headers})
        with contextlib.suppress(OSError):
            score.OPENER.open(request, timeout=30).close()

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
