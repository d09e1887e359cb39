//! Bank details of requisites.

use obmen_sim::world::World;
use serde_json::json;

use super::{Bench, ids};

fn bench() -> Bench {
    let mut bench = Bench::new();
    let company = bench.company("A");
    let fields = json!({ "ENTITY_TYPE_ID": 4, "ENTITY_ID": company, "PRESET_ID": 1, "NAME": "R" });
    bench.call("crm.requisite.add", json!({ "fields": fields }));
    bench
}

#[test]
fn bank_details_belong_to_a_requisite_and_are_strings() {
    let mut bench = bench();
    let fields = json!({ "ENTITY_ID": 1, "NAME": "Счёт", "RQ_BIK": "044525225", "XML_ID": "1c-1",
        "RQ_ACC_NUM": "40702810938000060473" });
    assert_eq!(bench.call("crm.requisite.bankdetail.add", json!({ "fields": fields })), 1);
    let got = bench.call("crm.requisite.bankdetail.get", json!({ "id": 1 }));
    for (key, value) in
        [("ENTITY_ID", "1"), ("ENTITY_TYPE_ID", "8"), ("COUNTRY_ID", "1"), ("RQ_BIK", "044525225")]
    {
        assert_eq!(got[key], value, "{key}");
    }
    let found = json!({ "filter": { "=XML_ID": "1c-1" }, "select": ["ID", "RQ_ACC_NUM"] });
    let rows = bench.call("crm.requisite.bankdetail.list", found);
    assert_eq!(rows, json!([{ "ID": "1", "RQ_ACC_NUM": "40702810938000060473" }]));
    let update = json!({ "id": 1, "fields": { "RQ_BANK_NAME": "Банк", "ENTITY_ID": 9 } });
    assert_eq!(bench.call("crm.requisite.bankdetail.update", update), true);
    let got = bench.call("crm.requisite.bankdetail.get", json!({ "id": 1 }));
    assert_eq!(
        (&got["RQ_BANK_NAME"], &got["ENTITY_ID"]),
        (&json!("Банк"), &json!("1")),
        "the owner is fixed"
    );
    let fields = bench.call("crm.requisite.bankdetail.fields", json!({}));
    assert_eq!(
        (&fields["ENTITY_ID"]["isRequired"], &fields["RQ_BIK"]["type"]),
        (&json!(true), &json!("string"))
    );
}

#[test]
fn bank_details_need_a_requisite_and_go_with_it() {
    let mut bench = bench();
    let add = |owner: i64| json!({ "fields": { "ENTITY_ID": owner, "NAME": "Счёт" } });
    let (status, error, description) = bench.fail("crm.requisite.bankdetail.add", add(9));
    assert_eq!(
        (status, error, description.as_str()),
        (400, json!(""), "ENTITY_ID is not defined or invalid.")
    );
    for _ in 0..2 {
        bench.call("crm.requisite.bankdetail.add", add(1));
    }
    assert_eq!(bench.call("crm.requisite.bankdetail.delete", json!({ "id": 1 })), true);
    let (_, _, description) = bench.fail("crm.requisite.bankdetail.get", json!({ "id": 1 }));
    assert_eq!(description, "The BankDetail with ID '1' is not found");
    assert_eq!(ids(&bench.call("crm.requisite.bankdetail.list", json!({}))), [2]);
    bench.portal.act(bench.now, &json!({ "do": "listen", "url": "http://127.0.0.1:9/" })).unwrap();
    bench.call("crm.requisite.delete", json!({ "id": 1 }));
    assert_eq!(bench.call("crm.requisite.bankdetail.list", json!({})), json!([]));
    let told: Vec<String> = bench.portal.take_deliveries(bench.now).into_iter().map(|it| it.body).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].starts_with("event=ONCRMBANKDETAILDELETE&"), "{told:?}");
}
