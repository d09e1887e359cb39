//! Work that is shared out among a crew, with the answers in the order of the parts.

use std::sync::{Arc, Mutex, PoisonError};

use crate::ports::{BoxFuture, Crew};

/// Splits what is to be done into so many parts of neighbours, or fewer.
pub(crate) fn parts_of<T>(mut all: Vec<T>, hands: usize) -> Vec<Vec<T>> {
    let size = all.len().div_ceil(hands.max(1)).max(1);
    let mut parts = Vec::with_capacity(hands);
    while all.len() > size {
        let rest = all.split_off(size);
        parts.push(std::mem::replace(&mut all, rest));
    }
    if !all.is_empty() {
        parts.push(all);
    }
    parts
}

/// Has every job done; a single one without the crew.
pub(crate) async fn share_out<T: Send + 'static>(
    crew: &dyn Crew,
    jobs: Vec<BoxFuture<'static, T>>,
) -> Vec<T> {
    if let [_] = jobs.as_slice() {
        let mut answers = Vec::with_capacity(1);
        for job in jobs {
            answers.push(job.await);
        }
        return answers;
    }
    let answers: Vec<Arc<Mutex<Option<T>>>> = jobs.iter().map(|_| Arc::default()).collect();
    let filling = jobs.into_iter().zip(&answers).map(|(job, answer)| {
        let answer = Arc::clone(answer);
        let job: BoxFuture<'static, ()> = Box::pin(async move {
            let done = job.await;
            *answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        });
        job
    });
    crew.work(filling.collect()).await;
    let take = |answer: Arc<Mutex<Option<T>>>| answer.lock().unwrap_or_else(PoisonError::into_inner).take();
    answers.into_iter().map(|answer| take(answer).expect("a crew completes when every job is done")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Alone;

    #[test]
    fn parts_keep_the_order_and_leave_nothing_out() {
        for (all, hands, parts) in [
            (0, 2, vec![]),
            (1, 2, vec![1]),
            (5, 2, vec![3, 2]),
            (5, 1, vec![5]),
            (4, 3, vec![2, 2]),
            (3, 0, vec![3]),
        ] {
            let split = parts_of((0..all).collect(), hands);
            assert_eq!(split.iter().map(Vec::len).collect::<Vec<_>>(), parts, "{all} among {hands}");
            assert_eq!(split.concat(), (0..all).collect::<Vec<_>>());
        }
    }

    #[test]
    fn answers_come_in_the_order_of_the_jobs() {
        let jobs = (0..4).map(|number| Box::pin(async move { number }) as BoxFuture<'static, i32>);
        assert_eq!(futures_executor::block_on(share_out(&Alone, jobs.collect())), [0, 1, 2, 3]);
    }
}
