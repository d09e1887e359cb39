//! The queue that a portal keeps for an application: what changed waits there until it is confirmed.
//!
//! Rows are reserved, become signals, and are confirmed when those are kept. A reservation whose name got lost on the way,
//! or with a process that died, shows in a list of the queue: so that one is looked at before anything else is reserved,
//! at the start and after every failure. Documented in b24restdocs, `api-reference/events/offline-events.md`. Invariant:
//! nothing is confirmed here that was not handed over.

use std::collections::BTreeSet;

use futures_util::lock::Mutex;
use obmen_domain::record::{Kind, RecordId};
use obmen_engine::ports::SideError;
use obmen_engine::watch::{Receipt, Waiting};
use serde_json::{Value, json};

use crate::address;
use crate::call::{Command, Reply};
use crate::hook::{Told, told_by};
use crate::read::PAGE;
use crate::sender::{Patience, Sender};
use crate::settings::Settings;
use crate::wire::{member, rows};

/// Rows reserved at once.
const ROWS: usize = 500;
/// What is waited for.
const EVENTS: [&str; 11] = [
    "ONCRMCONTACTADD",
    "ONCRMCONTACTUPDATE",
    "ONCRMCONTACTDELETE",
    "ONCRMCOMPANYADD",
    "ONCRMCOMPANYUPDATE",
    "ONCRMCOMPANYDELETE",
    "ONCRMREQUISITEADD",
    "ONCRMREQUISITEUPDATE",
    "ONCRMREQUISITEDELETE",
    "ONCRMADDRESSREGISTER",
    "ONCRMADDRESSUNREGISTER",
];

/// By which the portal says that the queue has something.
const RING: &str = "ONOFFLINEEVENT";
/// It rings no more often: a question is a request or two, of two that the portal takes in a second.
const BETWEEN_RINGS: u32 = 5;

/// One queue.
#[derive(Debug, Default)]
pub(crate) struct Queue(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Whether the portal puts everything into it.
    is_bound: bool,
    /// Whether no reservation of ours is open.
    is_clear: bool,
    /// The reservation that is the only open one.
    only: Option<Receipt>,
}

impl Queue {
    /// What waits next, reserved; none where nothing waits.
    pub(crate) async fn next(
        &self,
        sender: &Sender,
        settings: &Settings,
    ) -> Result<Option<Waiting>, SideError> {
        let connector = &settings.connector();
        let mut state = self.0.lock().await;
        if !state.is_bound {
            bind(sender, connector, settings.rings_at.as_deref()).await?;
            state.is_bound = true;
        }
        if !state.is_clear {
            if let Some(waiting) = left_over(sender, settings).await? {
                return Ok(Some(waiting));
            }
            state.is_clear = true;
        }
        // It is not asked again without an answer: a second reservation would leave the first one behind.
        state.is_clear = false;
        let get = json!({"clear": 0, "limit": ROWS, "auth_connector": connector});
        let mut replies = sender.run(&[Command::new("event.offline.get", get)], Patience::Endless).await;
        let answer = replies.pop().map_or(Ok(Value::Null), Reply::value)?;
        let events = answer.get("events").unwrap_or(&Value::Null);
        let waiting = waiting(&member(&answer, "process_id"), events, settings);
        state.is_clear = waiting.is_none();
        state.only = waiting.as_ref().map(|waiting| waiting.receipt.clone());
        Ok(waiting)
    }

    /// Confirms what was reserved.
    pub(crate) async fn confirm(&self, sender: &Sender, receipt: &Receipt) -> Result<(), SideError> {
        let mut state = self.0.lock().await;
        sender.read_values(&[Command::new("event.offline.clear", json!({"process_id": receipt.0}))]).await?;
        // Whether there are others shows in the list, unless this one was the only one.
        state.is_clear = state.only.take().as_ref() == Some(receipt);
        Ok(())
    }
}

/// Has everything put into the queue that is not put there yet, and has it ring.
async fn bind(sender: &Sender, connector: &str, rings_at: Option<&str>) -> Result<(), SideError> {
    let answer = ask(sender, Command::new("event.get", json!({}))).await?;
    let known = rows(&answer);
    let bound: BTreeSet<String> = known
        .iter()
        .copied()
        .filter(|row| member(row, "offline") == "1" && member(row, "connector_id") == connector)
        .map(|row| member(row, "event").to_uppercase())
        .collect();
    let missing = EVENTS.iter().filter(|event| !bound.contains(**event));
    let commands: Vec<Command> = missing
        .map(|event| {
            let bind = json!({"event": event, "event_type": "offline", "auth_connector": connector});
            Command::new("event.bind", bind)
        })
        .collect();
    if !commands.is_empty() {
        sender.read_values(&commands).await?;
    }
    let rings = |address: &&str| {
        known
            .iter()
            .any(|row| member(row, "event").to_uppercase() == RING && member(row, "handler") == **address)
    };
    if let Some(address) = rings_at.filter(|address| !rings(address)) {
        let options = json!({"minTimeout": BETWEEN_RINGS});
        let ring = json!({"event": RING, "handler": address, "options": options});
        // A portal that does not like the address does not ring: it is asked every so often.
        sender.run(&[Command::new("event.bind", ring)], Patience::Endless).await;
    }
    Ok(())
}

/// A reservation that nobody confirmed, if there is any. Nobody else reads the queue of this application.
async fn left_over(sender: &Sender, settings: &Settings) -> Result<Option<Waiting>, SideError> {
    let connector = settings.connector();
    let mut seen: BTreeSet<String> = BTreeSet::from([String::new()]);
    for start in (0..).step_by(PAGE) {
        let list = json!({"order": {"ID": "ASC"}, "start": start});
        let page = ask(sender, Command::new("event.offline.list", list)).await?;
        let page = rows(&page);
        for process in page.iter().map(|row| member(row, "PROCESS_ID")) {
            if !seen.insert(process.clone()) {
                continue;
            }
            let get = json!({"clear": 0, "limit": ROWS, "process_id": process, "auth_connector": connector});
            let reserved = ask(sender, Command::new("event.offline.get", get)).await?;
            let events = reserved.get("events").unwrap_or(&Value::Null);
            if let Some(waiting) = waiting(&process, events, settings) {
                return Ok(Some(waiting));
            }
        }
        if page.len() < PAGE {
            break;
        }
    }
    Ok(None)
}

/// Rows as what is to be looked at.
fn waiting(process: &str, events: &Value, settings: &Settings) -> Option<Waiting> {
    let of_people = address::type_of(Kind::Contact, settings).is_some();
    let events = rows(events);
    if events.is_empty() || process.is_empty() {
        return None;
    }
    let mut ids: Vec<RecordId> = Vec::new();
    let mut is_elsewhere = false;
    for event in events {
        let fields = event.get("EVENT_DATA").and_then(|data| data.get("FIELDS")).unwrap_or(&Value::Null);
        let name = member(event, "EVENT_NAME").to_uppercase();
        match told_by(&name, of_people, |field| member(fields, field)) {
            Ok(Told::Record(id)) => ids.push(id),
            // What cannot be read may be anything.
            Ok(Told::Elsewhere) | Err(_) => is_elsewhere = true,
            Ok(Told::Nothing) => {}
        }
    }
    ids.sort();
    ids.dedup();
    Some(Waiting { ids, is_elsewhere, receipt: Receipt(process.to_owned()) })
}

async fn ask(sender: &Sender, command: Command) -> Result<Value, SideError> {
    Ok(sender.read_values(&[command]).await?.into_iter().next().unwrap_or_default())
}
