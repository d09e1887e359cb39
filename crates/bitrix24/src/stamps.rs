//! A walk over the ids of a kind alone, to find who is new and who is gone.
//!
//! The portal's list shows no version that speaks for requisites and companies too, so that only ids are told.

use obmen_domain::record::{Kind, RecordId};
use obmen_engine::ports::{Cursor, SideError};
use obmen_engine::watch::{Stamp, Stamps};
use serde_json::{Value, json};

use crate::batch::{MAX_COMMANDS, key};
use crate::call::{Command, unexpected};
use crate::further;
use crate::read::{PAGE, list_method, type_id};
use crate::sender::Sender;
use crate::settings::{Limits, Settings};
use crate::sweep::take_rows;

/// A walk begins with one page, since most walks are short, and takes so many times more with each further request.
const GROWTH: usize = 4;

/// Reads one portion. A cursor says of what, behind which id, and how many pages at once.
pub(crate) async fn stamps(
    kind: Kind,
    cursor: Option<Cursor>,
    sender: &Sender,
    settings: &Settings,
) -> Result<Stamps, SideError> {
    let limits = settings.limits;
    let start = Place { of_requisites: false, after: 0, pages: 1 };
    let place = match cursor {
        None => start,
        Some(cursor) => Place::read(&cursor).ok_or_else(|| unexpected("a foreign cursor"))?,
    };
    let (all, of_companies) = (json!({}), json!({"ENTITY_TYPE_ID": type_id(Kind::Company)}));
    let walk = match place.of_requisites {
        true => Walk { method: "crm.requisite.list", select: &["ID"], filter: &of_companies },
        false => Walk { method: list_method(kind), select: &["ID"], filter: &all },
    };
    let (rows, ended) = walk.go_on(place.after, place.pages, sender, limits).await?;
    let next = match rows.last().filter(|_| !ended) {
        Some((id, _)) => Some(Place { after: *id, pages: place.pages * GROWTH, ..place }),
        None if !place.of_requisites && further::are_read(kind, settings) => {
            Some(Place { of_requisites: true, ..start })
        }
        None => None,
    };
    let id_of = |id: u64| match place.of_requisites {
        true => further::id_of(&id.to_string()),
        false => RecordId::bitrix24(kind, id.to_string()),
    };
    let stamp = |(id, _): (u64, Value)| Stamp { id: id_of(id), version: None };
    Ok(Stamps { stamps: rows.into_iter().map(stamp).collect(), next: next.map(Place::write) })
}

/// Where the walk stands: records of the kind come first, then requisites that are records of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    of_requisites: bool,
    after: u64,
    pages: usize,
}

impl Place {
    fn read(cursor: &Cursor) -> Option<Self> {
        let (of_requisites, place) = match cursor.0.strip_prefix("requisites:") {
            Some(rest) => (true, rest),
            None => (false, cursor.0.as_str()),
        };
        let (after, pages) = place.split_once(':')?;
        Some(Self { of_requisites, after: after.parse().ok()?, pages: pages.parse().ok()? })
    }

    fn write(self) -> Cursor {
        let Self { of_requisites, after, pages } = self;
        let prefix = if of_requisites { "requisites:" } else { "" };
        Cursor(format!("{prefix}{after}:{pages}"))
    }
}

/// A list in the order of ids.
#[derive(Clone, Copy)]
pub(crate) struct Walk<'a> {
    pub(crate) method: &'static str,
    pub(crate) select: &'a [&'a str],
    pub(crate) filter: &'a Value,
}

impl Walk<'_> {
    /// All rows behind an id.
    pub(crate) async fn to_the_end(
        self,
        mut after: u64,
        sender: &Sender,
        limits: Limits,
    ) -> Result<Vec<(u64, Value)>, SideError> {
        let (mut all, mut pages) = (Vec::new(), GROWTH);
        loop {
            let (rows, ended) = self.go_on(after, pages, sender, limits).await?;
            after = rows.last().map_or(after, |(id, _)| *id);
            all.extend(rows);
            if ended {
                return Ok(all);
            }
            pages *= GROWTH;
        }
    }

    /// The rows behind an id, so many pages at most, or as many as a batch carries; and whether they are all.
    async fn go_on(
        self,
        after: u64,
        pages: usize,
        sender: &Sender,
        limits: Limits,
    ) -> Result<(Vec<(u64, Value)>, bool), SideError> {
        let fitting = limits.batch_seconds() / sender.estimate(self.method, 1.0).await.max(0.001);
        let pages = pages.min(fitting as usize).clamp(1, MAX_COMMANDS);
        let chain: Vec<Command> = (0..pages)
            .map(|page| match page.checked_sub(1) {
                None => self.page(&after.to_string()),
                Some(before) => self.page(&format!("$result[{}][{}][ID]", key(before), PAGE - 1)).referring(),
            })
            .collect();
        take_rows(sender.read_values(&chain).await?, after)
    }

    /// One page.
    pub(crate) fn page(self, above: &str) -> Command {
        let mut filter = self.filter.clone();
        filter[">ID"] = json!(above);
        let params = json!({"select": self.select, "filter": filter, "order": {"ID": "ASC"}, "start": -1});
        Command::new(self.method, params)
    }
}
