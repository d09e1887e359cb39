//! A batch that was refused as a whole is sent again in halves, then singly, until whoever is to blame stands alone.
//!
//! Only what certainly had no effect is sent again. Not responsible for what becomes of the culprit. Invariant: a side
//! that refuses everything is not asked about every single record.

use obmen_domain::record::{RecordId, Side};

use super::patience::Written;
use crate::ports::{Outcome, SideError, Write};
use crate::store::IntentAction;
use crate::sync::{Engine, EngineError};

/// When so many records were refused alone and none was taken, the side is the matter and not the records.
const ENOUGH: usize = 8;

impl Engine {
    /// As [`Engine::write_patiently`], with a batch that is refused as a whole divided.
    pub(super) async fn write_apart(
        &self,
        side: Side,
        intents: &[(RecordId, IntentAction)],
        writes: &[Write],
    ) -> Result<Option<Written>, EngineError> {
        let Some(mut written) = self.write_patiently(side, intents.to_vec(), writes.to_vec()).await? else {
            return Ok(None);
        };
        let (mut refused_alone, mut taken) = (0, false);
        let mut portions = vec![];
        divide((0..writes.len()).collect(), &written.outcomes, &mut portions, &mut refused_alone, &mut taken);
        while let Some(portion) = portions.pop() {
            if written.stopped.is_some() || (!taken && refused_alone >= ENOUGH) {
                written.stop_before(&portion, side);
                continue;
            }
            let intents = portion.iter().map(|at| intents[*at].clone()).collect();
            let part = portion.iter().map(|at| writes[*at].clone()).collect();
            let Some(part) = self.write_patiently(side, intents, part).await? else {
                let now = self.clock.now();
                let moved = Outcome::NotDone(SideError::LimitReached { side, until: now });
                portion.iter().for_each(|at| written.outcomes[*at] = moved.clone());
                continue;
            };
            for (at, outcome) in portion.iter().zip(part.outcomes) {
                written.outcomes[*at] = outcome;
            }
            written.stopped = part.stopped;
            divide(portion, &written.outcomes, &mut portions, &mut refused_alone, &mut taken);
        }
        Ok(Some(written))
    }
}

/// Halves of those that were refused with others; the first half is the next one.
fn divide(
    portion: Vec<usize>,
    outcomes: &[Outcome],
    portions: &mut Vec<Vec<usize>>,
    refused_alone: &mut usize,
    taken: &mut bool,
) {
    let size = portion.len();
    let refused: Vec<usize> = portion.into_iter().filter(|at| is_rejected(&outcomes[*at])).collect();
    *taken |= refused.len() < size;
    if size == 1 {
        *refused_alone += refused.len();
        return;
    }
    let (first, second) = refused.split_at(refused.len().div_ceil(2));
    portions.extend([second, first].into_iter().filter(|half| !half.is_empty()).map(<[usize]>::to_vec));
}

fn is_rejected(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::NotDone(SideError::Rejected { .. }))
}

impl Written {
    /// The side refuses whatever it is sent: these were not tried one by one, and are not to blame.
    fn stop_before(&mut self, portion: &[usize], side: Side) {
        for at in portion {
            if let Outcome::NotDone(error) = &self.outcomes[*at]
                && self.stopped.is_none()
            {
                self.stopped = Some(error.clone());
            }
            let words = "whatever was sent was refused".to_owned();
            self.outcomes[*at] = Outcome::NotDone(SideError::Unavailable { side, words });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_refused_with_others_are_divided_and_one_refused_alone_is_counted() {
        let rejected = || {
            let words = "…".to_owned();
            Outcome::NotDone(SideError::Rejected { side: Side::Bitrix24, words })
        };
        let divided = |portion: Vec<usize>, outcomes: &[Outcome]| {
            let (mut portions, mut refused_alone, mut taken) = (Vec::new(), 0, false);
            divide(portion, outcomes, &mut portions, &mut refused_alone, &mut taken);
            (portions, refused_alone, taken)
        };
        let all = vec![rejected(); 5];
        assert_eq!(divided(vec![0, 1, 2, 3, 4], &all), (vec![vec![3, 4], vec![0, 1, 2]], 0, false));
        let one = [rejected(), Outcome::Unknown, Outcome::Missing];
        assert_eq!(divided(vec![0, 1, 2], &one), (vec![vec![0]], 0, true));
        assert_eq!(divided(vec![0], &one), (Vec::new(), 1, false));
        assert_eq!(divided(vec![1], &one), (Vec::new(), 0, true));
    }
}
