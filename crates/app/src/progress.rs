//! Progress on the standard error: a bar a stage on a terminal, a plain line a stage elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use obmen_engine::progress::{Progress, Stage};

use crate::output::print_aside;
use crate::words::{Arg, Words};

const KNOWN: &str = "{msg:30} [{bar:30}] {human_pos}/{human_len} {eta}";
const UNKNOWN: &str = "{msg:30} {spinner} {human_pos} {elapsed}";
const TICK: Duration = Duration::from_millis(120);

/// Shows the progress of a run.
pub(crate) struct Display {
    words: Arc<Words>,
    bars: Option<MultiProgress>,
    stages: Mutex<BTreeMap<Stage, Shown>>,
}

struct Shown {
    bar: ProgressBar,
    done: u64,
    open: bool,
}

impl Display {
    /// Bars where the standard error is a terminal, else lines.
    pub(crate) fn new(words: Arc<Words>) -> Self {
        let bars = std::io::stderr().is_terminal().then(MultiProgress::new);
        Self { words, bars, stages: Mutex::default() }
    }

    fn bar(&self, total: Option<u64>) -> ProgressBar {
        let Some(bars) = self.bars.as_ref().filter(|_| total != Some(0)) else {
            return ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        };
        let (bar, template) = match total {
            Some(total) => (ProgressBar::new(total), KNOWN),
            None => (ProgressBar::new_spinner(), UNKNOWN),
        };
        let bar = bars.add(bar.with_style(style(template)));
        bar.enable_steady_tick(TICK);
        bar
    }

    fn with_stages<T>(&self, act: impl FnOnce(&mut BTreeMap<Stage, Shown>) -> T) -> T {
        // A panic elsewhere leaves counts as they are, which is good enough to go on showing them.
        act(&mut self.stages.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Progress for Display {
    fn begin(&self, stage: Stage, total: Option<u64>) {
        self.with_stages(|stages| match stages.get_mut(&stage) {
            Some(shown) if shown.open => {
                if let Some(total) = total {
                    shown.bar.set_length(total);
                    shown.bar.set_style(style(KNOWN));
                }
            }
            _ => {
                let bar = self.bar(total);
                bar.set_message(self.words.say(stage.code()));
                stages.insert(stage, Shown { bar, done: 0, open: true });
            }
        });
    }

    fn advance(&self, stage: Stage, by: u64) {
        self.with_stages(|stages| {
            if let Some(shown) = stages.get_mut(&stage) {
                shown.done += by;
                shown.bar.inc(by);
            }
        });
    }

    fn finish(&self, stage: Stage) {
        let done = self.with_stages(|stages| {
            let shown = stages.get_mut(&stage).filter(|shown| shown.open)?;
            shown.open = false;
            shown.bar.finish_and_clear();
            Some(shown.done)
        });
        if let Some(done) = done.filter(|done| *done > 0) {
            let stage = self.words.say(stage.code());
            let line =
                self.words.say_with("stage-done", &[("stage", stage.into()), ("done", Arg::from(done))]);
            match &self.bars {
                Some(bars) => drop(bars.println(line)),
                None => print_aside(&line),
            }
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("both templates are well formed")
}
