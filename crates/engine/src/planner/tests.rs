//! Plans, as tables: what is seen goes in, the printed steps come out.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::create_rule::{CreateRule, Withheld};
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::forms::phone::{PhoneContext, read_phones};
use obmen_domain::party::{Beside, Field, Organization, Party, Person, Point};
use obmen_domain::plan::{LinkReason, Step};
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Standing};
use obmen_domain::review::{AskReason, Review, ReviewKind};
use obmen_domain::rules::{Capacity, Direction, OnDelete, Rules};

use super::{Capacities, Planned, Planner, Questioned, Surroundings, decisions};
use crate::store::Link;

const PHONE: &str = "+79123456789";
const OTHER: &str = "+79990000001";

#[test]
fn a_person_of_both_bases_is_linked_completed_and_given_both_ids() {
    let planned = plan(
        &Rules::default(),
        &[around(&[
            contact("1", "Иванов Пётр", &[PHONE, OTHER]),
            counterparty("a", "Иванов Пётр Сергеевич", &[PHONE]),
        ])],
    );
    check(
        &planned,
        "link bitrix24:contact:1 = onec:contact:a (same phone, names agree)\n\
         update bitrix24:contact:1; name: «Иванов Пётр» -> «Иванов Пётр Сергеевич» (fuller spelling of the same name); \
         mutual-id: «» -> «a» (keeps the other side's id)\n\
         update onec:contact:a; phone: «+79123456789» -> «+79123456789, +79990000001» (both sides' values unite); \
         mutual-id: «» -> «contact:1» (keeps the other side's id)",
    );
}

#[test]
fn a_contact_comes_along_with_its_company_and_waits_for_one_that_is_undecided() {
    let company = RecordId::bitrix24(Kind::Company, "5");
    let employed = with_employer(contact("1", "Иванов Пётр", &[PHONE]), &company);
    let rules = Rules::default();

    let first = around(&[firm(company.clone(), "ООО Ромашка", "7701234560")]);
    let planned = plan(&rules, &[first, around(std::slice::from_ref(&employed))]);
    check(
        &planned,
        "create onec/counterparty from bitrix24:company:5; name: ООО Ромашка; inn: 7701234560\n\
         create onec/contact-person from bitrix24:contact:1; name: Иванов Пётр; phone: +79123456789; company: bitrix24:company:5",
    );

    let mut waiting = around(std::slice::from_ref(&employed));
    waiting.undecided_companies = BTreeSet::from([company]);
    let planned = plan(&rules, &[waiting]);
    check(&planned, "");
    assert_eq!(planned.plan.waiting, std::slice::from_ref(&employed.id));

    let planned = plan(&rules, &[around(&[employed])]);
    check(
        &planned,
        "create onec/counterparty from bitrix24:contact:1; name: Иванов Пётр; phone: +79123456789",
    );
}

#[test]
fn a_further_requisite_goes_beside_one_that_has_its_place_and_waits_for_the_first_where_none_has() {
    let [first, second] = ["a", "b"].map(|id| RecordId::onec(Kind::Company, id));
    let company = RecordId::bitrix24(Kind::Company, "5");
    let sibling = |id: &RecordId, other: &RecordId| {
        let mut record = firm(id.clone(), "Филиал", "7701234560");
        if let Party::Organization(organization) = &mut record.party {
            let beside = Beside { is_first: *id == first, others: vec![other.clone()] };
            organization.beside = Some(Box::new(beside));
        }
        record
    };
    let beside = |here: &RecordId, there: &RecordId| {
        let mut linked = around(&[sibling(here, there)]);
        linked.companies =
            BTreeMap::from([(there.clone(), company.clone()), (company.clone(), there.clone())]);
        linked
    };
    let rules = Rules::default();
    // Whichever of both came first: the one without a link follows the one that has one.
    for (here, there) in [(&first, &second), (&second, &first)] {
        check(
            &plan(&rules, &[beside(here, there)]),
            &format!("create bitrix24/bitrix24 from {here}; name: Филиал; inn: 7701234560; company: {there}"),
        );
    }

    let mut waiting = around(&[sibling(&second, &first)]);
    waiting.lone_companies = BTreeMap::from([(first.clone(), sibling(&first, &second))]);
    let planned = plan(&rules, &[waiting]);
    check(&planned, "");
    assert_eq!(planned.plan.waiting, std::slice::from_ref(&second));
    check(
        &plan(&rules, &[around(&[sibling(&first, &second)])]),
        "create bitrix24/bitrix24 from onec:company:a; name: Филиал; inn: 7701234560",
    );
}

#[test]
fn who_waits_for_a_company_in_question_is_listed_until_it_is_decided() {
    let company = RecordId::bitrix24(Kind::Company, "5");
    let employed = with_employer(contact("1", "Иванов Пётр", &[PHONE]), &company);
    let rules = Rules::default();
    let mut waiting = around(std::slice::from_ref(&employed));
    waiting.undecided_companies = BTreeSet::from([company.clone()]);
    waiting.questioned_companies = asked(company, ReviewKind::Match);
    let planned = plan(&rules, &[waiting]);
    check(
        &planned,
        "ask refused (its company waits for a decision, and it waits along) bitrix24:contact:1 [company]",
    );
    assert_eq!(planned.plan.waiting, std::slice::from_ref(&employed.id));

    let mut decided = around(std::slice::from_ref(&employed));
    let Step::Ask(notice) = &planned.plan.steps[0] else { panic!("the notice is asked") };
    decided.reviews.push(notice.clone());
    let planned = plan(&rules, &[decided]);
    assert_eq!(planned.plan.counts().create_onec, 1, "the notice does not hold it back");
    assert_eq!(planned.closed, BTreeSet::from([notice.id()]));
}

#[test]
fn nobody_is_made_a_person_of_a_company_that_is_gone_on_that_side() {
    let company = RecordId::bitrix24(Kind::Company, "5");
    let partner = RecordId::onec(Kind::Company, "a");
    let employed = with_employer(contact("1", "Иванов Пётр", &[PHONE]), &company);
    let rules = Rules::default();
    let mut linked = around(std::slice::from_ref(&employed));
    linked.companies = BTreeMap::from([(company.clone(), partner.clone()), (partner, company.clone())]);
    assert_eq!(plan(&rules, std::slice::from_ref(&linked)).plan.counts().create_onec, 1);

    linked.undecided_companies = BTreeSet::from([company.clone()]);
    linked.questioned_companies = asked(company, ReviewKind::Deletion);
    let planned = plan(&rules, &[linked]);
    check(
        &planned,
        "ask refused (its company waits for a decision, and it waits along) bitrix24:contact:1 [company]",
    );
    assert_eq!(planned.plan.waiting, std::slice::from_ref(&employed.id));
}

#[test]
fn a_linked_person_between_a_linked_company_and_one_in_question_is_listed() {
    let company = RecordId::bitrix24(Kind::Company, "5");
    let [partner, asked_about] = ["a", "b"].map(|id| RecordId::onec(Kind::Company, id));
    let [mut left, mut right] = [
        with_employer(contact("1", "Иванов Пётр Сергеевич", &[PHONE]), &company),
        with_employer(counterparty("p", "Иванов Пётр Сергеевич", &[PHONE]), &asked_about),
    ];
    left.mutual_id = right.id.mutual();
    right.mutual_id = left.id.mutual();
    let mut between = around(&[left, right]);
    between.companies = BTreeMap::from([(company.clone(), partner.clone()), (partner, company)]);
    let notices = |around: &Surroundings| {
        let steps = plan(&Rules::default(), std::slice::from_ref(around)).plan.steps;
        steps
            .into_iter()
            .filter(|step| matches!(step, Step::Ask(_)))
            .map(|step| step.to_string())
            .collect::<Vec<_>>()
    };
    assert!(notices(&between).is_empty(), "nobody is asked about the other company");
    between.questioned_companies = asked(asked_about.clone(), ReviewKind::Twins);
    assert!(notices(&between).is_empty(), "a twin is no other company");
    between.questioned_companies = asked(asked_about, ReviewKind::Match);
    assert_eq!(
        notices(&between),
        [
            "ask refused (its company waits for a decision, and it waits along) bitrix24:contact:1 onec:contact:p [company]"
        ]
    );
}

#[test]
fn what_may_be_created_is_a_setting() {
    let lone = || around(&[contact("1", "Иванов Пётр", &[PHONE])]);
    let forbidden = [
        (Rules { create_in_onec: CreateRule::None, ..Rules::default() }, Withheld::Nothing),
        (
            Rules { create_in_onec: CreateRule::with_inn(), ..Rules::default() },
            Withheld::Unmet("with-inn".to_owned()),
        ),
        (Rules { direction: Direction::OnecToBitrix24, ..Rules::default() }, Withheld::OneWay),
        (Rules { partial_rights: true, ..Rules::default() }, Withheld::PartialRights),
    ];
    for (rules, reason) in forbidden {
        let planned = plan(&rules, &[lone()]);
        check(&planned, "");
        assert_eq!(planned.plan.withheld, [(RecordId::bitrix24(Kind::Contact, "1"), reason)]);
    }
    assert_eq!(plan(&Rules::default(), &[lone()]).plan.counts().create_onec, 1);
}

#[test]
fn a_person_stays_with_a_company_that_is_not_created() {
    let company = RecordId::bitrix24(Kind::Company, "5");
    let employed = with_employer(contact("1", "Иванов Пётр", &[PHONE]), &company);
    let rules = Rules { create_in_onec: "company.with-inn".parse().unwrap(), ..Rules::default() };
    let firm = firm(company.clone(), "ООО Ромашка", "");
    let employed = || {
        let mut around = around(std::slice::from_ref(&employed));
        around.lone_companies = BTreeMap::from([(company.clone(), firm.clone())]);
        around
    };
    let mut dirty = employed();
    dirty.undecided_companies = BTreeSet::from([company.clone()]);
    for person in [employed(), dirty] {
        let planned = plan(&rules, &[around(std::slice::from_ref(&firm)), person]);
        check(&planned, "");
        assert!(planned.plan.waiting.is_empty(), "nobody waits for what does not come");
        let reasons: Vec<&Withheld> = planned.plan.withheld.iter().map(|(_, reason)| reason).collect();
        assert_eq!(reasons, [&Withheld::Unmet("company.with-inn".to_owned()), &Withheld::WithItsCompany]);
    }

    let mut with_another = employed();
    let other = RecordId::bitrix24(Kind::Company, "6");
    let person = with_another.neighbourhood.records.values_mut().next().unwrap();
    *person = with_employer(person.clone(), &other);
    with_another.companies = BTreeMap::from([(other, RecordId::onec(Kind::Company, "o"))]);
    assert_eq!(plan(&rules, &[with_another]).plan.counts().create_onec, 1, "it comes with the other one");

    let mut questioned = employed();
    questioned.undecided_companies = BTreeSet::from([company.clone()]);
    questioned.questioned_companies = asked(company.clone(), ReviewKind::Match);
    assert_eq!(plan(&rules, &[questioned]).plan.counts().waiting, 1, "a person may still link it");
}

#[test]
fn a_one_way_pair_writes_nothing_but_ids_to_its_leader() {
    let rules = Rules { direction: Direction::OnecToBitrix24, ..Rules::default() };
    let planned = plan(
        &rules,
        &[around(&[
            contact("1", "Иванов Пётр Сергеевич", &[PHONE, OTHER]),
            counterparty("a", "Иванов Пётр", &[PHONE]),
        ])],
    );
    check(
        &planned,
        "link bitrix24:contact:1 = onec:contact:a (same phone, names agree)\n\
         update bitrix24:contact:1; name: «Иванов Пётр Сергеевич» -> «Иванов Пётр» (the other side leads); \
         mutual-id: «» -> «a» (keeps the other side's id)\n\
         update onec:contact:a; mutual-id: «» -> «contact:1» (keeps the other side's id)",
    );
}

#[test]
fn refused_data_are_not_sent_again_by_themselves() {
    let mut refused = around(&[contact("1", "Иванов Пётр", &[PHONE])]);
    refused.reviews.push(review(ReviewKind::Refused, &["1"], AskReason::SideRefused("no".into())));
    let planned = plan(&Rules::default(), &[refused]);
    check(&planned, "");
    assert!(planned.closed.is_empty(), "the case stays open");
}

#[test]
fn a_question_is_asked_once_and_closed_when_it_is_answered() {
    let records = [
        contact("1", "Иванов Пётр Сергеевич", &[PHONE]),
        counterparty("a", "Иванов Пётр Сергеевич", &[OTHER]),
    ];
    let first = plan(&Rules::default(), &[around(&records)]);
    check(
        &first,
        "ask match (the names are the same, no e-mail, phone or INN is common) bitrix24:contact:1 onec:contact:a",
    );
    let asked = Review {
        kind: ReviewKind::Match,
        party: Kind::Contact,
        records: records.iter().map(|record| record.id.clone()).collect(),
        fields: Vec::new(),
        reason: AskReason::OnlyNameCommon,
    };
    let mut again = around(&records);
    again.reviews.push(asked.clone());
    let second = plan(&Rules::default(), &[again]);
    check(&second, "");
    assert!(second.closed.is_empty());

    let mut answered = around(&[
        contact("1", "Иванов Пётр Сергеевич", &[PHONE]),
        counterparty("a", "Иванов Пётр Сергеевич", &[PHONE]),
    ]);
    answered.reviews.push(asked.clone());
    let third = plan(&Rules::default(), &[answered]);
    assert_eq!(third.plan.counts().link, 1);
    assert_eq!(third.closed, BTreeSet::from([asked.id()]));
}

#[test]
fn who_was_held_by_a_question_that_ends_without_it_is_looked_at() {
    let twins = [contact("1", "Иванов Пётр", &[PHONE]), contact("2", "Иванов Пётр", &[OTHER])];
    let asked = Review {
        kind: ReviewKind::Twins,
        party: Kind::Contact,
        records: twins.iter().map(|record| record.id.clone()).collect(),
        fields: Vec::new(),
        reason: AskReason::FullerRecordTakesPart,
    };
    for (here, released) in [(&twins[..1], &twins[1..]), (&twins[..], &[])] {
        let mut around = around(here);
        around.reviews.push(asked.clone());
        let planned = plan(&Rules::default(), &[around]);
        assert_eq!(planned.closed, BTreeSet::from([asked.id()]));
        let released: BTreeSet<RecordId> = released.iter().map(|record| record.id.clone()).collect();
        assert_eq!(planned.released, released, "of {} looked at", here.len());
    }
}

#[test]
fn a_question_about_a_deletion_ends_when_both_records_are_there() {
    let both = [contact("1", "Иванов Пётр", &[PHONE]), counterparty("a", "Иванов Пётр", &[PHONE])];
    let asked = Review {
        kind: ReviewKind::Deletion,
        party: Kind::Contact,
        records: both.iter().map(|record| record.id.clone()).collect(),
        fields: Vec::new(),
        reason: AskReason::Deleted,
    };
    for (records, is_closed) in [(&both[..1], false), (&both[..], true)] {
        let mut around = around(records);
        around.reviews.push(asked.clone());
        let planned = plan(&Rules::default(), &[around]);
        assert_eq!(planned.closed.contains(&asked.id()), is_closed, "{} record(s)", records.len());
    }
}

#[test]
fn a_linked_object_that_is_marked_for_deletion_is_a_question_until_the_mark_is_gone() {
    let pair = |standing| {
        let card = contact("1", "Иванов Пётр Сергеевич", &[PHONE, OTHER]);
        let mut object =
            Record { standing, ..counterparty("a", "Иванов Пётр Сергеевич", &[PHONE]) };
        object.mutual_id = card.id.mutual();
        let card = Record { mutual_id: object.id.mutual(), ..card };
        let (bitrix24, onec) = (card.id.clone(), object.id.clone());
        let mut around = around(&[card, object]);
        around.neighbourhood.links = BTreeSet::from([(bitrix24.clone(), onec.clone())]);
        let base = around.neighbourhood.records[&onec].party.clone();
        around.links = vec![Link { bitrix24, onec, reason: LinkReason::Phone, base: Some(base) }];
        around
    };
    let question = "ask deletion (the object was marked for deletion) bitrix24:contact:1 onec:contact:a";
    let rules = |on_delete| Rules { on_delete, ..Rules::default() };
    let asked = plan(&rules(OnDelete::Review), &[pair(Standing::Marked)]);
    check(&asked, question);
    let review = asked.plan.steps.into_iter().find_map(|step| match step {
        Step::Ask(review) => Some(review),
        _ => None,
    });
    let review = review.unwrap();
    let mut still = pair(Standing::Marked);
    still.reviews.push(review.clone());
    let still = plan(&rules(OnDelete::Review), &[still]);
    check(&still, "");
    assert!(still.closed.is_empty(), "nobody is asked twice, and the question stays");
    let mut restored = pair(Standing::TakesPart);
    restored.reviews.push(review.clone());
    let restored = plan(&rules(OnDelete::Review), &[restored]);
    assert_eq!(restored.closed, BTreeSet::from([review.id()]));
    assert_eq!(restored.plan.counts().update_onec, 1, "what was held travels");
    for rule in [OnDelete::Mark, OnDelete::Ignore] {
        let planned = plan(&rules(rule), &[pair(Standing::Marked)]);
        assert_eq!((planned.plan.counts().ask, planned.plan.counts().update_onec), (0, 1), "{rule:?}");
    }
}

#[test]
fn the_link_of_a_counterparty_that_was_replaced_goes_on_in_the_other() {
    let card = contact("1", "Иванов Пётр Сергеевич", &[PHONE]);
    let client = counterparty("a", "Иванов Пётр Сергеевич", &[PHONE]);
    let dead = Record {
        standing: Standing::Marked, ..counterparty("b", "Иванов Пётр Сергеевич", &[PHONE])
    };
    let mut around = around(&[card.clone(), client, dead.clone()]);
    around.neighbourhood.links = BTreeSet::from([(card.id.clone(), dead.id.clone())]);
    let base = Some(card.party.clone());
    around.links = vec![Link { bitrix24: card.id, onec: dead.id, reason: LinkReason::Phone, base }];
    check(
        &plan(&Rules::default(), &[around]),
        "unlink bitrix24:contact:1 = onec:contact:b\n\
         link bitrix24:contact:1 = onec:contact:a (same phone, names agree)\n\
         update bitrix24:contact:1; mutual-id: «» -> «a» (keeps the other side's id)\n\
         update onec:contact:a; mutual-id: «» -> «contact:1» (keeps the other side's id)",
    );
}

#[test]
fn the_link_of_a_contact_that_was_merged_into_another_goes_on_there_and_its_questions_end() {
    let other = contact("2", "Иванов Пётр Сергеевич", &[PHONE, OTHER]);
    let client = counterparty("a", "Иванов Пётр Сергеевич", &[PHONE]);
    let gone = RecordId::bitrix24(Kind::Contact, "1");
    let asks = |kind, records: [&RecordId; 2]| Review {
        kind,
        party: Kind::Contact,
        records: records.into_iter().cloned().collect(),
        fields: Vec::new(),
        reason: AskReason::Deleted,
    };
    let mut around = around(&[other.clone(), client.clone()]);
    around.neighbourhood.links = BTreeSet::from([(gone.clone(), client.id.clone())]);
    let reason = LinkReason::Copy;
    let base = Some(client.party.clone());
    around.links = vec![Link { bitrix24: gone.clone(), onec: client.id.clone(), reason, base }];
    let questions =
        [asks(ReviewKind::Deletion, [&gone, &client.id]), asks(ReviewKind::Match, [&other.id, &client.id])];
    around.reviews = questions.to_vec();
    let planned = plan(&Rules::default(), &[around]);
    check(
        &planned,
        "unlink bitrix24:contact:1 = onec:contact:a\n\
         link bitrix24:contact:2 = onec:contact:a (same phone, names agree)\n\
         update bitrix24:contact:2; mutual-id: «» -> «a» (keeps the other side's id)\n\
         update onec:contact:a; phone: «+79123456789» -> «+79123456789, +79990000001» (both sides' values unite); \
         mutual-id: «» -> «contact:2» (keeps the other side's id)",
    );
    assert_eq!(planned.closed, questions.iter().map(Review::id).collect());
}

#[test]
fn equal_pairs_are_settled_and_a_conflict_is_a_question() {
    let link = |base: Option<Party>| Link {
        bitrix24: RecordId::bitrix24(Kind::Contact, "1"),
        onec: RecordId::onec(Kind::Contact, "a"),
        reason: LinkReason::Phone,
        base,
    };
    let linked = |left: &str, right: &str, base: Option<Party>| {
        let mut left = contact("1", left, &[PHONE]);
        let mut right = counterparty("a", right, &[PHONE]);
        left.mutual_id = "a".to_owned();
        right.mutual_id = "contact:1".to_owned();
        let mut around = around(&[left, right]);
        around.neighbourhood.links = BTreeSet::from([(link(None).bitrix24, link(None).onec)]);
        around.links = vec![link(base)];
        around
    };
    let equal = plan(&Rules::default(), &[linked("Иванов Пётр", "Иванов Петр", None)]);
    check(&equal, "");
    assert_eq!(equal.settled.len(), 1, "the state agreed on is kept");

    let base = contact("1", "Иванов Пётр Сергеевич", &[PHONE]).party;
    let both = plan(&Rules::default(), &[linked("Орлов Пётр Сергеевич", "Котов Пётр Сергеевич", Some(base))]);
    check(&both, "ask conflict (both sides hold different values) bitrix24:contact:1 onec:contact:a [name]");

    // A write that was refused holds the pair until it is taken up again; a pair that has become equal ends the case.
    let base = contact("1", "Иванов Пётр", &[PHONE]).party;
    let letter = || review(ReviewKind::Refused, &["1"], AskReason::DoesNotStay);
    let mut changed = linked("Иванов Пётр", "Котов Пётр", Some(base.clone()));
    assert_ne!(plan(&Rules::default(), std::slice::from_ref(&changed)).plan.steps, []);
    changed.reviews.push(letter());
    let held = plan(&Rules::default(), &[changed]);
    check(&held, "");
    assert!(held.closed.is_empty(), "the case stays open");
    let mut equal = linked("Иванов Пётр", "Иванов Пётр", Some(base));
    equal.reviews.push(letter());
    assert_eq!(plan(&Rules::default(), &[equal]).closed, BTreeSet::from([letter().id()]));
}

#[test]
fn a_plan_has_the_same_digest_as_often_as_it_is_made() {
    let world =
        || [around(&[contact("1", "Иванов Пётр", &[PHONE]), counterparty("a", "Сидоров Олег", &[OTHER])])];
    let (one, two) = (plan(&Rules::default(), &world()), plan(&Rules::default(), &world()));
    assert_eq!(one.plan.digest(), two.plan.digest());
    let other = plan(&Rules::default(), &[around(&[contact("1", "Иванов Пётр", &[OTHER])])]);
    assert_ne!(one.plan.digest(), other.plan.digest());
}

fn check(planned: &Planned, expected: &str) {
    let steps: Vec<String> = planned.plan.steps.iter().map(ToString::to_string).collect();
    assert_eq!(steps.join("\n"), expected);
}

fn plan(rules: &Rules, world: &[Surroundings]) -> Planned {
    let capacities = capacities();
    let mut planner = Planner::new(rules, &capacities);
    for around in world {
        planner.add(decisions(around), around);
    }
    planner.take()
}

#[test]
fn a_person_of_an_owner_with_several_companies_comes_with_the_first_that_counts() {
    let [marked, main, branch] = ["m", "f", "g"].map(|id| RecordId::onec(Kind::Company, id));
    let person = counterparty("p", "Орлова Нина Павловна", &["+79125554433"]);
    let person = Record { catalog: Catalog::ContactPerson, ..person };
    let person = [&marked, &main, &branch].into_iter().fold(person, with_employer);
    let employers = |waiting: &[&RecordId]| {
        let mut around = around(std::slice::from_ref(&person));
        around.companies = [(&main, "5"), (&branch, "7")]
            .into_iter()
            .filter(|(company, _)| !waiting.contains(company))
            .map(|(company, id)| (company.clone(), RecordId::bitrix24(Kind::Company, id)))
            .collect();
        around.undecided_companies = waiting.iter().map(|company| (*company).clone()).collect();
        let (rules, capacities) = (Rules::default(), capacities());
        let mut planner = Planner::new(&rules, &capacities);
        planner.add(decisions(&around), &around);
        let planned = planner.take();
        let creates = planned.plan.steps.into_iter().filter_map(|step| match step {
            Step::Create(creation) => Some(creation.party.employers().to_vec()),
            _ => None,
        });
        creates.flatten().collect::<Vec<_>>()
    };
    assert_eq!(employers(&[]), std::slice::from_ref(&main));
    assert!(employers(&[&main]).is_empty(), "it waits for the main one");
}

fn asked(company: RecordId, kind: ReviewKind) -> Questioned {
    Questioned::from([(company, BTreeSet::from([kind]))])
}

fn around(records: &[Record]) -> Surroundings {
    let mut around = Surroundings::default();
    around.neighbourhood.records = records.iter().map(|record| (record.id.clone(), record.clone())).collect();
    around
}

fn capacities() -> Capacities {
    let all: BTreeSet<Field> =
        Field::merged(Kind::Company).iter().chain(Field::merged(Kind::Contact)).copied().collect();
    let capacity = |fields| Capacity {
        fields,
        phones: usize::MAX,
        emails: usize::MAX,
        companies: 1,
        lengths: BTreeMap::new(),
        sorts: BTreeMap::new(),
        mutual_id: true,
    };
    let mut no_company = all.clone();
    no_company.remove(&Field::Company);
    Capacities::from([
        (Catalog::Bitrix24, capacity(all.clone())),
        (Catalog::Counterparty, capacity(no_company)),
        (Catalog::ContactPerson, capacity(all)),
    ])
}

fn contact(id: &str, name: &str, phones: &[&str]) -> Record {
    record(RecordId::bitrix24(Kind::Contact, id), Catalog::Bitrix24, person(name, phones))
}

fn counterparty(id: &str, name: &str, phones: &[&str]) -> Record {
    record(RecordId::onec(Kind::Contact, id), Catalog::Counterparty, person(name, phones))
}

fn person(name: &str, phones: &[&str]) -> Party {
    let context = PhoneContext::new("RU", None).unwrap();
    let phones = phones
        .iter()
        .flat_map(|text| read_phones(text, &context).into_iter().map(|phone| Point::known(phone.key, *text)))
        .collect();
    Party::Person(Person { name: PersonName::from_whole(name), phones, ..Person::default() })
}

fn firm(id: RecordId, title: &str, inn: &str) -> Record {
    let party = Party::Organization(Organization {
        title: title.to_owned(),
        inn: inn.to_owned(),
        ..Organization::default()
    });
    record(id, Catalog::Bitrix24, party)
}

fn with_employer(mut record: Record, employer: &RecordId) -> Record {
    if let Party::Person(person) = &mut record.party {
        person.employers.push(employer.clone());
    }
    record
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

fn review(kind: ReviewKind, contacts: &[&str], reason: AskReason) -> Review {
    let records = contacts.iter().map(|id| RecordId::bitrix24(Kind::Contact, *id)).collect();
    Review { kind, party: Kind::Contact, records, fields: Vec::new(), reason }
}
