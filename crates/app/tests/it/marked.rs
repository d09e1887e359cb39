//! Marks for deletion in 1C where the configuration wants them shown: a flag of the card, and nothing is deleted or asked.

use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};
use crate::failures::{add_firm, add_person, at_rest};

const CLIENTS: &str = "Catalog_Контрагенты";
const FLAG: &str = "UF_CRM_1C_DELETED";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mark_in_1c_is_a_flag_of_the_card_and_goes_with_it() {
    show_marks(Bench::synced().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mark_in_1c_is_a_flag_of_the_card_and_goes_with_it_by_the_extension() {
    show_marks(Bench::synced_by_extension().await).await;
}

async fn show_marks(bench: Bench) {
    bench.append_to_pair("on_delete = \"mark\"");
    let (code, check) = bench.run_json(&["check"]).await;
    assert_eq!((code, &check["problems"]), (1, &json!(2)), "contacts and companies lack the field: {check}");
    let (code, setup) = bench.run_json(&["setup"]).await;
    assert_eq!((code, &setup["problems"]), (0, &json!(0)), "{setup}");
    let clients = [add_firm(&bench, "ООО Ромашка"), add_person(&bench, "Кольцова Вера")];
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["created_bitrix24"]), (0, &json!(2)), "{report}");
    assert_eq!(flags(&bench), [false, false]);

    mark(&bench, &clients, true);
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["reviews"]), (0, &json!(0)), "nobody is asked: {report}");
    assert_eq!(flags(&bench), [true, true]);
    let phone = json!({"phones": ["+7 (912) 345-67-89"]});
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": clients[1], "fields": phone}));
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["updated_bitrix24"]), (0, &json!(1)), "values go on travelling: {report}");
    at_rest(&bench).await;

    mark(&bench, &clients, false);
    bench.run_json(&["sync"]).await;
    assert_eq!(flags(&bench), [false, false]);
    at_rest(&bench).await;
}

fn mark(bench: &Bench, clients: &[String], marked: bool) {
    for client in clients {
        bench.act_in_onec(&json!({"do": "mark", "set": CLIENTS, "ref": client, "marked": marked}));
    }
}

/// Whether the company and the contact carry the flag.
fn flags(bench: &Bench) -> [bool; 2] {
    let portal = dump(&bench.bitrix24.world);
    ["companies", "contacts"].map(|table| {
        let rows: Vec<&Value> = portal[table].as_array().unwrap().iter().collect();
        assert_eq!(rows.len(), 1, "nobody is made or deleted: {rows:?}");
        text(&rows[0][FLAG]) == "1"
    })
}
