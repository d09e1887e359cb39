//! `obmen setup --extension`: the files of the 1C extension, and the steps that only a person can do.
//!
//! Needs neither a connection nor a store. Invariant: nothing is written outside the named folder.

use std::path::Path;

use serde_json::json;

use crate::config::Loaded;
use crate::context::Context;
use crate::failure::{Ending, Failure};

/// Build, path within it, content.
const FILES: &[(&str, &str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/extension.rs"));
const BUILDS: [&str; 3] = ["bp30", "unf", "ut11"];
/// The steps, in both languages.
const PAGES: [(&str, &str); 2] = [
    ("onec-extension.md", include_str!("../../../../docs/onec-extension.md")),
    ("onec-extension.ru.md", include_str!("../../../../docs/onec-extension.ru.md")),
];

/// Writes the build that fits the pair, or all of them where that is not known.
pub(super) fn write(folder: &Path, context: &Context) -> Result<Ending, Failure> {
    let folder = context.path(folder);
    let builds = builds(context);
    let mut count: u64 = 0;
    for (build, path, content) in FILES.iter().filter(|(build, ..)| builds.contains(build)) {
        put(&folder.join(build).join(path), content)?;
        count += 1;
    }
    for (name, text) in PAGES {
        put(&folder.join(name), text.as_bytes())?;
    }
    let shown = std::path::absolute(&folder).unwrap_or(folder);
    let steps: Vec<String> = builds.iter().map(|build| steps(&shown.join(build), context)).collect();
    if context.global.json {
        let folder = shown.display().to_string();
        context.print_json(&json!({ "folder": folder, "builds": builds, "files": count, "steps": steps }));
        return Ok(Ending::Done);
    }
    let details = [
        ("folder", shown.display().to_string().into()),
        ("builds", builds.join(", ").into()),
        ("count", count.into()),
    ];
    context.print(&context.say_with("setup-extension-written", &details));
    for part in steps.iter().chain([&context.say("setup-extension-after")]) {
        context.print("");
        context.print(part);
    }
    Ok(Ending::Done)
}

/// The build of the pair's configuration.
fn builds(context: &Context) -> Vec<&'static str> {
    let loaded = Loaded::read(&context.global.config).ok();
    let configuration = loaded.as_ref().and_then(|loaded| {
        let (_, pair) = loaded.pair(context.global.pair.as_deref()).ok()?;
        Some(pair.onec.configuration.as_str())
    });
    match BUILDS.into_iter().find(|build| Some(*build) == configuration) {
        Some(build) => vec![build],
        None => BUILDS.to_vec(),
    }
}

fn steps(folder: &Path, context: &Context) -> String {
    context.say_with("setup-extension-steps", &[("folder", folder.display().to_string().into())])
}

fn put(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let written = || {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, content)
    };
    written().map_err(|error| Failure::Said {
        id: "setup-extension-unwritten",
        details: vec![("file", path.display().to_string()), ("words", error.to_string())],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_build_is_carried_along_whole() {
        for build in BUILDS {
            let of_build: Vec<&str> =
                FILES.iter().filter(|(of, ..)| *of == build).map(|(_, path, _)| *path).collect();
            assert!(of_build.contains(&"Configuration.xml"), "{build}");
            assert!(of_build.contains(&"HTTPServices/обм_Служба/Ext/Module.bsl"), "{build}");
            assert!(of_build.len() > 40, "{build}: {of_build:?}");
        }
    }
}
