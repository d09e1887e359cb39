//! The table of figures that the program prints.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::process::ExitCode;

/// Prints each figure as soon as it is known, and remembers whether one missed its bound.
pub(crate) struct Figures {
    missed: usize,
}

impl Figures {
    pub(crate) fn new(title: &str) -> Self {
        println!("{title}\n");
        println!("{:<66} {:>10} {:>10}", "figure", "measured", "below");
        Self { missed: 0 }
    }

    pub(crate) fn add(&mut self, name: &str, measured: f64, bound: Option<f64>) {
        let is_missed = bound.is_some_and(|bound| measured >= bound);
        let bound = bound.map_or_else(String::new, |bound| format!("{bound:.0}"));
        let verdict = if is_missed { "  MISSED" } else { "" };
        println!("{name:<66} {measured:>10.3} {bound:>10}{verdict}");
        self.missed += usize::from(is_missed);
    }

    pub(crate) fn end(self) -> ExitCode {
        if self.missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
