//! What `obmen serve` logs, at its most talkative: ids and counts, and nothing of anybody.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};
use crate::served::{HOOK_SECRET, Served, Serving, log, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_name_phone_mailbox_or_secret_is_logged_whatever_happens() {
    let bench = Bench::with_people(40, 12).await.paced();
    bench.run_json(&["setup"]).await;
    let token = Serving::BY_HOOKS.prepare(&bench);
    let sync = bench.run(&["-vv", "sync", "--yes", "--accept-large"]).await;
    let mut logs = sync.stderr;
    // The sync has told it for people.
    let trace = [("OBMEN_LOG", "trace"), ("OBMEN_LOG_FORMAT", "json")];
    let served = Served::start_logging(&bench, &trace).await;
    let is_linked = |row: &Value| !matches!(text(&row["UF_CRM_1C_CONTACT_ID"]).as_str(), "null" | "");
    let contacts: Vec<Value> = people(&bench).into_iter().filter(is_linked).take(6).collect();
    let before = bench.writes().1;
    for (number, contact) in contacts.iter().enumerate() {
        let phone = format!("+7 912 345-{number:02}-77");
        let fields = json!({"PHONE": [{"VALUE": phone, "VALUE_TYPE": "WORK"}], "POST": "Кладовщик"});
        let id = text(&contact["ID"]);
        bench.act_in_bitrix24(&json!({"do": "update", "entity": "contact", "id": id, "fields": fields}));
    }
    until("all changes were carried over", || bench.writes().1 >= before + 6).await;
    until("that is told", || log(&bench).contains("serve.round")).await;
    // What is refused, what fails, what is said to nobody, and commands beside it.
    assert_eq!(
        served.post_form("/hooks/bitrix24/main", "event=X&auth[application_token]=geheimnis").await,
        403
    );
    bench.act_in_onec(&json!({"do": "fault", "fault": "locked"}));
    let fields =
        json!({"NAME": "Вероника", "LAST_NAME": "Небывалова", "EMAIL": [{"VALUE": "v@neu.example"}]});
    bench.act_in_bitrix24(&json!({"do": "create", "entity": "contact", "fields": fields}));
    until("the failure is told", || log(&bench).contains("serve.failure")).await;
    bench.act_in_onec(&json!({"do": "fault", "fault": "none"}));
    // The portal takes zones of up to twenty letters, and says which mailbox it does not take.
    let fields = json!({"Description": "Небывалова Зоя", "ЮридическоеФизическоеЛицо": "ФизическоеЛицо",
        "emails": ["zoja@firm.abcdefghijklmnopqrstuvw"]});
    let client = bench.act_in_onec(&json!({"do": "create", "set": "Catalog_Контрагенты", "fields": fields}));
    let event = json!({"type": "Справочник.Контрагенты", "ref": client["ref"]});
    assert_eq!(served.post_onec(HOOK_SECRET, &event).await, 200);
    until("it is given up", || log(&bench).contains("apply.given_up")).await;
    for command in [&["diff"][..], &["sync", "--yes", "--accept-large"], &["review", "list"]] {
        let outcome = bench.run(command).await;
        assert!(matches!(outcome.code, 0 | 3), "{outcome:?}");
    }
    let private = private_words(&bench, &token);
    assert_eq!(served.stop().await, Some(0));

    logs += &log(&bench);
    let is_document =
        |line: &str| serde_json::from_str::<Value>(line).is_ok_and(|line| line["level"].is_string());
    assert!(log(&bench).lines().all(is_document), "each line is a document of its own");
    assert!(logs.contains("serve.round") && logs.lines().count() > 100, "there is something to look at");
    let digits = logs.replace([' ', '(', ')', '-'], "");
    for word in &private {
        for spelled in spellings(word) {
            let line = logs.lines().find(|line| line.contains(&spelled));
            assert_eq!(line, None, "{word} is logged");
        }
        let is_phone = word.len() == 10 && word.bytes().all(|byte| byte.is_ascii_digit());
        assert!(!is_phone || !digits.contains(word), "the phone {word} is logged");
    }
    assert!(private.len() > 100, "the bases say something: {}", private.len());
}

fn people(bench: &Bench) -> Vec<Value> {
    dump(&bench.bitrix24.world)["contacts"].as_array().unwrap().clone()
}

/// Everything in both bases that tells who somebody is, and the secrets of both ways.
fn private_words(bench: &Bench, token: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::from(["geheim", HOOK_SECRET, token, "b2JtZW46Z2VoZWlt"].map(str::to_owned));
    gather(&dump(&bench.bitrix24.world)["contacts"], &mut words);
    gather(&dump(&bench.bitrix24.world)["companies"], &mut words);
    gather(&dump(&bench.onec.world)["objects"]["Catalog_Контрагенты"], &mut words);
    gather(&dump(&bench.onec.world)["objects"]["Catalog_КонтактныеЛица"], &mut words);
    words
}

/// Names, mailboxes, and phones as ten digits.
fn gather(value: &Value, words: &mut BTreeSet<String>) {
    const NAMES: [&str; 6] =
        ["NAME", "LAST_NAME", "SECOND_NAME", "TITLE", "Description", "НаименованиеПолное"];
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                match value {
                    Value::String(text) if NAMES.contains(&field.as_str()) && text.chars().count() > 3 => {
                        words.insert(text.clone());
                    }
                    _ => gather(value, words),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, words)),
        Value::String(text) if text.contains('@') && !text.contains(char::is_whitespace) => {
            words.insert(text.clone());
        }
        Value::String(text) => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let is_phone = text.starts_with(['+', '8', '7']) && (digits.len() == 11);
            if is_phone {
                words.insert(digits[1..].to_owned());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A word as it stands in text, in addresses and in escaped JSON.
fn spellings(word: &str) -> [String; 3] {
    let percent = word.bytes().map(|byte| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    });
    let escaped = word.encode_utf16().map(|unit| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    });
    [word.to_owned(), percent.collect(), escaped.collect()]
}
