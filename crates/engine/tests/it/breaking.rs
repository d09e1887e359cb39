//! A store that breaks in the midst of a change: what belongs together is kept together, or not at all.

use std::path::PathBuf;

use futures_executor::block_on;
use obmen_domain::record::Side;
use rusqlite::Connection;
use tempfile::TempDir;

use super::stage::Stage;

/// The file of a stage.
struct Disk(TempDir);

impl Disk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("obmen.db")
    }

    /// From now on the store refuses this.
    fn refuses(&self, what: &str) {
        let refuse = format!("create trigger broken before {what} begin select raise(abort, 'broken'); end");
        Connection::open(self.file()).unwrap().execute_batch(&refuse).unwrap();
    }
}

#[test]
fn a_bookmark_stays_where_its_signals_are_not_kept() {
    let disk = Disk::new();
    let stage = Stage::in_file(&disk.file());
    block_on(stage.engine.poll(Side::Bitrix24)).unwrap();
    disk.refuses("insert on dirty");
    *stage.side.news.lock().unwrap() = vec!["5".to_owned()];
    block_on(stage.engine.poll(Side::Bitrix24)).unwrap_err();
    assert_eq!(stage.bookmark().as_deref(), Some("1"), "what it told is told once more");
}

#[test]
fn a_created_record_its_link_and_the_end_of_its_write_are_kept_together() {
    let disk = Disk::new();
    let stage = Stage::in_file(&disk.file());
    stage.side.stands.lock().unwrap().insert("1".to_owned());
    *stage.onec.makes.lock().unwrap() = true;
    stage.signal(&["1"]);
    disk.refuses("delete on intent");
    block_on(stage.engine.run_once()).unwrap_err();
    assert_eq!((stage.links("1"), stage.open_writes()), (0, 1), "what became of it is found out later");
}
