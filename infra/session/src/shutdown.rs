//! When the task is told to end.

use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long what is held may take to be finished. Closing the connections comes after it; Fargate gives 120 s for all.
pub const FINISH: Duration = Duration::from_secs(15);

/// Names the time by which the task must have finished what it holds, once the process gets SIGTERM or SIGINT.
///
/// # Errors
/// When the process cannot listen for signals.
pub fn on_signal() -> std::io::Result<watch::Receiver<Option<Instant>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (stop, stopped) = watch::channel(None);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        let _ = stop.send(Some(Instant::now() + FINISH));
        // Kept, so that whoever waits for a stop is not told of one by its end.
        std::future::pending::<()>().await;
        drop(stop);
    });
    Ok(stopped)
}
