//! `/_sim/…`: what a player may do to the world behind its back.
//!
//! Answers are JSON; mistakes get status 400 and a sentence. Nothing here counts as a request.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Shared;
use crate::faults::Rule;
use crate::world::World;

type Done = Result<Json<Value>, (StatusCode, Json<Value>)>;

pub(super) async fn dump<W: World + 'static>(State(shared): State<Arc<Shared<W>>>) -> Json<Value> {
    Json(shared.world().dump())
}

/// The body is JSON Lines. Lines before a wrong one stay loaded.
pub(super) async fn load<W: World + 'static>(State(shared): State<Arc<Shared<W>>>, body: Bytes) -> Done {
    let mut world = shared.world();
    let mut loaded = 0;
    for (at, line) in body.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let value: Value =
            serde_json::from_slice(line).map_err(|error| mistake(&format!("line {}: {error}", at + 1)))?;
        world.load(&value).map_err(|reason| mistake(&format!("line {}: {reason}", at + 1)))?;
        loaded += 1;
    }
    Ok(Json(json!({ "loaded": loaded })))
}

pub(super) async fn counters<W: World + 'static>(State(shared): State<Arc<Shared<W>>>) -> Json<Value> {
    Json(shared.world().counters())
}

pub(super) async fn reset_counters<W: World + 'static>(State(shared): State<Arc<Shared<W>>>) -> Json<Value> {
    shared.world().reset_counters();
    Json(json!({}))
}

pub(super) async fn act<W: World + 'static>(State(shared): State<Arc<Shared<W>>>, body: Bytes) -> Done {
    let action: Value = parse(&body)?;
    let now = shared.clock.now();
    let done = shared.world().act(now, &action);
    done.map(Json).map_err(|reason| mistake(&reason))
}

/// Rules as far as they are not used up.
pub(super) async fn faults<W: World + 'static>(State(shared): State<Arc<Shared<W>>>) -> Json<Value> {
    Json(json!(shared.faults().rules()))
}

/// Replaces all rules.
pub(super) async fn set_faults<W: World + 'static>(
    State(shared): State<Arc<Shared<W>>>,
    body: Bytes,
) -> Done {
    let rules: Vec<Rule> = parse(&body)?;
    let count = rules.len();
    shared.faults().set_rules(rules);
    Ok(Json(json!({ "rules": count })))
}

pub(super) async fn time<W: World + 'static>(State(shared): State<Arc<Shared<W>>>) -> Json<Value> {
    Json(json!({ "now": shared.clock.now(), "scale": shared.clock.scale }))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, (StatusCode, Json<Value>)> {
    serde_json::from_slice(body).map_err(|error| mistake(&error.to_string()))
}

fn mistake(reason: &str) -> (StatusCode, Json<Value>) {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": reason })))
}
