//! Looking a portal over, and making the fields it lacks.

use obmen_bitrix24::{Access, Settings};
use obmen_domain::configured::Place;
use obmen_domain::record::Kind;
use obmen_engine::doctor::{Doctor, Finding, Severity};
use obmen_engine::ports::SideError;
use obmen_sim::bitrix24::Settings as PortalSettings;
use serde_json::Value;

use super::stage::{Fault, Stage};

#[test]
fn setup_creates_what_is_missing_and_check_is_content_then() {
    let stage = Stage::bare(PortalSettings::default());
    let before = stage.run(stage.client.check());
    assert!(before.iter().any(|finding| finding.code == "check-bitrix24-field-missing"));
    let done = stage.run(stage.client.setup());
    let codes: Vec<_> = done.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["setup-bitrix24-field-created"; 4]);
    let after = stage.run(stage.client.check());
    assert!(after.iter().all(|finding| finding.severity == Severity::Good), "{after:?}");
    let again = stage.run(stage.client.setup());
    assert!(again.iter().all(|finding| finding.code == "setup-bitrix24-field-present"));
    assert_eq!(stage.dump()["userfields"].as_array().unwrap().len(), 4);
}

#[test]
fn setup_makes_a_missing_flag_of_the_configuration_as_a_yes_or_no() {
    let mut stage = Stage::bare(PortalSettings::default());
    let place = |kind| Place {
        name: "deletion-mark".parse().unwrap(),
        kind,
        at: vec!["UF_CRM_1C_DELETED".to_owned()],
        is_certain: true,
        label: Some("Помечен на удаление в 1С"),
    };
    stage.restart(|settings| settings.places = Kind::ALL.map(place).to_vec());
    let missing = |findings: &[Finding]| {
        findings.iter().filter(|finding| finding.code == "check-bitrix24-field-missing").count()
    };
    assert_eq!(missing(&stage.run(stage.client.check())), 4, "ids and flags");
    let done = stage.run(stage.client.setup());
    let codes: Vec<_> = done.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["setup-bitrix24-field-created"; 6]);
    let fields = stage.dump()["userfields"].clone();
    let is_flag =
        |field: &&Value| field["USER_TYPE_ID"] == "boolean" && field["FIELD_NAME"] == "UF_CRM_1C_DELETED";
    assert_eq!(fields.as_array().unwrap().iter().filter(is_flag).count(), 2, "{fields}");
    assert_eq!(missing(&stage.run(stage.client.check())), 0);
}

#[test]
fn a_field_that_nobody_may_create_is_reported_with_the_portals_words() {
    let stage = Stage::bare(PortalSettings { admin: false, ..PortalSettings::default() });
    let findings = stage.run(stage.client.setup());
    assert!(findings.iter().all(|finding| finding.code == "setup-bitrix24-field-failed"));
    assert!(findings[0].details.contains(&("words", "Access denied.".to_owned())), "{findings:?}");
    let check = stage.run(stage.client.check());
    assert!(check.iter().any(|finding| finding.code == "check-bitrix24-not-admin"));
}

#[test]
fn a_wrong_secret_is_unauthorized_and_never_quoted() {
    let stage = Stage::bare(PortalSettings { secret: "other".to_owned(), ..PortalSettings::default() });
    let error = stage.run(stage.client.connect()).unwrap_err();
    assert!(matches!(error, SideError::Unauthorized { .. }), "{error}");
    // Three more attempts are silent too.
    stage.faults(&[Some(Fault::ReplyLost); 4]);
    let error = stage.run(stage.client.connect()).unwrap_err();
    assert!(matches!(&error, SideError::Unavailable { .. }), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
    assert_eq!(stage.run(stage.client.check())[0].code, "check-bitrix24-unauthorized");
}

#[test]
fn a_portal_with_another_name_is_followed_once_and_it_is_kept_where_to() {
    let mut stage = Stage::new();
    stage.faults(&[Some(Fault::Moved)]);
    stage.run(stage.client.connect()).unwrap();
    stage.restart(|_| {});
    stage.take_addresses();
    stage.run(stage.client.connect()).unwrap();
    let addresses = stage.take_addresses();
    assert!(
        addresses.iter().all(|url| url.starts_with("https://new.example/rest/1/secret/")),
        "{addresses:?}"
    );
    stage
        .restart(|settings| settings.access = Access::Webhook("http://other.test/rest/1/secret/".to_owned()));
    stage.run(stage.client.connect()).unwrap();
    assert!(stage.take_addresses()[0].starts_with("http://other.test/"), "what is configured anew counts");
}

#[test]
fn a_portal_that_moves_again_and_again_is_not_followed() {
    let stage = Stage::new();
    stage.faults(&[Some(Fault::Moved); 2]);
    let error = stage.run(stage.client.connect()).unwrap_err();
    assert!(error.to_string().contains("new.example"), "{error}");
}

#[test]
fn settings_do_not_show_their_secret() {
    fn shown(settings: &Settings) -> String {
        format!("{settings:?}")
    }
    let mut stage = Stage::new();
    let mut text = String::new();
    stage.restart(|settings| text = shown(settings));
    assert!(text.contains("main") && !text.contains("secret"), "{text}");
}
