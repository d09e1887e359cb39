//! Contacts and companies: methods, fields, defaults, and who is told to have changed them.

use obmen_sim::bitrix24::Settings;
use obmen_sim::world::World;
use serde_json::{Value, json};

use super::{Bench, ids};

#[test]
fn the_methods_of_contacts_and_companies_answer_alike() {
    for (kind, name) in [("contact", "NAME"), ("company", "TITLE")] {
        let mut bench = Bench::new();
        let method = |verb: &str| format!("crm.{kind}.{verb}");
        assert_eq!(bench.call(&method("add"), json!({ "fields": { name: "A" } })), 1);
        assert_eq!(bench.call(&method("get"), json!({ "id": 1 }))[name], "A");
        let page = bench.envelope(&method("list"), json!({}));
        assert_eq!((ids(&page["result"]), &page["total"]), (vec![1], &json!(1)));
        assert_eq!(bench.call(&method("update"), json!({ "id": 1, "fields": { name: "B" } })), true);
        assert!(bench.call(&method("fields"), json!({}))[name].is_object());
        assert_eq!(bench.call(&method("delete"), json!({ "id": 1 })), true);
        let (status, error, description) = bench.fail(&method("delete"), json!({ "id": 1 }));
        assert_eq!((status, error, description.as_str()), (400, json!(""), "Not found"));
        assert_eq!(bench.fail(&method("get"), json!({})).2, "ID is not defined or invalid.");
    }
}

#[test]
fn fields_tell_their_type_and_who_may_write_them() {
    let mut bench = Bench::new();
    let contact = bench.call("crm.contact.fields", json!({}));
    let company = bench.call("crm.company.fields", json!({}));
    for name in ["NAME", "SECOND_NAME", "LAST_NAME"] {
        assert_eq!(contact[name]["isRequired"], true, "{name} is shown as required, whatever add wants");
    }
    let keys: Vec<_> = contact["POST"].as_object().unwrap().keys().cloned().collect();
    let expected = ["isDynamic", "isImmutable", "isMultiple", "isReadOnly", "isRequired", "title", "type"];
    assert_eq!(keys.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    let table = [
        (&contact, "ID", "integer", true, false),
        (&contact, "HONORIFIC", "crm_status", false, false),
        (&contact, "PHOTO", "file", false, false),
        (&contact, "BIRTHDATE", "date", false, false),
        (&contact, "OPENED", "char", false, false),
        (&contact, "ASSIGNED_BY_ID", "user", false, false),
        (&contact, "DATE_MODIFY", "datetime", true, false),
        (&contact, "LEAD_ID", "crm_lead", true, false),
        (&contact, "HAS_PHONE", "char", true, false),
        (&contact, "COMPANY_ID", "crm_company", false, false),
        (&contact, "COMPANY_IDS", "crm_company", false, true),
        (&contact, "PHONE", "crm_multifield", false, true),
        (&contact, "LINK", "crm_multifield", false, true),
        (&company, "REVENUE", "double", false, false),
        (&company, "LOGO", "file", false, false),
        (&company, "CONTACT_ID", "crm_contact", false, true),
        (&company, "LAST_COMMUNICATION_TIME", "datetime", true, false),
    ];
    for (fields, name, ty, read_only, multiple) in table {
        let meta = &fields[name];
        assert_eq!(
            (&meta["type"], &meta["isReadOnly"], &meta["isMultiple"]),
            (&json!(ty), &json!(read_only), &json!(multiple)),
            "{name}"
        );
    }
    assert_eq!(contact["COMPANY_ID"]["isDeprecated"], true);
    assert_eq!(contact["LEAD_ID"]["settings"]["parentEntityTypeId"], 1);
    assert_eq!(
        (&company["TITLE"]["isRequired"], &company["INDUSTRY"]["statusType"]),
        (&json!(true), &json!("INDUSTRY"))
    );
}

#[test]
fn a_new_card_has_the_caller_and_the_first_type_of_the_dictionary() {
    let mut bench = Bench::with(Settings { user: 7, ..Settings::default() });
    let contact = bench.contact(json!({ "NAME": "A" }));
    let company = bench.company("A");
    let cards = [
        ("CONTACT_TYPE", "TYPE_ID", bench.get(contact)),
        ("COMPANY_TYPE", "COMPANY_TYPE", bench.call("crm.company.get", json!({ "id": company }))),
    ];
    for (dictionary, field, card) in cards {
        let types = bench.call("crm.status.list", json!({ "filter": { "ENTITY_ID": dictionary } }));
        assert_eq!(card[field], types[0]["STATUS_ID"]);
        for name in ["ASSIGNED_BY_ID", "CREATED_BY_ID", "MODIFY_BY_ID", "LAST_ACTIVITY_BY"] {
            assert_eq!(card[name], "7", "{name}");
        }
        assert_eq!(card["LAST_ACTIVITY_TIME"], card["DATE_CREATE"]);
    }
}

#[test]
fn the_last_author_of_a_change_is_told() {
    let mut bench = Bench::new();
    let id = bench.contact(json!({ "NAME": "A" }));
    let edit = json!({ "do": "update", "entity": "contact", "id": id, "user": 5, "fields": { "POST": "x" } });
    bench.portal.act(bench.now, &edit).unwrap();
    let edited = bench.get(id);
    assert_eq!((&edited["MODIFY_BY_ID"], &edited["CREATED_BY_ID"]), (&json!("5"), &json!("1")));
    bench.call("crm.contact.update", json!({ "id": id, "fields": { "POST": "y", "MODIFY_BY_ID": 9 } }));
    let updated = bench.get(id);
    assert_eq!(updated["MODIFY_BY_ID"], "1");
    assert_eq!(updated["LAST_ACTIVITY_TIME"], updated["DATE_CREATE"], "an edit is no activity");
}

#[test]
fn keys_of_outer_systems_are_kept_and_neither_unique_nor_judged() {
    let mut bench = Bench::new();
    for version in ["2", "1"] {
        bench.contact(
            json!({ "NAME": "A", "ORIGINATOR_ID": "1C", "ORIGIN_ID": "6f0e", "ORIGIN_VERSION": version }),
        );
    }
    let older = json!({ "id": 1, "fields": { "ORIGIN_VERSION": "1", "NAME": "B" } });
    assert_eq!(bench.call("crm.contact.update", older), true, "an older version overwrites a newer one");
    let select = json!(["ID", "NAME", "ORIGIN_VERSION"]);
    let filter = json!({ "=ORIGINATOR_ID": "1C", "=ORIGIN_ID": "6f0e" });
    let rows = bench.call("crm.contact.list", json!({ "filter": filter, "select": select }));
    let row = |id: &str, name: &str| json!({ "ID": id, "NAME": name, "ORIGIN_VERSION": "1" });
    assert_eq!(rows, json!([row("1", "B"), row("2", "A")]));
}

#[test]
fn ordinary_fields_come_back_as_they_were_written() {
    let fields = json!({ "HONORIFIC": "HNR_RU_1", "SECOND_NAME": "Петровна", "POST": "Бухгалтер",
        "SOURCE_ID": "WEB", "SOURCE_DESCRIPTION": "с сайта", "UTM_SOURCE": "a", "UTM_MEDIUM": "b", "UTM_CAMPAIGN": "c",
        "UTM_CONTENT": "d", "UTM_TERM": "e", "ADDRESS_CITY": "Псков" });
    let company = json!({ "INDUSTRY": "IT", "EMPLOYEES": "EMPLOYEES_1", "REVENUE": "1500.5", "CURRENCY_ID": "RUB",
        "BANKING_DETAILS": "р/с 1", "REG_ADDRESS_CITY": "Орёл", "UTM_TERM": "e", "ORIGIN_ID": "o" });
    for (kind, name, fields) in [("contact", "NAME", fields), ("company", "TITLE", company)] {
        let mut bench = Bench::new();
        let mut sent = fields.clone();
        sent[name] = json!("A");
        bench.call(&format!("crm.{kind}.add"), json!({ "fields": sent }));
        let card = bench.call(&format!("crm.{kind}.get"), json!({ "id": 1 }));
        for (field, value) in fields.as_object().unwrap() {
            assert_eq!(&card[field], value, "{field}");
        }
    }
}

#[test]
fn titles_of_companies_are_not_unique() {
    let mut bench = Bench::new();
    let ids = [bench.company("ООО Ромашка"), bench.company("ООО Ромашка")];
    assert_eq!(ids, [1, 2]);
}

#[test]
fn an_import_takes_own_authors_and_an_update_never_does() {
    let mut bench = Bench::new();
    bench.portal.act(bench.now, &json!({ "do": "listen", "url": "http://127.0.0.1:9/" })).unwrap();
    let fields = json!({ "NAME": "A", "CREATED_BY_ID": 4, "MODIFY_BY_ID": 5,
        "DATE_CREATE": "2020-05-01T10:00:00+03:00", "DATE_MODIFY": "2020-05-02T10:00:00+03:00" });
    bench.call("crm.contact.add", json!({ "fields": fields, "params": { "IMPORT": "Y" } }));
    let imported = bench.get(1);
    assert_eq!((&imported["CREATED_BY_ID"], &imported["MODIFY_BY_ID"]), (&json!("4"), &json!("5")));
    let told = bench.portal.take_deliveries(bench.now);
    assert!(told[0].body.starts_with("event=ONCRMCONTACTADD&"), "an import is told: {told:?}");
    let update =
        json!({ "id": 1, "fields": fields, "params": { "IMPORT": "Y", "REGISTER_SONET_EVENT": "Y" } });
    bench.call("crm.contact.update", update);
    let updated = bench.get(1);
    assert_eq!(updated["DATE_CREATE"], "2020-05-01T10:00:00+03:00");
    assert_eq!(updated["DATE_MODIFY"], "2026-09-21T10:00:03+03:00", "now, whatever was sent");
    assert_eq!((&updated["CREATED_BY_ID"], &updated["MODIFY_BY_ID"]), (&json!("4"), &json!("1")));
}

#[test]
fn only_a_key_that_is_missing_empty_or_zero_says_no_to_an_import() {
    let table = [
        (json!({}), false),
        (json!({ "IMPORT": "" }), false),
        (json!({ "IMPORT": "0" }), false),
        (json!({ "IMPORT": 0 }), false),
        (json!({ "IMPORT": "Y" }), true),
        (json!({ "IMPORT": "N" }), true),
    ];
    for (params, is_import) in table {
        let mut bench = Bench::new();
        let fields = json!({ "NAME": "A", "DATE_CREATE": "2020-05-01T10:00:00+03:00" });
        bench.call("crm.contact.add", json!({ "fields": fields, "params": params }));
        assert_eq!(bench.get(1)["DATE_CREATE"] == "2020-05-01T10:00:00+03:00", is_import, "{params}");
    }
}

#[test]
fn imports_need_the_right_to_import() {
    let plain = json!({ "fields": { "NAME": "A" } });
    let import = json!({ "fields": { "NAME": "B" }, "params": { "IMPORT": "Y" } });
    let one = json!({ "entityTypeId": 3, "fields": { "name": "C" } });
    let many = json!({ "entityTypeId": 3, "data": [{ "name": "D" }] });
    for (admin, may_import) in [(true, false), (false, true)] {
        let mut bench = Bench::with(Settings { admin, may_import, ..Settings::default() });
        bench.call("crm.contact.add", import.clone());
        bench.call("crm.item.import", one.clone());
        assert_eq!(bench.envelope("crm.contact.list", json!({}))["total"], 2);
    }
    let mut bench = Bench::with(Settings { admin: false, may_import: false, ..Settings::default() });
    let (status, error, description) = bench.fail("crm.contact.add", import);
    assert_eq!((status, error, description.as_str()), (400, json!(""), "Access denied."));
    assert_eq!(bench.fail("crm.item.import", one).1, "ACCESS_DENIED");
    assert_eq!(bench.call("crm.item.batchImport", many)["items"][0]["error"], "ACCESS_DENIED");
    bench.call("crm.contact.add", plain);
    assert_eq!(bench.envelope("crm.contact.list", json!({}))["total"], 1, "adding needs no such right");
}

/// A portal with a mandatory user field, and whether its REST looks at it.
fn with_mandatory_field(checks_required_fields: bool) -> Bench {
    let mut bench = Bench::with(Settings { checks_required_fields, ..Settings::default() });
    bench.load(json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": "UF_CRM_MUST",
        "USER_TYPE_ID": "string", "MANDATORY": "Y" }));
    bench
}

#[test]
fn mandatory_user_fields_are_wanted_only_where_the_portal_says_so() {
    let mut bench = with_mandatory_field(false);
    bench.contact(json!({ "NAME": "A" }));
    let mut bench = with_mandatory_field(true);
    let (status, error, text) = bench.fail("crm.contact.add", json!({ "fields": { "NAME": "A" } }));
    assert_eq!((status, error), (400, json!("ERROR_CORE")));
    assert!(text.contains("UF_CRM_MUST"), "{text}");
    let id = bench.contact(json!({ "NAME": "A", "UF_CRM_MUST": "x" }));
    let update = |value: Value| json!({ "id": id, "fields": value });
    assert_eq!(
        bench.call("crm.contact.update", update(json!({ "NAME": "B" }))),
        true,
        "not sent, not asked for"
    );
    assert_eq!(bench.fail("crm.contact.update", update(json!({ "UF_CRM_MUST": "" }))).0, 400);
    let item = json!({ "entityTypeId": 3, "fields": { "name": "C" } });
    assert_eq!(bench.fail("crm.item.add", item).1, "CRM_FIELD_ERROR_REQUIRED");
    assert_eq!(bench.envelope("crm.contact.list", json!({}))["total"], 1);
}
