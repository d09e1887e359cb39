//! A batch that is refused as a whole: it is divided until whoever is to blame stands alone.

use serde_json::{Value, json};

use crate::bench::{Bench, text};
use crate::failures::{add_person, add_person_with, at_rest, contacts};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_is_refused_whole_is_sent_in_halves_and_one_record_is_given_up() {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    for at in 0..15 {
        add_person_with(&bench, &format!("Белова Анна {}", patronymic(at)), &format!("p{at}@post.example"));
    }
    // Something on the way does not let this word through.
    let culprit = add_person(&bench, "Poisonov Ivan");
    let firewall = json!([{"match": "Poisonov", "kind": "status", "status": 413, "times": 1000}]);
    bench.faults(&bench.bitrix24.url(), &firewall).await;

    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!(code, 3, "{report}");
    assert_eq!((&report["created_bitrix24"], &report["failed"]), (&json!(15), &json!(1)), "{report}");
    assert_eq!(contacts(&bench), 15);
    let imports = requests(&bench.bitrix24.url(), "match=batchImport").await;
    let refused = imports.iter().filter(|request| request["status"] == 413).count();
    // Sixteen, eight, four, two, one; then four times more alone.
    assert_eq!((refused, imports.len() - refused), (5 + 4, 4), "{imports:?}");
    let (_, status) = bench.run_json(&["status"]).await;
    assert_eq!(status["failures"][0]["records"], 1, "{status}");
    assert!(text(&status["failures"][0]["reason"]).contains("status 413"), "{status}");

    bench.faults(&bench.bitrix24.url(), &json!([])).await;
    let (_, retried) = bench.run_json(&["retry"]).await;
    assert_eq!(retried["retried"], json!([culprit]), "{retried}");
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["created_bitrix24"]), (0, &json!(1)), "{report}");
    at_rest(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_side_that_refuses_everything_is_not_asked_about_every_record() {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    for at in 0..40 {
        let name = format!("Белова {} {}", ["Анна", "Вера"][at / 20], patronymic(at % 20));
        add_person_with(&bench, &name, &format!("p{at}@post.example"));
    }
    let wall = json!([{"match": "batchImport", "kind": "status", "status": 413, "times": 1000}]);
    bench.faults(&bench.bitrix24.url(), &wall).await;
    let stopped = bench.run(&["sync"]).await;
    assert_eq!(stopped.code, 1, "{stopped:?}");
    assert!(stopped.stderr.contains("refuses every request that carries data"), "{stopped:?}");
    let asked = requests(&bench.bitrix24.url(), "match=batchImport").await.len();
    assert!(asked < 25, "{asked} requests about forty records");

    bench.faults(&bench.bitrix24.url(), &json!([])).await;
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["created_bitrix24"]), (0, &json!(40)), "{report}");
    at_rest(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_1c_never_answers_is_given_up_alone() {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    for at in 0..6 {
        let fields = json!({"LAST_NAME": if at == 3 { "Poisonov" } else { "Белова" }, "NAME": "Анна",
            "SECOND_NAME": patronymic(at), "EMAIL": [{"VALUE": format!("p{at}@post.example"), "VALUE_TYPE": "WORK"}]});
        bench.act_in_bitrix24(&json!({"do": "create", "entity": "contact", "fields": fields}));
    }
    // Nobody answers this write, again and again.
    let poison = json!([{"match": "Poisonov", "kind": "status", "status": 502, "times": 1000}]);
    bench.faults(&bench.onec.url(), &poison).await;
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!(code, 3, "{report}");
    assert_eq!((&report["created_onec"], &report["failed"]), (&json!(5), &json!(1)), "{report}");
    let tried = requests(&bench.onec.url(), "verdict=status").await;
    // A request to the extension has a key, so that it may be sent again: nine times within two minutes.
    let sent = if bench.is_by_extension() { 9 } else { 1 };
    assert_eq!(tried.len(), 5 * sent, "it was tried five times and then left alone: {tried:?}");
    let (_, reviews) = bench.run_json(&["review", "list"]).await;
    assert_eq!(reviews["reviews"][0]["reason"], "no attempt to write it was answered", "{reviews}");

    bench.faults(&bench.onec.url(), &json!([])).await;
    bench.run_json(&["retry"]).await;
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["created_onec"]), (0, &json!(1)), "{report}");
    at_rest(&bench).await;
}

/// Patronymics that no two of them share.
fn patronymic(at: usize) -> &'static str {
    const PATRONYMICS: [&str; 20] = [
        "Ивановна",
        "Петровна",
        "Сергеевна",
        "Олеговна",
        "Павловна",
        "Юрьевна",
        "Львовна",
        "Егоровна",
        "Романовна",
        "Фёдоровна",
        "Андреевна",
        "Борисовна",
        "Викторовна",
        "Глебовна",
        "Денисовна",
        "Захаровна",
        "Игоревна",
        "Кирилловна",
        "Максимовна",
        "Никитична",
    ];
    PATRONYMICS[at % PATRONYMICS.len()]
}

/// What a simulator remembers of the requests that a query wants.
async fn requests(url: &str, query: &str) -> Vec<Value> {
    let asked = reqwest::get(format!("{url}/_sim/requests?{query}&limit=1000")).await.unwrap();
    let shown: Value = serde_json::from_str(&asked.text().await.unwrap()).unwrap();
    let list = if shown.is_array() { &shown } else { &shown["requests"] };
    list.as_array().unwrap().clone()
}
