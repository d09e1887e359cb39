//! Whoever types a command while `obmen serve` runs: sends it, prints what comes back, and passes questions and Ctrl-C on.

use std::io::Write as _;
use std::sync::Arc;

use obmen_engine::progress::Progress as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::signal::unix::{SignalKind, signal};

use super::{Place, Request, Word, fingerprint, version};
use crate::cli::Command;
use crate::config::Loaded;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::print_aside;
use crate::progress::Display;
use crate::screen::Told;

/// Hands a command over to the server that owns the store. Returns its exit code; `None` where no server runs, or the
/// command is none of its business.
///
/// # Errors
/// Where the configuration is wrong, or the server does not answer to the end.
pub(crate) async fn hand_over(command: &Command, context: &Context) -> Result<Option<u8>, Failure> {
    if !matches!(command, Command::OnPair(command) if command.is_about_store()) {
        return Ok(None);
    }
    let loaded = Loaded::read(&context.global.config)?;
    let place = Place::of(&loaded)?;
    let Some(stream) = place.connect().await.map_err(|error| lost(&error))? else { return Ok(None) };
    let request = Request {
        version: version(),
        arguments: std::env::args().collect(),
        lang: context.words.lang(),
        terminal: context.screen.terminal(),
        folder: std::env::current_dir().unwrap_or_default(),
        configuration: fingerprint(loaded.document.text()),
    };
    converse(stream, &request, context).await.map(Some)
}

async fn converse(stream: UnixStream, request: &Request, context: &Context) -> Result<u8, Failure> {
    let (reader, mut writer) = stream.into_split();
    say(&mut writer, request).await.map_err(|error| lost(&error))?;
    let mut lines = BufReader::new(reader).lines();
    let display = Display::new(Arc::clone(&context.words));
    let mut interrupts = signal(SignalKind::interrupt()).map_err(|error| lost(&error))?;
    let mut is_interrupted = false;
    loop {
        let line = tokio::select! {
            line = lines.next_line() => line.map_err(|error| lost(&error))?,
            // The server says itself how it ends; who asks twice does not want to wait for that.
            Some(()) = interrupts.recv() => {
                if is_interrupted {
                    return Err(Failure::said("interrupted"));
                }
                is_interrupted = true;
                say(&mut writer, &Word::Interrupt).await.map_err(|error| lost(&error))?;
                continue;
            }
        };
        let Some(line) = line else { return Err(Failure::said("beside-lost")) };
        let told: Told = serde_json::from_str(&line).map_err(|error| lost(&error))?;
        match told {
            Told::Out(text) => {
                let mut stdout = std::io::stdout();
                let _ = stdout.write_all(text.as_bytes());
                let _ = stdout.flush();
            }
            Told::Aside(text) => print_aside(&text),
            Told::Question(question) => {
                let word = match context.screen.ask(&question).await {
                    Ok(answer) => Word::Answer(answer),
                    Err(_) => Word::Interrupt,
                };
                say(&mut writer, &word).await.map_err(|error| lost(&error))?;
            }
            Told::Begin(stage, total) => display.begin(stage, total),
            Told::Advance(stage, by) => display.advance(stage, by),
            Told::Finish(stage) => display.finish(stage),
            Told::End(code) => return Ok(code),
        }
    }
}

async fn say(writer: &mut OwnedWriteHalf, word: &impl serde::Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_string(word)?;
    line.push('\n');
    writer.write_all(line.as_bytes()).await
}

fn lost(error: &dyn std::fmt::Display) -> Failure {
    Failure::Said { id: "beside-broken", details: vec![("words", error.to_string())] }
}
