//! The controls under `/_sim/` that look at requests and turn the clock.

use std::io::{Read, Write};
use std::net::TcpStream;

use jiff::{SignedDuration, Timestamp};
use obmen_sim::bitrix24::{DeliverySettings, Portal, Settings};
use obmen_sim::face::{Face, FaceOptions, Latency, serve};
use serde_json::{Value, json};

use super::{ADD, contacts, control, face, get, options, post, until};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_each_request_with_its_fate() {
    let face = face(Settings::default()).await;
    let rules = r#"[{"match":"contact.add","kind":"reset_after","after":1},{"match":"contact.add","kind":"error500"}]"#;
    post(&face, "/_sim/faults", rules).await;
    get(&face, ADD).await.unwrap();
    assert_eq!(get(&face, ADD).await, None);
    get(&face, ADD).await.unwrap();
    post(&face, "/rest/1/secret/profile", "a=1").await;
    let log = control(&face, "/_sim/requests").await;
    assert_eq!((&log["last"], &log["bodies"]), (&json!(4), &json!(false)));
    let told = |key: &str| {
        log["requests"].as_array().unwrap().iter().map(|entry| entry[key].clone()).collect::<Vec<_>>()
    };
    assert_eq!(told("number"), [1, 2, 3, 4]);
    assert_eq!(told("method"), ["GET", "GET", "GET", "POST"]);
    assert_eq!(told("status"), [json!(500), json!(null), json!(200), json!(200)]);
    assert_eq!(told("verdict"), ["status", "reset_after", "pass", "pass"]);
    assert_eq!(told("took"), [0.0, 0.25, 0.25, 0.02]);
    assert_eq!(told("body"), ["", "", "", "a=1"]);
    assert_eq!(told("target")[0], ADD);
    assert!(told("answer")[1].as_str().unwrap().starts_with(r#"{"result":1"#), "the lost answer is told too");
    assert!(told("at")[0].as_str().unwrap().starts_with("2026-09-21T"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_befalls_the_system_after_so_many_writes() {
    let face = face(Settings::default()).await;
    let act = r#"{"after_writes":2,"do":"portal","state":"payment-required"}"#;
    post(&face, "/_sim/act", act).await;
    for _ in 0..2 {
        assert_eq!(get(&face, ADD).await.unwrap().0, 200);
    }
    assert_eq!(get(&face, ADD).await.unwrap().0, 401);
    assert_eq!(contacts(&face).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_searched_by_text_status_verdict_and_number() {
    let face = face(Settings::default()).await;
    post(&face, "/_sim/faults", r#"[{"match":"profile","kind":"late","seconds":20}]"#).await;
    get(&face, ADD).await.unwrap();
    assert_eq!(get(&face, "/rest/1/secret/profile").await, None);
    get(&face, "/rest/1/secret/nonsense").await.unwrap();
    until("the late request takes effect", async || control(&face, "/_sim/requests").await["last"] == 4)
        .await;
    for (query, expected) in [
        ("match=contact.add", json!([1])),
        ("match=nothing", json!([])),
        ("status=404", json!([3])),
        ("status=closed", json!([2, 4])),
        ("verdict=landed", json!([4])),
        ("since=2", json!([3, 4])),
        ("limit=1", json!([4])),
        ("match=profile&since=2&limit=5", json!([4])),
    ] {
        let found = control(&face, &format!("/_sim/requests?{query}")).await;
        let numbers: Vec<_> =
            found["requests"].as_array().unwrap().iter().map(|entry| &entry["number"]).collect();
        assert_eq!(json!(numbers), expected, "{query}");
    }
    assert_eq!(get(&face, "/_sim/requests?limit=few").await.unwrap().0, 400);
    assert_eq!(get(&face, "/_sim/requests?unknown=1").await.unwrap().0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_keeps_whole_bodies_if_asked_and_forgets_if_told() {
    let face = face(Settings::default()).await;
    let long = format!("fields[NAME]={}", "n".repeat(1000));
    post(&face, "/rest/1/secret/profile", &long).await;
    assert_eq!(post(&face, "/_sim/requests", r#"{"bodies":true}"#).await.0, 200);
    post(&face, "/rest/1/secret/profile", &long).await;
    let log = control(&face, "/_sim/requests").await;
    let length = |place: usize| log["requests"][place]["body"].as_str().unwrap().chars().count();
    assert_eq!((length(0), length(1)), (301, long.len()));
    assert_eq!(log["requests"][0]["body_bytes"], long.len());
    assert_eq!(post(&face, "/_sim/requests/reset", "").await.0, 200);
    let log = control(&face, "/_sim/requests").await;
    assert_eq!((&log["last"], &log["requests"]), (&json!(2), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_clock_stands_and_work_takes_no_time_on_it() {
    let face = face(Settings::default()).await;
    let stopped = post(&face, "/_sim/time", r#"{"stop":true}"#).await.1;
    assert_eq!(stopped["running"], false);
    get(&face, ADD).await.unwrap();
    assert_eq!(control(&face, "/_sim/time").await, stopped);
    let later = post(&face, "/_sim/time", r#"{"advance":86400.5}"#).await.1;
    assert_eq!(moment(&later).duration_since(moment(&stopped)), SignedDuration::from_millis(86_400_500));
    let going = post(&face, "/_sim/time", r#"{"go":true,"scale":100000}"#).await.1;
    assert_eq!((&going["running"], &going["scale"]), (&json!(true), &json!(100_000.0)));
    until("time goes on", async || moment(&control(&face, "/_sim/time").await) > moment(&later)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_is_not_turned_back_nor_stopped_and_started_at_once() {
    let face = face(Settings::default()).await;
    for wrong in [
        r#"{"advance":-1}"#,
        r#"{"advance":1e12}"#,
        r#"{"scale":0}"#,
        r#"{"stop":true,"go":true}"#,
        r#"{"set":"2030-01-01"}"#,
        r"{}",
    ] {
        let (status, told) = post(&face, "/_sim/time", wrong).await;
        assert_eq!(status, 400, "{wrong}");
        assert!(told["error"].is_string(), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advance_brings_about_what_was_due_on_the_way() {
    let deliveries = DeliverySettings { delay_seconds: 3600.0, ..DeliverySettings::default() };
    let face = face(Settings { deliveries, ..Settings::default() }).await;
    post(&face, "/_sim/time", r#"{"stop":true}"#).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    post(&face, "/_sim/act", &json!({ "do": "listen", "url": url }).to_string()).await;
    post(&face, "/_sim/faults", r#"[{"match":"contact.add","kind":"late","seconds":600,"after":1}]"#).await;
    get(&face, ADD).await.unwrap();
    assert_eq!(get(&face, ADD).await, None);
    assert_eq!(contacts(&face).await, 1);
    post(&face, "/_sim/time", r#"{"advance":3600}"#).await;
    until("the late request takes effect", async || contacts(&face).await == 2).await;
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut begin = [0; 4];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut begin).await.unwrap();
    assert_eq!(&begin, b"POST");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_travel_for_as_long_as_the_latency_says() {
    let options = FaceOptions { latency: Latency::of(std::time::Duration::from_millis(80)), ..options() };
    let face = serve(Portal::new(Settings::default()), options).await.unwrap();
    let before = face.now();
    get(&face, "/rest/1/secret/profile").await.unwrap();
    let passed = face.now().duration_since(before);
    assert!(passed >= SignedDuration::from_secs(160), "80 ms are 160 s here: {passed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_loaded_as_they_come_whatever_the_pieces() {
    let face = face(Settings::default()).await;
    let line = |id: u32| format!("{{\"entity\":\"contact\",\"ID\":\"{id}\",\"NAME\":\"Яна\"}}\n");
    let body: String = (1..=300).map(line).collect();
    assert_eq!(post_in_pieces(&face, body.clone().into_bytes(), 1000).await, json!({ "loaded": 300 }));
    let dump = control(&face, "/_sim/dump").await;
    assert!(dump["contacts"].as_array().unwrap().iter().all(|contact| contact["NAME"] == "Яна"));
    let wrong = format!("{}\n{{}}\n{body}", line(301));
    let told = post_in_pieces(&face, wrong.into_bytes(), 1000).await;
    assert!(told["error"].as_str().unwrap().starts_with("line 3: "), "{told}");
    assert_eq!(contacts(&face).await, 301, "lines before a wrong one stay, those after it are not looked at");
}

fn moment(time: &Value) -> Timestamp {
    time["now"].as_str().unwrap().parse().unwrap()
}

/// A body of chunks that break lines and characters.
async fn post_in_pieces(face: &Face<Portal>, body: Vec<u8>, length: usize) -> Value {
    let address = face.address;
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        let head = "POST /_sim/load HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        for piece in body.chunks(length) {
            stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).unwrap();
            stream.write_all(piece).unwrap();
            stream.write_all(b"\r\n").unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}
