//! A walk over all records of a kind: stretches side by side, up to fifty pages a request.
//!
//! A stretch begins at a position; its pages are chained inside one batch: each asks for ids above the last one of the page before. Behind the first short
//! page the references lead nowhere, so everything after it is discarded. Not responsible for what rows mean.
//!
//! Invariant: ids only grow; a row out of order means a dropped filter and fails the walk.

mod place;

use std::sync::Arc;

use obmen_domain::record::Kind;
use obmen_engine::ports::{Cursor, Portion, SideError};
use serde_json::{Value, json};

use crate::address;
use crate::batch::{MAX_COMMANDS, key};
use crate::call::{Command, unexpected};
use crate::portal::Portal;
use crate::read::{Beside, PAGE, complete, list, list_method, type_id};
use crate::sender::Sender;
use crate::settings::Settings;
use crate::wire::{into_rows, member, rows};
use place::{Extent, Place, Start};

/// Reads one portion.
pub(crate) async fn sweep(
    kind: Kind,
    cursor: Option<Cursor>,
    sender: &Sender,
    settings: &Arc<Settings>,
    portal: &Arc<Portal>,
) -> Result<Portion, SideError> {
    // References lead nowhere outside their batch, so the chain must fit into one.
    let page_seconds = sender.estimate(list_method(kind), 1.0).await;
    let fitting = (settings.limits.batch_seconds() / page_seconds.max(0.001)) as usize;
    let fitting = fitting.clamp(1, MAX_COMMANDS);
    let Some(cursor) = cursor else {
        let extent = measure(kind, sender, settings).await?;
        let next = extent.cut(fitting).into_iter().map(Place::write).collect();
        return Ok(Portion { next, total: Some(extent.total), ..Portion::default() });
    };
    let place = Place::read(&cursor).ok_or_else(|| unexpected("a foreign cursor"))?;
    let commands: Vec<Command> =
        (0..place.pages(fitting)).map(|page| page_command(kind, page, place, settings, portal)).collect();
    let answers = sender.read_values(&commands).await?;
    let after = match place.start {
        Start::Above(id) => id,
        Start::Behind(_) => 0,
    };
    let (walked, ended) = take_rows(answers, after)?;
    let next = walked.last().filter(|_| !ended).and_then(|(last, _)| place.rest(*last, walked.len() as u64));
    let walked: Vec<Value> = walked.into_iter().map(|(_, row)| row).collect();
    let again = place.overlap().min(walked.len() as u64);
    let records = complete(kind, walked, place.has, sender, settings, portal).await?;
    Ok(Portion { records, again, next: next.into_iter().map(Place::write).collect(), total: None })
}

/// Counts the kind's records and asks whether any has requisites, and whether these have addresses that take part.
async fn measure(kind: Kind, sender: &Sender, settings: &Settings) -> Result<Extent, SideError> {
    let count = json!({"select": ["ID"], "order": {"ID": "ASC"}, "start": 0});
    let any = json!({
        "select": ["ID", "ENTITY_TYPE_ID"], "filter": {"ENTITY_TYPE_ID": type_id(kind)}, "order": {"ID": "ASC"}, "start": -1
    });
    let mut commands = vec![Command::new(list_method(kind), count), Command::new("crm.requisite.list", any)];
    commands.extend(address::type_of(kind, settings).map(|sort| address::any(sort, kind)));
    let answers = sender.read(&commands).await?;
    let total = answers.first().and_then(|answer| answer.total).unwrap_or_default();
    let any = |at: usize| answers.get(at).is_some_and(|answer| !rows(&answer.value).is_empty());
    Ok(Extent { total, has: Beside { requisites: any(1), addresses: any(2) } })
}

fn page_command(kind: Kind, page: usize, place: Place, settings: &Settings, portal: &Portal) -> Command {
    let above = |id: String| list(kind, &json!({ ">ID": id }), settings, portal);
    match (page.checked_sub(1), place.start) {
        (None, Start::Above(id)) => above(id.to_string()),
        (None, Start::Behind(records)) => {
            let mut command = list(kind, &json!({}), settings, portal);
            command.params["start"] = json!(records);
            command
        }
        (Some(before), _) => above(format!("$result[{}][{}][ID]", key(before), PAGE - 1)).referring(),
    }
}

/// The rows up to the first short page, and whether there was one.
pub(crate) fn take_rows(answers: Vec<Value>, after: u64) -> Result<(Vec<(u64, Value)>, bool), SideError> {
    let mut taken: Vec<(u64, Value)> = Vec::new();
    let mut last = after;
    for answer in answers {
        let page = into_rows(answer);
        let is_short = page.len() < PAGE;
        for row in page {
            let id = member(&row, "ID").parse::<u64>().unwrap_or_default();
            if id <= last {
                return Err(unexpected("a list whose ids do not grow"));
            }
            last = id;
            taken.push((id, row));
        }
        if is_short {
            return Ok((taken, true));
        }
    }
    Ok((taken, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::{portal, settings};

    fn page(from: u64, count: u64) -> Value {
        (from..from + count).map(|id| json!({"ID": id.to_string()})).collect()
    }

    #[test]
    fn everything_behind_the_first_short_page_is_discarded() {
        let (taken, ended) = take_rows(vec![page(1, 50), page(51, 3), page(1, 50)], 0).unwrap();
        assert_eq!((taken.len(), ended), (53, true));
        let (taken, ended) = take_rows(vec![page(1, 50), page(51, 50)], 0).unwrap();
        assert_eq!((taken.len(), ended), (100, false));
        let (taken, ended) = take_rows(vec![json!(false)], 0).unwrap();
        assert_eq!((taken.len(), ended), (0, true));
    }

    #[test]
    fn a_dropped_filter_fails_the_walk() {
        assert!(take_rows(vec![page(1, 50), page(1, 50)], 0).is_err());
        assert!(take_rows(vec![page(1, 3)], 10).is_err());
    }

    #[test]
    fn the_first_page_stands_at_its_position_and_others_refer_to_the_one_before() {
        let command = |start, page| {
            let place = Place { start, expected: 2500, is_last: false, has: Beside::default() };
            page_command(Kind::Contact, page, place, &settings(), &portal())
        };
        let first = command(Start::Behind(2450), 0);
        assert_eq!((&first.params["start"], &first.params["filter"]), (&json!(2450), &json!({})));
        let third = command(Start::Behind(2450), 2);
        assert_eq!(third.params["filter"], json!({">ID": "$result[c01][49][ID]"}));
        assert_eq!(third.params["start"], -1);
        assert!(!third.goes_alone());
        assert_eq!(command(Start::Above(7), 0).params["filter"], json!({">ID": "7"}));
    }
}
