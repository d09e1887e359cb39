//! Compares what a sync left behind with the truth of the generator.
//!
//! A link is a portal record whose user field holds a 1C reference. Not responsible for reviews: a pair left to a
//! person counts as not linked.

use std::collections::{BTreeMap, BTreeSet};

use obmen_sim::population::{Kind, Truth};
use serde::Serialize;
use serde_json::Value;

/// The figures.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Score {
    /// Parties known to both bases.
    pub(super) pairs: u64,
    /// Of these, linked rightly.
    pub(super) right: u64,
    /// Links between different parties, and links to nothing.
    pub(super) wrong: u64,
    /// Parties of both bases without a link.
    pub(super) missed: u64,
    /// Copies of parties that were on the other side already.
    pub(super) twins: u64,
}

/// A party of the truth, by its number.
#[derive(Debug, Clone, Copy)]
struct Known {
    party: usize,
    in_both: bool,
}

impl Score {
    /// Compares the truth with the dumps of both systems.
    pub(super) fn of(truth: &Truth, portal: &Value, infobase: &Value) -> Self {
        let (left, right) = index(truth);
        let present = references(infobase);
        let mut score = Self { pairs: truth.pairs.len() as u64, ..Self::default() };
        let mut twins = BTreeSet::new();
        for (kind, id, reference) in links(portal) {
            match (left.get(&(kind, id)), right.get(&reference)) {
                (Some(ours), Some(theirs)) if ours.party == theirs.party => {
                    score.right += u64::from(ours.in_both)
                }
                (Some(_), Some(_)) => score.wrong += 1,
                _ if !present.contains(&reference) => score.wrong += 1,
                (Some(known), None) | (None, Some(known)) if known.in_both => {
                    twins.insert(known.party);
                }
                _ => {}
            }
        }
        score.twins = twins.len() as u64;
        score.missed = score.pairs.saturating_sub(score.right);
        score
    }
}

type ById = BTreeMap<(Kind, String), Known>;
type ByReference = BTreeMap<String, Known>;

fn index(truth: &Truth) -> (ById, ByReference) {
    let mut left = ById::new();
    let mut right = ByReference::new();
    let mut party = 0;
    for pair in &truth.pairs {
        party += 1;
        let known = Known { party, in_both: true };
        left.insert((pair.kind, pair.bitrix24.clone()), known);
        for object in pair.facets.iter().chain([&pair.onec]) {
            right.insert(object.reference.to_lowercase(), known);
        }
    }
    for only in &truth.only_bitrix24 {
        party += 1;
        left.insert((only.kind, only.id.clone()), Known { party, in_both: false });
    }
    for only in &truth.only_onec {
        party += 1;
        for object in only.facets.iter().chain([&only.onec]) {
            right.insert(object.reference.to_lowercase(), Known { party, in_both: false });
        }
    }
    for marked in &truth.marked {
        party += 1;
        let known = Known { party, in_both: false };
        if let Some(id) = &marked.bitrix24 {
            left.insert((marked.kind, id.clone()), known);
        }
        right.insert(marked.onec.reference.to_lowercase(), known);
    }
    (left, right)
}

fn links(portal: &Value) -> Vec<(Kind, String, String)> {
    let mut links = Vec::new();
    for (list, kind, field) in [
        ("contacts", Kind::Person, "UF_CRM_1C_CONTACT_ID"),
        ("companies", Kind::Organization, "UF_CRM_1C_COMPANY_ID"),
    ] {
        for record in portal[list].as_array().into_iter().flatten() {
            let reference = record[field].as_str().unwrap_or_default().to_lowercase();
            if !reference.is_empty() {
                let id = record["ID"].as_str().map_or_else(|| record["ID"].to_string(), str::to_owned);
                links.push((kind, id, reference));
            }
        }
    }
    links
}

fn references(infobase: &Value) -> BTreeSet<String> {
    let sets = infobase["objects"].as_object().into_iter().flat_map(|sets| sets.values());
    let objects = sets.filter_map(Value::as_array).flatten();
    objects.filter_map(|object| object["Ref_Key"].as_str()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use obmen_sim::population::{OnecObject, OnlyBitrix24, Pair, Strength};
    use serde_json::json;

    use super::*;

    #[test]
    fn right_and_wrong_links_copies_and_dangling_links_are_told_apart() {
        let infobase = json!({"objects": {"Catalog_Контрагенты": [
            {"Ref_Key": "A"}, {"Ref_Key": "B"}, {"Ref_Key": "C"}, {"Ref_Key": "NEW"}, {"Ref_Key": "NEW2"}]}});
        let cases = [
            ("a link to the other half", "1", "A", Score { right: 1, missed: 2, ..empty() }),
            ("a link to somebody else", "1", "B", Score { wrong: 1, missed: 3, ..empty() }),
            ("a copy of what was there", "1", "NEW", Score { twins: 1, missed: 3, ..empty() }),
            ("a copy of what was missing", "4", "NEW2", Score { missed: 3, ..empty() }),
            (
                "a copy made in the portal of what was there",
                "99",
                "C",
                Score { twins: 1, missed: 3, ..empty() },
            ),
            ("a link to nothing", "4", "GONE", Score { wrong: 1, missed: 3, ..empty() }),
        ];
        for (case, id, reference, expected) in cases {
            let portal = json!({"contacts": [{"ID": id, "UF_CRM_1C_CONTACT_ID": reference}]});
            assert_eq!(Score::of(&truth(), &portal, &infobase), expected, "{case}");
        }
    }

    fn empty() -> Score {
        Score { pairs: 3, ..Score::default() }
    }

    fn truth() -> Truth {
        let object = |reference: &str| OnecObject {
            entity: "Catalog_Контрагенты".to_owned(),
            reference: reference.to_owned(),
        };
        let pair = |id: &str, reference: &str| Pair {
            kind: Kind::Person,
            bitrix24: id.to_owned(),
            onec: object(reference),
            facets: Vec::new(),
            strength: Strength::Sure,
        };
        Truth {
            pairs: vec![pair("1", "A"), pair("2", "B"), pair("3", "C")],
            only_bitrix24: vec![OnlyBitrix24 { kind: Kind::Person, id: "4".to_owned() }],
            ..Truth::default()
        }
    }
}
