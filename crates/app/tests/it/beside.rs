//! Commands beside a running `obmen serve`: they are carried out by it, and look as if they were alone.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Bench, Outcome, dump, text};
use crate::served::{Served, Serving, log, until};

const CLIENTS: &str = "Catalog_Контрагенты";
/// Longer than a command takes to end, shorter than 1C takes to answer some questions where it is slow.
const SOON: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_beside_the_server_is_carried_out_by_it() {
    let bench = Bench::synced().await;
    let contact = enter_contact(&bench);
    let client = enter_client(&bench);
    bench.run_json(&["sync"]).await;
    Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start(&bench).await;
    let asked = reviews(&bench).await;
    assert_eq!(asked["reviews"][0]["kind"], "match", "only the name is common: {asked}");

    let decided = bench.run(&["review", "link", &format!("contact:{contact}"), &client]).await;
    assert_eq!((decided.code, decided.stderr.as_str()), (0, ""), "{decided:?}");
    assert!(decided.stdout.contains(&client), "as when it is alone: {decided:?}");
    until("the server has written the id", || mutual_id(&bench, &contact) == client).await;
    served.at_rest(&bench).await;
    assert_eq!(reviews(&bench).await["reviews"], json!([]));
    let (code, found) = bench.run_json(&["diff"]).await;
    assert_eq!((code, &found["unexplained"]), (0, &json!(0)), "both sides are equal: {found}");
    let log = log(&bench);
    assert!(
        log.contains("serve.guest") && log.contains("command=\"review\""),
        "it went by the server: {log}"
    );
    assert_eq!(served.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_and_its_undo_go_by_the_server_with_their_documents_and_exit_codes() {
    let bench = Bench::synced().await;
    Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start(&bench).await;
    enter_client(&bench);
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["created_bitrix24"], &report["failed"]), (0, &json!(1), &json!(0)), "{report}");
    let run = report["run"].as_str().unwrap();
    let (_, journal) = bench.run_json(&["journal", run]).await;
    assert_eq!(journal["records"].as_array().map(Vec::len), Some(2), "{journal}");
    let (code, why) = bench.run_json(&["why", "contact:1"]).await;
    assert_eq!((code, &why["link"]["agreed"]), (0, &json!(true)), "{why}");

    let unsaid = bench.run(&["undo", run]).await;
    assert_eq!(unsaid.code, 1, "without a terminal it needs --yes: {unsaid:?}");
    let (code, undone) = bench.run_json(&["undo", run, "--yes"]).await;
    assert_eq!((code, &undone["marked_bitrix24"]), (0, &json!(1)), "{undone}");
    let none = bench.run(&["undo", "20000101-000000-000"]).await;
    assert_eq!(none.code, 1);
    assert!(none.stderr.contains("20000101"), "{none:?}");
    let other = bench.run(&["--pair", "other", "status"]).await;
    assert_eq!(other.code, 2, "as alone: {other:?}");
    assert_eq!(served.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_command_about_the_store_goes_by_the_server() {
    let bench = Bench::synced().await;
    Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start(&bench).await;
    for command in [&["status"][..], &["why", "contact:1"], &["check"], &["plan"], &["journal"], &["retry"]] {
        let outcome = bench.run(command).await;
        let word = command[0];
        assert!(
            log(&bench).contains(&format!("command=\"{word}\"")),
            "{word} went by the server: {outcome:?}"
        );
    }
    assert_eq!(served.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_socket_of_a_killed_server_disturbs_nobody() {
    let bench = Bench::synced().await;
    Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start_alone(&bench).await;
    let socket = bench.folder().join("obmen.db.sock");
    assert!(socket.exists());
    served.kill();
    assert!(socket.exists(), "it is left behind");
    let alone = bench.run(&["retry"]).await;
    assert_eq!((alone.code, alone.stderr.as_str()), (0, ""), "{alone:?}");
    let served = Served::start_alone(&bench).await;
    let beside = bench.run(&["retry"]).await;
    assert_eq!((beside.code, &beside.stdout), (0, &alone.stdout), "{beside:?}");
    assert_eq!(served.stop().await, Some(0));
    assert!(!socket.exists(), "an orderly end takes it away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_of_another_version_is_not_carried_out() {
    let bench = Bench::synced().await;
    Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start_alone(&bench).await;
    let request = json!({
        "version": "0.0.1", "arguments": ["obmen", "retry"], "lang": "En", "folder": "", "configuration": 0,
        "terminal": {"asks": false, "width": null}
    });
    let mut socket = UnixStream::connect(bench.folder().join("obmen.db.sock")).unwrap();
    writeln!(socket, "{request}").unwrap();
    let told = tokio::task::spawn_blocking(move || {
        BufReader::new(socket).lines().map(|line| line.unwrap()).collect::<Vec<_>>()
    });
    let told = told.await.unwrap();
    assert_eq!(told.last().map(String::as_str), Some("{\"end\":1}"), "{told:?}");
    assert!(told[0].contains(env!("CARGO_PKG_VERSION")), "which version it is: {told:?}");
    assert!(!log(&bench).contains("command=\"retry\""));
    assert_eq!(served.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_waits_for_its_turn_and_ctrl_c_ends_the_one_before() {
    let bench = Bench::synced().await;
    Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start(&bench).await;
    bench.faults(&bench.onec.url(), &json!([{"kind": "slow", "seconds": 40, "times": 1000}])).await;
    let sync = start(&bench, &["sync", "--yes"]);
    until("the server has begun with it", || log(&bench).contains("command=\"sync\"")).await;
    let retry = start(&bench, &["retry"]);
    until("the server has the other too", || log(&bench).contains("command=\"retry\"")).await;
    interrupt(&sync);
    let sync = ended(sync).await;
    assert_eq!(sync.code, 1, "{sync:?}");
    assert!(sync.stderr.contains("Stopped."), "{sync:?}");
    let retry = ended(retry).await;
    assert_eq!(retry.code, 0, "{retry:?}");
    assert!(retry.stderr.contains("waiting for its turn"), "{retry:?}");
    bench.faults(&bench.onec.url(), &json!([])).await;
    assert_eq!(bench.run_json(&["sync"]).await.0, 0, "the server lives");
    assert_eq!(served.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_waits_for_a_command_that_is_under_way() {
    let bench = Bench::synced().await;
    Serving { poll_bitrix24: 10, ..Serving::BY_HOOKS }.prepare(&bench);
    let served = Served::start(&bench).await;
    let contact = enter_contact(&bench);
    until("its id stands in the contact", || !mutual_id(&bench, &contact).is_empty()).await;
    served.at_rest(&bench).await;
    bench.faults(&bench.onec.url(), &json!([{"kind": "slow", "seconds": 400, "times": 1000}])).await;
    let sync = start(&bench, &["sync", "--yes"]);
    until("the server has begun with it", || log(&bench).contains("command=\"sync\"")).await;
    let rounds = || log(&bench).matches("serve.round").count();
    let before = rounds();
    bench.act_in_bitrix24(&json!({"do": "delete", "entity": "contact", "id": contact}));
    served.is_told_of_something().await;
    // A round about a deletion asks the portal alone, and would be over long before.
    let asked = bench.calls("crm.requisite.list");
    until("the portal is asked meanwhile", || bench.calls("crm.requisite.list") > asked + 10).await;
    assert_eq!(rounds(), before);
    // Who stops it does not wait for 1C either.
    interrupt(&sync);
    assert_eq!(ended(sync).await.code, 1);
    bench.faults(&bench.onec.url(), &json!([])).await;
    until("a round comes to it", || rounds() > before).await;
    assert_eq!(served.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_go_by_the_server_on_postgresql_too() {
    let database = obmen_testdb::database();
    let bench = Bench::with_people(0, 0).await.paced();
    std::fs::write(bench.folder().join("store.txt"), database.url()).unwrap();
    let text = std::fs::read_to_string(bench.folder().join("obmen.toml")).unwrap();
    let text = format!("{text}\n[store]\nurl = {{ file = \"store.txt\" }}\n");
    std::fs::write(bench.folder().join("obmen.toml"), text).unwrap();
    bench.run_json(&["setup"]).await;
    bench.run_json(&["sync"]).await;
    let served = Served::start_alone(&bench).await;
    for command in [&["status"][..], &["retry"], &["journal"], &["review", "list"], &["diff"]] {
        let outcome = bench.run(command).await;
        assert_eq!(outcome.code, 0, "{command:?}: {outcome:?}");
    }
    assert_eq!(served.stop().await, Some(0));
}

async fn reviews(bench: &Bench) -> Value {
    bench.run_json(&["review", "list"]).await.1
}

fn start(bench: &Bench, arguments: &[&str]) -> Child {
    bench.prepare(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

/// What a command that is about to end did.
async fn ended(child: Child) -> Outcome {
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap());
    let output = tokio::time::timeout(SOON, output).await.expect("it ends soon").unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Somebody enters a contact with a phone of its own; returns its id.
fn enter_contact(bench: &Bench) -> String {
    let phone = json!([{"VALUE": "+7 (912) 345-67-89", "VALUE_TYPE": "WORK"}]);
    let fields = json!({"NAME": "Вера", "LAST_NAME": "Кольцова", "SECOND_NAME": "Игоревна", "PHONE": phone});
    let done = bench.act_in_bitrix24(&json!({"do": "create", "entity": "contact", "fields": fields}));
    text(&done["id"])
}

/// Somebody enters a private client of the same name with another phone; returns the reference.
fn enter_client(bench: &Bench) -> String {
    let name = "Кольцова Вера Игоревна";
    let fields = json!({
        "Description": name, "НаименованиеПолное": name, "ЮридическоеФизическоеЛицо": "ФизическоеЛицо",
        "phones": ["+7 (495) 222-33-44"]
    });
    text(&bench.act_in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}))["ref"])
}

/// The id of 1C that a contact keeps.
fn mutual_id(bench: &Bench, contact: &str) -> String {
    let contacts = dump(&bench.bitrix24.world)["contacts"].clone();
    let row = contacts.as_array().unwrap().iter().find(|row| text(&row["ID"]) == contact).cloned();
    row.map(|row| text(&row["UF_CRM_1C_CONTACT_ID"])).filter(|id| id != "null").unwrap_or_default()
}
