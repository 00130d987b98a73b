//! Worlds with a pace, and what it holds back.

use super::{Played, Task, World, phone, sender};
use carteiro_core::ids::SendId;
use carteiro_core::number::LinkState;
use carteiro_core::send::{Status, Waiting};
use carteiro_core::testing::MemorySends;
use carteiro_session::actor::Timing;
use std::sync::Arc;

/// As fast as no test notices, but for what follows.
pub const FAST: &str = r#""per_minute":600000,"burst":100000,"jitter_ms":0"#;

/// Some to write to.
pub const ANA: &str = "14155550101";
pub const BIA: &str = "14155550102";
pub const CAIO: &str = "14155550103";
pub const DORA: &str = "14155550104";
pub const KNOWN: &str = "14155550199";

impl World {
    /// A world whose plan has this pace, as JSON. It begins at 05:00.
    pub fn paced(pace: &str) -> Self {
        Self::paced_in("America/Sao_Paulo", pace)
    }

    /// The same in another time zone.
    pub fn paced_in(zone: &str, pace: &str) -> Self {
        let (sends, played) = (Arc::new(MemorySends::default()), Played::default());
        let whatsapp = Arc::new(played.clone());
        Self::assemble(sends.clone(), sends, whatsapp, played, Timing::default(), (pace, zone))
    }

    /// The world once its sender is paired and connected, and its task.
    pub async fn begun(self) -> (Self, Task) {
        self.paired(&sender()).await;
        let task = self.start();
        self.until_state(LinkState::Connected).await;
        (self, task)
    }

    /// Accepts a text to that number and puts its command in the queue.
    pub async fn send_to(&self, text: &str, to: &str) -> SendId {
        let id = self.accept(text, &phone(to)).await;
        self.command(id);
        id
    }

    /// The sender has a chat with that number.
    pub fn knows(&self, number: &str) {
        self.whatsapp.server().chats.insert(format!("{number}@s.whatsapp.net"));
    }

    pub fn waiting(&self, id: SendId) -> Option<Waiting> {
        self.sends.peek(id).unwrap().waiting
    }

    pub async fn until_held(&self, id: SendId, why: Waiting) {
        self.until("it is held back", |world| world.waiting(id) == Some(why) && world.queues.is_empty())
            .await;
        assert_eq!(self.status(id), Status::Queued);
    }
}
