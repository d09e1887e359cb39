//! Sessions that a client drives, and one that it cannot.

use super::*;
use obmen_sim::onec::SessionMode;
use std::time::Duration;

fn visit(base: &mut Infobase, second: i64, headers: &[(&str, &str)]) -> Response {
    let mut request = Request {
        method: "GET".to_owned(),
        target: "/base/odata/standard.odata/".to_owned(),
        headers: vec![("Authorization".to_owned(), "Basic b2JtZW46c2VjcmV0".to_owned())],
        body: vec![],
    };
    request.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    base.handle(now() + jiff::SignedDuration::from_secs(second), &request)
}

fn started(base: &mut Infobase) -> String {
    let answer = visit(base, 0, &[("IBSession", "start")]);
    answer.header("Set-Cookie").unwrap().split(';').next().unwrap().to_owned()
}

#[test]
fn a_cookie_lives_as_long_as_its_session_is_used() {
    let mut base = infobase(Settings { sessions: SessionMode::Use, ..Settings::default() });
    let cookie = started(&mut base);
    for (second, status) in [(15, 200), (30, 200), (49, 200), (80, 400)] {
        assert_eq!(visit(&mut base, second, &[("Cookie", &cookie)]).status, status, "second {second}");
    }
    assert_eq!(visit(&mut base, 81, &[("Cookie", "ibsession=nonsense")]).status, 400);
}

#[test]
fn without_the_header_each_call_starts_and_ends_its_own_session() {
    let mut base = infobase(Settings { sessions: SessionMode::Use, ..Settings::default() });
    for second in 1..=3 {
        let answer = visit(&mut base, second, &[]);
        assert!(answer.header("Set-Cookie").is_none());
    }
    assert_eq!(base.counters()["sessions"], 3);
}

#[test]
fn a_client_that_never_finishes_exhausts_the_pool() {
    let mut base = infobase(Settings { sessions: SessionMode::Use, pool_size: 2, ..Settings::default() });
    let statuses: Vec<u16> = (0..3).map(|_| visit(&mut base, 0, &[("IBSession", "start")]).status).collect();
    assert_eq!(statuses, [200, 200, 406]);
}

#[test]
fn a_base_that_reuses_sessions_by_itself_ignores_the_header() {
    let mut base = plain();
    assert!(visit(&mut base, 0, &[("IBSession", "start")]).header("Set-Cookie").is_none());
    visit(&mut base, 5, &[]);
    assert_eq!(base.counters()["sessions"], 1);
}

/// How long a hundred requests take, one after another.
fn hundred(base: &mut Infobase) -> Duration {
    let mut moment = now();
    let mut whole = Duration::ZERO;
    for _ in 0..100 {
        let request = Request {
            method: "GET".to_owned(),
            target: "/base/odata/standard.odata/".to_owned(),
            headers: vec![("Authorization".to_owned(), "Basic b2JtZW46c2VjcmV0".to_owned())],
            body: vec![],
        };
        let took = base.handle(moment, &request).took;
        moment += took;
        whole += took;
    }
    whole
}

#[test]
fn a_hundred_calls_without_reuse_cost_a_hundred_starts() {
    let mut base = infobase(Settings { sessions: SessionMode::DontUse, ..Settings::default() });
    assert_eq!(hundred(&mut base), Duration::from_millis(100 * (300 + 15)));
    assert_eq!(base.counters()["sessions"], 100);
    let mut base = plain();
    assert_eq!(hundred(&mut base), Duration::from_millis(300 + 100 * 15));
    assert_eq!(base.counters()["sessions"], 1);
}

#[test]
fn each_living_session_takes_a_licence() {
    let mut base = infobase(Settings { licences: Some(2), ..Settings::default() });
    let statuses: Vec<u16> = (0..3).map(|_| visit(&mut base, 0, &[]).status).collect();
    assert_eq!(statuses, [200, 200, 500], "three at one time need three sessions");
    assert_eq!(visit(&mut base, 5, &[]).status, 200, "an idle session is taken again");
    base.act(now(), &json!({"do": "license", "free": 0})).unwrap();
    assert_eq!(visit(&mut base, 10, &[]).status, 200, "whoever has a session keeps it");
    let refused = visit(&mut base, 60, &[]);
    assert_eq!(refused.status, 500);
    assert!(String::from_utf8(refused.body).unwrap().contains("лиценз"));
    base.act(now(), &json!({"do": "license", "free": null})).unwrap();
    assert_eq!(visit(&mut base, 61, &[]).status, 200);
}

#[test]
fn sessions_of_single_calls_take_licences_until_they_are_answered() {
    let mut base =
        infobase(Settings { licences: Some(1), sessions: SessionMode::DontUse, ..Settings::default() });
    assert_eq!(visit(&mut base, 0, &[]).status, 200);
    assert_eq!(visit(&mut base, 0, &[]).status, 500);
    assert_eq!(visit(&mut base, 1, &[]).status, 200);
}

#[test]
fn the_publication_reuses_ten_sessions_for_twenty_seconds_unless_it_says_otherwise() {
    let mut base = plain();
    for _ in 0..12 {
        assert_eq!(visit(&mut base, 0, &[]).status, 200, "there is room, or a short wait");
    }
    assert_eq!(base.counters()["sessions"], 10);
    visit(&mut base, 19, &[]);
    assert_eq!(base.counters()["sessions"], 10);
    visit(&mut base, 60, &[]);
    assert_eq!(base.counters()["sessions"], 11);
    let file = json!({"do": "publish", "sessionMaxAge": 2, "poolSize": 1, "poolTimeout": 0});
    base.act(now(), &file).unwrap();
    let statuses: Vec<u16> = (0..2).map(|_| visit(&mut base, 70, &[]).status).collect();
    assert_eq!(statuses, [200, 406]);
    visit(&mut base, 75, &[]);
    assert_eq!(base.counters()["sessions"], 13, "after two seconds a session is over");
}
