"""b24pysdk, the vendor's own Python SDK: typed calls, multi-fields, batches, pages, errors."""
from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime

from b24pysdk import BitrixApp, BitrixToken, BitrixWebhook, Client
from b24pysdk import errors
from b24pysdk.errors import oauth  # noqa: F401
from portal import Portal
from scenario import run

HOST = "demo.bitrix24.ru"
NEW_HOST = "renamed.bitrix24.ru"


def token(sim: Portal) -> BitrixWebhook:
    user_and_secret = sim.webhook_url.rstrip("/").rsplit("/rest/", 1)[1]
    return BitrixWebhook(domain=HOST, webhook_token=user_and_secret)


def client(sim: Portal) -> Client:
    return Client(token(sim))


def refused(call: Callable[[], object], kind: type[errors.BitrixResponseError]) -> errors.BitrixResponseError:
    """The error that a call must end in, of exactly the SDK's class for it."""
    try:
        answer = call()
    except errors.BitrixResponseError as error:
        assert type(error) is kind, f"{type(error).__name__} for {kind.__name__}: {error}"
        return error
    raise AssertionError(f"{kind.__name__} expected, and there was an answer: {answer}")


def it_knows_itself(sim: Portal) -> str:
    b24 = client(sim)
    profile = b24.profile().value
    assert profile.bitrix_id == 1 and profile.admin, profile
    clock = b24.server.time().value
    assert isinstance(clock, datetime) and clock.tzinfo is not None, clock
    known = b24.method.get(name="crm.contact.add").value
    assert known.is_existing and known.is_available, known
    assert not b24.method.get(name="crm.contact.sing").value.is_existing
    assert "crm" in b24.scope().result
    return f"user {profile.bitrix_id}, {clock.isoformat()}"


def it_understands_every_description_of_fields(sim: Portal) -> str:
    b24 = client(sim)
    contact = b24.crm.contact.fields().value
    assert contact["PHONE"].is_multiple and contact["PHONE"].type == "crm_multifield", contact["PHONE"]
    assert contact["ID"].is_read_only and contact["TYPE_ID"].status_type == "CONTACT_TYPE"
    company = b24.crm.company.fields().value
    assert company["TITLE"].is_required, company["TITLE"]
    requisite = b24.crm.requisite.fields().value
    assert requisite["RQ_INN"].type == "string", requisite["RQ_INN"]
    item = b24.crm.item.fields(entity_type_id=3).value
    assert item["assignedById"].type == "user" and item["id"].is_read_only, item["assignedById"]
    return f"{len(contact)} of contacts, {len(company)} of companies, {len(requisite)} of requisites, {len(item)} of items"


def it_creates_reads_and_updates_multi_fields(sim: Portal) -> str:
    contacts = client(sim).crm.contact
    phones = [{"VALUE": "+7 (912) 345-67-89", "VALUE_TYPE": "MOBILE"}, {"VALUE": "8 495 1234567", "VALUE_TYPE": "WORK"}]
    number = contacts.add({"NAME": "Анна", "LAST_NAME": "Петрова", "PHONE": phones}).result
    assert isinstance(number, int), number
    row = contacts.get(number).result
    assert [(p["VALUE"], p["VALUE_TYPE"]) for p in row["PHONE"]] == [(p["VALUE"], p["VALUE_TYPE"]) for p in phones], row
    assert all(p["TYPE_ID"] == "PHONE" and p["ID"].isdigit() for p in row["PHONE"]), row
    first, second = row["PHONE"]
    change = [{"ID": first["ID"], "VALUE": "+7 912 000-00-00"}, {"ID": second["ID"], "DELETE": "Y"}, {"VALUE": "+7 499 1"}]
    assert contacts.update(number, {"PHONE": change, "EMAIL": [{"VALUE": "anna@example.org"}]}).result is True
    row = contacts.get(number).result
    assert [p["VALUE"] for p in row["PHONE"]] == ["+7 912 000-00-00", "+7 499 1"], row["PHONE"]
    assert row["PHONE"][0]["ID"] == first["ID"] and row["HAS_EMAIL"] == "Y", row
    assert datetime.fromisoformat(row["DATE_MODIFY"]) >= datetime.fromisoformat(row["DATE_CREATE"])
    assert contacts.update(number, {"POST": "Директор"}).result is True
    assert len(contacts.get(number).result["PHONE"]) == 2, "fields that were not sent stay"
    assert contacts.delete(number).result is True
    return f"contact {number} and its rows"


def it_links_and_finds(sim: Portal) -> str:
    crm = client(sim).crm
    company = crm.company.add({"TITLE": "ООО «Ромашка»", "PHONE": [{"VALUE": "+74951112233", "VALUE_TYPE": "WORK"}]}).result
    contact = crm.contact.add({"NAME": "Пётр", "PHONE": [{"VALUE": "+79161112233", "VALUE_TYPE": "WORK"}]}).result
    assert crm.contact.company.items.set(contact, [{"COMPANY_ID": company, "SORT": 10, "IS_PRIMARY": "Y"}]).result is True
    (link,) = crm.contact.company.items.get(contact).values
    assert link.company_id == company and link.is_primary, link
    preset = crm.requisite.preset.list().result[0]["ID"]
    fields = {"ENTITY_TYPE_ID": 4, "ENTITY_ID": company, "PRESET_ID": int(preset), "NAME": "Основные", "RQ_INN": "7707083893"}
    requisite = crm.requisite.add(fields).result
    assert crm.requisite.get(requisite).result["RQ_INN"] == "7707083893"
    (row,) = crm.requisite.list(filter={"RQ_INN": "7707083893"}, select=["ID", "ENTITY_ID"]).result
    assert row["ENTITY_ID"] == str(company), row
    found = crm.duplicate.findbycomm("PHONE", ["8 916 111-22-33", "+74951112233"]).value
    assert found.contact_ids == [contact] and found.company_ids == [company], found
    nothing = crm.duplicate.findbycomm("EMAIL", ["nobody@example.org"]).value
    assert not nothing.contact_ids and not nothing.company_ids, nothing
    return f"company {company}, contact {contact}, requisite {requisite}"


def it_works_with_items(sim: Portal) -> str:
    items = client(sim).crm.item
    fields = {"name": "Ольга", "fm": [{"typeId": "PHONE", "valueType": "WORK", "value": "+79990001122"}]}
    item = items.add(entity_type_id=3, fields=fields).result["item"]
    assert item["name"] == "Ольга" and item["fm"][0]["value"] == "+79990001122", item
    item = items.update(entity_type_id=3, bitrix_id=item["id"], fields={"lastName": "Орлова"}).result["item"]
    assert items.get(entity_type_id=3, bitrix_id=item["id"]).result["item"]["lastName"] == "Орлова"
    rows = items.list(entity_type_id=3, filter={"=lastName": "Орлова"}, select=["id", "name"]).result["items"]
    assert [row["id"] for row in rows] == [item["id"]], rows
    items.delete(entity_type_id=3, bitrix_id=item["id"]).call()
    return f"item {item['id']}"


def it_batches(sim: Portal) -> str:
    b24 = client(sim)
    answer = b24.call_batch({"a": b24.crm.contact.add({"NAME": "А & Б = 100% + «в»"}), "b": b24.profile()})
    number = answer.result.result["a"]
    assert b24.crm.contact.get(number).result["NAME"] == "А & Б = 100% + «в»"
    assert not answer.result.result_error and answer.result.result_time["a"], answer.result
    mixed = token(sim).call_batch({"good": ("crm.contact.get", {"id": number}), "bad": ("crm.contact.get", {"id": 999_999})})
    assert set(mixed["result"]["result"]) == {"good"} and set(mixed["result"]["result_error"]) == {"bad"}, mixed
    halted = token(sim).call_batch([("crm.contact.get", {"id": 999_999}), ("profile", {})], halt=True)
    assert not halted["result"]["result"], halted
    chain = token(sim).call_batch({"a": ("crm.contact.add", {"fields": {"NAME": "Связь"}}), "b": ("crm.contact.get", {"id": "$result[a]"})})
    assert chain["result"]["result"]["b"]["NAME"] == "Связь", chain
    many = [b24.crm.contact.add({"NAME": f"Контакт {n}"}) for n in range(120)]
    ids = list(b24.call_batches(many).result.result.values())
    assert len(ids) == 120 and ids == sorted(ids), ids
    return "a reference, an error, a halt, 120 calls in three requests"


def it_pages(sim: Portal) -> str:
    contacts = client(sim).crm.contact
    stored = sorted(int(row["ID"]) for row in sim.dump()["contacts"])
    page = contacts.list(select=["ID"], order={"ID": "ASC"})
    assert page.response.total == len(stored) and page.response.next == 50 and len(page.result) == 50
    last = contacts.list(select=["ID"], order={"ID": "ASC"}, start=len(stored) // 50 * 50)
    assert last.response.next is None and len(last.result) == len(stored) % 50
    assert [int(row["ID"]) for row in contacts.list(select=["ID"], order={"ID": "ASC"}).as_list().result] == stored
    assert [int(row["ID"]) for row in contacts.list(select=["ID"]).as_list_fast().result] == stored
    backwards = contacts.list(select=["ID"]).as_list_fast(descending=True, limit=70).result
    assert [int(row["ID"]) for row in backwards] == stored[::-1][:70]
    some = contacts.list(select=["ID"], filter={"@ID": stored[:5]}).as_list_fast().result
    assert sorted(int(row["ID"]) for row in some) == stored[:5]
    items = client(sim).crm.item.list(entity_type_id=3, select=["id"]).as_list_fast().result
    assert [row["id"] for row in items] == stored
    return f"{len(stored)} contacts, by pages and by ids"


def it_keeps_user_fields(sim: Portal) -> str:
    crm = client(sim).crm
    number = crm.contact.userfield.add({"FIELD_NAME": "1C_ID", "USER_TYPE_ID": "string", "LABEL": "Ключ 1С"}).result
    field = crm.contact.userfield.get(number).result
    assert field["FIELD_NAME"] == "UF_CRM_1C_ID" and field["USER_TYPE_ID"] == "string", field
    assert [row["ID"] for row in crm.contact.userfield.list(filter={"FIELD_NAME": "UF_CRM_1C_ID"}).result] == [str(number)]
    contact = crm.contact.add({"NAME": "С ключом", "UF_CRM_1C_ID": "k-1"}).result
    (row,) = crm.contact.list(filter={"UF_CRM_1C_ID": "k-1"}, select=["ID", "UF_*"]).result
    assert row == {"ID": str(contact), "UF_CRM_1C_ID": "k-1"}, row
    assert crm.contact.fields().value["UF_CRM_1C_ID"].is_dynamic
    users = client(sim).user.get(filter={"ID": 1}).result
    assert isinstance(users, list), users
    return f"field {number}"


def it_is_told_of_errors_as_the_sdk_knows_them(sim: Portal) -> str:
    b24, webhook = client(sim), token(sim)
    missing = refused(lambda: b24.crm.contact.get(999_999).result, errors.BitrixAPIBadRequest)
    assert "not found" in str(missing).lower(), missing
    unknown = refused(lambda: webhook.call_method("crm.contact.sing"), errors.BitrixAPINotFound)
    assert unknown.json_response["error"] == "ERROR_METHOD_NOT_FOUND", unknown.json_response
    refused(lambda: b24.crm.company.add({"COMMENTS": "x"}).result, errors.BitrixAPIBadRequest)
    wrong = {"entityTypeId": 3, "filter": {"noSuchField": 1}}
    refused(lambda: webhook.call_method("crm.item.list", wrong), errors.BitrixAPIInvalidArgValue)
    stranger = BitrixWebhook(domain=HOST, webhook_token="1/wrong")
    refused(lambda: stranger.call_method("profile"), errors.BitrixAPIInvalidCredentials)
    handler = {"event": "ONCRMCONTACTADD", "handler": "https://example.org/"}
    refused(lambda: webhook.call_method("event.bind", handler), errors.BitrixAPIWrongAuthType)
    sim.faults([{"match": "profile", "kind": "error500"}])
    refused(lambda: webhook.call_method("profile"), errors.BitrixResponse500JSONDecodeError)
    return "seven kinds"


def it_renews_the_token_of_an_application(sim: Portal) -> str:
    app = BitrixApp(client_id="app.1", client_secret="s")
    installed = sim.act(do="install", client_id="app.1", client_secret="s")
    granted = app.get_oauth_token(code=installed["code"])
    first = granted.oauth_token
    assert granted.oauth_token.expires_in == 3600, granted
    own = BitrixToken(domain=HOST, auth_token=first.access_token, refresh_token=first.refresh_token, bitrix_app=app)
    assert Client(own).profile().value.bitrix_id == 1
    sim.act(do="expire", client_id="app.1")
    assert Client(own).profile().value.bitrix_id == 1, "renewed on the way"
    assert own.auth_token != first.access_token and own.refresh_token != first.refresh_token
    try:
        app.refresh_oauth_token(refresh_token=first.refresh_token)
        raise AssertionError("a used refresh token worked")
    except errors.oauth.BitrixOAuthInvalidGrant:
        pass
    try:
        BitrixApp(client_id="app.1", client_secret="wrong").refresh_oauth_token(refresh_token=own.refresh_token)
        raise AssertionError("a wrong secret worked")
    except errors.oauth.BitrixOauthWrongClient:
        pass
    return "a code, a renewal on the way, a used token, a wrong secret"


def it_listens_and_reads_the_offline_queue(sim: Portal) -> str:
    sim.act(do="install", client_id="app.2", client_secret="s")
    app = BitrixApp(client_id="app.2", client_secret="s")
    code = sim.act(do="authorize", client_id="app.2")["code"]
    granted = app.get_oauth_token(code=code).oauth_token
    own = BitrixToken(domain=HOST, auth_token=granted.access_token, refresh_token=granted.refresh_token, bitrix_app=app)
    assert "ONCRMCONTACTADD" in own.call_method("events")["result"]
    offline = {"event": "ONCRMCONTACTADD", "event_type": "offline"}
    assert own.call_method("event.bind", offline)["result"] is True
    (bound,) = Client(own).event.get().result
    assert bound["offline"] == 1 and bound["event"] == "ONCRMCONTACTADD", bound
    contact = client(sim).crm.contact.add({"NAME": "Событие"}).result
    read = own.call_method("event.offline.get", {"clear": 0})["result"]
    assert read["events"][0]["EVENT_DATA"]["FIELDS"]["ID"] == contact, read
    (row,) = Client(own).event.offline.list().values
    assert row is not None
    assert own.call_method("event.offline.clear", {"process_id": read["process_id"]})["result"] is True
    assert Client(own).event.offline.list().result == []
    assert own.call_method("event.unbind", {"event": "ONCRMCONTACTADD"})["result"] == {"count": 1}
    return f"contact {contact}"


def it_follows_a_renamed_portal(sim: Portal) -> str:
    """The last check: the portal has its new name from here on."""
    webhook = token(sim)
    sim.act(do="rename", domain=NEW_HOST)
    assert webhook.call_method("profile")["result"]["ID"] == "1"
    assert webhook.domain == NEW_HOST, webhook.domain
    return webhook.domain


CHECKS = [
    it_knows_itself,
    it_understands_every_description_of_fields,
    it_creates_reads_and_updates_multi_fields,
    it_links_and_finds,
    it_works_with_items,
    it_batches,
    it_pages,
    it_keeps_user_fields,
    it_is_told_of_errors_as_the_sdk_knows_them,
    it_renews_the_token_of_an_application,
    it_listens_and_reads_the_offline_queue,
    it_follows_a_renamed_portal,
]

if __name__ == "__main__":
    sys.exit(run(CHECKS, Portal(*sys.argv[1:])))
