//! What fields of items are called, and how their values look.

use obmen_sim::bitrix24::Settings;
use serde_json::{Value, json};

use super::Bench;
use super::items::bench;

#[test]
fn items_have_their_own_names_and_numbers() {
    let mut bench = bench();
    let company = bench.company("A");
    let added = bench.call("crm.item.add", json!({ "entityTypeId": 3, "useOriginalUfNames": "Y", "fields": {
        "name": "Анна", "assignedById": "7", "companyIds": [company], "UF_CRM_1C_KEY": "k",
        "fm": [{ "typeId": "PHONE", "valueType": "MOBILE", "value": "+79" }, { "valueType": "WORK", "value": "lost" }] } }));
    let item = &added["item"];
    assert_eq!(item["id"], 1);
    assert_eq!(item["assignedById"], 7);
    assert_eq!(item["companyIds"], json!([company]));
    assert_eq!(item["companyId"], company);
    assert_eq!(item["UF_CRM_1C_KEY"], "k");
    assert_eq!(item["fm"], json!([{ "id": 1, "typeId": "PHONE", "valueType": "MOBILE", "value": "+79" }]));
    assert_eq!((&item["phone"], &item["phoneMobile"]), (&json!("+79"), &json!("+79")));
    let converted = bench.call("crm.item.get", json!({ "entityTypeId": 3, "id": 1 }));
    assert_eq!(converted["item"]["ufCrm_1C_KEY"], "k");
    assert_eq!(converted["item"]["opened"], "Y");
    let company_item = bench.call("crm.item.get", json!({ "entityTypeId": 4, "id": company }));
    assert_eq!(company_item["item"]["contactIds"], json!([1]));
    assert_eq!(company_item["item"]["typeId"], "CUSTOMER");
    let fields = bench.call("crm.item.fields", json!({ "entityTypeId": 3 }));
    assert_eq!(fields["fields"]["ufCrm_1C_KEY"]["upperName"], "UF_CRM_1C_KEY");
}

#[test]
fn every_described_field_has_a_title() {
    let described = bench().call("crm.item.fields", json!({ "entityTypeId": 3 }));
    for (name, field) in described["fields"].as_object().unwrap() {
        assert!(field["title"].is_string() && field["type"].is_string(), "{name}: {field}");
    }
}

#[test]
fn names_of_items_stand_for_classic_names() {
    let mut bench = bench();
    let shared = [
        ("id", "ID"),
        ("assignedById", "ASSIGNED_BY_ID"),
        ("originatorId", "ORIGINATOR_ID"),
        ("originId", "ORIGIN_ID"),
        ("originVersion", "ORIGIN_VERSION"),
        ("hasPhone", "HAS_PHONE"),
        ("createdTime", "DATE_CREATE"),
        ("updatedTime", "DATE_MODIFY"),
        ("createdBy", "CREATED_BY_ID"),
        ("updatedBy", "MODIFY_BY_ID"),
        ("utmSource", "UTM_SOURCE"),
        ("observers", "OBSERVERS"),
        ("categoryId", "CATEGORY_ID"),
    ];
    let contact = [
        ("name", "NAME"),
        ("secondName", "SECOND_NAME"),
        ("lastName", "LAST_NAME"),
        ("typeId", "TYPE_ID"),
        ("companyId", "COMPANY_ID"),
        ("companyIds", "COMPANY_IDS"),
    ];
    let company = [("title", "TITLE"), ("typeId", "COMPANY_TYPE"), ("contactIds", "CONTACT_ID")];
    for (kind, own) in [(3, contact.as_slice()), (4, company.as_slice())] {
        let described = bench.call("crm.item.fields", json!({ "entityTypeId": kind }));
        for (name, classic) in shared.iter().chain(own) {
            assert_eq!(described["fields"][name]["upperName"], *classic, "{name} of {kind}");
        }
    }
}

#[test]
fn user_fields_that_would_share_a_name_keep_their_own() {
    let mut bench = Bench::new();
    for name in ["UF_CRM_A", "UF_CRM__A", "UF_CRM_ONEC_KEY", "UF_CRM_1747309879"] {
        bench.load(json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": name, "USER_TYPE_ID": "string" }));
    }
    bench.contact(json!({ "NAME": "A", "UF_CRM_A": "1", "UF_CRM__A": "2", "UF_CRM_ONEC_KEY": "3",
        "UF_CRM_1747309879": "4" }));
    let item = bench.call("crm.item.get", json!({ "entityTypeId": 3, "id": 1 }))["item"].clone();
    let values = ["ufCrmA", "UF_CRM__A", "ufCrmOnecKey", "ufCrm_1747309879"].map(|name| item[name].clone());
    assert_eq!(values, ["1", "2", "3", "4"]);
}

#[test]
fn original_names_of_user_fields_are_a_wish_that_older_boxes_ignore() {
    for (knows, key) in [(true, "UF_CRM_1C_KEY"), (false, "ufCrm_1C_KEY")] {
        let mut bench = Bench::with(Settings { knows_original_uf_names: knows, ..Settings::default() });
        bench.load(json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": "UF_CRM_1C_KEY", "USER_TYPE_ID": "string" }));
        let fields = json!({ "name": "A", key: "k" });
        let params = json!({ "entityTypeId": 3, "useOriginalUfNames": "Y", "fields": fields });
        let item = bench.call("crm.item.add", params)["item"].clone();
        assert_eq!(item[key], "k");
        let filter =
            json!({ "entityTypeId": 3, "useOriginalUfNames": "Y", "filter": { key: "k" }, "select": [key] });
        assert_eq!(bench.call("crm.item.list", filter)["items"], json!([{ "id": 1, key: "k" }]));
    }
}

#[test]
fn values_of_items_are_numbers_flags_and_dates() {
    let mut bench = bench();
    for (name, ty, multiple) in [("FLAG", "boolean", "N"), ("COUNTS", "integer", "Y")] {
        bench.load(
            json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": format!("UF_CRM_{name}"),
            "USER_TYPE_ID": ty, "MULTIPLE": multiple }),
        );
    }
    let fields = json!({ "name": "A", "ufCrmFlag": 1, "ufCrmCounts": ["5", 6], "observers": [3, "4"] });
    bench.call("crm.item.add", json!({ "entityTypeId": 3, "fields": fields }));
    bench.call("crm.item.add", json!({ "entityTypeId": 3, "fields": { "name": "B", "ufCrmFlag": "N" } }));
    let item = bench.call("crm.item.get", json!({ "entityTypeId": 3, "id": 1 }))["item"].clone();
    assert_eq!((&item["id"], &item["createdBy"], &item["categoryId"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(
        (&item["ufCrmFlag"], &item["opened"], &item["hasPhone"]),
        (&json!("Y"), &json!("Y"), &json!("N"))
    );
    assert_eq!((&item["ufCrmCounts"], &item["observers"]), (&json!([5, 6]), &json!([3, 4])));
    assert_eq!(item["createdTime"], "2026-09-21T10:00:01+03:00");
    let mut found = |value: Value| {
        let filter = json!({ "entityTypeId": 3, "filter": { "=ufCrmFlag": value }, "select": ["id"] });
        bench.call("crm.item.list", filter)["items"].clone()
    };
    assert_eq!(found(json!(1)), json!([{ "id": 1 }]));
    assert_eq!(found(json!("0")), json!([{ "id": 2 }]));
    assert_eq!(found(json!("Y")), json!([{ "id": 2 }]), "a letter is no number");
}

#[test]
fn flat_aliases_show_the_first_value_of_each_type() {
    let mut bench = bench();
    let phones = json!([{ "VALUE": "1", "VALUE_TYPE": "HOME" }, { "VALUE": "2", "VALUE_TYPE": "WORK" },
        { "VALUE": "3", "VALUE_TYPE": "WORK" }]);
    bench.contact(json!({ "NAME": "A", "PHONE": phones, "EMAIL": [{ "VALUE": "a@example.ru" }] }));
    let item = bench.call("crm.item.get", json!({ "entityTypeId": 3, "id": 1 }))["item"].clone();
    for (alias, value) in [
        ("phone", "1"),
        ("phoneHome", "1"),
        ("phoneWork", "2"),
        ("email", "a@example.ru"),
        ("emailWork", "a@example.ru"),
    ] {
        assert_eq!(item[alias], value, "{alias}");
    }
    assert!(item.get("phoneMobile").is_none());
}
