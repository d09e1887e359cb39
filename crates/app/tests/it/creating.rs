//! What is created at all: conditions on attributes of both sides.

use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};

const CLIENTS: &str = "Catalog_Контрагенты";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_wanted_records_of_the_portal_come_to_1c_and_the_others_still_link() {
    let bench =
        with_rule("onec", "company.COMPANY_TYPE = \"CUSTOMER\" and contact.SOURCE_ID in [\"WEB\", \"CALL\"]")
            .await;
    let company =
        |title: &str, sort: &str| add(&bench, "company", &json!({"TITLE": title, "COMPANY_TYPE": sort}));
    let (client, partner) = (company("ООО Ромашка", "CUSTOMER"), company("ООО Лютик", "PARTNER"));
    let contact = |name: &str, source: &str, company: &str| {
        let fields = json!({"NAME": name, "LAST_NAME": "Кольцова", "SOURCE_ID": source, "COMPANY_ID": company,
            "EMAIL": [{"VALUE": format!("{source}{company}@firm.example"), "VALUE_TYPE": "WORK"}]});
        add(&bench, "contact", &fields)
    };
    let wanted = contact("Вера", "WEB", &client);
    let other_source = contact("Анна", "EMAIL", &client);
    let left_behind = contact("Нина", "CALL", &partner);
    // The partner is known to 1C: it links, though it would not be created.
    let known = add_to_onec(
        &bench,
        &json!({"Description": "ООО Мак", "НаименованиеПолное": "ООО Мак",
        "ЮридическоеФизическоеЛицо": "ЮридическоеЛицо", "emails": ["info@mak.example"]}),
    );
    let linked = add(
        &bench,
        "company",
        &json!({"TITLE": "ООО Мак", "COMPANY_TYPE": "PARTNER",
        "EMAIL": [{"VALUE": "info@mak.example", "VALUE_TYPE": "WORK"}]}),
    );

    let (_, plan) = bench.run_json(&["plan"]).await;
    assert_eq!(
        (&plan["counts"]["create_onec"], &plan["counts"]["withheld"]),
        (&json!(2), &json!(3)),
        "{plan}"
    );
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["created_onec"], &report["linked"]), (0, &json!(2), &json!(1)), "{report}");
    let why = |record: String| {
        let bench = &bench;
        async move { bench.run_json(&["why", &record]).await.1 }
    };
    let of = |kind: &str, id: &str| format!("{kind}:{id}");
    assert!(why(of("contact", &wanted)).await["link"].is_object());
    assert_eq!(why(of("company", &linked)).await["link"]["with"], known);
    let withheld = why(of("company", &partner)).await["withheld"].clone();
    assert_eq!(withheld, json!({"unmet": "company.COMPANY_TYPE = \"CUSTOMER\""}));
    let withheld = why(of("contact", &other_source)).await["withheld"].clone();
    assert_eq!(withheld, json!({"unmet": "contact.SOURCE_ID in [\"CALL\", \"WEB\"]"}));
    assert_eq!(why(of("contact", &left_behind)).await["withheld"], "with-its-company");

    // The partner becomes a client: it comes, and its contact with it.
    let fields = json!({"COMPANY_TYPE": "CUSTOMER"});
    bench.act_in_bitrix24(&json!({"do": "update", "entity": "company", "id": partner, "fields": fields}));
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!(report["created_onec"], 2, "{report}");
    bench.reset_counters();
    bench.run_json(&["sync"]).await;
    assert_eq!(bench.writes(), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_counterparties_of_a_folder_and_with_a_value_come_to_the_portal() {
    let bench =
        with_rule("bitrix24", "folder = \"Покупатели\" and ЮридическоеФизическоеЛицо != \"ФизическоеЛицо\"")
            .await;
    let folder = |name: &str, around: Option<&str>| {
        let mut fields = json!({"Description": name, "IsFolder": true});
        if let Some(around) = around {
            fields["Parent_Key"] = json!(around);
        }
        add_to_onec(&bench, &fields)
    };
    let buyers = folder("Покупатели", None);
    let below = folder("Москва", Some(&buyers));
    let others = folder("Прочие", None);
    let firm = |name: &str, folder: &str, sort: &str| {
        add_to_onec(
            &bench,
            &json!({"Description": name, "НаименованиеПолное": name, "Parent_Key": folder,
            "ЮридическоеФизическоеЛицо": sort, "emails": [format!("{}@firm.example", folder.len())]}),
        )
    };
    let wanted = firm("ООО Ромашка", &below, "ЮридическоеЛицо");
    let elsewhere = firm("ООО Лютик", &others, "ЮридическоеЛицо");
    let private = firm("Кольцова Вера Игоревна", &buyers, "ФизическоеЛицо");
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!(report["created_bitrix24"], 1, "{report}");
    let portal = dump(&bench.bitrix24.world);
    let made: Vec<String> =
        portal["companies"].as_array().unwrap().iter().map(|company| text(&company["TITLE"])).collect();
    assert_eq!(made, ["ООО Ромашка"], "{wanted}");
    for (record, condition) in
        [(elsewhere, "folder = \"Покупатели\""), (private, "ЮридическоеФизическоеЛицо != \"ФизическоеЛицо\"")]
    {
        let (_, why) = bench.run_json(&["why", &record]).await;
        assert_eq!(why["withheld"], json!({"unmet": condition}), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conditions_that_cannot_hold_are_told_by_the_check() {
    for (side, rule, words) in [
        ("onec", "COLOUR = \"red\"", "asks about the field COLOUR"),
        ("bitrix24", "Цвет = \"красный\"", "asks about the attribute Цвет"),
    ] {
        let bench = with_rule(side, rule).await;
        for command in ["check", "sync"] {
            let outcome = bench.run(&[command]).await;
            assert_eq!(outcome.code, 1, "{outcome:?}");
            assert!(format!("{}{}", outcome.stdout, outcome.stderr).contains(words), "{outcome:?}");
        }
    }
    let bench = Bench::with_people(0, 0).await;
    bench.configure(|text| text + "[pair.create]\nonec = 'TYPE_ID = \"CLIENT\" or with-inn'\n");
    let outcome = bench.run(&["check"]).await;
    assert_eq!(outcome.code, 2, "{outcome:?}");
    assert!(
        outcome.stderr.contains("from \"or with-inn\" on") && outcome.stderr.contains("obmen.toml:"),
        "{outcome:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_linked_record_that_leaves_the_conditions_is_held_until_it_meets_them_again() {
    let bench = with_rule("onec", "company.COMPANY_TYPE = \"CUSTOMER\"").await;
    let file = bench.folder().join("obmen.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + "linked = \"held\"\n").unwrap();
    let firm = add(&bench, "company", &json!({"TITLE": "ООО Ромашка", "COMPANY_TYPE": "CUSTOMER"}));
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!(report["created_onec"], 1, "{report}");
    let (code, _) = bench.run_json(&["diff"]).await;
    assert_eq!(code, 0);

    let change = |fields: Value| {
        bench.act_in_bitrix24(&json!({"do": "update", "entity": "company", "id": firm, "fields": fields}));
    };
    change(json!({"COMPANY_TYPE": "PARTNER", "TITLE": "ООО Ромашка Плюс"}));
    bench.reset_counters();
    bench.run_json(&["sync"]).await;
    assert_eq!(bench.writes(), (0, 0), "nothing is carried");
    let (code, diff) = bench.run_json(&["diff"]).await;
    assert_eq!((code, &diff["counts"]["withheld"]), (3, &json!(1)), "{diff}");
    assert_eq!(diff["differences"][0]["withheld"], json!({"unmet": "company.COMPANY_TYPE = \"CUSTOMER\""}));

    change(json!({"COMPANY_TYPE": "CUSTOMER"}));
    bench.run_json(&["sync"]).await;
    let (code, diff) = bench.run_json(&["diff"]).await;
    assert_eq!(code, 0, "{diff}");
    let clients = dump(&bench.onec.world)["objects"][CLIENTS].clone();
    let is_carried =
        clients.as_array().unwrap().iter().any(|client| client["Description"] == "ООО Ромашка Плюс");
    assert!(is_carried, "what was changed meanwhile goes over: {clients}");
}

async fn with_rule(side: &str, rule: &str) -> Bench {
    let bench = Bench::with_people(0, 0).await;
    bench.configure(|text| text);
    bench.run_json(&["setup"]).await;
    bench.configure(|text| format!("{text}[pair.create]\n{side} = '{rule}'\n"));
    bench
}

fn add(bench: &Bench, entity: &str, fields: &Value) -> String {
    let done = bench.act_in_bitrix24(&json!({"do": "create", "entity": entity, "fields": fields}));
    text(&done["id"])
}

fn add_to_onec(bench: &Bench, fields: &Value) -> String {
    text(&bench.act_in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}))["ref"])
}
