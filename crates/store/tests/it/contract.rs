//! What every engine behind the `Store` port keeps: a function a rule.
//!
//! A rule gets a way to obtain the handle of a pair in a database of its own. [`for_each_rule`] makes the tests of an
//! engine; a further engine adds one line of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_executor::block_on;
use obmen_domain::key::{Key, Stretch, keys_of_record};
use obmen_domain::party::Field;
use obmen_domain::plan::LinkReason;
use obmen_domain::record::{Exclusion, Kind, Record, RecordId, Side, Standing};
use obmen_domain::review::{AskReason, Review, ReviewKind};
use obmen_domain::ruling::{Ruled, Ruling};
use obmen_engine::store::{Change, DirtyReason, Entry, Event, Figures, Intent, IntentAction, Link, Store};

use crate::inputs::{
    INN, OTHER_INN, company, contact, counterparty, dirty, inn_key, moment, organization, person, see,
};

/// The handle of the pair of that name, in one fresh database.
pub(crate) type Pairs<'a> = &'a dyn Fn(&str) -> Arc<dyn Store>;

/// Makes a module of tests, one a rule, that run on the database that `$fresh` opens for each.
///
/// `$fresh` is a function that calls what it is given with a [`Pairs`].
macro_rules! for_each_rule {
    ($engine:ident, $fresh:path) => {
        $crate::contract::for_each_rule! { $engine, $fresh,
            nothing_is_known_at_first
            what_was_seen_comes_back_whole
            what_is_seen_again_replaces_record_keys_and_employers
            a_record_that_is_gone_leaves_no_key
            a_record_that_is_out_holds_no_key
            texts_that_a_database_dislikes_are_no_hindrance
            changes_of_one_set_are_made_in_their_order
            holders_come_by_side_and_number_and_are_counted_in_full
            holders_are_of_the_kind_asked_for
            every_key_is_told_with_each_of_its_holders
            records_about_which_more_than_keys_speaks_are_told
            records_are_found_where_they_stand
            who_keeps_the_id_of_a_record_is_found_by_it
            people_are_found_by_their_employers
            a_failing_change_commits_nothing
            a_record_stands_in_one_link
            the_same_link_again_changes_nothing
            a_link_that_ended_leaves_both_records_free
            two_records_have_one_ruling_found_by_either
            the_same_id_of_another_kind_is_another_record
            a_base_belongs_to_a_link
            a_signal_moves_a_row_on_and_keeps_the_earlier_due_time
            a_sweep_does_not_answer_a_signal
            known_records_are_walked_with_their_versions
            a_look_overtaken_by_a_signal_neither_cleans_nor_postpones
            a_row_made_anew_is_not_cleaned_by_an_old_look
            a_signal_for_all_reaches_every_record_seen
            a_row_keeps_the_moment_of_its_first_signal
            a_settled_write_leaves_the_attempts
            a_postponed_row_takes_what_the_look_says
            due_rows_come_in_the_order_of_ids_portion_by_portion
            a_share_of_what_is_due_holds_the_longest_due_the_latest_told_and_their_partners
            a_reference_that_may_be_a_company_or_a_person_is_one_of_a_share
            the_next_due_time_is_the_earliest_after_now
            one_intent_stands_for_a_record_until_it_is_settled
            a_review_opens_once_closes_and_opens_again
            reviews_are_found_by_their_records
            the_journal_keeps_the_order_of_writing
            records_written_again_and_again_are_told
            runs_are_told_with_what_they_wrote
            a_text_is_kept_until_it_is_replaced
            figures_count_everything
            pairs_do_not_see_each_other
            ten_thousand_records_load_in_batches
        }
    };
    ($engine:ident, $fresh:path, $($rule:ident)+) => {
        mod $engine {
            $(
                #[test]
                fn $rule() {
                    $fresh($crate::contract::$rule);
                }
            )+
        }
    };
}
pub(crate) use for_each_rule;

pub(crate) fn nothing_is_known_at_first(pairs: Pairs) {
    let store = pairs("main");
    assert_eq!(block_on(store.seen(&[company("1")])).unwrap(), []);
    assert_eq!(block_on(store.links(&[company("1")])).unwrap(), []);
    assert_eq!(block_on(store.dirty(Kind::Company, moment(0), None, 10)).unwrap(), []);
    assert_eq!(block_on(store.next_due(moment(0))).unwrap(), None);
    assert_eq!(block_on(store.recall("limits")).unwrap(), None);
    assert_eq!(block_on(store.figures()).unwrap(), Figures::default());
}

pub(crate) fn what_was_seen_comes_back_whole(pairs: Pairs) {
    let store = pairs("main");
    let firm = organization(company("12"), "ООО «Ромашка»", INN);
    let mut marked = person(counterparty(Kind::Contact, "aa"), vec![counterparty(Kind::Company, "bb")]);
    marked.standing = Standing::Marked;
    block_on(store.apply(vec![see(&firm), see(&marked)])).unwrap();

    let asked = [marked.id.clone(), contact("404"), firm.id.clone()];
    assert_eq!(block_on(store.seen(&asked)).unwrap(), [marked, firm]);
}

pub(crate) fn what_is_seen_again_replaces_record_keys_and_employers(pairs: Pairs) {
    let store = pairs("main");
    let before = organization(company("1"), "Ромашка", INN);
    let after = organization(company("1"), "Лютик", OTHER_INN);
    let hired = person(contact("5"), vec![company("1")]);
    let moved = person(contact("5"), vec![company("2")]);
    block_on(store.apply(vec![see(&before), see(&hired)])).unwrap();
    block_on(store.apply(vec![see(&after), see(&moved)])).unwrap();

    assert_eq!(block_on(store.seen(&[company("1")])).unwrap(), std::slice::from_ref(&after));
    let holders = block_on(store.holders(Kind::Company, &[inn_key(&before), inn_key(&after)], 10)).unwrap();
    assert_eq!(holders[0].records, []);
    assert_eq!(holders[1].records, [company("1")]);
    assert_eq!(block_on(store.employed_by(&[company("1")])).unwrap(), []);
    assert_eq!(block_on(store.employed_by(&[company("2")])).unwrap(), [contact("5")]);
}

pub(crate) fn a_record_that_is_gone_leaves_no_key(pairs: Pairs) {
    let store = pairs("main");
    let firm = organization(company("1"), "Ромашка", INN);
    let worker = person(contact("5"), vec![company("1")]);
    block_on(store.apply(vec![see(&firm), see(&worker)])).unwrap();
    block_on(store.apply(vec![Change::Gone(firm.id.clone()), Change::Gone(worker.id.clone())])).unwrap();

    assert_eq!(block_on(store.seen(&[firm.id.clone(), worker.id])).unwrap(), []);
    let holders = block_on(store.holders(Kind::Company, &[inn_key(&firm)], 10)).unwrap();
    assert_eq!((&holders[0].records, &holders[0].count), (&vec![], &BTreeMap::new()));
    assert_eq!(block_on(store.employed_by(&[company("1")])).unwrap(), []);
    block_on(store.apply(vec![Change::Gone(firm.id)])).expect("gone twice is gone");
}

pub(crate) fn a_record_that_is_out_holds_no_key(pairs: Pairs) {
    let store = pairs("main");
    let mut firm = organization(company("1"), "Ромашка", INN);
    let key = inn_key(&firm);
    firm.standing = Standing::Out(Exclusion::OwnCompany);
    block_on(store.apply(vec![see(&firm)])).unwrap();

    assert_eq!(block_on(store.holders(Kind::Company, &[key], 10)).unwrap()[0].records, []);
    assert_eq!(block_on(store.seen(&[company("1")])).unwrap(), [firm]);
}

pub(crate) fn texts_that_a_database_dislikes_are_no_hindrance(pairs: Pairs) {
    let store = pairs("main");
    let long = "очень длинное имя ".repeat(300);
    let mut firm = organization(company("1"), &long, INN);
    firm.mutual_id = "a\0b".to_owned();
    firm.version = "\0".to_owned();
    let mut odd = person(contact("1"), vec![]);
    odd.native = "\0 \u{feff} \u{10ffff} '' \\".to_owned();
    let namesake = organization(counterparty(Kind::Company, "a"), &long, OTHER_INN);
    let almost = organization(company("2"), &format!("{long} второе"), OTHER_INN);
    block_on(store.apply([&firm, &odd, &namesake, &almost].map(see).into())).unwrap();

    assert_eq!(block_on(store.seen(&[firm.id.clone(), odd.id.clone()])).unwrap(), [firm.clone(), odd]);
    let names: Vec<Key> = obmen_domain::key::keys_of_record(&firm)
        .into_iter()
        .filter(|key| matches!(key, Key::Name(_)))
        .collect();
    assert!(!names.is_empty());
    for holders in block_on(store.holders(Kind::Company, &names, 10)).unwrap() {
        assert_eq!(holders.records, [firm.id.clone(), namesake.id.clone()]);
    }
}

pub(crate) fn who_keeps_the_id_of_a_record_is_found_by_it(pairs: Pairs) {
    let store = pairs("main");
    let named = organization(counterparty(Kind::Company, "a"), "Ромашка", "");
    let mut keeper = organization(company("1"), "Лютик", "");
    keeper.mutual_id = "a".to_owned();
    let stranger = organization(company("2"), "Мак", "");
    block_on(store.apply([&named, &keeper, &stranger].map(see).into())).unwrap();

    let holders = block_on(store.holders(Kind::Company, &[Key::Id(named.id)], 10)).unwrap();
    assert_eq!(holders[0].records, [keeper.id]);
}

pub(crate) fn changes_of_one_set_are_made_in_their_order(pairs: Pairs) {
    let store = pairs("main");
    let before = organization(company("1"), "Ромашка", INN);
    let after = organization(company("1"), "Лютик", OTHER_INN);
    let case = review(ReviewKind::Twins, &[contact("1"), contact("2")]);
    let text = |text: &str| Change::Text { name: "cursor".to_owned(), text: text.to_owned() };
    let base =
        |id: &str| Change::Base { bitrix24: contact(id), party: Box::new(person(contact(id), vec![]).party) };
    let unlink = Change::Unlink { bitrix24: contact("1"), onec: counterparty(Kind::Contact, "a") };
    block_on(store.apply(vec![
        see(&before),
        dirty(&company("1"), DirtyReason::Swept, 0),
        Change::Gone(company("1")),
        see(&after),
        text("first"),
        link("1", "a"),
        base("1"),
        unlink,
        link("1", "b"),
        link("2", "a"),
        base("2"),
        dirty(&company("1"), DirtyReason::Signal, 5),
        Change::Review(Box::new(case.clone())),
        Change::ReviewClosed { id: case.id() },
        text("second"),
    ]))
    .unwrap();

    assert_eq!(block_on(store.seen(&[company("1")])).unwrap(), std::slice::from_ref(&after));
    let holders = block_on(store.holders(Kind::Company, &[inn_key(&before), inn_key(&after)], 5)).unwrap();
    assert_eq!((holders[0].records.len(), holders[1].records.len()), (0, 1));
    let links = block_on(store.links(&[contact("1"), contact("2")])).unwrap();
    let standing: Vec<_> = links.iter().map(|link| (link.onec.id.as_str(), link.base.is_some())).collect();
    assert_eq!(standing, [("b", false), ("a", true)]);
    let rows = block_on(store.dirty(Kind::Company, moment(9), None, 5)).unwrap();
    assert_eq!(
        rows.iter().map(|row| (row.reason, row.due)).collect::<Vec<_>>(),
        [(DirtyReason::Signal, moment(0))]
    );
    assert_eq!(block_on(store.reviews()).unwrap(), []);
    assert_eq!(block_on(store.recall("cursor")).unwrap().as_deref(), Some("second"));
    let twice = block_on(store.apply(vec![text("third"), link("3", "c"), link("3", "d")]));
    assert!(twice.is_err(), "a record stands in one link within a set too");
    assert_eq!(block_on(store.recall("cursor")).unwrap().as_deref(), Some("second"));
}

pub(crate) fn holders_come_by_side_and_number_and_are_counted_in_full(pairs: Pairs) {
    let store = pairs("main");
    let ids = [
        counterparty(Kind::Company, "a1"),
        company("10"),
        company("9"),
        company("100"),
        counterparty(Kind::Company, "0f"),
    ];
    let firms = ids.map(|id| organization(id, "Ромашка", INN));
    block_on(store.apply(firms.iter().map(see).collect())).unwrap();

    let keys = [inn_key(&firms[0]), inn_key(&organization(company("1"), "", OTHER_INN))];
    let holders = block_on(store.holders(Kind::Company, &keys, 2)).unwrap();

    assert_eq!(holders.iter().map(|holders| holders.key.clone()).collect::<Vec<_>>(), keys);
    let first =
        [company("9"), company("10"), counterparty(Kind::Company, "0f"), counterparty(Kind::Company, "a1")];
    assert_eq!(holders[0].records, first);
    assert_eq!(holders[0].count, BTreeMap::from([(Side::Bitrix24, 3), (Side::Onec, 2)]));
    assert_eq!((&holders[1].records, &holders[1].count), (&vec![], &BTreeMap::new()));
}

pub(crate) fn holders_are_of_the_kind_asked_for(pairs: Pairs) {
    let store = pairs("main");
    let firm = organization(company("1"), "Ромашка", INN);
    block_on(store.apply(vec![see(&firm)])).unwrap();
    assert_eq!(block_on(store.holders(Kind::Contact, &[inn_key(&firm)], 5)).unwrap()[0].records, []);
}

pub(crate) fn every_key_is_told_with_each_of_its_holders(pairs: Pairs) {
    let store = pairs("main");
    let firms = [organization(company("7"), "ООО Ромашка", INN), organization(company("8"), "Лютик", INN)];
    let elsewhere = organization(company("9"), "ООО Ромашка", INN);
    block_on(pairs("other").apply(vec![see(&elsewhere)])).unwrap();
    block_on(store.apply(firms.iter().map(see).collect())).unwrap();
    let ids = firms.each_ref().map(|firm| firm.id.clone());
    let places: Vec<u32> = block_on(store.places(&ids)).unwrap().into_iter().flatten().collect();
    let mut told: Vec<(String, Side, usize)> = Vec::new();
    for stretch in Stretch::PARTS {
        block_on(store.each_key(Kind::Company, stretch, &mut |key, side, place| {
            assert!(stretch.holds(key), "{key} stands in {stretch:?}");
            told.push((key.to_owned(), side, places.iter().position(|one| *one == place).unwrap()));
        }))
        .unwrap();
        block_on(store.each_key(Kind::Contact, stretch, &mut |key, _, _| panic!("{key} of a person")))
            .unwrap();
    }
    let mut held: Vec<(String, Side, usize)> = Vec::new();
    for (at, firm) in firms.iter().enumerate() {
        held.extend(keys_of_record(firm).iter().map(|key| (key.index(), Side::Bitrix24, at)));
    }
    held.sort();
    assert_eq!(told, held);
    assert_eq!(told.len(), 4, "{told:?}");
}

pub(crate) fn records_about_which_more_than_keys_speaks_are_told(pairs: Pairs) {
    let store = pairs("main");
    let somebody = |id: RecordId| organization(id, "ООО Ромашка", INN);
    let in_onec = ["a", "named", "other"].map(|reference| counterparty(Kind::Company, reference));
    let mut records: Vec<Record> =
        ["1", "2", "3", "4", "5", "6", "7"].map(|number| somebody(company(number))).into();
    records.extend(in_onec.iter().cloned().map(somebody));
    records[2].standing = Standing::Marked;
    records[3].mutual_id = in_onec[1].id.clone();
    let mut changes: Vec<Change> = records.iter().map(see).collect();
    let reason = LinkReason::Inn;
    changes.push(Change::Link { bitrix24: company("2"), onec: in_onec[0].clone(), reason });
    changes.push(Change::Rule(Ruled::new(company("5"), company("6"), Ruling::Apart)));
    block_on(store.apply(changes)).unwrap();
    let mut places = Vec::new();
    block_on(store.each_entangled(Kind::Company, &mut |place| places.push(place))).unwrap();
    let told: BTreeSet<RecordId> = block_on(store.at(&places)).unwrap().into_iter().flatten().collect();
    let expected = ["2", "3", "4", "5", "6"].map(company).into_iter().chain(in_onec[..2].iter().cloned());
    assert_eq!(told, expected.collect());
    block_on(store.each_entangled(Kind::Contact, &mut |place| panic!("a person at {place}"))).unwrap();
}

pub(crate) fn records_are_found_where_they_stand(pairs: Pairs) {
    let store = pairs("main");
    let both = ["7", "8"].map(|number| organization(company(number), "ООО Ромашка", INN));
    block_on(store.apply(both.iter().map(see).collect())).unwrap();
    let ids = [company("8"), company("404"), company("7")];
    let places = block_on(store.places(&ids)).unwrap();
    assert!(places[0].is_some() && places[1].is_none() && places[2].is_some(), "{places:?}");
    let stand: Vec<u32> = places.into_iter().flatten().chain([u32::MAX]).collect();
    assert_eq!(block_on(store.at(&stand)).unwrap(), [Some(company("8")), Some(company("7")), None]);
    assert_eq!(block_on(pairs("other").at(&stand)).unwrap(), [None, None, None]);
    block_on(store.apply(vec![see(&organization(company("7"), "Лютик", ""))])).unwrap();
    assert_eq!(block_on(store.places(&[company("7")])).unwrap(), [Some(stand[1])]);
}

pub(crate) fn people_are_found_by_their_employers(pairs: Pairs) {
    let store = pairs("main");
    let firm_of_onec = counterparty(Kind::Company, "1");
    let people = [
        person(contact("20"), vec![company("1"), company("2")]),
        person(contact("3"), vec![company("2"), company("2")]),
        person(counterparty(Kind::Contact, "c"), vec![firm_of_onec.clone()]),
    ];
    block_on(store.apply(people.iter().map(see).collect())).unwrap();

    assert_eq!(
        block_on(store.employed_by(&[company("1"), company("2")])).unwrap(),
        [contact("3"), contact("20")]
    );
    assert_eq!(block_on(store.employed_by(&[firm_of_onec])).unwrap(), [counterparty(Kind::Contact, "c")]);
}

pub(crate) fn a_failing_change_commits_nothing(pairs: Pairs) {
    let store = pairs("main");
    block_on(store.apply(vec![link("1", "a")])).unwrap();

    let firm = organization(company("1"), "Ромашка", INN);
    let text = Change::Text { name: "limits".to_owned(), text: "spent".to_owned() };
    let failed = block_on(store.apply(vec![
        see(&firm),
        dirty(&firm.id, DirtyReason::Signal, 0),
        text,
        link("2", "a"),
        dirty(&contact("9"), DirtyReason::Signal, 0),
    ]));

    assert!(failed.is_err());
    assert_eq!(block_on(store.seen(std::slice::from_ref(&firm.id))).unwrap(), []);
    assert!(!block_on(store.is_dirty(&firm.id)).unwrap());
    assert!(!block_on(store.is_dirty(&contact("9"))).unwrap());
    assert_eq!(block_on(store.recall("limits")).unwrap(), None);
    assert_eq!(block_on(store.links(&[contact("2")])).unwrap(), []);
    block_on(store.apply(vec![link("2", "b")])).expect("a failure leaves the store in order");
}

pub(crate) fn a_record_stands_in_one_link(pairs: Pairs) {
    let store = pairs("main");
    block_on(store.apply(vec![link("1", "a"), link("2", "b")])).unwrap();

    for (number, reference) in [("1", "c"), ("3", "a"), ("1", "b")] {
        assert!(block_on(store.apply(vec![link(number, reference)])).is_err(), "{number} = {reference}");
    }
    let firm_and_person = Change::Link {
        bitrix24: company("7"),
        onec: counterparty(Kind::Contact, "f"),
        reason: LinkReason::Inn,
    };
    assert!(block_on(store.apply(vec![firm_and_person])).is_err());

    let asked = [contact("1"), contact("2"), contact("3"), counterparty(Kind::Contact, "c")];
    let linked: Vec<_> =
        block_on(store.links(&asked)).unwrap().into_iter().map(|link| (link.bitrix24, link.onec)).collect();
    let standing =
        [(contact("1"), counterparty(Kind::Contact, "a")), (contact("2"), counterparty(Kind::Contact, "b"))];
    assert_eq!(linked, standing);
}

pub(crate) fn the_same_link_again_changes_nothing(pairs: Pairs) {
    let store = pairs("main");
    let party = person(contact("1"), vec![]).party;
    let base = Change::Base { bitrix24: contact("1"), party: Box::new(party.clone()) };
    block_on(store.apply(vec![link("1", "a"), base])).unwrap();
    let again = Change::Link {
        bitrix24: contact("1"),
        onec: counterparty(Kind::Contact, "a"),
        reason: LinkReason::Decision,
    };
    block_on(store.apply(vec![again])).unwrap();

    let expected = Link {
        bitrix24: contact("1"),
        onec: counterparty(Kind::Contact, "a"),
        reason: LinkReason::Email,
        base: Some(party),
    };
    assert_eq!(block_on(store.links(&[contact("1"), expected.onec.clone()])).unwrap(), [expected]);
}

pub(crate) fn a_link_that_ended_leaves_both_records_free(pairs: Pairs) {
    let store = pairs("main");
    let unlink = |number: &str, reference: &str| Change::Unlink {
        bitrix24: contact(number),
        onec: counterparty(Kind::Contact, reference),
    };
    block_on(store.apply(vec![link("1", "a"), link("2", "b")])).unwrap();
    block_on(store.apply(vec![unlink("1", "b"), unlink("1", "a"), unlink("1", "a")])).unwrap();

    assert_eq!(block_on(store.links(&[contact("1"), counterparty(Kind::Contact, "a")])).unwrap(), []);
    assert_eq!(block_on(store.links(&[contact("2")])).unwrap().len(), 1);
    block_on(store.apply(vec![link("1", "c"), link("3", "a")])).unwrap();
}

pub(crate) fn two_records_have_one_ruling_found_by_either(pairs: Pairs) {
    let store = pairs("main");
    let (left, right, twin) = (contact("9"), counterparty(Kind::Contact, "a"), contact("10"));
    let rule = |a: &RecordId, b: &RecordId, ruling| Change::Rule(Ruled::new(a.clone(), b.clone(), ruling));
    let decided = vec![
        rule(&right, &left, Ruling::Same),
        rule(&left, &right, Ruling::Apart),
        rule(&twin, &left, Ruling::Same),
    ];
    block_on(store.apply(decided)).unwrap();

    let apart = Ruled { first: left.clone(), second: right.clone(), ruling: Ruling::Apart };
    let same = Ruled { first: left.clone(), second: twin.clone(), ruling: Ruling::Same };
    assert_eq!(block_on(store.rulings(std::slice::from_ref(&right))).unwrap(), std::slice::from_ref(&apart));
    assert_eq!(block_on(store.rulings(&[left.clone(), right, twin])).unwrap(), [same, apart]);
    let with_itself = Change::Rule(Ruled { first: left.clone(), second: left.clone(), ruling: Ruling::Same });
    assert!(block_on(store.apply(vec![with_itself])).is_err());
    let with_a_firm = rule(&company("1"), &left, Ruling::Apart);
    assert!(block_on(store.apply(vec![with_a_firm])).is_err());
    assert_eq!(block_on(pairs("other").rulings(&[left])).unwrap(), []);
}

pub(crate) fn the_same_id_of_another_kind_is_another_record(pairs: Pairs) {
    let store = pairs("main");
    let of_company = Change::Link {
        bitrix24: company("1"),
        onec: counterparty(Kind::Company, "a"),
        reason: LinkReason::Inn,
    };
    block_on(store.apply(vec![link("1", "b"), of_company, see(&organization(company("1"), "Ромашка", INN))]))
        .unwrap();

    assert_eq!(block_on(store.links(&[company("1")])).unwrap()[0].onec, counterparty(Kind::Company, "a"));
    assert_eq!(block_on(store.links(&[contact("1")])).unwrap()[0].onec, counterparty(Kind::Contact, "b"));
    assert_eq!(block_on(store.seen(&[contact("1")])).unwrap(), []);
}

pub(crate) fn a_base_belongs_to_a_link(pairs: Pairs) {
    let store = pairs("main");
    let base = |position: &str| {
        let mut party = person(contact("1"), vec![]).party;
        party.set(Field::Position, obmen_domain::party::Value::Text(position.to_owned()));
        party
    };
    let set = |position: &str| Change::Base { bitrix24: contact("1"), party: Box::new(base(position)) };
    assert!(block_on(store.apply(vec![set("врач")])).is_err(), "there is no link to keep it with");

    block_on(store.apply(vec![link("1", "a")])).unwrap();
    assert_eq!(block_on(store.links(&[contact("1")])).unwrap()[0].base, None);
    block_on(store.apply(vec![set("врач")])).unwrap();
    block_on(store.apply(vec![set("юрист")])).unwrap();
    assert_eq!(block_on(store.links(&[contact("1")])).unwrap()[0].base, Some(base("юрист")));
}

pub(crate) fn a_signal_moves_a_row_on_and_keeps_the_earlier_due_time(pairs: Pairs) {
    let store = pairs("main");
    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Swept, 5)])).unwrap();
    let first = only_row(&*store);
    block_on(store.apply(vec![postpone(&contact("1"), first.generation, 2, 9)])).unwrap();

    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Signal, 30)])).unwrap();
    let second = only_row(&*store);
    assert!(second.generation > first.generation);
    assert_eq!((second.reason, second.due, second.attempts), (DirtyReason::Signal, moment(9), 0));

    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Related, 3)])).unwrap();
    let third = only_row(&*store);
    assert!(third.generation > second.generation);
    assert_eq!((third.reason, third.due), (DirtyReason::Related, moment(3)));
}

pub(crate) fn a_sweep_does_not_answer_a_signal(pairs: Pairs) {
    let store = pairs("main");
    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Signal, 5)])).unwrap();
    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Swept, 0)])).unwrap();
    let rows = block_on(store.dirty(Kind::Contact, moment(0), None, 10)).unwrap();
    assert_eq!((rows[0].reason, rows[0].due), (DirtyReason::Signal, moment(0)));

    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Related, 0)])).unwrap();
    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Swept, 0)])).unwrap();
    let rows = block_on(store.dirty(Kind::Contact, moment(0), None, 10)).unwrap();
    assert_eq!(rows[0].reason, DirtyReason::Swept, "what is there for another reason was just read");
}

pub(crate) fn known_records_are_walked_with_their_versions(pairs: Pairs) {
    let store = pairs("main");
    let mut firm = organization(company("12"), "Ромашка", INN);
    firm.version = "v7".to_owned();
    let people = ["1", "20", "3"].map(|number| person(contact(number), Vec::new()));
    let elsewhere = person(counterparty(Kind::Contact, "aa"), Vec::new());
    let mut changes: Vec<Change> = people.iter().map(see).collect();
    changes.extend([see(&firm), see(&elsewhere)]);
    block_on(store.apply(changes)).unwrap();

    let walk =
        |after: Option<&RecordId>| block_on(store.known(Side::Bitrix24, Kind::Contact, after, 2)).unwrap();
    let first = walk(None);
    let rest = walk(first.last());
    assert_eq!((first.len(), rest.len()), (2, 1));
    let all: std::collections::BTreeSet<RecordId> = first.into_iter().chain(rest).collect();
    assert_eq!(all, people.iter().map(|record| record.id.clone()).collect());
    let versions = block_on(store.versions(&[contact("404"), company("12")])).unwrap();
    assert_eq!(versions, [(company("12"), "v7".to_owned())]);
}

pub(crate) fn a_look_overtaken_by_a_signal_neither_cleans_nor_postpones(pairs: Pairs) {
    let store = pairs("main");
    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Signal, 0)])).unwrap();
    let looked_at = only_row(&*store).generation;
    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Signal, 0)])).unwrap();
    let standing = only_row(&*store);

    block_on(store.apply(vec![postpone(&contact("1"), looked_at, 4, 40)])).unwrap();
    block_on(store.apply(vec![clean(&contact("1"), looked_at)])).unwrap();
    assert_eq!(only_row(&*store), standing);

    block_on(store.apply(vec![clean(&contact("1"), standing.generation)])).unwrap();
    assert!(!block_on(store.is_dirty(&contact("1"))).unwrap());
}

pub(crate) fn a_row_made_anew_is_not_cleaned_by_an_old_look(pairs: Pairs) {
    let store = pairs("main");
    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Signal, 0)])).unwrap();
    let old = only_row(&*store).generation;
    block_on(store.apply(vec![clean(&contact("1"), old), dirty(&contact("1"), DirtyReason::Signal, 0)]))
        .unwrap();
    block_on(store.apply(vec![clean(&contact("1"), old)])).unwrap();
    assert!(block_on(store.is_dirty(&contact("1"))).unwrap());
}

pub(crate) fn a_signal_for_all_reaches_every_record_seen(pairs: Pairs) {
    let (store, other) = (pairs("main"), pairs("other"));
    let seen = |id: &str| see(&person(contact(id), Vec::new()));
    block_on(store.apply(vec![seen("1"), seen("2"), dirty(&contact("2"), DirtyReason::Signal, 5)])).unwrap();
    block_on(other.apply(vec![seen("9")])).unwrap();
    let before = block_on(store.dirty(Kind::Contact, moment(9), None, 10)).unwrap();
    block_on(store.apply(vec![Change::AllDirty { due: moment(7) }])).unwrap();
    let rows = block_on(store.dirty(Kind::Contact, moment(9), None, 10)).unwrap();
    let shown: Vec<_> = rows.iter().map(|row| (row.id.clone(), row.reason, row.due)).collect();
    let expected =
        [(contact("1"), DirtyReason::Swept, moment(7)), (contact("2"), DirtyReason::Signal, moment(5))];
    assert_eq!(shown, expected);
    assert!(rows[1].generation > before[0].generation, "an older look does not clean it");
    assert_eq!(block_on(other.dirty(Kind::Contact, moment(9), None, 10)).unwrap(), []);

    let all = Change::AllDirty { due: moment(0) };
    block_on(other.apply(vec![Change::Gone(contact("9")), seen("10"), all, seen("11")])).unwrap();
    let rows = block_on(other.dirty(Kind::Contact, moment(9), None, 10)).unwrap();
    assert_eq!(rows.into_iter().map(|row| row.id).collect::<Vec<_>>(), [contact("10")]);
}

pub(crate) fn a_postponed_row_takes_what_the_look_says(pairs: Pairs) {
    let store = pairs("main");
    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Signal, 0)])).unwrap();
    let row = only_row(&*store);
    block_on(store.apply(vec![postpone(&contact("1"), row.generation, 3, 60)])).unwrap();

    assert_eq!(block_on(store.dirty(Kind::Contact, moment(59), None, 10)).unwrap(), []);
    assert!(block_on(store.is_dirty(&contact("1"))).unwrap());
    let postponed = &block_on(store.dirty(Kind::Contact, moment(60), None, 10)).unwrap()[0];
    assert_eq!((postponed.reason, postponed.attempts, postponed.due), (DirtyReason::Retry, 3, moment(60)));
}

pub(crate) fn a_row_keeps_the_moment_of_its_first_signal(pairs: Pairs) {
    let store = pairs("main");
    let signal = |second| Change::Dirty {
        id: contact("1"),
        reason: DirtyReason::Signal,
        since: moment(second),
        due: moment(second + 2),
    };
    block_on(store.apply(vec![signal(5), signal(8)])).unwrap();
    let row = only_row(&*store);
    assert_eq!((row.since, row.due), (moment(5), moment(7)));
    block_on(store.apply(vec![postpone(&contact("1"), row.generation, 1, 60)])).unwrap();
    assert_eq!(only_row(&*store).since, moment(5), "however often it is put off");
    block_on(store.apply(vec![signal(3)])).unwrap();
    let row = only_row(&*store);
    assert_eq!(row.since, moment(3));
    block_on(store.apply(vec![clean(&contact("1"), row.generation)])).unwrap();
    block_on(store.apply(vec![signal(70)])).unwrap();
    assert_eq!(only_row(&*store).since, moment(70), "what was answered is over");
}

pub(crate) fn a_settled_write_leaves_the_attempts(pairs: Pairs) {
    let store = pairs("main");
    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Swept, 5)])).unwrap();
    let first = only_row(&*store);
    block_on(store.apply(vec![postpone(&contact("1"), first.generation, 3, 60)])).unwrap();

    block_on(store.apply(vec![dirty(&contact("1"), DirtyReason::Settled, 9)])).unwrap();
    let second = only_row(&*store);
    assert_eq!((second.reason, second.due, second.attempts), (DirtyReason::Settled, moment(9), 3));
    assert!(second.generation > first.generation);
}

pub(crate) fn due_rows_come_in_the_order_of_ids_portion_by_portion(pairs: Pairs) {
    let store = pairs("main");
    let mut ids = vec![
        counterparty(Kind::Contact, "b"),
        contact("100"),
        contact("20"),
        contact("3"),
        counterparty(Kind::Contact, "a"),
    ];
    let mut changes: Vec<_> = ids.iter().map(|id| dirty(id, DirtyReason::Swept, 0)).collect();
    changes.push(dirty(&contact("4"), DirtyReason::Swept, 1));
    changes.push(dirty(&company("1"), DirtyReason::Swept, 0));
    block_on(store.apply(changes)).unwrap();
    ids.sort();

    let mut walked: Vec<RecordId> = Vec::new();
    loop {
        let portion = block_on(store.dirty(Kind::Contact, moment(0), walked.last(), 2)).unwrap();
        assert!(portion.len() <= 2);
        if portion.is_empty() {
            break;
        }
        walked.extend(portion.into_iter().map(|row| row.id));
    }
    assert_eq!(walked, ids);
    assert_eq!(block_on(store.dirty(Kind::Company, moment(0), None, 10)).unwrap().len(), 1);
}

pub(crate) fn a_share_of_what_is_due_holds_the_longest_due_the_latest_told_and_their_partners(pairs: Pairs) {
    let store = pairs("main");
    let partner = counterparty(Kind::Contact, "aa");
    let link = Change::Link { bitrix24: contact("2"), onec: partner.clone(), reason: LinkReason::Decision };
    let told = [("5", 3), ("1", 4), ("2", 2), ("3", 9), ("4", 5)];
    let mut changes = vec![dirty(&partner, DirtyReason::Related, 4), link];
    changes.extend(told.map(|(id, due)| dirty(&contact(id), DirtyReason::Signal, due)));
    changes.push(dirty(&company("7"), DirtyReason::Signal, 5));
    block_on(store.apply(changes)).unwrap();
    let share = |longest, latest| {
        let rows = block_on(store.share(moment(5), longest, latest)).unwrap();
        assert!(rows.is_sorted_by_key(|row| row.id.clone()));
        rows.into_iter().map(|row| row.id).collect::<BTreeSet<_>>()
    };
    let expected = [company("7"), contact("2"), partner.clone()];
    assert_eq!(share(1, 1), expected.into(), "the partner is due as well");
    assert_eq!(share(2, 0), [contact("2"), contact("5"), partner.clone()].into());
    assert_eq!(share(0, 2), [company("7"), contact("4")].into());
    assert_eq!(share(9, 9).len(), 6, "each once, and nobody who is not due");
    // Told last and due longest: it counts as due longest, and another one comes for it.
    assert_eq!(share(5, 1).len(), 6);

    block_on(store.apply(vec![dirty(&contact("5"), DirtyReason::Signal, 99)])).unwrap();
    assert_eq!(share(0, 1), [contact("5")].into(), "signalled again, it comes first");
    let row = &block_on(store.share(moment(5), 0, 1)).unwrap()[0];
    assert_eq!((row.reason, row.due), (DirtyReason::Signal, moment(3)));
}

pub(crate) fn a_reference_that_may_be_a_company_or_a_person_is_one_of_a_share(pairs: Pairs) {
    let store = pairs("main");
    let both = |reference| [Kind::Company, Kind::Contact].map(|kind| counterparty(kind, reference));
    let told = ["aa", "bb", "cc"].into_iter().flat_map(both);
    block_on(store.apply(told.map(|id| dirty(&id, DirtyReason::Signal, 1)).collect())).unwrap();
    let numbers = [company("5"), contact("5")];
    block_on(store.apply(numbers.iter().map(|id| dirty(id, DirtyReason::Signal, 2)).collect())).unwrap();
    let share = |longest, latest| -> BTreeSet<RecordId> {
        let rows = block_on(store.share(moment(5), longest, latest)).unwrap();
        rows.into_iter().map(|row| row.id).collect()
    };
    assert_eq!(share(0, 3), both("cc").into_iter().chain(numbers.clone()).collect());
    assert_eq!(share(2, 2).len(), 6, "two references, and the two cards told last");
}

pub(crate) fn the_next_due_time_is_the_earliest_after_now(pairs: Pairs) {
    let store = pairs("main");
    block_on(store.apply(vec![
        dirty(&contact("1"), DirtyReason::Signal, 30),
        dirty(&company("1"), DirtyReason::Signal, 20),
        dirty(&contact("2"), DirtyReason::Signal, 10),
    ]))
    .unwrap();
    let next = |second| block_on(store.next_due(moment(second))).unwrap();
    assert_eq!([next(0), next(10), next(20)], [Some(moment(10)), Some(moment(20)), Some(moment(30))]);
    assert_eq!(next(30), None);
}

pub(crate) fn one_intent_stands_for_a_record_until_it_is_settled(pairs: Pairs) {
    let store = pairs("main");
    let create = |derived: Option<&str>, second| Intent {
        record: contact("10"),
        action: IntentAction::Create { derived_id: derived.map(str::to_owned) },
        sent_at: moment(second),
    };
    let update = Intent {
        record: contact("9"),
        action: IntentAction::Update { changes: Vec::new() },
        sent_at: moment(2),
    };
    let changes = [create(None, 0), create(Some("f0"), 1), update.clone()].map(Change::Intent);
    block_on(store.apply(changes.into())).unwrap();
    assert_eq!(block_on(store.intents()).unwrap(), [update.clone(), create(Some("f0"), 1)]);

    block_on(store.apply(vec![Change::Settled { record: contact("10") }])).unwrap();
    assert_eq!(block_on(store.intents()).unwrap(), [update]);
    block_on(store.apply(vec![Change::Settled { record: contact("10") }])).expect("settled twice is settled");
}

pub(crate) fn a_review_opens_once_closes_and_opens_again(pairs: Pairs) {
    let store = pairs("main");
    let case = review(ReviewKind::Match, &[contact("1"), counterparty(Kind::Contact, "a")]);
    let open = || Change::Review(Box::new(case.clone()));
    block_on(store.apply(vec![open(), open()])).unwrap();
    block_on(store.apply(vec![open()])).unwrap();
    assert_eq!(block_on(store.reviews()).unwrap(), std::slice::from_ref(&case));

    block_on(store.apply(vec![Change::ReviewClosed { id: case.id() }])).unwrap();
    assert_eq!(block_on(store.reviews()).unwrap(), []);
    assert_eq!(block_on(store.reviews_of(&case.records)).unwrap(), []);

    block_on(store.apply(vec![open()])).unwrap();
    assert_eq!(block_on(store.reviews()).unwrap(), std::slice::from_ref(&case));
    assert_eq!(block_on(store.reviews_of(&case.records)).unwrap(), [case]);
}

pub(crate) fn reviews_are_found_by_their_records(pairs: Pairs) {
    let store = pairs("main");
    let twins = review(ReviewKind::Twins, &[contact("1"), contact("2")]);
    let conflict = review(ReviewKind::Conflict, &[contact("2"), counterparty(Kind::Contact, "b")]);
    let changes = [&twins, &conflict].map(|case| Change::Review(Box::new(case.clone())));
    block_on(store.apply(changes.into())).unwrap();

    let of = |ids: &[RecordId]| block_on(store.reviews_of(ids)).unwrap();
    assert_eq!(of(&[contact("1")]), std::slice::from_ref(&twins));
    assert_eq!(of(&[contact("3"), company("2")]), []);
    let mut both = vec![twins, conflict];
    both.sort_by_key(Review::id);
    assert_eq!(of(&[contact("1"), contact("2")]), both);
    assert_eq!(block_on(store.reviews()).unwrap(), both);
    let id = both[1].id();
    assert_eq!(block_on(store.review(&id)).unwrap().as_ref(), Some(&both[1]));
    block_on(store.apply(vec![Change::ReviewClosed { id: id.clone() }])).unwrap();
    assert_eq!(block_on(store.review(&id)).unwrap(), None);
}

pub(crate) fn the_journal_keeps_the_order_of_writing(pairs: Pairs) {
    let store = pairs("main");
    let entry = |id: &RecordId, second, event| Entry {
        at: moment(second),
        run: "run-1".to_owned(),
        record: id.clone(),
        event,
    };
    let party = Box::new(organization(company("1"), "Ромашка", INN).party);
    let created =
        entry(&company("1"), 9, Event::Created { source: counterparty(Kind::Company, "a"), party: None });
    let overwrote = entry(&company("1"), 5, Event::Overwrote { party });
    let other = entry(&company("2"), 5, Event::Unanswered { changes: Vec::new() });
    let refused = entry(&company("1"), 5, Event::Refused { words: "no".to_owned() });
    for entries in [vec![&created, &other], vec![&overwrote, &refused]] {
        block_on(
            store.apply(entries.into_iter().map(|entry| Change::Journal(Box::new(entry.clone()))).collect()),
        )
        .unwrap();
    }
    assert_eq!(block_on(store.journal(&company("1"))).unwrap(), [created, overwrote, refused]);
    assert_eq!(block_on(store.journal(&contact("1"))).unwrap(), []);
}

pub(crate) fn records_written_again_and_again_are_told(pairs: Pairs) {
    let store = pairs("main");
    let updated = |id: &RecordId, second| {
        let event = Event::Updated { changes: Vec::new() };
        Change::Journal(Box::new(Entry {
            at: moment(second),
            run: "a".to_owned(),
            record: id.clone(),
            event,
        }))
    };
    let busy = counterparty(Kind::Contact, "a");
    let entries =
        [(&busy, 1), (&busy, 5), (&busy, 6), (&contact("1"), 1), (&contact("1"), 5), (&company("1"), 6)];
    block_on(store.apply(entries.map(|(id, second)| updated(id, second)).into())).unwrap();
    block_on(pairs("other").apply(vec![updated(&contact("1"), 7)])).unwrap();
    let asked = [contact("1"), company("1"), busy.clone(), contact("2")];
    let told = |since, least| block_on(store.busy(&asked, moment(since), least)).unwrap();
    assert_eq!(told(5, 2), std::slice::from_ref(&busy), "an entry of that very moment counts");
    assert_eq!(told(1, 3), [busy]);
    assert_eq!(told(6, 2), []);
    assert_eq!(block_on(store.busy(&[], moment(0), 1)).unwrap(), []);
}

pub(crate) fn runs_are_told_with_what_they_wrote(pairs: Pairs) {
    let store = pairs("main");
    let entry = |run: &str, id: &RecordId, second, event| {
        let entry = Entry { at: moment(second), run: run.to_owned(), record: id.clone(), event };
        Change::Journal(Box::new(entry))
    };
    let updated = || Event::Updated { changes: Vec::new() };
    let created = || Event::Created { source: contact("1"), party: None };
    let person = counterparty(Kind::Contact, "a");
    let linked = Event::Linked { with: counterparty(Kind::Contact, "b"), reason: LinkReason::Email };
    let first = vec![
        entry("first", &contact("10"), 5, updated()),
        entry("first", &person, 6, created()),
        entry("first", &person, 7, updated()),
        entry("first", &contact("9"), 9, updated()),
        entry("first", &company("2"), 8, updated()),
        entry("first", &contact("9"), 9, linked),
    ];
    block_on(store.apply(first)).unwrap();
    block_on(store.apply(vec![entry("second", &contact("9"), 20, updated())])).unwrap();
    block_on(pairs("other").apply(vec![entry("first", &contact("77"), 1, updated())])).unwrap();

    let runs = block_on(store.runs(10)).unwrap();
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    assert_eq!(names, ["second", "first"], "the latest first");
    assert_eq!((runs[1].began, runs[1].ended), (moment(5), moment(9)));
    let counts = [("created:onec", 1), ("linked:bitrix24", 1), ("updated:bitrix24", 3), ("updated:onec", 1)];
    assert_eq!(runs[1].counts, counts.map(|(what, count)| (what.to_owned(), count)).into());
    assert_eq!(block_on(store.runs(1)).unwrap().len(), 1);

    let all = [company("2"), contact("10"), contact("9"), person];
    assert_eq!(block_on(store.written("first", None, 10)).unwrap(), all);
    let page = block_on(store.written("first", None, 3)).unwrap();
    assert_eq!(page, all[..3]);
    assert_eq!(block_on(store.written("first", page.last(), 3)).unwrap(), all[3..]);
    assert_eq!(block_on(store.written("third", None, 3)).unwrap(), []);
}

pub(crate) fn a_text_is_kept_until_it_is_replaced(pairs: Pairs) {
    let store = pairs("main");
    block_on(store.keep("limits", "one".to_owned())).unwrap();
    block_on(store.apply(vec![Change::Text { name: "cursor".to_owned(), text: "at 50".to_owned() }]))
        .unwrap();
    block_on(store.keep("limits", "two".to_owned())).unwrap();
    assert_eq!(block_on(store.recall("limits")).unwrap().as_deref(), Some("two"));
    assert_eq!(block_on(store.recall("cursor")).unwrap().as_deref(), Some("at 50"));
}

pub(crate) fn figures_count_everything(pairs: Pairs) {
    let store = pairs("main");
    let closed = review(ReviewKind::Match, &[contact("3")]);
    block_on(store.apply(vec![
        see(&organization(company("1"), "Ромашка", INN)),
        see(&organization(company("2"), "Лютик", "")),
        see(&person(counterparty(Kind::Contact, "a"), vec![])),
        link("1", "a"),
        dirty(&contact("1"), DirtyReason::WaitsForCompany, 0),
        dirty(&contact("2"), DirtyReason::Swept, 0),
        dirty(&company("2"), DirtyReason::Swept, 0),
        Change::Review(Box::new(review(ReviewKind::Twins, &[contact("1")]))),
        Change::ReviewClosed { id: closed.id() },
        Change::Review(Box::new(closed.clone())),
        Change::ReviewClosed { id: closed.id() },
        Change::Intent(Intent {
            record: contact("1"),
            action: IntentAction::Update { changes: Vec::new() },
            sent_at: moment(0),
        }),
    ]))
    .unwrap();

    let counts = |of: &[(&str, u64)]| of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    let expected = Figures {
        seen: counts(&[("bitrix24:company", 2), ("onec:contact", 1)]),
        links: counts(&[("contact", 1)]),
        dirty: counts(&[("swept", 2), ("waits-for-company", 1)]),
        reviews: counts(&[("twins", 1)]),
        intents: 1,
    };
    assert_eq!(block_on(store.figures()).unwrap(), expected);
}

pub(crate) fn pairs_do_not_see_each_other(pairs: Pairs) {
    let (main, other) = (pairs("main"), pairs("other"));
    let firm = organization(company("1"), "Ромашка", INN);
    let case = review(ReviewKind::Twins, &[contact("1")]);
    block_on(main.apply(vec![
        see(&firm),
        see(&person(contact("1"), vec![company("1")])),
        link("1", "a"),
        dirty(&contact("1"), DirtyReason::Signal, 0),
        Change::Review(Box::new(case.clone())),
        Change::Intent(Intent {
            record: contact("1"),
            action: IntentAction::Update { changes: Vec::new() },
            sent_at: moment(0),
        }),
        Change::Text { name: "limits".to_owned(), text: "main".to_owned() },
        Change::Journal(Box::new(Entry {
            at: moment(0),
            run: "run-1".to_owned(),
            record: contact("1"),
            event: Event::Unanswered { changes: Vec::new() },
        })),
    ]))
    .unwrap();
    let of_main = block_on(main.figures()).unwrap();

    block_on(other.apply(vec![
        link("1", "b"),
        Change::Gone(firm.id.clone()),
        Change::ReviewClosed { id: case.id() },
    ]))
    .expect("the link of another pair is no hindrance");
    block_on(other.apply(vec![Change::Settled { record: contact("1") }, clean(&contact("1"), 1)])).unwrap();

    assert_eq!(block_on(main.figures()).unwrap(), of_main);
    assert_eq!(block_on(main.links(&[contact("1")])).unwrap()[0].onec, counterparty(Kind::Contact, "a"));
    assert_eq!(block_on(other.seen(&[contact("1")])).unwrap(), []);
    assert_eq!(block_on(other.holders(Kind::Company, &[inn_key(&firm)], 5)).unwrap()[0].records, []);
    assert_eq!(block_on(other.employed_by(&[company("1")])).unwrap(), []);
    assert_eq!(block_on(other.dirty(Kind::Contact, moment(9), None, 5)).unwrap(), []);
    assert!(!block_on(other.is_dirty(&contact("1"))).unwrap());
    assert_eq!(block_on(other.next_due(moment(-9))).unwrap(), None);
    assert_eq!(block_on(other.intents()).unwrap(), []);
    assert_eq!(block_on(other.reviews()).unwrap(), []);
    assert_eq!(block_on(other.reviews_of(&[contact("1")])).unwrap(), []);
    assert_eq!(block_on(other.journal(&contact("1"))).unwrap(), []);
    assert_eq!(block_on(other.recall("limits")).unwrap(), None);
}

pub(crate) fn ten_thousand_records_load_in_batches(pairs: Pairs) {
    let store = pairs("main");
    let numbers: Vec<u32> = (1..=10_000).collect();
    for batch in numbers.chunks(500) {
        let changes = batch.iter().flat_map(|number| {
            let firm = organization(company(&number.to_string()), &format!("Фирма {}", number % 7), "");
            [see(&firm), dirty(&firm.id, DirtyReason::Swept, 0)]
        });
        block_on(store.apply(changes.collect())).unwrap();
    }

    let figures = block_on(store.figures()).unwrap();
    assert_eq!((figures.seen["bitrix24:company"], figures.dirty["swept"]), (10_000, 10_000));
    let last = company("9999");
    let tail = block_on(store.dirty(Kind::Company, moment(0), Some(&last), 10)).unwrap();
    assert_eq!(tail.into_iter().map(|row| row.id).collect::<Vec<_>>(), [company("10000")]);
    let names: Vec<Key> =
        obmen_domain::key::keys_of_record(&organization(company("1"), "Фирма 1", "")).into_iter().collect();
    let holders = block_on(store.holders(Kind::Company, &names, 3)).unwrap();
    assert_eq!(holders[0].records, [company("1"), company("8"), company("15")]);
    assert_eq!(holders[0].count[&Side::Bitrix24], 1_429);
}

fn only_row(store: &dyn Store) -> obmen_engine::store::Dirty {
    let rows = block_on(store.dirty(Kind::Contact, moment(1_000), None, 10)).unwrap();
    let [row] = rows.as_slice() else { panic!("one row a record: {rows:?}") };
    row.clone()
}

fn link(number: &str, reference: &str) -> Change {
    Change::Link {
        bitrix24: contact(number),
        onec: counterparty(Kind::Contact, reference),
        reason: LinkReason::Email,
    }
}

fn clean(id: &RecordId, generation: i64) -> Change {
    Change::Clean { id: id.clone(), generation }
}

fn postpone(id: &RecordId, generation: i64, attempts: u32, second: i64) -> Change {
    Change::Postpone { id: id.clone(), generation, reason: DirtyReason::Retry, attempts, due: moment(second) }
}

fn review(kind: ReviewKind, records: &[RecordId]) -> Review {
    Review {
        kind,
        party: Kind::Contact,
        records: records.to_vec(),
        fields: vec![Field::Phone],
        reason: AskReason::SideRefused("слишком длинно".to_owned()),
    }
}
