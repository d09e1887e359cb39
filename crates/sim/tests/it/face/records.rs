//! The list of records, and the page that shows it.

use std::io::{Read, Write};
use std::net::TcpStream;

use obmen_sim::bitrix24::{Portal, Settings};
use obmen_sim::face::{Face, serve};
use obmen_sim::onec::Infobase;
use serde_json::{Value, json};

use super::{control, face, get, options, post};
use crate::it::onec::plain;

const PARTNERS: &str = "Catalog_%D0%9A%D0%BE%D0%BD%D1%82%D1%80%D0%B0%D0%B3%D0%B5%D0%BD%D1%82%D1%8B";

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_listed_newest_first_with_what_a_person_knows_them_by() {
    let face = portal().await;
    let list = control(&face, "/_sim/records?set=contact").await;
    assert_eq!((&list["system"], &list["total"]), (&json!("bitrix24"), &json!(3)));
    assert_eq!(ids(&list), ["3", "2", "1"]);
    let first = &list["rows"][2];
    assert_eq!((&first["title"], &first["deleted"]), (&json!("Петрова Анна"), &json!(false)));
    assert_eq!(
        (&first["phones"], &first["emails"]),
        (&json!(["+7 (912) 345-67-89"]), &json!(["anna@example.ru"]))
    );
    assert_eq!(first["record"], control(&face, "/_sim/dump").await["contacts"][0]);
    let fields = list["fields"].as_array().unwrap();
    assert!(fields.contains(&json!("LAST_NAME")) && fields.contains(&json!("COMPANY_ID")), "{fields:?}");
    assert!(!fields.contains(&json!("DATE_MODIFY")), "nobody writes it");
    let sizes: Vec<_> = list["sets"].as_array().unwrap().iter().take(2).map(|set| &set["total"]).collect();
    assert_eq!(sizes, [3, 1]);
    assert_eq!(control(&face, "/_sim/counters").await["requests"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_searched_and_turned_page_by_page() {
    let face = portal().await;
    for (query, expected, total) in [
        ("find=%D0%9F%D0%95%D0%A2%D0%A0", vec!["1"], 1),
        ("find=89123456789", vec!["1"], 1),
        ("find=anna@", vec!["1"], 1),
        ("find=2", vec!["2", "1"], 2),
        ("find=nobody", vec![], 0),
        ("limit=2", vec!["3", "2"], 3),
        ("limit=2&skip=2", vec!["1"], 3),
        ("skip=7", vec![], 3),
    ] {
        let list = control(&face, &format!("/_sim/records?set=contact&{query}")).await;
        assert_eq!((ids(&list), &list["total"]), (expected, &json!(total)), "{query}");
    }
    for wrong in ["", "?set=deal", "?set=contact&limit=many", "?set=contact&page=2"] {
        assert_eq!(get(&face, &format!("/_sim/records{wrong}")).await.unwrap().0, 400, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_contact_lies_in_the_recycle_bin_until_it_is_restored() {
    let face = portal().await;
    post(&face, "/_sim/act", r#"{"do":"delete","entity":"contact","id":"1"}"#).await;
    let bin = control(&face, "/_sim/records?set=recycle_bin").await;
    assert_eq!((ids(&bin), &bin["rows"][0]["entity"]), (vec!["1"], &json!("contact")));
    assert_eq!(
        (&bin["rows"][0]["title"], &bin["rows"][0]["deleted"]),
        (&json!("Петрова Анна"), &json!(true))
    );
    let restored = post(&face, "/_sim/act", r#"{"do":"restore","entity":"contact","id":"1"}"#).await;
    assert_eq!(restored, (200, json!({ "id": "4" })));
    assert_eq!(control(&face, "/_sim/records?set=recycle_bin").await["total"], 0);
    assert_eq!(control(&face, "/_sim/records?set=contact").await["rows"][0]["title"], "Петрова Анна");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_1c_are_listed_with_their_contact_information_and_their_mark() {
    let face = infobase().await;
    let fields = json!({ "Description": "ООО «Ромашка»", "ИНН": "7707083893", "phones": ["8 (495) 765-43-21"], "emails": ["info@example.ru"] });
    let act = json!({ "do": "create", "set": "Catalog_Контрагенты", "fields": fields });
    let key = post(&face, "/_sim/act", &act.to_string()).await.1["ref"].clone();
    let act = json!({ "do": "mark", "set": "Catalog_Контрагенты", "ref": key });
    post(&face, "/_sim/act", &act.to_string()).await;
    for find in ["7707083893", "4957654321", "INFO@"] {
        let list = control(&face, &format!("/_sim/records?set={PARTNERS}&find={find}")).await;
        let row = &list["rows"][0];
        assert_eq!(
            (&list["system"], &list["total"], &row["id"]),
            (&json!("onec"), &json!(1), &key),
            "{find}"
        );
        assert_eq!((&row["title"], &row["deleted"]), (&json!("ООО «Ромашка»"), &json!(true)));
        assert_eq!(
            (&row["phones"], &row["emails"]),
            (&json!(["8 (495) 765-43-21"]), &json!(["info@example.ru"]))
        );
        assert_eq!(row["record"]["ИНН"], "7707083893");
        assert!(list["fields"].as_array().unwrap().contains(&json!("ИНН")));
        assert!(!list["fields"].as_array().unwrap().contains(&json!("DataVersion")));
    }
    let list = control(&face, &format!("/_sim/records?set={PARTNERS}&find=nobody")).await;
    assert_eq!(list["total"], 0);
    assert_eq!(get(&face, "/_sim/records?set=contact").await.unwrap().0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_shown_a_page_and_a_client_what_the_system_says() {
    let face = face(Settings::default()).await;
    let english = browse(&face, "/", "en-GB").await;
    assert!(english.starts_with("HTTP/1.1 200 "), "{english}");
    assert!(english.contains("<html lang=\"en\">") && english.contains("script-src 'self'"), "{english}");
    assert!(browse(&face, "/", "ru-RU,ru;q=0.9").await.contains("<html lang=\"ru\">"));
    assert_eq!(get(&face, "/").await.unwrap().0, 404, "who is no browser meets the portal");
    let page = english.split("\r\n\r\n").nth(1).unwrap();
    let files: Vec<&str> = page.split('"').filter(|part| part.starts_with("/_sim/page/")).collect();
    assert_eq!(files.len(), 2, "{files:?}");
    let script = browse(&face, "/_sim/page/page.js", "en").await;
    let imported = script.split('\'').filter_map(|part| part.strip_prefix("./"));
    let imported: Vec<String> = imported.map(|name| format!("/_sim/page/{name}")).collect();
    assert!(imported.len() >= 4, "{imported:?}");
    for file in files.into_iter().map(str::to_owned).chain(imported) {
        assert!(browse(&face, &file, "en").await.starts_with("HTTP/1.1 200 "), "{file}");
    }
    assert!(browse(&face, "/_sim/page/secret.js", "en").await.starts_with("HTTP/1.1 404 "));
}

async fn portal() -> Face<Portal> {
    let face = face(Settings::default()).await;
    let lines = [
        json!({ "entity": "contact", "ID": "1", "NAME": "Анна", "LAST_NAME": "Петрова",
            "PHONE": [{ "ID": "7", "VALUE": "+7 (912) 345-67-89" }], "EMAIL": [{ "ID": "8", "VALUE": "anna@example.ru" }] }),
        json!({ "entity": "contact", "ID": "2", "NAME": "Олег" }),
        json!({ "entity": "contact", "ID": "3", "NAME": "Яна" }),
        json!({ "entity": "company", "ID": "1", "TITLE": "ООО «Ромашка»" }),
    ];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    assert_eq!(post(&face, "/_sim/load", &lines.join("\n")).await.1["loaded"], 4);
    face
}

async fn infobase() -> Face<Infobase> {
    serve(plain(), options()).await.unwrap()
}

fn ids(list: &Value) -> Vec<&str> {
    list["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

/// What a browser gets: head and body.
async fn browse<W>(face: &Face<W>, target: &str, language: &str) -> String {
    let address = face.address;
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: text/html,*/*;q=0.8\r\nAccept-Language: {language}\r\n\r\n"
    );
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    answer.await.unwrap()
}
