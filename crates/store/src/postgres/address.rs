//! The address of a store: hosts, user, database, and how the connection is secured.
//!
//! `tokio-postgres` reads the address; two things are added here. `sslmode=verify-full` and `sslrootcert=FILE` are
//! understood, and without `sslmode` TLS is wanted from every host but this machine. With TLS the certificate is always
//! verified. Invariant: what is told of an address holds no password.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::open_error::OpenError;

/// After how long a server counts as not reached.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How soon a silent connection is asked whether it lives.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// How long what was sent may stay unconfirmed.
const SENT_TIMEOUT: Duration = Duration::from_secs(60);

/// Where a store is.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    /// How to connect.
    pub(crate) config: Config,
    /// The certificate to trust in place of the system's roots.
    pub(crate) root_certificate: Option<PathBuf>,
    /// For messages.
    pub(crate) shown: String,
}

impl Address {
    /// Reads `postgres://user:password@host:port,host:port/database?option=value`.
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let wrong = |words: &str| OpenError::Address { words: words.to_owned() };
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(wrong("it does not begin with postgres://"));
        }
        let (base, options) = url.split_once('?').unwrap_or((url, ""));
        let mut kept = form_urlencoded::Serializer::new(String::new());
        let (mut mode, mut root_certificate) = (None, None);
        for (name, value) in form_urlencoded::parse(options.as_bytes()) {
            match name.as_ref() {
                "sslmode" => {
                    mode = Some(
                        ssl_mode(&value)
                            .ok_or_else(|| wrong("sslmode is disable, prefer, require or verify-full"))?,
                    )
                }
                "sslrootcert" => root_certificate = Some(PathBuf::from(value.as_ref())),
                // The reader of addresses takes `+` for itself.
                _ => drop(kept.append_pair(&name, &value)),
            }
        }
        let kept = kept.finish().replace('+', "%20");
        let separator = if kept.is_empty() { "" } else { "?" };
        let mut config: Config = format!("{base}{separator}{kept}")
            .parse()
            .map_err(|error: tokio_postgres::Error| wrong(&words(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(wrong("it names no host"));
        }
        let away = !is_here(&config);
        config.ssl_mode(mode.unwrap_or(if away { SslMode::Require } else { SslMode::Disable }));
        config.application_name(format!("obmen, process {}", std::process::id()));
        config.connect_timeout(config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT));
        config.keepalives_idle(KEEPALIVE);
        config.tcp_user_timeout(config.get_tcp_user_timeout().copied().unwrap_or(SENT_TIMEOUT));
        let shown = show(&config);
        Ok(Self { config, root_certificate, shown })
    }
}

fn ssl_mode(word: &str) -> Option<SslMode> {
    match word {
        "disable" => Some(SslMode::Disable),
        "prefer" => Some(SslMode::Prefer),
        "require" | "verify-full" => Some(SslMode::Require),
        _ => None,
    }
}

/// Whether all hosts are this machine.
fn is_here(config: &Config) -> bool {
    let loopback =
        |host: &str| host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    config.get_hostaddrs().iter().all(IpAddr::is_loopback)
        && config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => loopback(name),
            Host::Unix(_) => true,
        })
}

fn show(config: &Config) -> String {
    let named = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    });
    let hosts: Vec<String> = named.collect();
    let hosts = if hosts.is_empty() {
        config.get_hostaddrs().iter().map(ToString::to_string).collect()
    } else {
        hosts
    };
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("postgres://{}/{database}", hosts.join(","))
}

/// What the reader says of a wrong address: its sort of error and the option, never a value.
fn words(error: &tokio_postgres::Error) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string);
    let known = source
        .filter(|words| words.starts_with("unknown option") || words.starts_with("invalid value for option"));
    known.unwrap_or_else(|| "it is not written as postgres://user:password@host:port/database".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_not_this_machine_is_spoken_to_by_tls() {
        let cases = [
            ("postgres://obmen@db.example.org/obmen", SslMode::Require),
            ("postgres://obmen@10.0.0.5,10.0.0.6/obmen", SslMode::Require),
            ("postgres://obmen@localhost/obmen", SslMode::Disable),
            ("postgresql://obmen@127.0.0.1:5433,[::1]/obmen", SslMode::Disable),
            ("postgres://obmen@%2Frun%2Fpostgresql/obmen", SslMode::Disable),
            ("postgres://obmen@localhost,db.example.org/obmen", SslMode::Require),
            ("postgres://obmen@localhost/obmen?sslmode=verify-full", SslMode::Require),
            ("postgres://obmen@db.example.org/obmen?sslmode=disable", SslMode::Disable),
        ];
        for (url, mode) in cases {
            assert_eq!(Address::parse(url).unwrap().config.get_ssl_mode(), mode, "{url}");
        }
    }

    #[test]
    fn options_and_a_list_of_hosts_are_read() {
        let url = "postgres://obmen:ge%20heim@a:5433,b/base?target_session_attrs=read-write&sslrootcert=%2Fetc%2Froot.pem\
                   &options=-c%20search_path%3Dobmen";
        let address = Address::parse(url).unwrap();
        assert_eq!(address.config.get_ports(), [5433, 5432]);
        assert_eq!(address.config.get_password(), Some(b"ge heim".as_slice()));
        assert_eq!(address.config.get_options(), Some("-c search_path=obmen"));
        assert_eq!(address.root_certificate, Some(PathBuf::from("/etc/root.pem")));
        assert_eq!(address.shown, "postgres://a,b/base");
    }

    #[test]
    fn a_wrong_address_is_told_without_its_password() {
        for url in [
            "mysql://obmen:geheim@a/b",
            "postgres://obmen:geheim@a:port/b",
            "postgres://obmen:geheim@a/b?sslmode=allow",
            "postgres://obmen:geheim@a/b?fly=1",
            "postgres:///b",
        ] {
            let words = Address::parse(url).unwrap_err().to_string();
            assert!(
                words.starts_with("understand the address of the store: ") && !words.contains("geheim"),
                "{words}"
            );
        }
    }
}
