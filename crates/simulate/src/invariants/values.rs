//! 9: no value that people entered is lost, unless nobody could see it: no interface keeps a write under way from
//! replacing what was entered since it was read; a 1C that ignores `If-Match` does not show what was replaced, and a
//! portal's answer that does may be lost. 10: no value stands twice in a record.

use std::collections::BTreeSet;

use super::{Case, Violation};

pub(super) fn check(case: &Case<'_>, violations: &mut Vec<Violation>) {
    for entry in &case.snapshot.entries {
        let sources = case.links.iter().find(|link| link.bitrix24 == entry.id || link.onec == entry.id);
        let both = sources.map(|link| [&link.bitrix24, &link.onec]).unwrap_or([&entry.id, &entry.id]);
        if both.iter().any(|id| case.session.truth.merged.contains(*id)) {
            continue;
        }
        for keys in [entry.phone_keys(), entry.email_keys()] {
            let distinct: BTreeSet<&String> = keys.iter().collect();
            if distinct.len() < keys.len() {
                let words = format!("{} holds a value twice: {keys:?}", entry.id);
                violations.push(Violation { invariant: 10, words });
            }
        }
    }
    let truth = &case.session.truth;
    let held: BTreeSet<String> = case.snapshot.entries.iter().flat_map(|entry| entry.values()).collect();
    let unseen = case.session.desk.table().unseen.clone();
    let explained = |value: &String| truth.removed.contains(value) || unseen.contains(value);
    let missing: Vec<&String> =
        truth.entered.iter().filter(|value| !explained(value) && !held.contains(*value)).collect();
    if missing.is_empty() {
        return;
    }
    let journal = case.journal().to_lowercase();
    for value in missing {
        let bare = value.split_once(' ').map_or(value.as_str(), |(_, bare)| bare);
        if !journal.contains(bare) {
            let words = format!("{value} is on no side and not in the journal");
            violations.push(Violation { invariant: 9, words });
        }
    }
}
