//! `/_sim/…`: what a player may do to the world behind its back.
//!
//! Answers are JSON; mistakes get status 400 and a sentence. Nothing here counts as a request.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Shared;
use super::lines::Lines;
use crate::faults::Rule;
use crate::world::{RecordQuery, World};

/// Records of a list for whoever names no number, and at most.
const SHOWN: usize = 50;
const MOST_SHOWN: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    set: String,
    #[serde(default)]
    find: String,
    #[serde(default)]
    skip: usize,
    limit: Option<usize>,
}

type Done = Result<Json<Value>, (StatusCode, Json<Value>)>;

pub(super) async fn dump<W: World + 'static>(State(shared): State<Arc<Shared<W>>>) -> Json<Value> {
    Json(shared.world().dump())
}

/// The body is JSON Lines, loaded as it comes. Lines before a wrong one stay loaded.
pub(super) async fn load<W: World + 'static>(State(shared): State<Arc<Shared<W>>>, body: Body) -> Done {
    let mut pieces = body.into_data_stream();
    let mut lines = Lines::default();
    let mut wrong = None;
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| mistake(&error.to_string()))?;
        // The rest of a wrong body is read without a look at it, since its sender hears nothing before its end.
        if wrong.is_none() {
            wrong = lines.take_in(&piece, |line| shared.world().load(line)).err();
        }
    }
    let wrong = wrong.or_else(|| lines.take_in(b"\n", |line| shared.world().load(line)).err());
    wrong.map_or(Ok(Json(json!({ "loaded": lines.loaded }))), |reason| Err(mistake(&reason)))
}

/// What a person's list shows; the query names the set, the text to find and the part of the list.
pub(super) async fn records<W: World + 'static>(State(shared): State<Arc<Shared<W>>>, uri: Uri) -> Done {
    let ListQuery { set, find, skip, limit } = read_query(&uri)?;
    let wanted = RecordQuery { set, find, skip, limit: limit.unwrap_or(SHOWN).min(MOST_SHOWN) };
    shared.world().records(&wanted).map(Json).map_err(|reason| mistake(&reason))
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
    if shared.befalls().keep(&action).is_some() {
        return Ok(Json(json!({})));
    }
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

/// The last requests, as far as the query wants them.
pub(super) async fn requests<W: World + 'static>(State(shared): State<Arc<Shared<W>>>, uri: Uri) -> Done {
    let wanted = read_query(&uri)?;
    Ok(Json(shared.log().show(&wanted)))
}

pub(super) async fn switch_requests<W: World + 'static>(
    State(shared): State<Arc<Shared<W>>>,
    body: Bytes,
) -> Done {
    shared.log().switch(parse(&body)?);
    Ok(Json(json!({})))
}

pub(super) async fn reset_requests<W: World + 'static>(State(shared): State<Arc<Shared<W>>>) -> Json<Value> {
    shared.log().reset();
    Json(json!({}))
}

pub(super) async fn time<W: World + 'static>(State(shared): State<Arc<Shared<W>>>) -> Json<Value> {
    Json(shared.clock.show())
}

/// What is due by a later time is due at once.
pub(super) async fn set_time<W: World + 'static>(State(shared): State<Arc<Shared<W>>>, body: Bytes) -> Done {
    shared.clock.change(parse(&body)?).map_err(|reason| mistake(&reason))?;
    Ok(Json(shared.clock.show()))
}

/// A query by the names of its type; a wrong one is a mistake like any other.
fn read_query<T: DeserializeOwned>(uri: &Uri) -> Result<T, (StatusCode, Json<Value>)> {
    let Query(read) = Query::try_from_uri(uri).map_err(|error| mistake(&error.body_text()))?;
    Ok(read)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, (StatusCode, Json<Value>)> {
    serde_json::from_slice(body).map_err(|error| mistake(&error.to_string()))
}

fn mistake(reason: &str) -> (StatusCode, Json<Value>) {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": reason })))
}
