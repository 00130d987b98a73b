//! Answers whose time tells nothing.

use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// When a request for a code is answered. Handing over a mail or an SMS takes up to some hundred milliseconds, and is only done
/// for who has an account, or for who has none; so every answer takes as long as nearly any of them needs, a first one that has to open
/// its connections included. Nothing goes on after the answer: the function is frozen then.
pub(crate) const ANSWER_AFTER: Duration = Duration::from_millis(2_500);

/// Does `work` and returns exactly `time` after it began. What is not done by then is given up: `None`. Were it waited for, the
/// answer would tell that there was something to wait for.
pub(crate) async fn evenly<T>(time: Duration, work: impl Future<Output = T>) -> Option<T> {
    let end = Instant::now() + time;
    let done = timeout_at(end, work).await.ok();
    sleep_until(end).await;
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    #[tokio::test(start_paused = true)]
    async fn it_takes_the_same_time_whatever_the_work_takes() {
        for (work, done) in [(0, Some(())), (300, Some(())), (2_499, Some(())), (2_600, None), (60_000, None)]
        {
            let began = Instant::now();
            let finished = evenly(ANSWER_AFTER, sleep(Duration::from_millis(work))).await;
            assert_eq!((finished, began.elapsed()), (done, ANSWER_AFTER), "work of {work} ms");
        }
    }
}
