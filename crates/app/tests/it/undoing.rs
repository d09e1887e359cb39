//! Taking runs back: what was created goes, what was changed comes back, what was touched since stays and is told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::bench::{Bench, dump};

/// What the portal itself moves with each write of a card.
const VOLATILE: [&str; 6] =
    ["DATE_MODIFY", "MODIFY_BY_ID", "LAST_ACTIVITY_TIME", "LAST_ACTIVITY_BY", "HAS_PHONE", "HAS_EMAIL"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_sync_is_taken_back_whole_and_can_be_done_again() {
    take_back(Bench::with_people(60, 15).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_sync_by_the_extension_is_taken_back_whole_and_can_be_done_again() {
    take_back(Bench::with_people(60, 15).await.by_extension()).await;
}

/// A first sync is taken back, after which both sides are what they were, and done again.
pub(crate) async fn take_back(bench: Bench) {
    bench.run_json(&["setup"]).await;
    let before = (dump(&bench.bitrix24.world), dump(&bench.onec.world));
    let (_, report) = bench.run_json(&["sync"]).await;
    let run = text(&report["run"]);
    let created = [&report["created_bitrix24"], &report["created_onec"]].map(|count| count.as_u64().unwrap());
    assert!(created[0] > 0 && created[1] > 0, "{report}");

    let refused = bench.run(&["undo", &run]).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stdout.contains("Mark for deletion in 1C"), "the plan is shown: {refused:?}");
    assert!(refused.stderr.contains("--yes"), "{refused:?}");

    let (code, undone) = bench.run_json(&["undo", &run]).await;
    assert_eq!(undone["exceptions"], json!([]), "{undone}");
    assert_eq!(code, 0, "{undone}");
    assert_eq!(undone["marked_bitrix24"].as_u64(), Some(created[0]), "{undone}");
    assert_eq!(undone["marked_onec"].as_u64(), Some(created[1]), "{undone}");
    let after = (dump(&bench.bitrix24.world), dump(&bench.onec.world));
    assert_eq!(differences_in_bitrix24(&before.0, &after.0), [""; 0]);
    assert_eq!(differences_in_onec(&before.1, &after.1), [""; 0]);

    // Once more there is nothing to take back, and the undo itself stays.
    bench.reset_counters();
    let (code, again) = bench.run_json(&["undo", &run]).await;
    assert_eq!((code, bench.writes()), (0, (0, 0)), "{again}");
    let of_undo = bench.run(&["undo", &text(&undone["run"])]).await;
    assert_eq!(of_undo.code, 1);
    assert!(of_undo.stderr.contains("cannot be taken back"), "{of_undo:?}");

    let (_, second) = bench.run_json(&["sync"]).await;
    assert_eq!(second["failed"], 0, "{second}");
    for field in ["linked", "created_bitrix24", "created_onec", "reviews"] {
        assert_eq!(second[field], report[field], "{field}: {second} after {report}");
    }
    let objects = |dump: &Value| people_and_firms(dump).len();
    assert_eq!(objects(&dump(&bench.onec.world)), objects(&after.1), "marked copies take part again");
    assert!(marked_since(&before.1, &dump(&bench.onec.world)).is_empty());
    bench.reset_counters();
    bench.run_json(&["sync"]).await;
    assert_eq!(bench.writes(), (0, 0), "both sides agree");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_edited_or_used_since_stays_and_is_told() {
    let bench = Bench::with_people(0, 0).await;
    bench.run_json(&["setup"]).await;
    let contacts: Vec<String> = ["Вера", "Нина"].map(|name| add_contact(&bench, name)).into();
    let objects: Vec<String> = ["Олег", "Иван"].map(|name| add_counterparty(&bench, name)).into();
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!((&report["created_bitrix24"], &report["created_onec"]), (&json!(2), &json!(2)), "{report}");
    let run = text(&report["run"]);
    let copies = copies(&bench, &objects);

    let edited = partner_of(&bench, &contacts[0]);
    let fields =
        json!({"Description": "Кольцова Вера Петровна", "НаименованиеПолное": "Кольцова Вера Петровна"});
    act(
        &bench,
        false,
        &json!({"do": "update", "set": "Catalog_Контрагенты", "ref": edited, "fields": fields}),
    );
    add_deal(&bench, &copies[0]).await;

    let (code, undone) = bench.run_json(&["undo", &run, "--yes"]).await;
    assert_eq!(code, 3, "{undone}");
    let mut told: Vec<(String, String)> = undone["exceptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stay| (text(&stay["record"]), text(&stay["reason"])))
        .collect();
    told.sort();
    let mut expected =
        vec![(format!("contact:{}", copies[0]), "deal".to_owned()), (edited.clone(), "changed".to_owned())];
    expected.sort();
    assert_eq!(told, expected);
    assert_eq!((&undone["marked_bitrix24"], &undone["marked_onec"]), (&json!(1), &json!(1)), "{undone}");
    assert_eq!(partner_of(&bench, &contacts[0]), edited, "what stays keeps its link and its ids");
    assert_eq!(partner_of(&bench, &contacts[1]), "");

    let shown = bench.run(&["--lang", "ru", "undo", &run, "--yes"]).await;
    assert!(shown.stdout.contains("по ней есть сделка"), "{shown:?}");
    let gone = bench.run(&["why", &format!("contact:{}", copies[1])]).await;
    assert!(gone.stdout.contains("does not exist any more"), "{gone:?}");
    assert!(gone.stdout.contains("taken back: it had been made from"), "{gone:?}");

    let (_, journal) = bench.run_json(&["journal"]).await;
    let runs: Vec<String> =
        journal["runs"].as_array().unwrap().iter().map(|run| text(&run["name"])).collect();
    assert_eq!(runs, [text(&undone["run"]), run.clone()], "{journal}");
    let (_, told) = bench.run_json(&["journal", &run]).await;
    assert!(told.to_string().contains(&format!("contact:{}", copies[1])), "{told}");
    let unknown = bench.run(&["journal", "never"]).await;
    assert!(unknown.stderr.contains("knows no run never"), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_run_is_taken_back_without_the_link_and_does_the_same_again() {
    let bench = Bench::with_people(0, 0).await;
    bench.run_json(&["setup"]).await;
    let contact = add_contact(&bench, "Вера");
    bench.run_json(&["sync"]).await;
    let object = partner_of(&bench, &contact);
    let fields =
        json!({"Description": "Кольцова Вера Петровна", "НаименованиеПолное": "Кольцова Вера Петровна"});
    act(
        &bench,
        false,
        &json!({"do": "update", "set": "Catalog_Контрагенты", "ref": object, "fields": fields}),
    );
    let (_, second) = bench.run_json(&["sync"]).await;
    assert_eq!(middle_name(&bench, &contact), "Петровна");

    let (code, undone) = bench.run_json(&["undo", &text(&second["run"])]).await;
    assert_eq!(
        (code, &undone["updated_bitrix24"], &undone["unlinked"]),
        (0, &json!(1), &json!(0)),
        "{undone}"
    );
    assert_eq!(middle_name(&bench, &contact), "");
    assert_eq!(partner_of(&bench, &contact), object);
    bench.run_json(&["sync"]).await;
    assert_eq!(middle_name(&bench, &contact), "Петровна", "the edit in 1C is not lost to the old value");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answers_and_a_stop_in_between_are_made_good() {
    let bench = Bench::with_people(0, 0).await;
    bench.run_json(&["setup"]).await;
    let contacts: Vec<String> = ["Вера", "Нина", "Анна"].map(|name| add_contact(&bench, name)).into();
    let objects: Vec<String> = ["Олег", "Иван", "Пётр"].map(|name| add_counterparty(&bench, name)).into();
    let before = (dump(&bench.bitrix24.world), dump(&bench.onec.world));
    let (_, report) = bench.run_json(&["sync"]).await;
    let run = text(&report["run"]);

    // The portal takes no deletion: the run ends when half of its work is done.
    bench.configure(|text| text.replace("window_seconds = 30", "window_seconds = 30, request_seconds = 4"));
    let denied = json!([{"match": "crm.contact.delete", "kind": "refuse", "times": 40}]);
    faults(&bench.bitrix24.url(), &denied).await;
    let (code, half) = bench.run_json(&["undo", &run]).await;
    assert_eq!((code, &half["marked_onec"], &half["marked_bitrix24"]), (3, &json!(3), &json!(0)), "{half}");
    assert_eq!(half["exceptions"][0]["reason"], "failed", "{half}");
    let lost = json!([{"match": "crm.contact.delete", "kind": "reset_after"}]);
    faults(&bench.bitrix24.url(), &lost).await;
    let (code, undone) = bench.run_json(&["undo", &run]).await;
    assert_eq!((code, &undone["exceptions"]), (0, &json!([])), "{undone}");
    assert_eq!(differences_in_bitrix24(&before.0, &dump(&bench.bitrix24.world)), [""; 0]);
    assert_eq!(differences_in_onec(&before.1, &dump(&bench.onec.world)), [""; 0]);
    assert!(contacts.iter().all(|contact| partner_of(&bench, contact).is_empty()));
    assert_eq!(copies(&bench, &objects), [""; 0]);
}

/// Cards and requisites that are not as before.
pub(crate) fn differences_in_bitrix24(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for table in ["contacts", "companies", "requisites"] {
        let (before, after) = (by_key(&before[table], "ID"), by_key(&after[table], "ID"));
        for id in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            let steady = |row: Option<&Value>| {
                let mut row = row.cloned().unwrap_or_default();
                if let Some(row) = row.as_object_mut() {
                    row.retain(|name, _| !VOLATILE.contains(&name.as_str()));
                }
                row
            };
            let (before, after) = (steady(before.get(id)), steady(after.get(id)));
            // A requisite that was added to a card stays there, emptied.
            let is_empty = ["RQ_INN", "RQ_KPP", "RQ_OGRN", "RQ_OGRNIP"]
                .iter()
                .all(|name| text(&after[*name]).is_empty());
            if before != after && !(table == "requisites" && before.is_null() && is_empty) {
                found.push(format!("{table} {id}: {before} is now {after}"));
            }
        }
    }
    found
}

/// Objects that are not as before, or are new and not marked. The version moves with each write.
pub(crate) fn differences_in_onec(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let (before, after) = (people_and_firms(before), people_and_firms(after));
    for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        match (before.get(key), after.get(key)) {
            (Some(before), Some(after)) => {
                let steady = |object: &Value| filled(object).unwrap_or_default();
                if steady(before) != steady(after) {
                    found.push(format!("{key}: {} is now {}", steady(before), steady(after)));
                }
            }
            (None, Some(after)) if after["DeletionMark"] == true => {}
            (before, after) => found.push(format!("{key}: {before:?} is now {after:?}")),
        }
    }
    found
}

/// What an object says. 1C shows what is missing as the default of its type, its handlers derive some columns, and its
/// version moves with each write.
fn filled(value: &Value) -> Option<Value> {
    const DERIVED: [&str; 4] =
        ["DataVersion", "ВидДляСписка_Key", "ИННВведенКорректно", "КППВведенКорректно"];
    let value = match value {
        Value::Object(members) => {
            let told = members.iter().filter(|(name, _)| !DERIVED.contains(&name.as_str()));
            Value::Object(told.filter_map(|(name, member)| Some((name.clone(), filled(member)?))).collect())
        }
        Value::Array(rows) => Value::Array(rows.iter().filter_map(filled).collect()),
        value => value.clone(),
    };
    let (nil, no_day) = ("00000000-0000-0000-0000-000000000000", "0001-01-01T00:00:00");
    let is_default = [json!(null), json!(""), json!(false), json!([]), json!({}), json!(nil), json!(no_day)]
        .contains(&value);
    (!is_default).then_some(value)
}

/// New objects that are marked.
fn marked_since(before: &Value, after: &Value) -> Vec<String> {
    let known = people_and_firms(before);
    let new = people_and_firms(after).into_iter().filter(|(key, _)| !known.contains_key(key));
    new.filter(|(_, object)| object["DeletionMark"] == true).map(|(key, _)| key).collect()
}

pub(crate) fn people_and_firms(dump: &Value) -> BTreeMap<String, Value> {
    let sets = [
        "Catalog_Контрагенты",
        "Catalog_Партнеры",
        "Catalog_КонтактныеЛица",
        "Catalog_КонтактныеЛицаПартнеров",
        "Catalog_ФизическиеЛица",
    ];
    sets.iter().flat_map(|set| by_key(&dump["objects"][set], "Ref_Key")).collect()
}

pub(crate) fn by_key(rows: &Value, key: &str) -> BTreeMap<String, Value> {
    rows.as_array().into_iter().flatten().map(|row| (text(&row[key]), row.clone())).collect()
}

pub(crate) fn add_contact(bench: &Bench, name: &str) -> String {
    let phone = json!([{"VALUE": format!("{name}@firm.example"), "VALUE_TYPE": "WORK"}]);
    let fields = json!({"LAST_NAME": "Кольцова", "NAME": name, "EMAIL": phone});
    text(&act(bench, true, &json!({"do": "create", "entity": "contact", "fields": fields}))["id"])
}

pub(crate) fn add_counterparty(bench: &Bench, name: &str) -> String {
    let name = format!("Орлов {name} Ильич");
    let fields = json!({"Description": name, "НаименованиеПолное": name,
        "ЮридическоеФизическоеЛицо": "ФизическоеЛицо"});
    text(&act(bench, false, &json!({"do": "create", "set": "Catalog_Контрагенты", "fields": fields}))["ref"])
}

/// Contacts that were made of these objects and exist.
pub(crate) fn copies(bench: &Bench, objects: &[String]) -> Vec<String> {
    let contacts = dump(&bench.bitrix24.world)["contacts"].as_array().unwrap().clone();
    let of = |object: &String| {
        contacts.iter().find(|row| text(&row["UF_CRM_1C_CONTACT_ID"]) == *object).map(|row| text(&row["ID"]))
    };
    objects.iter().filter_map(of).collect()
}

fn client() -> reqwest::Client {
    // An error says that a provider is there already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

pub(crate) async fn add_deal(bench: &Bench, contact: &str) {
    let fields = json!({"fields": {"TITLE": "Поставка", "CONTACT_ID": contact}});
    let url = format!("{}/rest/1/geheim/crm.deal.add", bench.bitrix24.url());
    let sent = client().post(url).header("content-type", "application/json");
    assert!(sent.body(fields.to_string()).send().await.unwrap().status().is_success());
}

async fn faults(url: &str, rules: &Value) {
    let sent = client().post(format!("{url}/_sim/faults"));
    let answer =
        sent.header("content-type", "application/json").body(rules.to_string()).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

fn act(bench: &Bench, in_bitrix24: bool, action: &Value) -> Value {
    if in_bitrix24 { bench.act_in_bitrix24(action) } else { bench.act_in_onec(action) }
}

pub(crate) fn partner_of(bench: &Bench, contact: &str) -> String {
    text(&contact_row(bench, contact)["UF_CRM_1C_CONTACT_ID"])
}

pub(crate) fn middle_name(bench: &Bench, contact: &str) -> String {
    text(&contact_row(bench, contact)["SECOND_NAME"])
}

fn contact_row(bench: &Bench, contact: &str) -> Value {
    by_key(&dump(&bench.bitrix24.world)["contacts"], "ID").remove(contact).unwrap_or_default()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        value => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}
