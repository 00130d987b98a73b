//! Numbers that WhatsApp does not let begin chats for a while.

use super::Actor;
use carteiro_core::ids::MessageId;
use carteiro_core::number::{Link, LinkState};
use std::collections::HashSet;

/// The code by which WhatsApp refuses a message that would begin a chat.
const NO_NEW_CHATS: u16 = 463;
/// The same, as a link's reason. It stays on the link while the connection is made anew, so that the next owner knows.
const REASON: &str = "WHATSAPP_463";
/// How many refused recipients are remembered.
const MOST: usize = 1_000;

/// A restriction in force, as far as is known: WhatsApp does not tell when it ends.
#[derive(Default)]
pub(super) struct Restriction {
    /// The addresses that a message was refused for.
    refused: HashSet<String>,
}

impl Actor {
    /// Takes in that a message was refused.
    pub(super) fn restrict(&mut self, message: &MessageId, code: u16) {
        if code != NO_NEW_CHATS {
            return;
        }
        let restriction = self.restriction.get_or_insert_default();
        let send = message.send_id().and_then(|id| self.line.get(id)).and_then(|entry| entry.send.as_ref());
        if let Some(address) = send.and_then(|send| send.resolved_to.clone())
            && restriction.refused.len() < MOST
        {
            restriction.refused.insert(address);
        }
        self.tell_whether_restricted();
    }

    /// A message that begins a chat was taken: the restriction is over.
    pub(super) fn lift_restriction(&mut self, message: &MessageId) {
        let Some(restriction) = &self.restriction else { return };
        let Some(entry) = message.send_id().and_then(|id| self.line.get(id)) else { return };
        let address = entry.send.as_ref().and_then(|send| send.resolved_to.as_ref());
        if entry.begins_chat || address.is_some_and(|address| restriction.refused.contains(address)) {
            self.restriction = None;
            self.tell_whether_restricted();
        }
    }

    /// What the link says of a restriction that an earlier owner, or an earlier connection, met.
    pub(super) fn inherit_restriction(&mut self, link: &Link) {
        let was = link.state == LinkState::Restricted
            || (link.state == LinkState::Reconnecting && link.reason.as_deref() == Some(REASON));
        if was {
            self.restriction.get_or_insert_default();
        }
    }

    /// The state of a connection that is up.
    pub(super) fn up_state(&self) -> (LinkState, Option<&'static str>) {
        match self.restricted_reason() {
            Some(reason) => (LinkState::Restricted, Some(reason)),
            None => (LinkState::Connected, None),
        }
    }

    /// Why the number is restricted, if it is.
    pub(super) fn restricted_reason(&self) -> Option<&'static str> {
        self.restriction.as_ref().map(|_| REASON)
    }

    fn tell_whether_restricted(&mut self) {
        if self.is_up() {
            let (state, reason) = self.up_state();
            self.reporter.report(state, reason);
        }
    }
}
