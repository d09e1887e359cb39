//! «Управление торговлей»: a counterparty and its partner are one record, contact persons belong to partners.

use futures_executor::block_on;
use jiff::Timestamp;
use obmen_domain::forms::phone::PhoneKey;
use obmen_domain::key::Key;
use obmen_domain::party::{Field, Party, UserId, Value};
use obmen_domain::plan::FieldChange;
use obmen_domain::record::{Catalog, Exclusion, Kind, RecordId, Standing};
use obmen_engine::doctor::{Doctor as _, Severity};
use obmen_engine::ports::{Outcome, Reader as _, Writer as _};
use obmen_onec::Onec;
use obmen_sim::world::World as _;
use serde_json::json;

use crate::infobase::{World, client_settings, done, lines_of};
use crate::trade::*;

#[test]
fn a_counterparty_and_its_partner_are_one_record() {
    let world = world();
    let record = block_on(world.record(Kind::Company, FIRM));
    let Party::Organization(firm) = &record.party else { panic!("no organization") };
    assert_eq!((firm.title.as_str(), firm.inn.as_str()), ("Ромашка", "7701234560"));
    assert_eq!(
        keys(&firm.phones),
        ["+74951234567", "+79120000001"],
        "each phone once, those of both objects"
    );
    assert_eq!(firm.manager, Some(UserId(USER.to_owned())));
    assert!(record.lacks.is_empty());
    let person = block_on(world.record(Kind::Contact, CUSTOMER));
    assert_eq!(keys(person.party.phones()), ["+79123456789"], "where the partner alone has a phone");
}

#[test]
fn a_partner_of_two_counterparties_is_a_part_of_the_head_office_alone() {
    let world = world();
    let records = block_on(world.sweep(Kind::Company));
    let branch = find(&records, BRANCH);
    assert!(branch.party.phones().is_empty() && branch.party.manager().is_none());
    assert!(branch.lacks.contains(&Field::Manager), "nothing is to be written to somebody else's partner");
    assert!(find(&records, FIRM).lacks.is_empty());
}

/// A further counterparty of the partner, with a reference before all others.
const SECOND: &str = "00000000-0000-4000-8000-000000000001";

#[test]
fn a_partner_stays_with_its_counterparty_when_another_one_is_made_beside_it() {
    let world = world();
    let before = block_on(world.record(Kind::Company, FIRM));
    done(&block_on(world.client.write(vec![update(&before, vec![company_id("5")])]))[0]);
    make_second(&world);
    assert_eq!(phones_of(&world, [FIRM, SECOND]), [vec!["+74951234567", "+79120000001"], vec![]]);
    let mut settings = client_settings();
    change(&mut settings);
    let restarted = Onec::new(settings, world.wire.clone(), world.wire.clone(), world.memory.clone());
    let records =
        block_on(restarted.fetch(&[FIRM, SECOND].map(|id| RecordId::onec(Kind::Company, id)))).unwrap();
    assert_eq!(keys(find(&records, FIRM).party.phones()).len(), 2, "a restart changes nothing");
}

#[test]
fn a_partner_of_two_new_counterparties_stays_with_the_first_by_reference_whichever_is_linked_first() {
    let world = world();
    make_second(&world);
    let chosen = [vec!["+74951234567"], vec!["+74951234567", "+79120000001"]];
    assert_eq!(phones_of(&world, [FIRM, SECOND]), chosen);
    let record = block_on(world.record(Kind::Company, FIRM));
    done(&block_on(world.client.write(vec![update(&record, vec![company_id("5")])]))[0]);
    assert_eq!(phones_of(&world, [FIRM, SECOND]), chosen);
    world.wire.base().act(now(), &json!({"do": "mark", "set": COUNTERPARTIES, "ref": SECOND})).unwrap();
    assert_eq!(phones_of(&world, [FIRM, SECOND])[0], ["+74951234567", "+79120000001"], "the living one");
}

fn make_second(world: &World) {
    let fields = json!({"Description": "Ромашка Плюс", "ЮрФизЛицо": "ЮрЛицо", "ИНН": "5017002196", "КПП": "501701001",
        "Партнер_Key": PARTNER});
    let create = json!({"do": "create", "set": COUNTERPARTIES, "ref": SECOND, "fields": fields});
    world.wire.base().act(now(), &create).unwrap();
}

fn phones_of(world: &World, references: [&str; 2]) -> [Vec<String>; 2] {
    references.map(|id| {
        let record = block_on(world.record(Kind::Company, id));
        keys(record.party.phones()).into_iter().map(str::to_owned).collect()
    })
}

fn company_id(id: &str) -> FieldChange {
    changed(Field::MutualId, Value::Text(format!("company:{id}")))
}

fn now() -> Timestamp {
    "2026-03-01T09:00:00Z".parse().unwrap()
}

#[test]
fn predefined_partners_are_nobodys_part_and_our_own_enterprise_is_left_out() {
    let world = world();
    let records = block_on(world.sweep(Kind::Company));
    let loose = find(&records, LOOSE);
    assert_eq!(loose.standing, Standing::TakesPart);
    assert!(loose.lacks.contains(&Field::Manager) && loose.party.phones().is_empty());
    assert_eq!(find(&records, OURS).standing, Standing::Out(Exclusion::OwnCompany));
}

#[test]
fn contact_persons_belong_to_the_counterparties_of_their_partner() {
    let world = world();
    let records = block_on(world.sweep(Kind::Contact));
    let company = |reference: &str| RecordId::onec(Kind::Company, reference);
    let anna = find(&records, ANNA);
    assert_eq!(anna.party.employers(), [company(FIRM), company(BRANCH)], "the head office first");
    let Party::Person(person) = &anna.party else { panic!("no person") };
    assert_eq!((person.name.last.as_str(), person.position.as_str()), ("Белова", "Инженер"));
    assert!(find(&records, FRIEND).party.employers().is_empty(), "a private customer is no company");
    assert_eq!(find(&records, COLLEAGUE).standing, Standing::Out(Exclusion::NotOfCounterparty));
    assert_eq!(world.client.capacity(Catalog::ContactPerson).companies, 1);
}

#[test]
fn a_change_of_the_partner_alone_is_another_version_of_the_record() {
    let world = world();
    let before = block_on(world.record(Kind::Company, FIRM));
    let fields = json!({"phones": ["+7 912 000-00-09"]});
    let now = "2026-03-01T09:00:00Z".parse().unwrap();
    let edit = json!({"do": "update", "set": PARTNERS, "ref": PARTNER, "fields": fields});
    world.wire.base().act(now, &edit).unwrap();
    let after = block_on(world.record(Kind::Company, FIRM));
    assert_ne!(after.version, before.version);
    assert_eq!(keys(after.party.phones()), ["+74951234567", "+79120000009"]);
    let outcomes = block_on(world.client.write(vec![update(&before, vec![kpp("770101002")])]));
    assert!(matches!(outcomes[0], Outcome::Moved { .. }), "{outcomes:?}");
}

#[test]
fn a_phone_of_the_partner_finds_its_counterparty() {
    let world = world();
    let key = Key::Phone(PhoneKey::try_from("+79123456789".to_owned()).unwrap());
    let found = block_on(world.client.find(Kind::Contact, &[key])).unwrap();
    assert_eq!(ids(&found), [CUSTOMER]);
}

#[test]
fn where_there_are_access_groups_one_has_to_be_given_and_a_new_partner_gets_it() {
    let groups =
        lines_of("Catalog_ГруппыДоступаПартнеров", vec![json!({"Ref_Key": GROUP, "Description": "Розница"})]);
    let switch = lines_of(
        "Constant_ОграничиватьДоступНаУровнеЗаписей",
        vec![json!({"SurrogateKey": "00000000-0000-0000-0000-000000000000", "Value": true})],
    );
    let lines = [objects(), groups, switch].concat();
    let with = |group: &str| {
        World::of(base_settings(), &lines, |settings| {
            change(settings);
            settings.new_access_group = group.to_owned();
        })
    };
    let problems = |group: &str| {
        let findings = block_on(with(group).client.check());
        let problems = findings.into_iter().filter(|finding| finding.severity != Severity::Good);
        problems.map(|finding| (finding.severity, finding.code)).collect::<Vec<_>>()
    };
    assert_eq!(problems(""), [(Severity::Problem, "check-onec-access-group-unset")]);
    assert_eq!(problems("Опт"), [(Severity::Problem, "check-onec-access-group-missing")]);
    assert!(problems("Розница").is_empty());
    let world = with("Розница");
    let outcomes = block_on(world.client.write(vec![company("7")]));
    let counterparty = world.wire.object(COUNTERPARTIES, &done(&outcomes[0]).id.id);
    let partner = world.wire.object(PARTNERS, counterparty["Партнер_Key"].as_str().unwrap());
    assert_eq!(partner["ГруппаДоступа_Key"], GROUP);
}

#[test]
fn a_healthy_base_has_good_findings_and_an_unknown_role_is_a_problem() {
    let findings = block_on(world().client.check());
    assert!(findings.iter().all(|finding| finding.severity == Severity::Good), "{findings:?}");
    let sets: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.code == "check-onec-set-readable")
        .map(|finding| finding.details[0].1.as_str())
        .collect();
    assert_eq!(sets, [COUNTERPARTIES, PERSONS, PARTNERS]);
    let world = World::of(base_settings(), &objects(), |settings| {
        change(settings);
        settings.new_roles = vec!["Друг".to_owned()];
    });
    let findings = block_on(world.client.check());
    assert!(findings.iter().any(|finding| finding.code == "check-onec-role-unknown"));
}
