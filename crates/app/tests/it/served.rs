//! A running `obmen serve` on a bench.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::Bench;

/// The secret of the infobase.
pub(crate) const HOOK_SECRET: &str = "geheim-1c";
/// Nobody asks by himself within a test.
pub(crate) const NEVER: u32 = 100_000;
/// A test gives up after so many looks.
const LOOKS: usize = 1500;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Where a process logs.
const LOG: &str = "serve.log";

/// A process that serves; it is ended with the test.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
}

/// How a bench is served.
#[derive(Clone, Copy)]
pub(crate) struct Serving {
    /// Whether the portal posts its events.
    pub(crate) listens: bool,
    /// How often each side is asked.
    pub(crate) poll_bitrix24: u32,
    pub(crate) poll_onec: u32,
}

impl Serving {
    /// By what the sides say alone.
    pub(crate) const BY_HOOKS: Self = Self { listens: true, poll_bitrix24: NEVER, poll_onec: NEVER };
    /// By asking alone.
    pub(crate) const BY_POLLS: Self = Self { listens: false, poll_bitrix24: 10, poll_onec: 10 };

    /// Configures the bench; where the portal posts, it is told where to. Returns the token of its events.
    pub(crate) fn prepare(self, bench: &Bench) -> String {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let token = if self.listens {
            let url = format!("http://127.0.0.1:{port}/hooks/bitrix24/main");
            let told = bench.act_in_bitrix24(&json!({"do": "listen", "url": url}));
            told["application_token"].as_str().unwrap().to_owned()
        } else {
            "nobody-posts".to_owned()
        };
        bench.configure(|text| {
            let text = text.replace(
                "[pair.onec]\n",
                &format!(
                    "application_token = \"{token}\"\npoll_seconds = {}\n[pair.onec]\nhook_secret = \"{HOOK_SECRET}\"\n\
                     poll_seconds = {}\n",
                    self.poll_bitrix24, self.poll_onec
                ),
            );
            format!("[server]\nlisten = \"127.0.0.1:{port}\"\n{text}")
        });
        token
    }
}

impl Served {
    /// Starts it; returns when it listens and has asked both sides once.
    pub(crate) async fn start(bench: &Bench) -> Self {
        bench.reset_counters();
        let served = Self::start_alone(bench).await;
        let calls = |method: &str| bench.calls(method);
        until("it has asked both sides", || {
            calls("crm.requisite.list") >= 2 && calls("crm.contact.list") >= 3 && bench.requests_to_onec() > 5
        })
        .await;
        served.at_rest(bench).await;
        served
    }

    /// Starts it; returns when it listens.
    pub(crate) async fn start_alone(bench: &Bench) -> Self {
        Self::start_logging(bench, &[]).await
    }

    /// As [`Served::start_alone`]; it logs as these variables say, and as `-vv` where there are none.
    pub(crate) async fn start_logging(bench: &Bench, logging: &[(&str, &str)]) -> Self {
        let log = std::fs::File::create(bench.folder().join(LOG)).unwrap();
        let mut command = bench.prepare(&["serve", "--json", "-vv"]);
        command.envs(logging.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).unwrap();
            line
        });
        let line = line.await.unwrap();
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self { child, url: told["url"].as_str().unwrap().to_owned() }
    }

    /// Waits until nothing is left to look at.
    pub(crate) async fn at_rest(&self, bench: &Bench) {
        let mut quiet = 0;
        for _ in 0..LOOKS {
            let before = bench.writes();
            let (dirty, intents) = self.left().await;
            quiet = if dirty + intents == 0.0 && before == bench.writes() { quiet + 1 } else { 0 };
            if quiet == 5 {
                return;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        panic!("it does not come to rest: {}", self.metrics().await);
    }

    /// Waits until a message has made a record due.
    pub(crate) async fn is_told_of_something(&self) {
        for _ in 0..LOOKS {
            if self.left().await.0 > 0.0 {
                return;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        panic!("nothing is due: {}", self.metrics().await);
    }

    async fn left(&self) -> (f64, f64) {
        let metrics = self.metrics().await;
        (sum_of(&metrics, "obmen_dirty_rows"), sum_of(&metrics, "obmen_open_writes"))
    }

    pub(crate) async fn metrics(&self) -> String {
        let answer = client().get(format!("{}/metrics", self.url)).send().await.unwrap();
        answer.text().await.unwrap()
    }

    /// Posts a form; returns the status.
    pub(crate) async fn post_form(&self, path: &str, body: &str) -> u16 {
        self.post(path, "application/x-www-form-urlencoded", body).await
    }

    /// Posts a save event of 1C, with a secret in the header.
    pub(crate) async fn post_onec(&self, secret: &str, body: &Value) -> u16 {
        let request = client()
            .post(format!("{}/hooks/onec/main", self.url))
            .header("content-type", "application/json")
            .header("x-obmen-secret", secret);
        request.body(body.to_string()).send().await.unwrap().status().as_u16()
    }

    async fn post(&self, path: &str, content_type: &str, body: &str) -> u16 {
        let request = client().post(format!("{}{path}", self.url)).header("content-type", content_type);
        request.body(body.to_owned()).send().await.unwrap().status().as_u16()
    }

    /// Dies at once, as when the machine does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it ends by itself; returns its exit code.
    pub(crate) async fn ended(mut self) -> Option<i32> {
        for _ in 0..LOOKS {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        panic!("it does not end: {:?}", self.metrics().await);
    }

    /// Is asked to end; returns its exit code.
    pub(crate) async fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        for _ in 0..LOOKS {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        panic!("it does not end");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sum_of(metrics: &str, name: &str) -> f64 {
    let lines = metrics.lines().filter(|line| line.starts_with(name));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

/// All that was logged since the last start.
pub(crate) fn log(bench: &Bench) -> String {
    std::fs::read_to_string(bench.folder().join(LOG)).unwrap()
}

/// Looks again and again, but not for ever.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..LOOKS {
        if is_so() {
            return;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    panic!("in vain: {what}");
}

fn client() -> reqwest::Client {
    // An error says that a provider is there already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
