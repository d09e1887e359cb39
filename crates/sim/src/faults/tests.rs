//! Rules over lists of requests.

use super::*;

#[test]
fn a_rule_lets_some_pass_then_strikes_and_is_used_up() {
    let mut faults = with(r#"[{"match":"add","kind":"reset_after","after":1,"times":2}]"#);
    let verdicts: Vec<_> =
        ["/add", "/list", "/add", "/add", "/add"].map(|target| faults.decide(&request(target, ""))).into();
    let expected = [Verdict::Pass, Verdict::Pass, Verdict::ResetAfter, Verdict::ResetAfter, Verdict::Pass];
    assert_eq!(verdicts, expected);
    assert!(faults.rules().is_empty());
}

#[test]
fn a_rule_looks_into_the_body_too() {
    let mut faults = with(r#"[{"match":"crm.item.batchImport","kind":"late","seconds":2.5}]"#);
    assert_eq!(faults.decide(&request("/batch", "crm.item.add")), Verdict::Pass);
    let verdict = faults.decide(&request("/batch", r#"{"cmd":["crm.item.batchImport?x"]}"#));
    assert_eq!(verdict, Verdict::Late(Duration::from_millis(2500)));
}

#[test]
fn a_rule_may_want_a_verb() {
    let mut faults = with(r#"[{"method":"patch","kind":"status","status":502}]"#);
    assert_eq!(faults.decide(&request("/set", "")), Verdict::Pass);
    let patch = Request { method: "PATCH".to_owned(), ..request("/set", "") };
    assert_eq!(faults.decide(&patch), Verdict::Page(502));
    assert_eq!(faults.decide(&patch), Verdict::Pass, "it strikes once, like every rule without a number");
}

#[test]
fn each_kind_has_its_verdict_and_the_log_knows_it_by_the_same_word() {
    let second = Duration::from_secs(1);
    for (kind, verdict) in [
        ("refuse", Verdict::Refuse),
        ("status", Verdict::Page(503)),
        ("html", Verdict::Page(200)),
        ("reset_before", Verdict::ResetBefore),
        ("reset_after", Verdict::ResetAfter),
        ("cut", Verdict::Cut),
        ("slow", Verdict::Slow(second)),
        ("late", Verdict::Late(second)),
        ("empty_page", Verdict::EmptyPage),
    ] {
        let struck = with(&format!(r#"[{{"kind":"{kind}"}}]"#)).decide(&request("/", ""));
        assert_eq!((struck, struck.word()), (verdict, kind));
    }
    assert_eq!(with(r#"[{"kind":"error500"}]"#).decide(&request("/", "")), Verdict::Page(500));
}

#[test]
fn a_share_strikes_about_as_often_as_it_says_and_has_no_end() {
    let mut faults = with(r#"[{"share":0.02,"seed":5,"kind":"reset_after"}]"#);
    let struck = (0..10_000).filter(|_| faults.decide(&request("/", "")) == Verdict::ResetAfter).count();
    assert!((150..=250).contains(&struck), "{struck} of 10000");
    assert_eq!(faults.rules().len(), 1);
}

#[test]
fn the_same_seed_over_the_same_requests_gives_the_same_faults() {
    let struck = |seed: u64| {
        let mut faults = with(&format!(r#"[{{"match":"add","share":0.3,"seed":{seed},"kind":"refuse"}}]"#));
        let decide = |place: usize| {
            faults.decide(&request(if place.is_multiple_of(3) { "/list" } else { "/add" }, ""))
        };
        (0..200).map(decide).collect::<Vec<_>>()
    };
    assert_eq!(struck(7), struck(7));
    assert_ne!(struck(7), struck(8));
    assert!(struck(7).iter().step_by(3).all(|verdict| *verdict == Verdict::Pass), "lists do not match");
}

#[test]
fn two_rules_of_one_seed_draw_apart() {
    let mut faults = with(r#"[{"share":0.5,"kind":"refuse"},{"share":0.5,"kind":"html"}]"#);
    let verdicts: Vec<_> = (0..400).map(|_| faults.decide(&request("/", ""))).collect();
    let count = |wanted: Verdict| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    assert!((150..250).contains(&count(Verdict::Refuse)), "{verdicts:?}");
    assert!((60..140).contains(&count(Verdict::Page(200))), "half of what the first rule left: {verdicts:?}");
}

#[test]
fn a_share_may_begin_later_and_be_used_up() {
    let mut faults = with(r#"[{"share":1,"after":2,"times":3,"kind":"refuse"}]"#);
    let struck: Vec<_> = (0..8).map(|_| faults.decide(&request("/", "")) == Verdict::Refuse).collect();
    assert_eq!(struck, [false, false, true, true, true, false, false, false]);
}

#[test]
fn late_requests_come_out_in_the_order_of_their_times() {
    let mut faults = Faults::default();
    let at = |second| Timestamp::from_second(second).unwrap();
    for (second, target) in [(30, "/c"), (10, "/a"), (20, "/b")] {
        faults.hold(at(second), request(target, ""));
    }
    assert_eq!(faults.next_due(), Some(at(10)));
    let due: Vec<_> = faults.take_due(at(20)).into_iter().map(|(_, request)| request.target).collect();
    assert_eq!(due, ["/a", "/b"]);
    assert_eq!(faults.next_due(), Some(at(30)));
}

#[test]
fn a_misspelt_rule_is_refused_in_words() {
    for (text, words) in [
        (r#"[{"kind":"late","second":1}]"#, "unknown field `second`"),
        (r#"[{"kind":"lost"}]"#, "unknown variant `lost`"),
        (r#"[{"kind":"refuse","share":2}]"#, "share is not from 0 to 1"),
        (r#"[{"kind":"status","status":302}]"#, "status is not from 400 to 599"),
        (r#"[{"kind":"slow","seconds":-1}]"#, "seconds are not a length of time"),
    ] {
        let error = serde_json::from_str::<Vec<Rule>>(text).unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn what_is_left_of_a_rule_reads_as_a_rule() {
    let mut faults = with(r#"[{"match":"a","kind":"slow","times":3,"seconds":4}]"#);
    faults.decide(&request("/a", ""));
    let shown = serde_json::to_string(&faults.rules()).unwrap();
    let again: Vec<Rule> = serde_json::from_str(&shown).unwrap();
    assert_eq!((again[0].times, again[0].kind, again[0].seconds), (Some(2), Kind::Slow, 4.0));
}

fn with(text: &str) -> Faults {
    let mut faults = Faults::default();
    faults.set_rules(serde_json::from_str(text).unwrap());
    faults
}

fn request(target: &str, body: &str) -> Request {
    Request {
        method: "POST".to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    }
}
