"""fast-bitrix24: many contacts out, many in."""
from __future__ import annotations

import sys
import time

from fast_bitrix24 import Bitrix
from fast_bitrix24.server_response import ErrorInServerResponseException
from portal import Portal
from scenario import run

LOADED = 20_000
WRITTEN = 500


def client(sim: Portal) -> Bitrix:
    return Bitrix(sim.webhook_url, verbose=False)


def it_exports_every_contact_once(sim: Portal) -> str:
    begun = time.monotonic()
    rows = client(sim).get_all("crm.contact.list", {"select": ["ID", "LAST_NAME", "PHONE"]})
    took = time.monotonic() - begun
    assert sorted(int(row["ID"]) for row in rows) == list(range(1, LOADED + 1)), len(rows)
    assert all(row["LAST_NAME"] == f"Петрова-{row['ID']}" for row in rows)
    assert all(row["PHONE"][0]["VALUE"] == f"+7912{int(row['ID']):07}" for row in rows)
    return f"{len(rows)} contacts in {took:.1f} s, {sim.counters()['requests']} requests"


def it_exports_by_a_filter(sim: Portal) -> str:
    rows = client(sim).get_all("crm.contact.list", {"filter": {">ID": LOADED - 120}, "select": ["ID"]})
    assert sorted(int(row["ID"]) for row in rows) == list(range(LOADED - 119, LOADED + 1))
    return f"{len(rows)} contacts"


def it_exports_items_of_the_universal_list(sim: Portal) -> str:
    rows = client(sim).get_all("crm.item.list", {"entityTypeId": 3, "filter": {"<=id": 120}, "select": ["id"]})
    assert sorted(row["id"] for row in rows) == list(range(1, 121)), len(rows)
    return f"{len(rows)} items"


def it_writes_in_batches(sim: Portal) -> str:
    before = sim.counters()
    items = [
        {"fields": {"NAME": f"Новый & «{n}» + 100%", "PHONE": [{"VALUE": f"+7 (495) {n:07}", "VALUE_TYPE": "WORK"}]}}
        for n in range(WRITTEN)
    ]
    begun = time.monotonic()
    created = client(sim).call("crm.contact.add", items)
    took = time.monotonic() - begun
    # The client sends its batches side by side and gives the answers in the order in which they came.
    assert sorted(created) == list(range(LOADED + 1, LOADED + 1 + WRITTEN)), created
    stored = {contact["NAME"]: contact for contact in sim.dump()["contacts"] if int(contact["ID"]) > LOADED}
    for n, item in enumerate(items):
        assert stored[item["fields"]["NAME"]]["PHONE"][0]["VALUE"] == f"+7 (495) {n:07}", n
    requests = sim.counters()["requests"] - before["requests"]
    assert requests == WRITTEN // 50, requests
    return f"{WRITTEN} contacts in {took:.1f} s, {requests} requests"


def it_reads_by_id_and_counts(sim: Portal) -> str:
    wanted = [str(LOADED + n) for n in range(1, 121)]
    found = client(sim).get_by_ID("crm.contact.get", wanted)
    assert sorted(found) == wanted and all(found[key]["ID"] == key for key in wanted)
    return f"{len(found)} contacts"


def it_updates_and_deletes(sim: Portal) -> str:
    ids = list(range(LOADED + 1, LOADED + 61))
    changed = client(sim).call("crm.contact.update", [{"ID": n, "fields": {"POST": "Директор"}} for n in ids])
    assert list(changed) == [True] * 60, changed
    gone = client(sim).call("crm.contact.delete", [{"ID": n} for n in ids[30:]])
    assert list(gone) == [True] * 30, gone
    stored = {int(contact["ID"]): contact for contact in sim.dump()["contacts"]}
    assert all(stored[n]["POST"] == "Директор" for n in ids[:30]) and not any(n in stored for n in ids[30:])
    return "60 updated, 30 deleted"


def it_makes_single_calls(sim: Portal) -> str:
    (one,) = client(sim).call("crm.contact.get", {"ID": 7}).values()
    assert one["LAST_NAME"] == "Петрова-7", one
    raw = client(sim).call("profile", raw=True)
    assert raw["result"]["ID"] == "1", raw
    batch = client(sim).call_batch({"halt": 0, "cmd": {"a": "crm.contact.get?ID=1", "b": "crm.contact.get?ID=$result[a][ID]"}})
    assert batch["b"]["LAST_NAME"] == "Петрова-1", batch
    return "get, raw, batch with a reference"


def it_is_told_of_errors(sim: Portal) -> str:
    try:
        client(sim).call("crm.contact.get", [{"ID": 1}, {"ID": 999_999}])
    except ErrorInServerResponseException as error:
        assert "Not found" in str(error), error
        return "a missing contact inside a batch"
    raise AssertionError("a missing contact was not noticed")


def it_survives_a_full_bucket(sim: Portal) -> str:
    """A client that ignores the pace meets status 503 and comes back."""
    hasty = Bitrix(sim.webhook_url, verbose=False, respect_velocity_policy=False, request_pool_size=10_000)
    before = sim.counters()["limited_503"]
    raw = [hasty.call("crm.contact.get", {"ID": 1}) for _ in range(150)]
    assert len(raw) == 150
    return f"{sim.counters()['limited_503'] - before} refusals survived"


CHECKS = [
    it_exports_every_contact_once,
    it_exports_by_a_filter,
    it_exports_items_of_the_universal_list,
    it_writes_in_batches,
    it_reads_by_id_and_counts,
    it_updates_and_deletes,
    it_makes_single_calls,
    it_is_told_of_errors,
    it_survives_a_full_bucket,
]

if __name__ == "__main__":
    sys.exit(run(CHECKS, Portal(*sys.argv[1:])))
