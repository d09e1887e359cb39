//! The demo, and the simulators as programs of their own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::bench::obmen;

#[test]
fn the_demo_links_rightly_and_meets_no_limit() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["demo", "--once", "--people", "120", "--companies", "30", "--json"].map(str::to_owned);
    let outcome = obmen(folder.path(), &arguments);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(document["truth"]["wrong"], 0, "{document}");
    assert_eq!(document["truth"]["twins"], 0, "{document}");
    let (right, pairs) =
        (document["truth"]["right"].as_u64().unwrap(), document["truth"]["pairs"].as_u64().unwrap());
    assert!(right * 10 >= pairs * 9, "{document}");
    assert_eq!(document["refused_by_limits"]["limited_503"], 0);
    assert_eq!(document["refused_by_limits"]["limited_429"], 0);
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "the demo leaves nothing behind");
}

#[test]
fn the_live_demo_carries_what_people_do_and_both_sides_are_equal_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["demo", "--seconds", "6", "--people", "120", "--companies", "30", "--json", "-vv"];
    let faults = ["--lose-webhooks", "20%", "--double-webhooks", "20%"];
    let outcome = obmen(
        folder.path(),
        &[&arguments[..], &faults].concat().into_iter().map(str::to_owned).collect::<Vec<_>>(),
    );
    assert_eq!(outcome.code, 0, "{outcome:?}");
    for side in ["bitrix24", "onec"] {
        let is_message = |line: &str| line.contains("server.hook") && line.contains(side);
        assert!(outcome.stderr.lines().any(is_message), "{side} sends messages: {}", outcome.stderr);
    }
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let live = &document["live"];
    let count = |key: &str| live[key].as_u64().unwrap_or_else(|| panic!("{key} in {live}"));
    assert_eq!((count("unexplained"), count("twins"), count("found_late")), (0, 0, 0), "{live}");
    assert!(count("changes") >= 3 && count("equal") > 50, "{live}");
    let carried = [&live["into_onec"], &live["into_bitrix24"]].map(|lags| lags["count"].as_u64().unwrap());
    assert!(carried.iter().all(|count| *count > 0), "people work on both sides: {live}");
    let writes = count("created") + count("updated") + count("ids_written_back");
    assert!(writes > 0 && writes <= 2 * count("changes") + 2, "{live}");
}

#[test]
fn a_simulator_prints_its_addresses_in_one_line_when_it_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.jsonl");
    std::fs::write(&data, "{\"entity\": \"contact\", \"ID\": \"7\", \"NAME\": \"Анна\"}\n").unwrap();
    let data = data.to_str().unwrap();
    for (arguments, field, path) in [
        (["sim", "bitrix24", "--data", data, "--secret", "s"].as_slice(), "webhook_url", "/rest/1/s/"),
        (&["sim", "onec", "--password", "p"], "odata_url", "/base/odata/standard.odata"),
        (&["sim", "onec", "--extension"], "extension_url", "/base/hs/obmen/v1"),
    ] {
        let (child, document) = start(arguments);
        end(child);
        let url = document[field].as_str().unwrap();
        assert!(url.starts_with("http://127.0.0.1:") && url.ends_with(path), "{document}");
        assert!(document["control"].as_str().unwrap().ends_with("/_sim/"), "{document}");
    }
}

#[test]
fn bases_are_written_with_their_truth_and_the_same_ones_again() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, seed: &str| {
        let arguments = ["sim", "bases", "--noise", "hostile", "--people", "40", "--companies", "20"];
        let arguments = [&arguments[..], &["--seed", seed, "--out", name, "--json"]].concat();
        let outcome = obmen(folder.path(), &arguments.into_iter().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(outcome.code, 0, "{outcome:?}");
        let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(document["noise"], "hostile");
        ["b24.jsonl", "onec.jsonl", "truth.json"]
            .map(|file| std::fs::read_to_string(folder.path().join(name).join(file)).unwrap())
    };
    let (first, again, other) = (make("a", "5"), make("b", "5"), make("c", "6"));
    assert_eq!(first, again);
    assert_ne!(first[0], other[0]);
    let truth: Value = serde_json::from_str(&first[2]).unwrap();
    assert_eq!(truth["people"].as_array().unwrap().len(), 40);
    let unknown = ["sim", "bases", "--noise", "loud", "--out", "d"].map(str::to_owned);
    assert_eq!(obmen(folder.path(), &unknown).code, 2);
}

#[test]
fn a_wrong_line_of_data_is_told_with_its_number() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.jsonl"), "\n{\"entity\": \"nothing\"}\n").unwrap();
    let arguments = ["sim", "bitrix24", "--data", "data.jsonl"].map(str::to_owned);
    let outcome = obmen(folder.path(), &arguments);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("data file data.jsonl, line 2"), "{}", outcome.stderr);
}

#[test]
fn options_of_1c_that_name_nothing_are_told_before_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    for (options, expected, code) in [
        (["--sets", "Catalog_Контрагенты,Catalog_Нет"], "--sets: there is no set Catalog_Нет", 1),
        (["--restrict", "Catalog_Контрагенты=ИННН eq '1'"], "--restrict: ", 1),
        (["--deny", "Catalog_Контрагенты=admire"], "--deny: there is no right admire", 1),
        (["--hide", "nobody"], "--hide: nobody is no reference", 1),
        (["--restrict", "Catalog_Контрагенты"], "--restrict", 2),
        (["--if-match", "perhaps"], "--if-match", 2),
    ] {
        let arguments: Vec<String> =
            ["sim", "onec"].iter().chain(&options).map(|&one| one.to_owned()).collect();
        let outcome = obmen(folder.path(), &arguments);
        assert_eq!(outcome.code, code, "{outcome:?}");
        assert!(outcome.stderr.contains(expected), "{outcome:?}");
    }
}

#[test]
fn a_simulated_1c_starts_with_the_rights_that_its_options_say() {
    let publication =
        ["sim", "onec", "--if-match", "honoured", "--sets", "Catalog_Контрагенты", "--licences", "2"];
    let rights =
        ["--restrict", "Catalog_Контрагенты=ИНН ne ''", "--deny", "Catalog_Контрагенты=delete,insert"];
    let server = ["--sessions", "use", "--web-server", "iis"];
    let (child, document) = start(&[&publication[..], &rights, &server].concat());
    // "obmen:demo"
    let answer = visit(document["odata_url"].as_str().unwrap(), "b2JtZW46ZGVtbw==");
    end(child);
    let (head, sets) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200") && sets.contains("Catalog_Контрагенты"), "{answer}");
    assert!(!sets.contains("Catalog_КонтактныеЛица"), "{answer}");
}

/// Starts a simulator; returns it with its line of addresses.
fn start(arguments: &[&str]) -> (Child, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_obmen"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The whole answer to a GET, as text.
fn visit(url: &str, credentials: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let lines =
        ["Connection: close", "Accept: application/json", &format!("Authorization: Basic {credentials}")];
    let head = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n{}\r\n\r\n", lines.join("\r\n"));
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
