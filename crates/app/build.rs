//! Lists the builds of the 1C extension, so that the binary carries their files along.
//!
//! Invariant: the list is sorted, so that the same sources give the same binary.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

const BUILDS: [&str; 3] = ["bp30", "unf", "ut11"];

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../onec-extension");
    let mut list = String::from("&[\n");
    for build in BUILDS {
        let folder = root.join(build);
        println!("cargo::rerun-if-changed={}", folder.display());
        for path in files(&folder)? {
            let name = path.strip_prefix(&folder).map_err(io::Error::other)?;
            writeln!(list, "    ({build:?}, {name:?}, include_bytes!({path:?})),")
                .map_err(io::Error::other)?;
        }
    }
    list.push(']');
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names no folder"))?;
    std::fs::write(Path::new(&out).join("extension.rs"), list)
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}
