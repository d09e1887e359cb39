//! The processors of this machine behind the engine's port for shared work.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::available_parallelism;

use obmen_engine::ports::{BoxFuture, Crew};
use tokio::task::JoinSet;

/// So many parts at most: beyond, the store's answers are what is waited for.
const MOST: usize = 8;

/// Tasks of tokio, one for each part.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Workers;

impl Crew for Workers {
    fn hands(&self) -> usize {
        available_parallelism().map_or(1, NonZero::get).min(MOST)
    }

    fn work(&self, jobs: Vec<BoxFuture<'static, ()>>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // Whoever gives up waiting ends them all.
            let mut tasks = JoinSet::new();
            for job in jobs {
                tasks.spawn(job);
            }
            while let Some(ended) = tasks.join_next().await {
                // A task is ended from outside with its runtime only, and nobody waits any more then.
                if let Err(error) = ended
                    && let Ok(panic) = error.try_into_panic()
                {
                    resume_unwind(panic);
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn all_jobs_are_done() {
        let done = Arc::new(AtomicUsize::new(0));
        let jobs = (0..5).map(|_| {
            let done = Arc::clone(&done);
            let job: BoxFuture<'static, ()> = Box::pin(async move {
                done.fetch_add(1, Ordering::Relaxed);
            });
            job
        });
        Workers.work(jobs.collect()).await;
        assert_eq!(done.load(Ordering::Relaxed), 5);
    }

    #[tokio::test]
    #[should_panic(expected = "a job has failed")]
    async fn a_panic_of_a_job_is_passed_on() {
        Workers.work(vec![Box::pin(async { panic!("a job has failed") })]).await;
    }
}
