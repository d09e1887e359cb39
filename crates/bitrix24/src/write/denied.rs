//! Refusals for want of rights, told apart from refusals of data.
//!
//! Classic methods say both in words alone, with the same status. An administrator may do everything, so where one had
//! connected and a write is denied, the portal is asked who is calling: if it is no administrator any more, the writes
//! wait until it is one again, and no record is to blame. Not responsible for reads (see `gone`).

use obmen_engine::ports::{Outcome, SideError};

use crate::call::unexpected;
use crate::gone::{check_who, who};
use crate::portal::Portal;
use crate::sender::Sender;

/// What denials say, in the portal's language.
const DENIALS: [&str; 5] = ["access denied", "доступ запрещ", "нет доступа", "нет прав", "недостаточно прав"];

/// Corrects the outcomes of writes that were denied for want of rights.
pub(crate) async fn tell_denied(outcomes: &mut [Outcome], sender: &Sender, portal: &Portal) {
    if !portal.admin || !outcomes.iter().any(is_denied) {
        return;
    }
    let Err(error) = check_caller(sender, portal).await else { return };
    for outcome in outcomes.iter_mut().filter(|outcome| is_denied(outcome)) {
        *outcome = Outcome::NotDone(error.clone());
    }
}

/// Fails where the caller is no administrator any more, or cannot be asked.
pub(crate) async fn check_caller(sender: &Sender, portal: &Portal) -> Result<(), SideError> {
    let answers = sender.read_values(&[who()]).await?;
    check_who(answers.first().ok_or_else(|| unexpected("no answer to profile"))?, portal)
}

fn is_denied(outcome: &Outcome) -> bool {
    let (Outcome::Refused { words, .. } | Outcome::NotDone(SideError::Rejected { words, .. })) = outcome
    else {
        return false;
    };
    let words = words.to_lowercase();
    DENIALS.iter().any(|denial| words.contains(denial))
}
