//! Where the shards' queues are.

use carteiro_core::shard::Shard;

/// The URLs of the shards' queues: a prefix, the shard's two digits, `.fifo`.
#[derive(Debug, Clone)]
pub struct ShardQueues {
    prefix: String,
}

impl ShardQueues {
    /// Queues whose URL begins with `prefix`, such as `https://sqs…/123/carteiro-session`.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into() }
    }

    /// The URL of a shard's queue.
    pub fn url(&self, shard: Shard) -> String {
        format!("{}-{shard}.fifo", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_two_digits() {
        let queues = ShardQueues::new("http://127.0.0.1:1/0/x-session");
        assert_eq!(queues.url(Shard::from_stored(7)), "http://127.0.0.1:1/0/x-session-07.fifo");
    }
}
