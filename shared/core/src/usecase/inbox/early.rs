//! Acks that came before the message that they are for.

use crate::chat::Ack;
use crate::ids::MessageId;
use jiff::Timestamp;
use std::collections::VecDeque;

/// How many are remembered.
const MOST: usize = 1_000;

/// Acks of sends whose messages were not stored when they came: the task that wrote them ended before it had stored them, and whoever
/// goes on stores them when it meets the send. Messages of other devices are left out: they come by themselves, or were deleted.
#[derive(Debug, Default)]
pub(super) struct Early {
    acks: VecDeque<(MessageId, Ack, Timestamp)>,
}

impl Early {
    /// Remembers an ack until the message is stored.
    pub(super) fn keep(&mut self, id: &MessageId, ack: Ack, at: Timestamp) {
        if id.send_id().is_none() || self.acks.iter().any(|(known, to, _)| known == id && *to == ack) {
            return;
        }
        if self.acks.len() == MOST {
            self.acks.pop_front();
        }
        self.acks.push_back((id.clone(), ack, at));
    }

    /// What came for a message, the first ack first.
    pub(super) fn of(&self, id: &MessageId) -> Vec<(Ack, Timestamp)> {
        let mut found: Vec<_> =
            self.acks.iter().filter(|(of, ..)| of == id).map(|(_, ack, at)| (*ack, *at)).collect();
        found.sort_by_key(|(ack, _)| *ack);
        found
    }

    /// The message is stored.
    pub(super) fn forget(&mut self, id: &MessageId) {
        self.acks.retain(|(of, ..)| of != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SendId;

    fn id(byte: u8) -> MessageId {
        SendId::from_random([byte; 16]).message_id()
    }

    #[test]
    fn acks_of_sends_are_kept_once_and_in_order() {
        let mut early = Early::default();
        for (ack, second) in [(Ack::Read, 2), (Ack::Received, 1), (Ack::Received, 3)] {
            early.keep(&id(1), ack, Timestamp::from_second(second).unwrap());
        }
        early.keep(&"3EB0A".parse().unwrap(), Ack::Read, Timestamp::UNIX_EPOCH);
        let acks =
            |early: &Early, id: &MessageId| early.of(id).iter().map(|(ack, _)| *ack).collect::<Vec<_>>();
        assert_eq!(acks(&early, &id(1)), [Ack::Received, Ack::Read]);
        assert!(acks(&early, &id(2)).is_empty() && acks(&early, &"3EB0A".parse().unwrap()).is_empty());
        early.forget(&id(1));
        assert!(early.acks.is_empty());
    }

    #[test]
    fn the_oldest_go_first() {
        let mut early = Early::default();
        let id = |n: usize| {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&n.to_be_bytes());
            SendId::from_random(bytes).message_id()
        };
        (0..=MOST).for_each(|n| early.keep(&id(n), Ack::Received, Timestamp::UNIX_EPOCH));
        assert!(early.of(&id(0)).is_empty());
        assert_eq!(early.of(&id(1)).len() + early.of(&id(MOST)).len(), 2);
    }
}
