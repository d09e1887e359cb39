//! What can be typed: commands and options. Not responsible for what they do.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use obmen_sim::bitrix24::{KindRights, State, Tariff};
use obmen_sim::face::Latency;
use obmen_sim::population::noisy::Noise;

use crate::wiring::Accept;
use crate::words::Lang;

const EXAMPLES: &str = "\
Examples:
  obmen demo --once                   try it: two simulated systems, one sync, a report
  obmen check                         look over both connections; each finding comes with its remedy
  obmen setup                         create the fields obmen needs
  obmen plan --out preview            what would be linked, created, changed and asked
  obmen sync                          do it; may be stopped and started again
  obmen serve                         keep it so, from now on
  obmen review list                   what waits for a person
  obmen diff                          what is not the same on both sides, and why
  obmen retry                         take up again what was refused, once its cause is gone
  obmen journal                       which runs there were, and what each wrote
  obmen undo 20260302-090000-000      take a run back, as far as nobody changed anything since

Exit codes: 0 done; 1 failed; 2 wrong usage or configuration; 3 done, but reviews or failures wait.";

/// Keeps the customers of a Bitrix24 portal and of a 1C:Enterprise infobase as one.
#[derive(Debug, Parser)]
#[command(name = "obmen", version, about = "Keeps the customers of a Bitrix24 portal and a 1C:Enterprise infobase as one",
    after_help = EXAMPLES, max_term_width = 110, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command, before or after its name.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE", default_value = "obmen.toml", env = "OBMEN_CONFIG")]
    pub(crate) config: PathBuf,
    /// The pair that is meant; may be left out where the file has only one
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) pair: Option<String>,
    /// Print one JSON document and nothing else on the standard output; asks no questions
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The language of messages; by default that of the environment
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Lang>,
    /// Say more on the standard error; twice says even more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// How log lines are written to the standard error: for people, or a JSON document each
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text, env = "OBMEN_LOG_FORMAT")]
    pub(crate) log_format: LogFormat,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// A JSON document each, with its fields by name
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try obmen on two simulated systems with made-up customers
    Demo(DemoArgs),
    /// About one pair.
    #[command(flatten)]
    OnPair(PairCommand),
    /// Keep both sides together from now on: takes hooks, asks for changes, and carries each over within seconds
    Serve(ServeArgs),
    /// Copy everything obmen knows into a new file, also while it works
    Backup(BackupArgs),
    /// The store, where obmen keeps what it knows
    #[command(subcommand)]
    Store(StoreCommand),
    /// Run a simulated Bitrix24 or 1C, or make customer bases for both
    #[command(subcommand)]
    Sim(SimCommand),
}

/// Commands about one pair. They need its store: while `obmen serve` runs, it carries them out.
#[derive(Debug, Subcommand)]
pub(crate) enum PairCommand {
    /// Look over both connections: rights, fields, limits; each finding comes with its remedy
    Check,
    /// Create what is missing on both sides and say what only a person can do
    Setup(SetupArgs),
    /// Show what a sync would link, create, change and ask, and how long it would take
    Plan(PlanArgs),
    /// Bring both sides together; may be stopped and started again
    Sync(SyncArgs),
    /// Show what obmen knows, what waits, and how far the portal's limits are used up
    Status,
    /// Compare both sides and list what is not the same, each difference with what explains it; nothing is written to
    /// either side. Exit code 0: equal; 3: differences, all explained; 1: some that nothing explains
    Diff(DiffArgs),
    /// Cases that wait for a person
    #[command(subcommand)]
    Review(ReviewCommand),
    /// Take up again what was refused, given up or put off: the next sync writes it
    Retry(RetryArgs),
    /// Explain a record: its link, whom it resembles and why they are not linked, and every value written to it
    Why(WhyArgs),
    /// Tell which runs there were, and what one of them wrote
    Journal(JournalArgs),
    /// Take a run back: what it created goes into the recycle bin or is marked for deletion, what it changed gets its
    /// value back; what somebody changed or used since stays, and is listed
    Undo(UndoArgs),
}

impl PairCommand {
    /// Whether it needs the store of a pair.
    pub(crate) fn is_about_store(&self) -> bool {
        !matches!(self, Self::Setup(SetupArgs { extension: Some(_) }))
    }

    /// Its name, without anything that was typed after it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Setup(_) => "setup",
            Self::Plan(_) => "plan",
            Self::Sync(_) => "sync",
            Self::Status => "status",
            Self::Diff(_) => "diff",
            Self::Review(_) => "review",
            Self::Retry(_) => "retry",
            Self::Why(_) => "why",
            Self::Journal(_) => "journal",
            Self::Undo(_) => "undo",
        }
    }
}

/// Options of `setup`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SetupArgs {
    /// Write the files of the extension for 1C into this folder, with the steps to load it, and do nothing else
    #[arg(long, value_name = "DIR")]
    pub(crate) extension: Option<PathBuf>,
}

/// Options of `demo`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArgs {
    /// End after the report of the first sync
    #[arg(long)]
    pub(crate) once: bool,
    /// How many people there are on both sides together
    #[arg(long, value_name = "N", default_value_t = 4000, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    pub(crate) people: u32,
    /// How many companies there are on both sides together
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) companies: u32,
    /// Another seed gives other people
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) live: LiveArgs,
}

/// Options of the live exchange of `demo`.
#[derive(Debug, Clone, Args)]
pub(crate) struct LiveArgs {
    /// Let the users stop work after so many minutes; without it they go on until Ctrl-C
    #[arg(long, value_name = "N", conflicts_with_all = ["once", "seconds"], value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) minutes: Option<u64>,
    /// The same in seconds
    #[arg(long, value_name = "N", conflicts_with = "once", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) seconds: Option<u64>,
    /// Share of messages that never reach obmen
    #[arg(long, value_name = "SHARE", default_value = "0%", value_parser = read_share)]
    pub(crate) lose_webhooks: f64,
    /// Share of messages that come twice
    #[arg(long, value_name = "SHARE", default_value = "0%", value_parser = read_share)]
    pub(crate) double_webhooks: f64,
    /// Share of requests that either side answers with 500, without effect
    #[arg(long, value_name = "SHARE", default_value = "0%", value_parser = read_share)]
    pub(crate) fail_requests: f64,
    /// Share of requests that take effect and whose answer is lost
    #[arg(long, value_name = "SHARE", default_value = "0%", value_parser = read_share)]
    pub(crate) lose_answers: f64,
}

/// Options of `plan`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PlanArgs {
    /// Also write plan.json, plan.csv and plan.html into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Go on although some records may be hidden by rights; nothing is created then
    #[arg(long)]
    pub(crate) partial_rights: bool,
    /// Take far fewer records than at the last complete reading for the truth
    #[arg(long)]
    pub(crate) accept_fewer: bool,
}

/// Options of `sync`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SyncArgs {
    /// Apply at most so many steps
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Do not ask before the first write
    #[arg(long)]
    pub(crate) yes: bool,
    /// Accept changes of more than a tenth of a side
    #[arg(long)]
    pub(crate) accept_large: bool,
    /// Go on although some records may be hidden by rights; nothing is created then
    #[arg(long)]
    pub(crate) partial_rights: bool,
    /// Take far fewer records than at the last complete reading for the truth
    #[arg(long)]
    pub(crate) accept_fewer: bool,
}

/// Options of `diff`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DiffArgs {
    /// Do not read both sides anew; compare what was last read of them
    #[arg(long)]
    pub(crate) seen: bool,
    /// Go on although some records may be hidden by rights
    #[arg(long)]
    pub(crate) partial_rights: bool,
    /// Take far fewer records than at the last complete reading for the truth
    #[arg(long)]
    pub(crate) accept_fewer: bool,
}

impl DiffArgs {
    /// What the run accepts.
    pub(crate) fn accept(&self) -> Accept {
        Accept { partial_rights: self.partial_rights, fewer: self.accept_fewer }
    }
}

impl PlanArgs {
    /// What the run accepts.
    pub(crate) fn accept(&self) -> Accept {
        Accept { partial_rights: self.partial_rights, fewer: self.accept_fewer }
    }
}

impl SyncArgs {
    /// What the run accepts.
    pub(crate) fn accept(&self) -> Accept {
        Accept { partial_rights: self.partial_rights, fewer: self.accept_fewer }
    }
}

/// Options of `serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    /// Go on although some records may be hidden by rights; nothing is created then
    #[arg(long)]
    pub(crate) partial_rights: bool,
}

/// What can be done with reviews.
#[derive(Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    /// List the cases that wait
    List,
    /// Show a case: its records side by side, and what speaks for and against one party
    Show {
        /// The id of the case
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Two records are one party: link them, or of two on one side let the fuller one take part
    Link(TwoRecords),
    /// Two records are two parties, for ever; a link between them ends and what it brought is taken back
    Separate(TwoRecords),
    /// Choose whose value of a field stands
    Choose {
        /// The id of the case
        #[arg(value_name = "ID")]
        id: String,
        /// The field, as the case names it
        #[arg(value_name = "FIELD")]
        field: String,
        /// bitrix24, onec, or the value itself
        #[arg(value_name = "VALUE")]
        value: String,
    },
}

/// Two records: `contact:12`, `company:5`, or a reference of 1C.
#[derive(Debug, Clone, Args)]
pub(crate) struct TwoRecords {
    /// contact:12, company:5, or a Ref_Key of 1C
    #[arg(value_name = "A")]
    pub(crate) a: String,
    /// Likewise
    #[arg(value_name = "B")]
    pub(crate) b: String,
}

/// Options of `retry`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RetryArgs {
    /// contact:12, company:5, or a Ref_Key of 1C; without any, everything that waits
    #[arg(value_name = "RECORD")]
    pub(crate) records: Vec<String>,
}

/// Options of `why`.
#[derive(Debug, Clone, Args)]
pub(crate) struct WhyArgs {
    /// contact:12, company:5, or a Ref_Key of 1C
    #[arg(value_name = "RECORD")]
    pub(crate) record: String,
}

/// Options of `backup`.
#[derive(Debug, Clone, Args)]
pub(crate) struct BackupArgs {
    /// The file to be made
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// What can be done with stores.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Copy a whole store into an empty one, from SQLite to PostgreSQL or back; both must be at rest
    Copy(StoreCopyArgs),
}

/// Options of `store copy`.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreCopyArgs {
    /// The store to read: sqlite:FILE, postgres://…, or env:NAME for an address that holds a password
    #[arg(long, value_name = "URL")]
    pub(crate) from: String,
    /// The empty store to write
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,
}

/// Options of `journal`.
#[derive(Debug, Clone, Args)]
pub(crate) struct JournalArgs {
    /// The run whose writes are told; without it all runs
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<String>,
}

/// Options of `undo`.
#[derive(Debug, Clone, Args)]
pub(crate) struct UndoArgs {
    /// The run, as its report and obmen journal name it
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Do not ask before the first write
    #[arg(long)]
    pub(crate) yes: bool,
}

/// The simulators.
#[derive(Debug, Subcommand)]
pub(crate) enum SimCommand {
    /// A simulated Bitrix24 portal; prints one JSON line with its addresses when it is ready
    Bitrix24(Box<SimBitrix24Args>),
    /// A simulated 1C infobase; prints one JSON line with its addresses when it is ready
    Onec(Box<SimOnecArgs>),
    /// Write two overlapping customer bases with noise, and the truth about who is who, as files
    Bases(SimBasesArgs),
}

/// Options of `sim bases`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SimBasesArgs {
    /// How much is damaged: clean (little), medium (as with a tidy company), hostile (as companies really are)
    #[arg(long, value_name = "LEVEL", default_value = "medium")]
    pub(crate) noise: Noise,
    /// Another seed gives other people, firms and damage
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many people there are on both sides together
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(0..=20_000))]
    pub(crate) people: u32,
    /// How many companies there are on both sides together
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub(crate) companies: u32,
    /// The folder for b24.jsonl, onec.jsonl and truth.json
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// Options of both simulators.
#[derive(Debug, Clone, Args)]
pub(crate) struct SimArgs {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Records to begin with, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// How many times faster than real its clock runs
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = read_scale)]
    pub(crate) time_scale: f64,
    /// Real seconds that each answer takes in addition, or two bounds between which they are drawn
    #[arg(long, value_name = "SECONDS|MIN:MAX", default_value = "0", value_parser = read_latency)]
    pub(crate) latency: Latency,
    /// Faults to be met, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Speak https with this certificate
    #[arg(long, value_name = "PEM", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The key of the certificate
    #[arg(long, value_name = "PEM", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
}

/// Options of `sim bitrix24`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SimBitrix24Args {
    #[command(flatten)]
    pub(crate) sim: SimArgs,
    /// The id of the user behind the webhook
    #[arg(long, default_value_t = 1)]
    pub(crate) user: u64,
    /// The secret in the webhook's address
    #[arg(long, default_value = "demo")]
    pub(crate) secret: String,
    /// What the portal's owner pays for: free, basic, professional, enterprise, or box for an own server
    #[arg(long, default_value = "professional")]
    pub(crate) tariff: Tariff,
    /// What it does with calls: working, overloaded, payment-required, confirm-waiting, deleted and others
    #[arg(long, default_value = "working")]
    pub(crate) state: State,
    /// Requests that leak out of the bucket in a second; by default as the tariff says
    #[arg(long, value_name = "N")]
    pub(crate) per_second: Option<f64>,
    /// Requests that the bucket holds; by default as the tariff says
    #[arg(long, value_name = "N")]
    pub(crate) burst: Option<u32>,
    /// Seconds of execution a method has per window; by default as the tariff says
    #[arg(long, value_name = "S")]
    pub(crate) execution_seconds: Option<u32>,
    #[command(flatten)]
    pub(crate) rights: SimRightsArgs,
    #[command(flatten)]
    pub(crate) events: SimEventsArgs,
}

/// What the user behind the webhook may do.
#[derive(Debug, Clone, Args)]
pub(crate) struct SimRightsArgs {
    /// The user is no administrator
    #[arg(long)]
    pub(crate) employee: bool,
    /// Which contacts an employee reads and writes: all, own or none, or two of them as in all/own
    #[arg(long, value_name = "REACH", default_value = "all", requires = "employee")]
    pub(crate) contacts: KindRights,
    /// Which companies an employee reads and writes
    #[arg(long, value_name = "REACH", default_value = "all", requires = "employee")]
    pub(crate) companies: KindRights,
}

/// What becomes of events on their way to their listeners.
#[derive(Debug, Clone, Args)]
pub(crate) struct SimEventsArgs {
    /// Seconds that every event takes at least
    #[arg(long, value_name = "S", default_value_t = 0.0)]
    pub(crate) event_delay: f64,
    /// Up to as many seconds more, drawn for each event, which puts them out of order
    #[arg(long, value_name = "S", default_value_t = 0.0)]
    pub(crate) event_spread: f64,
    /// Share of events that are lost, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    pub(crate) event_loss: f64,
    /// Share of events that come twice, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    pub(crate) event_doubling: f64,
    /// Another seed draws other fates
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub(crate) event_seed: u64,
}

/// Options of `sim onec`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SimOnecArgs {
    #[command(flatten)]
    pub(crate) sim: SimArgs,
    /// Whose catalogs the base has: bp30, ut11 or unf
    #[arg(long, default_value = "bp30")]
    pub(crate) configuration: String,
    /// The user that may come in
    #[arg(long, default_value = "obmen")]
    pub(crate) user: String,
    /// The user's password
    #[arg(long, default_value = "demo")]
    pub(crate) password: String,
    /// What the server does with If-Match
    #[arg(long, value_parser = ["ignored", "honoured"], default_value = "ignored")]
    pub(crate) if_match: String,
    /// The sets that are opened for the interface; without it all of them
    #[arg(long, value_name = "SET,…", value_delimiter = ',')]
    pub(crate) sets: Option<Vec<String>>,
    /// Serve obmen's extension beside the interface: attached in full, or in safe mode
    #[arg(long, value_name = "MODE", num_args = 0..=1, default_missing_value = "full", value_parser = ["full", "safe-mode"])]
    pub(crate) extension: Option<String>,
    /// Rows of a set that the user may see, as a $filter; may be given for several sets
    #[arg(long, value_name = "SET=FILTER", value_parser = read_of_set)]
    pub(crate) restrict: Vec<(String, String)>,
    /// Rights to a set that the user lacks: read, insert, update, delete; may be given for several sets
    #[arg(long, value_name = "SET=RIGHT,…", value_parser = read_of_set)]
    pub(crate) deny: Vec<(String, String)>,
    /// Objects that the user may not see
    #[arg(long, value_name = "REF,…", value_delimiter = ',')]
    pub(crate) hide: Vec<String>,
    /// Client licences that are free, one for each session; without it as many as one likes
    #[arg(long, value_name = "N")]
    pub(crate) licences: Option<u64>,
    /// How sessions are reused
    #[arg(long, value_parser = ["autouse", "use", "dontuse"], default_value = "autouse")]
    pub(crate) sessions: String,
    /// The web server of the publication
    #[arg(long, value_parser = ["apache", "iis"], default_value = "apache")]
    pub(crate) web_server: String,
}

fn read_of_set(text: &str) -> Result<(String, String), String> {
    let (set, said) = text.split_once('=').ok_or("expected the name of a set, = and what is said of it")?;
    Ok((set.trim().to_owned(), said.trim().to_owned()))
}

fn read_scale(text: &str) -> Result<f64, String> {
    let scale: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if scale.is_finite() && scale > 0.0 { Ok(scale) } else { Err("must be greater than zero".to_owned()) }
}

fn read_share(text: &str) -> Result<f64, String> {
    let (digits, whole) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits, 100.0));
    let share = digits.trim().parse::<f64>().map_err(|_| format!("{text:?} is not a share"))? / whole;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("a share is from 0% to 100%".to_owned()) }
}

fn read_latency(text: &str) -> Result<Latency, String> {
    let seconds = |text: &str| {
        let seconds: f64 = text.parse().map_err(|_| format!("{text:?} is not a number of seconds"))?;
        Duration::try_from_secs_f64(seconds).map_err(|_| format!("{text:?} is not a length of time"))
    };
    let (least, most) = text.split_once(':').unwrap_or((text, text));
    let latency = Latency { least: seconds(least)?, most: seconds(most)?, seed: 0 };
    if latency.least <= latency.most {
        Ok(latency)
    } else {
        Err("the first bound is the smaller one".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_percentage_or_a_part_of_one() {
        for (text, share) in [("5%", 0.05), ("0.05", 0.05), ("100%", 1.0), ("0", 0.0)] {
            assert_eq!(read_share(text), Ok(share));
        }
        for wrong in ["", "%", "five", "101%", "-1%", "1.5"] {
            assert!(read_share(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_latency_is_seconds_or_two_bounds() {
        let millis = Duration::from_millis;
        assert_eq!(read_latency("0"), Ok(Latency::default()));
        assert_eq!(read_latency("0.25"), Ok(Latency::of(millis(250))));
        let drawn = Latency { least: millis(100), most: millis(300), seed: 0 };
        assert_eq!(read_latency("0.1:0.3"), Ok(drawn));
        for wrong in ["", "fast", "-1", "0.3:0.1", "0.1:", "1:2:3", "nan"] {
            assert!(read_latency(wrong).is_err(), "{wrong}");
        }
    }
}
