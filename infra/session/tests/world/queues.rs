//! The shards' queues in memory: FIFO groups and visibility as SQS has them.

use async_trait::async_trait;
use carteiro_core::command::ShardCommand;
use carteiro_core::ports::{ReceivedCommand, ShardReceiver, ShardSender, Unavailable};
use carteiro_core::shard::Shard;
use carteiro_core::testing::Switch;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// As the queues of the template have it.
const VISIBILITY: Duration = Duration::from_secs(10);

struct Message {
    shard: Shard,
    command: ShardCommand,
    number: usize,
    visible_at: Instant,
    receives: u32,
}

#[derive(Default)]
pub struct MemoryQueues {
    pub switch: Switch,
    /// Delivers each command twice, though it is held.
    pub doubling: AtomicBool,
    /// Gives commands also to requests whose client has hung up, as SQS does.
    pub absent_minded: AtomicBool,
    messages: Arc<Mutex<(usize, Vec<Message>)>>,
}

impl MemoryQueues {
    pub fn push(&self, shard: Shard, command: ShardCommand) {
        let mut messages = self.messages.lock().unwrap();
        messages.0 += 1;
        let number = messages.0;
        messages.1.push(Message { shard, command, number, visible_at: Instant::now(), receives: 0 });
    }

    pub fn is_empty(&self) -> bool {
        self.messages.lock().unwrap().1.is_empty()
    }

    /// How many commands there are, held ones included.
    pub fn count(&self) -> usize {
        self.messages.lock().unwrap().1.len()
    }

    /// How often any message that is still there was received, at most.
    pub fn most_receives(&self) -> u32 {
        self.messages.lock().unwrap().1.iter().map(|message| message.receives).max().unwrap_or(0)
    }

    fn take(messages: &Mutex<(usize, Vec<Message>)>, shard: Shard, doubling: bool) -> Vec<ReceivedCommand> {
        let now = Instant::now();
        let mut messages = messages.lock().unwrap();
        let mut blocked = HashSet::new();
        let mut batch = Vec::new();
        for message in messages.1.iter_mut().filter(|message| message.shard == shard) {
            let group = message.command.group();
            if message.visible_at > now || batch.len() >= 10 {
                blocked.insert(group);
            } else if !blocked.contains(&group) {
                message.visible_at = now + VISIBILITY;
                message.receives += 1;
                let receipt = format!("{}:{}", message.number, message.receives);
                let command = Some(message.command.clone());
                let received = ReceivedCommand { command, receipt, receives: message.receives };
                if doubling {
                    batch.push(received.clone());
                }
                batch.push(received);
            }
        }
        batch
    }
}

fn number(receipt: &str) -> usize {
    receipt.split(':').next().unwrap().parse().unwrap()
}

#[async_trait]
impl ShardReceiver for MemoryQueues {
    async fn receive(&self, shard: Shard, wait: Duration) -> Result<Vec<ReceivedCommand>, Unavailable> {
        let (end, messages) = (Instant::now() + wait, self.messages.clone());
        let doubling = self.doubling.load(Ordering::Relaxed);
        if self.absent_minded.load(Ordering::Relaxed) {
            let answer = async move {
                loop {
                    let batch = Self::take(&messages, shard, doubling);
                    if !batch.is_empty() || Instant::now() >= end {
                        return batch;
                    }
                    sleep(Duration::from_millis(20)).await;
                }
            };
            return Ok(tokio::spawn(answer).await.unwrap());
        }
        loop {
            self.switch.check("receive")?;
            let batch = Self::take(&messages, shard, doubling);
            if !batch.is_empty() || Instant::now() >= end {
                return Ok(batch);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn delete(&self, _: Shard, receipts: &[String]) -> Result<(), Unavailable> {
        self.switch.check("delete")?;
        let done: HashSet<usize> = receipts.iter().map(|receipt| number(receipt)).collect();
        self.messages.lock().unwrap().1.retain(|message| !done.contains(&message.number));
        Ok(())
    }

    async fn extend(&self, _: Shard, receipts: &[String], visibility: Duration) -> Result<(), Unavailable> {
        self.switch.check("extend")?;
        let held: HashSet<usize> = receipts.iter().map(|receipt| number(receipt)).collect();
        let mut messages = self.messages.lock().unwrap();
        for message in messages.1.iter_mut().filter(|message| held.contains(&message.number)) {
            message.visible_at = Instant::now() + visibility;
        }
        Ok(())
    }
}

#[async_trait]
impl ShardSender for MemoryQueues {
    async fn push(&self, shard: Shard, command: &ShardCommand, _: &str) -> Result<(), Unavailable> {
        self.switch.check("push")?;
        MemoryQueues::push(self, shard, command.clone());
        Ok(())
    }
}
