//! A first sync that stops half way, a day of work on both sides, and the run that goes on: what people did counts, and
//! nothing that was read or planned the day before.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};
use crate::failures::at_rest;
use crate::furniture;

const CLIENTS: &str = "Catalog_Контрагенты";
/// People of one side, or of both.
const EACH: usize = 12;
const SURNAMES: [&str; EACH] = [
    "Белова",
    "Седова",
    "Громова",
    "Ильина",
    "Орлова",
    "Кольцова",
    "Жукова",
    "Маркова",
    "Зуева",
    "Панова",
    "Рябова",
    "Титова",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_first_sync_that_goes_on_a_day_later_follows_what_people_did_meanwhile() {
    let mut bench = two_bases().await;
    bench.run_json(&["sync", "--limit", "3"]).await;
    let (done, _) = copied(&bench, "left");
    // Two more come across, and then it is killed.
    let out = json!([{"method": "POST", "kind": "reset_before", "after": 2, "times": 1000}]);
    bench.faults(&bench.onec.url(), &out).await;
    bench.reset_counters();
    bench.run_until(&["sync", "--yes"], |bench| bench.writes().1 >= 2).await;
    bench.faults(&bench.onec.url(), &json!([])).await;
    let (arrived, open) = copied(&bench, "left");
    assert_eq!((done.len(), arrived.len(), open.len()), (3, 5, EACH - 5), "in the midst of the work");
    a_day_of_work(&bench, &done, &open);
    bench.a_day_passes().await;
    goes_on(&bench, &open).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limited_first_sync_that_goes_on_a_day_later_follows_what_people_did_meanwhile() {
    let mut bench = two_bases().await;
    bench.run_json(&["sync", "--limit", "5"]).await;
    let (done, open) = copied(&bench, "left");
    assert_eq!((done.len(), open.len()), (5, EACH - 5), "in the midst of the work");
    assert_eq!(copied(&bench, "right").0, [0; 0], "1C's own people have their turn later");
    a_day_of_work(&bench, &done, &open);
    bench.a_day_passes().await;
    goes_on(&bench, &open).await;
    // Who had not been copied was marked, deleted and merged away.
    let (copied, not) = copied(&bench, "right");
    assert_eq!((copied.len(), not), (EACH - 3, vec![1, 2, 4]));
}

/// People of the portal alone, of 1C alone, and of both; those of both have a phone in the portal alone.
async fn two_bases() -> Bench {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    (0..EACH).for_each(|at| add_contact(&bench, "left", at, &json!([])));
    for at in 0..EACH {
        add_contact(&bench, "both", at, &json!([{"VALUE": phone(at), "VALUE_TYPE": "WORK"}]));
        add_client(&bench, "both", at);
        add_client(&bench, "right", at);
    }
    bench
}

/// What people do on both sides until the next run, with whom it had brought across (`done`) and with whom it had not.
fn a_day_of_work(bench: &Bench, done: &[usize], open: &[usize]) {
    let contact = |group: &str, at: usize| contact_of(bench, &mailbox(group, at)).unwrap()["ID"].clone();
    let client = |group: &str, at: usize| client_of(bench, &mailbox(group, at)).unwrap()["Ref_Key"].clone();
    let (copied, other) = (done[0], done[1]);
    rename_client(bench, &client("left", copied), "Новая Фамилия Петровна");
    let edited = json!({"PHONE": [{"VALUE": "+7 (912) 555-00-01", "VALUE_TYPE": "WORK"}]});
    update_contact(bench, &contact("left", other), &edited);

    let [edited, deleted, entered_twice, survivor, ..] = *open else { unreachable!("four are open") };
    update_contact(bench, &contact("left", edited), &json!({"LAST_NAME": "Замужняя"}));
    bench.act_in_bitrix24(&json!({"do": "delete", "entity": "contact", "id": contact("left", deleted)}));
    add_client(bench, "left", entered_twice);
    // Entered by hand a second time in the morning, and merged into the first in the evening.
    add_contact(bench, "merged", survivor, &json!([{"VALUE": "+7 (912) 555-00-02", "VALUE_TYPE": "WORK"}]));
    let ids = [contact("left", survivor), contact("merged", survivor)];
    bench.act_in_bitrix24(&json!({"do": "merge", "entity": "contact", "ids": ids}));

    let phones = json!({"phones": ["+7 (912) 555-00-04"]});
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": client("right", 0), "fields": phones}));
    let one = |what: &str, at| json!({"do": what, "set": CLIENTS, "ref": client("right", at)});
    bench.act_in_onec(&one("mark", 1));
    bench.act_in_onec(&one("delete", 2));
    let mut merge = one("merge", 3);
    merge["duplicates"] = json!([client("right", 4)]);
    bench.act_in_onec(&merge);

    let phones = json!({"phones": ["+7 (912) 555-00-03"]});
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": client("both", 0), "fields": phones}));
    let added = json!({"PHONE": [{"VALUE": "+7 (912) 555-00-05", "VALUE_TYPE": "WORK"}]});
    update_contact(bench, &contact("both", 1), &added);
    add_contact(bench, "new", 0, &json!([]));
    add_client(bench, "new", 1);
    add_contact(bench, "new", 2, &json!([]));
    add_client(bench, "new", 2);
}

/// The next run: both sides hold what people wanted, everybody once, and the journal tells what was written.
async fn goes_on(bench: &Bench, open: &[usize]) {
    let deleted = mailbox("left", open[1]);
    let (code, report) = bench.run_json(&["sync"]).await;
    assert!([0, 3].contains(&code) && report["failed"] == 0, "{report}");
    at_rest(bench).await;

    let (left, right) = (mailboxes(&contacts(bench)), mailboxes(&clients(bench)));
    for (side, held) in [("Bitrix24", &left), ("1C", &right)] {
        let once: BTreeSet<&String> = held.iter().collect();
        assert_eq!(once.len(), held.len(), "nobody is twice in {side}: {held:?}");
        assert!(!held.contains(&deleted), "who was deleted is not in {side}");
    }
    let both = |group: &str, at: usize| {
        let mailbox = mailbox(group, at);
        assert!(left.contains(&mailbox) && right.contains(&mailbox), "{mailbox}: {left:?} {right:?}");
    };
    (0..EACH).filter(|at| *at != open[1]).for_each(|at| both("left", at));
    (0..EACH).for_each(|at| both("both", at));
    [0, 3].into_iter().chain(5..EACH).for_each(|at| both("right", at));
    (0..3).for_each(|at| both("new", at));
    both("merged", open[3]);

    for name in ["Новая", "Замужняя"] {
        let holds = |records: &[Value]| records.iter().filter(|one| one.to_string().contains(name)).count();
        assert_eq!((holds(&contacts(bench)), holds(&clients(bench))), (1, 1), "{name}");
    }
    let numbers = [phone(0), phone(5)].into_iter().chain((1..=5).map(|at| format!("+7 (912) 555-00-0{at}")));
    for number in numbers {
        let holds = |records: &[Value]| {
            records.iter().filter(|one| digits(one).contains(&digits_of(&number))).count()
        };
        assert_eq!((holds(&contacts(bench)), holds(&clients(bench))), (1, 1), "{number}");
    }
    let (_, journal) = bench.run_json(&["journal", &text(&report["run"])]).await;
    let told = journal.to_string();
    for words in ["Новая", "Замужняя", &mailbox("new", 0), &mailbox("new", 1)] {
        assert!(told.contains(words), "{words} in the journal: {journal}");
    }
    assert!(!told.contains(&deleted), "nothing was written about who was deleted: {journal}");
}

fn mailbox(group: &str, at: usize) -> String {
    format!("{group}{at}@post.example")
}

fn phone(at: usize) -> String {
    format!("+7 (912) 300-00-{at:02}")
}

/// First name and patronymic, so that nobody of one group is a namesake of another.
fn first_names(group: &str) -> (&'static str, &'static str) {
    match group {
        "left" | "merged" => ("Анна", "Ивановна"),
        "right" => ("Вера", "Сергеевна"),
        "both" => ("Нина", "Павловна"),
        _ => ("Ольга", "Львовна"),
    }
}

fn add_contact(bench: &Bench, group: &str, at: usize, phones: &Value) {
    let (first, middle) = first_names(group);
    let fields = json!({"LAST_NAME": SURNAMES[at], "NAME": first, "SECOND_NAME": middle, "PHONE": phones,
        "EMAIL": [{"VALUE": mailbox(group, at), "VALUE_TYPE": "WORK"}]});
    bench.act_in_bitrix24(&json!({"do": "create", "entity": "contact", "fields": fields}));
}

fn add_client(bench: &Bench, group: &str, at: usize) {
    let (first, middle) = first_names(group);
    let name = format!("{} {first} {middle}", SURNAMES[at]);
    let fields = json!({"Description": name, "НаименованиеПолное": name, "emails": [mailbox(group, at)],
        "ЮридическоеФизическоеЛицо": "ФизическоеЛицо"});
    bench.act_in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}));
}

fn update_contact(bench: &Bench, id: &Value, fields: &Value) {
    bench.act_in_bitrix24(&json!({"do": "update", "entity": "contact", "id": id, "fields": fields}));
}

fn rename_client(bench: &Bench, reference: &Value, name: &str) {
    let fields = json!({"Description": name, "НаименованиеПолное": name});
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": reference, "fields": fields}));
}

/// Who of a group stands on both sides, and who does not.
fn copied(bench: &Bench, group: &str) -> (Vec<usize>, Vec<usize>) {
    let (left, right) = (mailboxes(&contacts(bench)), mailboxes(&clients(bench)));
    (0..EACH).partition(|at| [&left, &right].iter().all(|held| held.contains(&mailbox(group, *at))))
}

fn contacts(bench: &Bench) -> Vec<Value> {
    dump(&bench.bitrix24.world)["contacts"].as_array().unwrap().clone()
}

/// Clients that are not marked.
fn clients(bench: &Bench) -> Vec<Value> {
    let infobase = dump(&bench.onec.world);
    let stands = |object: &&Value| object["DeletionMark"] != true && object["IsFolder"] != true;
    furniture::clients(&infobase).iter().filter(stands).cloned().collect()
}

fn contact_of(bench: &Bench, mailbox: &str) -> Option<Value> {
    contacts(bench)
        .into_iter()
        .find(|contact| mailboxes(std::slice::from_ref(contact)).iter().any(|one| one == mailbox))
}

fn client_of(bench: &Bench, mailbox: &str) -> Option<Value> {
    clients(bench)
        .into_iter()
        .find(|client| mailboxes(std::slice::from_ref(client)).iter().any(|one| one == mailbox))
}

/// The mailboxes of records of either side.
fn mailboxes(records: &[Value]) -> Vec<String> {
    let rows = |record: &Value, name: &str| record[name].as_array().cloned().unwrap_or_default();
    let all = records
        .iter()
        .flat_map(|record| [rows(record, "EMAIL"), rows(record, "КонтактнаяИнформация")].concat());
    let texts = all.flat_map(|row| [text(&row["VALUE"]), text(&row["Представление"])]);
    texts.filter(|text| text.contains('@')).collect()
}

fn digits(record: &Value) -> String {
    digits_of(&record.to_string())
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
