//! The offline queues: rows wait until the application comes for them.
//!
//! One row per event and record, whose timestamp moves; a row that is reserved by a reader stays as it is and a
//! further change makes a new one. A queue gets no row for what its own application wrote with its own connector.
//! Reservations that nobody confirms are dropped with their rows after thirty days.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Change, Events, Writer};
use crate::bitrix24::php::Php;

/// How long a reservation waits for its confirmation.
const RESERVED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// An application's wish to find an event in its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) client: String,
    pub(crate) connector: String,
    pub(crate) event: &'static str,
}

/// One row of a queue.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) at: Timestamp,
    pub(crate) event: &'static str,
    /// What is told of the record.
    pub(crate) fields: Php,
    /// The user behind the change; a robot has none.
    pub(crate) user: Option<u64>,
    pub(crate) client: String,
    pub(crate) connector: String,
    /// The reader that reserved it.
    pub(crate) process: Option<String>,
    reserved_at: Timestamp,
    pub(crate) failed: bool,
}

impl Row {
    /// The same for every row of this event and record.
    pub(crate) fn message_id(&self) -> String {
        let text = format!("{}{}", self.event, serde_json::to_string(&self.fields).unwrap_or_default());
        let hash = |begin: u64| {
            text.bytes().fold(begin, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        };
        format!("{:016x}{:016x}", hash(0xcbf2_9ce4_8422_2325), hash(0x9e37_79b9_7f4a_7c15))
    }
}

/// Which rows a reader wants.
pub(crate) struct OfflineQuery {
    pub(crate) client: String,
    pub(crate) connector: String,
    /// An earlier reservation to be read again.
    pub(crate) process: Option<String>,
    pub(crate) limit: usize,
    pub(crate) at: Timestamp,
    /// Whether reading deletes; otherwise it reserves.
    pub(crate) clear: bool,
    /// Whether rows marked as failed come too.
    pub(crate) failed: bool,
}

impl Events {
    /// Puts a change into the queues that want it; whose queues got something.
    pub(super) fn queue_offline(
        &mut self,
        change: &Change,
        at: Timestamp,
        writer: &Writer,
    ) -> BTreeSet<String> {
        let event = change.event;
        let mut filled = BTreeSet::new();
        for subscription in self.subscriptions.iter().filter(|subscription| subscription.event == event) {
            let own = writer.client.as_deref() == Some(subscription.client.as_str());
            if own && writer.connector == subscription.connector {
                continue;
            }
            filled.insert(subscription.client.clone());
            let waiting = self.rows.iter_mut().find(|row| {
                row.process.is_none()
                    && !row.failed
                    && row.event == event
                    && row.fields == change.fields
                    && row.client == subscription.client
                    && row.connector == subscription.connector
            });
            if let Some(row) = waiting {
                row.at = at;
                row.user = writer.user;
                continue;
            }
            self.last_row += 1;
            self.rows.push(Row {
                id: self.last_row,
                at,
                event,
                fields: change.fields.clone(),
                user: writer.user,
                client: subscription.client.clone(),
                connector: subscription.connector.clone(),
                process: None,
                reserved_at: at,
                failed: false,
            });
        }
        filled
    }

    /// Drops reservations that nobody confirmed in time.
    pub(crate) fn drop_old_reservations(&mut self, now: Timestamp) {
        self.rows.retain(|row| row.process.is_none() || now.duration_since(row.reserved_at) < RESERVED);
    }

    /// Reads rows, in the order and among those that `pick` leaves, deleting or reserving them; and the name of the
    /// reservation.
    pub(crate) fn get_offline(
        &mut self,
        query: &OfflineQuery,
        pick: impl FnOnce(Vec<Row>) -> Vec<Row>,
    ) -> (Option<String>, Vec<Row>) {
        self.drop_old_reservations(query.at);
        let mut found: Vec<Row> = self
            .rows
            .iter()
            .filter(|row| row.client == query.client && row.connector == query.connector)
            .filter(|row| row.process == query.process && (query.failed || !row.failed))
            .cloned()
            .collect();
        found.sort_by_key(|row| (row.at, row.id));
        let mut found = pick(found);
        found.truncate(query.limit);
        let is_found = |row: &Row| found.iter().any(|known| known.id == row.id);
        if query.process.is_some() {
            return (query.process.clone(), found);
        }
        if query.clear {
            self.rows.retain(|row| !is_found(row));
            return (None, found);
        }
        self.last_process += 1;
        let process = format!("{:032x}", self.last_process);
        for row in self.rows.iter_mut().filter(|row| is_found(row)) {
            row.process = Some(process.clone());
            row.reserved_at = query.at;
        }
        (Some(process), found)
    }

    /// Confirms rows of a reservation.
    pub(crate) fn clear_offline(&mut self, process: &str, chosen: impl Fn(&Row) -> bool) {
        self.rows.retain(|row| row.process.as_deref() != Some(process) || !chosen(row));
    }

    /// Marks rows of a reservation as failed and gives them back to the queue.
    pub(crate) fn fail_offline(&mut self, process: &str, chosen: impl Fn(&Row) -> bool) {
        for row in &mut self.rows {
            if row.process.as_deref() == Some(process) && chosen(row) {
                row.process = None;
                row.failed = true;
            }
        }
    }
}
