//! Both simulated systems and the requests that reach them late.
//!
//! Invariant: late effects happen at their own times, never at the moment somebody happens to look.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use obmen_domain::record::{RecordId, Side};
use obmen_sim::bitrix24::{self, Portal};
use obmen_sim::http::{Request, Response};
use obmen_sim::onec::{self, Infobase, Product};
use obmen_sim::world::World;
use serde_json::Value;

use crate::desk::Knew;
use crate::snapshot::{Entry, read};
use crate::surroundings::is_write;

/// The portal and the infobase.
#[derive(Debug)]
pub(crate) struct Systems {
    pub(crate) portal: Portal,
    pub(crate) infobase: Infobase,
    /// The configuration of the infobase.
    pub(crate) product: Product,
    /// Objects that code of the base refuses to write.
    pub(crate) forbidden: BTreeSet<RecordId>,
    /// Whether the product is not let see the whole portal at present.
    pub(crate) are_rights_taken: bool,
    /// How many requests of the product were to write something, whatever came of them.
    pub(crate) attempts: u64,
    late: BTreeSet<Late>,
    last_late: u64,
    /// What each side held when it was last read, as long as nothing was written there.
    held: [OnceCell<Held>; 2],
}

/// What a side holds: in its own order, and by id.
#[derive(Debug)]
struct Held {
    order: Vec<RecordId>,
    records: Arc<Records>,
}

/// The records of a side, without their parties.
pub(crate) type Records = BTreeMap<RecordId, Entry>;

/// A request that takes effect at its time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Late {
    due: Timestamp,
    order: u64,
    side: Side,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    knew: Knew,
}

/// A request that has just taken effect late.
#[derive(Debug)]
pub(crate) struct Landed {
    pub(crate) at: Timestamp,
    pub(crate) side: Side,
    pub(crate) request: Request,
    pub(crate) knew: Knew,
}

impl Systems {
    /// Two empty systems.
    pub(crate) fn new(portal: bitrix24::Settings, infobase: onec::Settings) -> Self {
        Self {
            portal: Portal::new(portal),
            product: infobase.configuration,
            infobase: match infobase.configuration {
                Product::Bp30 => Infobase::new(infobase),
                Product::Ut11 | Product::Unf => Infobase::furnished(infobase),
            },
            forbidden: BTreeSet::new(),
            are_rights_taken: false,
            attempts: 0,
            late: BTreeSet::new(),
            last_late: 0,
            held: Default::default(),
        }
    }

    /// Lets a request take effect.
    pub(crate) fn handle(&mut self, now: Timestamp, side: Side, request: &Request) -> Response {
        if is_write(side, request) {
            self.attempts += 1;
            self.held[usize::from(side == Side::Onec)].take();
        }
        self.world(side).handle(now, request)
    }

    /// The records of a side as they stand, by id.
    pub(crate) fn records(&self, side: Side) -> Arc<Records> {
        Arc::clone(&self.held(side).records)
    }

    /// The same in the side's own order.
    pub(crate) fn entries(&self, side: Side) -> impl Iterator<Item = &Entry> {
        let Held { order, records } = self.held(side);
        order.iter().filter_map(|id| records.get(id))
    }

    fn held(&self, side: Side) -> &Held {
        self.held[usize::from(side == Side::Onec)].get_or_init(|| {
            let entries = read(self, side);
            let order = entries.iter().map(|entry| entry.id.clone()).collect();
            let records = entries.into_iter().map(|entry| (entry.id.clone(), entry));
            Held { order, records: Arc::new(records.collect()) }
        })
    }

    /// Does what a person does at a screen.
    pub(crate) fn act(&mut self, now: Timestamp, side: Side, action: &Value) -> Result<Value, String> {
        self.held[usize::from(side == Side::Onec)].take();
        self.world(side).act(now, action)
    }

    /// Keeps a request until its time.
    pub(crate) fn hold(&mut self, due: Timestamp, side: Side, request: Request, knew: Knew) {
        self.last_late += 1;
        let Request { method, target, headers, body } = request;
        self.late.insert(Late { due, order: self.last_late, side, method, target, headers, body, knew });
    }

    /// Takes the next late request out, if it is due by then.
    pub(crate) fn take_late(&mut self, now: Timestamp) -> Option<Landed> {
        let late = self.late.pop_first()?;
        if late.due > now {
            self.late.insert(late);
            return None;
        }
        let Late { due, side, method, target, headers, body, knew, .. } = late;
        Some(Landed { at: due, side, request: Request { method, target, headers, body }, knew })
    }

    /// How many writes a side has counted.
    pub(crate) fn writes(&self, side: Side) -> u64 {
        self.counter(side, "writes")
    }

    /// How many requests a side has counted.
    pub(crate) fn requests(&self, side: Side) -> u64 {
        self.counter(side, "requests")
    }

    /// A figure among a side's counters.
    pub(crate) fn counter(&self, side: Side, name: &str) -> u64 {
        let counters = match side {
            Side::Bitrix24 => self.portal.counters(),
            Side::Onec => self.infobase.counters(),
        };
        counters.get(name).and_then(Value::as_u64).unwrap_or_default()
    }

    fn world(&mut self, side: Side) -> &mut dyn World {
        match side {
            Side::Bitrix24 => &mut self.portal,
            Side::Onec => &mut self.infobase,
        }
    }
}
