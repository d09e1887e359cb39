//! What the live exchange came to: figures of people and writes, both sides compared, and whether that is well.
//!
//! Not responsible for comparing. A difference that is listed has a reason: a case that waits for a person, a record that a
//! rule leaves out, a write that was refused.

use std::collections::BTreeMap;

use obmen_engine::compare::{Difference, Why};
use serde::Serialize;
use serde_json::Value;

use super::board::{Figures, Lags};
use super::live::Lived;
use super::worlds::Worlds;
use crate::context::Context;
use crate::failure::Failure;
use crate::report::figures_table;

const MAILBOX: &str = "АдресЭлектроннойПочты";

/// So many of the differences without a reason are shown.
const SHOWN: usize = 10;

/// What `demo --json` prints under `live`.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    #[serde(flatten)]
    figures: Figures,
    /// Calls that changed something, as both systems counted them.
    calls_bitrix24: u64,
    calls_onec: u64,
    /// Writes that became necessary only by the full reading at the end.
    found_late: u64,
    /// Records that hold the mailbox of another one of the same catalog.
    twins: u64,
    /// Linked pairs that are the same on both sides.
    equal: u64,
    /// Differences that have a reason, by it.
    listed: BTreeMap<&'static str, u64>,
    /// Differences without one.
    unexplained: u64,
    #[serde(skip)]
    first_unexplained: Vec<String>,
}

impl Summary {
    /// Compares both sides; `twins_before` were there when people began.
    pub(super) async fn of(lived: Lived, worlds: &Worlds, twins_before: u64) -> Result<Self, Failure> {
        let Lived { figures, calls: [calls_bitrix24, calls_onec], found_late, engine } = lived;
        let mut first_unexplained = Vec::new();
        let mut told = |difference: &Difference| {
            if !has_reason(&difference.why) && first_unexplained.len() < SHOWN {
                first_unexplained.push(format!("{difference:?}"));
            }
        };
        let mut found = engine.compare(&mut told).await?;
        let reasonless = [Why::Unexplained, Why::Due, Why::Unsettled];
        let unexplained = reasonless.iter().filter_map(|why| found.differences.remove(why.word())).sum();
        let twins = twins(worlds).saturating_sub(twins_before);
        Ok(Self {
            figures,
            calls_bitrix24,
            calls_onec,
            found_late,
            twins,
            equal: found.equal,
            listed: found.differences,
            unexplained,
            first_unexplained,
        })
    }

    /// Whether nobody came twice and every difference has a reason.
    pub(super) fn is_well(&self) -> bool {
        self.twins == 0 && self.unexplained == 0
    }

    pub(super) fn show(&self, context: &Context) {
        let words = &context.words;
        let lags = |lags: Lags| {
            let args = [
                ("count", lags.count.into()),
                ("median", format!("{:.1}", lags.median).into()),
                ("worst", format!("{:.1}", lags.p99).into()),
            ];
            words.say_with("demo-lags", &args)
        };
        let listed: u64 = self.listed.values().sum();
        let rows = [
            ("demo-changes", self.figures.changes.to_string()),
            ("demo-created", self.figures.created.to_string()),
            ("demo-updated", self.figures.updated.to_string()),
            ("demo-ids", self.figures.ids_written_back.to_string()),
            ("demo-calls-bitrix24", self.calls_bitrix24.to_string()),
            ("demo-calls-onec", self.calls_onec.to_string()),
            ("demo-into-onec", lags(self.figures.into_onec)),
            ("demo-into-bitrix24", lags(self.figures.into_bitrix24)),
            ("demo-found-late", self.found_late.to_string()),
            ("demo-equal", self.equal.to_string()),
            ("demo-listed", listed.to_string()),
            ("demo-unexplained", self.unexplained.to_string()),
            ("demo-twins-made", self.twins.to_string()),
        ];
        let rows: Vec<_> = rows.into_iter().map(|(id, value)| (words.say(id), value)).collect();
        context.print(&figures_table(&words.say("demo-lived"), &rows));
        for difference in &self.first_unexplained {
            context.print(difference);
        }
    }
}

/// How many records hold a mailbox that another one of their catalog holds; a contact person may be one of several firms.
pub(super) fn twins(worlds: &Worlds) -> u64 {
    let (portal, infobase) = worlds.dump();
    twins_of(&portal, &infobase)
}

fn twins_of(portal: &Value, infobase: &Value) -> u64 {
    let mut holders: BTreeMap<String, u64> = BTreeMap::new();
    let mut note = |catalog: &str, mailbox: &Value| {
        if let Some(mailbox) = mailbox.as_str().filter(|mailbox| !mailbox.is_empty()) {
            *holders.entry(format!("{catalog} {}", mailbox.to_lowercase())).or_default() += 1;
        }
    };
    for set in ["contacts", "companies"] {
        for row in rows(&portal[set]).flat_map(|card| rows(&card["EMAIL"])) {
            note(set, &row["VALUE"]);
        }
    }
    for set in ["Catalog_Контрагенты", "Catalog_КонтактныеЛица"] {
        let objects = rows(&infobase["objects"][set]).filter(|object| object["DeletionMark"] != true);
        for object in objects {
            let of_firm = format!("{set} {}", object["ОбъектВладелец"].as_str().unwrap_or_default());
            let contacts = rows(&object["КонтактнаяИнформация"]).filter(|row| row["Тип"] == MAILBOX);
            contacts.for_each(|row| note(&of_firm, &row["Представление"]));
        }
    }
    holders.into_values().map(|count| count - 1).sum()
}

/// Everything is at rest: what is still on its way has no reason to be.
fn has_reason(why: &Why) -> bool {
    !matches!(why, Why::Unexplained | Why::Due | Why::Unsettled)
}

fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_ends_well_only_where_nobody_came_twice_and_every_difference_has_a_reason() {
        let lags = Lags::default();
        let summary = |twins, unexplained| Summary {
            figures: Figures {
                changes: 0,
                created: 0,
                updated: 0,
                ids_written_back: 0,
                into_bitrix24: lags,
                into_onec: lags,
            },
            calls_bitrix24: 0,
            calls_onec: 0,
            found_late: 0,
            twins,
            equal: 0,
            listed: BTreeMap::from([("review", 3)]),
            unexplained,
            first_unexplained: Vec::new(),
        };
        assert!(summary(0, 0).is_well());
        assert!(!summary(1, 0).is_well() && !summary(0, 1).is_well());
    }

    #[test]
    fn a_mailbox_is_held_by_one_record_of_a_catalog_and_by_one_person_of_each_firm() {
        let card = |mailbox: &str| json!({"EMAIL": [{"VALUE": mailbox}]});
        let person = |firm: &str, is_marked: bool| {
            let contacts = json!([{"Тип": MAILBOX, "Представление": "a@firm.example"}]);
            json!({"ОбъектВладелец": firm, "DeletionMark": is_marked, "КонтактнаяИнформация": contacts})
        };
        let portal = json!({"contacts": [card("a@firm.example"), card("b@firm.example")], "companies": [card("a@firm.example")]});
        let people = [person("1", false), person("2", false), person("1", true)];
        let infobase = json!({"objects": {"Catalog_КонтактныеЛица": people}});
        assert_eq!(twins_of(&portal, &infobase), 0);
        let portal = json!({"contacts": [card("a@firm.example"), card("A@firm.example")]});
        let people = [person("1", false), person("1", false), person("1", false)];
        let infobase = json!({"objects": {"Catalog_КонтактныеЛица": people}});
        assert_eq!(twins_of(&portal, &infobase), 3);
    }
}
