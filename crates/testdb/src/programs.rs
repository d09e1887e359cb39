//! Where PostgreSQL's programs are, and as whom they run.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const INSTALL: &str = include_str!("../install.sh");
const MISSING: &str = "the tests need the programs of a PostgreSQL server (initdb, postgres, psql), and there are none in PATH \
     or in /usr/lib/postgresql; install them, on Debian with `apt-get install --no-install-recommends postgresql`, \
     or run the tests as root once, which does that";

/// The programs of one version.
#[derive(Debug)]
pub(crate) struct Programs {
    folder: PathBuf,
    /// The user and group to run them as; none for the present one.
    user: Option<(u32, u32)>,
}

impl Programs {
    /// Finds the programs, or installs them where that is possible.
    pub(crate) fn find() -> Self {
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|myself| myself.uid() == 0);
        let folder = look().or_else(|| if is_root { install() } else { None });
        let user = is_root.then(unprivileged);
        Self { folder: folder.expect(MISSING), user }
    }

    /// One of the programs, to be run as whoever may.
    pub(crate) fn command(&self, name: &str) -> Command {
        self.as_user(Command::new(self.folder.join(name)))
    }

    /// Where the programs are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Any program, to be run as whoever may run PostgreSQL.
    pub(crate) fn as_user(&self, mut command: Command) -> Command {
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        // A folder that the user may not enter is no place to run in.
        command.current_dir("/");
        command
    }

    /// Gives a file or folder to whoever runs the programs.
    pub(crate) fn own(&self, path: &Path) {
        if let Some((user, group)) = self.user {
            std::os::unix::fs::chown(path, Some(user), Some(group)).expect("root gives files away");
        }
    }
}

/// The folder in `PATH`, else that of the latest version where Debian puts them.
fn look() -> Option<PathBuf> {
    let whole = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_isready", "psql"].iter().all(|name| folder.join(name).is_file())
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|version| Some((version.file_name().to_str()?.parse().ok()?, version.path().join("bin"))))
        .collect();
    versions.sort();
    let latest_first = versions.into_iter().rev().map(|(_, folder)| folder);
    std::env::split_paths(&path).chain(latest_first).find(whole)
}

fn install() -> Option<PathBuf> {
    let done = Command::new("sh").args(["-c", INSTALL]).output().expect("a shell is there");
    assert!(done.status.success(), "{MISSING}; trying it said: {}", String::from_utf8_lossy(&done.stderr));
    look()
}

/// User and group of `postgres`, else of `nobody`.
fn unprivileged() -> (u32, u32) {
    let users = std::fs::read_to_string("/etc/passwd").expect("the system has users");
    let of = |name: &str| {
        let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let found = fields.into_iter().find(|fields| fields[0] == name)?;
        Some((found.get(2)?.parse().ok()?, found.get(3)?.parse().ok()?))
    };
    of("postgres").or_else(|| of("nobody")).expect("there is a user to run PostgreSQL as, since root may not")
}
