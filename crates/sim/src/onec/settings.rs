//! How one simulated infobase is published and behaves.
//!
//! The fact sheet leaves some questions open (is a client's key honoured, is `If-Match` checked); each of them is a
//! setting, so that a client can be tried against both answers. Not responsible for the data of the base.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use uuid::Uuid;

/// Everything about an infobase that is not its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Path of the standard interface, without a slash at its end.
    pub base_path: String,
    /// Name of the only user who may come in.
    pub user: String,
    /// Password of that user.
    pub password: String,
    /// Which configuration's catalogs the base has.
    pub configuration: Product,
    /// Which of them the administrator opened for the interface.
    pub composition: Composition,
    /// Whether the publication shows the standard interface at all (`standardOdata enable` of its file).
    pub published: bool,
    /// Whether obmen's extension is installed, with its HTTP service beside the interface, and how it is attached.
    pub extension: Option<Attached>,
    /// What stands before the infobase.
    pub web_server: WebServer,
    /// Whether a `Ref_Key` in a POST becomes the key of the new object; otherwise the base makes its own.
    pub honours_ref_key: bool,
    /// Whether `If-Match` is checked.
    pub if_match: IfMatch,
    /// What happens to a string longer than its attribute.
    pub over_long: OverLong,
    /// How sessions are reused.
    pub sessions: SessionMode,
    /// What the start of a session costs.
    pub session_start: Duration,
    /// How long an idle session lives.
    pub session_idle: Duration,
    /// How many sessions the pool holds.
    pub pool_size: usize,
    /// How long a request waits for a session of a full pool.
    pub pool_timeout: Duration,
    /// How many client licences are free for the sessions of the interface, one for each while it lives; no number
    /// is as many as one likes.
    pub licences: Option<usize>,
    /// Sets of which every written state is kept as a version; none by default.
    pub versioned: BTreeSet<String>,
    /// Objects that code of the configuration refuses to write or delete, with what it says.
    pub forbidden: BTreeMap<Uuid, String>,
    /// What is wrong with the whole system.
    pub fault: Option<Fault>,
    /// What the user may see and do.
    pub rights: Rights,
    /// What becomes of a name in `$filter` or `$orderby` that no property has.
    pub unknown_field: UnknownField,
    /// The server's wall clock, hours ahead of UTC.
    pub utc_offset_hours: i8,
    /// Whether JSON answers begin with a byte order mark.
    pub json_bom: bool,
    /// What a write costs.
    pub write_cost: Duration,
    /// What a read costs.
    pub read_cost: Duration,
    /// What each returned row adds to the cost of a read.
    pub row_cost: Duration,
    /// Makes the references and the unordered row order of one base differ from those of another.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_path: "/base/odata/standard.odata".to_owned(),
            user: "obmen".to_owned(),
            password: "secret".to_owned(),
            configuration: Product::Bp30,
            composition: Composition::Whole,
            published: true,
            extension: None,
            web_server: WebServer::Apache,
            honours_ref_key: true,
            if_match: IfMatch::Ignored,
            over_long: OverLong::Refused,
            sessions: SessionMode::AutoUse,
            session_start: Duration::from_millis(300),
            session_idle: Duration::from_secs(20),
            pool_size: 10,
            pool_timeout: Duration::from_secs(5),
            licences: None,
            versioned: BTreeSet::new(),
            forbidden: BTreeMap::new(),
            fault: None,
            rights: Rights::default(),
            unknown_field: UnknownField::Refused,
            utc_offset_hours: 3,
            json_bom: false,
            write_cost: Duration::from_millis(35),
            read_cost: Duration::from_millis(15),
            row_cost: Duration::from_micros(100),
            seed: 0,
        }
    }
}

/// How an extension is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attached {
    /// In safe mode: it says so.
    pub safe_mode: bool,
    /// Whether everybody has its default roles. Without them, in safe mode, what users write is not registered.
    pub default_roles: bool,
}

impl Default for Attached {
    fn default() -> Self {
        Self { safe_mode: false, default_roles: true }
    }
}

/// The configurations whose schema tables exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// «Бухгалтерия предприятия» 3.0.
    Bp30,
    /// «Управление торговлей» 11.5; «Комплексная автоматизация» and ERP are alike in what matters here.
    Ut11,
    /// «Управление нашей фирмой» 3.0.
    Unf,
}

/// The sets that the interface shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Composition {
    /// Every set of the schema.
    Whole,
    /// These sets alone; an empty list is what a fresh base has.
    Sets(BTreeSet<String>),
}

impl Composition {
    pub(crate) fn contains(&self, set: &str) -> bool {
        match self {
            Composition::Whole => true,
            Composition::Sets(sets) => sets.contains(set),
        }
    }
}

/// The web server of the publication, which has rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebServer {
    /// Refuses request lines above 8190 bytes.
    Apache,
    /// Refuses queries above 2048 bytes, and writes that do not tell the length of their body.
    Iis,
}

/// What the user of the interface may see and do; by default everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// By set: the rights that the user lacks. Tabular sections share those of their owner.
    pub lacking: BTreeMap<String, BTreeSet<Right>>,
    /// By set: what a row must be like to be seen and written, as an expression of `$filter`. One that cannot be
    /// read shows no row.
    pub rows: BTreeMap<String, String>,
    /// Single objects that are hidden.
    pub hidden: BTreeSet<Uuid>,
}

/// A right to a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// To read it.
    Read,
    /// To create in it.
    Insert,
    /// To change what it holds.
    Update,
    /// To delete physically.
    Delete,
}

/// What becomes of a name that no property has: clients report one thing and the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownField {
    /// The request is refused with code 10.
    Refused,
    /// A filter finds nothing, an order is ignored; neither with a word.
    Silent,
}

/// What the server does with `If-Match`: the documentation says one thing, practice reports the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfMatch {
    /// The header has no effect.
    Ignored,
    /// Another version than the named one gives 412.
    Honoured,
}

/// What the server does with a string longer than its attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverLong {
    /// The write is refused with code 4.
    Refused,
    /// The string is cut silently.
    Cut,
}

/// `reuseSessions` of the publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionMode {
    /// Each call starts a session.
    DontUse,
    /// A pool of idle sessions; the `IBSession` header is ignored.
    AutoUse,
    /// The client starts and finishes sessions by header and cookie.
    Use,
}

/// A fault of the system as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The base is blocked for an update or a backup: 503.
    Locked,
    /// A cloud's login page answers in place of the base: HTML with status 200.
    LoginPage,
    /// No client licence is free: 500 with a text whenever a session must start.
    NoLicence,
    /// The web server does not reach 1C: its own page with status 502.
    BadGateway,
    /// Status 200 without a byte.
    Empty,
    /// Writes meet the locks of others: 500 with code -1 and nothing done.
    LockConflict,
    /// Handlers of a new release still run, and writes of what they have not processed fail: 500 with code -1.
    UnfinishedUpdate,
}
