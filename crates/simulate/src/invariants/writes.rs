//! 5, stated as a bound: a party's records are written no more often than people gave cause to, and ids are written back no
//! more often than there are links.
//!
//! Whatever a person does to a record is one change of its partner at most; a decision may give both records back what they had.

use super::{Case, Violation};

/// So many records a decision may change.
const BOTH: u64 = 2;

pub(super) fn check(case: &Case<'_>, violations: &mut Vec<Violation>) {
    let truth = &case.session.truth;
    if truth.noted > BOTH * truth.linked {
        let words = format!("{} ids were written back for {} links", truth.noted, truth.linked);
        violations.push(Violation { invariant: 5, words });
    }
    for (party, written) in &truth.written {
        let acts = truth.touches.iter().filter(|(_, who)| who == party).count() as u64;
        let decided = truth.decided.get(party).copied().unwrap_or_default();
        let causes = acts + BOTH * decided;
        if *written > causes {
            let words = format!("records of party {party} were written {written} times for {causes} causes");
            violations.push(Violation { invariant: 5, words });
        }
    }
}
