//! Pairs and fields that go one way: the leader gets nothing but ids, the follower gets what the leader has.

use obmen_sim::world::World as _;
use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};

const BOTH: &str = "+7 (912) 345-67-89";
const OWN: &str = "+7 (495) 222-33-44";
const LATER: &str = "+7 (495) 777-88-99";
const CLIENTS: &str = "Catalog_Контрагенты";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_overlapping_bases_leave_the_leader_as_it_was_but_for_ids() {
    for direction in ["bitrix24-to-onec", "onec-to-bitrix24"] {
        let bench = one_way(Bench::with_people(60, 15).await, direction).await;
        let leads = direction.starts_with("bitrix24");
        let before = without_ids(&bench, leads);
        bench.reset_counters();
        let (_, plan) = bench.run_json(&["plan"]).await;
        assert_eq!(bench.writes(), (0, 0));
        let (_, report) = bench.run_json(&["sync"]).await;
        let (leader, follower) = if leads { ("bitrix24", "onec") } else { ("onec", "bitrix24") };
        let figure = |name: String| report[name].as_u64().unwrap();
        assert_eq!((figure(format!("created_{leader}")), figure("failed".into())), (0, 0), "{report}");
        for name in
            [format!("created_{follower}"), format!("updated_{follower}"), format!("updated_{leader}")]
        {
            assert!(figure(name.clone()) > 0, "{name}: {report}");
        }
        assert!(
            plan["counts"]["withheld"].as_u64().unwrap() > 0,
            "who is in {follower} alone stays there: {plan}"
        );
        let difference = difference("", &before, &without_ids(&bench, leads));
        assert_eq!(difference, None, "{leader} is as it was");
        assert_eq!(creates(&bench, leads), Vec::<String>::new(), "{leader} was asked to create nothing");

        bench.reset_counters();
        bench.run_json(&["sync"]).await;
        assert_eq!(bench.writes(), (0, 0), "{direction}: nothing is left to do");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_of_the_leader_arrive_and_those_of_the_follower_do_not_travel_back() {
    for direction in ["bitrix24-to-onec", "onec-to-bitrix24"] {
        let bench = one_way(Bench::with_people(0, 0).await, direction).await;
        let leads = direction.starts_with("bitrix24");
        let (contact, object) = add_to_both(&bench);
        bench.run_json(&["sync"]).await;

        edit(&bench, !leads, &contact, &object, "Чужая", &[BOTH, OWN]);
        let (_, report) = bench.run_json(&["sync"]).await;
        assert_eq!(report["failed"], 0, "{report}");
        assert_eq!(card(&bench, leads, &contact, &object), ("Вера".to_owned(), vec![BOTH.to_owned()]));
        let follower = card(&bench, !leads, &contact, &object);
        assert_eq!(follower, ("Вера".to_owned(), vec![BOTH.to_owned(), OWN.to_owned()]));

        edit(&bench, leads, &contact, &object, "Анна", &[LATER]);
        bench.run_json(&["sync"]).await;
        assert_eq!(card(&bench, leads, &contact, &object), ("Анна".to_owned(), vec![LATER.to_owned()]));
        let (name, phones) = card(&bench, !leads, &contact, &object);
        assert_eq!((name.as_str(), phones.len()), ("Анна", 2), "{phones:?}");
        assert!(phones.contains(&OWN.to_owned()), "what the follower has of its own stays: {phones:?}");

        bench.reset_counters();
        let (code, report) = bench.run_json(&["sync"]).await;
        assert_eq!((code, bench.writes()), (0, (0, 0)), "{direction}: {report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_in_the_follower_alone_stays_there_and_it_is_told_why() {
    let bench = one_way(Bench::with_people(0, 0).await, "onec-to-bitrix24").await;
    let contact = add_contact(&bench);
    let plan = bench.run(&["plan"]).await;
    assert!(plan.stdout.contains("the pair goes one way, and the other side leads: 1"), "{plan:?}");
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!((&report["created_onec"], &report["reviews"]), (&json!(0), &json!(0)), "{report}");
    let (_, why) = bench.run_json(&["why", &format!("contact:{contact}")]).await;
    assert_eq!(why["withheld"], "one-way", "{why}");
    let why = bench.run(&["--lang", "ru", "why", &format!("contact:{contact}")]).await;
    assert!(why.stdout.contains("пара работает в одну сторону"), "{why:?}");

    // Once the pair goes both ways, whoever was kept back comes along.
    bench.configure(|text| text);
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!(report["created_onec"], 1, "{report}");
    let (_, why) = bench.run_json(&["why", &format!("contact:{contact}")]).await;
    assert_eq!(why["withheld"], Value::Null, "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_may_go_another_way_than_its_pair() {
    let bench = Bench::with_people(0, 0).await;
    bench.configure(|text| {
        text + "[pair.fields]\nname = { direction = \"bitrix24-to-onec\" }\nphone = { direction = \"onec-to-bitrix24\" }\n"
    });
    bench.run_json(&["setup"]).await;
    let (contact, object) = add_to_both(&bench);
    bench.run_json(&["sync"]).await;
    edit(&bench, true, &contact, &object, "Анна", &[BOTH, OWN]);
    bench.run_json(&["sync"]).await;
    assert_eq!(
        card(&bench, false, &contact, &object),
        ("Анна".to_owned(), vec![BOTH.to_owned()]),
        "the name went"
    );
    edit(&bench, false, &contact, &object, "Чужая", &[BOTH, LATER]);
    bench.run_json(&["sync"]).await;
    let (name, phones) = card(&bench, true, &contact, &object);
    assert_eq!((name.as_str(), phones), ("Анна", vec![BOTH.to_owned(), OWN.to_owned(), LATER.to_owned()]));
    assert_eq!(card(&bench, false, &contact, &object).0, "Анна", "1C follows in the name");
    bench.reset_counters();
    bench.run_json(&["sync"]).await;
    assert_eq!(bench.writes(), (0, 0));
}

async fn one_way(bench: Bench, direction: &str) -> Bench {
    let line = format!("name = \"main\"\ndirection = \"{direction}\"\n");
    bench.configure(|text| text.replace("name = \"main\"\n", &line));
    let (code, setup) = bench.run_json(&["setup"]).await;
    assert_eq!(code, 0, "{setup}");
    bench
}

fn add_to_both(bench: &Bench) -> (String, String) {
    let name = "Кольцова Вера Игоревна";
    let fields = json!({"Description": name, "НаименованиеПолное": name,
        "ЮридическоеФизическоеЛицо": "ФизическоеЛицо", "phones": [BOTH]});
    let done = bench.act_in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}));
    (add_contact(bench), text(&done["ref"]))
}

fn add_contact(bench: &Bench) -> String {
    let fields = json!({"LAST_NAME": "Кольцова", "NAME": "Вера", "SECOND_NAME": "Игоревна",
        "PHONE": [{"VALUE": BOTH, "VALUE_TYPE": "WORK"}]});
    let done = bench.act_in_bitrix24(&json!({"do": "create", "entity": "contact", "fields": fields}));
    text(&done["id"])
}

/// A person changes first name and phones on one side.
fn edit(bench: &Bench, in_bitrix24: bool, contact: &str, object: &str, name: &str, phones: &[&str]) {
    if in_bitrix24 {
        let held = contact_of(bench, contact)["PHONE"].as_array().unwrap().clone();
        let gone = held.iter().filter(|row| !phones.contains(&text(&row["VALUE"]).as_str()));
        let gone = gone.map(|row| json!({"ID": row["ID"], "DELETE": "Y"}));
        let is_new = |phone: &&&str| !held.iter().any(|row| text(&row["VALUE"]) == **phone);
        let new = phones.iter().filter(is_new).map(|phone| json!({"VALUE": phone, "VALUE_TYPE": "WORK"}));
        let rows: Vec<Value> = gone.chain(new).collect();
        let fields = json!({"NAME": name, "PHONE": rows});
        bench.act_in_bitrix24(&json!({"do": "update", "entity": "contact", "id": contact, "fields": fields}));
    } else {
        let name = format!("Кольцова {name} Игоревна");
        let fields = json!({"Description": name, "НаименованиеПолное": name, "phones": phones});
        bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": object, "fields": fields}));
    }
}

/// First name and phones on one side.
fn card(bench: &Bench, in_bitrix24: bool, contact: &str, object: &str) -> (String, Vec<String>) {
    let values =
        |rows: &Value, name: &str| rows.as_array().unwrap().iter().map(|row| text(&row[name])).collect();
    if in_bitrix24 {
        let record = contact_of(bench, contact);
        return (text(&record["NAME"]), values(&record["PHONE"], "VALUE"));
    }
    let infobase = dump(&bench.onec.world);
    let objects = infobase["objects"][CLIENTS].as_array().unwrap();
    let record = objects.iter().find(|record| text(&record["Ref_Key"]) == object).unwrap();
    let name = text(&record["Description"]);
    let first = name.split(' ').nth(1).unwrap().to_owned();
    (first, values(&record["КонтактнаяИнформация"], "Представление"))
}

fn contact_of(bench: &Bench, id: &str) -> Value {
    let portal = dump(&bench.bitrix24.world);
    portal["contacts"].as_array().unwrap().iter().find(|record| text(&record["ID"]) == id).unwrap().clone()
}

/// All that a side holds, but for ids of the other side and what the system itself fills or moves with every write.
fn without_ids(bench: &Bench, in_bitrix24: bool) -> Value {
    let (world, own): (Value, &[&str]) = if in_bitrix24 {
        let moving = ["UF_CRM_1C_CONTACT_ID", "UF_CRM_1C_COMPANY_ID", "DATE_MODIFY", "MODIFY_BY_ID"];
        let portal = dump(&bench.bitrix24.world);
        (json!([portal["contacts"], portal["companies"], portal["requisites"]]), &moving.map(|name| name))
    } else {
        (
            dump(&bench.onec.world)["objects"].clone(),
            &[
                "ДополнительныеРеквизиты",
                "DataVersion",
                "ВидДляСписка_Key",
                "ИННВведенКорректно",
                "КППВведенКорректно",
            ],
        )
    };
    strip(world, own)
}

fn strip(value: Value, names: &[&str]) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(|item| strip(item, names)).collect()),
        Value::Object(members) => {
            let nothing = [json!(""), json!(false), json!("00000000-0000-0000-0000-000000000000")];
            let kept = members
                .into_iter()
                .filter(|(name, member)| !names.contains(&name.as_str()) && !nothing.contains(member));
            Value::Object(kept.map(|(name, member)| (name, strip(member, names))).collect())
        }
        other => other,
    }
}

/// The first place where two documents differ.
fn difference(path: &str, a: &Value, b: &Value) -> Option<String> {
    match (a, b) {
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(at, (a, b))| difference(&format!("{path}/{at}"), a, b))
        }
        (Value::Object(left), Value::Object(right)) if left.len() == right.len() => {
            let null = Value::Null;
            left.iter().find_map(|(name, a)| {
                difference(&format!("{path}/{name}"), a, right.get(name).unwrap_or(&null))
            })
        }
        _ => (a != b).then(|| format!("{path}: {a} is {b}")),
    }
}

/// What was called on a side that creates something, by the counters of its simulator.
fn creates(bench: &Bench, in_bitrix24: bool) -> Vec<String> {
    if in_bitrix24 {
        let counters = bench.bitrix24.world.lock().unwrap().counters();
        let calls = counters["calls"].as_object().unwrap().keys().cloned();
        return calls
            .filter(|name| name.ends_with(".add") || name.contains("mport") || name.ends_with(".set"))
            .collect();
    }
    let counters = bench.onec.world.lock().unwrap().counters();
    let sets = counters["by_set"].as_object().unwrap();
    // The extension is asked by POST, and what it creates is no count of requests.
    let posted = sets.iter().filter(|(set, calls)| calls["post"] != 0 && !set.starts_with("hs/obmen/"));
    posted.map(|(set, _)| set.clone()).collect()
}
