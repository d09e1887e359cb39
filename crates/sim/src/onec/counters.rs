//! What was asked of the infobase.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Counts since the start or the last reset.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    requests: u64,
    writes: u64,
    errors: u64,
    by_set: BTreeMap<String, BySet>,
}

#[derive(Debug, Default)]
struct BySet {
    get: u64,
    post: u64,
    patch: u64,
    delete: u64,
}

impl Counters {
    pub(crate) fn request(&mut self) {
        self.requests += 1;
    }

    pub(crate) fn error(&mut self) {
        self.errors += 1;
    }

    pub(crate) fn write(&mut self) {
        self.writes += 1;
    }

    pub(crate) fn call(&mut self, set: &str, method: &str) {
        let counts = self.by_set.entry(set.to_owned()).or_default();
        match method {
            "GET" => counts.get += 1,
            "POST" => counts.post += 1,
            "PATCH" => counts.patch += 1,
            "DELETE" => counts.delete += 1,
            _ => {}
        }
    }

    pub(crate) fn show(&self, sessions: u64) -> Value {
        let by_set = self.by_set.iter().map(|(set, counts)| {
            let shown = json!({
                "get": counts.get, "post": counts.post, "patch": counts.patch, "delete": counts.delete,
            });
            (set.clone(), shown)
        });
        json!({
            "requests": self.requests,
            "by_set": by_set.collect::<serde_json::Map<_, _>>(),
            "writes": self.writes,
            "sessions": sessions,
            "errors": self.errors,
        })
    }
}
