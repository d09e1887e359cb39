#![doc = include_str!("../README.md")]

mod programs;
mod server;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub use server::Server;

/// A database of one test; it goes when the test is over.
#[derive(Debug)]
pub struct Database {
    name: String,
}

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// An empty database on the server of this test process.
///
/// # Panics
/// When there is no PostgreSQL, or it does not start; the words say what to do.
pub fn database() -> Database {
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    SERVER.run_sql("postgres", &format!("create database {name} template template0 encoding 'UTF8'"));
    Database { name }
}

impl Database {
    /// Its address by the unix socket, as the server's superuser.
    pub fn url(&self) -> String {
        SERVER.socket_url(&self.name)
    }

    /// Its address by the port of 127.0.0.1, where the server wants TLS and a password.
    pub fn tls_url(&self) -> String {
        SERVER.tls_url(&self.name)
    }

    /// Runs statements by `psql`; answers what it prints.
    ///
    /// # Panics
    /// When a statement fails.
    pub fn run_sql(&self, sql: &str) -> String {
        SERVER.run_sql(&self.name, sql)
    }

    /// The file of the certificate that the server shows on its port.
    pub fn certificate() -> std::path::PathBuf {
        SERVER.certificate()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            SERVER.run_sql("postgres", &format!("drop database {} with (force)", self.name));
        }
    }
}
