//! The one writer: a thread that commits whatever queued up as one group.
//!
//! Syncing the disk is what a commit costs, so callers that come while one is under way share the next. Where one of them
//! fails, each job runs anew under a savepoint of its own. Invariants: a job is answered after the group's commit; a job that fails leaves
//! nothing and takes no other with it; a group whose commit fails leaves nothing at all, and every job is told.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use futures_channel::oneshot;
use obmen_engine::ports::StoreError;
use obmen_engine::store::Change;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::apply::apply;
use super::statement::{Scope, failed};

/// More than ever wait at once; a bound on what one commit carries.
const GROUP_LIMIT: usize = 256;

/// Changes of one pair that are committed together.
#[derive(Debug)]
pub(crate) struct Job {
    /// The pair's name.
    pub(crate) pair: String,
    /// The changes, in their order.
    pub(crate) changes: Vec<Change>,
}

type Answer = Result<(), StoreError>;
type Queued = (Job, oneshot::Sender<Answer>);

/// The writer thread's handle; dropping it finishes what is queued.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Option<Sender<Queued>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread; the connection is its own from here on.
    pub(crate) fn start(connection: Connection) -> std::io::Result<Self> {
        let (queue, jobs) = channel();
        let thread = Builder::new().name("obmen-store".to_owned()).spawn(move || run(connection, &jobs))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Queues a job and waits for its answer. Whoever stops waiting does not stop the job.
    pub(crate) async fn write(&self, job: Job) -> Answer {
        let (sender, answer) = oneshot::channel();
        if let Some(queue) = &self.queue {
            // A queue nobody reads drops the sender with the job, which the answer shows.
            let _ = queue.send((job, sender));
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::Failed("the store's writer has ended".to_owned())))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has told its callers by ending.
            let _ = thread.join();
        }
    }
}

fn run(mut connection: Connection, jobs: &Receiver<Queued>) {
    while let Ok(first) = jobs.recv() {
        let (group, senders): (Vec<_>, Vec<_>) =
            std::iter::once(first).chain(jobs.try_iter().take(GROUP_LIMIT - 1)).unzip();
        let answers = commit_group(&mut connection, &group);
        for (sender, answer) in senders.into_iter().zip(answers) {
            // The caller may have stopped waiting.
            let _ = sender.send(answer);
        }
    }
}

/// Commits jobs in one transaction; answers one result a job, in their order.
pub(crate) fn commit_group(connection: &mut Connection, group: &[Job]) -> Vec<Answer> {
    if try_all(connection, group).is_ok() {
        return vec![Ok(()); group.len()];
    }
    try_group(connection, group).unwrap_or_else(|error| vec![Err(error); group.len()])
}

/// Jobs fail rarely: all of them at once, without savepoints, and none where one fails.
fn try_all(connection: &mut Connection, group: &[Job]) -> Result<(), StoreError> {
    let transaction = begin(connection)?;
    let mut pairs: BTreeMap<&str, i64> = BTreeMap::new();
    for job in group {
        let pair = match pairs.entry(&job.pair) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => *new.insert(Scope::find_or_add(&transaction, &job.pair)?.pair),
        };
        let scope = Scope { connection: &transaction, pair };
        job.changes.iter().try_for_each(|change| apply(&scope, change))?;
    }
    transaction.commit().map_err(|error| failed("/* write.commit */", &error))
}

fn begin(connection: &mut Connection) -> Result<Transaction<'_>, StoreError> {
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    begun.map_err(|error| failed("/* write.begin */", &error))
}

fn try_group(connection: &mut Connection, group: &[Job]) -> Result<Vec<Answer>, StoreError> {
    let transaction = begin(connection)?;
    let answers = group.iter().map(|job| run_job(&transaction, job)).collect::<Result<_, _>>()?;
    transaction.commit().map_err(|error| failed("/* write.commit */", &error))?;
    Ok(answers)
}

/// Runs a job under its savepoint. The outer error means that the savepoint did not work, which leaves the group no
/// way but to fail whole.
fn run_job(connection: &Connection, job: &Job) -> Result<Answer, StoreError> {
    savepoint(connection, "/* write.savepoint */ savepoint job")?;
    let answer = Scope::find_or_add(connection, &job.pair)
        .and_then(|scope| job.changes.iter().try_for_each(|change| apply(&scope, change)));
    if connection.is_autocommit() {
        // Some failures (a full disk) roll everything back: what ran before is gone as well.
        return Err(answer
            .err()
            .unwrap_or_else(|| StoreError::Failed("write: the transaction has ended".to_owned())));
    }
    if answer.is_err() {
        savepoint(connection, "/* write.undo */ rollback to job")?;
    }
    savepoint(connection, "/* write.release */ release job")?;
    Ok(answer)
}

fn savepoint(connection: &Connection, words: &'static str) -> Result<(), StoreError> {
    connection
        .prepare_cached(words)
        .and_then(|mut statement| statement.execute([]))
        .map_err(|error| failed(words, &error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use obmen_domain::plan::LinkReason;
    use obmen_domain::record::{Kind, RecordId};

    use super::*;
    use crate::sqlite::connection::open_in_memory;
    use crate::sqlite::texts;

    #[test]
    fn a_job_that_fails_does_not_fail_the_others_of_its_group() {
        let mut connection = open_in_memory().unwrap();
        let link = |number: &str| Change::Link {
            bitrix24: RecordId::bitrix24(Kind::Contact, number),
            onec: RecordId::onec(Kind::Contact, "a"),
            reason: LinkReason::Email,
        };
        let group = [
            Job { pair: "main".to_owned(), changes: vec![keep("first"), link("1")] },
            Job { pair: "main".to_owned(), changes: vec![keep("second"), link("2")] },
            Job { pair: "main".to_owned(), changes: vec![keep("third")] },
        ];

        let answers = commit_group(&mut connection, &group);

        assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        let scope = Scope::find(&connection, "main").unwrap();
        let kept = |name| texts::recall(&scope, name).unwrap().is_some();
        assert_eq!([kept("first"), kept("second"), kept("third")], [true, false, true]);
    }

    #[test]
    fn a_group_whose_transaction_is_rolled_back_beneath_it_fails_whole() {
        let mut connection = open_in_memory().unwrap();
        let end_all = "create trigger full_disk before insert on text when new.name = 'second' \
                       begin select raise(rollback, 'database or disk is full'); end";
        connection.execute_batch(end_all).unwrap();
        let group = ["first", "second", "third"]
            .map(|name| Job { pair: "main".to_owned(), changes: vec![keep(name)] });

        let answers = commit_group(&mut connection, &group);

        assert!(answers.iter().all(Result::is_err), "{answers:?}");
        let scope = Scope::find(&connection, "main").unwrap();
        assert_eq!(scope.pair, 0, "nothing is left of the first job either");
        assert_eq!(texts::recall(&scope, "first").unwrap(), None);
    }

    #[test]
    fn a_group_that_does_not_commit_fails_whole() {
        let mut connection = open_in_memory().unwrap();
        connection.pragma_update(None, "query_only", true).unwrap();
        let group = [Job { pair: "main".to_owned(), changes: vec![keep("first")] }];

        let answers = commit_group(&mut connection, &group);

        assert!(answers[0].is_err());
        assert!(connection.is_autocommit(), "nothing is left open");
    }

    #[test]
    fn a_full_disk_is_told_from_other_failures_and_leaves_nothing() {
        let mut connection = open_in_memory().unwrap();
        let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        connection.pragma_update(None, "max_page_count", pages).unwrap();
        let long = Change::Text { name: "first".to_owned(), text: "x".repeat(1 << 20) };

        let answers = commit_group(&mut connection, &[Job { pair: "main".to_owned(), changes: vec![long] }]);

        assert!(matches!(answers.as_slice(), [Err(StoreError::Full(_))]), "{answers:?}");
        let scope = Scope::find(&connection, "main").unwrap();
        assert_eq!(texts::recall(&scope, "first").unwrap(), None);
        connection.pragma_update(None, "max_page_count", 1_000_000).unwrap();
        let again = [Job { pair: "main".to_owned(), changes: vec![keep("first")] }];
        assert_eq!(commit_group(&mut connection, &again), [Ok(())], "once there is room it goes on");
    }

    fn keep(name: &str) -> Change {
        Change::Text { name: name.to_owned(), text: "kept".to_owned() }
    }
}
