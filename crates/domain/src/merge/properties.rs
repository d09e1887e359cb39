//! Properties of merging whole parties: few values, so that equal, changed, added and removed ones meet.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Merged, Terms, merge};
use crate::forms::email::read_emails;
use crate::forms::person_name::PersonName;
use crate::forms::phone::{PhoneContext, read_phones};
use crate::party::{Field, Organization, Party, Person, Point, UserId, Value};
use crate::plan::FieldChange;
use crate::record::{Catalog, Kind, Record, RecordId, Standing};
use crate::rules::{Capacity, Direction, Managers, Preference, Rules};

const NAMES: [&str; 5] = ["", "Иванов Пётр", "Иванов Петр Сергеевич", "Орлов Глеб", "иванов пётр"];
const TITLES: [&str; 5] =
    ["", "ООО «Ромашка»", "Ромашка ООО", "Общество с ограниченной ответственностью Лютик", "Мак"];
const INN: [&str; 5] = ["", "7701234560", "77 0123 4560", "5017002196", "нет"];
const KPP: [&str; 3] = ["", "770101001", "540143001"];
const OGRN: [&str; 3] = ["", "1027700123450", "1217700000100"];
const POSITIONS: [&str; 3] = ["", "директор", "бухгалтер"];
/// The last one has no counterpart on the other side.
const USERS: [[&str; 3]; 2] = [["12", "13", "99"], ["anna", "oleg", "stranger"]];

/// A party as positions in the tables above.
#[derive(Debug, Clone)]
struct Sketch {
    texts: [usize; 6],
    manager: Option<usize>,
    phones: Vec<u8>,
    emails: Vec<u8>,
    is_unreadable_there: bool,
}

fn sketches() -> impl Strategy<Value = Sketch> {
    let few = || {
        proptest::collection::btree_set(0_u8..4, 0..4)
            .prop_map(|set| set.into_iter().collect::<Vec<_>>())
            .prop_shuffle()
    };
    (proptest::array::uniform6(0_usize..5), proptest::option::of(0_usize..3), few(), few(), any::<bool>())
        .prop_map(|(texts, manager, phones, emails, is_unreadable_there)| Sketch {
            texts,
            manager,
            phones,
            emails,
            is_unreadable_there,
        })
}

/// Everything a merge depends on.
#[derive(Debug, Clone)]
struct Case {
    left: Record,
    right: Record,
    base: Option<Party>,
    rules: Rules,
    capacity: Capacity,
}

impl Case {
    fn merged(&self) -> Merged {
        let all = Capacity {
            phones: usize::MAX,
            emails: usize::MAX,
            lengths: BTreeMap::new(),
            sorts: BTreeMap::new(),
            ..self.capacity.clone()
        };
        let companies = BTreeMap::new();
        let terms = Terms { rules: &self.rules, left: &all, right: &self.capacity, companies: &companies };
        merge(&self.left, &self.right, self.base.as_ref(), terms)
    }

    /// Both sides as they are after the merge, and its agreed state as their base.
    fn after(&self, merged: &Merged) -> Self {
        let mut after = Self { base: Some(merged.agreed.clone()), ..self.clone() };
        write(&mut after.left, &merged.left);
        write(&mut after.right, &merged.right);
        after
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let kind = prop_oneof![Just(Kind::Contact), Just(Kind::Company)];
    let on_conflict = prop_oneof![Just(Preference::Ask), Just(Preference::Bitrix24), Just(Preference::Onec)];
    let direction =
        prop_oneof![Just(Direction::Both), Just(Direction::Bitrix24ToOnec), Just(Direction::OnecToBitrix24)];
    let room = (1_usize..4, 1_usize..4, proptest::option::of(4_usize..30));
    (kind, sketches(), sketches(), proptest::option::of(sketches()), on_conflict, direction, room).prop_map(
        |(kind, left, right, base, on_conflict, direction, (phones, emails, length))| {
            let mut managers = Managers::default();
            for (here, there) in USERS[0].iter().zip(USERS[1]).take(2) {
                managers.add(UserId((*here).to_owned()), UserId(there.to_owned()));
            }
            let fields =
                Field::merged(kind).iter().copied().filter(|field| *field != Field::Company).collect();
            let lengths = length.map(|length| (Field::Position, length)).into_iter().collect();
            Case {
                left: record(RecordId::bitrix24(kind, "1"), Catalog::Bitrix24, party(kind, &left, 0)),
                right: record(RecordId::onec(kind, "r"), Catalog::Counterparty, party(kind, &right, 1)),
                base: base.map(|base| party(kind, &Sketch { is_unreadable_there: false, ..base }, 0)),
                rules: Rules { on_conflict, direction, managers, ..Rules::default() },
                capacity: Capacity {
                    fields,
                    phones,
                    emails,
                    companies: 1,
                    lengths,
                    sorts: BTreeMap::new(),
                    mutual_id: true,
                },
            }
        },
    )
}

proptest! {
    #[test]
    fn merging_what_was_merged_changes_nothing(case in cases()) {
        let first = case.merged();
        let second = case.after(&first).merged();
        prop_assert!(second.is_settled(), "{first:?}\nthen {second:?}");
        prop_assert_eq!(first.conflicts, second.conflicts);
    }

    #[test]
    fn every_value_stands_on_a_side_or_goes_to_the_journal(case in cases()) {
        let merged = case.merged();
        let after = case.after(&merged);
        for (before, after, changes) in [(&case.left, &after.left, &merged.left), (&case.right, &after.right, &merged.right)] {
            for field in Field::merged(before.id.kind) {
                let journal: BTreeSet<String> =
                    changes.iter().filter(|change| change.field == *field).flat_map(|change| values(&change.before)).collect();
                let kept = values(&after.party.value(*field).unwrap());
                for value in values(&before.party.value(*field).unwrap()) {
                    prop_assert!(kept.contains(&value) || journal.contains(&value), "{field} lost {value}: {merged:?}");
                }
            }
        }
    }

    #[test]
    fn what_nobody_removed_stands_on_a_side(case in cases()) {
        let case = Case { rules: Rules { direction: Direction::Both, ..case.rules.clone() }, ..case };
        let merged = case.merged();
        let after = case.after(&merged);
        for field in [Field::Phone, Field::Email] {
            let of = |party: &Party| values(&party.value(field).unwrap());
            let agreed = case.base.as_ref().map(of).unwrap_or_default();
            let kept: BTreeSet<String> = of(&after.left.party).union(&of(&after.right.party)).cloned().collect();
            for value in of(&case.left.party).union(&of(&case.right.party)) {
                prop_assert!(agreed.contains(value) || kept.contains(value), "{field} lost {value}: {merged:?}");
            }
        }
    }

    #[test]
    fn values_do_not_multiply_and_the_unreadable_stays(case in cases()) {
        let merged = case.merged();
        let after = case.after(&merged);
        for (before, after) in [(&case.left, &after.left), (&case.right, &after.right)] {
            let texts = |record: &Record| -> Vec<String> {
                let unreadable = record.party.phones().iter().filter(|point| point.key.is_none());
                unreadable.map(|point| point.text.clone()).collect()
            };
            prop_assert_eq!(texts(before), texts(after));
            let keys: Vec<_> = after.party.phones().iter().filter_map(|point| point.key.as_ref()).collect();
            prop_assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len(), "{:?}", keys);
        }
    }

    #[test]
    fn a_side_that_leads_is_not_written_to(case in cases()) {
        let merged = case.merged();
        match case.rules.direction {
            Direction::Both => {}
            Direction::Bitrix24ToOnec => prop_assert!(merged.left.is_empty(), "{merged:?}"),
            Direction::OnecToBitrix24 => prop_assert!(merged.right.is_empty(), "{merged:?}"),
        }
    }
}

/// The single values in a value, as text.
fn values(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Phones(phones) => phones
            .iter()
            .map(|point| key_or_text(point.key.as_ref().map(|key| key.as_str()), &point.text))
            .collect(),
        Value::Emails(emails) => emails
            .iter()
            .map(|point| key_or_text(point.key.as_ref().map(|key| key.as_str()), &point.text))
            .collect(),
        other => Some(other.to_string()).filter(|text| !text.is_empty()).into_iter().collect(),
    }
}

fn key_or_text(key: Option<&str>, text: &str) -> String {
    key.unwrap_or(text).to_owned()
}

fn write(record: &mut Record, changes: &[FieldChange]) {
    for change in changes {
        assert_eq!(
            Some(&change.before),
            record.party.value(change.field).as_ref(),
            "what stood there before"
        );
        record.party.set(change.field, change.after.clone());
    }
}

fn party(kind: Kind, sketch: &Sketch, side: usize) -> Party {
    let [name, legal, inn, kpp, ogrn, position] = sketch.texts;
    let context = PhoneContext::new("RU", None).unwrap();
    let phones = sketch.phones.iter().map(|digit| format!("8 912 345-67-0{digit}"));
    let phones = phones.map(|text| Point::known(read_phones(&text, &context).remove(0).key, text));
    let unreadable = sketch.is_unreadable_there.then(|| Point::unreadable("12-34"));
    let phones = phones.chain(unreadable).collect();
    let emails = sketch.emails.iter().map(|digit| format!("A{digit}@firm.example"));
    let emails = emails.map(|text| Point::known(read_emails(&text).remove(0), text)).collect();
    let manager = sketch.manager.map(|user| UserId(USERS[side][user].to_owned()));
    match kind {
        Kind::Contact => Party::Person(Person {
            name: PersonName::from_whole(NAMES[name]),
            inn: INN[inn].to_owned(),
            phones,
            emails,
            position: POSITIONS[position % POSITIONS.len()].to_owned(),
            manager,
            ..Person::default()
        }),
        Kind::Company => Party::Organization(Organization {
            title: TITLES[name].to_owned(),
            legal_name: TITLES[legal].to_owned(),
            inn: INN[inn].to_owned(),
            kpp: KPP[kpp % KPP.len()].to_owned(),
            ogrn: OGRN[ogrn % OGRN.len()].to_owned(),
            phones,
            emails,
            manager,
            ..Organization::default()
        }),
    }
}

fn record(id: RecordId, catalog: Catalog, party: Party) -> Record {
    Record {
        id,
        catalog,
        version: "1".to_owned(),
        party,
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: BTreeSet::new(),
        attributes: BTreeMap::new(),
        brought: BTreeSet::new(),
    }
}
