//! Systems that do not let obmen in, or not far enough: a sentence, a remedy, exit code 1, and no secret shown.

use obmen_sim::onec::Composition;

use crate::bench::{Bench, Outcome};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_told_with_its_remedy() {
    let bench = Bench::with_people(5, 2).await;
    bench.configure(|text| text.replace("password = \"geheim\"", "password = \"falsch\""));
    for command in ["check", "plan", "sync"] {
        let outcome = bench.run(&[command]).await;
        assert_said(&outcome, "wrong user name or password");
        assert_said(&outcome, "Check user and password");
        assert!(!all(&outcome).contains("falsch"), "{outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_webhook_secret_is_told_with_its_remedy() {
    let bench = Bench::with_people(5, 2).await;
    bench.configure(|text| text.replace("/rest/1/geheim/", "/rest/1/falsch/"));
    let outcome = bench.run(&["sync"]).await;
    assert_said(&outcome, "does not let this webhook in");
    assert_said(&outcome, "Check webhook_url");
    assert!(!all(&outcome).contains("falsch"), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_composition_is_told_with_the_menu_of_1c() {
    let bench = Bench::with_people(5, 2).await;
    bench.onec.world.lock().unwrap().settings_mut().composition = Composition::Sets([].into());
    let outcome = bench.run(&["check"]).await;
    assert_said(&outcome, "Catalog_Контрагенты");
    assert_said(&outcome, "УстановитьСоставСтандартногоИнтерфейсаOData");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_may_not_see_everything_stops_the_sync_unless_nothing_is_created() {
    let bench = Bench::with_people(30, 8).await;
    bench.run(&["setup"]).await;
    bench.bitrix24.world.lock().unwrap().settings_mut().admin = false;
    let outcome = bench.run(&["sync"]).await;
    assert_said(&outcome, "--partial-rights");
    let (_, report) = bench.run_json(&["sync", "--partial-rights"]).await;
    assert!(report["linked"].as_u64().unwrap() > 0, "{report}");
    assert_eq!((&report["created_bitrix24"], &report["created_onec"]), (&0.into(), &0.into()), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_field_leads_to_setup() {
    let bench = Bench::with_people(5, 2).await;
    let outcome = bench.run(&["plan"]).await;
    assert_said(&outcome, "UF_CRM_1C_CONTACT_ID");
    assert_said(&outcome, "Run obmen setup");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn systems_that_cannot_be_reached_are_told_apart() {
    let bench = Bench::with_people(5, 2).await;
    // Port 9 of this machine has no listener.
    bench.configure(|text| text.replace(&bench.onec.url(), "http://127.0.0.1:9"));
    let outcome = bench.run(&["check"]).await;
    assert_said(&outcome, "1C, problem: the base does not answer");
    assert_said(&outcome, "Bitrix24, good: the portal answers");
}

fn assert_said(outcome: &Outcome, words: &str) {
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(all(outcome).contains(words), "{words} is missing: {outcome:?}");
}

fn all(outcome: &Outcome) -> String {
    format!("{}{}", outcome.stdout, outcome.stderr)
}
