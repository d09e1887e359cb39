//! The three files of a plan, written to a folder and read again.

use std::collections::BTreeMap;

use obmen_domain::record::{Catalog, RecordId};
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::commands::plan::made::{plan, reference, store};
use crate::commands::plan::{LeftOut, ROWS, read_steps};
use crate::words::Lang;

#[tokio::test]
async fn the_document_is_valid_json_with_every_step_its_names_and_its_values() {
    let (_folder, files) = written(3, Lang::Ru).await;
    let document: Value = serde_json::from_str(&files["plan.json"]).unwrap();
    assert_eq!(document["pair"], "main");
    assert_eq!(document["counts"]["link"], 3);
    assert_eq!(document["digest"], plan(3).digest().to_string());
    assert_eq!(document["waiting"][0], "bitrix24:contact:9");
    let withheld =
        serde_json::json!([{"record": "bitrix24:contact:8", "reason": {"unmet": "TYPE = \"<i>\""}}]);
    assert_eq!(document["withheld"], withheld);
    let steps = document["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 9);
    assert_eq!((&steps[0]["bitrix24"][0], &steps[0]["reason"]), (&"contact:12".into(), &"phone".into()));
    assert_eq!(steps[0]["names"]["contact:12"], "Петров Иван");
    let kept =
        serde_json::json!({"field": "mutual-id", "before": "", "after": reference(12), "reason": "keeps-id"});
    assert_eq!(steps[4]["fields"][1], kept);
    assert_eq!(steps[8]["reason"], serde_json::json!({"side-refused": "\"<b>\", no"}));
}

#[tokio::test]
async fn the_table_has_a_row_a_step_and_a_row_a_field_that_is_written() {
    let (_folder, files) = written(1, Lang::Ru).await;
    insta::assert_snapshot!(files["plan.csv"].trim_start_matches('\u{feff}').replace("\r\n", "\n"));
}

#[tokio::test]
async fn a_spreadsheet_finds_its_own_separator_and_computes_nothing() {
    for (lang, separator) in [(Lang::Ru, b';'), (Lang::En, b',')] {
        let (_folder, files) = written(1, lang).await;
        let text = files["plan.csv"].strip_prefix('\u{feff}').unwrap();
        let rows: Vec<csv::StringRecord> = csv::ReaderBuilder::new()
            .delimiter(separator)
            .from_reader(text.as_bytes())
            .records()
            .map(Result::unwrap)
            .collect();
        assert!(rows.len() > 5);
        assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{text}");
        assert!(text.contains("'=Сидорова") && text.contains("'+79160000001"), "{text}");
    }
}

#[tokio::test]
async fn a_plan_of_many_portions_loses_no_step() {
    let (_folder, files) = written(5000, Lang::En).await;
    let document: Value = serde_json::from_str(&files["plan.json"]).unwrap();
    assert_eq!(document["steps"].as_array().unwrap().len(), 5006);
    assert_eq!(files["plan.csv"].matches("\r\nlink,").count(), 5000);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, files) = written(1, Lang::Ru).await;
    assert_eq!(files.len(), 3);
    for name in files.keys() {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// The files of a plan with so many links, by their names. One of them stood there before, for everybody to read.
async fn written(links: usize, lang: Lang) -> (TempDir, BTreeMap<String, String>) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plan.csv"), "old").unwrap();
    let words = Words::new(lang);
    let mut draft = Draft::of(plan(links)).unwrap();
    let (store, users) = store().await;
    let told = Told {
        pair: "main",
        at: "2026-03-02T09:05:00Z".parse().unwrap(),
        digest: draft.digest().to_string(),
        counts: draft.counts(),
        remarks: &[],
        excerpt: &read_steps(&mut draft).unwrap().0,
        left_out: &LeftOut::read(&mut draft, ROWS, &words).unwrap(),
        known: &Known::default(),
        cards: &|_: &RecordId, _: Option<Catalog>| None,
    };
    let paths = write(folder.path(), &told, &mut draft, store.as_ref(), &users, &words).await.unwrap();
    let read = |path: &String| {
        let name = Path::new(path).file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    let files = paths.iter().map(read).collect();
    (folder, files)
}
