//! User fields: names, types, settings, items, labels, and what a change of them does to cards.

use serde_json::{Value, json};

use super::Bench;

#[expect(clippy::needless_pass_by_value, reason = "json!(…) reads better without an ampersand")]
fn add(bench: &mut Bench, fields: Value) -> i64 {
    bench.call("crm.contact.userfield.add", json!({ "fields": fields })).as_i64().unwrap()
}

fn get(bench: &mut Bench, id: i64) -> Value {
    bench.call("crm.contact.userfield.get", json!({ "id": id }))
}

#[test]
fn a_name_is_raised_prefixed_and_at_most_fifty_characters_long() {
    let mut bench = Bench::new();
    let own = "A".repeat(43);
    let table = [
        ("1c_contact_id", "UF_CRM_1C_CONTACT_ID"),
        ("UF_X", "UF_CRM_X"),
        ("UF_CRM_Y", "UF_CRM_Y"),
        (own.as_str(), &format!("UF_CRM_{own}")),
    ];
    for (given, expected) in table {
        let id = add(&mut bench, json!({ "FIELD_NAME": given, "USER_TYPE_ID": "string" }));
        assert_eq!(get(&mut bench, id)["FIELD_NAME"], expected);
    }
    for bad in ["A".repeat(44), "Ж".to_owned(), "A-B".to_owned(), String::new()] {
        let fields = json!({ "fields": { "FIELD_NAME": bad, "USER_TYPE_ID": "string" } });
        assert_eq!(bench.fail("crm.contact.userfield.add", fields).1, "ERROR_CORE", "{bad}");
    }
}

#[test]
fn every_type_can_be_made_and_its_values_come_back_as_the_wire_shows_them() {
    let mut bench = Bench::new();
    let table = [
        ("string", json!("Ж"), json!("Ж")),
        ("integer", json!(7), json!("7")),
        ("double", json!("2.5"), json!("2.5")),
        ("boolean", json!("Y"), json!("1")),
        ("datetime", json!("2026-09-21T10:00:00+03:00"), json!("2026-09-21T10:00:00+03:00")),
        ("date", json!("21.09.2026"), json!("2026-09-21T03:00:00+03:00")),
        ("money", json!("100|RUB"), json!("100|RUB")),
        ("url", json!("https://example.ru"), json!("https://example.ru")),
        ("address", json!("Тверь, 1|56.8;35.9|4"), json!("Тверь, 1|56.8;35.9|4")),
        ("employee", json!(1), json!("1")),
        ("crm_status", json!("SALE"), json!("SALE")),
        ("iblock_section", json!(3), json!("3")),
        ("iblock_element", json!(4), json!("4")),
        ("crm", json!("CO_5"), json!("CO_5")),
    ];
    for (ty, written, read) in table {
        for multiple in ["N", "Y"] {
            let id = add(
                &mut bench,
                json!({ "FIELD_NAME": format!("{ty}_{multiple}"), "USER_TYPE_ID": ty, "MULTIPLE": multiple }),
            );
            let field = get(&mut bench, id);
            assert_eq!(field["USER_TYPE_ID"], ty);
            let name = field["FIELD_NAME"].as_str().unwrap().to_owned();
            let is_multiple = field["MULTIPLE"] == "Y";
            assert_eq!(is_multiple, multiple == "Y" && ty != "boolean", "a yes or no is never multiple");
            let sent = if is_multiple { json!([written]) } else { written.clone() };
            let contact = bench.contact(json!({ "NAME": "A", name.as_str(): sent }));
            let expected = if is_multiple { json!([read]) } else { read.clone() };
            assert_eq!(bench.get(contact)[&name], expected, "{name}");
            let filter = json!({ "filter": { name.as_str(): written }, "select": ["ID", name.as_str()] });
            let found = bench.call("crm.contact.list", filter);
            assert_eq!(
                found,
                json!([{ "ID": contact.to_string(), name.as_str(): expected }]),
                "{name} is filterable"
            );
        }
    }
    let wrong = json!({ "fields": { "FIELD_NAME": "A", "USER_TYPE_ID": "colour" } });
    assert_eq!(bench.fail("crm.contact.userfield.add", wrong).1, "ERROR_CORE");
}

#[test]
fn requisites_take_four_types_of_user_fields() {
    let mut bench = Bench::new();
    for (ty, is_taken) in
        [("string", true), ("boolean", true), ("double", true), ("datetime", true), ("enumeration", false)]
    {
        let fields = json!({ "fields": { "FIELD_NAME": ty, "USER_TYPE_ID": ty } });
        let response = bench.post("crm.requisite.userfield.add", &fields);
        assert_eq!(response.status == 200, is_taken, "{ty}");
    }
    let listed = bench.envelope("crm.requisite.userfield.list", json!({}));
    assert_eq!((&listed["total"], &listed["result"][0]["ENTITY_ID"]), (&json!(4), &json!("CRM_REQUISITE")));
    let company = bench.company("A");
    let fields = json!({ "ENTITY_TYPE_ID": 4, "ENTITY_ID": company, "PRESET_ID": 1, "NAME": "R", "UF_CRM_STRING": "x" });
    let id = bench.call("crm.requisite.add", json!({ "fields": fields }));
    assert_eq!(bench.call("crm.requisite.get", json!({ "id": id }))["UF_CRM_STRING"], "x");
    assert_eq!(bench.call("crm.requisite.userfield.delete", json!({ "id": 1 })), true);
}

#[test]
fn settings_have_the_keys_of_their_type_and_an_update_changes_what_it_names() {
    let mut bench = Bench::new();
    let id = add(
        &mut bench,
        json!({ "FIELD_NAME": "S", "USER_TYPE_ID": "string",
        "SETTINGS": { "ROWS": 99, "DEFAULT_VALUE": "x", "COLOUR": "red" } }),
    );
    let expected = json!({ "SIZE": 20, "ROWS": 50, "REGEXP": "", "MIN_LENGTH": 0, "MAX_LENGTH": 0, "DEFAULT_VALUE": "x" });
    assert_eq!(get(&mut bench, id)["SETTINGS"], expected);
    let update = json!({ "id": id, "fields": { "SETTINGS": { "ROWS": 3 } } });
    assert_eq!(bench.call("crm.contact.userfield.update", update), true);
    let settings = get(&mut bench, id)["SETTINGS"].clone();
    assert_eq!((&settings["ROWS"], &settings["DEFAULT_VALUE"]), (&json!(3), &json!("x")));
    let crm = add(&mut bench, json!({ "FIELD_NAME": "C", "USER_TYPE_ID": "crm" }));
    assert_eq!(get(&mut bench, crm)["SETTINGS"]["LEAD"], "Y", "without a kind it is about leads");
    let employee = add(&mut bench, json!({ "FIELD_NAME": "E", "USER_TYPE_ID": "employee" }));
    assert_eq!(get(&mut bench, employee)["SETTINGS"], json!([]), "no settings are a list");
}

#[test]
fn default_values_fill_a_new_card_that_says_nothing_and_no_other() {
    let mut bench = Bench::new();
    for (name, ty, default) in [
        ("S", "string", json!("x")),
        ("B", "boolean", json!(1)),
        ("N", "boolean", json!(0)),
        ("D", "date", json!({ "TYPE": "NOW" })),
        ("F", "datetime", json!({ "TYPE": "FIXED", "VALUE": "2020-01-01T00:00:00+03:00" })),
    ] {
        add(
            &mut bench,
            json!({ "FIELD_NAME": name, "USER_TYPE_ID": ty, "SETTINGS": { "DEFAULT_VALUE": default } }),
        );
    }
    let id = bench.contact(json!({ "NAME": "A" }));
    let contact = bench.get(id);
    assert_eq!((&contact["UF_CRM_S"], &contact["UF_CRM_B"]), (&json!("x"), &json!("1")));
    assert_eq!(contact["UF_CRM_N"], Value::Null);
    assert_eq!(contact["UF_CRM_D"], "2026-09-21T03:00:00+03:00");
    assert_eq!(contact["UF_CRM_F"], "2020-01-01T00:00:00+03:00");
    let id = bench.contact(json!({ "NAME": "A", "UF_CRM_S": "", "UF_CRM_B": 0 }));
    bench.call("crm.contact.update", json!({ "id": id, "fields": { "POST": "x" } }));
    let contact = bench.get(id);
    assert_eq!((&contact["UF_CRM_S"], &contact["UF_CRM_B"]), (&Value::Null, &json!("0")));
}

#[test]
fn a_list_holds_item_ids_and_its_items_are_edited_by_id() {
    let mut bench = Bench::new();
    let id = add(
        &mut bench,
        json!({ "FIELD_NAME": "L", "USER_TYPE_ID": "enumeration", "LIST": [
        { "VALUE": "B", "SORT": 20, "DEF": "Y", "XML_ID": "b" }, { "VALUE": "A", "SORT": 10, "DEF": "Y" }, { "VALUE": "" }] }),
    );
    let items = |bench: &mut Bench| get(bench, id)["LIST"].clone();
    let expected = json!([
        { "ID": "2", "SORT": "10", "VALUE": "A", "DEF": "Y", "XML_ID": "item2" },
        { "ID": "1", "SORT": "20", "VALUE": "B", "DEF": "N", "XML_ID": "b" },
    ]);
    let actual = items(&mut bench);
    assert_eq!(actual.as_array().unwrap().len(), 2);
    assert_eq!(actual[0]["VALUE"], expected[0]["VALUE"]);
    assert_eq!(actual[1]["XML_ID"], "b");
    let defaults = actual.as_array().unwrap().iter().filter(|item| item["DEF"] == "Y").count();
    assert_eq!(defaults, 1, "one default for a single field");
    let contact = bench.contact(json!({ "NAME": "A", "UF_CRM_L": 2 }));
    assert_eq!(bench.get(contact)["UF_CRM_L"], "2");
    let rows = bench.call("crm.contact.list", json!({ "filter": { "UF_CRM_L": 2 }, "select": ["ID"] }));
    assert_eq!(rows, json!([{ "ID": "1" }]));
    for unknown in [json!(77), json!("A")] {
        bench.call("crm.contact.update", json!({ "id": contact, "fields": { "UF_CRM_L": unknown } }));
        assert_eq!(bench.get(contact)["UF_CRM_L"], Value::Null, "only ids of its own items");
    }
    let edit = json!({ "id": id, "fields": { "LIST": [{ "ID": "1", "VALUE": "C" }, { "ID": "2", "DEL": "Y" }, { "VALUE": "D" }] } });
    bench.call("crm.contact.userfield.update", edit);
    let values: Vec<_> = items(&mut bench)
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["ID"].clone(), it["VALUE"].clone()))
        .collect();
    assert_eq!(values, [(json!("3"), json!("D")), (json!("1"), json!("C"))]);
    let fields = bench.call("crm.contact.fields", json!({}));
    assert_eq!(fields["UF_CRM_L"]["items"][1], json!({ "ID": "1", "VALUE": "C" }));
}

#[test]
fn a_default_item_is_chosen_for_a_new_card() {
    let mut bench = Bench::new();
    for (name, multiple) in [("ONE", "N"), ("MANY", "Y")] {
        add(
            &mut bench,
            json!({ "FIELD_NAME": name, "USER_TYPE_ID": "enumeration", "MULTIPLE": multiple,
            "LIST": [{ "VALUE": "A", "DEF": "Y" }, { "VALUE": "B", "DEF": "Y" }, { "VALUE": "C" }] }),
        );
    }
    let id = bench.contact(json!({ "NAME": "A" }));
    let contact = bench.get(id);
    assert_eq!((&contact["UF_CRM_ONE"], &contact["UF_CRM_MANY"]), (&json!("1"), &json!(["4", "5"])));
}

#[test]
fn an_update_changes_neither_name_nor_type_nor_multiplicity() {
    let mut bench = Bench::new();
    let id = add(&mut bench, json!({ "FIELD_NAME": "A", "USER_TYPE_ID": "string", "XML_ID": "x" }));
    let fields =
        json!({ "FIELD_NAME": "B", "USER_TYPE_ID": "integer", "MULTIPLE": "Y", "SORT": 5, "MANDATORY": "Y" });
    bench.call("crm.contact.userfield.update", json!({ "id": id, "fields": fields }));
    let field = get(&mut bench, id);
    assert_eq!(field["FIELD_NAME"], "UF_CRM_A");
    assert_eq!((&field["USER_TYPE_ID"], &field["MULTIPLE"]), (&json!("string"), &json!("N")));
    assert_eq!(
        (field["SORT"].as_i64(), &field["MANDATORY"], &field["XML_ID"]),
        (Some(5), &json!("Y"), &json!("x"))
    );
}

#[test]
fn one_label_serves_all_and_a_map_names_languages() {
    let mut bench = Bench::new();
    let id = add(
        &mut bench,
        json!({ "FIELD_NAME": "A", "USER_TYPE_ID": "string", "LABEL": "общая",
        "EDIT_FORM_LABEL": { "ru": "форма", "en": "form" }, "LIST_COLUMN_LABEL": "столбец" }),
    );
    let field = get(&mut bench, id);
    assert_eq!(
        (&field["EDIT_FORM_LABEL"]["en"], &field["EDIT_FORM_LABEL"]["de"]),
        (&json!("form"), &json!("общая"))
    );
    assert_eq!(field["LIST_COLUMN_LABEL"]["en"], "столбец");
    assert_eq!(field["HELP_MESSAGE"]["ru"], "общая");
    let listed = bench.call("crm.contact.userfield.list", json!({ "filter": { "LANG": "en" } }));
    assert_eq!(listed[0]["EDIT_FORM_LABEL"], "form");
    let update = json!({ "id": id, "fields": { "EDIT_FORM_LABEL": { "ru": "имя" } } });
    bench.call("crm.contact.userfield.update", update);
    let field = get(&mut bench, id);
    assert_eq!(field["EDIT_FORM_LABEL"]["ru"], "имя");
    assert_eq!(field["EDIT_FORM_LABEL"]["en"], "", "the others are emptied");
    assert_eq!(bench.call("crm.contact.fields", json!({}))["UF_CRM_A"]["formLabel"], "имя");
}

#[test]
fn fields_are_listed_by_exact_values() {
    let mut bench = Bench::new();
    for (name, ty, multiple) in [("A", "string", "N"), ("B", "string", "Y"), ("C", "integer", "N")] {
        add(
            &mut bench,
            json!({ "FIELD_NAME": name, "USER_TYPE_ID": ty, "MULTIPLE": multiple, "MANDATORY": "Y", "XML_ID": name }),
        );
    }
    let names = |bench: &mut Bench, params: Value| -> Vec<String> {
        let listed = bench.envelope("crm.contact.userfield.list", params);
        let rows = listed["result"].as_array().unwrap();
        assert_eq!(listed["total"], rows.len());
        rows.iter().map(|row| row["XML_ID"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&mut bench, json!({ "filter": { "USER_TYPE_ID": "string" } })), ["A", "B"]);
    assert_eq!(names(&mut bench, json!({ "filter": { "USER_TYPE_ID": "string", "MULTIPLE": "Y" } })), ["B"]);
    assert_eq!(names(&mut bench, json!({ "filter": { "FIELD_NAME": "UF_CRM_C", "MANDATORY": "Y" } })), ["C"]);
    assert_eq!(names(&mut bench, json!({ "order": { "ID": "DESC" } })), ["C", "B", "A"]);
}

#[test]
fn a_deleted_field_takes_its_values_along() {
    let mut bench = Bench::new();
    let id = add(&mut bench, json!({ "FIELD_NAME": "A", "USER_TYPE_ID": "string" }));
    let contact = bench.contact(json!({ "NAME": "A", "UF_CRM_A": "x" }));
    assert_eq!(bench.call("crm.contact.userfield.delete", json!({ "id": id })), true);
    assert!(bench.get(contact).get("UF_CRM_A").is_none());
    assert_eq!(bench.fail("crm.contact.userfield.delete", json!({ "id": id })).1, "ERROR_NOT_FOUND");
    add(&mut bench, json!({ "FIELD_NAME": "A", "USER_TYPE_ID": "string" }));
    assert_eq!(bench.get(contact)["UF_CRM_A"], Value::Null, "a new field of the same name is empty");
}

#[test]
fn a_field_is_reached_through_its_own_kind_only() {
    let mut bench = Bench::new();
    let id = add(&mut bench, json!({ "FIELD_NAME": "A", "USER_TYPE_ID": "string" }));
    for method in ["get", "delete"] {
        let method = format!("crm.company.userfield.{method}");
        assert_eq!(bench.fail(&method, json!({ "id": id })).2, "Access denied.");
    }
    assert_eq!(bench.fail("crm.contact.userfield.get", json!({})).2, "ID is not defined or invalid.");
}

#[test]
fn a_file_comes_back_as_an_object_where_other_fields_have_a_text() {
    let mut bench = Bench::new();
    for (name, multiple) in [("ONE", "N"), ("MANY", "Y")] {
        add(&mut bench, json!({ "FIELD_NAME": name, "USER_TYPE_ID": "file", "MULTIPLE": multiple }));
    }
    let file = |name: &str| json!({ "fileData": [name, "0KQ="] });
    let id = bench.contact(
        json!({ "NAME": "A", "UF_CRM_ONE": file("a.txt"), "UF_CRM_MANY": [file("b.txt"), file("c.txt")] }),
    );
    let ids = |value: &Value| -> Vec<i64> {
        let many = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        many.iter().map(|file| file["id"].as_i64().unwrap()).collect()
    };
    let contact = bench.get(id);
    assert_eq!((ids(&contact["UF_CRM_ONE"]), ids(&contact["UF_CRM_MANY"])), (vec![3], vec![1, 2]));
    assert!(contact["UF_CRM_ONE"]["downloadUrl"].is_string());
    let item = bench.call("crm.item.get", json!({ "entityTypeId": 3, "id": id }));
    assert_eq!(item["item"]["ufCrmOne"], contact["UF_CRM_ONE"]);
    let edit =
        json!({ "UF_CRM_ONE": file("d.txt"), "UF_CRM_MANY": [{ "id": 1, "remove": "Y" }], "POST": "x" });
    bench.call("crm.contact.update", json!({ "id": id, "fields": edit }));
    let contact = bench.get(id);
    assert_eq!((ids(&contact["UF_CRM_ONE"]), ids(&contact["UF_CRM_MANY"])), (vec![4], vec![2]));
    bench.call(
        "crm.contact.update",
        json!({ "id": id, "fields": { "UF_CRM_ONE": { "id": 4, "remove": "Y" } } }),
    );
    assert_eq!(bench.get(id)["UF_CRM_ONE"], Value::Null);
}
