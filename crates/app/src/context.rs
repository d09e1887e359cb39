//! What every command is given: options, words and time.

use std::sync::Arc;

use obmen_engine::ports::Clock as _;

use crate::cli::Global;
use crate::clock::SystemClock;
use crate::output;
use crate::words::{Arg, Words};

/// The surroundings of a command.
pub(crate) struct Context {
    /// Options of every command.
    pub(crate) global: Global,
    /// The sentences of the chosen language.
    pub(crate) words: Arc<Words>,
    /// Time.
    pub(crate) clock: Arc<SystemClock>,
}

impl Context {
    /// A message without arguments.
    pub(crate) fn say(&self, id: &str) -> String {
        self.words.say(id)
    }

    /// A message with arguments.
    pub(crate) fn say_with(&self, id: &str, args: &[(&str, Arg)]) -> String {
        self.words.say_with(id, args)
    }

    /// Prints a line, unless a document is wanted.
    pub(crate) fn print(&self, text: &str) {
        if !self.global.json {
            output::print_line(text);
        }
    }

    /// A name for a run: the moment it began.
    pub(crate) fn run_name(&self) -> String {
        self.clock.now().strftime("%Y%m%d-%H%M%S-%3f").to_string()
    }
}
