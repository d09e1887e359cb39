//! Whether records are gone, or only left out: a list shows less without a word when the user's rights shrink.
//!
//! Each record is asked for by itself, and with them whether the user is still the administrator who connected.
//! Invariant: a record counts as gone only where the portal says of it that it is not found, to somebody who sees all.

use obmen_domain::record::{Kind, RecordId, Side};
use obmen_engine::ports::SideError;
use serde_json::{Value, json};

use crate::call::{Command, Meaning, Reply, unexpected};
use crate::further::requisite_of;
use crate::portal::Portal;
use crate::sender::{Patience, Sender};
use crate::wire::flag;

/// The question who is calling.
pub(crate) fn who() -> Command {
    Command::new("profile", json!({}))
}

/// Fails where an administrator has become an ordinary user: from then on records are hidden.
pub(crate) fn check_who(answer: &Value, portal: &Portal) -> Result<(), SideError> {
    if portal.admin && !answer.get("ADMIN").is_some_and(flag) {
        let what = "see all records, as an administrator does".to_owned();
        return Err(SideError::MissingRight { side: Side::Bitrix24, what });
    }
    Ok(())
}

/// Those of some records that do not exist.
pub(crate) async fn gone(
    ids: &[RecordId],
    sender: &Sender,
    portal: &Portal,
) -> Result<Vec<RecordId>, SideError> {
    let get = |id: &RecordId| {
        let requisite = requisite_of(&id.id);
        let method = match id.kind {
            _ if requisite.is_some() => "crm.requisite.get",
            Kind::Contact => "crm.contact.get",
            Kind::Company => "crm.company.get",
        };
        Command::new(method, json!({ "id": requisite.unwrap_or(&id.id) }))
    };
    let commands: Vec<Command> = std::iter::once(who()).chain(ids.iter().map(get)).collect();
    let mut replies = sender.run(&commands, Patience::Endless).await.into_iter();
    let caller = replies.next().ok_or_else(|| unexpected("no answer to profile"))?.value()?;
    check_who(&caller, portal)?;
    let mut gone = Vec::new();
    for (id, (command, reply)) in ids.iter().zip(commands[1..].iter().zip(replies)) {
        match reply {
            Reply::Refused(error) if error.meaning(command.method) == Meaning::NotFound => {
                gone.push(id.clone());
            }
            reply => drop(reply.value()?),
        }
    }
    Ok(gone)
}
