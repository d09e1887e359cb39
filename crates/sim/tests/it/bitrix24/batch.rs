//! Batches: encoding, references, errors, limits.

use obmen_sim::bitrix24::Settings;
use obmen_sim::world::World;
use serde_json::{Map, Value, json};

use super::{Bench, body};

#[test]
fn commands_refer_to_earlier_results() {
    let mut bench = Bench::new();
    let result = bench.call(
        "batch",
        json!({ "halt": 1, "cmd": {
        "co": "crm.company.add?fields%5BTITLE%5D=Romashka%20%26%20Co",
        "ct": "crm.contact.add?fields%5BNAME%5D=Ivan&fields[PHONE][0][VALUE]=%2B79",
        "ln": "crm.contact.company.add?id=%24result%5Bct%5D&fields%5BCOMPANY_ID%5D=%24result%5Bco%5D" } }),
    );
    assert_eq!(result["result"], json!({ "co": 1, "ct": 1, "ln": true }));
    assert_eq!(result["result_error"], json!([]), "an empty map is a list");
    assert_eq!(result["result_total"], json!([]));
    assert_eq!(result["result_time"]["ln"]["operating"], 0.25);
    assert_eq!(bench.get(1)["PHONE"][0]["VALUE"], "+79");
    assert_eq!(bench.get(1)["COMPANY_ID"], "1");
    assert_eq!(bench.call("crm.company.get", json!({ "id": 1 }))["TITLE"], "Romashka & Co");
}

#[test]
fn user_text_that_looks_like_a_reference_is_rewritten() {
    let mut bench = Bench::new();
    bench.call(
        "batch",
        json!({ "cmd": {
        "a": "crm.contact.add?fields[NAME]=Anna",
        "b": "crm.contact.add?fields[NAME]=Boris&fields[POST]=price $result[a] only" } }),
    );
    assert_eq!(bench.get(2)["POST"], "price 1 only");
}

#[test]
fn commands_run_in_the_order_sent() {
    let mut bench = Bench::new();
    let cmd: Vec<String> =
        (0..12).map(|at| format!("\"c{at}\":\"crm.contact.add?fields[NAME]=n{at}\"")).collect();
    let text = format!("{{\"cmd\":{{{}}}}}", cmd.join(","));
    let response = bench.send("POST", "/rest/1/secret/batch.json", "application/json", text.as_bytes());
    let result = &body(&response)["result"]["result"];
    assert_eq!((&result["c2"], &result["c10"]), (&json!(3), &json!(11)));
}

#[test]
fn numeric_keys_come_back_as_a_list() {
    let mut bench = Bench::new();
    let result = bench.call("batch", json!({ "cmd": ["crm.contact.list", "crm.contact.get?id=7"] }));
    assert_eq!(result["result"], json!([[]]));
    assert_eq!(result["result_total"], json!([0]));
    assert_eq!(result["result_error"], json!({ "1": { "error": "", "error_description": "Not found" } }));
}

#[test]
fn errors_belong_to_their_commands_and_halt_stops_behind_the_first() {
    let cmd = json!({ "a": "crm.contact.get?id=1", "b": "nonsense", "c": "batch?cmd[x]=profile", "d": "profile", "e": 5 });
    let mut bench = Bench::new();
    let result = bench.call("batch", json!({ "halt": 0, "cmd": cmd }));
    assert_eq!(result["result"]["d"]["ID"], "1");
    assert_eq!(result["result_error"]["b"]["error"], "ERROR_METHOD_NOT_FOUND");
    assert_eq!(result["result_error"]["c"]["error"], "ERROR_BATCH_METHOD_NOT_ALLOWED");
    assert!(!result.to_string().contains("\"e\""), "a command that is no string leaves no trace");
    for halt in [json!(1), json!("false")] {
        let result = bench.call("batch", json!({ "halt": halt, "cmd": cmd }));
        assert_eq!(result["result"], json!([]));
        assert_eq!(result["result_error"].as_object().unwrap().len(), 1, "{halt}");
    }
}

#[test]
fn surplus_commands_are_refused() {
    let cmd: Map<String, Value> = (0..52).map(|at| (format!("c{at:02}"), json!("profile"))).collect();
    let result = Bench::new().call("batch", json!({ "cmd": cmd }));
    assert_eq!(result["result"].as_object().unwrap().len(), 50);
    assert_eq!(result["result_error"]["c51"]["error"], "ERROR_BATCH_LENGTH_EXCEEDED");
}

#[test]
fn a_form_body_encodes_the_command_twice() {
    let mut bench = Bench::new();
    let form = b"cmd%5Ba%5D=crm.contact.add%3Ffields%255BNAME%255D%3DA%252526B&halt=0";
    let response = bench.send("POST", "/rest/1/secret/batch", "application/x-www-form-urlencoded", form);
    assert_eq!(body(&response)["result"]["result"]["a"], 1);
    assert_eq!(bench.get(1)["NAME"], "A%26B");
}

#[test]
fn a_bare_hash_ends_a_command() {
    let mut bench = Bench::new();
    bench.call("batch", json!({ "cmd": { "a": "crm.contact.add?fields[NAME]=A#&fields[POST]=lost" } }));
    assert_eq!(bench.get(1)["NAME"], "A");
    assert_eq!(bench.get(1)["POST"], Value::Null);
}

#[test]
fn chained_pages_walk_by_id() {
    let mut bench = Bench::new();
    for id in 1..=120 {
        bench.load(json!({ "entity": "contact", "ID": id.to_string(), "NAME": "A" }));
    }
    let page =
        |after: &str| format!("crm.contact.list?order[ID]=ASC&filter[>ID]={after}&select[0]=ID&start=-1");
    let result = bench.call(
        "batch",
        json!({ "cmd": {
        "p0": page("0"), "p1": page("$result[p0][49][ID]"), "p2": page("$result[p1][49][ID]"),
        "p3": page("$result[p2][49][ID]") } }),
    );
    assert_eq!(result["result"]["p1"][0]["ID"], "51");
    assert_eq!(result["result"]["p2"].as_array().unwrap().len(), 20);
    assert_eq!(result["result"]["p3"].as_array().unwrap().len(), 50, "garbage behind the last page");
}

#[test]
fn a_batch_is_cut_when_its_time_is_up_and_what_ran_stays() {
    let mut bench = Bench::with(Settings { request_seconds: 1.0, ..Settings::default() });
    let cmd: Map<String, Value> =
        (0..6).map(|at| (format!("c{at}"), json!("crm.contact.add?fields[NAME]=A"))).collect();
    let response = bench.post("batch", &json!({ "cmd": cmd }));
    assert!(response.is_cut());
    assert_eq!(response.took.as_secs_f64(), 1.0);
    assert_eq!(bench.envelope("crm.contact.list", json!({}))["total"], 4, "four adds fit into a second");
    assert_eq!(bench.portal.counters()["cut"], 1);
}

#[test]
fn one_command_can_run_out_of_execution_time() {
    let mut bench = Bench::with(Settings { execution_seconds: 0.5, ..Settings::default() });
    let result = bench.call(
        "batch",
        json!({ "cmd": {
        "a": "crm.contact.add?fields[NAME]=A", "b": "crm.contact.add?fields[NAME]=B",
        "c": "crm.contact.add?fields[NAME]=C", "d": "crm.contact.list" } }),
    );
    assert_eq!(result["result_error"]["c"]["error"], "OPERATION_TIME_LIMIT");
    assert_eq!(result["result_total"]["d"], 2);
    let counters = bench.portal.counters();
    assert_eq!((&counters["limited_429"], &counters["requests"]), (&json!(1), &json!(1)));
    assert_eq!(counters["calls"]["crm.contact.add"], 2);
}

#[test]
fn commands_refer_to_totals_next_pages_errors_and_times_as_well() {
    let mut bench = Bench::new();
    for id in 1..=60 {
        bench.load(json!({ "entity": "contact", "ID": id.to_string(), "NAME": "A" }));
    }
    let result = bench.call(
        "batch",
        json!({ "cmd": {
        "a": "crm.contact.list?select[0]=ID", "b": "nonsense",
        "c": "crm.contact.list?select[0]=ID&start=$next[a]",
        "d": "crm.contact.add?fields[NAME]=$total[a]&fields[POST]=$error[b][error]",
        "e": "crm.item.list?entityTypeId=3&select[0]=id",
        "f": "crm.contact.get?id=$result[e][items][0][id]" } }),
    );
    assert_eq!(result["result"]["c"][0]["ID"], "51");
    assert_eq!(result["result"]["f"]["ID"], "1");
    let added = bench.get(61);
    assert_eq!((&added["NAME"], &added["POST"]), (&json!("60"), &json!("ERROR_METHOD_NOT_FOUND")));
}

#[test]
fn a_command_has_texts_only_and_neither_json_nor_empty_arrays() {
    let mut bench = Bench::new();
    bench.contact(json!({ "NAME": "A", "PHONE": [{ "VALUE": "+79000000001" }] }));
    let result = bench.call(
        "batch",
        json!({ "cmd": {
        "a": "crm.contact.list?filter={\"NAME\":\"B\"}",
        "b": "crm.contact.add?fields[NAME]=N&fields[POST]=",
        "c": "crm.contact.add?fields[NAME]=F&fields[OPENED]=N" } }),
    );
    assert_eq!(result["result_total"]["a"], 1, "JSON is a text, and no filter");
    assert_eq!(bench.get(2)["POST"], Value::Null);
    assert_eq!(bench.get(3)["OPENED"], "N");
}

#[test]
fn a_refused_link_is_a_result_and_no_error() {
    let mut bench = Bench::new();
    let (company, contact) = (bench.company("A"), bench.contact(json!({ "NAME": "A" })));
    let command = format!("crm.contact.company.add?id={contact}&fields[COMPANY_ID]={company}");
    let result = bench.call("batch", json!({ "cmd": { "a": command, "b": command } }));
    assert_eq!(result["result"], json!({ "a": true, "b": false }));
    assert_eq!(result["result_error"], json!([]));
}

#[test]
fn a_batch_is_one_request_for_the_bucket() {
    let mut bench = Bench::with(Settings { burst: 3.0, per_second: 0.0, ..Settings::default() });
    let cmd: Vec<&str> = vec!["profile"; 50];
    for _ in 0..3 {
        let result = bench.call("batch", json!({ "cmd": cmd }));
        assert_eq!(result["result"].as_array().unwrap().len(), 50);
    }
    assert_eq!(bench.fail("batch", json!({ "cmd": cmd })).0, 503);
}
