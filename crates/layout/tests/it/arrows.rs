//! Arrows between rooms, and libraries that a room must not see.
//!
//! Read from `cargo metadata`, so that what is tested is what cargo builds. Invariant: a crate of ours that is not named
//! in [`ROOMS`] fails the test.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

/// A room, the rooms it may know, and those its tests may know besides.
const ROOMS: &[(&str, &[&str], &[&str])] = &[
    ("obmen-domain", &[], &[]),
    ("obmen-engine", &["obmen-domain"], &["obmen-store", "obmen-sim"]),
    ("obmen-store", &["obmen-domain", "obmen-engine"], &["obmen-testdb"]),
    ("obmen-bitrix24", &["obmen-domain", "obmen-engine"], &["obmen-sim"]),
    ("obmen-onec", &["obmen-domain", "obmen-engine"], &["obmen-sim"]),
    ("obmen-server", &["obmen-domain", "obmen-engine"], &["obmen-store"]),
    ("obmen-sim", &[], &[]),
    (
        "obmen-app",
        &[
            "obmen-domain",
            "obmen-engine",
            "obmen-store",
            "obmen-bitrix24",
            "obmen-onec",
            "obmen-server",
            "obmen-sim",
        ],
        &["obmen-testdb"],
    ),
    (
        "obmen-simulate",
        &["obmen-domain", "obmen-engine", "obmen-store", "obmen-bitrix24", "obmen-onec", "obmen-sim"],
        &[],
    ),
    ("obmen-testdb", &[], &[]),
    ("obmen-layout", &[], &[]),
];

/// A room and the libraries that stand nowhere below it.
const ABSENT: &[(&str, &[&str])] = &[
    ("obmen-domain", &["tokio", "reqwest", "hyper", "rusqlite", "axum", "futures-util"]),
    ("obmen-engine", &["tokio", "reqwest", "hyper", "rusqlite", "axum"]),
    // Its PostgreSQL is driven by tokio; without that feature, as in the simulation, it sees no runtime either.
    ("obmen-store", &["reqwest", "hyper", "axum"]),
    ("obmen-bitrix24", &["tokio", "reqwest", "hyper", "rusqlite", "axum"]),
    ("obmen-onec", &["tokio", "reqwest", "hyper", "rusqlite", "axum"]),
    ("obmen-server", &["reqwest", "rusqlite"]),
    ("obmen-simulate", &["tokio", "reqwest", "hyper", "axum"]),
];

#[test]
fn every_crate_of_ours_has_its_place_among_the_rooms() {
    let named: BTreeSet<&str> = ROOMS.iter().map(|(room, ..)| *room).collect();
    let built: BTreeSet<&str> = MEMBERS.keys().map(String::as_str).collect();
    assert_eq!(built, named);
}

#[test]
fn no_arrow_between_rooms_turns_round() {
    for (room, known, known_to_tests) in ROOMS {
        let Some(member) = MEMBERS.get(*room) else { continue };
        let beyond = |used: &BTreeSet<String>, allowed: &[&str]| -> Vec<String> {
            used.iter().filter(|name| !allowed.contains(&name.as_str())).cloned().collect()
        };
        assert_eq!(beyond(&member.ours, known), Vec::<String>::new(), "{room} must not know these");
        let allowed = [*known, *known_to_tests].concat();
        assert_eq!(
            beyond(&member.ours_in_tests, &allowed),
            Vec::<String>::new(),
            "tests of {room} must not know these"
        );
    }
}

#[test]
fn the_thinking_rooms_see_neither_runtime_nor_socket_nor_database() {
    for (room, absent) in ABSENT {
        let tree = tree_of(room);
        let found: Vec<&&str> = absent.iter().filter(|library| tree.contains(**library)).collect();
        assert!(
            found.is_empty(),
            "{room} depends on {found:?}; ask `cargo tree -p {room} -e normal -i <library>`"
        );
    }
}

/// A crate of ours and what of ours it knows.
struct Member {
    ours: BTreeSet<String>,
    ours_in_tests: BTreeSet<String>,
}

static MEMBERS: LazyLock<BTreeMap<String, Member>> = LazyLock::new(|| {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("cargo metadata lists packages");
    packages.iter().map(|package| (text(&package["name"]), read_member(package))).collect()
});

fn read_member(package: &Value) -> Member {
    let dependencies = package["dependencies"].as_array().expect("a package lists its dependencies");
    let ours = |in_tests: bool| {
        let chosen = dependencies.iter().filter(|dependency| (dependency["kind"] == "dev") == in_tests);
        chosen.map(|dependency| text(&dependency["name"])).filter(|name| name.starts_with("obmen-")).collect()
    };
    Member { ours: ours(false), ours_in_tests: ours(true) }
}

/// Names of everything below a crate, as it is built on its own.
fn tree_of(room: &str) -> BTreeSet<String> {
    let tree = cargo(&["tree", "-p", room, "-e", "normal", "--prefix", "none", "--format", "{p}"]);
    tree.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(super::manners::root())
        .output()
        .expect("cargo runs, since it runs this test");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a name is a text").to_owned()
}
