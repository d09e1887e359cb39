//! Where a command says things and asks questions: its own terminal, or that of somebody who asked a running `obmen serve`
//! to carry it out.
//!
//! Whoever reads too slowly, or is gone, does not hold the server up: nothing is said to them any more, and what they had
//! asked for is stopped as Ctrl-C would stop it.

use std::io::{BufRead as _, IsTerminal as _, Write};
use std::sync::Arc;
use std::time::Duration;

use obmen_engine::progress::{Progress, Stage};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use crate::commands::interrupted;
use crate::failure::Failure;
use crate::output::{print_aside, print_line};
use crate::progress::Display;
use crate::words::Words;

/// Somebody who does not take a line for so long is gone.
const SLOWEST: Duration = Duration::from_secs(30);
/// A question is open so long at most: rounds stand still meanwhile.
const THINKING: Duration = Duration::from_secs(10 * 60);

/// Where a command says things.
#[derive(Clone)]
pub(crate) enum Screen {
    /// On the terminal of this process.
    Own,
    /// To whoever is connected.
    Guest(Arc<Guest>),
}

/// Somebody who is connected.
pub(crate) struct Guest {
    told: mpsc::Sender<Told>,
    answers: Mutex<mpsc::Receiver<String>>,
    gone: CancellationToken,
    terminal: Terminal,
}

/// What whoever asks sits at.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Terminal {
    /// Whether questions can be asked.
    pub(crate) asks: bool,
    /// How many columns it shows, where it shows any.
    pub(crate) width: Option<u16>,
}

/// What somebody who is connected is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Told {
    /// Text for the standard output, as it is.
    Out(String),
    /// A line for the standard error.
    Aside(String),
    /// A question, after which an answer is awaited.
    Question(String),
    /// A stage begins.
    Begin(Stage, Option<u64>),
    /// So many more are done.
    Advance(Stage, u64),
    /// A stage is over.
    Finish(Stage),
    /// The command has ended with this exit code; the last that is told.
    End(u8),
}

impl Guest {
    /// Somebody who is told through `told`, answers through `answers`, and stops what goes on through `gone`.
    pub(crate) fn new(
        told: mpsc::Sender<Told>,
        answers: mpsc::Receiver<String>,
        gone: CancellationToken,
        terminal: Terminal,
    ) -> Self {
        Self { told, answers: Mutex::new(answers), gone, terminal }
    }

    pub(crate) fn tell(&self, told: Told) {
        let Err(TrySendError::Full(told)) = self.told.try_send(told) else { return };
        let sent = wait_for(tokio::time::timeout(SLOWEST, self.told.send(told)));
        if sent.is_err() {
            self.gone.cancel();
        }
    }

    async fn answer(&self) -> Result<String, Failure> {
        let mut answers = self.answers.lock().await;
        tokio::select! {
            answer = tokio::time::timeout(THINKING, answers.recv()) => {
                answer.ok().flatten().ok_or(Failure::said("answer-needed"))
            }
            () = self.gone.cancelled() => Err(Failure::said("interrupted")),
        }
    }
}

impl Screen {
    /// Prints a line.
    pub(crate) fn line(&self, text: &str) {
        match self {
            Self::Own => print_line(text),
            Self::Guest(guest) => guest.tell(Told::Out(format!("{text}\n"))),
        }
    }

    /// Prints a line beside the result.
    pub(crate) fn aside(&self, text: &str) {
        match self {
            Self::Own => print_aside(text),
            Self::Guest(guest) => guest.tell(Told::Aside(text.to_owned())),
        }
    }

    /// What is written here stands on the standard output.
    pub(crate) fn out(&self) -> Box<dyn Write + Send> {
        match self {
            Self::Own => Box::new(std::io::stdout()),
            Self::Guest(guest) => Box::new(Out(Arc::clone(guest))),
        }
    }

    /// Who watches a run.
    pub(crate) fn progress(&self, words: &Arc<Words>) -> Arc<dyn Progress> {
        match self {
            Self::Own => Arc::new(Display::new(Arc::clone(words))),
            Self::Guest(guest) => Arc::new(Watched(Arc::clone(guest))),
        }
    }

    /// What is sat at.
    pub(crate) fn terminal(&self) -> Terminal {
        match self {
            Self::Own => Terminal {
                asks: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
                width: crate::report::terminal_width(),
            },
            Self::Guest(guest) => guest.terminal,
        }
    }

    /// Asks a question; answers the line that is typed.
    pub(crate) async fn ask(&self, question: &str) -> Result<String, Failure> {
        match self {
            Self::Own => {
                let mut stderr = std::io::stderr();
                let _ = write!(stderr, "{question} ");
                let _ = stderr.flush();
                read_answer().await
            }
            Self::Guest(guest) => {
                guest.tell(Told::Question(question.to_owned()));
                guest.answer().await
            }
        }
    }

    /// Completes when whoever asked for the command wants it to stop.
    pub(crate) async fn interrupted(&self) {
        match self {
            Self::Own => interrupted().await,
            Self::Guest(guest) => guest.gone.cancelled().await,
        }
    }
}

/// A line that is typed, unless Ctrl-C comes first: the thread that reads it is left behind then.
async fn read_answer() -> Result<String, Failure> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        // Nobody waits any more after Ctrl-C.
        let _ = sender.send(read.map(|_| answer));
    });
    tokio::select! {
        answer = receiver => answer.ok().and_then(Result::ok).ok_or(Failure::said("answer-needed")),
        () = interrupted() => Err(Failure::said("interrupted")),
    }
}

/// Waits inside a callback that is no async function.
pub(crate) fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(future))
}

/// The standard output of somebody who is connected.
struct Out(Arc<Guest>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // Only whole letters go out; whoever writes is given back what is left of one.
        let whole = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        };
        if whole.is_empty() && !bytes.is_empty() {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        self.0.tell(Told::Out(whole.to_owned()));
        Ok(whole.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Tells somebody who is connected how far a run is.
struct Watched(Arc<Guest>);

impl Progress for Watched {
    fn begin(&self, stage: Stage, total: Option<u64>) {
        self.0.tell(Told::Begin(stage, total));
    }

    fn advance(&self, stage: Stage, by: u64) {
        self.0.tell(Told::Advance(stage, by));
    }

    fn finish(&self, stage: Stage) {
        self.0.tell(Told::Finish(stage));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest() -> (Arc<Guest>, mpsc::Receiver<Told>, mpsc::Sender<String>, CancellationToken) {
        let ((told, to_tell), (answered, answers)) = (mpsc::channel(8), mpsc::channel(1));
        let gone = CancellationToken::new();
        let guest = Guest::new(told, answers, gone.clone(), Terminal { asks: true, width: None });
        (Arc::new(guest), to_tell, answered, gone)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_question_goes_to_whoever_is_connected_and_their_answer_comes_back() {
        let (guest, mut to_tell, answered, gone) = guest();
        let screen = Screen::Guest(guest);
        answered.send("да".to_owned()).await.unwrap();
        assert_eq!(screen.ask("Пишем?").await.unwrap(), "да");
        assert_eq!(to_tell.recv().await, Some(Told::Question("Пишем?".to_owned())));
        gone.cancel();
        assert!(matches!(screen.ask("Пишем?").await, Err(Failure::Said { id: "interrupted", .. })));
        screen.interrupted().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn text_arrives_whole_however_it_is_cut_into_pieces() {
        let (guest, mut to_tell, _answered, _gone) = guest();
        let screen = Screen::Guest(guest);
        let mut out = screen.out();
        let bytes = "«Кольцова»\n".as_bytes();
        let taken = out.write(&bytes[..7]).unwrap();
        out.write_all(&bytes[taken..]).unwrap();
        screen.line("конец");
        drop((out, screen));
        let mut text = String::new();
        while let Some(Told::Out(part)) = to_tell.recv().await {
            text.push_str(&part);
        }
        assert_eq!(text, "«Кольцова»\nконец\n");
    }
}
