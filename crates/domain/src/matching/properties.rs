//! Properties of matching over neighbourhoods made to clash: few names, few keys, twins, facets, links and rulings.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::obvious::{ByKeys, Decided, Obvious};
use super::{Decision, Neighbourhood, decide};
use crate::brought::{recall, recall_copy};
use crate::forms::email::read_emails;
use crate::forms::person_name::PersonName;
use crate::forms::phone::{PhoneContext, read_phones};
use crate::forms::tax::Inn;
use crate::key::{Stretch, keys_of_record};
use crate::party::{Field, Organization, Party, Person, Point, Value};
use crate::plan::{ChangeReason, FieldChange};
use crate::record::{Catalog, Kind, Record, RecordId, Side, Standing};
use crate::ruling::{Ruled, Ruling};

const NAMES: [&str; 9] = [
    "Иванов Пётр Сергеевич",
    "Иванов Петр",
    "Иванов П. С.",
    "Иванова Анна Павловна",
    "Петрова Анна Павловна",
    "Иванов Павел Семёнович",
    "Анна",
    "",
    "Ивонков Пётр Сергеевич",
];
const TITLES: [&str; 6] =
    ["ООО Ромашка", "Ромашка ООО", "Ромашка", "АО Лютик", "ООО Ромашка НЕ РАБОТАТЬ", ""];
const PEOPLES_INN: [&str; 5] = ["", "", "501700219097", "770123456703", "501700219090"];
const FIRMS_INN: [&str; 5] = ["", "", "7701234560", "5017002196", "7701234561"];
const KPP: [&str; 4] = ["", "770101001", "540143001", "770201001"];

/// A record before it has an id: the values that matching looks at.
#[derive(Debug, Clone)]
struct Sketch {
    side: Side,
    catalog: u8,
    name: usize,
    inn: usize,
    kpp: usize,
    phones: BTreeSet<u8>,
    emails: BTreeSet<u8>,
    is_marked: bool,
}

fn sketches() -> impl Strategy<Value = Vec<Sketch>> {
    let few = || proptest::collection::btree_set(0_u8..4, 0..3);
    let sketch = (any::<bool>(), 0_u8..3, 0..NAMES.len(), 0_usize..5, 0..KPP.len(), few(), few(), 0_u8..12);
    let sketch = sketch.prop_map(|(is_left, catalog, name, inn, kpp, phones, emails, mark)| {
        let side = if is_left { Side::Bitrix24 } else { Side::Onec };
        Sketch { side, catalog, name, inn, kpp, phones, emails, is_marked: mark == 0 }
    });
    proptest::collection::vec(sketch, 1..7)
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Contact), Just(Kind::Company)]
}

proptest! {
    /// Ids are all that orders the records of a neighbourhood, so new ids are another order.
    #[test]
    fn another_order_gives_the_same_links_and_questions(
        (kind, sketches, order) in (kinds(), sketches()).prop_flat_map(|(kind, sketches)| {
            let places: Vec<usize> = (0..sketches.len()).collect();
            (Just(kind), Just(sketches), Just(places).prop_shuffle())
        }),
    ) {
        let mut sketches = sketches;
        // Of two marked ones that fit, either may be named in the question.
        sketches.iter_mut().skip(1).for_each(|sketch| sketch.is_marked = false);
        let straight: Vec<usize> = (0..sketches.len()).collect();
        let outcome = |places: &[usize]| outcome(&neighbourhood(kind, &sketches, places), kind, &sketches, places);
        prop_assert_eq!(outcome(&straight), outcome(&order));
    }

    #[test]
    fn nobody_is_linked_twice_nor_against_tax_numbers_marks_and_rulings(
        kind in kinds(),
        sketches in sketches(),
        rulings in proptest::collection::vec((0_usize..7, 0_usize..7, 0_u8..3), 0..3),
        link in proptest::option::of((0_usize..7, 0_usize..7)),
    ) {
        let places: Vec<usize> = (0..sketches.len()).collect();
        let mut around = neighbourhood(kind, &sketches, &places);
        let ids: Vec<RecordId> = sketches.iter().zip(&places).map(|(sketch, place)| id(kind, sketch, *place)).collect();
        let pick = |a: usize, b: usize| Some((ids.get(a)?.clone(), ids.get(b)?.clone())).filter(|(a, b)| a != b);
        for (a, b, ruling) in rulings {
            let ruling = [Ruling::Same, Ruling::Apart, Ruling::Ended][usize::from(ruling)];
            if let Some((a, b)) = pick(a, b) {
                around.rulings.insert(Ruled::new(a, b, ruling));
            }
        }
        let pair = link.and_then(|(a, b)| pick(a, b));
        around.links.extend(pair.filter(|(a, b)| a.side == Side::Bitrix24 && b.side == Side::Onec));
        let decisions = decide(&around);
        let linked: BTreeSet<&RecordId> = around.links.iter().flat_map(|(left, right)| [left, right]).collect();
        // The link of a marked record may go on in another one.
        let lives = |id: &RecordId| around.records[id].standing != Standing::Marked;
        let living = around.links.iter().filter(|(left, right)| lives(left) && lives(right));
        let mut taken: BTreeSet<&RecordId> = living.flat_map(|(left, right)| [left, right]).collect();
        for decision in &decisions {
            let Decision::Link { bitrix24, onec, .. } = decision else { continue };
            prop_assert!(taken.insert(bitrix24) && taken.insert(onec), "linked twice: {decisions:?}");
            let (left, right) = (&around.records[bitrix24], &around.records[onec]);
            prop_assert!(left.standing == Standing::TakesPart && right.standing == Standing::TakesPart);
            prop_assert!(!around.rulings.part(bitrix24, onec));
            if around.rulings.of(bitrix24, onec).is_none()
                && let (Some(x), Some(y)) = (Inn::parse(left.party.inn()), Inn::parse(right.party.inn()))
            {
                prop_assert_eq!(x, y);
            }
        }
        for decision in &decisions {
            let Decision::New { source } = decision else { continue };
            prop_assert!(!taken.contains(source) && !linked.contains(source), "new, though it has a partner: {decisions:?}");
        }
    }

    #[test]
    fn what_was_linked_is_not_linked_or_created_again(kind in kinds(), sketches in sketches()) {
        let places: Vec<usize> = (0..sketches.len()).collect();
        let mut around = neighbourhood(kind, &sketches, &places);
        let first = decide(&around);
        for decision in &first {
            if let Decision::Link { bitrix24, onec, .. } = decision {
                around.links.insert((bitrix24.clone(), onec.clone()));
            }
        }
        let linked: BTreeSet<&RecordId> = around.links.iter().flat_map(|(left, right)| [left, right]).collect();
        for decision in decide(&around) {
            match &decision {
                Decision::Link { .. } => prop_assert!(false, "{first:?} then {decision:?}"),
                Decision::New { source } => prop_assert!(!linked.contains(source), "{first:?} then {decision:?}"),
                Decision::Ask(_) => {}
            }
        }
    }

    /// Who is decided by the keys alone is decided so beside all others too, and changes nothing for them.
    #[test]
    fn what_the_keys_alone_decide_is_what_weighing_decides(
        kind in kinds(),
        sketches in sketches(),
        ruling in proptest::option::of((0_usize..7, 0_usize..7, 0_u8..3)),
        link in proptest::option::of((0_usize..7, 0_usize..7)),
        named in proptest::option::of((0_usize..7, 0_usize..7)),
    ) {
        let places: Vec<usize> = (0..sketches.len()).collect();
        let mut around = neighbourhood(kind, &sketches, &places);
        let ids: Vec<RecordId> = sketches.iter().zip(&places).map(|(sketch, place)| id(kind, sketch, *place)).collect();
        let pick = |a: usize, b: usize| Some((ids.get(a)?.clone(), ids.get(b)?.clone())).filter(|(a, b)| a != b);
        if let Some((a, b, ruling)) = ruling.and_then(|(a, b, ruling)| { let (a, b) = pick(a, b)?; Some((a, b, ruling)) }) {
            around.rulings.insert(Ruled::new(a, b, [Ruling::Same, Ruling::Apart, Ruling::Ended][usize::from(ruling)]));
        }
        let pair = link.and_then(|(a, b)| pick(a, b));
        around.links.extend(pair.filter(|(a, b)| a.side == Side::Bitrix24 && b.side == Side::Onec));
        if let Some((a, b)) = named.and_then(|(a, b)| pick(a, b)).filter(|(a, b)| a.side != b.side) {
            around.records.get_mut(&a).unwrap().mutual_id = b.mutual();
        }
        count_holders(&mut around);
        let all = decide(&around);
        let by_keys = by_keys(kind, &around, &ids);
        let place = |id: &RecordId| u32::try_from(ids.iter().position(|one| one == id).unwrap()).unwrap();
        let obvious: BTreeMap<&RecordId, Obvious<'_>> =
            ids.iter().filter_map(|id| Some((id, by_keys.about(place(id))?))).collect();
        for (id, obvious) in &obvious {
            let among: Vec<&RecordId> = match obvious {
                Obvious::Alone => vec![id],
                Obvious::Beside(place) | Obvious::Linked(place, _) => vec![id, &ids[*place as usize]],
                Obvious::Among(group) => group.iter().map(|place| &ids[*place as usize]).collect(),
            };
            let said: Vec<&Decision> = all.iter().filter(|decision| among.iter().any(|id| concerns(decision, id))).collect();
            let mut apart = around.clone();
            apart.records.retain(|id, _| among.contains(&id));
            count_holders(&mut apart);
            let expected = match obvious {
                Obvious::Linked(place, reason) => {
                    let (a, b) = ((*id).clone(), ids[*place as usize].clone());
                    let (bitrix24, onec) = if a.side == Side::Bitrix24 { (a, b) } else { (b, a) };
                    vec![Decision::Link { bitrix24, onec, reason: *reason }]
                }
                Obvious::Alone | Obvious::Beside(_) | Obvious::Among(_) => decide(&apart),
            };
            prop_assert_eq!(said, expected.iter().collect::<Vec<_>>(), "{:?} {:?}", id, obvious);
        }
        let mut rest = around.clone();
        rest.records.retain(|id, _| !obvious.contains_key(id));
        let left: Vec<Decision> = all.into_iter().filter(|decision| !obvious.keys().any(|id| concerns(decision, id))).collect();
        prop_assert_eq!(decide(&rest), left, "without {:?}", obvious);
    }

    #[test]
    fn what_links_bring_changes_no_decision(kind in kinds(), sketches in sketches()) {
        let places: Vec<usize> = (0..sketches.len()).collect();
        let mut around = neighbourhood(kind, &sketches, &places);
        for decision in decide(&around) {
            if let Decision::Link { bitrix24, onec, .. } = decision {
                around.links.insert((bitrix24, onec));
            }
        }
        let before = decide(&around);
        for (left, right) in around.links.clone() {
            let [a, b] = [&left, &right].map(|id| around.records[id].clone());
            unite(around.records.get_mut(&left).unwrap(), &b);
            unite(around.records.get_mut(&right).unwrap(), &a);
        }
        count_holders(&mut around);
        prop_assert_eq!(&before, &decide(&around));
        let is_new = |decision: &Decision| matches!(decision, Decision::New { .. });
        for (at, decision) in before.iter().filter(|decision| is_new(decision)).enumerate() {
            let Decision::New { source } = decision else { continue };
            copy(&mut around, source, at);
        }
        count_holders(&mut around);
        let others: Vec<Decision> = before.into_iter().filter(|decision| !is_new(decision)).collect();
        prop_assert_eq!(others, decide(&around), "where the new ones were copied");
    }
}

/// What the keys alone say; a record's place is its number among the ids.
fn by_keys(kind: Kind, around: &Neighbourhood, ids: &[RecordId]) -> Decided {
    let place =
        |id: &RecordId| u32::try_from(ids.iter().position(|one| one == id).unwrap()).expect("a few records");
    let mut parts = Stretch::PARTS.map(|stretch| (stretch, ByKeys::new(kind, 8)));
    let held = around.records.values().flat_map(|record| {
        keys_of_record(record).into_iter().map(|key| (key.index(), record.id.side, place(&record.id)))
    });
    for (key, side, place) in held.collect::<BTreeSet<_>>() {
        let part = parts.iter_mut().find(|(stretch, _)| stretch.holds(&key));
        part.expect("every key stands in a part").1.hold(&key, side, place);
    }
    let parts = parts.into_iter().map(|(_, keys)| keys);
    let mut by_keys = parts.reduce(ByKeys::and).expect("there are parts");
    for (left, right) in around.links.iter().map(|(left, right)| (left, right)).chain(around.rulings.pairs())
    {
        for id in [left, right] {
            by_keys.leave(place(id));
        }
    }
    for record in around.records.values() {
        if let Some(named) = record.names(kind) {
            for id in [&record.id, &named] {
                by_keys.leave(place(id));
            }
        }
        if record.standing != Standing::TakesPart {
            by_keys.leave(place(&record.id));
        }
    }
    by_keys.finish()
}

fn concerns(decision: &Decision, id: &RecordId) -> bool {
    match decision {
        Decision::Link { bitrix24, onec, .. } => bitrix24 == id || onec == id,
        Decision::New { source } => source == id,
        Decision::Ask(review) => review.records.contains(id),
    }
}

/// Makes the copy of a record on the other side.
fn copy(around: &mut Neighbourhood, source: &RecordId, at: usize) {
    let mut copy = around.records[source].clone();
    let (id, catalog) = match source.side {
        Side::Bitrix24 => (RecordId::onec(source.kind, &format!("copy{at}")), Catalog::Counterparty),
        Side::Onec => (RecordId::bitrix24(source.kind, (100 + at).to_string()), Catalog::Bitrix24),
    };
    (copy.id, copy.catalog) = (id.clone(), catalog);
    recall_copy(&mut copy);
    around.records.insert(id.clone(), copy);
    around.links.insert(if source.side == Side::Bitrix24 {
        (source.clone(), id)
    } else {
        (id, source.clone())
    });
}

/// Brings a record the phones and mailboxes of another one.
fn unite(record: &mut Record, with: &Record) {
    let held = record.clone();
    let change = |field, after| FieldChange {
        field,
        before: Value::Text(String::new()),
        after,
        reason: ChangeReason::Unites,
    };
    let changes = [
        change(Field::Phone, Value::Phones(with.party.phones().to_vec())),
        change(Field::Email, Value::Emails(with.party.emails().to_vec())),
    ];
    let (phones, emails) = match &mut record.party {
        Party::Person(person) => (&mut person.phones, &mut person.emails),
        Party::Organization(organization) => (&mut organization.phones, &mut organization.emails),
    };
    phones.extend(with.party.phones().iter().filter(|phone| !held.party.phones().contains(phone)).cloned());
    emails.extend(with.party.emails().iter().filter(|email| !held.party.emails().contains(email)).cloned());
    recall(record, &held, &changes);
}

#[test]
fn many_keys_that_nobody_else_holds_outweigh_a_slip_in_the_name() {
    let cases = [
        ("two phones and a mailbox, a slip in the surname", 0, 8, [0, 1], [0], "link"),
        ("two phones and a mailbox, a couple", 0, 3, [0, 1], [0], "ask"),
        ("two phones and a mailbox, no name", 0, 7, [0, 1], [0], "link"),
        ("two phones, another name", 0, 3, [0, 1], [3], "ask"),
    ];
    for (what, left, right, phones, emails, expected) in cases {
        let sketch = |side, name, email: u8| Sketch {
            side,
            catalog: 0,
            name,
            inn: 0,
            kpp: 0,
            phones: phones.into(),
            emails: [email].into(),
            is_marked: false,
        };
        let pair = [sketch(Side::Bitrix24, left, 0), sketch(Side::Onec, right, emails[0])];
        let decisions = decide(&neighbourhood(Kind::Contact, &pair, &[0, 1]));
        let found = match decisions.as_slice() {
            [Decision::Link { .. }] => "link",
            [Decision::Ask(_)] => "ask",
            _ => "else",
        };
        assert_eq!(found, expected, "{what}: {decisions:?}");
        let third = Sketch { emails: BTreeSet::new(), ..sketch(Side::Onec, 5, 0) };
        let three = [pair[0].clone(), pair[1].clone(), third];
        let decisions = decide(&neighbourhood(Kind::Contact, &three, &[0, 1, 2]));
        assert!(
            !decisions.iter().any(|decision| matches!(decision, Decision::Link { .. })),
            "{what}, and a third one holds the phones: {decisions:?}"
        );
    }
}

/// What is decided, whatever the ids: who is joined by links and questions, and whether by a link. Which of several equally
/// full records stands for them in it is a matter of ids.
fn outcome(
    around: &Neighbourhood,
    kind: Kind,
    sketches: &[Sketch],
    places: &[usize],
) -> BTreeSet<(BTreeSet<usize>, bool)> {
    let numbers: BTreeMap<RecordId, usize> =
        (0..sketches.len()).map(|at| (id(kind, &sketches[at], places[at]), at)).collect();
    let mut groups: Vec<(BTreeSet<usize>, bool)> =
        (0..sketches.len()).map(|at| (BTreeSet::from([at]), false)).collect();
    for decision in decide(around) {
        let (members, links) = match decision {
            Decision::Link { bitrix24, onec, .. } => (vec![bitrix24, onec], true),
            Decision::Ask(review) => (review.records, false),
            Decision::New { .. } => continue,
        };
        let is_met = |group: &BTreeSet<usize>| members.iter().any(|member| group.contains(&numbers[member]));
        let (met, apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(group, _)| is_met(group));
        let is_linked = links || met.iter().any(|(_, is_linked)| *is_linked);
        groups = apart;
        groups.push((met.into_iter().flat_map(|(group, _)| group).collect(), is_linked));
    }
    groups.into_iter().collect()
}

fn neighbourhood(kind: Kind, sketches: &[Sketch], places: &[usize]) -> Neighbourhood {
    let mut around = Neighbourhood::default();
    for (sketch, place) in sketches.iter().zip(places) {
        let record = record(kind, sketch, *place);
        around.records.insert(record.id.clone(), record);
    }
    count_holders(&mut around);
    around
}

fn count_holders(around: &mut Neighbourhood) {
    around.holders.clear();
    let mut holders = BTreeMap::new();
    for record in around.records.values() {
        for key in keys_of_record(record) {
            *holders.entry((key, record.id.side)).or_insert(0) += 1;
        }
    }
    for ((key, _), count) in holders {
        let most = around.holders.entry(key).or_insert(0);
        *most = count.max(*most);
    }
}

fn id(kind: Kind, sketch: &Sketch, place: usize) -> RecordId {
    match sketch.side {
        Side::Bitrix24 => RecordId::bitrix24(kind, (place + 1).to_string()),
        Side::Onec => RecordId::onec(kind, &format!("r{place}")),
    }
}

fn record(kind: Kind, sketch: &Sketch, place: usize) -> Record {
    let context = PhoneContext::new("RU", None).unwrap();
    let phones = sketch.phones.iter().map(|digit| format!("+7912345670{digit}"));
    let phones = phones.map(|text| Point::known(read_phones(&text, &context).remove(0).key, text)).collect();
    let emails = sketch.emails.iter().map(|digit| format!("a{digit}@firm.example"));
    let emails = emails.map(|text| Point::known(read_emails(&text).remove(0), text)).collect();
    let party = match kind {
        Kind::Contact => Party::Person(Person {
            name: PersonName::from_whole(NAMES[sketch.name]),
            inn: PEOPLES_INN[sketch.inn].to_owned(),
            phones,
            emails,
            ..Person::default()
        }),
        Kind::Company => Party::Organization(Organization {
            title: TITLES[sketch.name % TITLES.len()].to_owned(),
            inn: FIRMS_INN[sketch.inn].to_owned(),
            kpp: KPP[sketch.kpp].to_owned(),
            phones,
            emails,
            ..Organization::default()
        }),
    };
    let catalog = match (sketch.side, kind, sketch.catalog) {
        (Side::Bitrix24, ..) => Catalog::Bitrix24,
        (Side::Onec, Kind::Contact, 1) => Catalog::ContactPerson,
        (Side::Onec, Kind::Contact, 2) => Catalog::Individual,
        (Side::Onec, ..) => Catalog::Counterparty,
    };
    Record {
        id: id(kind, sketch, place),
        catalog,
        version: "1".to_owned(),
        party,
        standing: if sketch.is_marked { Standing::Marked } else { Standing::TakesPart },
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: BTreeSet::new(),
        attributes: BTreeMap::new(),
        brought: BTreeSet::new(),
    }
}
