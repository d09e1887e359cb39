//! `obmen sim bases`: two made-up customer bases with noise, and the truth about them, as files.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use obmen_sim::population::noisy::{Recipe, generate};
use serde_json::{Value, json};

use crate::cli::SimBasesArgs;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::output::print_json;

pub(super) fn run(args: &SimBasesArgs, context: &Context) -> Result<Ending, Failure> {
    let recipe =
        Recipe { people: args.people, companies: args.companies, seed: args.seed, noise: args.noise };
    let bases = generate(&recipe);
    std::fs::create_dir_all(&args.out).map_err(|error| unwritten(&args.out, &error))?;
    write_lines(&args.out.join("b24.jsonl"), &bases.bitrix24)?;
    write_lines(&args.out.join("onec.jsonl"), &bases.onec)?;
    write_lines(&args.out.join("truth.json"), std::slice::from_ref(&bases.truth))?;
    let (bitrix24, onec) = (bases.bitrix24.len() as u64, bases.onec.len() as u64);
    if context.global.json {
        print_json(&json!({
            "folder": args.out, "noise": args.noise.name(), "seed": args.seed,
            "lines_bitrix24": bitrix24, "lines_onec": onec, "counts": bases.truth["counts"],
        }));
    } else {
        let folder = args.out.display().to_string();
        let details = [("folder", folder.into()), ("bitrix24", bitrix24.into()), ("onec", onec.into())];
        context.print(&context.say_with("sim-bases", &details));
    }
    Ok(Ending::Done)
}

fn write_lines(path: &Path, lines: &[Value]) -> Result<(), Failure> {
    let write = || {
        let mut file = BufWriter::new(File::create(path)?);
        lines.iter().try_for_each(|line| writeln!(file, "{line}"))?;
        file.flush()
    };
    write().map_err(|error| unwritten(path, &error))
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    let details = vec![("file", path.display().to_string()), ("words", error.to_string())];
    Failure::Said { id: "sim-unwritten", details }
}
