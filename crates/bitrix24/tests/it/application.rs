//! An application: its tokens, and the queue that the portal keeps for it.

use obmen_bitrix24::{Access, App, OFFERED, Settings, TOKENS};
use obmen_domain::record::{Kind, RecordId};
use obmen_engine::doctor::Doctor as _;
use obmen_engine::ports::{Reader as _, SideError, Write, Writer as _};
use obmen_engine::watch::Waiting;
use obmen_sim::bitrix24::Settings as PortalSettings;
use serde_json::{Value, json};

use super::stage::{Fault, Stage};

const CLIENT: &str = "local.obmen";
const PORTAL: &str = "https://demo.bitrix24.ru";

#[test]
fn an_application_comes_in_by_the_key_of_its_installation_and_keeps_the_next_one_before_it_is_used() {
    let mut stage = Stage::new();
    let installed = install(&stage);
    stage.restart(as_application(None));
    let error = stage.run(stage.client.connect()).unwrap_err();
    assert!(matches!(error, SideError::NotInstalled { .. }), "{error}");

    stage.keep(OFFERED, installed["refresh_token"].as_str().unwrap());
    let portal = stage.run(stage.client.connect()).unwrap();
    assert!(portal.admin && portal.keeps_queues && portal.knows_connectors, "{portal:?}");
    assert_eq!(stage.kept(OFFERED).as_deref(), Some(""), "it works once");
    let kept = stage.kept(TOKENS).unwrap();
    let bodies = stage.take_requests();
    let token = bodies.last().unwrap()["auth"].as_str().unwrap();
    assert!(kept.contains(token));

    stage.restart(as_application(None));
    stage.take_addresses();
    stage.run(stage.client.connect()).unwrap();
    assert!(stage.take_addresses().iter().all(|url| url.starts_with(PORTAL)), "the token is still good");
}

#[test]
fn a_token_that_is_over_is_renewed_once_and_the_request_repeated() {
    let mut stage = Stage::new();
    let installed = install(&stage);
    stage.load(&json!({"entity": "contact", "ID": "1", "NAME": "Анна"}));
    stage.restart(as_application(installed["refresh_token"].as_str()));
    stage.run(stage.client.connect()).unwrap();
    let before = stage.kept(TOKENS).unwrap();
    stage.act(&json!({"do": "expire", "client_id": CLIENT}));
    stage.take_addresses();
    let id = [RecordId::bitrix24(Kind::Contact, "1")];
    assert_eq!(stage.run(stage.client.fetch(&id)).unwrap().len(), 1);
    let addresses = stage.take_addresses();
    assert_eq!(addresses.iter().filter(|url| url.contains("/oauth/token/")).count(), 1, "{addresses:?}");
    assert_ne!(stage.kept(TOKENS).unwrap(), before);
    stage.pass(2 * 3600);
    assert_eq!(stage.run(stage.client.fetch(&id)).unwrap().len(), 1, "after an hour as well");
}

#[test]
fn a_key_that_is_used_up_or_of_another_portal_is_told_and_never_quoted() {
    let mut stage = Stage::new();
    install(&stage);
    stage.restart(as_application(Some("stolen")));
    let error = stage.run(stage.client.connect()).unwrap_err();
    assert!(
        matches!(&error, SideError::NotInstalled { words } if words.contains("INVALID_GRANT")),
        "{error}"
    );
    assert_eq!(stage.run(stage.client.check())[0].code, "check-bitrix24-not-installed");

    let key = install(&stage)["refresh_token"].as_str().unwrap().to_owned();
    stage.restart(|settings| {
        as_application(Some(&key))(settings);
        let Access::App(app) = &mut settings.access else { panic!("an application") };
        app.portal = "https://other.bitrix24.ru".to_owned();
    });
    let error = stage.run(stage.client.connect()).unwrap_err();
    assert!(error.to_string().contains("of another portal"), "{error}");
    assert!(!error.to_string().contains(&key));
    assert_eq!(stage.kept(TOKENS), None);

    stage.restart(|settings| {
        as_application(None)(settings);
        let Access::App(app) = &mut settings.access else { panic!("an application") };
        app.client_secret = "wrong".to_owned();
        app.refresh_token = Some("r".to_owned());
    });
    let error = stage.run(stage.client.connect()).unwrap_err();
    assert!(matches!(error, SideError::Unauthorized { .. }), "{error}");
}

#[test]
fn a_key_that_a_stranger_offers_does_not_replace_a_good_one() {
    let mut stage = Stage::new();
    let installed = install(&stage);
    stage.restart(as_application(installed["refresh_token"].as_str()));
    stage.run(stage.client.connect()).unwrap();
    stage.keep(OFFERED, "stranger");
    stage.act(&json!({"do": "expire", "client_id": CLIENT}));
    stage.run(stage.client.connect()).unwrap();
    assert_eq!(stage.kept(OFFERED).as_deref(), Some(""));
}

#[test]
fn an_application_that_is_installed_anew_goes_on_with_its_new_key() {
    let mut stage = Stage::new();
    let installed = install(&stage);
    stage.restart(as_application(installed["refresh_token"].as_str()));
    stage.run(stage.client.connect()).unwrap();
    let anew = install(&stage);
    let error = stage.run(stage.client.connect()).unwrap_err();
    assert!(matches!(error, SideError::NotInstalled { .. }), "{error}");
    stage.keep(OFFERED, anew["refresh_token"].as_str().unwrap());
    stage.run(stage.client.connect()).unwrap();
}

#[test]
fn a_renamed_portal_is_followed_with_its_token() {
    let mut stage = Stage::new();
    let installed = install(&stage);
    stage.restart(as_application(installed["refresh_token"].as_str()));
    stage.run(stage.client.connect()).unwrap();
    stage.act(&json!({"do": "rename", "domain": "new.bitrix24.ru"}));
    stage.run(stage.client.connect()).unwrap();
    stage.act(&json!({"do": "expire", "client_id": CLIENT}));
    stage.run(stage.client.connect()).unwrap();
    stage.restart(as_application(None));
    stage.take_addresses();
    stage.run(stage.client.connect()).unwrap();
    assert!(stage.take_addresses()[0].starts_with("https://new.bitrix24.ru/rest/"), "it is kept where to");
}

#[test]
fn what_waits_in_the_queue_comes_until_it_is_confirmed_and_our_own_writes_do_not() {
    let stage = queued();
    assert_eq!(next(&stage), None);
    let contact = stage.act(&json!({"do": "create", "entity": "contact", "fields": {"NAME": "Анна"}}));
    let contact = RecordId::bitrix24(Kind::Contact, contact["id"].as_str().unwrap());
    let waiting = next(&stage).unwrap();
    assert_eq!((&waiting.ids, waiting.is_elsewhere), (&vec![contact.clone()], false));
    assert_eq!(next(&stage).as_ref(), Some(&waiting), "the same again before it is confirmed");
    stage.run(stage.client.confirm(&waiting.receipt)).unwrap();
    assert_eq!(next(&stage), None);

    let record = stage.run(stage.client.fetch(std::slice::from_ref(&contact))).unwrap().remove(0);
    let update =
        Write::Update { record: Box::new(record), changes: Vec::new(), mutual_id: Some("a-1".to_owned()) };
    stage.run(stage.client.write(vec![update]));
    assert_eq!(stage.dump()["contacts"][0]["UF_CRM_1C_CONTACT_ID"], "a-1");
    assert_eq!(next(&stage), None, "what we wrote ourselves");

    let fields = json!({"ENTITY_TYPE_ID": 3, "ENTITY_ID": contact.id, "PRESET_ID": 1, "NAME": "Р"});
    stage.act(&json!({"do": "create", "entity": "requisite", "fields": fields}));
    let waiting = next(&stage).unwrap();
    assert_eq!((waiting.ids.len(), waiting.is_elsewhere), (0, true), "whose it is only the portal knows");
}

#[test]
fn everything_that_happens_to_contacts_companies_and_requisites_is_put_into_the_queue() {
    let stage = queued();
    stage.take_requests();
    assert_eq!(next(&stage), None);
    let bound = stage.take_requests().iter().map(Value::to_string).collect::<String>();
    for entity in ["CONTACT", "COMPANY", "REQUISITE"] {
        for deed in ["ADD", "UPDATE", "DELETE"] {
            assert!(bound.contains(&format!("ONCRM{entity}{deed}")), "{entity} {deed}: {bound}");
        }
    }
}

#[test]
fn a_reservation_is_found_again_after_a_crash_and_after_a_lost_reply() {
    let mut stage = queued();
    assert_eq!(next(&stage), None);
    let enter = |stage: &Stage| {
        let contact = stage.act(&json!({"do": "create", "entity": "contact", "fields": {"NAME": "Анна"}}));
        vec![RecordId::bitrix24(Kind::Contact, contact["id"].as_str().unwrap())]
    };
    let first = enter(&stage);
    assert_eq!(next(&stage).unwrap().ids, first);
    stage.restart(as_application(None));
    let second = enter(&stage);
    let mut heard = Vec::new();
    while let Some(waiting) = next(&stage) {
        heard.push(waiting.ids);
        stage.run(stage.client.confirm(&waiting.receipt)).unwrap();
    }
    assert_eq!(heard, [first, second], "what the dead process had reserved comes first");

    let third = enter(&stage);
    stage.faults(&[Some(Fault::ReplyLost)]);
    assert!(stage.run(stage.client.waiting()).is_err());
    let waiting = next(&stage).unwrap();
    assert_eq!(waiting.ids, third, "reserved, though nobody heard under which name");
    stage.run(stage.client.confirm(&waiting.receipt)).unwrap();
    assert_eq!(next(&stage), None);
}

#[test]
fn a_plan_without_such_a_queue_has_none() {
    let mut stage = Stage::new();
    stage.act(&json!({"do": "portal", "tariff": "basic"}));
    let installed = install(&stage);
    stage.restart(as_application(installed["refresh_token"].as_str()));
    assert_eq!(next(&stage), None);
    let codes: Vec<&str> = stage.run(stage.client.check()).iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&"check-bitrix24-queue-missing"), "{codes:?}");
}

#[test]
fn the_portal_is_told_once_where_to_ring_and_an_address_that_it_refuses_holds_nobody_up() {
    let mut stage = queued();
    let mut rings = |address: &str| {
        stage.restart(|settings| {
            as_application(None)(settings);
            settings.rings_at = Some(address.to_owned());
        });
        stage.take_requests();
        assert_eq!(next(&stage), None);
        let told = stage.take_requests();
        told.iter().filter(|body| body.to_string().contains("ONOFFLINEEVENT")).count()
    };
    let address = "https://obmen.example/hooks/bitrix24/main/queue/glocke";
    assert_eq!([rings(address), rings(address)], [1, 0]);
    assert_eq!(rings("nowhere"), 1);
}

/// A stage whose client is an application.
fn queued() -> Stage {
    let mut stage = Stage::new();
    let installed = install(&stage);
    stage.restart(as_application(installed["refresh_token"].as_str()));
    stage.run(stage.client.connect()).unwrap();
    stage
}

fn next(stage: &Stage) -> Option<Waiting> {
    stage.run(stage.client.waiting()).unwrap()
}

fn install(stage: &Stage) -> Value {
    stage.act(&json!({"do": "install", "client_id": CLIENT, "client_secret": "geheim"}))
}

fn as_application(refresh_token: Option<&str>) -> impl FnOnce(&mut Settings) + use<> {
    let refresh_token = refresh_token.map(str::to_owned);
    move |settings| {
        settings.access = Access::App(App {
            portal: PORTAL.to_owned(),
            client_id: CLIENT.to_owned(),
            client_secret: "geheim".to_owned(),
            refresh_token,
            auth_url: "https://oauth.bitrix.info".to_owned(),
        });
    }
}

#[test]
fn the_portal_of_these_tests_is_the_one_that_the_simulator_names() {
    assert_eq!(format!("https://{}", PortalSettings::default().domain), PORTAL);
}
