//! Faults over real sockets: what the client sees, and what the world did.

use obmen_sim::bitrix24::{Portal, Settings};
use obmen_sim::face::{Face, FaceOptions, serve};
use obmen_sim::onec::{self, Infobase};
use serde_json::json;

use super::{ADD, contacts, control, exchange, face, get, options, post, raw, until};

const LIST: &str = "/rest/1/secret/crm.contact.list?select[]=ID";
const PARTNERS: &str =
    "/base/odata/standard.odata/Catalog_%D0%9A%D0%BE%D0%BD%D1%82%D1%80%D0%B0%D0%B3%D0%B5%D0%BD%D1%82%D1%8B";

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_request_has_no_effect_and_a_lost_reply_has() {
    let face = face(Settings::default()).await;
    let rules = r#"[{"match":"contact.add","kind":"refuse"},{"match":"contact.add","kind":"reset_before"},
        {"match":"contact.add","kind":"error500"},{"match":"contact.add","kind":"reset_after"}]"#;
    assert_eq!(post(&face, "/_sim/faults", rules).await, (200, json!({ "rules": 4 })));
    assert_eq!(get(&face, ADD).await, None, "refused");
    assert_eq!(get(&face, ADD).await, None, "reset before");
    assert_eq!(get(&face, ADD).await.unwrap().0, 500);
    assert_eq!(contacts(&face).await, 0);
    assert_eq!(get(&face, ADD).await, None, "reset after");
    assert_eq!(contacts(&face).await, 1);
    assert_eq!(control(&face, "/_sim/faults").await, json!([]), "all rules are used up");
    assert_eq!(get(&face, ADD).await.unwrap().1["result"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_request_takes_effect_after_its_connection_is_gone() {
    let face = face(Settings::default()).await;
    post(&face, "/_sim/faults", r#"[{"match":"contact.add","kind":"late","seconds":5}]"#).await;
    assert_eq!(get(&face, ADD).await, None);
    until("the late request takes effect", async || contacts(&face).await == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_web_server_stands_in_for_an_answer() {
    let face = face(Settings::default()).await;
    let rules = r#"[{"kind":"status","status":502},{"kind":"status"},{"kind":"html"}]"#;
    post(&face, "/_sim/faults", rules).await;
    for (status, words) in [(502, "502 Bad Gateway"), (503, "503 Service Unavailable"), (200, "Please wait")]
    {
        let (head, body) = raw(face.address, "GET", ADD, "").await.unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        assert!(head.to_ascii_lowercase().contains("content-type: text/html"), "{head}");
        assert!(body.contains(words), "{body}");
    }
    assert_eq!(contacts(&face).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_answer_promises_more_than_it_brings_and_its_request_took_effect() {
    let face = face(Settings::default()).await;
    post(&face, "/_sim/faults", r#"[{"kind":"cut"}]"#).await;
    let (head, body) = raw(face.address, "GET", ADD, "").await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let promised: usize = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
        .unwrap();
    assert!(promised > 100, "{head}");
    assert_eq!(body.len(), promised / 2);
    assert!(body.starts_with(r#"{"result":1,"#), "{body}");
    assert_eq!(contacts(&face).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_request_takes_effect_at_once_and_is_answered_when_its_time_has_come() {
    let face = face(Settings::default()).await;
    post(&face, "/_sim/faults", r#"[{"kind":"slow","seconds":300}]"#).await;
    post(&face, "/_sim/time", r#"{"stop":true}"#).await;
    let slow = tokio::spawn(exchange(face.address, "GET", ADD, ""));
    until("the slow request takes effect", async || contacts(&face).await == 1).await;
    post(&face, "/_sim/time", r#"{"advance":299}"#).await;
    assert_eq!(get(&face, LIST).await.unwrap().0, 200, "others are answered meanwhile");
    assert!(!slow.is_finished());
    post(&face, "/_sim/time", r#"{"advance":1}"#).await;
    assert_eq!(slow.await.unwrap().unwrap().0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_of_the_writes_gets_lost_the_same_ones_for_the_same_seed() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let face = face(Settings { burst: 1000.0, ..Settings::default() }).await;
        post(&face, "/_sim/faults", r#"[{"method":"POST","share":0.3,"seed":4,"kind":"reset_after"}]"#).await;
        let mut lost = Vec::new();
        for _ in 0..40 {
            assert!(get(&face, LIST).await.is_some(), "only POST is struck");
            lost.push(exchange(face.address, "POST", ADD, "").await.is_none());
        }
        assert_eq!(contacts(&face).await, 40, "every write took effect");
        runs.push(lost);
    }
    assert_eq!(runs[0], runs[1]);
    let lost = runs[0].iter().filter(|lost| **lost).count();
    assert!((4..=20).contains(&lost), "{lost} of 40");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_page_of_the_portal_is_a_list_without_rows_and_without_a_next_page() {
    let face = face(Settings::default()).await;
    let lines: String = (1..=60).map(|id| format!("{{\"entity\":\"contact\",\"ID\":\"{id}\"}}\n")).collect();
    post(&face, "/_sim/load", &lines).await;
    post(&face, "/_sim/faults", r#"[{"kind":"empty_page","times":4}]"#).await;
    let list = get(&face, LIST).await.unwrap().1;
    assert_eq!((&list["result"], &list["total"]), (&json!([]), &json!(60)));
    assert!(list.get("next").is_none());
    let items = get(&face, "/rest/1/secret/crm.item.list?entityTypeId=3").await.unwrap().1;
    assert_eq!(items["result"], json!({ "items": [] }));
    let batch = "/rest/1/secret/batch?cmd[a]=crm.contact.list&cmd[b]=crm.contact.get%3FID%3D7";
    let batch = get(&face, batch).await.unwrap().1["result"].take();
    assert_eq!((&batch["result"]["a"], &batch["result"]["b"]["ID"]), (&json!([]), &json!("7")));
    assert_eq!((&batch["result_next"], &batch["result_total"]["a"]), (&json!([]), &json!(60)));
    let batch = get(&face, "/rest/1/secret/batch?cmd[]=crm.contact.list").await.unwrap().1["result"].take();
    assert_eq!(batch["result"], json!([[]]));
    assert_eq!(get(&face, LIST).await.unwrap().1["result"].as_array().unwrap().len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_no_list_stays_as_it_is_on_an_empty_page() {
    let face = face(Settings::default()).await;
    post(&face, "/_sim/faults", r#"[{"kind":"empty_page","times":2}]"#).await;
    assert_eq!(get(&face, ADD).await.unwrap().1["result"], 1);
    assert_eq!(get(&face, "/rest/1/secret/crm.contact.get?ID=1").await.unwrap().1["result"]["ID"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_page_of_1c_is_a_feed_without_entries() {
    let face = infobase().await;
    let body = r#"{"Description":"ООО «Ромашка»"}"#;
    assert_eq!(exchange(face.address, "POST", &json_of(PARTNERS), body).await.unwrap().0, 201);
    post(&face, "/_sim/faults", r#"[{"kind":"empty_page","times":2}]"#).await;
    let emptied = get(&face, &json_of(PARTNERS)).await.unwrap().1;
    assert_eq!(emptied["value"], json!([]));
    let (_, feed) = raw(face.address, "GET", PARTNERS, "").await.unwrap();
    assert!(feed.contains("<feed ") && feed.ends_with("</feed>") && !feed.contains("<entry>"), "{feed}");
    assert_eq!(get(&face, &json_of(PARTNERS)).await.unwrap().1["value"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_applications_eat_from_the_bucket_and_from_the_time_of_a_method() {
    let face = face(Settings::default()).await;
    post(&face, "/_sim/time", r#"{"stop":true}"#).await;
    assert_eq!(post(&face, "/_sim/act", r#"{"do":"other_apps","requests":49}"#).await.0, 200);
    assert_eq!(get(&face, LIST).await.unwrap().0, 200);
    assert_eq!(get(&face, LIST).await.unwrap().1["error"], "QUERY_LIMIT_EXCEEDED");
    post(&face, "/_sim/time", r#"{"advance":60}"#).await;
    let eaten = r#"{"do":"other_apps","method":"crm.contact.list","seconds":480}"#;
    assert_eq!(post(&face, "/_sim/act", eaten).await.0, 200);
    assert_eq!(get(&face, LIST).await.unwrap().1["error"], "OPERATION_TIME_LIMIT");
    assert_eq!(get(&face, ADD).await.unwrap().0, 200, "each method has its own time");
    assert_eq!(control(&face, "/_sim/counters").await["requests"], 4, "others are not counted");
    for wrong in [
        r#"{"do":"other_apps"}"#,
        r#"{"do":"other_apps","requests":-1}"#,
        r#"{"do":"other_apps","method":"crm.contact.sing","seconds":1}"#,
        r#"{"do":"other_apps","method":"crm.contact.list"}"#,
    ] {
        assert_eq!(post(&face, "/_sim/act", wrong).await.0, 400, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_may_be_there_from_the_first_request_on() {
    let rules = serde_json::from_str(r#"[{"kind":"refuse"}]"#).unwrap();
    let options = FaceOptions { faults: rules, ..options() };
    let face = serve(Portal::new(Settings::default()), options).await.unwrap();
    assert_eq!(get(&face, ADD).await, None);
    assert_eq!(get(&face, ADD).await.unwrap().0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_rule_is_refused_and_the_old_ones_stay() {
    let face = face(Settings::default()).await;
    post(&face, "/_sim/faults", r#"[{"kind":"refuse"}]"#).await;
    let (status, told) = post(&face, "/_sim/faults", r#"[{"kind":"refuse","share":3}]"#).await;
    assert_eq!(status, 400);
    assert!(told["error"].as_str().unwrap().contains("share is not from 0 to 1"), "{told}");
    assert_eq!(control(&face, "/_sim/faults").await[0]["kind"], "refuse");
}

async fn infobase() -> Face<Infobase> {
    serve(Infobase::new(onec::Settings::default()), options()).await.unwrap()
}

fn json_of(path: &str) -> String {
    format!("{path}?$format=json")
}
