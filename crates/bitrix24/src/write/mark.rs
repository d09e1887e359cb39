//! Records that go: one request looks at them and at what stands on them, a second one deletes those that are free.
//!
//! The portal moves what is deleted into its recycle bin, requisites and links along with it. Invariant: nothing is
//! deleted that stands in another version than planned on, or on which a deal, an activity or a person stands.

use std::collections::BTreeMap;

use obmen_domain::record::{Kind, Record, RecordId};
use obmen_domain::stay::Tie;
use obmen_engine::ports::{Outcome, SideError};
use serde_json::json;

use super::{failure, not_done};
use crate::call::{Command, Reply, unexpected};
use crate::gone::gone;
use crate::portal::Portal;
use crate::read::{bundle, bundle_size, records_of_bundle};
use crate::sender::{Patience, Sender};
use crate::settings::Settings;
use crate::ties::{questions, tied};
use crate::wire::{flag, rows};

/// Records in one call: what fits into a batch beside the questions.
pub(crate) const MARKED: usize = 44;

/// Deletes records; outcomes in the order given.
pub(crate) async fn mark(
    records: &[Record],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Vec<Outcome> {
    let mut outcomes: Vec<Option<Outcome>> = records.iter().map(|_| None).collect();
    for kind in Kind::ALL {
        let places: Vec<usize> = (0..records.len()).filter(|at| records[*at].id.kind == kind).collect();
        for places in places.chunks(MARKED) {
            let ids: Vec<String> = places.iter().map(|at| records[*at].id.id.clone()).collect();
            match look(kind, &ids, sender, settings, portal).await {
                Ok(mut seen) => {
                    let hidden = places.iter().map(|at| &records[*at].id);
                    let hidden = hidden.filter(|id| !seen.records.contains_key(&id.id)).cloned().collect();
                    let missing = missing(hidden, sender, portal).await;
                    let mut free = Vec::new();
                    for at in places {
                        let record = &records[*at];
                        match seen.records.remove(&record.id.id) {
                            None => outcomes[*at] = Some(missing.clone()),
                            Some(held) if held.version != record.version => {
                                outcomes[*at] = Some(Outcome::Moved { record: Box::new(held) });
                            }
                            Some(_) => match seen.ties.get(&record.id.id) {
                                Some(tie) => outcomes[*at] = Some(Outcome::Tied(*tie)),
                                None => free.push(*at),
                            },
                        }
                    }
                    let commands: Vec<Command> =
                        free.iter().map(|at| deletion(kind, &records[*at].id.id)).collect();
                    let replies = sender.run(&commands, Patience::Short).await;
                    for ((at, command), reply) in free.iter().zip(&commands).zip(replies) {
                        outcomes[*at] = Some(outcome(command.method, &reply));
                    }
                }
                Err(error) => {
                    for at in places {
                        outcomes[*at] = Some(not_done(&error));
                    }
                }
            }
        }
    }
    outcomes.into_iter().map(|outcome| outcome.unwrap_or(Outcome::Unknown)).collect()
}

/// Records as they stand, and what stands on them.
struct Seen {
    records: BTreeMap<String, Record>,
    ties: BTreeMap<String, Tie>,
}

async fn look(
    kind: Kind,
    ids: &[String],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Result<Seen, SideError> {
    let mut commands = bundle(kind, ids, settings, portal);
    commands.extend(questions(kind, ids));
    let people_at = commands.len();
    if kind == Kind::Company {
        let people = |id: &String| Command::new("crm.company.contact.items.get", json!({ "id": id }));
        commands.extend(ids.iter().map(people));
    }
    let answers = sender.read_values(&commands).await?;
    let (lists, ties) = answers[..people_at].split_at(bundle_size(kind, settings));
    let records = records_of_bundle(kind, ids, lists, sender, settings, portal).await?;
    let mut ties = tied(kind, ids, ties, sender).await?;
    for (id, people) in ids.iter().zip(&answers[people_at..]) {
        if !rows(people).is_empty() {
            ties.entry(id.clone()).or_insert(Tie::People);
        }
    }
    Ok(Seen { records, ties })
}

/// What is said of records that a list does not show: each is asked for by itself, and where one exists the list has failed.
async fn missing(hidden: Vec<RecordId>, sender: &Sender, portal: &Portal) -> Outcome {
    if hidden.is_empty() {
        return Outcome::Missing;
    }
    match gone(&hidden, sender, portal).await {
        Ok(gone) if gone.len() == hidden.len() => Outcome::Missing,
        Ok(_) => Outcome::NotDone(unexpected("a list without records that exist")),
        Err(error) => Outcome::NotDone(error),
    }
}

fn deletion(kind: Kind, id: &str) -> Command {
    let method = match kind {
        Kind::Contact => "crm.contact.delete",
        Kind::Company => "crm.company.delete",
    };
    Command::new(method, json!({ "id": id }))
}

/// A record that is gone, by us or by somebody else, is missing from then on.
fn outcome(method: &str, reply: &Reply) -> Outcome {
    match (failure(method, None, reply), reply) {
        (Some(outcome), _) => outcome,
        (None, Reply::Answer(answer)) if flag(&answer.value) => Outcome::Missing,
        (None, _) => Outcome::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{Answer, WireError};

    #[test]
    fn a_record_that_was_gone_before_counts_as_gone() {
        let answer = |value| Reply::Answer(Answer { value, total: None });
        let refused =
            |words: &str| Reply::Refused(WireError { code: String::new(), description: words.to_owned() });
        assert_eq!(outcome("crm.contact.delete", &answer(json!(true))), Outcome::Missing);
        assert_eq!(outcome("crm.contact.delete", &refused("Not found")), Outcome::Missing);
        assert_eq!(outcome("crm.contact.delete", &answer(json!(false))), Outcome::Unknown);
        let veto = outcome("crm.company.delete", &refused("Удаление запрещено"));
        assert!(matches!(veto, Outcome::Refused { .. }), "{veto:?}");
    }
}
