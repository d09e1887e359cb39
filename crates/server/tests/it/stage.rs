//! A server with one pair, a store in a folder of its own, and a clock that stands still.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use jiff::Timestamp;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use obmen_domain::record::{Kind, RecordId};
use obmen_engine::notice::{Interpreter, Message, Nonsense, Notice};
use obmen_engine::ports::{BoxFuture, Clock};
use obmen_engine::store::{Dirty, Store};
use obmen_server::{Bell, Heard, Hook, Pair, Server, router};
use obmen_store::{SqliteStore, Threading};
use tower::ServiceExt as _;

pub(crate) const SECRET: &str = "geheim";
/// Where a key is kept that the first side is offered.
pub(crate) const OFFERED: &str = "offered";
/// The last part of the address of the first side's queue.
pub(crate) const RING: &str = "glocke";
pub(crate) const SETTLE: Duration = Duration::from_secs(2);

pub(crate) struct Stage {
    pub(crate) bell: Arc<Bell>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) recorder: PrometheusRecorder,
    router: Router,
    folder: tempfile::TempDir,
}

/// Understands «secret id id …»; an id «?» stands for something elsewhere, and «key:…» is offered.
struct Words;

impl Interpreter for Words {
    fn read(&self, message: &Message<'_>) -> Result<Notice, Nonsense> {
        let text = std::str::from_utf8(message.body).map_err(|_| Nonsense("no text"))?;
        let mut words = text.split_whitespace();
        let secret = words.next().ok_or(Nonsense("nothing"))?.to_owned();
        let secret = if message.secret.is_empty() { secret } else { message.secret.to_owned() };
        let mut notice = Notice { secret, ..Notice::default() };
        for word in words {
            match word {
                "?" => notice.is_elsewhere = true,
                key if key.starts_with("key:") => notice.offer = Some(key.to_owned()),
                id => notice.records.push(RecordId::bitrix24(Kind::Contact, id)),
            }
        }
        Ok(notice)
    }
}

pub(crate) struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        now()
    }

    fn sleep_until(&self, _: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}

pub(crate) fn now() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

impl Stage {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let opened = SqliteStore::open(folder.path().join("obmen.db"), Threading::WriterThread).unwrap();
        let store: Arc<dyn Store> = Arc::new(opened.pair("main"));
        let bell = Arc::new(Bell::default());
        let hook = |secret: Option<&str>| Hook {
            interpreter: Arc::new(Words),
            secret: secret.map(|secret| secret.to_owned().into()),
            offers: secret.map(|_| OFFERED),
        };
        let pair = Pair {
            store: Arc::clone(&store),
            settle: SETTLE,
            bitrix24: hook(Some(SECRET)),
            onec: hook(None),
            ring: Some(RING.to_owned().into()),
            bell: Arc::clone(&bell),
            heard: Heard::since(now() - Duration::from_secs(60)),
        };
        let recorder = PrometheusBuilder::new().build_recorder();
        let pairs = BTreeMap::from([("main".to_owned(), pair)]);
        let server = Server { pairs, clock: Arc::new(Stopped), metrics: recorder.handle() };
        Self { bell, store, recorder, router: router(server), folder }
    }

    /// Posts a text; returns the status.
    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> u16 {
        self.send(Request::post(path).body(body.into()).unwrap()).await.0
    }

    /// Gets a page; returns status and text.
    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> (u16, String) {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status: StatusCode = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    }

    /// The rows that are due once everything has settled.
    pub(crate) async fn rows(&self) -> Vec<Dirty> {
        self.store.dirty(Kind::Contact, now() + SETTLE, None, 100).await.unwrap()
    }

    /// From now on the store refuses signals, as on a broken disk.
    pub(crate) fn break_store(&self) {
        let other = rusqlite::Connection::open(self.file()).unwrap();
        let refuse = "create trigger broken before insert on dirty begin select raise(abort, 'broken'); end";
        other.execute_batch(refuse).unwrap();
    }

    /// From now on the store answers no question.
    pub(crate) fn lose_store(&self) {
        let other = rusqlite::Connection::open(self.file()).unwrap();
        other.execute_batch("drop table text").unwrap();
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("obmen.db")
    }
}
