//! The offline queues: rows wait until the application comes for them.
//!
//! One row per event and record, whose timestamp moves; a row that is reserved by a reader stays as it is and a
//! further change makes a new one. A queue gets no row for what its own application wrote with its own connector.

use jiff::Timestamp;

use super::{Change, Events, Writer};

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
    pub(crate) record: u64,
    pub(crate) user: u64,
    pub(crate) client: String,
    pub(crate) connector: String,
    /// The reader that reserved it.
    pub(crate) process: Option<String>,
    pub(crate) failed: bool,
}

impl Row {
    /// The same for every row of this event and record.
    pub(crate) fn message_id(&self) -> String {
        let hash = self.event.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{hash:016x}{:016x}", self.record)
    }
}

/// Which rows a reader wants.
pub(crate) struct OfflineQuery {
    pub(crate) client: String,
    pub(crate) connector: String,
    /// An earlier reservation to be read again.
    pub(crate) process: Option<String>,
    pub(crate) limit: usize,
    /// Whether reading deletes; otherwise it reserves.
    pub(crate) clear: bool,
    /// Whether rows marked as failed come too.
    pub(crate) failed: bool,
}

impl Events {
    pub(super) fn queue_offline(&mut self, change: Change, at: Timestamp, writer: &Writer<'_>, user: u64) {
        let event = change.event();
        for subscription in self.subscriptions.iter().filter(|subscription| subscription.event == event) {
            let own = writer.caller.and_then(|caller| caller.client()) == Some(subscription.client.as_str());
            if own && writer.connector == subscription.connector {
                continue;
            }
            let waiting = self.rows.iter_mut().find(|row| {
                row.process.is_none()
                    && row.event == event
                    && row.record == change.id
                    && row.client == subscription.client
                    && row.connector == subscription.connector
            });
            if let Some(row) = waiting {
                row.at = at;
                row.user = user;
                continue;
            }
            self.last_row += 1;
            self.rows.push(Row {
                id: self.last_row,
                at,
                event,
                record: change.id,
                user,
                client: subscription.client.clone(),
                connector: subscription.connector.clone(),
                process: None,
                failed: false,
            });
        }
    }

    /// Reads rows, oldest first, deleting or reserving them; and the name of the reservation.
    pub(crate) fn get_offline(&mut self, query: &OfflineQuery) -> (Option<String>, Vec<Row>) {
        let mut found: Vec<Row> = self
            .rows
            .iter()
            .filter(|row| row.client == query.client && row.connector == query.connector)
            .filter(|row| row.process == query.process && (query.failed || !row.failed))
            .cloned()
            .collect();
        found.sort_by_key(|row| (row.at, row.id));
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
