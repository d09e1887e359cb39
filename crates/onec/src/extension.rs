//! The HTTP service of obmen's extension, `/hs/obmen/v1`: the other way to speak to 1C.
//!
//! Written from `docs/onec-contract.md`. Not responsible for sending (see `caller`) and for what the objects mean. Invariants: what is
//! no JSON is no answer of the extension; a question that failed is an error, never an empty answer; what has a key may be sent
//! again under it.

mod about;
mod answer;
mod item;
mod links;
mod outbox;
mod question;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use obmen_engine::ports::{Clock, SideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::caller::{Call, Caller};
use crate::fault::CallError;
use crate::settings::{IdPlace, Settings};

pub(crate) use about::{Info, Lack};
pub(crate) use item::{Item, ItemObject, ItemOutcome, ItemRecord, Show};
pub(crate) use outbox::Row;

/// Where the service lies below a publication.
pub(crate) const SERVICE: &str = "/hs/obmen/v1";
/// Where the other interface lies.
const ODATA: &str = "/odata/standard.odata";

/// A client of the service.
pub(crate) struct Extension {
    base: String,
    pair: String,
    /// Whether objects are read with the ids that the register of links keeps for them.
    reads_links: bool,
    caller: Caller,
    clock: Arc<dyn Clock>,
    /// What it said of itself last.
    info: Mutex<Info>,
    /// How long one request may go on beginning items.
    seconds: u64,
}

impl Extension {
    pub(crate) fn new(settings: &Settings, caller: Caller, clock: Arc<dyn Clock>) -> Self {
        Self {
            base: format!("{}{SERVICE}", publication(&settings.url)),
            pair: settings.pair.clone(),
            reads_links: settings.store_id == IdPlace::Register,
            caller,
            clock,
            info: Mutex::default(),
            seconds: settings.request_seconds.clamp(1, 600),
        }
    }

    /// How much one request may hold.
    pub(crate) fn limits(&self) -> about::Limits {
        self.known().limits
    }

    /// Whether the extension knows a method; an older one may not.
    pub(crate) fn knows(&self, method: &str) -> bool {
        self.known().knows(method)
    }

    fn known(&self) -> MutexGuard<'_, Info> {
        self.info.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pair, where its links are wanted.
    fn pair_of_links(&self) -> Option<&str> {
        self.reads_links.then_some(self.pair.as_str())
    }

    async fn get<T: DeserializeOwned>(&self, method: &str) -> Result<T, SideError> {
        self.call("GET", method, Vec::new(), false).await.map_err(|error| error.into_side(SERVICE))
    }

    /// Asks something that changes nothing.
    async fn ask<T: DeserializeOwned>(&self, method: &str, body: &impl Serialize) -> Result<T, SideError> {
        let answer = self.call("POST", method, json(body), false).await;
        answer.map_err(|error| error.into_side(SERVICE))
    }

    /// Does something that does no harm when it is done twice.
    async fn act<T: DeserializeOwned>(&self, method: &str, body: &impl Serialize) -> Result<T, CallError> {
        self.call("POST", method, json(body), true).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        verb: &'static str,
        method: &str,
        body: Vec<u8>,
        is_write: bool,
    ) -> Result<T, CallError> {
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        if verb == "POST" {
            headers.push(("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned()));
        }
        let call = Call { method: verb, url: format!("{}/{method}", self.base), headers, body, is_write };
        // What waits with a write in hand is the engine; here only what may have been done is asked about once more.
        let is_open = |error: &CallError| if is_write { error.is_open() } else { error.may_pass() };
        self.caller.patiently(call, answer::read, is_open).await
    }
}

/// The address of the publication, whichever of its interfaces was named.
pub fn publication(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    [ODATA, SERVICE].iter().find_map(|end| url.strip_suffix(end)).unwrap_or(url)
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("a body of texts always serialises")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_found_below_the_publication_whatever_was_named() {
        for url in [
            "http://h/base",
            "http://h/base/",
            "http://h/base/odata/standard.odata/",
            "http://h/base/hs/obmen/v1/",
        ] {
            assert_eq!(publication(url), "http://h/base", "{url}");
        }
    }
}
