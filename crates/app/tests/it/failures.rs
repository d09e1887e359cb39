//! Records that a side does not take, or does not keep, in the midst of a run: told with the remedy, and brought along
//! once the cause is gone.

use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};

const CLIENTS: &str = "Catalog_Контрагенты";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_of_the_portal_that_is_deleted_in_mid_run_stops_it_and_setup_mends_it() {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    add_firm(&bench, "ООО Ромашка");
    let people = ["Кольцова Вера", "Белова Анна", "Седов Олег"].map(|name| add_person(&bench, name));
    let field = user_field(&bench, "CRM_CONTACT", "UF_CRM_1C_CONTACT_ID");
    let deletion = json!({"do": "delete", "entity": "userfield", "id": field});
    bench.befall(&bench.bitrix24.url(), 1, deletion).await;

    let stopped = bench.run(&["sync"]).await;
    assert_eq!(stopped.code, 1, "{stopped:?}");
    assert!(stopped.stderr.contains("Bitrix24 has no field UF_CRM_1C_CONTACT_ID"), "{stopped:?}");
    assert!(stopped.stderr.contains("What to do: Run obmen setup"), "{stopped:?}");
    let again = bench.run(&["sync"]).await;
    assert!(again.stderr.contains("Run obmen setup: it creates the field."), "{again:?}");

    let (code, setup) = bench.run_json(&["setup"]).await;
    assert_eq!((code, &setup["problems"]), (0, &json!(0)), "{setup}");
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["failed"]), (0, &json!(0)), "{report}");
    let contacts = dump(&bench.bitrix24.world)["contacts"].clone();
    let mut kept: Vec<String> =
        contacts.as_array().unwrap().iter().map(|row| text(&row["UF_CRM_1C_CONTACT_ID"])).collect();
    kept.sort();
    let mut people = people.to_vec();
    people.sort();
    assert_eq!(kept, people, "each came once, and carries the id of its source");
    at_rest(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_field_made_mandatory_is_told_and_retry_brings_everybody() {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    let mandatory = json!({"entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": "UF_CRM_CHANNEL",
        "USER_TYPE_ID": "string", "MULTIPLE": "N", "MANDATORY": "Y"});
    load_into_bitrix24(&bench, &mandatory);
    add_firm(&bench, "ООО Ромашка");
    let people = ["Кольцова Вера", "Белова Анна", "Седов Олег"].map(|name| add_person(&bench, name));
    let check = json!({"do": "portal", "checks_required_fields": true});
    bench.befall(&bench.bitrix24.url(), 1, check).await;

    let sync = bench.run(&["sync"]).await;
    assert_eq!(sync.code, 3, "{sync:?}");
    assert!(sync.stdout.contains("Not written, 3 records: a required field is empty"), "{sync:?}");
    assert!(sync.stdout.contains("UF_CRM_CHANNEL"), "the portal's own words: {sync:?}");
    assert!(sync.stdout.contains("What to do: Make the field optional"), "{sync:?}");
    let status = bench.run(&["--lang", "ru", "status"]).await;
    assert!(status.stdout.contains("Не записаны 3 записи: пусто обязательное поле"), "{status:?}");
    assert!(status.stdout.contains("Что делать: Сделайте поле необязательным"), "{status:?}");
    let (_, reviews) = bench.run_json(&["review", "list"]).await;
    let reviews = reviews["reviews"].as_array().unwrap().clone();
    assert!(reviews.iter().all(|review| review["kind"] == "refused"), "{reviews:?}");
    assert!(text(&reviews[0]["remedy"]).contains("obmen retry"), "{reviews:?}");
    at_rest(&bench).await;

    let check = json!({"do": "portal", "checks_required_fields": false});
    bench.act_in_bitrix24(&check);
    let (code, one) = bench.run_json(&["retry", &people[0]]).await;
    assert_eq!((code, &one["retried"]), (0, &json!([people[0]])), "{one}");
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!((&report["created_bitrix24"], &report["reviews"]), (&json!(1), &json!(2)), "{report}");
    let nothing = bench.run(&["retry", &people[0]]).await;
    assert_eq!(nothing.code, 1, "{nothing:?}");
    assert!(nothing.stderr.contains("no write of"), "{nothing:?}");
    let rest = bench.run(&["retry"]).await;
    assert!(
        rest.stdout.contains("2 records are taken up again: the next obmen sync writes them."),
        "{rest:?}"
    );
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["created_bitrix24"]), (0, &json!(2)), "{report}");
    assert_eq!(contacts(&bench), 3);
    let none = bench.run(&["retry"]).await;
    assert_eq!((none.code, none.stdout.trim()), (0, "There is nothing to take up again."), "{none:?}");
    at_rest(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_email_that_the_portal_refuses_holds_its_record_alone_until_it_is_corrected() {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    // The portal takes zones of up to twenty letters.
    let refused = add_person_with(&bench, "Кольцова Вера", "vera@firm.abcdefghijklmnopqrstuvw");
    add_person(&bench, "Белова Анна");

    let sync = bench.run(&["sync"]).await;
    assert_eq!(sync.code, 3, "{sync:?}");
    assert!(sync.stdout.contains("Not written, 1 record: the e-mail is refused"), "{sync:?}");
    assert!(sync.stdout.contains("What to do: Correct the address in the card"), "{sync:?}");
    assert_eq!(contacts(&bench), 1, "the others come along");
    let (_, reviews) = bench.run_json(&["review", "list"]).await;
    assert_eq!(reviews["reviews"][0]["onec"], json!([refused]), "{reviews}");
    assert_eq!(reviews["reviews"][0]["fields"], json!(["email"]), "{reviews}");
    at_rest(&bench).await;

    let fields = json!({"emails": ["vera@firm.example"]});
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": refused, "fields": fields}));
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!(
        (code, &report["created_bitrix24"], &report["reviews"]),
        (0, &json!(1), &json!(0)),
        "{report}"
    );
    at_rest(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_robot_that_edits_at_once_is_followed_and_one_that_undoes_our_writes_is_told() {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    let client = add_person(&bench, "Белова Анна");
    bench.run_json(&["sync"]).await;
    let contact = text(&dump(&bench.bitrix24.world)["contacts"][0]["ID"]);

    // It sets something of its own: that is an edit as any other.
    bench
        .act_in_bitrix24(&json!({"do": "robot", "entity": "contact", "fields": {"SECOND_NAME": "Ивановна"}}));
    let emails = json!({"emails": ["belova@post.example"]});
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": client, "fields": emails}));
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["failed"]), (0, &json!(0)), "{report}");
    assert_eq!(client_name(&bench, &client), "Белова Анна Ивановна");
    at_rest(&bench).await;

    // It undoes what obmen writes.
    let name = "Белова Анна Петровна";
    let fields = json!({"Description": name, "НаименованиеПолное": name});
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": client, "fields": fields}));
    let sync = bench.run(&["sync"]).await;
    assert_eq!(sync.code, 3, "{sync:?}");
    assert!(sync.stdout.contains("what was written is changed back at once: name"), "{sync:?}");
    assert!(sync.stdout.contains("What to do: Something on that side (a robot"), "{sync:?}");
    assert_eq!(client_name(&bench, &client), name, "1C keeps what was entered");
    at_rest(&bench).await;

    bench.act_in_bitrix24(&json!({"do": "robot", "entity": "contact"}));
    let (_, retried) = bench.run_json(&["retry"]).await;
    assert_eq!(retried["retried"], json!([format!("contact:{contact}")]), "{retried}");
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!(code, 0, "{report}");
    assert_eq!(text(&dump(&bench.bitrix24.world)["contacts"][0]["SECOND_NAME"]), "Петровна");
    at_rest(&bench).await;
}

/// A further run writes nothing.
pub(crate) async fn at_rest(bench: &Bench) {
    bench.reset_counters();
    let (code, report) = bench.run_json(&["sync"]).await;
    assert!([0, 3].contains(&code), "{report}");
    assert_eq!(bench.writes(), (0, 0), "{report}");
}

pub(crate) fn contacts(bench: &Bench) -> usize {
    dump(&bench.bitrix24.world)["contacts"].as_array().unwrap().len()
}

pub(crate) fn add_person(bench: &Bench, name: &str) -> String {
    // A mailbox of the name's own letters, in Latin digits.
    let mailbox: u32 = name.chars().map(u32::from).sum();
    add_person_with(bench, name, &format!("p{mailbox}@post.example"))
}

pub(crate) fn add_person_with(bench: &Bench, name: &str, email: &str) -> String {
    let fields = json!({"Description": name, "НаименованиеПолное": name,
        "ЮридическоеФизическоеЛицо": "ФизическоеЛицо", "emails": [email]});
    text(&bench.act_in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}))["ref"])
}

pub(crate) fn add_firm(bench: &Bench, name: &str) -> String {
    let fields = json!({"Description": name, "НаименованиеПолное": name,
        "ЮридическоеФизическоеЛицо": "ЮридическоеЛицо", "emails": ["info@firm.example"]});
    text(&bench.act_in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}))["ref"])
}

fn client_name(bench: &Bench, client: &str) -> String {
    let infobase = dump(&bench.onec.world);
    let objects = infobase["objects"][CLIENTS].as_array().unwrap().clone();
    text(&objects.iter().find(|object| object["Ref_Key"] == client).unwrap()["НаименованиеПолное"])
}

fn user_field(bench: &Bench, entity: &str, name: &str) -> String {
    let portal = dump(&bench.bitrix24.world);
    let is_wanted = |field: &&Value| field["ENTITY_ID"] == entity && field["FIELD_NAME"] == name;
    text(&portal["userfields"].as_array().unwrap().iter().find(is_wanted).unwrap()["ID"])
}

fn load_into_bitrix24(bench: &Bench, line: &Value) {
    use obmen_sim::world::World as _;
    bench.bitrix24.world.lock().unwrap().load(line).unwrap();
}
