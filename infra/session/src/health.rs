//! Whether the task is well, and if not, why: over HTTP on the loopback interface, for the container's health check.
//!
//! The answer is JSON such as `{"status":"degraded","shards":3,"reasons":[{"code":"STORE_FAILING","seconds":12}]}`.
//!
//! | reason | it means | the answer |
//! |---|---|---|
//! | `LEASE_LOST` | no heartbeat went well for longer than the fence: nothing is sent | 200 for 30 s, while the task starts anew; then 503 |
//! | `STORE_FAILING` | the table of leases does not answer | 200: the lease tells when it matters |
//! | `QUEUE_FAILING` | no command could be received, by any shard | 200 for five minutes, as sessions stay connected; then 503 |
//! | `STOPPING` | the task was told to end and gives its shards up | 200 |
//!
//! 503 is what has the task replaced, so it is told only where a new process may do better.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

/// For how long after its last good heartbeat a task has its leases.
const FENCE: Duration = Duration::from_secs(6);
/// For how long after it the task counts as well: longer than it takes to start anew after a fence.
const FRESH: Duration = Duration::from_secs(30);
/// For how long queues may fail.
const DEAF: Duration = Duration::from_secs(300);
/// For how long something must fail to be told: a request that fails once is tried again.
const BLINK: Duration = Duration::from_secs(5);
/// How long a client may take.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug)]
struct Known {
    beat: Instant,
    shards: usize,
    store_fails_since: Option<Instant>,
    queues_fail_since: Option<Instant>,
    stops: bool,
}

/// What is known of the task.
#[derive(Debug)]
pub struct Health(Mutex<Known>);

impl Default for Health {
    fn default() -> Self {
        let beat = Instant::now();
        let (store_fails_since, queues_fail_since) = (None, None);
        Self(Mutex::new(Known { beat, shards: 0, store_fails_since, queues_fail_since, stops: false }))
    }
}

/// Something that is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// What it is, as the answer spells it.
    pub code: &'static str,
    /// For how long it has been so.
    pub lasts: Duration,
    /// Whether the task should be replaced for it.
    pub fatal: bool,
}

impl Health {
    /// A heartbeat went well.
    pub fn beat(&self) {
        self.known().beat = Instant::now();
    }

    /// How many shards are run.
    pub fn set_shards(&self, shards: usize) {
        self.known().shards = shards;
    }

    /// The table of leases answered, or did not.
    pub fn store_answered(&self, well: bool) {
        note(&mut self.known().store_fails_since, well);
    }

    /// A shard's queue answered, or did not. One that answers speaks for all: they are of one service.
    pub fn queue_answered(&self, well: bool) {
        note(&mut self.known().queues_fail_since, well);
    }

    /// The task was told to end.
    pub fn stops(&self) {
        self.known().stops = true;
    }

    /// What is wrong.
    pub fn reasons(&self) -> Vec<Reason> {
        let known = self.known();
        let mut reasons = Vec::new();
        let mut tell = |code, since: Instant, least: Duration, most: Option<Duration>| {
            let lasts = since.elapsed();
            if lasts >= least {
                reasons.push(Reason { code, lasts, fatal: most.is_some_and(|most| lasts >= most) });
            }
        };
        tell("LEASE_LOST", known.beat, FENCE, Some(FRESH));
        if let Some(since) = known.store_fails_since {
            tell("STORE_FAILING", since, BLINK, None);
        }
        // A task without shards receives nothing; what it last met says nothing of now.
        if let Some(since) = known.queues_fail_since.filter(|_| known.shards > 0) {
            tell("QUEUE_FAILING", since, BLINK, Some(DEAF));
        }
        if known.stops {
            reasons.push(Reason { code: "STOPPING", lasts: Duration::ZERO, fatal: false });
        }
        reasons
    }

    /// Whether the task should go on as it is.
    pub fn is_well(&self) -> bool {
        !self.reasons().iter().any(|reason| reason.fatal)
    }

    fn answer(&self) -> String {
        let (reasons, shards) = (self.reasons(), self.known().shards);
        let (line, status) = match reasons.as_slice() {
            [] => ("200 OK", "ok"),
            some if some.iter().any(|reason| reason.fatal) => ("503 Service Unavailable", "failing"),
            _ => ("200 OK", "degraded"),
        };
        let told: Vec<String> = reasons
            .iter()
            .map(|reason| format!(r#"{{"code":"{}","seconds":{}}}"#, reason.code, reason.lasts.as_secs()))
            .collect();
        let body = format!(r#"{{"status":"{status}","shards":{shards},"reasons":[{}]}}"#, told.join(","));
        let length = body.len();
        format!(
            "HTTP/1.1 {line}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note(fails_since: &mut Option<Instant>, well: bool) {
    if well {
        *fails_since = None;
    } else {
        fails_since.get_or_insert_with(Instant::now);
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

/// A task that should be replaced, with what it said of itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwell {
    /// It does not answer.
    #[error("the task does not answer")]
    Silent,
    /// It says why.
    #[error("the task is not well: {0}")]
    Says(String),
}

/// Asks a running task, as the container's health check does: what it says of itself, if it is well.
///
/// # Errors
/// [`Unwell`]: it should be replaced.
pub async fn ask(address: SocketAddr) -> Result<String, Unwell> {
    let asked = async {
        let mut server = TcpStream::connect(address).await?;
        server.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        server.take(4096).read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = timeout(PATIENCE, asked).await.ok().and_then(Result::ok).ok_or(Unwell::Silent)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(Unwell::Silent)?;
    if head.starts_with("HTTP/1.1 200 ") { Ok(body.to_owned()) } else { Err(Unwell::Says(body.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The status line, and what the answer says.
    fn answer(health: &Health) -> (bool, Value) {
        let answer = health.answer();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        assert_eq!(length, body.len().to_string());
        (head.starts_with("HTTP/1.1 200 "), serde_json::from_str(body).unwrap())
    }

    async fn pass(health: &Health, beating: bool, seconds: u64) {
        for _ in 0..seconds {
            tokio::time::advance(Duration::from_secs(1)).await;
            if beating {
                health.beat();
            }
        }
    }

    #[tokio::test]
    async fn says_over_http_whether_the_task_is_well() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let health = Arc::new(Health::default());
        health.set_shards(3);
        let server = tokio::spawn(serve(listener, health.clone()));
        assert_eq!(ask(address).await.unwrap(), r#"{"status":"ok","shards":3,"reasons":[]}"#);
        health.stops();
        assert!(ask(address).await.unwrap().contains("STOPPING"));
        health.known().beat = Instant::now().checked_sub(FRESH).unwrap();
        let Err(Unwell::Says(why)) = ask(address).await else { panic!("it is not well") };
        assert!(why.contains(r#"{"code":"LEASE_LOST","seconds":30}"#), "{why}");
        server.abort();
        let _ = server.await;
        assert_eq!(ask(address).await, Err(Unwell::Silent), "nobody listens");
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_lease_is_told_and_after_a_while_is_reason_to_be_replaced() {
        let health = Health::default();
        assert_eq!(answer(&health), (true, json!({"status": "ok", "shards": 0, "reasons": []})));
        pass(&health, false, 7).await;
        let lost = json!({"code": "LEASE_LOST", "seconds": 7});
        assert_eq!(answer(&health), (true, json!({"status": "degraded", "shards": 0, "reasons": [lost]})));
        pass(&health, false, 23).await;
        let (well, told) = answer(&health);
        assert_eq!((well, &told["status"], health.is_well()), (false, &json!("failing"), false));
        health.beat();
        assert_eq!(answer(&health).1["status"], "ok");
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_fails_is_told_and_left_to_the_lease() {
        let health = Health::default();
        health.store_answered(false);
        assert!(health.reasons().is_empty(), "once is nothing");
        pass(&health, true, 600).await;
        health.store_answered(false);
        let (well, told) = answer(&health);
        assert!(well);
        assert_eq!(told["reasons"], json!([{"code": "STORE_FAILING", "seconds": 600}]));
        health.store_answered(true);
        assert!(health.reasons().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn queues_that_fail_for_long_are_reason_to_be_replaced() {
        let health = Health::default();
        health.set_shards(2);
        health.queue_answered(false);
        pass(&health, true, 299).await;
        health.queue_answered(false);
        let (well, told) = answer(&health);
        assert_eq!((well, &told["reasons"][0]["code"]), (true, &json!("QUEUE_FAILING")));
        pass(&health, true, 1).await;
        assert!(!health.is_well());
        health.set_shards(0);
        assert!(health.is_well(), "nothing is received without shards");
        health.set_shards(1);
        health.queue_answered(true);
        assert!(health.reasons().is_empty());
    }
}
