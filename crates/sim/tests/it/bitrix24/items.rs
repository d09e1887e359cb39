//! The universal API and its imports.

use obmen_sim::world::World;
use serde_json::{Value, json};

use super::Bench;

/// A portal on which contacts and companies have the user field `UF_CRM_1C_KEY`.
pub(super) fn bench() -> Bench {
    let mut bench = Bench::new();
    for entity in ["CRM_CONTACT", "CRM_COMPANY"] {
        bench.load(json!({ "entity": "userfield", "ENTITY_ID": entity, "FIELD_NAME": "UF_CRM_1C_KEY", "USER_TYPE_ID": "string" }));
    }
    bench
}

#[test]
fn lists_give_links_by_name_and_multi_fields_only_with_a_star() {
    let mut bench = bench();
    let company = bench.company("A");
    bench.contact(json!({ "NAME": "A", "COMPANY_IDS": [company], "PHONE": [{ "VALUE": "1" }] }));
    let list = |bench: &mut Bench, select: Value| {
        bench.call("crm.item.list", json!({ "entityTypeId": 3, "select": select }))["items"][0].clone()
    };
    assert_eq!(
        list(&mut bench, json!(["id", "companyIds", "fm"])),
        json!({ "id": 1, "companyIds": [company] })
    );
    assert_eq!(list(&mut bench, json!(["*"]))["fm"][0]["value"], "1");
    assert_eq!(list(&mut bench, json!([]))["fm"][0]["value"], "1");
}

#[test]
fn an_unknown_field_in_a_filter_or_an_order_is_an_error() {
    let mut bench = bench();
    for params in [
        json!({ "entityTypeId": 3, "filter": { "=ufCrmNope": 1 } }),
        json!({ "entityTypeId": 3, "filter": { "NAME": 1 } }),
        json!({ "entityTypeId": 3, "order": { "nope": "ASC" } }),
        json!({ "entityTypeId": 3, "filter": { "0": { "logic": "OR", "0": { "nope": 1 } } } }),
    ] {
        let (status, error, _) = bench.fail("crm.item.list", params);
        assert_eq!((status, error), (400, json!("INVALID_ARG_VALUE")));
    }
}

#[test]
fn the_id_passes_in_capitals_as_published_clients_page_by_it() {
    let mut bench = bench();
    for name in ["A", "B", "C"] {
        bench.contact(json!({ "NAME": name }));
    }
    let params =
        json!({ "entityTypeId": 3, "select": ["id"], "filter": { ">ID": 1 }, "order": { "ID": "DESC" } });
    let items = bench.call("crm.item.list", params)["items"].clone();
    assert_eq!(items, json!([{ "id": 3 }, { "id": 2 }]));
}

#[test]
fn filters_nest_and_pages_take_the_true_offset() {
    let mut bench = bench();
    for id in 1..=60 {
        bench.load(
            json!({ "entity": "contact", "ID": id.to_string(), "NAME": "A", "ORIGIN_ID": format!("o{id}") }),
        );
    }
    let ids = |envelope: &Value| -> Vec<i64> {
        envelope["result"]["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["id"].as_i64().unwrap())
            .collect()
    };
    let or =
        json!({ "0": { "logic": "OR", "0": { "=originId": "o3" }, "1": { "=originId": "o5" } }, ">id": 3 });
    let envelope =
        bench.envelope("crm.item.list", json!({ "entityTypeId": 3, "select": ["id"], "filter": or }));
    assert_eq!(ids(&envelope), [5]);
    let envelope =
        bench.envelope("crm.item.list", json!({ "entityTypeId": 3, "select": ["id"], "start": 7 }));
    assert_eq!((ids(&envelope)[0], &envelope["next"], &envelope["total"]), (8, &json!(57), &json!(60)));
    let fast = json!({ "entityTypeId": 3, "select": ["id"], "start": -1, "order": { "id": "ASC" }, "filter": { ">id": 58 } });
    let envelope = bench.envelope("crm.item.list", fast);
    assert_eq!(ids(&envelope), [59, 60]);
    assert!(envelope.get("next").is_none());
}

#[test]
fn fm_of_an_update_is_keyed_by_row_ids() {
    let table: &[(Value, &[(i64, &str)])] = &[
        (json!({ "n0": { "typeId": "PHONE", "value": "3" } }), &[(1, "1"), (2, "2"), (3, "3")]),
        (json!({ "1": { "typeId": "PHONE", "value": "9" } }), &[(1, "9"), (2, "2")]),
        (json!({ "1": { "typeId": "PHONE", "value": "" } }), &[(2, "2")]),
        (json!({ "1": { "value": "9" } }), &[(1, "1"), (2, "2")]),
        (json!({ "77": { "typeId": "PHONE", "value": "9" } }), &[(1, "1"), (2, "2"), (3, "9")]),
        (json!([{ "typeId": "PHONE", "value": "1" }]), &[(1, "1"), (2, "2"), (3, "1")]),
        (json!("text"), &[(1, "1"), (2, "2")]),
        (json!({ "n0": { "typeId": "PAPER", "value": "3" } }), &[(1, "1"), (2, "2"), (3, "3")]),
        (json!({ "n0": { "typeId": "PHONE", "value": "" } }), &[(1, "1"), (2, "2")]),
    ];
    for (fm, expected) in table {
        let mut bench = bench();
        bench.contact(json!({ "NAME": "A", "PHONE": [{ "VALUE": "1" }, { "VALUE": "2" }] }));
        let updated =
            bench.call("crm.item.update", json!({ "entityTypeId": 3, "id": 1, "fields": { "fm": fm } }));
        let rows = updated["item"]["fm"].as_array().unwrap();
        let actual: Vec<_> =
            rows.iter().map(|row| (row["id"].as_i64().unwrap(), row["value"].as_str().unwrap())).collect();
        assert_eq!(actual, *expected, "{fm}");
    }
}

#[test]
fn an_update_without_a_change_is_not_saved() {
    let mut bench = bench();
    bench.contact(json!({ "NAME": "A" }));
    let before = bench.get(1)["DATE_MODIFY"].clone();
    bench.call("crm.item.update", json!({ "entityTypeId": 3, "id": 1, "fields": { "name": "A" } }));
    assert_eq!(bench.get(1)["DATE_MODIFY"], before);
    bench.call("crm.item.update", json!({ "entityTypeId": 3, "id": 1, "fields": { "name": "B" } }));
    assert_ne!(bench.get(1)["DATE_MODIFY"], before);
}

#[test]
fn errors_have_codes() {
    let mut bench = bench();
    let table = [
        ("crm.item.get", json!({ "entityTypeId": 3, "id": 5 }), "NOT_FOUND"),
        ("crm.item.get", json!({ "entityTypeId": 2, "id": 5 }), "ENTITY_TYPE_NOT_SUPPORTED"),
        ("crm.item.add", json!({ "entityTypeId": 3, "fields": { "post": "x" } }), "CRM_FIELD_ERROR_REQUIRED"),
        ("crm.item.add", json!({ "entityTypeId": 3 }), "100"),
        ("crm.item.add", json!({ "entityTypeId": 3, "fields": { "name": "A", "companyIds": 1 } }), "100"),
    ];
    for (method, params, code) in table {
        assert_eq!(bench.fail(method, params).1, code, "{method}");
    }
}

#[test]
fn an_import_answers_by_position_and_takes_upper_case_multi_fields() {
    let mut bench = bench();
    let data = json!([
        { "name": "A", "UF_CRM_1C_KEY": "k", "PHONE": [{ "VALUE": "+79", "VALUE_TYPE": "MOBILE" }] },
        { "post": "nobody" },
        { "name": "B", "EMAIL": [{ "VALUE": "wrong" }] },
        { "name": "C", "fm": [{ "typeId": "PHONE", "value": "lost" }], "nonsense": 1 },
    ]);
    let result = bench
        .call("crm.item.batchImport", json!({ "entityTypeId": 3, "useOriginalUfNames": "Y", "data": data }));
    let items = result["items"].as_array().unwrap();
    assert_eq!(items[0], json!({ "item": { "id": 1 } }));
    assert_eq!(items[1]["error"], "CRM_FIELD_ERROR_REQUIRED");
    assert_eq!(items[2]["error"], "CRM_FIELD_ERROR_VALUE_NOT_VALID");
    assert_eq!(items[3], json!({ "item": { "id": 2 } }));
    let contact = bench.get(1);
    assert_eq!(
        (&contact["PHONE"][0]["VALUE_TYPE"], &contact["UF_CRM_1C_KEY"]),
        (&json!("MOBILE"), &json!("k"))
    );
    assert!(bench.get(2).get("PHONE").is_none(), "imports take no fm");
    assert_eq!(bench.portal.counters()["writes"], 2);
    assert_eq!(bench.portal.counters()["operating"]["crm.item.batchImport"], 1.0, "a quarter second an item");
}

#[test]
fn an_import_takes_twenty_items_and_one_gives_an_id() {
    let mut bench = bench();
    let data: Vec<Value> = (0..21).map(|_| json!({ "title": "A" })).collect();
    let (status, error, _) = bench.fail("crm.item.batchImport", json!({ "entityTypeId": 4, "data": data }));
    assert_eq!((status, error), (400, json!("MAX_IMPORT_BATCH_SIZE_EXCEEDED")));
    assert_eq!(bench.envelope("crm.company.list", json!({}))["total"], 0);
    let fields = json!({ "title": "A", "createdTime": "2020-01-01T10:00:00+03:00" });
    let imported = bench.call("crm.item.import", json!({ "entityTypeId": 4, "fields": fields }));
    assert_eq!(imported, json!({ "item": { "id": 1 } }));
    let company = bench.call("crm.company.get", json!({ "id": 1 }));
    assert_eq!(company["DATE_CREATE"], "2020-01-01T10:00:00+03:00", "an administrator sets own dates");
}

#[test]
fn an_unknown_type_of_a_row_is_kept_as_it_is_and_only_items_show_it() {
    let mut bench = bench();
    let fm = json!([{ "typeId": "PAPER", "valueType": "WORK", "value": "a" }]);
    let added = bench.call("crm.item.add", json!({ "entityTypeId": 3, "fields": { "name": "A", "fm": fm } }));
    let row = |value: &str| json!([{ "id": 1, "typeId": "PAPER", "valueType": "WORK", "value": value }]);
    assert_eq!(added["item"]["fm"], row("a"));
    let change = json!({ "1": { "typeId": "PAPER", "valueType": "WORK", "value": "b" } });
    let updated =
        bench.call("crm.item.update", json!({ "entityTypeId": 3, "id": 1, "fields": { "fm": change } }));
    assert_eq!(updated["item"]["fm"], row("b"));
    let contact = bench.get(1);
    assert!(contact.get("PAPER").is_none() && contact["HAS_PHONE"] == "N", "{contact}");
}

#[test]
fn every_prefix_of_a_filter_has_its_opposite() {
    let mut bench = bench();
    for name in ["Анна", "Борис", "Вера"] {
        bench.contact(json!({ "NAME": name }));
    }
    let table = [
        (json!({ "%name": "нн" }), vec![1]),
        (json!({ "!%name": "нн" }), vec![2, 3]),
        (json!({ "=%name": "Б%" }), vec![2]),
        (json!({ "!=%name": "Б%" }), vec![1, 3]),
        (json!({ "!%=name": "%а" }), vec![2]),
        (json!({ "@id": [1, 3] }), vec![1, 3]),
        (json!({ "!@id": [1, 3] }), vec![2]),
        (json!({ ">=id": 2, "<id": 3 }), vec![2]),
    ];
    for (filter, expected) in table {
        let params = json!({ "entityTypeId": 3, "filter": filter, "select": ["id"] });
        let items = bench.call("crm.item.list", params)["items"].clone();
        let ids: Vec<_> = items.as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, expected, "{filter}");
    }
}

#[test]
fn changes_of_items_are_told_as_those_of_contacts_and_companies() {
    let mut bench = bench();
    bench.portal.act(bench.now, &json!({ "do": "listen", "url": "http://127.0.0.1:9/" })).unwrap();
    for (kind, name, told) in [(3, "name", "CONTACT"), (4, "title", "COMPANY")] {
        bench.call("crm.item.add", json!({ "entityTypeId": kind, "fields": { name: "A" } }));
        bench.call("crm.item.update", json!({ "entityTypeId": kind, "id": 1, "fields": { name: "A" } }));
        bench.call("crm.item.update", json!({ "entityTypeId": kind, "id": 1, "fields": { name: "B" } }));
        assert_eq!(bench.call("crm.item.delete", json!({ "entityTypeId": kind, "id": 1 })), json!([]));
        let deliveries = bench.portal.take_deliveries(bench.now);
        let events: Vec<&str> = deliveries.iter().filter_map(|it| it.body.split('&').next()).collect();
        let expected = ["ADD", "UPDATE", "DELETE"].map(|what| format!("event=ONCRM{told}{what}"));
        assert_eq!(events, expected, "a save without a change is not told");
    }
}

#[test]
fn an_item_takes_companies_as_the_classic_api_does() {
    let mut bench = bench();
    let (one, two) = (bench.company("A"), bench.company("B"));
    let fields = json!({ "name": "A", "companyIds": [two, one] });
    let item = bench.call("crm.item.add", json!({ "entityTypeId": 3, "fields": fields }))["item"].clone();
    assert_eq!((&item["companyId"], &item["companyIds"]), (&json!(two), &json!([two, one])));
    let update = json!({ "entityTypeId": 4, "id": one, "fields": { "contactIds": [] } });
    assert_eq!(bench.call("crm.item.update", update)["item"]["contactIds"], json!([]));
    let item = bench.call("crm.item.get", json!({ "entityTypeId": 3, "id": 1 }))["item"].clone();
    assert_eq!(item["companyIds"], json!([two]));
}

#[test]
fn cards_of_other_categories_are_made_by_items_and_people_and_unseen_by_classic_methods() {
    let mut bench = bench();
    let fields = json!({ "name": "A", "categoryId": 7, "fm": [{ "typeId": "PHONE", "value": "5000000" }] });
    let added = bench.call("crm.item.add", json!({ "entityTypeId": 3, "fields": fields }));
    assert_eq!(added["item"]["categoryId"], 7);
    bench.act(json!({ "do": "create", "entity": "contact", "fields": { "NAME": "B", "CATEGORY_ID": 7 } }));
    bench.call("crm.contact.add", json!({ "fields": { "NAME": "C", "CATEGORY_ID": 7 } }));
    let found = |bench: &mut Bench, category: i64| {
        let params = json!({ "entityTypeId": 3, "filter": { "categoryId": category }, "select": ["id"] });
        bench.call("crm.item.list", params)["items"].clone()
    };
    assert_eq!(found(&mut bench, 7), json!([{ "id": 1 }, { "id": 2 }]));
    assert_eq!(found(&mut bench, 0), json!([{ "id": 3 }]), "the classic interface knows no categories");
    assert_eq!(bench.envelope("crm.contact.list", json!({}))["total"], 1);
    assert_eq!(
        bench.fail("crm.contact.update", json!({ "id": 1, "fields": { "NAME": "D" } })).2,
        "Not found"
    );
    let update = json!({ "entityTypeId": 3, "id": 1, "fields": { "name": "D" } });
    assert_eq!(bench.call("crm.item.update", update)["item"]["categoryId"], 7);
}
