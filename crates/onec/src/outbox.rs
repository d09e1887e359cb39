//! The extension's outbox as a queue: what was written or deleted stands there until it is acknowledged.
//!
//! Not responsible for reading the objects. Our own writes are not in it, and an older extension may have none: then versions
//! are compared alone. Invariant: only rows that were handed over are
//! acknowledged, and a row that was written again meanwhile stays.

use std::collections::BTreeSet;

use obmen_domain::record::{Kind, RecordId};
use obmen_engine::ports::SideError;
use obmen_engine::watch::{Receipt, Waiting};
use uuid::Uuid;

use crate::adapter::Onec;
use crate::extension::{Extension, Row};
use crate::hook::{Named, SaveEvents};

impl Onec {
    /// What waits in the outbox; none where nothing does.
    pub(crate) async fn noted(&self, extension: &Extension) -> Result<Option<Waiting>, SideError> {
        let facts = self.facts().await?;
        if !extension.knows("changes") {
            return Ok(None);
        }
        let rows = extension.changes().await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let events = SaveEvents::new(&self.settings.profile);
        let receipt = Receipt(Row::into_text(&rows));
        let mut waiting = Waiting { ids: Vec::new(), is_elsewhere: false, receipt };
        let mut partners = BTreeSet::new();
        for row in &rows {
            match events.named(&row.set) {
                Named::Kinds(kinds) => waiting.ids.extend(of_kinds(kinds, row.reference)),
                Named::Elsewhere if self.is_partner(&row.set) => {
                    partners.insert(row.reference);
                }
                Named::Elsewhere => waiting.is_elsewhere = true,
                Named::Nothing => {}
            }
        }
        // A partner is a part of its counterparties.
        if !partners.is_empty() {
            let clients = self.clients_of(&facts, &partners).await?;
            let clients = clients.into_values().flatten();
            waiting.ids.extend(clients.flat_map(|client| of_kinds(&Kind::ALL, client)));
        }
        waiting.ids.sort();
        waiting.ids.dedup();
        Ok(Some(waiting))
    }

    fn is_partner(&self, set: &str) -> bool {
        self.settings.profile.partner.as_ref().is_some_and(|partner| partner.set == set)
    }
}

fn of_kinds(kinds: &[Kind], reference: Uuid) -> impl Iterator<Item = RecordId> {
    kinds.iter().map(move |kind| RecordId::onec(*kind, &reference.to_string()))
}
