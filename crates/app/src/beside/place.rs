//! Where the socket of a server stands: beside the SQLite file; for a PostgreSQL store beside the configuration file.
//!
//! It is made for its owner alone, under another name, and then takes the place of one that a killed server left behind:
//! whoever makes it owns the store. A path may be longer than sockets allow, so it is reached by a short way.

use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;
use tokio::net::{UnixListener, UnixStream};

use crate::config::Loaded;
use crate::failure::Failure;

/// Paths of sockets take 108 bytes on Linux, 104 on other systems, with a zero at the end.
const LONGEST: usize = 100;

/// The place of a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    folder: PathBuf,
    name: String,
}

impl Place {
    /// Where the server of this configuration's store listens.
    pub(crate) fn of(loaded: &Loaded) -> Result<Self, Failure> {
        let url = loaded.store_url()?;
        Ok(Self::of_store(url.expose_secret(), &loaded.document.folder()))
    }

    fn of_store(url: &str, folder: &Path) -> Self {
        match url.strip_prefix("sqlite:") {
            Some(file) => {
                let file = folder.join(file);
                let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                Self { folder: folder.unwrap_or(Path::new(".")).to_owned(), name: format!("{name}.sock") }
            }
            // Who connects may have another user or password in the address.
            None => {
                let place = url.split_once('@').map_or(url, |(_, place)| place);
                let place = place.split_once('?').map_or(place, |(place, _)| place);
                let name = format!("obmen-{:016x}.sock", super::fingerprint(place));
                Self { folder: folder.to_owned(), name }
            }
        }
    }

    /// The path, for people.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Connects to the server that listens; `None` where none does.
    pub(crate) async fn connect(&self) -> io::Result<Option<UnixStream>> {
        if !self.path().exists() {
            return Ok(None);
        }
        let way = Way::to(&self.folder, &self.name)?;
        match UnixStream::connect(way.path()).await {
            Ok(stream) => Ok(Some(stream)),
            Err(error)
                if matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Listens there. To be called by the owner of the store alone.
    pub(crate) fn listen(&self) -> io::Result<UnixListener> {
        // Nobody else gets into the folder in which the socket comes into being.
        let made = tempfile::Builder::new().prefix(".obmen").tempdir_in(&self.folder)?;
        let way = Way::to(made.path(), &self.name)?;
        let listener = UnixListener::bind(way.path())?;
        let socket = made.path().join(&self.name);
        std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600))?;
        std::fs::rename(socket, self.path())?;
        Ok(listener)
    }

    /// Takes the socket away. To be called by the owner of the store alone.
    pub(crate) fn leave(&self) {
        // Whoever finds it nevertheless finds nobody listening.
        let _ = std::fs::remove_file(self.path());
    }
}

/// A way to a name in a folder that is short enough for a socket.
struct Way {
    path: PathBuf,
    /// Holds a link to the folder, where the way leads over one.
    _link: Option<tempfile::TempDir>,
}

impl Way {
    fn to(folder: &Path, name: &str) -> io::Result<Self> {
        let path = folder.join(name);
        if path.as_os_str().len() <= LONGEST {
            return Ok(Self { path, _link: None });
        }
        let link = tempfile::tempdir()?;
        let short = link.path().join("f");
        symlink(folder.canonicalize()?, &short)?;
        Ok(Self { path: short.join(name), _link: Some(link) })
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_stands_beside_the_store_or_the_configuration() {
        let folder = Path::new("/srv/obmen");
        let path = |url: &str| Place::of_store(url, folder).path();
        assert_eq!(path("sqlite:obmen.db"), Path::new("/srv/obmen/obmen.db.sock"));
        assert_eq!(path("sqlite:/var/lib/obmen/a.db"), Path::new("/var/lib/obmen/a.db.sock"));
        let place = path("postgres://obmen:geheim@db/obmen?sslmode=require");
        assert_eq!(place, path("postgres://other@db/obmen"));
        assert_ne!(place, path("postgres://other@db/another"));
        assert!(place.starts_with(folder) && !place.display().to_string().contains("geheim"));
    }

    #[tokio::test]
    async fn a_socket_is_for_its_owner_alone_takes_the_place_of_a_stale_one_and_may_be_far_away() {
        let root = tempfile::tempdir().unwrap();
        let far = root.path().join("ф".repeat(60)).join("folder");
        std::fs::create_dir_all(&far).unwrap();
        for folder in [root.path(), &far] {
            let place = Place::of_store("sqlite:a.db", folder);
            assert!(place.connect().await.unwrap().is_none(), "nobody was ever there");
            drop(place.listen().unwrap());
            assert!(place.connect().await.unwrap().is_none(), "nobody listens any more");
            let listener = place.listen().unwrap();
            let mode = std::fs::metadata(place.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            assert!(place.connect().await.unwrap().is_some());
            drop(listener);
            place.leave();
            assert_eq!(
                std::fs::read_dir(folder)
                    .unwrap()
                    .filter(|entry| {
                        let name = entry.as_ref().unwrap().file_name();
                        name.to_string_lossy().contains("obmen")
                    })
                    .count(),
                0,
                "nothing is left behind"
            );
        }
    }
}
