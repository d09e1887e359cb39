//! A work bench: both simulators, a configuration and a store in a folder of their own, and the binary.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use obmen_sim::bitrix24::{self, Portal};
use obmen_sim::face::{Face, FaceOptions, serve};
use obmen_sim::onec::{self, Infobase, Product};
use obmen_sim::population::{Recipe, generate};
use obmen_sim::world::World;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::furniture::Desk;

/// How many times faster than real the worlds run.
const FACTOR: f64 = 20.0;
const START: &str = "2026-03-02T09:00:00Z";
/// Where this is set in the environment 1C is reached by the extension in every test.
const BY_EXTENSION: &str = "OBMEN_BY_EXTENSION";
/// Which configuration of 1C a test is about, where it is about none in particular.
const PRODUCT: &str = "OBMEN_CONFIGURATION";
const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(crate) struct Bench {
    pub(crate) bitrix24: Face<Portal>,
    pub(crate) onec: Face<Infobase>,
    folder: TempDir,
    /// The configuration of 1C.
    product: Product,
    /// What stands at the end of the file.
    further: String,
    /// Whether 1C is reached by the extension.
    is_by_extension: bool,
    /// Whether the binary's clock runs as fast as the worlds do, so that its waits are short.
    is_paced: bool,
    /// Since when the binary's clock runs so fast.
    paced_since: Timestamp,
}

/// The configuration that the environment names, unless it is the usual one.
fn product() -> Option<Product> {
    let wanted = std::env::var(PRODUCT).ok()?;
    let known = [Product::Bp30, Product::Ut11, Product::Unf].into_iter().find(|known| name(*known) == wanted);
    known.or_else(|| panic!("{PRODUCT} is bp30, ut11 or unf")).filter(|product| *product != Product::Bp30)
}

/// What the configuration of obmen calls one of 1C.
fn name(product: Product) -> &'static str {
    match product {
        Product::Bp30 => "bp30",
        Product::Ut11 => "ut11",
        Product::Unf => "unf",
    }
}

fn settings(product: Product) -> onec::Settings {
    onec::Settings { password: "geheim".to_owned(), configuration: product, ..onec::Settings::default() }
}

/// What the binary did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    /// Two empty systems after their first sync.
    pub(crate) async fn synced() -> Self {
        let bench = Self::with_people(0, 0).await.paced();
        bench.run_json(&["setup"]).await;
        let (code, report) = bench.run_json(&["sync"]).await;
        assert_eq!(code, 0, "{report}");
        bench
    }

    /// As [`Bench::synced`], with 1C reached by the extension.
    pub(crate) async fn synced_by_extension() -> Self {
        let bench = Self::with_people(0, 0).await.paced().by_extension();
        bench.run_json(&["setup"]).await;
        let (code, report) = bench.run_json(&["sync"]).await;
        assert_eq!(code, 0, "{report}");
        bench
    }

    /// A small made-up firm in both systems.
    pub(crate) async fn with_people(people: u32, companies: u32) -> Self {
        let bases = generate(&Recipe::new(people, companies));
        if let Some(product) = product() {
            let mut infobase = Infobase::furnished(settings(product));
            Desk { infobase: &mut infobase, product, now: START.parse().unwrap() }.type_in(&bases.onec);
            return Self::with_worlds(&bases.bitrix24, infobase, product).await;
        }
        let mut infobase = Infobase::new(settings(Product::Bp30));
        bases.onec.iter().for_each(|line| infobase.load(line).unwrap());
        Self::with_worlds(&bases.bitrix24, infobase, Product::Bp30).await
    }

    /// A portal without records, and a new infobase of a configuration.
    pub(crate) async fn furnished(product: Product) -> Self {
        Self::with_portal(product, &generate(&Recipe::new(0, 0)).bitrix24).await
    }

    /// A portal with these load lines, and a new infobase of a configuration.
    pub(crate) async fn with_portal(product: Product, records: &[Value]) -> Self {
        Self::with_worlds(records, Infobase::furnished(settings(product)), product).await
    }

    async fn with_worlds(records: &[Value], infobase: Infobase, product: Product) -> Self {
        let mut portal =
            Portal::new(bitrix24::Settings { secret: "geheim".to_owned(), ..bitrix24::Settings::default() });
        records.iter().for_each(|line| portal.load(line).unwrap());
        let start: Timestamp = START.parse().unwrap();
        let options = || FaceOptions { time_scale: FACTOR, ..FaceOptions::new(start) };
        let bench = Self {
            bitrix24: serve(portal, options()).await.unwrap(),
            onec: serve(infobase, options()).await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
            product,
            further: String::new(),
            is_by_extension: false,
            is_paced: false,
            paced_since: start,
        };
        bench.configure(|text| text);
        if std::env::var_os(BY_EXTENSION).is_some() { bench.by_extension() } else { bench }
    }

    /// Lets the binary's clock run as fast as the worlds do.
    pub(crate) fn paced(mut self) -> Self {
        self.is_paced = true;
        self.configure(|text| text);
        self
    }

    pub(crate) fn is_by_extension(&self) -> bool {
        self.is_by_extension
    }

    /// Loads the extension into 1C, attached in safe mode, and reaches it by that.
    pub(crate) fn by_extension(mut self) -> Self {
        self.act_in_onec(&json!({"do": "extend", "safe_mode": true}));
        self.is_by_extension = true;
        self.configure(|text| text);
        self
    }

    /// Adds something at the end of the configuration.
    pub(crate) fn with_further(mut self, text: &str) -> Self {
        self.further += text;
        self.configure(|text| text);
        self
    }

    /// Writes the configuration, changed as a case needs.
    pub(crate) fn configure(&self, change: impl FnOnce(String) -> String) {
        let text = format!(
            r#"[[pair]]
name = "main"
[pair.bitrix24]
webhook_url = "{}/rest/1/geheim/"
limits = {{ {} }}
[pair.onec]
kind = "{}"
url = "{}/base{}"
user = "obmen"
password = "geheim"
configuration = "{}"
manager_attribute = "ОтветственныйМенеджер"
[pair.managers]
fallback_bitrix24 = "1"
{}"#,
            self.bitrix24.url(),
            if self.is_paced { "per_second = 2" } else { "per_second = 40, window_seconds = 30" },
            if self.is_by_extension { "extension" } else { "odata" },
            self.onec.url(),
            if self.is_by_extension { "" } else { "/odata/standard.odata" },
            name(self.product),
            self.further,
        );
        std::fs::write(self.folder.path().join("obmen.toml"), change(text)).unwrap();
    }

    /// Adds a line to the pair of a configuration that is written already.
    pub(crate) fn append_to_pair(&self, line: &str) {
        let file = self.folder.path().join("obmen.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("[[pair]]\n", &format!("[[pair]]\n{line}\n"))).unwrap();
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command without blocking the worlds.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Outcome {
        let folder = self.folder.path().to_owned();
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut command = command(&folder, &arguments);
        self.pace(&mut command);
        tokio::task::spawn_blocking(move || outcome(command)).await.unwrap()
    }

    /// As [`Bench::run`], where no file may grow beyond so many blocks of half a kilobyte: what is written beyond that is
    /// refused by the system, as on a full disk.
    pub(crate) async fn run_within(&self, arguments: &[&str], blocks: u64) -> Outcome {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let plain = command(self.folder.path(), &arguments);
        let mut limited = Command::new("sh");
        limited.args(["-c", &script]).arg(plain.get_program()).args(plain.get_args());
        limited.current_dir(self.folder.path()).stdin(Stdio::null());
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        self.pace(&mut limited);
        tokio::task::spawn_blocking(move || outcome(limited)).await.unwrap()
    }

    fn pace(&self, command: &mut Command) {
        if self.is_paced {
            command.env("OBMEN_CLOCK", format!("{FACTOR}@{}", self.paced_since));
        }
    }

    /// A command that is not started yet, at the pace of the worlds.
    pub(crate) fn prepare(&self, arguments: &[&str]) -> Command {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut command = command(self.folder.path(), &arguments);
        self.pace(&mut command);
        command
    }

    /// How often a method of the portal was called since the last reset.
    pub(crate) fn calls(&self, method: &str) -> u64 {
        self.bitrix24.world.lock().unwrap().counters()["calls"][method].as_u64().unwrap_or(0)
    }

    /// How many requests 1C got since the last reset.
    pub(crate) fn requests_to_onec(&self) -> u64 {
        self.onec.world.lock().unwrap().counters()["requests"].as_u64().unwrap()
    }

    /// Starts a command and does not wait for it.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut command = command(self.folder.path(), &arguments);
        self.pace(&mut command);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Starts a command and kills it as soon as something is so.
    pub(crate) async fn run_until(&self, arguments: &[&str], is_so: impl Fn(&Self) -> bool) {
        let mut child = self.start(arguments);
        while !is_so(self) {
            assert_eq!(child.try_wait().unwrap(), None, "it goes on until it is killed");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// A day passes, on both sides and for the binary.
    pub(crate) async fn a_day_passes(&mut self) {
        assert!(self.is_paced, "the binary's own clock goes along");
        for url in [self.bitrix24.url(), self.onec.url()] {
            control(&format!("{url}/_sim/time"), &json!({"advance": DAY.as_secs()})).await;
        }
        // A clock that began so much earlier shows a day more.
        self.paced_since -= SignedDuration::from_secs_f64(DAY.as_secs_f64() / (FACTOR - 1.0));
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
        let mut infobase = self.onec.world.lock().unwrap();
        Desk { infobase: &mut infobase, product: self.product, now }.act(action)
    }

    /// Puts a line of the load format into the infobase.
    pub(crate) fn load_into_onec(&self, line: &Value) {
        self.onec.world.lock().unwrap().load(line).unwrap();
    }

    /// Lets somebody do something in the midst of a run, once so many further writes have come to a system.
    pub(crate) async fn befall(&self, url: &str, after_writes: u64, mut act: Value) {
        act["after_writes"] = after_writes.into();
        control(&format!("{url}/_sim/act"), &act).await;
    }

    /// Replaces the faults of the way to a system.
    pub(crate) async fn faults(&self, url: &str, rules: &Value) {
        control(&format!("{url}/_sim/faults"), rules).await;
    }

    pub(crate) fn reset_counters(&self) {
        self.bitrix24.world.lock().unwrap().reset_counters();
        self.onec.world.lock().unwrap().reset_counters();
    }
}

/// Runs the binary in a folder, in English, with nothing of the environment that could change what it says.
pub(crate) fn obmen(folder: &Path, arguments: &[String]) -> Outcome {
    outcome(command(folder, arguments))
}

fn outcome(mut command: Command) -> Outcome {
    let output = command.output().unwrap();
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
        .env_remove("OBMEN_LOG_FORMAT")
        .env_remove("COLUMNS");
    command
}

async fn control(address: &str, body: &Value) {
    // An error says that a provider is there already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sent = reqwest::Client::new().post(address).header("content-type", "application/json");
    let answer = sent.body(body.to_string()).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

/// The text of a value, or the value as it is written.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a world holds.
pub(crate) fn dump<W: World>(world: &Arc<Mutex<W>>) -> Value {
    world.lock().unwrap().dump()
}
