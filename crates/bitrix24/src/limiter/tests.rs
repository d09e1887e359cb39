//! The limiter against the portal's own counting, step by step and by properties.

use proptest::prelude::*;

use super::*;

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + milliseconds).unwrap()
}

fn observed(method: &'static str, seconds: f64) -> Observed {
    Observed { method, units: 1.0, seconds: Some(seconds), operating: None, reset_at: None }
}

#[test]
fn the_bucket_is_never_filled_to_its_brim() {
    let mut limiter = Limiter::new(Limits::default());
    let sent = (0..60).filter(|_| limiter.reserve(at(0), &[("profile", 0.02)]).is_ok()).count();
    assert_eq!(sent, 45);
    let until = limiter.reserve(at(0), &[("profile", 0.02)]).unwrap_err();
    assert!(until > at(400) && until < at(600), "one drains in half a second");
    assert!(limiter.reserve(until, &[("profile", 0.02)]).is_ok());
}

#[test]
fn a_method_waits_for_its_window_and_others_do_not() {
    let mut limiter = Limiter::new(Limits::default());
    for _ in 0..10 {
        let ticket = limiter.reserve(at(0), &[("crm.contact.add", 45.0)]).unwrap();
        let _ = limiter.settle(&ticket, at(10_000), &[observed("crm.contact.add", 45.0)]);
    }
    let until = limiter.reserve(at(20_000), &[("crm.contact.add", 45.0)]).unwrap_err();
    assert!(until > at(610_000) && until <= at(620_000), "{until}");
    assert!(limiter.reserve(at(20_000), &[("crm.contact.list", 4.0)]).is_ok());
    assert!(limiter.reserve(until, &[("crm.contact.add", 45.0)]).is_ok());
}

#[test]
fn a_restart_remembers_what_was_only_reserved() {
    let limits = Limits::default();
    let mut limiter = Limiter::new(limits);
    let mut kept = limiter.state();
    while limiter.reserve(at(0), &[("crm.contact.add", 45.0)]).is_ok() {
        kept = limiter.state();
    }
    let mut restarted = Limiter::restore(limits, &kept, at(1000));
    assert!(restarted.reserve(at(1000), &[("crm.contact.add", 45.0)]).is_err());
    assert!(restarted.reserve(at(600_000), &[("crm.contact.add", 45.0)]).is_err(), "it may have run late");
    assert!(restarted.reserve(at(676_000), &[("crm.contact.add", 45.0)]).is_ok());
}

#[test]
fn unreadable_state_counts_as_a_full_bucket() {
    let mut limiter = Limiter::restore(Limits::default(), "no JSON", at(0));
    assert!(limiter.reserve(at(0), &[("profile", 0.02)]).is_err());
}

#[test]
fn estimates_grow_at_once_and_shrink_slowly() {
    let mut limiter = Limiter::new(Limits::default());
    let ticket = limiter.reserve(at(0), &[("crm.contact.add", 0.25)]).unwrap();
    assert!(limiter.settle(&ticket, at(900), &[observed("crm.contact.add", 0.9)]), "more than was reserved");
    assert_eq!(limiter.estimate("crm.contact.add", 2.0), 1.8);
    let ticket = limiter.reserve(at(1000), &[("crm.contact.add", 0.9)]).unwrap();
    assert!(!limiter.settle(&ticket, at(1500), &[observed("crm.contact.add", 0.4)]));
    assert!((limiter.estimate("crm.contact.add", 1.0) - 0.8).abs() < 1e-9);
}

#[test]
fn what_the_portal_counted_beyond_ours_is_counted_too() {
    let mut limiter = Limiter::new(Limits::default());
    let ticket = limiter.reserve(at(0), &[("crm.contact.list", 0.08)]).unwrap();
    let foreign = Observed { operating: Some(470.0), ..observed("crm.contact.list", 0.08) };
    assert!(limiter.settle(&ticket, at(100), &[foreign]));
    assert!(limiter.reserve(at(200), &[("crm.contact.list", 10.0)]).is_err());
}

#[test]
fn what_is_used_up_is_told_with_what_others_used() {
    let limits = Limits::default();
    let mut limiter = Limiter::new(limits);
    let ticket = limiter.reserve(at(0), &[("crm.contact.list", 0.1)]).unwrap();
    let counted = Observed { operating: Some(30.0), ..observed("crm.contact.list", 10.0) };
    let _ = limiter.settle(&ticket, at(1000), &[counted]);
    let ticket = limiter.reserve(at(1000), &[("crm.contact.add", 5.0)]).unwrap();
    let _ = limiter.settle(&ticket, at(1000), &[observed("crm.contact.add", 5.0)]);

    let told = usage(limits, &limiter.state(), at(1000));
    assert_eq!((told.requests, told.requests_used, told.refused_until), (50.0, 1.0, None));
    let method =
        |name: &str, used, by_others, left| MethodUsage { method: name.to_owned(), used, by_others, left };
    assert_eq!(
        told.methods,
        [method("crm.contact.list", 30.0, 20.0, 450.0), method("crm.contact.add", 5.0, 0.0, 475.0)]
    );
    let ticket = limiter.reserve(at(1000), &[("profile", 0.02)]).unwrap();
    let until = limiter.refused(&ticket, at(1000));
    assert_eq!(usage(limits, &limiter.state(), at(1000)).refused_until, Some(until));
    let later = usage(limits, &limiter.state(), at(700_000));
    assert_eq!((later.requests_used, later.methods, later.refused_until), (0.0, Vec::new(), None));
}

#[test]
fn refusals_make_pauses() {
    let mut limiter = Limiter::new(Limits::default());
    let ticket = limiter.reserve(at(0), &[("crm.contact.list", 0.08)]).unwrap();
    let first = limiter.refused(&ticket, at(0));
    assert_eq!(first, at(1000));
    assert!(limiter.reserve(at(500), &[("crm.contact.list", 0.08)]).is_err());
    let until = limiter.refused_method("crm.contact.add", at(5000));
    assert_eq!(until, at(65_000));
    assert_eq!(limiter.reserve(at(6000), &[("crm.contact.add", 0.25)]), Err(until));
    assert!(limiter.reserve(at(6000), &[("crm.contact.list", 0.08)]).is_ok());
}

/// The portal's own rule, written from its documentation: a bucket that drains, and ten buckets of execution time a
/// method, each begun by the first call after the one before ended, each gone a window later.
struct Portal {
    limits: Limits,
    level: f64,
    seen: Timestamp,
    spent: BTreeMap<&'static str, Vec<(Timestamp, f64)>>,
}

impl Portal {
    fn new(limits: Limits) -> Self {
        Self { limits, level: 0.0, seen: at(0), spent: BTreeMap::new() }
    }

    /// Whether the request and all its calls were let in.
    fn request(&mut self, now: Timestamp, calls: &[(&'static str, f64)]) -> bool {
        let passed = now.duration_since(self.seen).as_secs_f64().max(0.0);
        self.level = (self.level - passed * self.limits.per_second).max(0.0) + 1.0;
        self.seen = self.seen.max(now);
        let mut admitted = self.level <= self.limits.burst;
        for (method, seconds) in calls {
            let buckets = self.spent.entry(method).or_default();
            buckets.retain(|(start, _)| later(*start, self.limits.window_seconds) > now);
            admitted &= buckets.iter().map(|(_, spent)| spent).sum::<f64>() < self.limits.execution_seconds;
            match buckets.last_mut() {
                Some((start, sum)) if later(*start, self.limits.window_seconds / 10.0) > now => {
                    *sum += seconds
                }
                _ => buckets.push((now, *seconds)),
            }
        }
        admitted
    }
}

#[derive(Debug, Clone)]
struct Traffic {
    gap_ms: i64,
    method: &'static str,
    calls: u8,
    real: f64,
    way_ms: i64,
    fate: Fate,
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Answered,
    ReplyLost,
    Crash,
}

fn traffic() -> impl Strategy<Value = Traffic> {
    let method = prop_oneof![Just("crm.contact.add"), Just("crm.contact.list"), Just("crm.company.update")];
    let fate = prop_oneof![8 => Just(Fate::Answered), 1 => Just(Fate::ReplyLost), 1 => Just(Fate::Crash)];
    let gap = prop_oneof![4 => 0_i64..50, 2 => 0_i64..3000, 1 => 0_i64..200_000];
    (gap, method, 1_u8..50, 0.5_f64..1.0, 0_i64..2000, fate).prop_map(
        |(gap_ms, method, calls, real, way_ms, fate)| Traffic { gap_ms, method, calls, real, way_ms, fate },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_traffic_never_meets_a_limit(traffic in prop::collection::vec(traffic(), 1..400)) {
        let limits = Limits { execution_seconds: 60.0, window_seconds: 100.0, ..Limits::default() };
        let mut portal = Portal::new(limits);
        let mut limiter = Limiter::new(limits);
        let mut now = at(0);
        for step in traffic {
            now = later(now, step.gap_ms as f64 / 1000.0);
            let estimate = limiter.estimate(step.method, f64::from(step.calls));
            let mut turns = 0;
            let ticket = loop {
                match limiter.reserve(now, &[(step.method, estimate)]) {
                    Ok(ticket) => break ticket,
                    Err(until) => {
                        prop_assert!(until > now, "waiting leads somewhere");
                        now = until;
                    }
                }
                turns += 1;
                prop_assert!(turns < 1000);
            };
            let kept = limiter.state();
            let real = first_estimate(step.method) * f64::from(step.calls) * step.real;
            let arrival = later(now, step.way_ms as f64 / 1000.0);
            prop_assert!(portal.request(arrival, &[(step.method, real)]), "refused at {arrival}");
            now = later(arrival, real);
            match step.fate {
                Fate::Answered => {
                    let seen = Observed { units: f64::from(step.calls), ..observed(step.method, real) };
                    let _ = limiter.settle(&ticket, now, &[seen]);
                }
                Fate::ReplyLost => {}
                Fate::Crash => limiter = Limiter::restore(limits, &kept, now),
            }
        }
    }
}
