//! How many sends may wait in a number's line.

use super::recent::Recent;
use crate::phone::Phone;
use crate::ports::{Clock, Line, Sends, Unavailable};
use jiff::SignedDuration;
use std::sync::Arc;

/// For how long a count is believed: what others accept meanwhile is not seen.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_secs(2);
/// Which part of the room that was found may be filled before it is counted again. So many accepting at once do not go beyond the
/// limit; near it, each send is counted.
const PART: usize = 10;

/// Keeps lines to their limit. What waits is counted, and not kept count of: a crash between two steps cannot make it wrong.
pub(super) struct Backlog {
    sends: Arc<dyn Sends>,
    clock: Arc<dyn Clock>,
    /// How many more may be accepted before it is counted again.
    spare: Recent<(Phone, Line), usize>,
}

impl Backlog {
    pub(super) fn new(sends: Arc<dyn Sends>, clock: Arc<dyn Clock>) -> Self {
        Self { sends, clock, spare: Recent::new(BELIEVED_FOR) }
    }

    /// Whether one more send fits into a number's line.
    pub(super) async fn has_room(
        &self,
        number: &Phone,
        line: Line,
        limit: usize,
    ) -> Result<bool, Unavailable> {
        let now = self.clock.now();
        let key = (number.clone(), line);
        if self.spare.change(&key, now, |spare| *spare = spare.saturating_sub(1)).is_some_and(|was| was > 0) {
            return Ok(true);
        }
        let waiting = self.sends.waiting(number, line, limit).await?;
        let room = limit.saturating_sub(waiting);
        self.spare.remember(key, room.saturating_sub(1) / PART, now);
        Ok(room > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SendId;
    use crate::send::{Send, Step, Text};
    use crate::usecase::fixture::{World, worker};

    fn backlog(world: &World) -> Backlog {
        Backlog::new(world.sends.clone(), world.clock.clone())
    }

    async fn has_room(backlog: &Backlog, limit: usize) -> bool {
        backlog.has_room(&worker(), Line::Open, limit).await.unwrap()
    }

    /// Stores one more send.
    async fn one_more(world: &World) -> SendId {
        let id = SendId::from_random((world.sends.all().len() as u128).to_be_bytes());
        let (text, now) = (Text::parse("Olá".into()).unwrap(), world.clock.now());
        let send = Send::of_text(id, world.tenant.id, worker(), worker(), text, now);
        world.sends.create(&send, now).await.unwrap();
        id
    }

    #[tokio::test]
    async fn a_short_line_is_counted_each_time() {
        let world = World::new().await;
        let backlog = backlog(&world);
        let mut sends = Vec::new();
        for _ in 0..3 {
            assert!(has_room(&backlog, 3).await);
            sends.push(one_more(&world).await);
        }
        assert!(!has_room(&backlog, 3).await);
        assert!(has_room(&backlog, 4).await, "the limit is the caller's");
        let apply = async |step| world.sends.apply(sends[0], &step, world.clock.now()).await.unwrap();
        apply(Step::Take("551188887777@s.whatsapp.net".into())).await;
        assert!(!has_room(&backlog, 3).await, "what is being written still waits");
        apply(Step::Acknowledge).await;
        assert!(has_room(&backlog, 3).await);
        assert!(!has_room(&backlog, 0).await);
    }

    #[tokio::test]
    async fn a_long_line_is_counted_now_and_then_and_not_overrun_by_ten_at_once() {
        const LIMIT: usize = 300;
        let world = World::new().await;
        let own: Vec<Backlog> = (0..10).map(|_| backlog(&world)).collect();
        'full: loop {
            for backlog in &own {
                if !has_room(backlog, LIMIT).await {
                    break 'full;
                }
                one_more(&world).await;
            }
        }
        let (accepted, counts) = (world.sends.all().len(), world.sends.counts());
        assert!(accepted <= LIMIT && accepted > LIMIT * 9 / 10, "{accepted}");
        assert!(counts < accepted / 2, "{counts} counts of {accepted}");
    }

    #[tokio::test]
    async fn a_count_is_not_believed_for_long_nor_in_an_outage() {
        let world = World::new().await;
        let (one, other) = (backlog(&world), backlog(&world));
        assert!(has_room(&one, 20).await);
        for _ in 0..20 {
            assert!(has_room(&other, 20).await);
            one_more(&world).await;
        }
        assert!(!has_room(&other, 20).await);
        world.clock.advance(BELIEVED_FOR);
        assert!(!has_room(&one, 20).await);
        world.sends.switch.fail();
        assert!(one.has_room(&worker(), Line::Open, 20).await.is_err());
    }
}
