//! A walk over all records of a kind: stretches of ids side by side, up to fifty pages a request.
//!
//! Pages are chained inside one batch: each asks for ids above the last one of the page before. Behind the first short
//! page the references lead nowhere, so everything after it is discarded. Not responsible for what rows mean.
//!
//! Invariant: ids only grow and stay in their stretch; a row that does not means a dropped filter and fails the walk.

mod place;

use obmen_domain::record::Kind;
use obmen_engine::ports::{Cursor, Portion, SideError};
use serde_json::{Value, json};

use crate::batch::{MAX_COMMANDS, key};
use crate::call::{Command, unexpected};
use crate::portal::Portal;
use crate::read::{PAGE, complete, list, list_method, type_id};
use crate::sender::Sender;
use crate::settings::Settings;
use crate::wire::{member, rows};
use place::{Extent, Place};

/// Reads one portion.
pub(crate) async fn sweep(
    kind: Kind,
    cursor: Option<Cursor>,
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Result<Portion, SideError> {
    // References lead nowhere outside their batch, so the chain must fit into one.
    let page_seconds = sender.estimate(list_method(kind), 1.0).await;
    let fitting = (settings.limits.batch_seconds() / page_seconds.max(0.001)) as usize;
    let fitting = fitting.clamp(1, MAX_COMMANDS);
    let Some(cursor) = cursor else {
        let extent = measure(kind, sender).await?;
        let next = extent.cut(fitting).into_iter().map(Place::write).collect();
        return Ok(Portion { next, total: Some(extent.total), ..Portion::default() });
    };
    let place = Place::read(&cursor).ok_or_else(|| unexpected("a foreign cursor"))?;
    let commands: Vec<Command> =
        (0..place.pages(fitting)).map(|page| page_command(kind, page, place, settings, portal)).collect();
    let answers = sender.read_values(&commands).await?;
    let (walked, ended) = take_rows(&answers, place)?;
    let next = walked.last().filter(|_| !ended).and_then(|(last, _)| place.rest(*last, walked.len() as u64));
    let walked = walked.into_iter().map(|(_, row)| row).collect();
    let records = complete(kind, walked, place.requisites, sender, settings, portal).await?;
    Ok(Portion { records, next: next.into_iter().map(Place::write).collect(), total: None })
}

/// Counts the kind's records, finds its lowest and highest id, and asks whether any has requisites.
async fn measure(kind: Kind, sender: &Sender) -> Result<Extent, SideError> {
    let list = |order: &str, start: i8| {
        let params = json!({"select": ["ID"], "order": {"ID": order}, "start": start});
        Command::new(list_method(kind), params)
    };
    let any = json!({
        "select": ["ID", "ENTITY_TYPE_ID"], "filter": {"ENTITY_TYPE_ID": type_id(kind)}, "order": {"ID": "ASC"}, "start": -1
    });
    let commands = [list("ASC", 0), list("DESC", -1), Command::new("crm.requisite.list", any)];
    let answers = sender.read(&commands).await?;
    let [lowest, highest, requisites] = answers.as_slice() else {
        return Err(unexpected("fewer answers than questions"));
    };
    let first_id = |answer: &Value| rows(answer).first().and_then(|row| member(row, "ID").parse().ok());
    Ok(Extent {
        total: lowest.total.unwrap_or_default(),
        first: first_id(&lowest.value).unwrap_or(0),
        last: first_id(&highest.value).unwrap_or(0),
        requisites: !rows(&requisites.value).is_empty(),
    })
}

fn page_command(kind: Kind, page: usize, place: Place, settings: &Settings, portal: &Portal) -> Command {
    let after = match page.checked_sub(1) {
        None => place.after.to_string(),
        Some(before) => format!("$result[{}][{}][ID]", key(before), PAGE - 1),
    };
    let filter = match place.upto {
        Some(upto) => json!({ ">ID": after, "<=ID": upto.to_string() }),
        None => json!({ ">ID": after }),
    };
    list(kind, &filter, settings, portal).referring()
}

/// The rows up to the first short page, and whether there was one.
fn take_rows(answers: &[Value], place: Place) -> Result<(Vec<(u64, Value)>, bool), SideError> {
    let mut taken: Vec<(u64, Value)> = Vec::new();
    let mut last = place.after;
    for answer in answers {
        let page = rows(answer);
        for row in &page {
            let id = member(row, "ID").parse::<u64>().unwrap_or_default();
            if id <= last || place.upto.is_some_and(|upto| id > upto) {
                return Err(unexpected("a list whose ids do not grow within their bounds"));
            }
            last = id;
            taken.push((id, (*row).clone()));
        }
        if page.len() < PAGE {
            return Ok((taken, true));
        }
    }
    Ok((taken, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::{portal, settings};

    const WHOLE: Place = Place { after: 0, upto: None, expected: 100, requisites: false };

    fn page(from: u64, count: u64) -> Value {
        (from..from + count).map(|id| json!({"ID": id.to_string()})).collect()
    }

    #[test]
    fn everything_behind_the_first_short_page_is_discarded() {
        let (taken, ended) = take_rows(&[page(1, 50), page(51, 3), page(1, 50)], WHOLE).unwrap();
        assert_eq!((taken.len(), ended), (53, true));
        let (taken, ended) = take_rows(&[page(1, 50), page(51, 50)], WHOLE).unwrap();
        assert_eq!((taken.len(), ended), (100, false));
        let (taken, ended) = take_rows(&[json!(false)], WHOLE).unwrap();
        assert_eq!((taken.len(), ended), (0, true));
    }

    #[test]
    fn a_dropped_filter_fails_the_walk() {
        assert!(take_rows(&[page(1, 50), page(1, 50)], WHOLE).is_err());
        assert!(take_rows(&[page(1, 3)], Place { after: 10, ..WHOLE }).is_err());
        assert!(take_rows(&[page(1, 3)], Place { upto: Some(2), ..WHOLE }).is_err());
    }

    #[test]
    fn pages_refer_to_the_page_before_and_end_with_their_stretch() {
        let place = Place { after: 7, upto: Some(90), ..WHOLE };
        let command = |page| page_command(Kind::Contact, page, place, &settings(), &portal());
        assert_eq!(command(0).params["filter"], json!({">ID": "7", "<=ID": "90"}));
        assert_eq!(command(2).params["filter"], json!({">ID": "$result[c01][49][ID]", "<=ID": "90"}));
        assert!(!command(2).goes_alone());
        let open = page_command(Kind::Contact, 0, WHOLE, &settings(), &portal());
        assert_eq!(open.params["filter"], json!({">ID": "0"}));
    }
}
