//! A server in a temporary folder, and its end.
//!
//! Invariant: when the process that started it is gone, so are the server and its folder.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::programs::Programs;

const PASSWORD: &str = "geheim";

/// Starts the server, says when it is ready, waits until nobody holds its standard input any more, and cleans up.
const KEEPER: &str = r#"
cd "$2" || exit 1
"$1/postgres" -D data >log 2>&1 &
server=$!
until "$1/pg_isready" --quiet --host "$2" --port "$3"; do
  kill -0 "$server" 2>/dev/null || break
  sleep 0.05
done
kill -0 "$server" 2>/dev/null && echo ready || tail -n 1 log
cat >/dev/null
kill -QUIT "$server"
wait "$server"
rm -rf "$2"
"#;

/// A running server.
#[derive(Debug)]
pub struct Server {
    programs: Programs,
    folder: PathBuf,
    port: u16,
    keeper: Child,
}

impl Server {
    /// Makes a cluster and starts it.
    ///
    /// # Panics
    /// When there is no PostgreSQL, or it does not start.
    pub fn start() -> Self {
        let programs = Programs::find();
        // Short and not below the build: the path of a socket has a hundred letters at most.
        let folder =
            tempfile::Builder::new().prefix("obmen-pg-").tempdir().expect("there is a temporary folder");
        programs.own(folder.path());
        let folder = folder.keep();
        let data = folder.join("data");
        let made = programs
            .command("initdb")
            .arg("--pgdata")
            .arg(&data)
            .args(["--no-sync", "--auth", "trust", "--username", "postgres", "--encoding", "UTF8"])
            .args(["--locale", "C"])
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        settle(&programs, &folder, &data, port);
        let mut keeper = programs
            .as_user(Command::new("sh"))
            .args(["-c", KEEPER, "keeper"])
            .args([programs.folder(), &folder])
            .arg(port.to_string())
            // Ctrl-C at the terminal is for the tests; the keeper outlives them to clean up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell is there");
        let said = BufReader::new(keeper.stdout.take().expect("it is piped")).lines().next();
        let said = said.and_then(Result::ok).unwrap_or_default();
        assert_eq!(said, "ready", "PostgreSQL does not start in {}", folder.display());
        let server = Self { programs, folder, port, keeper };
        server.run_sql("postgres", &format!("alter role postgres password '{PASSWORD}'"));
        server
    }

    /// The address of a database by the unix socket.
    pub fn socket_url(&self, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{folder}:{}/{database}", self.port)
    }

    /// The address of a database by the port, with the password.
    pub fn tls_url(&self, database: &str) -> String {
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// The certificate that is shown on the port.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    /// The temporary folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs statements by `psql`; answers what it prints.
    ///
    /// # Panics
    /// When a statement fails.
    pub fn run_sql(&self, database: &str, sql: &str) -> String {
        let done = self
            .programs
            .command("psql")
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"])
            .args(["--username", "postgres", "--dbname", database, "--command", sql])
            .arg("--host")
            .arg(&self.folder)
            .args(["--port", &self.port.to_string()])
            .output()
            .expect("psql runs");
        assert!(done.status.success(), "{sql}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // It has done its work when it is gone; a server of the whole process is left to it.
        let _ = self.keeper.wait();
    }
}

/// Settings of the server, who may come in, and a certificate for 127.0.0.1.
fn settle(programs: &Programs, folder: &Path, data: &Path, port: u16) {
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned(), "localhost".to_owned()])
        .expect("a certificate can be made");
    let mut settings = String::new();
    let shown = folder.display();
    for (name, value) in [
        ("unix_socket_directories", shown.to_string()),
        ("listen_addresses", "127.0.0.1".to_owned()),
        ("port", port.to_string()),
        ("ssl", "on".to_owned()),
        ("ssl_cert_file", format!("{shown}/certificate.pem")),
        ("ssl_key_file", format!("{shown}/key.pem")),
        ("max_connections", "400".to_owned()),
        ("shared_buffers", "32MB".to_owned()),
        // The machine may lose power only together with the test.
        ("fsync", "off".to_owned()),
        ("synchronous_commit", "off".to_owned()),
        ("full_page_writes", "off".to_owned()),
        ("autovacuum", "off".to_owned()),
    ] {
        let _ = writeln!(settings, "{name} = '{value}'");
    }
    let entrance = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
    write(programs, &folder.join("certificate.pem"), &certified.cert.pem());
    write(programs, &folder.join("key.pem"), &certified.signing_key.serialize_pem());
    write(programs, &data.join("postgresql.auto.conf"), &settings);
    write(programs, &data.join("pg_hba.conf"), entrance);
}

fn write(programs: &Programs, path: &Path, text: &str) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.expect("the temporary folder takes files");
    programs.own(path);
}

/// Free a moment ago; nobody else on this machine is likely to take it within the next.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_and_its_folder_go_when_nobody_holds_it() {
        let server = Server::start();
        assert_eq!(server.run_sql("postgres", "show fsync"), "off");
        let folder = server.folder().to_owned();
        let postmaster = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
        let process = PathBuf::from("/proc").join(postmaster.lines().next().unwrap());
        assert!(process.exists());
        drop(server);
        assert!(!folder.exists() && !process.exists(), "{}", folder.display());
    }
}
