//! Pages of facts against the tests of the simulators: what they say is tested has its test.
//!
//! Not responsible for whether the test asserts the fact. Invariant: a row is tested, or left out with a reason.

use super::manners::{files, read};

#[test]
fn every_test_a_page_of_facts_names_exists() {
    let mut missing = Vec::new();
    let pages = pages();
    for row in pages.iter().flat_map(|page| rows(page)).filter(|row| row.verdict.starts_with('`')) {
        for name in row.verdict.split('`').skip(1).step_by(2) {
            if !is_test(name) {
                missing.push(format!("{}: {name}", row.fact));
            }
        }
    }
    assert!(missing.is_empty(), "these tests are named and do not exist: {missing:#?}");
}

#[test]
fn every_fact_is_tested_or_left_out_with_a_reason() {
    let pages = pages();
    let rows: Vec<Row> = pages.iter().flat_map(|page| rows(page)).collect();
    assert!(rows.len() > 500, "the pages hold facts: {}", rows.len());
    let is_told = |row: &Row| {
        let reason = row.verdict.strip_prefix("Left out:").map(str::trim);
        row.verdict.starts_with('`') || reason.is_some_and(|reason| reason.len() > 3)
    };
    let untold: Vec<&str> = rows.iter().filter(|row| !is_told(row)).map(|row| row.fact).collect();
    assert!(untold.is_empty(), "these facts have neither a test nor a reason: {untold:#?}");
}

#[test]
fn every_section_of_a_page_of_facts_says_something() {
    for page in pages() {
        let sections: Vec<&str> = page.split("\n### ").skip(1).collect();
        assert!(!sections.is_empty(), "a page of facts has sections");
        for section in sections {
            let title = section.lines().next().unwrap_or_default();
            assert!(section.contains("\n| "), "the section «{title}» is empty");
        }
    }
}

struct Row<'a> {
    fact: &'a str,
    verdict: &'a str,
}

fn pages() -> Vec<String> {
    files().iter().filter(|path| path.starts_with("docs/facts/")).map(|path| read(path)).collect()
}

/// The rows of tables with the heading `| Fact | Test, or why not |`.
fn rows(page: &str) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut in_table = false;
    for line in page.lines() {
        if !line.starts_with('|') {
            in_table = false;
        } else if line.starts_with("| Fact |") {
            in_table = true;
        } else if in_table && !line.starts_with("|---") {
            let cells = line.trim_matches('|').rsplit_once(" | ");
            let (fact, verdict) = cells.unwrap_or((line, ""));
            rows.push(Row { fact: fact.trim(), verdict: verdict.trim() });
        }
    }
    rows
}

/// Whether `a::b::a_test` is a function of `crates/sim/tests/it/a/b.rs`.
fn is_test(name: &str) -> bool {
    let Some((module, function)) = name.rsplit_once("::") else { return false };
    let path = format!("crates/sim/tests/it/{}.rs", module.replace("::", "/"));
    files().contains(&path) && read(&path).contains(&format!("fn {function}("))
}
