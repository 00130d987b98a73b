//! Keeps a pairing with this task while somebody pairs: the QR on their screen is this task's, and would be void. ECS does not end the
//! task meanwhile, nor is the pairing's shard moved to another one.

use crate::ecs_agent::Agent;
use carteiro_core::shard::Shard;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// How often protection is asked for again while it is wanted.
const RENEW: Duration = Duration::from_secs(240);
/// How soon it is asked for again after a failure.
const AGAIN: Duration = Duration::from_secs(5);

/// Where somebody pairs.
#[derive(Debug)]
pub struct Protection {
    /// How many pair, by shard.
    pairing: watch::Sender<BTreeMap<Shard, usize>>,
    renew: Duration,
    again: Duration,
}

impl Default for Protection {
    fn default() -> Self {
        Self::every(RENEW, AGAIN)
    }
}

impl Protection {
    /// Asks again after `renew` while it is wanted, and after `again` where it failed.
    fn every(renew: Duration, again: Duration) -> Self {
        Self { pairing: watch::Sender::default(), renew, again }
    }

    /// Wants the task protected, and the shard to stay, for as long as the answer lives.
    pub fn hold(self: &Arc<Self>, shard: Shard) -> Protected {
        self.pairing.send_modify(|pairing| *pairing.entry(shard).or_default() += 1);
        Protected { protection: self.clone(), shard }
    }

    /// Whether anybody wants it.
    pub fn is_wanted(&self) -> bool {
        !self.pairing.borrow().is_empty()
    }

    /// The shards in which somebody pairs.
    pub fn shards(&self) -> BTreeSet<Shard> {
        self.pairing.borrow().keys().copied().collect()
    }

    /// Has the agent protect the task while anybody wants it, for ever. A task that starts is not protected.
    pub async fn run(self: Arc<Self>, agent: Agent) {
        let mut pairing = self.pairing.subscribe();
        let mut protected = false;
        loop {
            let wanted = !pairing.borrow_and_update().is_empty();
            let wait = if !wanted && !protected {
                None
            } else if let Err(error) = agent.protect(wanted).await {
                tracing::warn!(%error, wanted, "the task's protection could not be changed");
                Some(self.again)
            } else {
                if wanted != protected {
                    tracing::info!(protected = wanted, "the task's protection was changed");
                }
                protected = wanted;
                protected.then_some(self.renew)
            };
            // A pairing that follows another at once, or many at the same time, need not be told one by one.
            let changed = pairing.wait_for(|pairing| pairing.is_empty() == wanted);
            match wait {
                Some(wait) => drop(timeout(wait, changed).await),
                None => drop(changed.await),
            }
        }
    }
}

/// While this lives, the task is wanted protected, and the shard to stay.
#[derive(Debug)]
pub struct Protected {
    protection: Arc<Protection>,
    shard: Shard,
}

impl Drop for Protected {
    fn drop(&mut self) {
        self.protection.pairing.send_modify(|pairing| {
            if let Entry::Occupied(mut held) = pairing.entry(self.shard) {
                *held.get_mut() -= 1;
                if *held.get() == 0 {
                    held.remove();
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;
    use tokio::task::JoinSet;

    const SOON: Duration = Duration::from_millis(30);
    const DEADLINE: Duration = Duration::from_secs(40);

    /// An agent that gives these answers, the last one for ever, and tells the bodies that it was sent.
    struct FakeAgent {
        uri: String,
        bodies: mpsc::UnboundedReceiver<String>,
        running: JoinSet<()>,
    }

    impl FakeAgent {
        async fn answering(answers: &'static [&'static str]) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let uri = format!("http://{}/api/task-1", listener.local_addr().unwrap());
            let (told, bodies) = mpsc::unbounded_channel();
            let mut running = JoinSet::new();
            running.spawn(async move {
                let mut answers = answers.iter().chain(std::iter::repeat(answers.last().unwrap()));
                while let Ok((mut client, _)) = listener.accept().await {
                    let mut request = String::new();
                    while !request.ends_with('}') {
                        let mut part = [0; 1024];
                        let read = client.read(&mut part).await.unwrap();
                        assert!(read > 0, "{request}");
                        request.push_str(std::str::from_utf8(&part[..read]).unwrap());
                    }
                    let (head, body) = request.split_once("\r\n\r\n").unwrap();
                    assert!(
                        head.starts_with("PUT /api/task-1/task-protection/v1/state HTTP/1.1\r\n"),
                        "{head}"
                    );
                    assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
                    client.write_all(answers.next().unwrap().as_bytes()).await.unwrap();
                    drop(client);
                    told.send(body.to_owned()).unwrap();
                }
            });
            Self { uri, bodies, running }
        }

        /// What it was asked next: whether to protect, and for how many minutes.
        async fn asked(&mut self) -> (bool, Option<u64>) {
            let body = timeout(DEADLINE, self.bodies.recv()).await.unwrap().unwrap();
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            (body["ProtectionEnabled"].as_bool().unwrap(), body["ExpiresInMinutes"].as_u64())
        }

        fn serve(&mut self, protection: &Arc<Protection>) {
            self.running.spawn(protection.clone().run(self.uri.parse().unwrap()));
        }
    }

    const DONE: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n\
        {\"protection\":{\"ProtectionEnabled\":true,\"ExpirationDate\":\"2026-01-01T00:00:00Z\"}}";
    const DENIED: &str = "HTTP/1.1 400 Bad Request\r\n\r\n{\"error\":{\"Code\":\"AccessDeniedException\"}}";
    const FAILED: &str = "HTTP/1.1 200 OK\r\n\r\n{\"failure\":{\"Reason\":\"TASK_NOT_VALID\"}}";

    fn shard(index: u16) -> Shard {
        Shard::from_stored(index)
    }

    #[test]
    fn a_shard_stays_while_anybody_pairs_in_it() {
        let protection = Arc::new(Protection::default());
        let [first, second, other] = [1, 1, 2].map(|index| protection.hold(shard(index)));
        assert_eq!(protection.shards(), [shard(1), shard(2)].into());
        drop(other);
        drop(first);
        assert_eq!(protection.shards(), [shard(1)].into());
        drop(second);
        assert!(protection.shards().is_empty() && !protection.is_wanted());
    }

    #[tokio::test]
    async fn the_task_is_protected_while_anybody_pairs() {
        let mut agent = FakeAgent::answering(&[DONE]).await;
        let protection = Arc::new(Protection::default());
        agent.serve(&protection);
        let first = protection.hold(shard(1));
        assert_eq!(agent.asked().await, (true, Some(10)));
        let second = protection.hold(shard(2));
        drop(first);
        drop(second);
        assert_eq!(agent.asked().await, (false, None), "and nothing in between");
        assert!(agent.bodies.try_recv().is_err());
    }

    #[tokio::test]
    async fn protection_is_renewed_while_it_is_wanted() {
        let mut agent = FakeAgent::answering(&[DONE]).await;
        let protection = Arc::new(Protection::every(SOON, DEADLINE));
        agent.serve(&protection);
        let pairing = protection.hold(shard(1));
        for _ in 0..3 {
            assert_eq!(agent.asked().await, (true, Some(10)));
        }
        drop(pairing);
        while agent.asked().await.0 {}
    }

    #[tokio::test]
    async fn what_the_agent_refuses_is_asked_for_again() {
        let mut agent = FakeAgent::answering(&[DENIED, FAILED, DONE]).await;
        let protection = Arc::new(Protection::every(DEADLINE, SOON));
        agent.serve(&protection);
        let _pairing = protection.hold(shard(1));
        for _ in 0..3 {
            assert_eq!(agent.asked().await, (true, Some(10)));
        }
        tokio::time::sleep(SOON * 3).await;
        assert!(agent.bodies.try_recv().is_err(), "the third was granted");
    }
}
