//! Looking an infobase over, and creating the attribute it lacks.

use std::collections::BTreeSet;

use futures_executor::block_on;
use obmen_engine::doctor::{Doctor as _, Finding, Severity};
use obmen_sim::onec::Composition;

use crate::infobase::World;

#[test]
fn a_healthy_connection_has_good_findings_only() {
    let findings = block_on(World::new().client.check());
    assert!(findings.iter().all(|finding| finding.severity == Severity::Good), "{findings:?}");
    for code in ["check-onec-connected", "check-onec-kinds-found", "check-onec-id-attribute-found"] {
        assert!(has(&findings, code), "{code}");
    }
}

#[test]
fn every_closed_set_is_named() {
    let composition = Composition::Sets(BTreeSet::from(["Catalog_Контрагенты".to_owned()]));
    let settings = obmen_sim::onec::Settings { composition, ..Default::default() };
    let findings = block_on(World::with(settings, |_| {}).client.check());
    let sets: Vec<&str> = findings.iter().map(|finding| finding.details[0].1.as_str()).collect();
    assert_eq!(sets, ["Catalog_КонтактныеЛица", "Catalog_ВидыКонтактнойИнформации"]);
    assert!(findings.iter().all(|finding| finding.code == "check-onec-set-closed"));
}

#[test]
fn looking_writes_nothing_and_setting_up_creates_the_missing_attribute_once() {
    let rename = |settings: &mut obmen_onec::Settings| settings.id_attribute = "КодКлиента".to_owned();
    let world = World::with(obmen_sim::onec::Settings::default(), rename);
    assert!(has(&block_on(world.client.check()), "check-onec-id-attribute-missing"));
    assert!(world.wire.take_sent("POST").is_empty());
    assert!(has(&block_on(world.client.setup()), "check-onec-id-attribute-created"));
    assert!(has(&block_on(world.client.setup()), "check-onec-id-attribute-found"));
    assert_eq!(world.wire.take_sent("POST").len(), 1);
}

fn has(findings: &[Finding], code: &str) -> bool {
    findings.iter().any(|finding| finding.code == code)
}
