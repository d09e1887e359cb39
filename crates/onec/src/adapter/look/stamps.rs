//! A walk over references and versions alone: what is new, moved or gone, at a fraction of what a sweep reads.
//!
//! Invariant: a stamp's version is the one that a record read at the same moment would have, parts and links included.

use obmen_domain::record::{Kind, RecordId};
use obmen_engine::ports::{Cursor, SideError};
use obmen_engine::watch::{Stamp, Stamps};

use super::completion::{light_select, place_of};
use super::cursor::Position;
use crate::adapter::Onec;
use crate::odata::{Object, Query};
use crate::read::{legal, whole};
use crate::wire::{REF, guid};

impl Onec {
    /// One portion of the walk.
    pub(in crate::adapter) async fn stamps_of(
        &self,
        kind: Kind,
        cursor: Option<Cursor>,
    ) -> Result<Stamps, SideError> {
        let facts = self.facts().await?;
        let walk = facts.walk(kind, &self.settings.persons);
        let Some(position) = Position::of(cursor.as_ref(), &walk)? else { return Ok(Stamps::default()) };
        let table = position.table;
        let select = light_select(table);
        let filter = legal::filter(&table.names, kind);
        let query = Query { set: &table.names.set, select: &select, filter, top: None };
        let size = self.settings.profile.page;
        let (mut objects, last) = self.interface.page(&query, position.after.as_deref(), size).await?;
        if let (Some(part), Some(parts)) = (&table.names.part, &facts.part) {
            self.add_parts(&facts, part, parts, &light_select(parts), &mut objects).await?;
        }
        if let Some(links) = &table.names.links {
            self.add_links(links, &mut objects).await?;
        }
        let stamp = |object: &Object| {
            let id = RecordId::onec(kind, &guid(object, REF)?.to_string());
            let is_of_kind = place_of(table, object).kind == kind;
            is_of_kind.then(|| Stamp { id, version: Some(whole::version(object)) })
        };
        let stamps = objects.iter().filter_map(stamp).collect();
        Ok(Stamps { stamps, next: position.next(last, &walk) })
    }
}
