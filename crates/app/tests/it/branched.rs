//! Generated firms with branches, several requisites, sole proprietors, legal addresses and custom fields: the first sync and
//! edits on both sides end equal, on every configuration and by either way into 1C.

use obmen_sim::onec::Product;
use obmen_sim::population::branched::{Bases, Card, Recipe, generate};
use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};
use crate::requisites::settled;
use crate::undoing::take_back;

const CLIENTS: &str = "Catalog_Контрагенты";
const FIELDS: &str = r#"
[[pair.field]]
name = "segment"
of = "organization"
bitrix24 = "UF_CRM_SEGMENT"
onec = "Сегмент"
values = { "Опт" = "12", "Розница" = "13" }
[[pair.field]]
name = "since"
of = "organization"
bitrix24 = "UF_CRM_SINCE"
onec = "КлиентС"
[[pair.field]]
name = "limit"
of = "organization"
bitrix24 = "UF_CRM_LIMIT"
onec = "Лимит"
[[pair.field]]
name = "comment"
"#;
const NEW_ADDRESS: &str = "443001, г Самара, ул Садовая, д 7";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn branches_requisites_proprietors_and_custom_fields_end_equal_on_bp30() {
    ends_equal(Product::Bp30, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn branches_requisites_proprietors_and_custom_fields_end_equal_on_ut11() {
    ends_equal(Product::Ut11, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn branches_requisites_proprietors_and_custom_fields_end_equal_on_unf() {
    ends_equal(Product::Unf, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_end_equal_by_the_extension_on_bp30() {
    ends_equal(Product::Bp30, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_end_equal_by_the_extension_on_ut11() {
    ends_equal(Product::Ut11, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_end_equal_by_the_extension_on_unf() {
    ends_equal(Product::Unf, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn their_first_sync_is_taken_back_whole_and_can_be_done_again() {
    let product = Product::Bp30;
    let bases = generate(&Recipe { houses: 10, seed: 3, product });
    take_back(furnished(product, &bases, false).await).await;
}

async fn ends_equal(product: Product, by_extension: bool) {
    let bases = generate(&Recipe { houses: 15, seed: 11, product });
    let bench = furnished(product, &bases, by_extension).await;
    let (code, check) = bench.run_json(&["check"]).await;
    assert_eq!((code, &check["problems"]), (0, &json!(0)), "{check}");

    let (_, report) = bench.run_json(&["sync"]).await;
    let expected = [bases.pairs.len(), bases.lone.bitrix24].map(|count| json!(count));
    assert_eq!([&report["linked"], &report["created_onec"]], [&expected[0], &expected[1]], "{report}");
    settled(&bench).await;
    assert_eq!(wrong_links(&bench, &bases), Vec::<String>::new());
    assert_eq!(clients(&bench).len(), bases.pairs.len() + bases.lone.bitrix24 + bases.lone.onec);
    // In УТ the two counterparties of a partner are one company with two requisites, elsewhere two companies.
    let before = bases.bitrix24.iter().filter(|line| line["entity"] == "company").count();
    let for_each = if product == Product::Ut11 { 2 } else { 1 };
    assert_eq!(rows(&bench, "companies").len(), before + bases.lone.onec / for_each);
    assert_eq!(rows(&bench, "requisites").len(), clients(&bench).len());

    let edited = edit(&bench, &bases);
    settled(&bench).await;
    assert_eq!(wrong_links(&bench, &bases), Vec::<String>::new());
    let branch = requisite(&bench, &edited.branch.0);
    assert_eq!((text(&branch["RQ_KPP"]), text(&branch["RQ_COMPANY_FULL_NAME"])), edited.numbers);
    let addresses = rows(&bench, "addresses");
    let of_branch: Vec<&Value> =
        addresses.iter().filter(|row| text(&row["ENTITY_ID"]) == edited.branch.0).collect();
    assert_eq!(of_branch.iter().map(|row| text(&row["ADDRESS_1"])).collect::<Vec<_>>(), [NEW_ADDRESS]);
    assert_eq!(comment(&bench, product, &edited.company.1), edited.comment);
    let of_new = clients(&bench).into_iter().find(|one| text(&one["ИНН"]) == edited.new_inn);
    assert!(of_new.is_some(), "the requisite that was added became a counterparty");
}

/// A portal and an infobase with these bases, before the first sync.
async fn furnished(product: Product, bases: &Bases, by_extension: bool) -> Bench {
    let bench = Bench::with_portal(product, &bases.bitrix24).await.paced();
    for line in &bases.chart {
        bench.load_into_onec(line);
    }
    for deed in &bases.onec {
        bench.act_in_onec(deed);
    }
    let bench = if by_extension { bench.by_extension() } else { bench };
    let bench = bench.with_further(FIELDS);
    bench.append_to_pair("requisites = \"all\"");
    let (code, setup) = bench.run_json(&["setup"]).await;
    assert_eq!(code, 0, "{setup}");
    bench
}

/// Pairs whose card in the portal bears another reference.
fn wrong_links(bench: &Bench, bases: &Bases) -> Vec<String> {
    let of = |pair: &obmen_sim::population::branched::Pair| {
        let linked = match &pair.bitrix24 {
            Card::Company(id) => row(bench, "companies", id)["UF_CRM_1C_COMPANY_ID"].clone(),
            Card::Requisite(id) => requisite(bench, id)["XML_ID"].clone(),
        };
        (text(&linked) != pair.onec).then(|| format!("{:?} to {linked}, not {}", pair.bitrix24, pair.onec))
    };
    bases.pairs.iter().filter_map(of).collect()
}

/// What was changed, each party with its card in the portal and its reference.
struct Edited {
    branch: (String, String),
    company: (String, String),
    /// KPP and full name.
    numbers: (String, String),
    comment: &'static str,
    new_inn: &'static str,
}

/// In 1C a branch moves and gets another name; in the portal a company gets another comment and one more requisite.
fn edit(bench: &Bench, bases: &Bases) -> Edited {
    let of = |is_requisite: bool| {
        let found = bases.pairs.iter().find_map(|pair| match (&pair.bitrix24, is_requisite) {
            (Card::Requisite(id), true) | (Card::Company(id), false) => Some((id.clone(), pair.onec.clone())),
            _ => None,
        });
        found.unwrap()
    };
    let (branch, company) = (of(true), of(false));
    let edited = Edited {
        numbers: ("540843002".to_owned(), "Филиал «Северный»".to_owned()),
        comment: "звонить утром",
        new_inn: "500100732259",
        branch,
        company,
    };
    let address = json!([{"kind": "ЮрАдресКонтрагента", "value": NEW_ADDRESS}]);
    let fields =
        json!({"КПП": edited.numbers.0, "НаименованиеПолное": edited.numbers.1, "addresses": address});
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": edited.branch.1, "fields": fields}));
    let fields = json!({"COMMENTS": edited.comment});
    bench.act_in_bitrix24(
        &json!({"do": "update", "entity": "company", "id": edited.company.0, "fields": fields}),
    );
    let fields = json!({"ENTITY_TYPE_ID": 4, "ENTITY_ID": edited.company.0, "PRESET_ID": 2, "NAME": "ИП",
        "RQ_INN": edited.new_inn, "RQ_OGRNIP": "304500116000157", "RQ_COMPANY_NAME": "ИП Белова А. И."});
    bench.act_in_bitrix24(&json!({"do": "create", "entity": "requisite", "fields": fields}));
    edited
}

fn rows(bench: &Bench, table: &str) -> Vec<Value> {
    dump(&bench.bitrix24.world)[table].as_array().cloned().unwrap_or_default()
}

fn row(bench: &Bench, table: &str, id: &str) -> Value {
    let found = rows(bench, table).into_iter().find(|row| text(&row["ID"]) == id);
    found.unwrap_or_else(|| panic!("no {id} among {table}"))
}

fn requisite(bench: &Bench, id: &str) -> Value {
    row(bench, "requisites", id)
}

fn clients(bench: &Bench) -> Vec<Value> {
    objects(bench, CLIENTS).into_iter().filter(|one| one["Predefined"] != true).collect()
}

fn client(bench: &Bench, reference: &str) -> Value {
    object(bench, CLIENTS, reference)
}

/// The comment on a counterparty, which in УТ stands on its partner.
fn comment(bench: &Bench, product: Product, reference: &str) -> String {
    let client = client(bench, reference);
    let home = match product {
        Product::Ut11 => object(bench, "Catalog_Партнеры", &text(&client["Партнер_Key"])),
        Product::Bp30 | Product::Unf => client,
    };
    text(&home["Комментарий"])
}

fn object(bench: &Bench, set: &str, reference: &str) -> Value {
    objects(bench, set).into_iter().find(|object| object["Ref_Key"] == reference).unwrap()
}

fn objects(bench: &Bench, set: &str) -> Vec<Value> {
    dump(&bench.onec.world)["objects"][set].as_array().cloned().unwrap_or_default()
}
