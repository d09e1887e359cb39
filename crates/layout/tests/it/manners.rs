//! What every file of the repository keeps to.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Words that speak of a machine. In two halves, or this file would speak of one.
const UNSPEAKABLE: &[(&str, &str)] = &[
    ("/wo", "rk/"),
    ("/ro", "ot/"),
    ("/ho", "me/"),
    ("/tmp/ta", "rget"),
    ("/tmp/br", "ief"),
    ("art", "ifactory"),
    ("sonatype-ne", "xus"),
    ("index.cra", "tes.io"),
    ("registry.npm", "js.org"),
    ("files.python", "hosted.org"),
];

/// Files of others: their words are not ours.
const FOREIGN: &[&str] = &["Cargo.lock"];

#[test]
fn every_rust_file_opens_with_its_purpose() {
    let silent: Vec<String> = files()
        .into_iter()
        .filter(|path| path.ends_with(".rs"))
        .filter(|path| !is_opened(&read(path)))
        .collect();
    assert!(silent.is_empty(), "these files do not begin with `//!` or `#![doc`: {silent:#?}");
}

#[test]
fn no_file_speaks_of_a_machine() {
    let mut spoken = Vec::new();
    for path in files() {
        if FOREIGN.contains(&path.as_str()) {
            continue;
        }
        let text = read(&path);
        for (first, second) in UNSPEAKABLE {
            let word = format!("{first}{second}");
            let lines = text.lines().enumerate().filter(|(_, line)| line.contains(&word));
            spoken.extend(lines.map(|(at, _)| format!("{path}:{}: {word}", at + 1)));
        }
    }
    assert!(spoken.is_empty(), "these lines name a place on a machine or a registry: {spoken:#?}");
}

#[test]
fn no_leftover_of_a_tool_is_kept() {
    let endings = [".pending-snap", ".snap.new", ".orig", ".rej", ".pyc", ".db", ".log"];
    let left: Vec<String> =
        files().into_iter().filter(|path| endings.iter().any(|ending| path.ends_with(ending))).collect();
    assert!(left.is_empty(), "these files were left behind by a tool: {left:#?}");
}

/// The folder of the workspace.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn is_opened(text: &str) -> bool {
    text.starts_with("//!") || text.starts_with("#![doc")
}

/// Tracked files by their paths, or all files where the sources came without their history.
pub(super) fn files() -> Vec<String> {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let tracked = output.ok().filter(|output| output.status.success());
    let paths: Vec<String> = match tracked {
        Some(output) => String::from_utf8_lossy(&output.stdout).split('\0').map(str::to_owned).collect(),
        None => walk(&root(), ""),
    };
    paths.into_iter().filter(|path| root().join(path).is_file()).collect()
}

fn walk(folder: &Path, under: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in folder.read_dir().expect("the sources can be read").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if under.is_empty() { name.clone() } else { format!("{under}/{name}") };
        match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            true if matches!(name.as_str(), "target" | ".git") => {}
            true => found.extend(walk(&entry.path(), &path)),
            false => found.push(path),
        }
    }
    found
}

/// The text of a file; nothing of what is no text.
pub(super) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_default()
}
