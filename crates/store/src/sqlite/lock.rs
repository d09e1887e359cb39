//! One process at a time: an OS lock on a file beside the database.
//!
//! The system frees the lock when the process ends, however it ends; the lock file itself stays. It holds the owner's
//! process id, for whoever is refused. The database file itself is not locked here: SQLite locks it in its own way.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use crate::open_error::OpenError;

/// Held as long as the database is open.
#[derive(Debug)]
pub(crate) struct FileLock {
    file: File,
}

/// A process that another thread is just starting has a copy of the file for a moment: closing ours would not be enough.
impl Drop for FileLock {
    fn drop(&mut self) {
        // Where it fails, the system frees the lock with the last copy.
        drop(self.file.unlock());
    }
}

impl FileLock {
    /// Takes the lock of the database at `path`, without waiting.
    pub(crate) fn take(path: &Path) -> Result<Self, OpenError> {
        let lock_path = lock_path(path);
        let failed = |source| OpenError::Lock { store: lock_path.display().to_string(), source };
        let mut file = private().open(&lock_path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let owner = read_owner(&mut file);
                let owner =
                    owner.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
                return Err(OpenError::InUse { store: path.display().to_string(), owner });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        write_owner(&mut file).map_err(failed)?;
        Ok(Self { file })
    }
}

/// How files with personal data are made: for their owner alone, where the system knows such a thing.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn write_owner(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}", std::process::id())
}

/// Some systems do not let a locked file be read; then the owner stays unknown.
fn read_owner(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
