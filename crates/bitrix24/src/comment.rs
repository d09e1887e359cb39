//! Comments beside cards, in their timeline.
//!
//! A comment is no write of the exchange: it changes no field, raises no event, and nothing waits for it. None is repeated
//! here. Not responsible for what is said. Documented in b24restdocs, `api-reference/crm/timeline/comments/`.

use obmen_domain::record::{RecordId, Side};
use obmen_engine::ports::SideError;
use serde_json::json;

use crate::call::{Command, Reply};
use crate::further::requisite_of;
use crate::sender::{Patience, Sender};

const ADD: &str = "crm.timeline.comment.add";

/// A comment to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The card.
    pub card: RecordId,
    /// What it says; plain text.
    pub text: String,
}

/// What became of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Commented {
    /// It stands there.
    Written,
    /// The portal does not take it, in its own words: the card is gone, say.
    Refused(String),
    /// It certainly does not stand there, and may be written later.
    NotDone(SideError),
    /// It may stand there. To write it again may be to write it twice, and no question tells it from another's.
    Unknown,
}

/// Writes comments, as far as the limits let them in at once.
pub(crate) async fn comment(comments: &[Comment], sender: &Sender) -> Vec<Commented> {
    debug_assert!(
        comments.iter().all(|comment| comment.card.side == Side::Bitrix24),
        "cards are the portal's"
    );
    let command = |comment: &Comment| {
        let Comment { card, text } = comment;
        let fields = json!({"ENTITY_TYPE": card.kind.word(), "ENTITY_ID": card.id, "COMMENT": bare(text)});
        Command::new(ADD, json!({ "fields": fields }))
    };
    // A requisite has no card that a comment could stand beside.
    let has_card = |comment: &&Comment| requisite_of(&comment.card.id).is_none();
    let commands: Vec<Command> = comments.iter().filter(has_card).map(command).collect();
    let mut replies = sender.run(&commands, Patience::Short).await.into_iter();
    let no_card = || Commented::Refused("a requisite has no card of its own".to_owned());
    let became = |comment: &Comment| match has_card(&comment) {
        true => replies.next().map_or(Commented::Unknown, |reply| became(&reply)),
        false => no_card(),
    };
    comments.iter().map(became).collect()
}

fn became(reply: &Reply) -> Commented {
    match reply {
        Reply::Answer(_) => Commented::Written,
        Reply::Refused(error) => Commented::Refused(error.words()),
        Reply::NotDone(error) => Commented::NotDone(error.clone()),
        Reply::Unknown(_) => Commented::Unknown,
    }
}

/// Without the brackets of BB code, which the portal would take for markup of ours.
fn bare(text: &str) -> String {
    text.replace('[', "(").replace(']', ")")
}
