//! Sessions of the publication: each costs a start, idle ones are reused, and the pool has an end.
//!
//! A request holds its session until its answer is sent, so overlapping requests need several, and each session takes
//! a licence while it lives. Time comes from the caller; what this decides is only how long a request waits and whether it is let in.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::settings::{Fault, SessionMode, Settings};

/// The sessions that live.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    pool: Vec<Session>,
    /// Sessions of single requests, by the moment they end at.
    singles: Vec<Timestamp>,
    started: u64,
}

#[derive(Debug)]
struct Session {
    id: Uuid,
    /// When its present request is answered; afterwards it is idle.
    free_at: Timestamp,
}

/// What the client said about sessions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wish<'a> {
    /// The `IBSession` header.
    pub(crate) header: Option<&'a str>,
    /// The `ibsession` cookie.
    pub(crate) cookie: Option<&'a str>,
}

/// A request that is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Admission {
    /// The session to hold, where it outlives the request.
    pub(crate) session: Option<Uuid>,
    /// What waiting and starting cost.
    pub(crate) delay: Duration,
    /// Whether the client is told the session's id.
    pub(crate) shown: bool,
    /// Whether the session ends with this request.
    pub(crate) finishes: bool,
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turned {
    PoolExhausted,
    UnknownSession,
    NoLicence,
}

impl Sessions {
    /// How many sessions were started since the counter was reset.
    pub(crate) fn started(&self) -> u64 {
        self.started
    }

    pub(crate) fn reset_counter(&mut self) {
        self.started = 0;
    }

    pub(crate) fn admit(
        &mut self,
        now: Timestamp,
        settings: &Settings,
        wish: Wish<'_>,
    ) -> Result<Admission, Turned> {
        self.pool.retain(|session| after(session.free_at, settings.session_idle) > now);
        self.singles.retain(|end| *end > now);
        match settings.sessions {
            SessionMode::DontUse => self.start_single(settings),
            SessionMode::AutoUse => self.pooled(now, settings),
            SessionMode::Use => self.by_wish(now, settings, wish),
        }
    }

    /// Gives the session back at the moment the answer is sent.
    pub(crate) fn release(&mut self, admission: &Admission, free_at: Timestamp) {
        let Some(id) = admission.session else {
            self.singles.push(free_at);
            return;
        };
        if admission.finishes {
            self.pool.retain(|session| session.id != id);
        } else if let Some(session) = self.pool.iter_mut().find(|session| session.id == id) {
            session.free_at = session.free_at.max(free_at);
        }
    }

    fn pooled(&mut self, now: Timestamp, settings: &Settings) -> Result<Admission, Turned> {
        let earliest = self
            .pool
            .iter()
            .min_by_key(|session| session.free_at)
            .map(|session| (session.id, session.free_at));
        if let Some((id, free_at)) = earliest
            && free_at <= now
        {
            return Ok(Admission { session: Some(id), delay: Duration::ZERO, shown: false, finishes: false });
        }
        if self.pool.len() < settings.pool_size {
            let id = self.start(now, settings)?;
            return Ok(Admission {
                session: Some(id),
                delay: settings.session_start,
                shown: false,
                finishes: false,
            });
        }
        let (id, free_at) = earliest.ok_or(Turned::PoolExhausted)?;
        let wait = Duration::try_from(free_at.duration_since(now)).unwrap_or_default();
        if wait > settings.pool_timeout {
            return Err(Turned::PoolExhausted);
        }
        Ok(Admission { session: Some(id), delay: wait, shown: false, finishes: false })
    }

    fn by_wish(&mut self, now: Timestamp, settings: &Settings, wish: Wish<'_>) -> Result<Admission, Turned> {
        let finishes = wish.header == Some("finish");
        if let Some(cookie) = wish.cookie {
            let id = Uuid::try_parse(cookie).ok();
            let known =
                self.pool.iter().find(|session| Some(session.id) == id).ok_or(Turned::UnknownSession)?;
            return Ok(Admission { session: Some(known.id), delay: Duration::ZERO, shown: false, finishes });
        }
        if wish.header != Some("start") {
            return self.start_single(settings);
        }
        if self.pool.len() >= settings.pool_size {
            return Err(Turned::PoolExhausted);
        }
        let id = self.start(now, settings)?;
        Ok(Admission { session: Some(id), delay: settings.session_start, shown: true, finishes: false })
    }

    fn start(&mut self, now: Timestamp, settings: &Settings) -> Result<Uuid, Turned> {
        self.count_start(settings)?;
        let stamp = format!("session:{}:{}", now.as_nanosecond(), self.pool.len());
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, stamp.as_bytes());
        self.pool.push(Session { id, free_at: now });
        Ok(id)
    }

    fn start_single(&mut self, settings: &Settings) -> Result<Admission, Turned> {
        self.count_start(settings)?;
        Ok(Admission { session: None, delay: settings.session_start, shown: false, finishes: false })
    }

    fn count_start(&mut self, settings: &Settings) -> Result<(), Turned> {
        let alive = self.pool.len() + self.singles.len();
        if settings.fault == Some(Fault::NoLicence) || settings.licences.is_some_and(|free| alive >= free) {
            return Err(Turned::NoLicence);
        }
        self.started += 1;
        Ok(())
    }
}

fn after(moment: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|span| moment.checked_add(span).ok())
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_pool_makes_wait_and_then_refuses() {
        let settings = Settings { pool_size: 1, ..Settings::default() };
        let mut sessions = Sessions::default();
        let first = admit(&mut sessions, &settings, 0).unwrap();
        assert_eq!(first.delay, settings.session_start);
        sessions.release(&first, at(4));
        let second = admit(&mut sessions, &settings, 1).unwrap();
        assert_eq!(second.delay, Duration::from_secs(3));
        sessions.release(&second, at(9));
        assert_eq!(admit(&mut sessions, &settings, 2), Err(Turned::PoolExhausted));
    }

    #[test]
    fn an_idle_session_is_reused_for_twenty_seconds() {
        let settings = Settings::default();
        let mut sessions = Sessions::default();
        let first = admit(&mut sessions, &settings, 0).unwrap();
        sessions.release(&first, at(1));
        assert_eq!(admit(&mut sessions, &settings, 20).unwrap().delay, Duration::ZERO);
        assert_eq!(admit(&mut sessions, &settings, 21).unwrap().delay, settings.session_start);
        assert_eq!(sessions.started(), 2);
    }

    fn admit(sessions: &mut Sessions, settings: &Settings, second: i64) -> Result<Admission, Turned> {
        sessions.admit(at(second), settings, Wish::default())
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }
}
