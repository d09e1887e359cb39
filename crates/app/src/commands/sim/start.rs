//! What both simulators have in common at their start: data, faults, the face, and waiting for Ctrl-C.

use std::io::{BufRead as _, BufReader};
use std::path::Path;

use obmen_engine::ports::Clock as _;
use obmen_sim::face::{Face, FaceOptions, Tls, serve};
use obmen_sim::faults::Rule;
use obmen_sim::world::World;

use crate::cli::SimArgs;
use crate::context::Context;
use crate::failure::Failure;

/// Loads the data and listens.
pub(super) async fn start<W: World + 'static>(
    mut world: W,
    args: &SimArgs,
    context: &Context,
) -> Result<Face<W>, Failure> {
    if let Some(file) = &args.data {
        load(&mut world, file)?;
    }
    let options = FaceOptions {
        port: args.port,
        time_scale: args.time_scale,
        latency: args.latency,
        tls: read_tls(args)?,
        faults: args.faults.as_deref().map(read_faults).transpose()?.unwrap_or_default(),
        ..FaceOptions::new(context.clock.now())
    };
    serve(world, options).await.map_err(|error| failed_to_start(&error))
}

/// Completes when the process is asked to end.
pub(crate) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without signals there is nothing to wait for but the end of the process.
        std::future::pending::<()>().await;
    }
}

fn load<W: World>(world: &mut W, path: &Path) -> Result<(), Failure> {
    let file = path.display().to_string();
    let unreadable = |error: std::io::Error| Failure::Said {
        id: "sim-file",
        details: vec![("file", file.clone()), ("words", error.to_string())],
    };
    let reader = BufReader::new(std::fs::File::open(path).map_err(unreadable)?);
    for (index, line) in reader.lines().enumerate() {
        let line = line.map_err(unreadable)?;
        if line.trim().is_empty() {
            continue;
        }
        let value = serde_json::from_str(&line).map_err(|error| error.to_string());
        value.and_then(|value| world.load(&value)).map_err(|words| Failure::Said {
            id: "sim-data",
            details: vec![("file", file.clone()), ("line", (index + 1).to_string()), ("words", words)],
        })?;
    }
    Ok(())
}

fn read_faults(path: &Path) -> Result<Vec<Rule>, Failure> {
    serde_json::from_slice(&read(path)?).map_err(|error| Failure::Said {
        id: "sim-faults",
        details: vec![("file", path.display().to_string()), ("words", error.to_string())],
    })
}

fn read_tls(args: &SimArgs) -> Result<Option<Tls>, Failure> {
    let (Some(certificate), Some(key)) = (&args.tls_cert, &args.tls_key) else { return Ok(None) };
    let tls = Tls::from_pem(&read(certificate)?, &read(key)?).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        let details = vec![
            ("certificate", certificate.display().to_string()),
            ("key", key.display().to_string()),
            ("words", format!("{error}{cause}")),
        ];
        Failure::Said { id: "sim-tls", details }
    })?;
    Ok(Some(tls))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::Said {
        id: "sim-file",
        details: vec![("file", path.display().to_string()), ("words", error.to_string())],
    })
}

fn failed_to_start(error: &dyn std::fmt::Display) -> Failure {
    Failure::Said { id: "sim-start", details: vec![("words", error.to_string())] }
}
