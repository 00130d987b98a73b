//! Numbers that WhatsApp does not let begin chats for a while.
//!
//! What would begin a chat is held back meanwhile; chats that are known go on. WhatsApp does not tell when it is over: so after a
//! while one message that begins a chat goes as a probe, and if it is refused, another one after twice as long.

use super::Actor;
use super::holding::recipient;
use super::line::Place;
use carteiro_core::ids::{MessageId, SendId};
use carteiro_core::number::{Link, LinkState};
use carteiro_core::send::{Send, Waiting};
use carteiro_engine::WhatsAppAddress;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// The code by which WhatsApp refuses a message that would begin a chat.
const NO_NEW_CHATS: u16 = 463;
/// The same, as a link's reason. It stays on the link while the connection is made anew, so that the next owner knows.
const REASON: &str = "WHATSAPP_463";
/// How many refused recipients are remembered.
const MOST: usize = 1_000;
/// After how long the first probe goes, and the longest until the next.
const PROBE: (Duration, Duration) = (Duration::from_secs(30 * 60), Duration::from_secs(6 * 3600));

/// A restriction in force, as far as is known.
pub(super) struct Restriction {
    /// The addresses that a message was refused for, and whether it was found to begin a chat. Of the first that was refused that is
    /// not known: what its tenant sends to the same recipient goes, and tells whether the restriction still holds.
    refused: HashMap<String, bool>,
    /// When a probe may go.
    probe_at: Instant,
    /// How long after a refusal that is.
    wait: Duration,
    /// The one that went.
    probe: Option<SendId>,
}

impl Restriction {
    fn new() -> Self {
        Self { refused: HashMap::new(), probe_at: Instant::now() + PROBE.0, wait: PROBE.0, probe: None }
    }
}

impl Actor {
    /// Takes in that a message was refused.
    pub(super) fn restrict(&mut self, message: &MessageId, code: u16) {
        if code != NO_NEW_CHATS {
            return;
        }
        let restriction = self.restriction.get_or_insert_with(Restriction::new);
        let id = message.send_id();
        if id.is_some() && restriction.probe == id {
            restriction.wait = (restriction.wait * 2).min(PROBE.1);
            restriction.probe = None;
        }
        if restriction.probe.is_none() {
            restriction.probe_at = Instant::now() + restriction.wait;
        }
        if let Some(entry) = id.and_then(|id| self.line.get(id))
            && let Some(address) = entry.send.as_ref().and_then(|send| send.resolved_to.clone())
            && restriction.refused.len() < MOST
        {
            *restriction.refused.entry(address).or_default() |= entry.begins_chat;
        }
        self.tell_whether_restricted();
    }

    /// A message that begins a chat was taken: the restriction is over.
    pub(super) fn lift_restriction(&mut self, message: &MessageId) {
        let Some(restriction) = &self.restriction else { return };
        let Some(entry) = message.send_id().and_then(|id| self.line.get(id)) else { return };
        let address = entry.send.as_ref().and_then(|send| send.resolved_to.as_ref());
        if entry.begins_chat || address.is_some_and(|address| restriction.refused.contains_key(address)) {
            self.restriction = None;
            self.release();
            self.tell_whether_restricted();
        }
    }

    /// What the link says of a restriction that an earlier owner, or an earlier connection, met.
    pub(super) fn inherit_restriction(&mut self, link: &Link) {
        let was = link.state == LinkState::Restricted
            || (link.state == LinkState::Reconnecting && link.reason.as_deref() == Some(REASON));
        if was {
            self.restriction.get_or_insert_with(Restriction::new);
        }
    }

    /// Whether a message to this address was refused, which would have begun a chat.
    pub(super) fn was_refused(&self, to: &WhatsAppAddress) -> bool {
        let restriction = self.restriction.as_ref();
        restriction.is_some_and(|restriction| restriction.refused.get(&to.to_string()) == Some(&true))
    }

    /// Whether a send is held back if it begins a chat.
    pub(super) fn holds_new_chats(&self, id: SendId) -> bool {
        let Some(restriction) = &self.restriction else { return false };
        restriction.probe != Some(id) && !self.may_probe(Instant::now())
    }

    /// Whether a probe may go.
    pub(super) fn may_probe(&self, now: Instant) -> bool {
        let under_way = |id| self.line.get(id).is_some_and(|entry| entry.place != Place::Recording);
        self.restriction.as_ref().is_some_and(|restriction| {
            now >= restriction.probe_at && !restriction.probe.is_some_and(under_way)
        })
    }

    /// When to look whether a probe may go; again and again while one is under way.
    pub(super) fn next_probe(&self, now: Instant, again: Duration) -> Option<Instant> {
        let restriction = self.restriction.as_ref()?;
        Some(if now < restriction.probe_at { restriction.probe_at } else { now + again })
    }

    /// A send that begins a chat goes: if chats are restricted, it is the probe, and nothing else goes to its recipient before it
    /// is answered.
    pub(super) fn probes(&mut self, send: &Send) {
        if let Some(restriction) = &mut self.restriction {
            restriction.probe = Some(send.id);
            self.paced.held.insert(recipient(&send.to), Waiting::Restricted);
            self.holds(Waiting::Restricted);
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
