//! Answers whose time tells nothing.

use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Handing over a mail takes a few hundred milliseconds, and is only done for who has an account: answers wait for the next
/// multiple of this.
pub(crate) const STEP: Duration = Duration::from_millis(500);

/// Does `work` and returns when a whole number of steps has passed since it began.
pub(crate) async fn evenly<T>(step: Duration, work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let done = work.await;
    if !step.is_zero() {
        sleep_until(began + whole_steps(began.elapsed(), step)).await;
    }
    done
}

fn whole_steps(took: Duration, step: Duration) -> Duration {
    let steps = took.as_nanos() / step.as_nanos() + 1;
    step * u32::try_from(steps).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_up() {
        let of = |ms| whole_steps(Duration::from_millis(ms), STEP).as_millis();
        assert_eq!((of(0), of(20), of(499), of(501)), (500, 500, 500, 1000));
    }
}
