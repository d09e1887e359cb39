//! Comments beside cards, in their timeline.
//!
//! A comment is no write of the exchange: it changes no field, raises no event, and nothing waits for it. None is repeated
//! here. Not responsible for what is said. Documented in b24restdocs, `api-reference/crm/timeline/comments/`.

use obmen_domain::record::{RecordId, Side};
use obmen_engine::ports::SideError;
use serde_json::json;

use crate::call::{Command, Reply};
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
    let commands: Vec<Command> = comments.iter().map(command).collect();
    let replies = sender.run(&commands, Patience::Short).await;
    replies.into_iter().map(|reply| became(&reply)).collect()
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
