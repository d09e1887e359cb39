//! What people decide holds: the next sync carries it out, and nobody is asked again.

use obmen_sim::world::World as _;
use serde_json::{Value, json};

use crate::bench::{Bench, text};
use crate::furniture::clients;

const NAME: (&str, &str, &str) = ("Кольцова", "Вера", "Игоревна");
const MOBILE: &str = "+7 (912) 345-67-89";
const OFFICE: &str = "+7 (495) 222-33-44";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn namesakes_are_linked_by_a_person_and_taken_apart_again() {
    let bench = bench().await;
    let (contact, object) = (add_contact(&bench), add_counterparty(&bench));
    bench.run_json(&["sync"]).await;
    let question = only_review(&bench, "match").await;

    let (_, shown) = bench.run_json(&["review", "show", &question]).await;
    assert_eq!(shown["records"].as_array().unwrap().len(), 2, "{shown}");
    assert_eq!(shown["evidence"][0]["names"], "same", "{shown}");
    let shown = bench.run(&["--lang", "ru", "review", "show", &question]).await;
    assert!(
        shown.stdout.contains("имена совпадают") && shown.stdout.contains("obmen review link"),
        "{shown:?}"
    );

    let card = format!("contact:{contact}");
    let before = (contact_of(&bench, &contact), object_of(&bench, &object));
    let (code, _) = bench.run_json(&["review", "link", &card, &object]).await;
    assert_eq!(code, 0);
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, report["reviews"].as_u64()), (0, Some(0)), "{report}");
    assert_eq!(contact_of(&bench, &contact).phones, [MOBILE, OFFICE]);
    assert_eq!(contact_of(&bench, &contact).partner, object);
    let (_, why) = bench.run_json(&["why", &card]).await;
    assert_eq!(why["link"], json!({"with": object, "reason": "decided by a person", "agreed": true}));

    let (code, decided) = bench.run_json(&["review", "separate", &object, &card]).await;
    assert_eq!((code, &decided["decided"]), (0, &json!("apart")));
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, report["reviews"].as_u64()), (0, Some(0)), "{report}");
    let after = (contact_of(&bench, &contact), object_of(&bench, &object));
    assert_eq!((&after.0.phones, &after.1.phones), (&before.0.phones, &before.1.phones));
    assert!(after.0.partner != object, "each has a counterpart of its own: {after:?}");
    assert_eq!(count(&bench), (2, 2));

    bench.reset_counters();
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, report["reviews"].as_u64(), bench.writes()), (0, Some(0), (0, 0)), "{report}");
    let why = bench.run(&["why", &card]).await;
    assert!(why.stdout.contains("a person decided: two parties"), "{why:?}");
    assert!(why.stdout.contains("(taken back)"), "{why:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_separated_before_a_link_gets_a_counterpart_and_is_never_asked_about_again() {
    let bench = bench().await;
    let (contact, object) = (add_contact(&bench), add_counterparty(&bench));
    bench.run_json(&["sync"]).await;
    only_review(&bench, "match").await;
    bench.run_json(&["review", "separate", &format!("contact:{contact}"), &object]).await;
    for _ in 0..2 {
        let (code, report) = bench.run_json(&["sync"]).await;
        assert_eq!((code, report["reviews"].as_u64()), (0, Some(0)), "{report}");
        assert_eq!(count(&bench), (2, 2));
    }
    assert!(contact_of(&bench, &contact).partner != object);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_is_accepted_leaves_the_other_record_alone() {
    let bench = bench().await;
    let contact = add_contact(&bench);
    bench.run_json(&["sync"]).await;
    let object = contact_of(&bench, &contact).partner;
    act(&bench, true, &json!({"do": "delete", "entity": "contact", "id": contact}));
    let card = format!("contact:{contact}");
    let (code, decided) = bench.run_json(&["review", "separate", &card, &object]).await;
    assert_eq!((code, &decided["decided"]), (0, &json!("ended")));
    for _ in 0..2 {
        let (_, report) = bench.run_json(&["sync"]).await;
        assert_eq!(report["failed"], 0, "{report}");
        assert_eq!(count(&bench), (0, 1), "nobody is created again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_values_the_chosen_one_stands_on_both_sides() {
    for (side, expected) in [("bitrix24", "Слева"), ("onec", "Справа")] {
        let bench = bench().await;
        let contact = add_contact(&bench);
        bench.run_json(&["sync"]).await;
        let object = contact_of(&bench, &contact).partner;
        let fields = json!({"NAME": "Слева"});
        act(&bench, true, &json!({"do": "update", "entity": "contact", "id": contact, "fields": fields}));
        let fields = json!({"Description": "Кольцова Справа Игоревна", "НаименованиеПолное": "Кольцова Справа Игоревна"});
        let set = "Catalog_Контрагенты";
        act(&bench, false, &json!({"do": "update", "set": set, "ref": object, "fields": fields}));
        bench.run_json(&["sync"]).await;
        let question = only_review(&bench, "conflict").await;

        let (code, refused) = bench.run_json(&["review", "choose", &question, "name", "Некто"]).await;
        assert_eq!(code, 1, "a value of neither side: {refused}");
        let (code, chosen) = bench.run_json(&["review", "choose", &question, "name", side]).await;
        assert_eq!((code, &chosen["side"]), (0, &json!(side)));
        let (code, report) = bench.run_json(&["sync"]).await;
        assert_eq!((code, report["reviews"].as_u64()), (0, Some(0)), "{report}");
        assert_eq!(contact_of(&bench, &contact).name, expected);
        assert_eq!(object_of(&bench, &object).name, format!("Кольцова {expected} Игоревна"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_taken_away_on_one_side_comes_back_when_the_other_is_chosen() {
    let bench = bench().await;
    let fields = json!({"TITLE": "ООО Ромашка"});
    let company =
        text(&act(&bench, true, &json!({"do": "create", "entity": "company", "fields": fields}))["id"]);
    let contact = add_contact(&bench);
    let employ = |company: &str| {
        let fields = json!({"COMPANY_ID": company});
        act(&bench, true, &json!({"do": "update", "entity": "contact", "id": contact, "fields": fields}));
    };
    employ(&company);
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["created_onec"]), (0, &json!(2)), "{report}");
    employ("0");
    bench.run_json(&["sync"]).await;
    let question = only_review(&bench, "conflict").await;
    let shown = bench.run(&["review", "show", &question]).await;
    assert!(
        shown.stdout.contains(" company onec") && !shown.stdout.contains(" company bitrix24"),
        "{shown:?}"
    );
    let refused = bench.run(&["review", "choose", &question, "company", "bitrix24"]).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("takes no company away"), "{refused:?}");
    let (code, chosen) = bench.run_json(&["review", "choose", &question, "company", "onec"]).await;
    assert_eq!((code, &chosen["side"]), (0, &json!("onec")));
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["reviews"]), (0, &json!(0)), "{report}");
    let portal = bench.bitrix24.world.lock().unwrap().dump();
    assert_eq!(text(&portal["contacts"][0]["COMPANY_ID"]), company);
    bench.reset_counters();
    bench.run_json(&["sync"]).await;
    assert_eq!(bench.writes(), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_that_cannot_be_taken_says_why_and_what_to_do() {
    let bench = bench().await;
    let (contact, object) = (add_contact(&bench), add_counterparty(&bench));
    bench.run_json(&["sync"]).await;
    let card = format!("contact:{contact}");
    let cases: [(&[&str], &str); 5] = [
        (&["review", "link", &card, &card], "nothing can be decided"),
        (&["review", "link", &card, "11111111-1111-1111-1111-111111111111"], "is known"),
        (&["review", "choose", "0123456789ab", "name", "onec"], "no case"),
        (&["review", "choose", "0123456789ab", "colour", "onec"], "no field"),
        (&["why", "contact:999999"], "is known"),
    ];
    for (arguments, words) in cases {
        let outcome = bench.run(arguments).await;
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert!(outcome.stderr.contains(words), "{outcome:?}");
        assert_eq!(outcome.stderr.lines().count(), 2, "the second line is the remedy: {outcome:?}");
    }
    bench.run_json(&["review", "link", &card, &object]).await;
    let second = add_contact(&bench);
    bench.run_json(&["sync"]).await;
    let outcome = bench.run(&["review", "link", &format!("contact:{second}"), &object]).await;
    assert!(outcome.stderr.contains("is linked with"), "{outcome:?}");
}

/// What matters of a record here.
#[derive(Debug)]
struct Card {
    name: String,
    phones: Vec<String>,
    partner: String,
}

async fn bench() -> Bench {
    let bench = Bench::with_people(0, 0).await;
    let (code, setup) = bench.run_json(&["setup"]).await;
    assert_eq!(code, 0, "{setup}");
    bench
}

fn add_contact(bench: &Bench) -> String {
    let (last, first, middle) = NAME;
    let fields = json!({"LAST_NAME": last, "NAME": first, "SECOND_NAME": middle,
        "PHONE": [{"VALUE": MOBILE, "VALUE_TYPE": "WORK"}]});
    let done = act(bench, true, &json!({"do": "create", "entity": "contact", "fields": fields}));
    text(&done["id"])
}

fn add_counterparty(bench: &Bench) -> String {
    let (last, first, middle) = NAME;
    let name = format!("{last} {first} {middle}");
    let fields = json!({"Description": name, "НаименованиеПолное": name,
        "ЮридическоеФизическоеЛицо": "ФизическоеЛицо", "phones": [OFFICE]});
    let done = act(bench, false, &json!({"do": "create", "set": "Catalog_Контрагенты", "fields": fields}));
    text(&done["ref"])
}

fn act(bench: &Bench, in_bitrix24: bool, action: &Value) -> Value {
    if in_bitrix24 { bench.act_in_bitrix24(action) } else { bench.act_in_onec(action) }
}

async fn only_review(bench: &Bench, kind: &str) -> String {
    let (_, reviews) = bench.run_json(&["review", "list"]).await;
    let [only] = reviews["reviews"].as_array().unwrap().as_slice() else { panic!("one case: {reviews}") };
    assert_eq!(only["kind"], kind, "{only}");
    text(&only["id"])
}

fn contact_of(bench: &Bench, id: &str) -> Card {
    let dump = bench.bitrix24.world.lock().unwrap().dump();
    let record =
        dump["contacts"].as_array().unwrap().iter().find(|record| text(&record["ID"]) == id).unwrap();
    let phones = record["PHONE"].as_array().unwrap();
    Card {
        name: text(&record["NAME"]),
        phones: phones.iter().map(|row| text(&row["VALUE"])).collect(),
        partner: text(&record["UF_CRM_1C_CONTACT_ID"]),
    }
}

fn object_of(bench: &Bench, reference: &str) -> Card {
    let dump = bench.onec.world.lock().unwrap().dump();
    let objects = clients(&dump);
    let object = objects.iter().find(|object| text(&object["Ref_Key"]) == reference).unwrap();
    let rows = object["КонтактнаяИнформация"].as_array().unwrap();
    Card {
        name: text(&object["Description"]),
        phones: rows.iter().map(|row| text(&row["Представление"])).collect(),
        partner: String::new(),
    }
}

/// How many records of the name there are in Bitrix24 and in 1C.
fn count(bench: &Bench) -> (usize, usize) {
    let left = bench.bitrix24.world.lock().unwrap().dump()["contacts"].as_array().map_or(0, Vec::len);
    let right = bench.onec.world.lock().unwrap().dump();
    let right = right["objects"]["Catalog_Контрагенты"].as_array().map_or(0, |objects| {
        objects.iter().filter(|object| text(&object["Description"]).starts_with(NAME.0)).count()
    });
    (left, right)
}
