//! Several requisites of a company, with branches, a sole proprietor and legal addresses, on every configuration.

use obmen_sim::onec::Product;
use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};
use crate::served::{NEVER, Served, Serving, until};

const CLIENTS: &str = "Catalog_Контрагенты";
const PARTNERS: &str = "Catalog_Партнеры";
const FIRM: &str = "7707083893";
const PROPRIETOR: &str = "500100732259";
const HEAD_KPP: &str = "773601001";
const BRANCH_KPP: &str = "540602001";
const ADDRESS: &str = "630000, г Новосибирск, ул Ленина, д 1";

/// What the configurations call what they tell legal kinds by.
fn legal(product: Product) -> Value {
    match product {
        Product::Ut11 => json!({"ЮрФизЛицо": "ЮрЛицо"}),
        Product::Unf => json!({"ВидКонтрагента": "ЮридическоеЛицо"}),
        _ => json!({"ЮридическоеФизическоеЛицо": "ЮридическоеЛицо"}),
    }
}

async fn bench(product: Product, by_extension: bool) -> Bench {
    let bench = Bench::furnished(product).await.paced();
    let bench = if by_extension { bench.by_extension() } else { bench };
    bench.append_to_pair("requisites = \"all\"");
    bench.run_json(&["setup"]).await;
    bench
}

fn make(bench: &Bench, set: &str, fields: &Value) -> String {
    text(&bench.act_in_onec(&json!({"do": "create", "set": set, "fields": fields}))["ref"])
}

/// A counterparty, in УТ of this partner.
fn client(bench: &Bench, product: Product, name: &str, kpp: &str, partner: Option<&str>) -> String {
    let mut fields = json!({"Description": name, "НаименованиеПолное": name, "ИНН": FIRM, "КПП": kpp});
    fields.as_object_mut().unwrap().extend(legal(product).as_object().unwrap().clone());
    if let Some(partner) = partner {
        fields["Партнер_Key"] = json!(partner);
    }
    make(bench, CLIENTS, &fields)
}

fn partner(bench: &Bench, product: Product) -> Option<String> {
    let fields = json!({"Description": "Ромашка", "НаименованиеПолное": "Ромашка", "ЮрФизЛицо": "Компания", "Клиент": true});
    (product == Product::Ut11).then(|| make(bench, PARTNERS, &fields))
}

/// A company with its own requisite, that of a branch with an address, and that of a sole proprietor.
fn company(bench: &Bench) -> String {
    let create = |entity: &str, fields: Value| {
        text(&bench.act_in_bitrix24(&json!({"do": "create", "entity": entity, "fields": fields}))["id"])
    };
    let id = create("company", json!({"TITLE": "Ромашка"}));
    let requisite = |name: &str, preset: u8, numbers: Value| {
        let mut fields = json!({"ENTITY_TYPE_ID": 4, "ENTITY_ID": id, "PRESET_ID": preset, "NAME": name});
        fields.as_object_mut().unwrap().extend(numbers.as_object().unwrap().clone());
        create("requisite", fields)
    };
    requisite("Головной", 1, json!({"RQ_INN": FIRM, "RQ_KPP": HEAD_KPP, "RQ_COMPANY_NAME": "Ромашка"}));
    let branch = requisite(
        "Филиал",
        1,
        json!({"RQ_INN": FIRM, "RQ_KPP": BRANCH_KPP, "RQ_COMPANY_NAME": "Ромашка, Новосибирск"}),
    );
    create(
        "address",
        json!({"TYPE_ID": 6, "ENTITY_TYPE_ID": 8, "ENTITY_ID": branch, "POSTAL_CODE": "630000",
        "CITY": "г Новосибирск", "ADDRESS_1": "ул Ленина, д 1"}),
    );
    requisite(
        "ИП",
        2,
        json!({"RQ_INN": PROPRIETOR, "RQ_OGRNIP": "304500116000157", "RQ_COMPANY_NAME": "ИП Белова А. И."}),
    );
    id
}

fn clients(bench: &Bench) -> Vec<Value> {
    let all = dump(&bench.onec.world)["objects"][CLIENTS].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|one| one["IsFolder"] != true && one["Predefined"] != true).collect()
}

fn client_of(bench: &Bench, inn: &str, kpp: &str) -> Value {
    let is_meant = |one: &Value| text(&one["ИНН"]) == inn && one["КПП"].as_str().unwrap_or_default() == kpp;
    let found = clients(bench).into_iter().find(is_meant);
    found.unwrap_or_else(|| panic!("no counterparty {inn}/{kpp}"))
}

fn portal(bench: &Bench, table: &str) -> Vec<Value> {
    dump(&bench.bitrix24.world)[table].as_array().cloned().unwrap_or_default()
}

fn requisite_of(bench: &Bench, kpp: &str) -> Value {
    let mut found = portal(bench, "requisites").into_iter().filter(|one| text(&one["RQ_KPP"]) == kpp);
    let one = found.next().unwrap_or_else(|| panic!("no requisite of {kpp}"));
    assert_eq!(found.next(), None, "one requisite of {kpp}");
    one
}

/// A sync without questions and failures, after which nothing is left to do and nothing differs.
pub(crate) async fn settled(bench: &Bench) {
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!((&report["reviews"], &report["failed"]), (&json!(0), &json!(0)), "{report}");
    bench.reset_counters();
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, bench.writes()), (0, (0, 0)), "nothing is left to do: {report}");
    let (code, found) = bench.run_json(&["diff"]).await;
    assert_eq!((code, &found["unexplained"]), (0, &json!(0)), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn branches_and_proprietors_of_a_company_are_counterparties_of_their_own_and_end_equal() {
    let ways = [
        (Product::Bp30, false),
        (Product::Ut11, false),
        (Product::Unf, false),
        (Product::Bp30, true),
        (Product::Ut11, true),
        (Product::Unf, true),
    ];
    for (product, by_extension) in ways {
        let bench = bench(product, by_extension).await;
        let partner = partner(&bench, product);
        let head = client(&bench, product, "Ромашка", HEAD_KPP, partner.as_deref());
        let branch = client(&bench, product, "Ромашка, Новосибирск", BRANCH_KPP, partner.as_deref());
        let company = company(&bench);
        settled(&bench).await;

        let case = format!("{product:?} by the extension: {by_extension}");
        assert_eq!(portal(&bench, "companies").len(), 1, "{case}: nobody exists twice");
        assert_eq!(portal(&bench, "requisites").len(), 3, "{case}");
        assert_eq!(clients(&bench).len(), 3, "{case}: the proprietor was created, and nobody else");
        let linked = &portal(&bench, "companies")[0]["UF_CRM_1C_COMPANY_ID"];
        assert_eq!(text(linked), head, "{case}");
        assert_eq!(text(&requisite_of(&bench, BRANCH_KPP)["XML_ID"]), branch, "{case}");
        let shown = client_of(&bench, FIRM, BRANCH_KPP)["КонтактнаяИнформация"].to_string();
        assert!(shown.contains(ADDRESS), "{case}: {shown}");
        let proprietor = client_of(&bench, PROPRIETOR, "");
        assert_eq!(proprietor["Description"], "ИП Белова А. И.", "{case}");
        if let Some(partner) = &partner {
            assert_eq!(text(&proprietor["Партнер_Key"]), *partner, "{case}: the client is one");
        }

        // A change of one of them moves by itself.
        let moved = json!({"do": "update", "set": CLIENTS, "ref": branch, "fields": {"КПП": "540602002"}});
        bench.act_in_onec(&moved);
        settled(&bench).await;
        assert_eq!(text(&requisite_of(&bench, "540602002")["ENTITY_ID"]), company, "{case}");
        assert_eq!(text(&requisite_of(&bench, HEAD_KPP)["RQ_INN"]), FIRM, "{case}: the company's own stays");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_further_counterparty_of_a_partner_is_a_further_requisite_and_no_second_company() {
    for by_extension in [false, true] {
        let bench = bench(Product::Ut11, by_extension).await;
        let partner = partner(&bench, Product::Ut11);
        client(&bench, Product::Ut11, "Ромашка", HEAD_KPP, partner.as_deref());
        settled(&bench).await;
        client(&bench, Product::Ut11, "Ромашка, Новосибирск", BRANCH_KPP, partner.as_deref());
        settled(&bench).await;
        assert_eq!(portal(&bench, "companies").len(), 1);
        let companies = portal(&bench, "companies");
        let further = requisite_of(&bench, BRANCH_KPP);
        assert_eq!(text(&further["ENTITY_ID"]), text(&companies[0]["ID"]));
        assert_eq!(further["RQ_COMPANY_NAME"], "Ромашка, Новосибирск");
        assert_eq!(clients(&bench).len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_company_s_own_requisite_is_deleted_another_one_does_not_take_its_place() {
    let bench = bench(Product::Bp30, false).await;
    let branch = client(&bench, Product::Bp30, "Ромашка, Новосибирск", BRANCH_KPP, None);
    client(&bench, Product::Bp30, "Ромашка", HEAD_KPP, None);
    company(&bench);
    settled(&bench).await;
    let own = requisite_of(&bench, HEAD_KPP);
    bench.act_in_bitrix24(&json!({"do": "delete", "entity": "requisite", "id": own["ID"]}));
    settled(&bench).await;
    assert_eq!(text(&requisite_of(&bench, BRANCH_KPP)["XML_ID"]), branch, "it is still the branch's");
    assert_eq!(text(&requisite_of(&bench, HEAD_KPP)["RQ_INN"]), FIRM, "1C's numbers came again");
    assert_eq!(clients(&bench).len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn further_requisites_and_their_addresses_move_in_the_live_exchange() {
    let bench = bench(Product::Bp30, false).await;
    let company = company(&bench);
    settled(&bench).await;
    let bench = bench.with_further("[pair.fields]\naddress = { rule = \"newest\" }\n");
    Serving { listens: true, poll_bitrix24: NEVER, poll_onec: 10 }.prepare(&bench);
    bench.append_to_pair("requisites = \"all\"");
    let served = Served::start(&bench).await;

    // The portal tells of an address with the company that it belongs to in the end.
    let branch = requisite_of(&bench, BRANCH_KPP);
    let of_branch = |one: &&Value| text(&one["ENTITY_ID"]) == text(&branch["ID"]);
    let id = portal(&bench, "addresses").iter().find(of_branch).unwrap()["ID"].clone();
    let fields = json!({"ADDRESS_1": "ул Садовая, д 7"});
    bench.act_in_bitrix24(&json!({"do": "update", "entity": "address", "id": id, "fields": fields}));
    until("the address stands in 1C", || {
        client_of(&bench, FIRM, BRANCH_KPP)["КонтактнаяИнформация"].to_string().contains("ул Садовая, д 7")
    })
    .await;
    served.at_rest(&bench).await;

    let fields = json!({"ENTITY_TYPE_ID": 4, "ENTITY_ID": company, "PRESET_ID": 1, "NAME": "Филиал",
        "RQ_INN": FIRM, "RQ_KPP": "780143001", "RQ_COMPANY_NAME": "Ромашка, Санкт-Петербург"});
    bench.act_in_bitrix24(&json!({"do": "create", "entity": "requisite", "fields": fields}));
    until("it has become a counterparty", || clients(&bench).len() == 4).await;
    served.at_rest(&bench).await;

    let moved = text(&client_of(&bench, FIRM, "780143001")["Ref_Key"]);
    let fields = json!({"КПП": "780143002"});
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": moved, "fields": fields}));
    until("the number stands in the portal", || {
        portal(&bench, "requisites").iter().any(|one| text(&one["RQ_KPP"]) == "780143002")
    })
    .await;
    served.at_rest(&bench).await;
    assert_eq!(served.stop().await, Some(0));
    let (code, found) = bench.run_json(&["diff"]).await;
    assert_eq!((code, portal(&bench, "companies").len()), (0, 1), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_further_requisite_that_somebody_deletes_is_a_question() {
    let bench = bench(Product::Bp30, false).await;
    company(&bench);
    settled(&bench).await;
    let further = requisite_of(&bench, BRANCH_KPP);
    bench.act_in_bitrix24(&json!({"do": "delete", "entity": "requisite", "id": further["ID"]}));
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["reviews"]), (3, &json!(1)), "{report}");
    assert_eq!(clients(&bench).len(), 3, "nothing is deleted in 1C");
    let why = bench.run(&["why", &format!("company:r{}", text(&further["ID"]))]).await;
    assert!(why.code == 0 && why.stdout.contains("does not exist any more"), "{why:?}");
}
