//! Secrets of recent messages.
//!
//! WhatsApp's clients encrypt some edits and reactions with a secret that the message itself carried. Storing each one would be a write
//! more for every message; but a message can be edited for 20 minutes only, so the recent ones are remembered, and no longer
//! than the session lasts.

use async_trait::async_trait;
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use waproto::whatsapp::Message;
use whatsapp_rust::wacore::msg_secret::OriginalMessageResolver;

/// Longer than a message can be edited, by the time that an edit may take to come.
const KEPT: Duration = Duration::from_secs(30 * 60);
/// For a number that gets many messages: 56 bytes each.
const MOST: usize = 1_000;

/// The secrets of one session's recent messages. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Arc<Mutex<VecDeque<Secret>>>);

struct Secret {
    message: u64,
    secret: [u8; 32],
    since: Instant,
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

impl Secrets {
    /// Remembers the secret of a message, if it carries one.
    pub(crate) fn remember(&self, id: &str, message: &Message) {
        let context = message.message_context_info.as_option();
        let secret = context.and_then(|context| context.message_secret.as_deref());
        let Some(secret) = secret.and_then(|secret| <[u8; 32]>::try_from(secret).ok()) else { return };
        let mut secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while secrets.len() >= MOST || secrets.front().is_some_and(|first| first.since.elapsed() > KEPT) {
            secrets.pop_front();
        }
        secrets.push_back(Secret { message: hash(id), secret, since: Instant::now() });
    }

    fn of(&self, id: &str) -> Option<[u8; 32]> {
        let secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = hash(id);
        secrets.iter().rev().find(|secret| secret.message == wanted).map(|secret| secret.secret)
    }
}

#[async_trait]
impl OriginalMessageResolver for Secrets {
    /// An id is enough: a secret of another message opens nothing.
    async fn resolve_msg_secret(&self, _chat: &str, _sender: &str, id: &str) -> Option<[u8; 32]> {
        self.of(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waproto::buffa::MessageField;
    use waproto::whatsapp::MessageContextInfo;

    fn message(secret: Vec<u8>) -> Message {
        let context = MessageContextInfo { message_secret: Some(secret), ..MessageContextInfo::default() };
        Message { message_context_info: MessageField::some(context), ..Message::default() }
    }

    #[tokio::test]
    async fn recent_secrets_are_found_by_their_message() {
        let secrets = Secrets::default();
        secrets.remember("A", &message(vec![1; 32]));
        secrets.remember("B", &message(vec![2; 31]));
        secrets.remember("C", &Message::default());
        assert_eq!(secrets.resolve_msg_secret("any", "any", "A").await, Some([1; 32]));
        assert_eq!((secrets.of("B"), secrets.of("C")), (None, None));
    }

    #[test]
    fn only_the_latest_are_kept() {
        let secrets = Secrets::default();
        for id in 0..MOST + 10 {
            secrets.remember(&id.to_string(), &message(vec![3; 32]));
        }
        assert_eq!(secrets.0.lock().unwrap().len(), MOST);
        assert_eq!((secrets.of("9"), secrets.of("10")), (None, Some([3; 32])));
    }
}
