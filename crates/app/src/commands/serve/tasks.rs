//! The tasks of the pairs that are served: one that breaks off is told, and the others end orderly.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use obmen_engine::ports::BoxFuture;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;

/// Tasks by their pairs.
pub(super) struct Tasks {
    running: FuturesUnordered<BoxFuture<'static, (String, Result<(), JoinError>)>>,
    broken: Vec<String>,
    ends: CancellationToken,
}

impl Tasks {
    /// None so far; when one breaks off, all others are asked to end.
    pub(super) fn new(ends: CancellationToken) -> Self {
        Self { running: FuturesUnordered::new(), broken: Vec::new(), ends }
    }

    /// Takes in the task of a pair.
    pub(super) fn add(&mut self, pair: String, task: JoinHandle<()>) {
        self.running.push(Box::pin(async move { (pair, task.await) }));
    }

    /// Completes when all have ended. It may be dropped and asked for again.
    pub(super) async fn all(&mut self) {
        while let Some((pair, ended)) = self.running.next().await {
            if ended.is_err() {
                // What the task panicked with is told where it did.
                tracing::error!(pair, "serve.broken: the exchange of this pair broke off");
                self.broken.push(pair);
                self.ends.cancel();
            }
        }
    }

    /// A failure where one broke off.
    pub(super) fn ended(self) -> Result<(), Failure> {
        if self.broken.is_empty() {
            return Ok(());
        }
        Err(Failure::Said { id: "serve-broken", details: vec![("pairs", self.broken.join(", "))] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pair_that_breaks_off_ends_the_others_orderly_and_is_a_failure() {
        let ends = CancellationToken::new();
        let mut tasks = Tasks::new(ends.clone());
        tasks.add("good".to_owned(), tokio::spawn(ends.clone().cancelled_owned()));
        tasks.add("bad".to_owned(), tokio::spawn(async { panic!("for the test") }));
        tasks.all().await;
        assert!(ends.is_cancelled());
        let Err(Failure::Said { id: "serve-broken", details }) = tasks.ended() else { panic!("it is told") };
        assert_eq!(details, [("pairs", "bad".to_owned())]);
    }

    #[tokio::test]
    async fn pairs_that_end_when_they_are_asked_to_are_no_failure() {
        let ends = CancellationToken::new();
        let mut tasks = Tasks::new(ends.clone());
        tasks.add("good".to_owned(), tokio::spawn(ends.clone().cancelled_owned()));
        ends.cancel();
        tasks.all().await;
        assert!(tasks.ended().is_ok());
    }
}
