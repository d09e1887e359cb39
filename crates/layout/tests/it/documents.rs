//! Documents against the tree: what they name exists.
//!
//! Not responsible for whether what they say of it is true.

use std::collections::BTreeSet;
use std::path::Path;

use super::manners::{files, read, root};

/// Pages that name paths, functions and types of ours.
const PAGES: &[&str] = &["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "docs/failures.md"];

#[test]
fn every_path_a_page_names_exists() {
    let mut missing = Vec::new();
    for page in PAGES {
        let rooms = ["crates/", "console/", "tests/", "docs/", ".ci/"];
        for name in quoted(&read(page)).iter().filter(|name| rooms.iter().any(|room| name.starts_with(room)))
        {
            let paths = expand(name.split(char::is_whitespace).next().unwrap_or_default());
            missing
                .extend(paths.into_iter().filter(|path| !exists(path)).map(|path| format!("{page}: {path}")));
        }
    }
    assert!(missing.is_empty(), "these are named and do not exist: {missing:#?}");
}

#[test]
fn every_function_and_type_a_page_names_exists() {
    let code: Vec<String> =
        files().into_iter().filter(|path| path.starts_with("crates/") && path.ends_with(".rs")).collect();
    let known: BTreeSet<String> = code.iter().flat_map(|path| words(&read(path))).collect();
    let mut missing = Vec::new();
    for page in PAGES {
        for name in quoted(&read(page)).into_iter().filter(|name| is_of_code(name)) {
            let parts = name.split("::").filter(|part| !known.contains(*part));
            missing.extend(parts.map(|part| format!("{page}: {part} of {name}")));
        }
    }
    assert!(missing.is_empty(), "these are named and are in no source: {missing:#?}");
}

#[test]
fn the_pages_for_beginners_differ_only_where_their_configurations_do() {
    for ending in ["md", "ru.md"] {
        let pages = ["bp30", "ut11", "unf"].map(|name| steps(&read(&format!("docs/start/{name}.{ending}"))));
        assert!(pages[0].len() > 15, "the page has its steps: {:?}", pages[0]);
        let [bp30, others @ ..] = &pages;
        others.iter().for_each(|page| assert_eq!(page, bp30));
    }
}

/// What an administrator types or clicks by a page, with its headings.
fn steps(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (place, text) in page.split("```").enumerate() {
        let is_block = place % 2 == 1;
        // What stands in the configuration file is the configuration's own.
        if is_block && text.starts_with("toml") {
            continue;
        }
        let lines = text.lines().map(str::trim);
        let told = lines.filter(|line| is_block || line.starts_with("## ") && line.contains(". "));
        found.extend(told.map(str::to_owned));
    }
    found
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    let mut broken = Vec::new();
    for page in files().into_iter().filter(|path| path.ends_with(".md")) {
        let folder = Path::new(&page).parent().unwrap_or(Path::new("")).to_owned();
        for target in links(&read(&page)) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !path.contains("://") && !root().join(&folder).join(path).exists() {
                broken.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "these links lead nowhere: {broken:#?}");
}

#[test]
fn every_key_of_the_sample_stands_in_the_page_about_configuration() {
    let page: BTreeSet<String> = quoted(&read("docs/configuration.md")).into_iter().collect();
    let sample = read("crates/app/src/config/sample.toml");
    let keys = sample.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key.trim());
    let plain = |key: &&str| key.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !FIELDS.contains(key);
    let keys: Vec<&str> = keys.filter(plain).collect();
    assert!(keys.len() > 20, "the sample has its keys: {keys:?}");
    let missing: Vec<&&str> =
        keys.iter().filter(|key| !page.iter().any(|name| name.split(' ').next() == Some(**key))).collect();
    assert!(missing.is_empty(), "docs/configuration.md does not tell about {missing:?}");
}

/// Lines of the sample that name fields of a party; they stand in a table of their own.
const FIELDS: &[&str] = &["phone", "position"];

/// What stands between single backticks, outside blocks of code.
fn quoted(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// Targets of links: `[text](target)`.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}

/// `a/{b,c}.rs` as `a/b.rs` and `a/c.rs`.
fn expand(pattern: &str) -> Vec<String> {
    let parts = pattern.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match parts {
        Some((before, (choices, after))) => {
            choices.split(',').flat_map(|choice| expand(&format!("{before}{choice}{after}"))).collect()
        }
        None => vec![pattern.to_owned()],
    }
}

/// A file, a folder, or a module named without its ending. Placeholders exist.
fn exists(path: &str) -> bool {
    path.contains(['*', '<']) || root().join(path).exists() || root().join(format!("{path}.rs")).is_file()
}

/// `Type::function`, `a_function` or `AType`; not a word of a vendor, a command or a file.
fn is_of_code(name: &str) -> bool {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let has_lower = name.chars().any(|c| c.is_ascii_lowercase());
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    plain
        && has_lower
        && begins
        && !name.contains(":/")
        && (name.contains("::") || name.contains('_') || is_type(name))
}

fn is_type(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().filter(char::is_ascii_uppercase).count() > 1
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').map(str::to_owned).collect()
}
