//! Waiting for a condition, with a deadline.

use std::fmt::Debug;
use std::time::Duration;
use tokio::time::Instant;

/// What anything in these tests may take, on a busy machine with two cores.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Asks until there is an answer, and returns it; fails with `what` after [`PATIENCE`].
pub(crate) async fn until<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    until_seen(what, || {
        let asked = ask();
        async { asked.await.ok_or("nothing") }
    })
    .await
}

/// The same of something that can be shown while it is not yet as it should be: what was seen last is told.
pub(crate) async fn until_seen<T, S: Debug, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, S>>,
{
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(seen) => assert!(
                Instant::now() < deadline,
                "in {PATIENCE:?} it did not come to be that {what}; last seen: {seen:?}"
            ),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
