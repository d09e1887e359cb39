//! Whoever types a command beside the server: lets them in, carries the command out, and tells them what it says.
//!
//! Not responsible for what commands do, nor for whose turn it is. Invariant: what happens to one of them is of no concern to
//! the exchange or to another.

use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::beside::{LONGEST, Place, Request, Word, fingerprint, version};
use crate::cli::{Cli, Command};
use crate::clock::SystemClock;
use crate::commands::run_on_pair;
use crate::config::Loaded;
use crate::context::Context;
use crate::failure::Failure;
use crate::host::Host;
use crate::screen::{Guest, Screen, Told};
use crate::words::Words;

/// So many lines may be on their way to somebody.
const UNDER_WAY: usize = 256;
/// How long those who are still served are told how it ended, once the server is asked to end.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// After a failure to let somebody in nobody is let in for so long.
const BREATH: Duration = Duration::from_secs(1);

/// The door of the server; taken away when it is dropped.
pub(super) struct Door {
    place: Place,
    receiving: JoinHandle<()>,
}

impl Door {
    /// Opens it. Where the system does not let it, that is told, and the exchange goes on without.
    pub(super) fn open(
        loaded: &Loaded,
        host: Host,
        ends: &CancellationToken,
        context: &Context,
    ) -> Result<Option<Self>, Failure> {
        let place = Place::of(loaded)?;
        let listener = match place.listen() {
            Ok(listener) => listener,
            Err(error) => {
                let path = place.path().display().to_string();
                tracing::warn!(path, "serve.guest: no command can be carried out beside the server: {error}");
                return Ok(None);
            }
        };
        let (host, clock, ends) = (Arc::new(host), Arc::clone(&context.clock), ends.clone());
        let receiving = tokio::spawn(Reception { host, clock, ends }.receive(listener));
        Ok(Some(Self { place, receiving }))
    }

    /// Waits until those who came in have been told how it ended. To be called when the process was asked to end.
    pub(super) async fn close(mut self) {
        // A panic there has been told.
        let _ = (&mut self.receiving).await;
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.place.leave();
    }
}

/// What somebody is given who comes in.
#[derive(Clone)]
struct Reception {
    host: Arc<Host>,
    clock: Arc<SystemClock>,
    ends: CancellationToken,
}

impl Reception {
    /// Lets people in until the process is asked to end.
    async fn receive(self, listener: UnixListener) {
        let mut visits = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => drop(visits.spawn(self.clone().visit(stream))),
                    Err(error) => {
                        tracing::warn!("serve.guest: nobody can be let in: {error}");
                        tokio::time::sleep(BREATH).await;
                    }
                },
                Some(_) = visits.join_next() => {}
                () = self.ends.cancelled() => break,
            }
        }
        let last = async { while visits.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_WORDS, last).await;
    }

    async fn visit(self, stream: UnixStream) {
        let (reader, writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        let Some(request) = first_line(&mut reader).await else { return };
        let gone = self.ends.child_token();
        let (told, to_tell) = mpsc::channel(UNDER_WAY);
        let (answered, answers) = mpsc::channel(1);
        let guest = Arc::new(Guest::new(told, answers, gone.clone(), request.terminal));
        let telling = tokio::spawn(tell(writer, to_tell, gone.clone()));
        let hearing = tokio::spawn(hear(reader, answered, gone));
        let code = self.serve(request, Arc::clone(&guest)).await;
        guest.tell(Told::End(code));
        drop(guest);
        // Ends with the last word, or when it cannot be told.
        let _ = telling.await;
        hearing.abort();
    }

    /// Carries a command out; returns its exit code.
    async fn serve(&self, request: Request, guest: Arc<Guest>) -> u8 {
        let cli = match Cli::try_parse_from(&request.arguments) {
            Ok(cli) => cli,
            Err(error) => {
                guest.tell(Told::Aside(error.to_string()));
                return 2;
            }
        };
        let context = Context {
            global: cli.global,
            words: Arc::new(Words::new(request.lang)),
            clock: Arc::clone(&self.clock),
            screen: Screen::Guest(guest),
            host: Some(Arc::clone(&self.host)),
            folder: request.folder,
        };
        let command = match cli.command {
            Command::OnPair(command) if request.version == version() => command,
            _ => {
                let details = vec![("version", version())];
                return context.tell_failure(&Failure::Said { id: "beside-version", details });
            }
        };
        let name = command.word();
        if request.configuration != fingerprint(self.host.configuration()) {
            context.aside(&context.say("beside-configuration"));
        }
        tracing::info!(command = name, "serve.guest");
        let code = match run_on_pair(command, &context).await {
            Ok(ending) => ending.code(),
            Err(failure) => context.tell_failure(&failure),
        };
        tracing::info!(command = name, code, "serve.guest.left");
        code
    }
}

async fn first_line(reader: &mut BufReader<OwnedReadHalf>) -> Option<Request> {
    let mut line = Vec::new();
    reader.take(LONGEST).read_until(b'\n', &mut line).await.ok()?;
    serde_json::from_slice(&line).ok()
}

async fn tell(mut writer: OwnedWriteHalf, mut to_tell: mpsc::Receiver<Told>, gone: CancellationToken) {
    while let Some(told) = to_tell.recv().await {
        let mut line = serde_json::to_vec(&told).expect("what is told is plain data and always serialises");
        line.push(b'\n');
        if writer.write_all(&line).await.is_err() {
            gone.cancel();
            return;
        }
    }
}

async fn hear(reader: BufReader<OwnedReadHalf>, answered: mpsc::Sender<String>, gone: CancellationToken) {
    let mut lines = reader.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(Word::Answer(answer)) => {
                // An answer to no question is none.
                let _ = answered.try_send(answer);
            }
            Ok(Word::Interrupt) | Err(_) => gone.cancel(),
        }
    }
    gone.cancel();
}
