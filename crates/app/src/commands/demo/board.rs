//! What people did, and what became of it: a line for each change that arrived, and the figures of the end.
//!
//! Times are real ones, from the moment somebody pressed «save» to the moment the other side had confirmed the write.
//! Not responsible for writes whose answer never came: their effect shows when the sides are compared.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use obmen_domain::record::{RecordId, Side};
use obmen_engine::ports::{Clock as _, WriteSort};
use obmen_engine::progress::{Progress, Stage, Wrote};
use serde::Serialize;

use super::users::{Act, Deed};
use crate::clock::SystemClock;
use crate::words::Words;

/// The board on which acts and writes meet.
pub(super) struct Board {
    clock: Arc<SystemClock>,
    words: Arc<Words>,
    tell: Box<dyn Fn(&str) + Send + Sync>,
    noted: Mutex<Noted>,
}

#[derive(Default)]
struct Noted {
    waiting: BTreeMap<(Side, String), Waiting>,
    /// Seconds that changes took, by the side they were carried to.
    lags: BTreeMap<Side, Vec<f64>>,
    acts: u64,
    creates: u64,
    updates: u64,
    ids: u64,
}

/// What somebody did to a record and what has not arrived yet.
struct Waiting {
    since: Timestamp,
    name: String,
    deeds: Vec<Deed>,
}

/// The figures of the live exchange.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Figures {
    /// What people did.
    pub(super) changes: u64,
    /// Records that obmen created and changed, ids that were written back left out.
    pub(super) created: u64,
    pub(super) updated: u64,
    /// Writes of nothing but the id of the other side.
    pub(super) ids_written_back: u64,
    /// How long changes took into Bitrix24 and into 1C.
    pub(super) into_bitrix24: Lags,
    pub(super) into_onec: Lags,
}

/// How long changes took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Lags {
    pub(super) count: usize,
    pub(super) median: f64,
    pub(super) p99: f64,
}

impl Lags {
    fn of(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        let at = |percent: usize| seconds.get((seconds.len().saturating_sub(1)) * percent / 100).copied();
        Self { count: seconds.len(), median: at(50).unwrap_or(0.0), p99: at(99).unwrap_or(0.0) }
    }
}

impl Board {
    /// An empty board; `tell` is given a line for each change that arrived.
    pub(super) fn new(
        clock: Arc<SystemClock>,
        words: Arc<Words>,
        tell: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        Self { clock, words, tell: Box::new(tell), noted: Mutex::default() }
    }

    /// Somebody did something.
    pub(super) fn act(&self, act: &Act) {
        let since = self.clock.now();
        let mut noted = self.noted();
        noted.acts += 1;
        let key = (act.side, act.id.clone());
        if act.deed == Deed::Deleted {
            noted.waiting.remove(&key);
            drop(noted);
            self.print("demo-asked", act.side, &act.name, &[act.deed], None);
            return;
        }
        let waiting =
            noted.waiting.entry(key).or_insert(Waiting { since, name: act.name.clone(), deeds: Vec::new() });
        if !waiting.deeds.contains(&act.deed) {
            waiting.deeds.push(act.deed);
        }
    }

    /// What was counted.
    pub(super) fn figures(&self) -> Figures {
        let mut noted = self.noted();
        let mut lags = std::mem::take(&mut noted.lags);
        let mut lags_of = |side| Lags::of(lags.remove(&side).unwrap_or_default());
        Figures {
            changes: noted.acts,
            created: noted.creates,
            updated: noted.updates,
            ids_written_back: noted.ids,
            into_bitrix24: lags_of(Side::Bitrix24),
            into_onec: lags_of(Side::Onec),
        }
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn print(&self, id: &str, side: Side, name: &str, deeds: &[Deed], seconds: Option<f64>) {
        let deeds: Vec<String> = deeds.iter().map(|deed| self.words.say(deed.message())).collect();
        let args = [
            ("side", side.word().into()),
            ("name", name.into()),
            ("deed", deeds.join(", ").into()),
            ("seconds", seconds.map_or_else(String::new, |seconds| format!("{seconds:.1}")).into()),
        ];
        (self.tell)(&self.words.say_with(id, &args));
    }
}

impl Progress for Board {
    fn begin(&self, _: Stage, _: Option<u64>) {}

    fn advance(&self, _: Stage, _: u64) {}

    fn finish(&self, _: Stage) {}

    fn wrote(&self, wrote: &Wrote) {
        let mut noted = self.noted();
        match wrote.sort {
            _ if wrote.is_id_alone => {
                noted.ids += 1;
                return;
            }
            WriteSort::Create => noted.creates += 1,
            WriteSort::Update | WriteSort::Mark => noted.updates += 1,
        }
        let Some(RecordId { side, id, .. }) = &wrote.source else { return };
        let Some(waiting) = noted.waiting.remove(&(*side, id.clone())) else { return };
        let seconds = wrote.at.duration_since(waiting.since).as_secs_f64();
        noted.lags.entry(side.other()).or_default().push(seconds);
        drop(noted);
        self.print("demo-carried", *side, &waiting.name, &waiting.deeds, Some(seconds));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use obmen_domain::record::Kind;

    use super::*;
    use crate::words::Lang;

    #[test]
    fn a_write_is_told_of_the_act_before_it_and_an_id_written_back_is_none() {
        let words = Arc::new(Words::new(Lang::En));
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let told = Arc::clone(&lines);
        let tell = move |line: &str| told.lock().unwrap().push(line.to_owned());
        let board = Board::new(Arc::new(SystemClock::default()), words, tell);
        let act = |deed| Act {
            side: Side::Bitrix24,
            set: "contact",
            id: "7".to_owned(),
            name: "Анна".to_owned(),
            deed,
        };
        board.act(&act(Deed::Entered));
        board.act(&act(Deed::Phone));
        let contact = RecordId::bitrix24(Kind::Contact, "7");
        let copy = RecordId::onec(Kind::Contact, "a");
        let at = SystemClock::default().now() + Duration::from_secs(3);
        let write = |record: &RecordId, source: &RecordId, sort, is_id_alone| Wrote {
            record: record.clone(),
            source: Some(source.clone()),
            sort,
            is_id_alone,
            since: None,
            at,
        };
        board.wrote(&write(&copy, &contact, WriteSort::Create, false));
        board.wrote(&write(&contact, &copy, WriteSort::Update, true));
        board.wrote(&write(&copy, &contact, WriteSort::Update, false));
        let figures = board.figures();
        assert_eq!(
            (figures.changes, figures.created, figures.updated, figures.ids_written_back),
            (2, 1, 1, 1)
        );
        assert_eq!((figures.into_onec.count, figures.into_bitrix24.count), (1, 0));
        assert!((2.9..3.1).contains(&figures.into_onec.median), "{figures:?}");
        let lines = lines.lock().unwrap();
        assert!(lines.len() == 1 && lines[0].contains("Анна"), "one line, of whom: {lines:?}");
        assert!(lines[0].contains("→ 1C after 3."), "where to, and how long it took: {lines:?}");
    }

    #[test]
    fn the_lags_are_told_by_their_median_and_the_worst_of_a_hundred() {
        let lags = Lags::of((0..=100).rev().map(f64::from).collect());
        assert_eq!((lags.count, lags.median, lags.p99), (101, 50.0, 99.0));
        assert_eq!(Lags::of(Vec::new()), Lags::default());
    }
}
