//! Log lines to the standard error, for people or for a collector. Not responsible for what is logged: no line holds secrets
//! or personal data.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::cli::LogFormat;

/// Starts logging: warnings, or more where asked; `OBMEN_LOG` names targets and levels of one's own.
pub(crate) fn start(verbose: u8, format: LogFormat) {
    let level = match verbose {
        0 => "warn",
        1 => {
            "warn,obmen=info,obmen_server=info,obmen_engine=info,obmen_bitrix24=info,obmen_onec=info,obmen_store=info"
        }
        _ => {
            "info,obmen=debug,obmen_server=debug,obmen_engine=debug,obmen_bitrix24=debug,obmen_onec=debug,obmen_store=debug"
        }
    };
    let filter = EnvFilter::try_from_env("OBMEN_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}
