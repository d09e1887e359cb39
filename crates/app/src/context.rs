//! What every command is given: options, words, time, and where it says things.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use obmen_engine::ports::Clock as _;
use serde::Serialize;

use crate::cli::Global;
use crate::clock::SystemClock;
use crate::failure::Failure;
use crate::host::Host;
use crate::output::{ListPrinter, document_text};
use crate::report::text_table;
use crate::screen::Screen;
use crate::words::{Arg, Words};

/// The surroundings of a command.
pub(crate) struct Context {
    /// Options of every command.
    pub(crate) global: Global,
    /// The sentences of the chosen language.
    pub(crate) words: Arc<Words>,
    /// Time.
    pub(crate) clock: Arc<SystemClock>,
    /// Where it says things.
    pub(crate) screen: Screen,
    /// The server that carries it out, where one does.
    pub(crate) host: Option<Arc<Host>>,
    /// The folder that relative paths are meant from; empty for that of the process.
    pub(crate) folder: PathBuf,
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
            self.screen.line(text);
        }
    }

    /// Prints a line beside the result.
    pub(crate) fn aside(&self, text: &str) {
        self.screen.aside(text);
    }

    /// Prints the one JSON document of a command.
    pub(crate) fn print_json(&self, document: &impl Serialize) {
        self.screen.line(&document_text(document));
    }

    /// Begins a document with one long list in it: texts by name, then the list of this name.
    pub(crate) fn begin_list(&self, texts: &[(&str, &str)], list: &str) -> ListPrinter {
        ListPrinter::begin(self.screen.out(), texts, list)
    }

    /// A table with a header and rows of texts.
    pub(crate) fn table(&self, header: &[String], rows: &[Vec<String>]) -> String {
        text_table(header, rows, self.screen.terminal().width)
    }

    /// Says why it failed, and in a document where one is wanted; returns the exit code.
    pub(crate) fn tell_failure(&self, failure: &Failure) -> u8 {
        self.aside(&failure.text(&self.words));
        if self.global.json {
            self.print_json(&failure.document(&self.words));
        }
        failure.code()
    }

    /// Goes on until it is done, or whoever typed the command stops it: what was committed stands, what was sent is settled by
    /// the next run.
    pub(crate) async fn until_stopped<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            done = work => done,
            () = self.screen.interrupted() => Err(Failure::said("interrupted")),
        }
    }

    /// A path that was typed.
    pub(crate) fn path(&self, typed: &Path) -> PathBuf {
        self.folder.join(typed)
    }

    /// A name for a run: the moment it began.
    pub(crate) fn run_name(&self) -> String {
        self.clock.now().strftime("%Y%m%d-%H%M%S-%3f").to_string()
    }
}
