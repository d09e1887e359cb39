//! A work bench: both simulators, a configuration and a store in a folder of their own, and the binary.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use obmen_sim::bitrix24::{self, Portal};
use obmen_sim::face::{Face, FaceOptions, serve};
use obmen_sim::onec::{self, Infobase};
use obmen_sim::population::{Recipe, generate};
use obmen_sim::world::World;
use serde_json::Value;
use tempfile::TempDir;

/// How many times faster than real the worlds run.
const FACTOR: f64 = 20.0;

pub(crate) struct Bench {
    pub(crate) bitrix24: Face<Portal>,
    pub(crate) onec: Face<Infobase>,
    folder: TempDir,
}

/// What the binary did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    /// A small made-up firm in both systems.
    pub(crate) async fn with_people(people: u32, companies: u32) -> Self {
        let bases = generate(&Recipe::new(people, companies));
        let mut portal =
            Portal::new(bitrix24::Settings { secret: "geheim".to_owned(), ..bitrix24::Settings::default() });
        let mut infobase =
            Infobase::new(onec::Settings { password: "geheim".to_owned(), ..onec::Settings::default() });
        bases.bitrix24.iter().for_each(|line| portal.load(line).unwrap());
        bases.onec.iter().for_each(|line| infobase.load(line).unwrap());
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let options = || FaceOptions { time_scale: FACTOR, ..FaceOptions::new(start) };
        let bench = Self {
            bitrix24: serve(portal, options()).await.unwrap(),
            onec: serve(infobase, options()).await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
        };
        bench.configure(|text| text);
        bench
    }

    /// Writes the configuration, changed as a case needs.
    pub(crate) fn configure(&self, change: impl FnOnce(String) -> String) {
        let text = format!(
            r#"[[pair]]
name = "main"
[pair.bitrix24]
webhook_url = "{}/rest/1/geheim/"
limits = {{ per_second = 40, window_seconds = 30 }}
[pair.onec]
url = "{}/base/odata/standard.odata"
user = "obmen"
password = "geheim"
configuration = "bp30"
manager_attribute = "ОтветственныйМенеджер"
[pair.managers]
fallback_bitrix24 = "1"
"#,
            self.bitrix24.url(),
            self.onec.url()
        );
        std::fs::write(self.folder.path().join("obmen.toml"), change(text)).unwrap();
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command without blocking the worlds.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Outcome {
        let folder = self.folder.path().to_owned();
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        tokio::task::spawn_blocking(move || obmen(&folder, &arguments)).await.unwrap()
    }

    /// Starts a command and does not wait for it.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut command = command(self.folder.path(), &arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// As [`Bench::run`] with `--json`: the document is all there is on the standard output.
    pub(crate) async fn run_json(&self, arguments: &[&str]) -> (i32, Value) {
        let outcome = self.run(&[arguments, &["--json"]].concat()).await;
        let document = serde_json::from_str(&outcome.stdout);
        (outcome.code, document.unwrap_or_else(|error| panic!("{error}: {outcome:?}")))
    }

    /// Writes that either system counted since the last reset.
    pub(crate) fn writes(&self) -> (u64, u64) {
        let count = |counters: Value| counters["writes"].as_u64().unwrap();
        (
            count(self.bitrix24.world.lock().unwrap().counters()),
            count(self.onec.world.lock().unwrap().counters()),
        )
    }

    /// Somebody does something at a screen of Bitrix24.
    pub(crate) fn act_in_bitrix24(&self, action: &Value) -> Value {
        let now = self.bitrix24.now();
        let done = self.bitrix24.world.lock().unwrap().act(now, action);
        done.unwrap_or_else(|words| panic!("{words}: {action}"))
    }

    /// Somebody does something at a screen of 1C.
    pub(crate) fn act_in_onec(&self, action: &Value) -> Value {
        let now = self.onec.now();
        let done = self.onec.world.lock().unwrap().act(now, action);
        done.unwrap_or_else(|words| panic!("{words}: {action}"))
    }

    pub(crate) fn reset_counters(&self) {
        self.bitrix24.world.lock().unwrap().reset_counters();
        self.onec.world.lock().unwrap().reset_counters();
    }
}

/// Runs the binary in a folder, in English, with nothing of the environment that could change what it says.
pub(crate) fn obmen(folder: &Path, arguments: &[String]) -> Outcome {
    let output = command(folder, arguments).output().unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn command(folder: &Path, arguments: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_obmen"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .envs([("LANG", "en_US.UTF-8"), ("NO_COLOR", "1")])
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env_remove("OBMEN_CONFIG")
        .env_remove("OBMEN_LOG")
        .env_remove("COLUMNS");
    command
}

/// The text of a value, or the value as it is written.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a world holds.
pub(crate) fn dump<W: World>(world: &Arc<Mutex<W>>) -> Value {
    world.lock().unwrap().dump()
}
