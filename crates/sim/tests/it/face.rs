//! The HTTP face over real sockets on this machine.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use obmen_sim::bitrix24::{Portal, Settings};
use obmen_sim::face::{Face, FaceOptions, serve};
use serde_json::{Value, json};

mod controls;
mod faults;
mod records;
mod tls;

/// What lets `obmen` into a base with the default password; a portal does not look at it.
const PASS: &str = "Authorization: Basic b2JtZW46c2VjcmV0\r\n";
const ADD: &str = "/rest/1/secret/crm.contact.add?fields[NAME]=A";

#[tokio::test(flavor = "multi_thread")]
async fn answers_and_controls_share_one_port() {
    let face = face(Settings::default()).await;
    let (status, added) = get(&face, ADD).await.unwrap();
    assert_eq!((status, &added["result"]), (200, &json!(1)));
    let lines = "{\"entity\":\"contact\",\"ID\":\"7\",\"NAME\":\"B\"}\n\n{\"entity\":\"company\",\"ID\":\"5\",\"TITLE\":\"C\"}\n";
    assert_eq!(post(&face, "/_sim/load", lines).await, (200, json!({ "loaded": 2 })));
    let (status, refused) = post(&face, "/_sim/load", "{\"entity\":\"deal\",\"ID\":\"1\"}").await;
    assert_eq!(status, 400);
    assert!(refused["error"].as_str().unwrap().starts_with("line 1:"));
    let act = r#"{"do":"update","entity":"contact","id":"7","fields":{"NAME":"D"}}"#;
    assert_eq!(post(&face, "/_sim/act", act).await, (200, json!({ "id": "7" })));
    let dump = control(&face, "/_sim/dump").await;
    assert_eq!((&dump["contacts"][1]["NAME"], &dump["companies"][0]["ID"]), (&json!("D"), &json!("5")));
    assert_eq!(control(&face, "/_sim/counters").await["requests"], 1, "controls do not count");
    post(&face, "/_sim/counters/reset", "").await;
    assert_eq!(control(&face, "/_sim/counters").await["requests"], 0);
    assert!(control(&face, "/_sim/time").await["now"].as_str().unwrap().starts_with("2026-09-21T"));
    face.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_takes_too_long_is_cut_and_keeps_what_ran() {
    let face = face(Settings { request_seconds: 0.6, ..Settings::default() }).await;
    let command = "crm.contact.add%3Ffields[NAME]%3DA";
    let batch = format!("/rest/1/secret/batch?cmd[a]={command}&cmd[b]={command}&cmd[c]={command}");
    assert_eq!(get(&face, &batch).await, None);
    assert_eq!(contacts(&face).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_world_can_be_reached_beside_the_socket() {
    let face = face(Settings::default()).await;
    face.world.lock().unwrap().settings_mut().secret = "other".to_owned();
    assert_eq!(get(&face, ADD).await.unwrap().1["error"], "INVALID_CREDENTIALS");
    assert!(face.url().starts_with("http://127.0.0.1:"));
    assert!(face.now() >= FaceOptions::new("2026-09-21T07:00:00Z".parse().unwrap()).start);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_posted_to_its_listener_on_this_machine() {
    let face = face(Settings::default()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?key=1", listener.local_addr().unwrap());
    let act = json!({ "do": "listen", "url": url, "events": ["onCrmContactAdd"] });
    assert_eq!(post(&face, "/_sim/act", &act.to_string()).await.0, 200);
    get(&face, ADD).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = stream.into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    let request = tokio::task::spawn_blocking(move || {
        let mut request = String::new();
        let mut piece = [0; 4096];
        while !request.contains("application_token%5D=") {
            let length = stream.read(&mut piece).unwrap();
            assert_ne!(length, 0, "{request}");
            request.push_str(std::str::from_utf8(&piece[..length]).unwrap());
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        request
    })
    .await
    .unwrap();
    assert!(request.starts_with("POST /hook?key=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("Content-Type: application/x-www-form-urlencoded\r\n"), "{request}");
    assert!(request.contains("event=ONCRMCONTACTADD&"), "{request}");
    face.shutdown().await.unwrap();
}

/// A portal two thousand times faster than real time.
async fn face(settings: Settings) -> Face<Portal> {
    serve(Portal::new(settings), options()).await.unwrap()
}

fn options() -> FaceOptions {
    FaceOptions { time_scale: 2000.0, ..FaceOptions::new("2026-09-21T07:00:00Z".parse().unwrap()) }
}

async fn contacts(face: &Face<Portal>) -> usize {
    control(face, "/_sim/dump").await["contacts"].as_array().unwrap().len()
}

async fn control<W>(face: &Face<W>, path: &str) -> Value {
    get(face, path).await.unwrap().1
}

/// `None` where the connection was closed without a single byte.
async fn get<W>(face: &Face<W>, target: &str) -> Option<(u16, Value)> {
    exchange(face.address, "GET", target, "").await
}

async fn post<W>(face: &Face<W>, target: &str, body: &str) -> (u16, Value) {
    exchange(face.address, "POST", target, body).await.unwrap()
}

/// Lets time go on until something holds, with a bound.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..5000 {
        if holds().await {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("never: {what}");
}

async fn exchange(address: SocketAddr, method: &str, target: &str, body: &str) -> Option<(u16, Value)> {
    let (head, body) = raw(address, method, target, body).await?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some((status, serde_json::from_str(&body).unwrap_or_default()))
}

/// Speaks plain HTTP over a raw socket, so that a connection closed without a reply is seen as such. Gives the head and
/// the body, as far as they came; nothing where no whole head came.
async fn raw(address: SocketAddr, method: &str, target: &str, body: &str) -> Option<(String, String)> {
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{PASS}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A reset instead of an orderly end is as good a close.
        let _ = stream.read_to_end(&mut answer);
        answer
    })
    .await
    .unwrap();
    if answer.is_empty() {
        return None;
    }
    let text = String::from_utf8(answer).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some((head.to_owned(), body.to_owned()))
}
