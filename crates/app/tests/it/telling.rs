//! Failures of records, told beside the card and at an address of one's own.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};
use crate::failures::add_person;
use crate::served::{Served, Serving, log, until};

const CLIENTS: &str = "Catalog_Контрагенты";

/// What an address was told: the secret and the document.
type Told = Arc<Mutex<Vec<(String, Value)>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_is_told_once_beside_the_card_and_at_the_address_and_ends_with_its_cause() {
    let (bench, client, told) = anna("comment_failures = true").await;
    let served = Served::start(&bench).await;

    // The portal takes zones of up to twenty letters.
    let send = |mailbox: &str| {
        let fields = json!({ "emails": [mailbox] });
        bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": client, "fields": fields}));
    };
    send("anna@firm.abcdefghijklmnopqrstuvw");
    until("it is told beside the card", || comments(&bench).len() == 1).await;
    until("it is told at the address, which did not answer at first", || told.lock().unwrap().len() == 2)
        .await;
    let comment = comments(&bench).remove(0);
    assert!(comment.starts_with("obmen: the e-mail is refused"), "{comment}");
    assert!(comment.contains("What to do: Correct the address in the card"), "{comment}");
    let (secret, document) = told.lock().unwrap().pop().unwrap();
    let contact = text(&dump(&bench.bitrix24.world)["contacts"][0]["ID"]);
    assert_eq!(secret, "geheim");
    assert_eq!((&document["pair"], &document["failure"]), (&json!("main"), &json!("refused")), "{document}");
    assert_eq!(document["card"], json!(format!("contact:{contact}")), "{document}");
    served.at_rest(&bench).await;
    assert!(served.metrics().await.contains("obmen_refused_total{pair=\"main\",class=\"refused\"} 1"));
    let log = log(&bench);
    assert!(log.contains("apply.given_up") && log.contains("class=\"refused\""), "{log}");

    send("anna@firm.example");
    let mailboxes = || text(&dump(&bench.bitrix24.world)["contacts"][0]["EMAIL"][0]["VALUE"]);
    until("the corrected mailbox stands in Bitrix24", || mailboxes() == "anna@firm.example").await;
    served.at_rest(&bench).await;
    assert_eq!(served.stop().await, Some(0));
    assert_eq!((comments(&bench).len(), told.lock().unwrap().len()), (1, 1), "told once");
    let (_, reviews) = bench.run_json(&["review", "list"]).await;
    assert_eq!(reviews["reviews"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_card_is_commented_where_nobody_asked_for_it() {
    let (bench, client, told) = anna("").await;
    let served = Served::start(&bench).await;
    let fields = json!({ "emails": ["anna@firm.abcdefghijklmnopqrstuvw"] });
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": client, "fields": fields}));
    until("it is told at the address", || !told.lock().unwrap().is_empty()).await;
    // Cards come before the address.
    assert_eq!(comments(&bench), Vec::<String>::new());
    assert_eq!(served.stop().await, Some(0));
}

/// One person on both sides, about whom failures are told at an address; with a further line of the portal's section.
async fn anna(further: &str) -> (Bench, String, Told) {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    let client = add_person(&bench, "Белова Анна");
    bench.run_json(&["sync"]).await;
    let (url, told) = listen().await;
    Serving::BY_POLLS.prepare(&bench);
    let file = bench.folder().join("obmen.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let config = config.replace("[pair.bitrix24]\n", &format!("[pair.bitrix24]\n{further}\n"));
    std::fs::write(&file, format!("{config}[notify]\nurl = \"{url}/told\"\nsecret = \"geheim\"\n")).unwrap();
    (bench, client, told)
}

/// An address that refuses the first message and keeps the others.
async fn listen() -> (String, Told) {
    let told = Told::default();
    let hear = async |State(told): State<Told>, headers: HeaderMap, body: String| {
        let secret = headers["x-obmen-secret"].to_str().unwrap().to_owned();
        let mut told = told.lock().unwrap();
        told.push((secret, serde_json::from_str(&body).unwrap()));
        if told.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
    };
    let router = Router::new().route("/told", post(hear)).with_state(Arc::clone(&told));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    (url, told)
}

fn comments(bench: &Bench) -> Vec<String> {
    let dump = dump(&bench.bitrix24.world);
    dump["comments"].as_array().unwrap().iter().map(|row| text(&row["COMMENT"])).collect()
}
