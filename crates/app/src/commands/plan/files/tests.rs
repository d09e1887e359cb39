//! The three files of a plan, written to a folder and read again.

use obmen_domain::create_rule::Withheld;
use obmen_domain::plan::{LinkReason, Plan};
use obmen_domain::record::Kind;
use obmen_domain::review::{AskReason, Review, ReviewKind};

use super::*;
use crate::words::Lang;

#[test]
fn the_streamed_document_is_valid_json_with_every_step() {
    let mut bytes = Vec::new();
    write_json(&mut bytes, "main", &mut draft(3)).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(document["counts"]["link"], 3);
    assert_eq!(document["digest"], plan(3).digest().to_string());
    assert_eq!(document["waiting"][0], "bitrix24:contact:9");
    let withheld = serde_json::json!([{"record": "bitrix24:contact:8", "reason": {"unmet": "A = \"<i>\""}}]);
    assert_eq!(document["withheld"], withheld);
    assert_eq!(document["steps"].as_array().unwrap().len(), 4);
    assert_eq!(document["steps"][0]["bitrix24"][0], "contact:0");
}

#[test]
fn csv_quotes_what_would_break_a_row() {
    let mut bytes = Vec::new();
    write_csv(&mut bytes, &mut draft(1)).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let rows: Vec<&str> = text.trim_end().split("\r\n").collect();
    assert_eq!(rows.len(), 3);
    assert!(
        rows[2].ends_with("\"ask refused (refused: \"\"<b>\"\", no) bitrix24:contact:7\""),
        "{}",
        rows[2]
    );
}

#[test]
fn the_page_shows_two_hundred_rows_a_section_and_escapes_what_comes_from_outside() {
    let mut bytes = Vec::new();
    write_html(&mut bytes, "main", &mut draft(250), &Words::new(Lang::En)).unwrap();
    let page = String::from_utf8(bytes).unwrap();
    assert_eq!(page.matches("<li>link").count(), 200);
    assert!(page.contains("and 50 more"), "{page}");
    assert!(page.contains("&lt;b&gt;") && !page.contains("<b>"));
    assert!(page.contains("bitrix24:contact:8") && page.contains("&lt;i&gt;") && !page.contains("<i>"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let written = write(folder.path(), "main", &mut draft(1), &Words::new(Lang::Ru)).unwrap();
    assert_eq!(written.len(), 3);
    for file in written {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

fn draft(links: usize) -> Draft {
    Draft::of(plan(links)).unwrap()
}

fn plan(links: usize) -> Plan {
    let mut steps: Vec<Step> = (0..links)
        .map(|number| Step::Link {
            bitrix24: RecordId::bitrix24(Kind::Contact, number.to_string()),
            onec: RecordId::onec(Kind::Contact, &format!("ref-{number}")),
            reason: LinkReason::Inn,
        })
        .collect();
    steps.push(Step::Ask(Review {
        kind: ReviewKind::Refused,
        party: Kind::Contact,
        records: vec![RecordId::bitrix24(Kind::Contact, "7")],
        fields: Vec::new(),
        reason: AskReason::SideRefused("\"<b>\", no".to_owned()),
    }));
    let withheld = (RecordId::bitrix24(Kind::Contact, "8"), Withheld::Unmet("A = \"<i>\"".to_owned()));
    Plan { steps, waiting: vec![RecordId::bitrix24(Kind::Contact, "9")], withheld: vec![withheld] }
}
