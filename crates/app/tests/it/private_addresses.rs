//! Addresses of private persons: both ways where they are switched on, on every configuration, and nowhere else.

use obmen_sim::onec::Product;
use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};
use crate::requisites::settled;

const SWITCHED_ON: &str = "[[pair.field]]\nname = \"private-address\"\n";
const CLIENTS: &str = "Catalog_Контрагенты";
const KINDS: &str = "Catalog_ВидыКонтактнойИнформации";
const HOME: &str = "170000, г Тверь, ул Мира, д 1";
const OTHER_HOME: &str = "630000, г Новосибирск, ул Ленина, д 5, кв 7";
const NEW_HOME: &str = "141600, г Клин, ул Чайковского, д 3";

/// What the configurations call a natural person, and the catalog of contact persons.
fn of_product(product: Product) -> (Value, &'static str) {
    match product {
        Product::Bp30 => (json!({"ЮридическоеФизическоеЛицо": "ФизическоеЛицо"}), "Catalog_КонтактныеЛица"),
        Product::Ut11 => (json!({"ЮрФизЛицо": "ФизЛицо"}), "Catalog_КонтактныеЛицаПартнеров"),
        Product::Unf => (json!({"ВидКонтрагента": "ФизическоеЛицо"}), "Catalog_КонтактныеЛица"),
    }
}

async fn bench(product: Product, by_extension: bool, further: &str) -> Bench {
    let bench = Bench::furnished(product).await.paced().with_further(further);
    let bench = if by_extension { bench.by_extension() } else { bench };
    bench.run_json(&["setup"]).await;
    bench
}

fn create(bench: &Bench, entity: &str, fields: &Value) -> String {
    text(&bench.act_in_bitrix24(&json!({"do": "create", "entity": entity, "fields": fields}))["id"])
}

/// A contact with a carrier of its address; the id of both.
fn contact(bench: &Bench, name: &str, mailbox: &str, address: &Value) -> (String, String) {
    let mailbox = json!([{"VALUE": mailbox, "VALUE_TYPE": "HOME"}]);
    let contact = create(bench, "contact", &json!({"LAST_NAME": name, "NAME": "Анна", "EMAIL": mailbox}));
    let carrier = json!({"ENTITY_TYPE_ID": 3, "ENTITY_ID": contact, "PRESET_ID": 1, "NAME": "Адрес", "ADDRESS_ONLY": "Y"});
    let carrier = create(bench, "requisite", &carrier);
    let mut fields = json!({"TYPE_ID": 4, "ENTITY_TYPE_ID": 8, "ENTITY_ID": carrier});
    fields.as_object_mut().unwrap().extend(address.as_object().unwrap().clone());
    create(bench, "address", &fields);
    (contact, carrier)
}

/// A counterparty that is a natural person.
fn client(bench: &Bench, product: Product, name: &str, mailbox: &str, address: &str) -> String {
    let name = format!("{name} Анна");
    let rows = json!([
        {"LineNumber": "1", "Тип": "Адрес", "Вид_Key": kind(bench, "ЮрАдресКонтрагента"), "Представление": address},
        {"LineNumber": "2", "Тип": "АдресЭлектроннойПочты", "Представление": mailbox, "АдресЭП": mailbox,
         "Вид_Key": kind(bench, if product == Product::Bp30 { "EmailКонтрагенты" } else { "EmailКонтрагента" })},
    ]);
    let mut fields = json!({"Description": name, "НаименованиеПолное": name, "КонтактнаяИнформация": rows});
    fields.as_object_mut().unwrap().extend(of_product(product).0.as_object().unwrap().clone());
    text(&bench.act_in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}))["ref"])
}

fn objects(bench: &Bench, set: &str) -> Vec<Value> {
    dump(&bench.onec.world)["objects"][set].as_array().cloned().unwrap_or_default()
}

fn kind(bench: &Bench, name: &str) -> String {
    let kinds = objects(bench, KINDS);
    text(&kinds.iter().find(|kind| kind["ИмяПредопределенногоВида"] == name).unwrap()["Ref_Key"])
}

/// The addresses that an object shows, each with its kind.
fn shown(object: &Value) -> Vec<(String, String)> {
    let rows = object["КонтактнаяИнформация"].as_array().into_iter().flatten();
    let address = |row: &Value| (text(&row["Вид_Key"]), text(&row["Представление"]));
    rows.filter(|row| row["Тип"] == "Адрес").map(address).collect()
}

fn named(bench: &Bench, set: &str, name: &str) -> Value {
    let is_meant = |object: &Value| object["Description"].as_str().is_some_and(|own| own.starts_with(name));
    objects(bench, set).into_iter().find(is_meant).unwrap_or_else(|| panic!("no {name} in {set}"))
}

fn portal(bench: &Bench, table: &str) -> Vec<Value> {
    dump(&bench.bitrix24.world)[table].as_array().cloned().unwrap_or_default()
}

/// The requisites of a contact, each with its address in one text.
fn homes(bench: &Bench, name: &str) -> Vec<(Value, String)> {
    let contact = portal(bench, "contacts").into_iter().find(|one| one["LAST_NAME"] == name).unwrap();
    let own = |row: &Value| text(&row["ENTITY_TYPE_ID"]) == "3" && row["ENTITY_ID"] == contact["ID"];
    let requisites: Vec<Value> = portal(bench, "requisites").into_iter().filter(own).collect();
    let addresses = portal(bench, "addresses");
    let address = |requisite: Value| {
        let own = |row: &&Value| row["ENTITY_ID"] == requisite["ID"] && text(&row["TYPE_ID"]) == "4";
        let row = addresses.iter().find(own).cloned().unwrap_or_default();
        let parts = ["POSTAL_CODE", "CITY", "ADDRESS_1"].map(|part| row[part].as_str().unwrap_or_default());
        (requisite, parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "))
    };
    requisites.into_iter().map(address).collect()
}

fn move_home(bench: &Bench, requisite: &str, text: &str) {
    let addresses = portal(bench, "addresses");
    let row = addresses.iter().find(|row| row["ENTITY_ID"] == requisite).unwrap();
    let fields = json!({"POSTAL_CODE": "", "CITY": "", "ADDRESS_1": text});
    bench.act_in_bitrix24(&json!({"do": "update", "entity": "address", "id": row["ID"], "fields": fields}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_of_people_end_equal_and_are_taken_back_on_bp30() {
    end_equal(Product::Bp30, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_of_people_end_equal_and_are_taken_back_on_ut11() {
    end_equal(Product::Ut11, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_of_people_end_equal_and_are_taken_back_on_unf() {
    end_equal(Product::Unf, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_of_people_end_equal_and_are_taken_back_on_bp30_by_the_extension() {
    end_equal(Product::Bp30, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_of_people_end_equal_and_are_taken_back_on_ut11_by_the_extension() {
    end_equal(Product::Ut11, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_of_people_end_equal_and_are_taken_back_on_unf_by_the_extension() {
    end_equal(Product::Unf, true).await;
}

async fn end_equal(product: Product, by_extension: bool) {
    let bench = bench(product, by_extension, SWITCHED_ON).await;
    let parts = json!({"POSTAL_CODE": "170000", "CITY": "г Тверь", "ADDRESS_1": "ул Мира, д 1"});
    let (_, carrier) = contact(&bench, "Белова", "belova@x.example", &parts);
    client(&bench, product, "Сизова", "sizova@x.example", OTHER_HOME);
    contact(&bench, "Чернова", "chernova@x.example", &parts);
    let both =
        client(&bench, product, "Чернова", "chernova@x.example", "170000, Россия, г. Тверь, ул. Мира, д. 1");
    settled(&bench).await;

    let of_client = kind(&bench, "ЮрАдресКонтрагента");
    let there = |name: &str| shown(&named(&bench, CLIENTS, name));
    assert_eq!(there("Белова"), [(of_client.clone(), HOME.to_owned())]);
    let here = homes(&bench, "Сизова");
    assert_eq!((here.len(), &here[0].1[..]), (1, OTHER_HOME));
    assert_eq!(here[0].0["ADDRESS_ONLY"], "Y", "the card shows the address and no requisite");
    assert!(there("Чернова")[0].1.contains("Россия"), "another spelling is no change");
    assert_eq!(
        text(
            &portal(&bench, "contacts").iter().find(|one| one["LAST_NAME"] == "Чернова").unwrap()["UF_CRM_1C_CONTACT_ID"]
        ),
        both
    );

    // Each moves on one side, and one is taken away.
    move_home(&bench, &carrier, NEW_HOME);
    let mut sizova = named(&bench, CLIENTS, "Сизова");
    let rows = sizova["КонтактнаяИнформация"].as_array_mut().unwrap();
    rows.iter_mut().find(|row| row["Тип"] == "Адрес").unwrap()["Представление"] = json!("г Омск");
    let change = |object: &Value| {
        let fields = json!({"КонтактнаяИнформация": object["КонтактнаяИнформация"]});
        bench.act_in_onec(
            &json!({"do": "update", "set": CLIENTS, "ref": object["Ref_Key"], "fields": fields}),
        );
    };
    change(&sizova);
    let mut chernova = named(&bench, CLIENTS, "Чернова");
    chernova["КонтактнаяИнформация"].as_array_mut().unwrap().retain(|row| row["Тип"] != "Адрес");
    change(&chernova);
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!((&report["reviews"], &report["failed"]), (&json!(0), &json!(0)), "{report}");
    assert_eq!(there("Белова"), [(of_client.clone(), NEW_HOME.to_owned())]);
    assert_eq!(homes(&bench, "Сизова")[0].1, "г Омск");
    assert_eq!(homes(&bench, "Чернова")[0].1, "");
    assert_eq!(portal(&bench, "requisites").len(), 3, "nobody got a second one");
    settled(&bench).await;

    let (code, undone) = bench.run_json(&["undo", &text(&report["run"])]).await;
    assert_eq!((code, &undone["exceptions"]), (0, &json!([])), "{undone}");
    assert_eq!(there("Белова"), [(of_client, HOME.to_owned())]);
    assert_eq!(homes(&bench, "Сизова")[0].1, OTHER_HOME);
    assert_eq!(homes(&bench, "Чернова")[0].1, HOME);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_person_has_the_address_where_its_catalog_has_a_kind_for_it() {
    for product in [Product::Bp30, Product::Ut11, Product::Unf] {
        let by_kind = "onec = [\"ЮрАдресКонтрагента\", \"Домашний адрес\"]\n";
        let is_own = product != Product::Bp30;
        let bench =
            bench(product, false, &format!("{SWITCHED_ON}{}", if is_own { by_kind } else { "" })).await;
        let set = of_product(product).1;
        let group = kind(&bench, &set.replace("Catalog_", "Справочник"));
        if is_own {
            let (_, check) = bench.run_json(&["check"]).await;
            assert!(check.to_string().contains("check-private-address-nowhere"), "{check}");
            let home = json!({"Ref_Key": "7a10c000-1c03-11ef-9a3d-0050568b35ac", "Description": "Домашний адрес",
                "Parent_Key": group, "Тип": "Адрес", "Используется": true});
            bench.load_into_onec(&json!({"entity": KINDS, "object": home}));
        }
        let (code, check) = bench.run_json(&["check"]).await;
        assert_eq!((code, &check["problems"]), (0, &json!(0)), "{check}");
        assert!(check.to_string().contains("check-private-address"), "{check}");
        assert!(!check.to_string().contains("check-private-address-nowhere"), "{check}");

        let company = create(&bench, "company", &json!({"TITLE": "Ромашка", "UF_CRM_INN": "7707083893"}));
        let (person, _) = contact(&bench, "Белова", "belova@x.example", &json!({"ADDRESS_1": HOME}));
        let employed = json!({"COMPANY_ID": company});
        bench
            .act_in_bitrix24(&json!({"do": "update", "entity": "contact", "id": person, "fields": employed}));
        settled(&bench).await;
        let there = shown(&named(&bench, set, "Белова"));
        let kind = if is_own {
            "7a10c000-1c03-11ef-9a3d-0050568b35ac".to_owned()
        } else {
            kind(&bench, "АдресДляИнформированияКонтактныеЛица")
        };
        assert_eq!(there, [(kind.clone(), HOME.to_owned())], "{product:?}");

        if is_own {
            continue;
        }
        let owner = named(&bench, set, "Белова");
        let row = json!({"LineNumber": "1", "Тип": "Адрес", "Вид_Key": kind, "Представление": OTHER_HOME});
        let mut fields = json!({"Description": "Сизова Анна", "КонтактнаяИнформация": [row]});
        for name in ["ОбъектВладелец", "ОбъектВладелец_Type", "ВидКонтактногоЛица"]
        {
            fields[name] = owner[name].clone();
        }
        bench.act_in_onec(&json!({"do": "create", "set": set, "fields": fields}));
        settled(&bench).await;
        assert_eq!(homes(&bench, "Сизова")[0].1, OTHER_HOME);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_of_people_stay_where_they_are_unless_they_are_switched_on() {
    let bench = bench(Product::Bp30, false, "").await;
    contact(&bench, "Белова", "belova@x.example", &json!({"ADDRESS_1": HOME}));
    client(&bench, Product::Bp30, "Сизова", "sizova@x.example", OTHER_HOME);
    settled(&bench).await;
    assert!(shown(&named(&bench, CLIENTS, "Белова")).is_empty());
    assert!(homes(&bench, "Сизова").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn places_for_addresses_that_do_not_exist_are_told_by_the_check() {
    let cases =
        [("bitrix24 = \"5\"", "no type of address 5"), ("onec = \"Дача\"", "no catalog of persons in 1C")];
    for (further, words) in cases {
        let bench = bench(Product::Bp30, false, &format!("{SWITCHED_ON}{further}\n")).await;
        for command in ["check", "sync"] {
            let outcome = bench.run(&[command]).await;
            assert_eq!(outcome.code, 1, "{outcome:?}");
            assert!(format!("{}{}", outcome.stdout, outcome.stderr).contains(words), "{words}: {outcome:?}");
        }
    }
}
