//! 1: no second record on either side for one party by our doing.
//!
//! What people enter twice is allowed as it is. So is a copy made while somebody entered the same party by hand, after
//! the run had looked for it: no interface closes that gap.

use obmen_domain::record::{RecordId, Side};

use super::{Case, Violation};
use crate::snapshot::Entry;

pub(super) fn check(case: &Case<'_>, violations: &mut Vec<Violation>) {
    let truth = &case.session.truth;
    let mut wrong = |words: String| violations.push(Violation { invariant: 1, words });
    for entry in &case.snapshot.entries {
        if entry.parties.len() > 1 {
            wrong(format!("{} mixes the values of parties {:?}", entry.id, entry.parties));
        }
        if entry.parties.is_empty() {
            wrong(format!("{} «{}» is nobody's", entry.id, entry.name));
        }
    }
    for party in 0..truth.cast.len() {
        for side in [Side::Bitrix24, Side::Onec] {
            let here: Vec<&Entry> = case.snapshot.of(party, side).collect();
            let ours: Vec<&&Entry> = here.iter().filter(|entry| !truth.made_by_people(&entry.id)).collect();
            // Whoever was deleted meanwhile counts too: nobody who was deleted comes back.
            let unheard_of = truth.births.iter().filter(|(id, birth)| {
                birth.by_us && birth.party == Some(party) && id.side == side && is_unheard_of(case, id)
            });
            let made = truth.made(party, side, true) - unheard_of.count();
            let sources = truth.made(party, side.other(), false);
            if made > sources {
                let ids: Vec<String> = ours.iter().map(|entry| entry.id.to_string()).collect();
                wrong(format!(
                    "party {party}: {made} made by us from {sources} record(s), of them there are {ids:?}"
                ));
            }
            for copy in ours {
                if let Some(original) = beside(case, party, copy, &here) {
                    wrong(format!("party {party}: {} made by us beside {}", copy.id, original.id));
                }
            }
        }
    }
}

/// Whether people deleted a copy before the product had read it: neither the reply to its create nor a list had told of it
/// when a process last wrote anything down.
fn is_unheard_of(case: &Case<'_>, id: &RecordId) -> bool {
    case.snapshot.find(id).is_none() && !case.session.truth.known.contains(id)
}

/// A record made by people that the run which made this copy could have found.
fn beside<'a>(case: &Case<'_>, party: usize, copy: &Entry, here: &[&'a Entry]) -> Option<&'a Entry> {
    let truth = &case.session.truth;
    let known = truth.births.get(&copy.id)?.acts;
    if truth.disturbed.contains(&party) || truth.touched_after(party, known) {
        return None;
    }
    here.iter()
        .copied()
        .find(|entry| truth.births.get(&entry.id).is_some_and(|birth| !birth.by_us && birth.acts <= known))
}
