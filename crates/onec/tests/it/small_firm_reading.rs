//! «Управление нашей фирмой»: people joined with companies by a register, staff as managers, a value for each legal kind.

use futures_executor::block_on;
use obmen_domain::party::{Field, Party, UserId};
use obmen_domain::record::{Catalog, Exclusion, Kind, RecordId, Standing};
use obmen_engine::doctor::{Doctor as _, Severity};
use obmen_engine::ports::{Reader as _, Writer as _};
use serde_json::json;

use crate::infobase::{World, done, lines_of};
use crate::small_firm::*;

#[test]
fn every_legal_kind_is_told_by_its_value_and_inactive_objects_are_left_out() {
    let world = world();
    let companies = block_on(world.sweep(Kind::Company));
    for reference in [FIRM, OFFICE, PROPRIETOR] {
        assert_eq!(find(&companies, reference).standing, Standing::TakesPart, "{reference}");
    }
    let Party::Organization(proprietor) = &find(&companies, PROPRIETOR).party else { panic!("no company") };
    assert!(proprietor.entrepreneur);
    assert_eq!(find(&companies, CLOSED).standing, Standing::Out(Exclusion::Inactive));
    let people = block_on(world.sweep(Kind::Contact));
    assert_eq!(find(&people, CUSTOMER).standing, Standing::TakesPart);
    assert_eq!(find(&people, GONE).standing, Standing::Out(Exclusion::Inactive));
}

#[test]
fn contact_persons_are_joined_with_companies_by_the_newest_record_of_each_pair() {
    let world = world();
    let people = block_on(world.sweep(Kind::Contact));
    let anna = find(&people, ANNA);
    let company = |reference: &str| RecordId::onec(Kind::Company, reference);
    assert_eq!(anna.party.employers(), [company(OFFICE), company(PROPRIETOR)], "a link that ended is none");
    let Party::Person(person) = &anna.party else { panic!("no person") };
    assert_eq!(person.position, "Директор", "that of the first link");
    let alone = find(&people, ALONE);
    assert_eq!(alone.standing, Standing::TakesPart);
    assert!(alone.party.employers().is_empty() && alone.lacks.contains(&Field::Position));
    let capacity = world.client.capacity(Catalog::ContactPerson);
    assert_eq!(capacity.companies, usize::MAX);
    assert!(capacity.fields.contains(&Field::Position) && capacity.fields.contains(&Field::Manager));
}

#[test]
fn managers_are_staff_with_the_mailboxes_of_their_users() {
    let world = world();
    let managers = block_on(world.client.users()).unwrap();
    let shown: Vec<(&str, &str, bool)> =
        managers.iter().map(|user| (user.id.0.as_str(), user.email.as_str(), user.active)).collect();
    assert_eq!(shown, [(EMPLOYEE, "ivanova@company.example", true), (OTHER_EMPLOYEE, "", false)]);
    let firm = block_on(world.record(Kind::Company, FIRM));
    assert_eq!(firm.party.manager(), Some(&UserId(EMPLOYEE.to_owned())));
}

#[test]
fn new_objects_get_the_access_group_that_is_given_and_have_to_where_there_are_groups() {
    const GROUP: &str = "80000000-0000-4000-8000-000000000001";
    const GROUPS: &str = "Catalog_ГруппыДоступаКонтрагентов";
    let groups = lines_of(GROUPS, vec![json!({"Ref_Key": GROUP, "Description": "Розница"})]);
    let lines = [objects(), groups].concat();
    // The constant that says whether groups are used is not published here.
    let attributes = "ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения";
    let sets = [COUNTERPARTIES, PERSONS, LINKS, GROUPS, "Catalog_ВидыКонтактнойИнформации", attributes];
    let base = || obmen_sim::onec::Settings {
        composition: obmen_sim::onec::Composition::Sets(sets.map(str::to_owned).into()),
        ..base_settings()
    };
    let problems = |settings: obmen_sim::onec::Settings| {
        let findings = block_on(World::of(settings, &lines, change).client.check());
        let problems = findings.into_iter().filter(|finding| finding.severity == Severity::Problem);
        problems.map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(problems(base()), ["check-onec-access-group-unset"]);
    assert!(problems(base_settings()).is_empty(), "the constant says that groups are not used");
    let world = World::of(base(), &lines, |settings| {
        change(settings);
        settings.new_access_group = GROUP.to_owned();
    });
    let writes = vec![company("7", false), contact("9", Catalog::ContactPerson, &[FIRM])];
    let outcomes = block_on(world.client.write(writes));
    for (set, outcome) in [COUNTERPARTIES, PERSONS].into_iter().zip(&outcomes) {
        assert_eq!(world.wire.object(set, &done(outcome).id.id)["ГруппаДоступа_Key"], GROUP, "{set}");
    }
}

#[test]
fn a_healthy_base_has_good_findings_and_a_closed_register_of_links_is_named() {
    let findings = block_on(world().client.check());
    assert!(findings.iter().all(|finding| finding.severity == Severity::Good), "{findings:?}");
    let sets = ["Catalog_Контрагенты", "Catalog_КонтактныеЛица", "Catalog_ВидыКонтактнойИнформации"];
    let composition = obmen_sim::onec::Composition::Sets(sets.map(str::to_owned).into());
    let settings = obmen_sim::onec::Settings { composition, ..base_settings() };
    let findings = block_on(World::of(settings, &objects(), change).client.check());
    let closed: Vec<(&str, &str)> =
        findings.iter().map(|finding| (finding.code, finding.details[0].1.as_str())).collect();
    assert_eq!(closed, [("check-onec-set-closed", LINKS)]);
}
