//! The page of a small made-up plan, in both languages.

use obmen_domain::plan::Plan;
use obmen_domain::record::Side;

use super::*;
use crate::commands::plan::made::{HOSTILE, plan, records, reference};
use crate::commands::plan::outlook::{Habits, remarks};
use crate::commands::plan::read_steps;
use crate::forecast::{Binding, Forecast};
use crate::words::Lang;
use obmen_engine::draft::Draft;

#[test]
fn a_page_in_russian_says_what_would_happen_and_shows_both_sides() {
    insta::assert_snapshot!(body(&page(plan(1), Lang::Ru)));
}

#[test]
fn a_page_in_english_says_what_would_happen_and_shows_both_sides() {
    insta::assert_snapshot!(body(&page(plan(1), Lang::En)));
}

#[test]
fn a_section_shows_two_hundred_rows_and_says_how_many_more_there_are() {
    let page = page(plan(500), Lang::Ru);
    let links = section(&page, "link");
    assert_eq!(links.matches("<article>").count(), 200);
    assert!(links.contains("… и ещё 300"), "{links}");
    assert!(page.contains("<td><a href=\"#link\">Связать записи</a></td><td>500</td>"));
    assert!(!section(&page, "unlink").contains("и ещё"));
}

#[test]
fn a_record_that_gets_nothing_but_an_id_is_counted_and_takes_no_row() {
    let page = page(plan(1), Lang::Ru);
    let updates = section(&page, "update-onec");
    assert_eq!(updates.matches("<article>").count(), 0);
    assert!(updates.contains("Ещё в 1 запись запишется только код другой стороны."), "{updates}");
}

#[test]
fn nothing_that_comes_from_outside_is_taken_for_markup() {
    let page = page(plan(1), Lang::Ru);
    assert!(page.contains("&#60;b&#62;&#34;О&#39;Генри&#34; &#38; Ко&#60;/b&#62;"), "{page}");
    for forbidden in ["<b>\"", HOSTILE, "<i>", "\"<b>\""] {
        assert!(!page.contains(forbidden), "{forbidden}: {page}");
    }
}

#[test]
fn a_page_asks_for_nothing_beside_itself() {
    let page = page(plan(1), Lang::En);
    for asked in ["<script", "<link", "<img", " src=", "url(", "@import"] {
        assert!(!page.contains(asked), "{asked}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn an_empty_plan_says_so_and_has_no_sections() {
    let page = page(Plan::default(), Lang::En);
    assert!(page.contains("Nothing to do: both sides agree."), "{page}");
    assert!(!page.contains("<details"));
}

/// The page of a plan whose records are known.
fn page(plan: Plan, lang: Lang) -> String {
    let words = Words::new(lang);
    let mut draft = Draft::of(plan).unwrap();
    let (excerpt, new_counterparties) = read_steps(&mut draft).unwrap();
    let forecast = Forecast {
        seconds: 700.0,
        requests: 1234,
        execution_seconds: 56.7,
        onec_seconds: 8.0,
        binding: Binding::Execution,
    };
    let counts = draft.counts();
    let cards = |id: &RecordId, _: Option<Catalog>| {
        (id.side == Side::Bitrix24)
            .then(|| format!("https://x.example/crm/{}/details/{}/", id.kind.word(), id.id))
    };
    let told = Told {
        pair: "main",
        at: "2026-03-02T09:05:00Z".parse().unwrap(),
        digest: "0123abcd".to_owned(),
        counts,
        remarks: &remarks(&counts, &forecast, new_counterparties, &Habits::default(), &words),
        excerpt: &excerpt,
        left_out: &LeftOut::read(&mut draft, ROWS, &words).unwrap(),
        known: &Known::of(records(), &[("7", "Анна Иванова")]),
        cards: &cards,
    };
    let mut bytes = Vec::new();
    write(&mut bytes, &told, &words).unwrap();
    let page = String::from_utf8(bytes).unwrap();
    assert!(page.contains(&reference(12)) || counts.link == 0);
    page
}

/// What readers see, without the style.
fn body(page: &str) -> &str {
    page.split_once("<body>").unwrap().1
}

fn section<'a>(page: &'a str, anchor: &str) -> &'a str {
    let begun = page.split_once(&format!("<details open id=\"{anchor}\">")).unwrap().1;
    begun.split_once("</details>").unwrap().0
}
