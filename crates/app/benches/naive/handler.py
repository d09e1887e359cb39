"""The exchange as integrators write it in an afternoon: a message comes, the record is read, the other side is searched by
e-mail, and the record is written there. One message after the other, without a store and without a second try.

It is a baseline, not a product, and it is written in good faith: it answers before it works, and leaves alone what is the same
on both sides already.
"""
from __future__ import annotations

import base64
import json
import queue
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CLIENTS = "Catalog_Контрагенты"
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Handler:
    """Takes messages at `url` until it is closed."""

    def __init__(self, webhook: str, odata: str, user: str, password: str) -> None:
        self.webhook, self.odata = webhook, odata
        self.login = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.messages: queue.Queue = queue.Queue()
        self.busy = False
        self.failures = 0
        self.kinds = {row["Тип"]: row["Ref_Key"] for row in self.ask_onec(
            "GET", "Catalog_ВидыКонтактнойИнформации?$format=json&$top=1000")["value"]
            if row.get("ИмяПредопределенногоВида") in ("ТелефонКонтрагента", "EmailКонтрагенты")}
        messages = self.messages

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                messages.put((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        threading.Thread(target=self.work, daemon=True).start()

    def is_idle(self) -> bool:
        return self.messages.empty() and not self.busy

    def close(self) -> None:
        self.server.shutdown()

    def work(self) -> None:
        while True:
            path, body = self.messages.get()
            self.busy = True
            try:
                if path == "/bitrix24":
                    form = urllib.parse.parse_qs(body)
                    self.carry_to_onec(form["data[FIELDS][ID]"][0])
                else:
                    self.carry_to_bitrix24(json.loads(body)["ref"])
            except Exception:  # it goes on with the next message, as a script does that is called anew
                self.failures += 1
            self.busy = False

    def carry_to_onec(self, contact: str) -> None:
        card = self.ask_portal("crm.contact.get", {"id": contact})
        name = " ".join(card.get(part) or "" for part in ("LAST_NAME", "NAME", "SECOND_NAME")).strip()
        phone, mailbox = (((card.get(field) or [{}])[0]).get("VALUE", "") for field in ("PHONE", "EMAIL"))
        where = f"КонтактнаяИнформация/any(d: d/АдресЭП eq '{mailbox}')"
        query = urllib.parse.urlencode({"$format": "json", "$filter": where}, quote_via=urllib.parse.quote)
        found = self.ask_onec("GET", f"{CLIENTS}?{query}")["value"] if mailbox else []
        fields = {"Description": name, "НаименованиеПолное": name, "ЮридическоеФизическоеЛицо": "ФизическоеЛицо",
                  "КонтактнаяИнформация": [*self.row(1, "Телефон", phone), *self.row(2, "АдресЭлектроннойПочты", mailbox)]}
        if not found:
            self.ask_onec("POST", f"{CLIENTS}?$format=json", fields)
        elif (name, phone, mailbox) != self.client(found[0]):
            self.ask_onec("PATCH", f"{CLIENTS}(guid'{found[0]['Ref_Key']}')?$format=json", fields)

    def carry_to_bitrix24(self, ref: str) -> None:
        name, phone, mailbox = self.client(self.ask_onec("GET", f"{CLIENTS}(guid'{ref}')?$format=json"))
        found = self.ask_portal("crm.contact.list", {"filter": {"EMAIL": mailbox}, "select": ["ID", "PHONE", "EMAIL"]})
        last, first, middle = (name.split(" ", 2) + ["", ""])[:3]
        fields = {"LAST_NAME": last, "NAME": first, "SECOND_NAME": middle}
        rows = {field: [{"VALUE": value, "VALUE_TYPE": "WORK"}] for field, value in (("PHONE", phone), ("EMAIL", mailbox)) if value}
        if not found or not mailbox:
            self.ask_portal("crm.contact.add", {"fields": fields | rows})
            return
        for field, new in rows.items():
            old = found[0].get(field) or [{}]
            new[0] |= {"ID": old[0]["ID"]} if "ID" in old[0] else {}
        self.ask_portal("crm.contact.update", {"id": found[0]["ID"], "fields": fields | rows})

    def client(self, item: dict) -> tuple[str, str, str]:
        def first(sort: str) -> str:
            rows = item.get("КонтактнаяИнформация") or ()
            return next((row["Представление"] for row in rows if row["Тип"] == sort), "")

        return item["Description"], first("Телефон"), first("АдресЭлектроннойПочты")

    def row(self, line: int, sort: str, text: str) -> list[dict]:
        if not text:
            return []
        digits = "".join(one for one in text if one.isdigit())
        column = {"НомерТелефона": digits} if sort == "Телефон" else {"АдресЭП": text}
        return [{"LineNumber": str(line), "Тип": sort, "Вид_Key": self.kinds[sort], "Представление": text, **column}]

    def ask_portal(self, method: str, parameters: dict) -> object:
        request = urllib.request.Request(f"{self.webhook}{method}", json.dumps(parameters).encode(),
                                         {"Content-Type": "application/json"})
        with OPENER.open(request, timeout=60) as answer:
            return json.load(answer)["result"]

    def ask_onec(self, verb: str, path: str, body: dict | None = None) -> dict:
        quoted = urllib.parse.quote(path, safe="?$&=()'/:%*")
        request = urllib.request.Request(f"{self.odata}/{quoted}", None if body is None else json.dumps(body).encode(),
                                         {"Content-Type": "application/json", "Authorization": self.login}, method=verb)
        with OPENER.open(request, timeout=60) as answer:
            return json.loads(answer.read() or "{}")
