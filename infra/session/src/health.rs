//! Whether the task is well, over HTTP on the loopback interface, for the container's health check.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

/// For how long after its last good heartbeat the task counts as well: longer than it takes to start anew after a fence.
const FRESH: Duration = Duration::from_secs(30);
/// How long a client may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of the task.
#[derive(Debug)]
pub struct Health {
    start: Instant,
    beat_ms: AtomicU64,
    shards: AtomicUsize,
}

impl Default for Health {
    fn default() -> Self {
        Self { start: Instant::now(), beat_ms: AtomicU64::new(0), shards: AtomicUsize::new(0) }
    }
}

impl Health {
    /// A heartbeat went well.
    pub fn beat(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.beat_ms.store(now, Ordering::Relaxed);
    }

    /// How many shards are run.
    pub fn set_shards(&self, shards: usize) {
        self.shards.store(shards, Ordering::Relaxed);
    }

    /// Whether a heartbeat went well not long ago, or the task has only just started.
    pub fn is_well(&self) -> bool {
        self.start.elapsed() < Duration::from_millis(self.beat_ms.load(Ordering::Relaxed)) + FRESH
    }

    fn answer(&self) -> String {
        let (line, status) =
            if self.is_well() { ("200 OK", "ok") } else { ("503 Service Unavailable", "stale") };
        let body = format!(r#"{{"status":"{status}","shards":{}}}"#, self.shards.load(Ordering::Relaxed));
        let length = body.len();
        format!(
            "HTTP/1.1 {line}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    }
}

/// Answers every request with what is known, until it is dropped.
pub async fn serve(listener: TcpListener, health: Arc<Health>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => drop(timeout(PATIENCE, answer(client, &health)).await),
            Err(error) => {
                tracing::warn!(%error, "health: a client was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer(mut client: TcpStream, health: &Health) -> std::io::Result<()> {
    let mut request = [0; 1024];
    let _ = client.read(&mut request).await?;
    client.write_all(health.answer().as_bytes()).await?;
    client.shutdown().await
}

/// Asks a running task, as the container's health check does: whether it is well.
pub async fn ask(address: SocketAddr) -> bool {
    let asked = async {
        let mut server = TcpStream::connect(address).await?;
        server.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        server.take(4096).read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.starts_with("HTTP/1.1 200 "))
    };
    matches!(timeout(PATIENCE, asked).await, Ok(Ok(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn says_whether_the_task_is_well() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let health = Arc::new(Health::default());
        let server = tokio::spawn(serve(listener, health.clone()));
        assert!(ask(address).await);
        server.abort();
        let _ = server.await;
        assert!(!ask(address).await, "nobody listens");
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_without_heartbeat_is_not_well() {
        let health = Health::default();
        assert!(health.is_well());
        tokio::time::advance(FRESH * 2).await;
        assert!(!health.is_well());
        health.beat();
        assert!(health.is_well());
        health.set_shards(3);
        assert!(health.answer().ends_with(r#"{"status":"ok","shards":3}"#));
    }
}
