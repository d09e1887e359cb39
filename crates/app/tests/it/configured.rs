//! Fields that the configuration adds: the first sync, the live exchange, and what does not fit.

use obmen_sim::onec::Product;
use obmen_sim::world::World as _;
use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};
use crate::served::{Served, Serving, until};

const CLIENTS: &str = "Catalog_Контрагенты";
const CHART: &str = "ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения";
const FIELDS: &str = r#"
[[pair.field]]
name = "segment"
of = "organization"
bitrix24 = "UF_CRM_SEGMENT"
onec = "Сегмент"
values = { "Опт" = "12", "Розница" = "Retail" }
[[pair.field]]
name = "since"
of = "organization"
bitrix24 = "UF_CRM_SINCE"
onec = "КлиентС"
[[pair.field]]
name = "vip"
of = "organization"
bitrix24 = "UF_CRM_VIP"
onec = "Важный"
[[pair.field]]
name = "limit"
of = "organization"
bitrix24 = "UF_CRM_LIMIT"
onec = "Лимит"
rule = "onec"
[[pair.field]]
name = "comment"
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn custom_fields_of_both_sides_end_equal_on_bp30() {
    custom_fields_end_equal(Bench::furnished(Product::Bp30).await, Product::Bp30).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn custom_fields_of_both_sides_end_equal_on_ut11() {
    custom_fields_end_equal(Bench::furnished(Product::Ut11).await, Product::Ut11).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn custom_fields_of_both_sides_end_equal_on_unf() {
    custom_fields_end_equal(Bench::furnished(Product::Unf).await, Product::Unf).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn custom_fields_of_both_sides_end_equal_on_bp30_by_the_extension() {
    custom_fields_end_equal(Bench::furnished(Product::Bp30).await.by_extension(), Product::Bp30).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn custom_fields_of_both_sides_end_equal_on_ut11_by_the_extension() {
    custom_fields_end_equal(Bench::furnished(Product::Ut11).await.by_extension(), Product::Ut11).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn custom_fields_of_both_sides_end_equal_on_unf_by_the_extension() {
    custom_fields_end_equal(Bench::furnished(Product::Unf).await.by_extension(), Product::Unf).await;
}

async fn custom_fields_end_equal(bench: Bench, product: Product) {
    let bench = prepared(bench.paced()).await.with_further(FIELDS);
    let keys = chart(&bench);
    let (code, check) = bench.run_json(&["check"]).await;
    assert_eq!((code, &check["problems"]), (0, &json!(0)), "{check}");

    // One firm here, one there, and one that both know: empty is filled both ways.
    let of_portal = firm_of_portal(
        &bench,
        "Ромашка",
        "7707083893",
        &json!({"UF_CRM_SEGMENT": "13", "UF_CRM_SINCE": "2020-05-01", "UF_CRM_VIP": "1", "COMMENTS": "звонить <b>утром</b>"}),
    );
    let rows = [(0, json!("Опт"), "Edm.String"), (3, json!(150.5), "Edm.Double")];
    let of_onec = firm_of_onec(&bench, "Лютик", "5017002196", &section(&keys, &rows));
    let both_here = firm_of_portal(&bench, "Мак", "7701234560", &json!({"UF_CRM_SEGMENT": "12"}));
    let rows = [(2, json!(true), "Edm.Boolean"), (1, json!("2019-02-03T00:00:00"), "Edm.DateTime")];
    let both_there = firm_of_onec(&bench, "Мак", "7701234560", &section(&keys, &rows));

    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!((&report["failed"], &report["linked"]), (&json!(0), &json!(1)), "{report}");
    equal(&bench).await;
    let linked = |id: &str| text(&company(&bench, id)["UF_CRM_1C_COMPANY_ID"]);
    let there = attributes(&bench, &keys, &linked(&of_portal));
    assert_eq!(there, [json!("Розница"), json!("2020-05-01T00:00:00"), json!(true), Value::Null]);
    let here = company(&bench, &company_of(&bench, &of_onec));
    assert_eq!((text(&here["UF_CRM_SEGMENT"]), text(&here["UF_CRM_LIMIT"])), ("12".into(), "150.5".into()));
    let here = company(&bench, &both_here);
    assert_eq!((text(&here["UF_CRM_VIP"]), &text(&here["UF_CRM_SINCE"])[..10]), ("1".into(), "2019-02-03"));
    let there = attributes(&bench, &keys, &both_there);
    assert_eq!(there[0], json!("Опт"));
    assert_eq!(comment(&bench, product, &linked(&of_portal)), "звонить утром");

    bench.reset_counters();
    bench.run_json(&["sync"]).await;
    assert_eq!(bench.writes(), (0, 0), "nothing is left to do");

    // Live, both ways.
    Serving::BY_POLLS.prepare(&bench);
    let served = Served::start(&bench).await;
    change_company(
        &bench,
        &both_here,
        &json!({"UF_CRM_SEGMENT": "13", "UF_CRM_VIP": "0", "COMMENTS": "не звонить"}),
    );
    until("the changes stand in 1C", || {
        let there = attributes(&bench, &keys, &both_there);
        there[0] == json!("Розница")
            && there[2] == Value::Null
            && comment(&bench, product, &both_there) == "не звонить"
    })
    .await;
    served.at_rest(&bench).await;
    let rows = [
        (0, json!("Опт"), "Edm.String"),
        (1, json!("2019-02-03T00:00:00"), "Edm.DateTime"),
        (3, json!(7), "Edm.Double"),
    ];
    let fields = json!({"ДополнительныеРеквизиты": section(&keys, &rows)});
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": both_there, "fields": fields}));
    until("the changes stand in Bitrix24", || {
        let here = company(&bench, &both_here);
        (text(&here["UF_CRM_SEGMENT"]), text(&here["UF_CRM_LIMIT"])) == ("12".into(), "7".into())
    })
    .await;
    served.at_rest(&bench).await;
    assert_eq!(served.stop().await, Some(0));
    equal(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_has_no_place_on_the_other_side_is_listed_and_a_person_decides() {
    let bench = prepared(Bench::furnished(Product::Bp30).await.paced()).await.with_further(FIELDS);
    let keys = chart(&bench);
    let rows = [(0, json!("Прочее"), "Edm.String")];
    let there = firm_of_onec(&bench, "Мак", "7701234560", &section(&keys, &rows));
    let here = firm_of_portal(&bench, "Мак", "7701234560", &json!({"UF_CRM_SEGMENT": "12"}));
    bench.run_json(&["sync"]).await;
    let (code, diff) = bench.run_json(&["diff"]).await;
    assert_eq!((code, &diff["unexplained"], &diff["counts"]["review"]), (3, &json!(0), &json!(1)), "{diff}");
    assert_eq!(diff["differences"][0]["field"], "segment", "{diff}");
    let (_, reviews) = bench.run_json(&["review", "list"]).await;
    let id = text(&reviews["reviews"][0]["id"]);
    let shown = bench.run(&["review", "show", &id]).await;
    assert!(shown.stdout.contains("segment *") && shown.stdout.contains("Прочее"), "{shown:?}");
    assert!(shown.stdout.contains("both sides hold different values"), "{shown:?}");
    let (code, chosen) = bench.run_json(&["review", "choose", &id, "segment", "bitrix24"]).await;
    assert_eq!(code, 0, "{chosen}");
    bench.run_json(&["sync"]).await;
    equal(&bench).await;
    assert_eq!(attributes(&bench, &keys, &there)[0], json!("Опт"));
    assert_eq!(text(&company(&bench, &here)["UF_CRM_SEGMENT"]), "12");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_does_not_fit_is_a_question_with_a_reason_of_its_own() {
    let bench = prepared(Bench::furnished(Product::Bp30).await.paced()).await.with_further(FIELDS);
    let keys = chart(&bench);
    let rows = [(0, json!("Прочее"), "Edm.String")];
    firm_of_onec(&bench, "Мак", "7701234560", &section(&keys, &rows));
    firm_of_portal(&bench, "Мак", "7701234560", &json!({}));
    bench.run_json(&["sync"]).await;
    let words = "the table of values does not say what the value is in Bitrix24";
    let (_, reviews) = bench.run_json(&["review", "list"]).await;
    assert_eq!(reviews["reviews"][0]["fields"], json!(["segment"]), "{reviews}");
    let shown = bench.run(&["review", "show", &text(&reviews["reviews"][0]["id"])]).await;
    assert!(shown.stdout.contains(words), "{shown:?}");
}

const LISTED: &str = r#"
[[pair.field]]
name = "tier"
of = "organization"
bitrix24 = "UF_CRM_SEGMENT"
onec = "Уровень"
values = { "Опт" = "Wholesale", "Розница" = "Retail" }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_of_a_list_is_that_of_its_own_attribute_and_a_name_that_the_list_lacks_is_a_question() {
    for product in [Product::Bp30, Product::Ut11, Product::Unf] {
        for (by_extension, shared) in [(false, false), (true, false), (false, true)] {
            let bench = Bench::furnished(product).await.paced();
            let bench = if by_extension { bench.by_extension() } else { bench };
            let bench = prepared(bench).await.with_further(LISTED);
            let [own, other] =
                ["7a10c000-1c01-11ef-9a3d-0050568b4001", "7a10c000-1c01-11ef-9a3d-0050568b4002"];
            let owner = if shared { other } else { own };
            let of_list = json!({"Types": ["Catalog_ЗначенияСвойствОбъектов"]});
            for (key, name) in [(own, "Уровень"), (other, "Иное")] {
                let list_of =
                    if shared && key == own { other } else { "00000000-0000-0000-0000-000000000000" };
                let object = json!({"Ref_Key": key, "Description": name, "Имя": name, "Заголовок": name, "ValueType": of_list,
                    "ДополнительныеЗначенияИспользуются": true, "ВладелецДополнительныхЗначений_Key": list_of});
                bench.load_into_onec(&json!({"entity": CHART, "object": object}));
            }
            // The other list comes first, and has the same name.
            let elsewhere = if owner == own { other } else { own };
            for (at, of, name) in [(1, elsewhere, "Опт"), (2, owner, "Опт"), (3, elsewhere, "Розница")]
            {
                let object = json!({"Ref_Key": value_key(at), "Owner_Key": of, "Description": name});
                bench.load_into_onec(&json!({"entity": "Catalog_ЗначенияСвойствОбъектов", "object": object}));
            }
            let (_, check) = bench.run_json(&["check"]).await;
            assert!(check.to_string().contains("Розница"), "the list lacks it: {check}");
            bench.load_into_onec(&json!({"entity": "Catalog_ЗначенияСвойствОбъектов",
                "object": {"Ref_Key": value_key(4), "Owner_Key": owner, "Description": "Розница"}}));
            let (code, check) = bench.run_json(&["check"]).await;
            assert_eq!((code, &check["problems"]), (0, &json!(0)), "{check}");

            let here = firm_of_portal(&bench, "Ромашка", "7707083893", &json!({"UF_CRM_SEGMENT": "12"}));
            let row = json!([{"LineNumber": "1", "Свойство_Key": own, "Значение": value_key(4),
                "Значение_Type": "StandardODATA.Catalog_ЗначенияСвойствОбъектов"}]);
            let there = firm_of_onec(&bench, "Лютик", "5017002196", &row);
            bench.run_json(&["sync"]).await;
            equal(&bench).await;
            let linked = text(&company(&bench, &here)["UF_CRM_1C_COMPANY_ID"]);
            let case = format!("{product:?} by the extension: {by_extension}, shared: {shared}");
            let keys = [own.to_owned()];
            assert_eq!(attributes(&bench, &keys, &linked), [json!(value_key(2))], "{case}");
            assert_eq!(text(&company(&bench, &company_of(&bench, &there))["UF_CRM_SEGMENT"]), "13", "{case}");
        }
    }
}

fn value_key(at: u8) -> String {
    format!("7a10c000-1c04-11ef-9a3d-0050568b4{at:03}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_do_not_exist_are_told_by_the_check_with_the_nearest_right_ones() {
    let field = |bitrix24: &str, onec: &str, further: &str| {
        format!(
            "[[pair.field]]\nname = \"x\"\nof = \"organization\"\nbitrix24 = \"{bitrix24}\"\nonec = \"{onec}\"\n{further}\n"
        )
    };
    let cases = [
        (field("UF_CRM_SEGMNT", "Сегмент", ""), "\"UF_CRM_SEGMENT\" may be meant"),
        (field("UF_CRM_SEGMENT", "Сигмент", ""), "\"Сегмент\" may be meant"),
        (field("UF_CRM_SEGMENT", "Коментарий", ""), "\"Комментарий\" may be meant"),
        (field("TITLE", "Сегмент", ""), "is kept equal anyhow"),
        (field("UF_CRM_SEGMENT", "ИНН", ""), "is kept equal anyhow"),
        (field("UF_CRM_SINCE", "Лимит", ""), "in Bitrix24 a date, in 1C a number"),
        (
            field("UF_CRM_SEGMENT", "Сегмент", "values = { \"Опт\" = \"Wholesal\" }"),
            "\"Wholesale\" may be meant",
        ),
    ];
    for (further, words) in cases {
        let bench = prepared(Bench::furnished(Product::Bp30).await).await.with_further(&further);
        for command in ["check", "sync"] {
            let outcome = bench.run(&[command]).await;
            assert_eq!(outcome.code, 1, "{outcome:?}");
            assert!(format!("{}{}", outcome.stdout, outcome.stderr).contains(words), "{words}: {outcome:?}");
        }
    }
}

/// User fields of the portal, additional attributes of 1C.
async fn prepared(bench: Bench) -> Bench {
    let (code, setup) = bench.run_json(&["setup"]).await;
    assert_eq!(code, 0, "{setup}");
    let items = json!([{"ID": "12", "VALUE": "Wholesale"}, {"ID": "13", "VALUE": "Retail"}]);
    for (name, sort) in [
        ("UF_CRM_SEGMENT", "enumeration"),
        ("UF_CRM_SINCE", "date"),
        ("UF_CRM_VIP", "boolean"),
        ("UF_CRM_LIMIT", "double"),
    ] {
        let mut line = json!({"entity": "userfield", "ENTITY_ID": "CRM_COMPANY", "FIELD_NAME": name,
            "USER_TYPE_ID": sort, "MULTIPLE": "N"});
        if sort == "enumeration" {
            line["LIST"] = items.clone();
        }
        bench.bitrix24.world.lock().unwrap().load(&line).unwrap();
    }
    for (at, (name, sort)) in ATTRIBUTES.iter().enumerate() {
        let object = json!({"Ref_Key": format!("7a10c000-1c01-11ef-9a3d-0050568b3{at:03}"), "Description": name,
            "Заголовок": name, "Имя": name, "ValueType": {"Types": [sort]}});
        bench.onec.world.lock().unwrap().load(&json!({"entity": CHART, "object": object})).unwrap();
    }
    bench
}

const ATTRIBUTES: [(&str, &str); 4] =
    [("Сегмент", "String"), ("КлиентС", "Date"), ("Важный", "Boolean"), ("Лимит", "Number")];

/// The references of the additional attributes.
fn chart(bench: &Bench) -> Vec<String> {
    let objects = objects(bench, CHART);
    let key = |name: &str| text(&objects.iter().find(|object| object["Имя"] == name).unwrap()["Ref_Key"]);
    ATTRIBUTES.iter().map(|(name, _)| key(name)).collect()
}

fn section(keys: &[String], rows: &[(usize, Value, &str)]) -> Value {
    let row = |(line, (at, value, sort)): (usize, &(usize, Value, &str))| json!({"LineNumber": (line + 1).to_string(), "Свойство_Key": keys[*at], "Значение": value, "Значение_Type": sort});
    rows.iter().enumerate().map(row).collect()
}

fn firm_of_portal(bench: &Bench, title: &str, inn: &str, fields: &Value) -> String {
    let mut fields = fields.clone();
    (fields["TITLE"], fields["UF_CRM_INN"]) = (json!(title), json!(inn));
    text(&bench.act_in_bitrix24(&json!({"do": "create", "entity": "company", "fields": fields}))["id"])
}

fn firm_of_onec(bench: &Bench, title: &str, inn: &str, attributes: &Value) -> String {
    let fields = json!({"Description": title, "НаименованиеПолное": title, "ИНН": inn,
        "ЮридическоеФизическоеЛицо": "ЮридическоеЛицо", "ДополнительныеРеквизиты": attributes});
    text(&bench.act_in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}))["ref"])
}

fn change_company(bench: &Bench, id: &str, fields: &Value) {
    bench.act_in_bitrix24(&json!({"do": "update", "entity": "company", "id": id, "fields": fields}));
}

fn company(bench: &Bench, id: &str) -> Value {
    let companies = dump(&bench.bitrix24.world)["companies"].clone();
    companies.as_array().unwrap().iter().find(|row| text(&row["ID"]) == id).cloned().unwrap()
}

/// The company of a counterparty.
fn company_of(bench: &Bench, client: &str) -> String {
    let companies = dump(&bench.bitrix24.world)["companies"].clone();
    let is_of = |row: &&Value| text(&row["UF_CRM_1C_COMPANY_ID"]) == client;
    text(&companies.as_array().unwrap().iter().find(is_of).unwrap()["ID"])
}

/// The values of the additional attributes of a counterparty, in their order.
fn attributes(bench: &Bench, keys: &[String], client: &str) -> Vec<Value> {
    let rows = object(bench, CLIENTS, client)["ДополнительныеРеквизиты"].clone();
    let value = |key: &String| {
        let rows = rows.as_array().into_iter().flatten();
        rows.filter(|row| row["Свойство_Key"] == *key)
            .map(|row| row["Значение"].clone())
            .next()
            .unwrap_or_default()
    };
    keys.iter().map(value).collect()
}

/// The comment on a counterparty, which in УТ stands on its partner.
fn comment(bench: &Bench, product: Product, client: &str) -> String {
    let client = object(bench, CLIENTS, client);
    let home = match product {
        Product::Ut11 => object(bench, "Catalog_Партнеры", &text(&client["Партнер_Key"])),
        Product::Bp30 | Product::Unf => client,
    };
    home["Комментарий"].as_str().unwrap_or_default().to_owned()
}

fn object(bench: &Bench, set: &str, reference: &str) -> Value {
    objects(bench, set).into_iter().find(|object| object["Ref_Key"] == reference).unwrap()
}

fn objects(bench: &Bench, set: &str) -> Vec<Value> {
    dump(&bench.onec.world)["objects"][set].as_array().cloned().unwrap_or_default()
}

async fn equal(bench: &Bench) {
    let (code, diff) = bench.run_json(&["diff"]).await;
    assert_eq!(code, 0, "{diff}");
}
