//! 5, stated as a bound: a party's records are written no more often than people gave cause to, and ids are written back no
//! more often than there are links.
//!
//! Whatever a person does to a record is one change of its partner at most. Where a value is taken out of a contact person of 1C there
//! is room for another one, a decision may give both records back what they had, and what was cut off may take one more write to be
//! finished.

use super::{Case, Violation};

/// So many records a decision may change.
const BOTH: u64 = 2;

pub(super) fn check(case: &Case<'_>, violations: &mut Vec<Violation>) {
    let truth = &case.session.truth;
    // Both ids, and the company of a person; what people join and part is carried over.
    if truth.noted > (BOTH + 1) * truth.linked + truth.touches.len() as u64 {
        let words =
            format!("ids and companies were written {} times for {} links", truth.noted, truth.linked);
        violations.push(Violation { invariant: 5, words });
    }
    let mut needless = Vec::new();
    for (party, written) in &truth.written {
        let acts = truth.touches.iter().filter(|(_, who)| who == party).count() as u64;
        let decided = truth.decided.get(party).copied().unwrap_or_default();
        let causes = acts + truth.taken_out.get(party).copied().unwrap_or_default() + BOTH * decided;
        if *written > causes {
            needless.push((written - causes, format!("party {party}: {written} times for {causes} causes")));
        }
    }
    if needless.iter().map(|(count, _)| count).sum::<u64>() > truth.cut_off {
        let words: Vec<String> = needless.into_iter().map(|(_, words)| words).collect();
        let words = format!("records were written more often than was called for: {}", words.join(", "));
        violations.push(Violation { invariant: 5, words });
    }
}
