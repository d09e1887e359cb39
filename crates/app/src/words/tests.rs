//! Both locales say the same things, and everything that is said exists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use obmen_domain::party::Field;
use obmen_domain::record::{Kind, Side};
use obmen_domain::stay::StayReason;
use obmen_engine::compare::Why;
use obmen_engine::store::DirtyReason;

use super::*;

#[test]
fn both_locales_are_well_formed_and_have_the_same_messages_and_remedies() {
    for (name, source) in [Lang::Ru.source(), Lang::En.source()] {
        let errors = FluentResource::try_new(source.to_owned()).err().map(|(_, errors)| errors);
        assert_eq!(errors, None, "{name}");
    }
    assert_eq!(messages(RU), messages(EN));
}

#[test]
fn no_message_stands_twice() {
    for source in [RU, EN] {
        let mut seen = BTreeSet::new();
        for line in source.lines().filter(|line| is_message(line)) {
            let id = line.split(' ').next().unwrap();
            assert!(seen.insert(id), "{id}");
        }
    }
}

#[test]
fn every_message_that_the_sources_name_exists() {
    let known = messages(EN);
    let mut named = BTreeMap::new();
    for folder in ["src", "../bitrix24/src", "../onec/src", "../engine/src"] {
        for (id, file) in named_messages(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) {
            named.insert(id, file);
        }
    }
    assert!(named.len() > 100, "the sources were found: {}", named.len());
    let unknown: Vec<_> = named.iter().filter(|(id, _)| !known.contains_key(*id)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn messages_whose_names_are_put_together_exist() {
    let kinds = Kind::ALL.map(Kind::word);
    let mut ids: Vec<String> = kinds.iter().map(|kind| format!("name-{kind}")).collect();
    for side in [Side::Bitrix24, Side::Onec] {
        ids.extend(kinds.iter().map(|kind| format!("name-{}-{kind}", side.word())));
    }
    ids.extend([Side::Bitrix24, Side::Onec].map(|side| format!("review-of-{}", side.word())));
    for kind in ["match", "twins", "conflict", "refused", "deletion"] {
        ids.push(format!("review-{kind}"));
    }
    for reason in [
        DirtyReason::Swept,
        DirtyReason::Signal,
        DirtyReason::WaitsForCompany,
        DirtyReason::Retry,
        DirtyReason::Settled,
        DirtyReason::Related,
    ] {
        ids.push(format!("dirty-{}", serde_json::to_value(reason).unwrap().as_str().unwrap()));
    }
    for kind in Kind::ALL {
        let fields = Field::merged(kind).iter().chain([&Field::MutualId]);
        ids.extend(fields.map(|field| format!("field-{}", field.word())));
    }
    ids.extend(Why::WORDS.map(|word| format!("diff-{word}")));
    ids.extend(StayReason::ALL.map(|reason| format!("stay-{}", reason.word())));
    let known = messages(EN);
    assert_eq!(ids.iter().find(|id| !known.contains_key(*id)), None);
}

#[test]
fn every_complaint_about_a_configuration_or_a_side_has_a_remedy() {
    for (id, has_remedy) in messages(EN) {
        let needs = id.starts_with("config-") || id.starts_with("side-");
        assert!(has_remedy || !needs || id == "config-here" || id == "side-name", "{id}");
    }
}

#[test]
fn russian_plurals_agree_with_their_numbers() {
    let words = Words::new(Lang::Ru);
    let say = |count: u64| words.say_with("check-with-problems", &[("count", count.into())]);
    assert_eq!(say(1), "Обмен невозможен: 1 проблема.");
    assert_eq!(say(3), "Обмен невозможен: 3 проблемы.");
    assert_eq!(say(11), "Обмен невозможен: 11 проблем.");
    assert_eq!(say(21), "Обмен невозможен: 21 проблема.");
}

#[test]
fn long_numbers_are_written_in_groups() {
    let words = [Lang::Ru, Lang::En].map(Words::new);
    let say = |number: usize| words.each_ref().map(|words| words.number(number));
    assert_eq!(say(9999), ["9999", "9999"]);
    assert_eq!(say(12_000), ["12\u{a0}000", "12,000"]);
    assert_eq!(say(1_234_567), ["1\u{a0}234\u{a0}567", "1,234,567"]);
    let more = words.each_ref().map(|words| words.say_with("plan-more", &[("count", 12_000_usize.into())]));
    assert_eq!(more, ["… и ещё 12\u{a0}000", "… and 12,000 more"]);
}

#[test]
fn values_stand_in_a_sentence_without_invisible_marks() {
    let words = Words::new(Lang::En);
    assert_eq!(words.say_with("check-title", &[("pair", "main".into())]), "Pair \"main\"");
    assert_eq!(words.say("no-such-message"), "no-such-message");
}

/// Messages of a locale, and whether each has a remedy.
fn messages(source: &str) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    let mut last = String::new();
    for line in source.lines() {
        if is_message(line) {
            last = line.split(' ').next().unwrap().to_owned();
            found.insert(last.clone(), false);
        } else if line.trim_start().starts_with(".remedy =") {
            found.insert(last.clone(), true);
        }
    }
    found
}

fn is_message(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(" =")
}

/// Texts in the sources of a folder that begin like a message's name.
fn named_messages(folder: &Path) -> Vec<(String, PathBuf)> {
    const FAMILIES: [&str; 36] = [
        "backup-",
        "beside-",
        "change-",
        "check-",
        "config-",
        "decided-",
        "decision-",
        "demo-",
        "diff-",
        "event-",
        "evidence-",
        "fewer-",
        "field-",
        "journal-",
        "letters-",
        "linked-",
        "name-",
        "outlook-",
        "page-",
        "place-",
        "plan-",
        "reason-",
        "report-",
        "retry-",
        "review-",
        "ruling-",
        "serve-",
        "setup-",
        "side-",
        "sim-",
        "stage-",
        "standing-",
        "status-",
        "store-",
        "undo-",
        "withheld-",
    ];
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for path in entries.filter(|path| !path.ends_with("tests.rs") && !path.ends_with("made.rs")) {
        if path.is_dir() {
            found.extend(named_messages(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let production = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for word in production.split('"').skip(1) {
                let is_id = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
                let complete = !word.ends_with('-');
                if is_id && complete && FAMILIES.iter().any(|family| word.starts_with(family)) {
                    found.push((word.to_owned(), path.clone()));
                }
            }
        }
    }
    found
}
