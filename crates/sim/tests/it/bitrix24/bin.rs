//! The recycle bin.

use obmen_sim::bitrix24::Settings;
use obmen_sim::world::World;
use serde_json::{Value, json};

use super::{Bench, event, ids};

/// A contact with everything that hangs on it, under a company.
fn bench() -> (Bench, i64, i64) {
    let mut bench = Bench::new();
    bench.load(json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": "UF_CRM_1C_KEY", "USER_TYPE_ID": "string" }));
    let company = bench.company("A");
    let contact = bench.contact(
        json!({ "NAME": "Анна", "COMPANY_IDS": [company], "ORIGIN_ID": "o-1", "UF_CRM_1C_KEY": "k-1",
        "PHONE": [{ "VALUE": "+79260000001" }] }),
    );
    let fields = json!({ "ENTITY_TYPE_ID": 3, "ENTITY_ID": contact, "PRESET_ID": 1, "NAME": "R", "RQ_INN": "500100732259" });
    bench.call("crm.requisite.add", json!({ "fields": fields }));
    (bench, company, contact)
}

fn by_key(bench: &mut Bench) -> Value {
    bench.call("crm.contact.list", json!({ "filter": { "UF_CRM_1C_KEY": "k-1" }, "select": ["ID"] }))
}

#[test]
fn a_restored_card_has_a_new_id_and_all_that_it_had() {
    let (mut bench, company, old) = bench();
    let before = bench.get(old);
    bench.call("crm.contact.delete", json!({ "id": old }));
    assert_eq!(by_key(&mut bench), json!([]));
    assert_eq!(bench.portal.dump()["recycle_bin"][0]["ORIGIN_ID"], "o-1");
    bench.pass(1000);
    let later = bench.contact(json!({ "NAME": "B" }));
    bench.listen();
    let restored = bench.act(json!({ "do": "restore", "entity": "contact", "id": old }));
    let new = later + 1;
    assert_eq!(restored, json!({ "id": new.to_string() }));
    assert_eq!(bench.told(), [event("ONCRMCONTACTADD", new)], "one addition, whoever restored it");
    assert_eq!(ids(&by_key(&mut bench)), [new], "the key is on it again");
    let mut expected = before;
    expected["ID"] = json!(new.to_string());
    assert_eq!(bench.get(new), expected, "fields, phones with their ids, dates and the company");
    assert_eq!(bench.call("crm.company.contact.items.get", json!({ "id": company }))[0]["CONTACT_ID"], new);
    let requisites = bench.call("crm.requisite.list", json!({ "filter": { "RQ_INN": "500100732259" } }));
    assert_eq!((&requisites[0]["ID"], &requisites[0]["ENTITY_ID"]), (&json!("1"), &json!(new.to_string())));
    let again = json!({ "do": "restore", "entity": "contact", "id": old });
    assert!(bench.portal.act(bench.now, &again).is_err(), "the bin gives it once");
}

#[test]
fn a_walk_by_id_finds_a_restored_card_and_a_walk_by_date_does_not() {
    let (mut bench, _, old) = bench();
    bench.call("crm.contact.delete", json!({ "id": old }));
    bench.pass(1000);
    let watermark = bench.call("server.time", json!({}));
    bench.act(json!({ "do": "restore", "entity": "contact", "id": old }));
    let found = |bench: &mut Bench, filter: Value| {
        ids(&bench.call("crm.contact.list", json!({ "filter": filter, "select": ["ID"], "start": -1 })))
    };
    assert_eq!(found(&mut bench, json!({ ">=DATE_MODIFY": watermark })), [] as [i64; 0]);
    assert_eq!(found(&mut bench, json!({ ">ID": old })), [old + 1]);
}

#[test]
fn a_restored_company_gets_its_contacts_back() {
    let (mut bench, company, contact) = bench();
    bench.call("crm.company.delete", json!({ "id": company }));
    assert_eq!(bench.get(contact)["COMPANY_ID"], "0");
    bench.act(json!({ "do": "restore", "entity": "company", "id": company }));
    assert_eq!(bench.get(contact)["COMPANY_ID"], (company + 1).to_string());
}

#[test]
fn what_vanished_in_the_meantime_does_not_come_back_with_a_card() {
    let (mut bench, company, old) = bench();
    bench.call("crm.contact.delete", json!({ "id": old }));
    bench.call("crm.company.delete", json!({ "id": company }));
    bench.act(json!({ "do": "delete", "entity": "userfield", "id": 1 }));
    bench.act(json!({ "do": "restore", "entity": "contact", "id": old }));
    let card = bench.portal.dump()["contacts"][0].clone();
    assert_eq!(card["ORIGIN_ID"], "o-1");
    assert!(card.get("COMPANY_ID").is_none() && card.get("UF_CRM_1C_KEY").is_none(), "{card}");
}

#[test]
fn no_method_of_rest_shows_or_empties_the_bin_and_a_portal_may_have_none() {
    let (mut bench, _, id) = bench();
    bench.call("crm.contact.delete", json!({ "id": id }));
    for method in ["crm.recyclebin.list", "recyclebin.restore", "crm.item.restore"] {
        assert_eq!(bench.fail(method, json!({ "id": id })).1, "ERROR_METHOD_NOT_FOUND");
    }
    let mut bench = Bench::with(Settings { recycle_bin: false, ..Settings::default() });
    let id = bench.contact(json!({ "NAME": "A" }));
    bench.call("crm.contact.delete", json!({ "id": id }));
    let restore = json!({ "do": "restore", "entity": "contact", "id": id });
    assert!(bench.portal.act(bench.now, &restore).is_err());
    assert_eq!(bench.portal.dump()["recycle_bin"], json!([]));
}

#[test]
fn requisites_come_back_with_their_bank_details_and_addresses() {
    let (mut bench, _, old) = bench();
    bench.call("crm.requisite.bankdetail.add", json!({ "fields": { "ENTITY_ID": 1, "NAME": "B" } }));
    let address = json!({ "TYPE_ID": 6, "ENTITY_TYPE_ID": 8, "ENTITY_ID": 1, "CITY": "Тверь" });
    bench.call("crm.address.add", json!({ "fields": address }));
    let totals = |bench: &mut Bench| {
        ["crm.requisite.list", "crm.requisite.bankdetail.list", "crm.address.list"]
            .map(|method| bench.envelope(method, json!({}))["total"].as_i64().unwrap())
    };
    bench.call("crm.contact.delete", json!({ "id": old }));
    assert_eq!(totals(&mut bench), [0, 0, 0]);
    bench.act(json!({ "do": "restore", "entity": "contact", "id": old }));
    assert_eq!(totals(&mut bench), [1, 1, 1]);
    let address = bench.call("crm.address.list", json!({}))[0].clone();
    assert_eq!((&address["CITY"], &address["ANCHOR_ID"]), (&json!("Тверь"), &json!((old + 1).to_string())));
}
