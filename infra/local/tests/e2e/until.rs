//! Waiting for a condition, with a deadline.

use std::time::Duration;
use tokio::time::Instant;

/// What anything in these tests may take, on a busy machine with two cores.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Asks until there is an answer, and returns it; fails with `what` after [`PATIENCE`].
pub(crate) async fn until<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "in {PATIENCE:?} it did not come to be that {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
