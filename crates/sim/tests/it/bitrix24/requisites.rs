//! Requisites and their presets.

use obmen_sim::bitrix24::Settings;
use obmen_sim::world::World;
use serde_json::{Value, json};

use super::{Bench, ids};

fn requisite(owner: i64, inn: &str) -> Value {
    json!({ "fields": { "ENTITY_TYPE_ID": 4, "ENTITY_ID": owner, "PRESET_ID": 1, "NAME": "Организация",
        "RQ_INN": inn, "RQ_KPP": "770001001" } })
}

#[test]
fn requisites_are_strings_and_found_by_inn() {
    let mut bench = Bench::new();
    let company = bench.company("A");
    let id = bench.call("crm.requisite.add", requisite(company, "7700000000"));
    bench.call("crm.requisite.add", requisite(company, "7700000001"));
    let envelope = bench.envelope(
        "crm.requisite.list",
        json!({ "filter": { "@RQ_INN": ["7700000000", "x"], "ENTITY_TYPE_ID": 4 }, "start": -1,
            "select": ["ID", "ENTITY_ID", "RQ_KPP", "PRESET_ID"] }),
    );
    assert_eq!(
        envelope["result"],
        json!([{ "ID": "1", "ENTITY_ID": "1", "RQ_KPP": "770001001", "PRESET_ID": "1" }])
    );
    assert_eq!(envelope["total"], 1, "requisites count even with -1");
    let got = bench.call("crm.requisite.get", json!({ "id": id }));
    assert_eq!(got["ENTITY_TYPE_ID"], "4");
    assert_eq!(got["RQ_INN"], "7700000000");
}

#[test]
fn a_requisite_moves_its_own_date_and_not_its_owner_s() {
    let mut bench = Bench::new();
    let company = bench.company("A");
    let id = bench.call("crm.requisite.add", requisite(company, "1"));
    let before = bench.call("crm.company.get", json!({ "id": company }));
    let update = json!({ "id": id, "fields": { "RQ_INN": "2", "ENTITY_ID": 99 } });
    assert_eq!(bench.call("crm.requisite.update", update), true);
    let got = bench.call("crm.requisite.get", json!({ "id": id }));
    assert_eq!((&got["RQ_INN"], &got["ENTITY_ID"]), (&json!("2"), &json!("1")), "the owner is fixed");
    assert_ne!(got["DATE_MODIFY"], got["DATE_CREATE"]);
    assert_eq!(bench.call("crm.company.get", json!({ "id": company })), before);
    let since = json!({ "filter": { ">=DATE_MODIFY": got["DATE_MODIFY"] }, "select": ["ID"] });
    assert_eq!(ids(&bench.call("crm.requisite.list", since)), [1]);
}

#[test]
fn a_requisite_needs_an_owner_a_preset_and_a_name() {
    let mut bench = Bench::new();
    let company = bench.company("A");
    for (key, value) in [("ENTITY_ID", json!(99)), ("ENTITY_TYPE_ID", json!(2)), ("PRESET_ID", json!(0))] {
        let mut params = requisite(company, "1");
        params["fields"][key] = value;
        let (status, error, _) = bench.fail("crm.requisite.add", params);
        assert_eq!((status, error), (400, json!(0)), "{key}");
    }
    assert_eq!(bench.fail("crm.requisite.get", json!({ "id": 5 })).1, "");
    let id = bench.call("crm.requisite.add", requisite(company, "1"));
    assert_eq!(bench.call("crm.requisite.delete", json!({ "id": id })), true);
    assert_eq!(bench.call("crm.requisite.list", json!({})), json!([]));
}

#[test]
fn presets_are_those_of_a_fresh_portal() {
    let rows = Bench::new().call("crm.requisite.preset.list", json!({ "filter": { "COUNTRY_ID": 1 } }));
    assert_eq!(ids(&rows), [1, 2, 3]);
    assert_eq!(rows[0]["ENTITY_TYPE_ID"], "8");
    assert!(rows[0]["XML_ID"].as_str().unwrap().starts_with("#CRM_REQUISITE_PRESET_DEF_"));
}

#[test]
fn presets_have_other_ids_elsewhere_and_keep_their_key() {
    let mut bench = Bench::with(Settings { first_preset: 27, ..Settings::default() });
    let filter =
        json!({ "filter": { "COUNTRY_ID": 1, "XML_ID": "#CRM_REQUISITE_PRESET_DEF_RU_INDIVIDUAL#" } });
    let rows = bench.call("crm.requisite.preset.list", filter);
    assert_eq!(ids(&rows), [28]);
    assert_eq!(bench.call("crm.requisite.preset.get", json!({ "id": 28 })), rows[0]);
    let company = bench.company("A");
    assert_eq!(
        bench.fail("crm.requisite.add", requisite(company, "1")).2,
        "PRESET_ID is not defined or invalid."
    );
}

#[test]
fn a_preset_tells_the_fields_that_people_see() {
    let mut bench = Bench::new();
    let rows = bench.call("crm.requisite.preset.field.list", json!({ "preset": { "ID": 1 } }));
    let names: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| row["FIELD_NAME"].as_str().unwrap()).collect();
    assert!(
        names.contains(&"RQ_INN") && names.contains(&"RQ_KPP") && !names.contains(&"RQ_OGRNIP"),
        "{names:?}"
    );
    assert_eq!(rows[0]["ID"], 1, "a number here");
    let missing = bench.fail("crm.requisite.preset.field.list", json!({ "preset": { "ID": 27 } }));
    assert_eq!((missing.0, missing.2.as_str()), (400, "The Preset with ID '27' is not found"));
    let company = bench.company("A");
    let mut params = requisite(company, "1");
    params["fields"]["RQ_OGRNIP"] = json!("304500116000157");
    let id = bench.call("crm.requisite.add", params);
    let stored = bench.call("crm.requisite.get", json!({ "id": id }));
    assert_eq!(stored["RQ_OGRNIP"], "304500116000157", "stored, though people do not see it");
}

#[test]
fn a_company_may_have_several_requisites_and_an_inn_many_owners() {
    let mut bench = Bench::new();
    let (one, two) = (bench.company("A"), bench.company("B"));
    for (owner, sort) in [(one, 500), (one, 100), (two, 300)] {
        let mut params = requisite(owner, "7700000000");
        params["fields"]["SORT"] = json!(sort);
        bench.call("crm.requisite.add", params);
    }
    let list = |bench: &mut Bench, filter: Value| {
        ids(&bench.call("crm.requisite.list", json!({ "filter": filter, "order": { "SORT": "ASC" } })))
    };
    assert_eq!(list(&mut bench, json!({ "RQ_INN": "7700000000" })), [2, 3, 1]);
    assert_eq!(list(&mut bench, json!({ "ENTITY_TYPE_ID": 4, "ENTITY_ID": one })), [2, 1]);
    assert_eq!(list(&mut bench, json!({ "!%RQ_INN": "00" })), Vec::<i64>::new());
    assert_eq!(list(&mut bench, json!({ "!=%NAME": "Орг%" })), Vec::<i64>::new());
    assert_eq!(list(&mut bench, json!({ "!%=NAME": "ИП%" })), [2, 3, 1]);
}

#[test]
fn requisites_keep_texts_unjudged_and_user_fields() {
    let mut bench = Bench::new();
    bench.load(json!({ "entity": "userfield", "ENTITY_ID": "CRM_REQUISITE", "FIELD_NAME": "UF_CRM_BRANCH", "USER_TYPE_ID": "string" }));
    let company = bench.company("A");
    let mut params = requisite(company, "12");
    for (name, value) in [
        ("RQ_PHONE", "8 912"),
        ("RQ_COMPANY_REG_DATE", "в мае"),
        ("XML_ID", "1c-6f0e"),
        ("RQ_BIN", "1"),
        ("UF_CRM_BRANCH", "да"),
        ("ORIGINATOR_ID", "1C"),
    ] {
        params["fields"][name] = json!(value);
    }
    let id = bench.call("crm.requisite.add", params.clone());
    let stored = bench.call("crm.requisite.get", json!({ "id": id }));
    for name in
        ["RQ_INN", "RQ_PHONE", "RQ_COMPANY_REG_DATE", "XML_ID", "RQ_BIN", "UF_CRM_BRANCH", "ORIGINATOR_ID"]
    {
        assert_eq!(stored[name], params["fields"][name], "{name}");
    }
    assert_eq!((&stored["ACTIVE"], &stored["ADDRESS_ONLY"]), (&json!("Y"), &json!("N")));
    let fields = bench.call("crm.requisite.fields", json!({}));
    assert_eq!(
        (&fields["PRESET_ID"]["isRequired"], &fields["ENTITY_ID"]["isImmutable"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        (&fields["RQ_COMPANY_REG_DATE"]["type"], &fields["UF_CRM_BRANCH"]["isDynamic"]),
        (&json!("string"), &json!(true))
    );
}

#[test]
fn a_requisite_is_told_under_its_own_name_and_its_owner_is_not() {
    let mut bench = Bench::new();
    let company = bench.company("A");
    bench.portal.act(bench.now, &json!({ "do": "listen", "url": "http://127.0.0.1:9/" })).unwrap();
    let id = bench.call("crm.requisite.add", requisite(company, "1"));
    bench.call("crm.requisite.update", json!({ "id": id, "fields": { "RQ_INN": "2" } }));
    bench.call("crm.requisite.delete", json!({ "id": id }));
    let told = bench.portal.take_deliveries(bench.now);
    let events: Vec<&str> = told.iter().filter_map(|it| it.body.split('&').next()).collect();
    assert_eq!(
        events,
        ["event=ONCRMREQUISITEADD", "event=ONCRMREQUISITEUPDATE", "event=ONCRMREQUISITEDELETE"]
    );
}

#[test]
fn requisites_bank_details_and_presets_count_even_without_a_wish() {
    let mut bench = Bench::new();
    let company = bench.company("A");
    for id in 1..=60 {
        bench.load(json!({ "entity": "requisite", "ID": id.to_string(), "ENTITY_TYPE_ID": "4",
            "ENTITY_ID": company.to_string(), "NAME": "R" }));
    }
    let envelope = bench.envelope("crm.requisite.list", json!({ "start": -1 }));
    assert_eq!((&envelope["total"], &envelope["next"]), (&json!(60), &json!(50)));
    assert_eq!(ids(&envelope["result"]), (1..=50).collect::<Vec<_>>(), "the first page");
    let walked = bench.envelope("crm.requisite.list", json!({ "start": -1, "filter": { ">ID": 50 } }));
    assert_eq!(ids(&walked["result"]), (51..=60).collect::<Vec<_>>());
    bench.call("crm.requisite.bankdetail.add", json!({ "fields": { "ENTITY_ID": 1, "NAME": "B" } }));
    let details = bench.envelope("crm.requisite.bankdetail.list", json!({ "start": -1 }));
    assert_eq!(details["total"], 1);
    let presets = bench.envelope("crm.requisite.preset.list", json!({ "start": -1 }));
    assert_eq!(presets["total"], presets["result"].as_array().unwrap().len());
}
