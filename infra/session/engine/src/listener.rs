//! The library's events, in the engine's words.

use crate::address::WhatsAppAddress;
use crate::announced::Announced;
use crate::barrier::Barrier;
use crate::event::{LogOutReason, QrCode, ReceiptKind, SessionEvent};
use crate::handover::Handover;
use crate::history::Blob;
use crate::inbound::{Told, announces, may_tell_of_reading};
use crate::linked::Linked;
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use wacore::types::events::{
    ConnectFailureReason, Event, EventHandler, EventInterest, EventKind, LoggedOut, PairSuccess, Receipt,
    ServerAck,
};
use wacore::types::presence::ReceiptType;
use whatsapp_rust::wacore::chrono::{DateTime, Utc};

/// Queues each event that matters to the owner. The library calls it on its own tasks, so it never waits.
pub(crate) struct Listener {
    queue: UnboundedSender<Told>,
    history: UnboundedSender<Blob>,
    /// Set when the owner asked for the log-out that the library then reports.
    logging_out: Arc<AtomicBool>,
    presence: Announced,
    /// Of a session that only pairs.
    linked: Option<Linked>,
    /// Rings when the library has told WhatsApp that the account is online.
    online: Arc<Notify>,
    /// Keeps WhatsApp from forgetting what is not stored, where anything is stored at all.
    barrier: Option<Barrier>,
}

impl EventHandler for Listener {
    fn handle_event(&self, told: Arc<Event>) {
        if self.comes_again(&told) {
            return;
        }
        let changes = changes_something(&told);
        // Taken before this returns: what the library does next is to answer.
        let handover = if changes { self.handover() } else { Handover::pointless() };
        let event = match &*told {
            Event::LoggedOut(event) => Some(self.logged_out(event)),
            Event::HistorySync(history) => {
                let _ = Blob::of(history).map(|blob| self.history.send(blob));
                None
            }
            // The library calls itself connected once the app state is there, too, for which it waits ten seconds
            // and more when the account has no name; what a sender needs is there when it has caught up.
            Event::OfflineSyncCompleted(_) => self.connected(),
            Event::Connected(_) => {
                self.online.notify_one();
                self.connected()
            }
            event => translate(event, &handover),
        };
        if matches!(&*told, Event::PairSuccess(_)) {
            self.linked.iter().for_each(Linked::set);
        }
        if let Some(event) = event {
            if matches!(event, SessionEvent::Disconnected { .. }) {
                self.presence.take_back();
            }
            // Nobody listens any more once the session is over.
            let _ = self.queue.send(event.into());
        }
        if changes {
            let _ = self.queue.send(Told::Change(told, handover));
        }
    }

    fn interest(&self) -> EventInterest {
        EventInterest::of(&[
            EventKind::PairingQrCode,
            EventKind::PairingQrCodesExhausted,
            EventKind::PairingCode,
            EventKind::PairingCodeRefresh,
            EventKind::PairingCodeError,
            EventKind::PairSuccess,
            EventKind::PairError,
            EventKind::QrScannedWithoutMultidevice,
            EventKind::PairPasskeyRequest,
            EventKind::Connected,
            EventKind::OfflineSyncCompleted,
            EventKind::Disconnected,
            EventKind::StreamReplaced,
            EventKind::LoggedOut,
            EventKind::TemporaryBan,
            EventKind::ConnectFailure,
            EventKind::ClientOutdated,
            EventKind::ServerAck,
            EventKind::Receipt,
            EventKind::Messages,
            EventKind::UndecryptableMessage,
            EventKind::RawNode,
            EventKind::ContactUpdate,
            EventKind::SelfPushNameUpdated,
            EventKind::BusinessStatusUpdate,
            EventKind::PinUpdate,
            EventKind::MuteUpdate,
            EventKind::ArchiveUpdate,
            EventKind::MarkChatAsReadUpdate,
            EventKind::ClearChatUpdate,
            EventKind::DeleteChatUpdate,
            EventKind::GroupUpdate,
            EventKind::DirtyState,
            EventKind::HistorySync,
        ])
    }
}

impl Listener {
    pub(crate) fn new(
        queue: UnboundedSender<Told>,
        history: UnboundedSender<Blob>,
        logging_out: Arc<AtomicBool>,
        online: Arc<Notify>,
        presence: Announced,
        linked: Option<Linked>,
        barrier: Option<Barrier>,
    ) -> Self {
        Self { queue, history, logging_out, presence, linked, online, barrier }
    }

    fn handover(&self) -> Handover {
        let ticket = self.barrier.as_ref().map(Barrier::take);
        ticket.map_or_else(Handover::pointless, Handover::ticketed)
    }

    /// Whether nothing is to be told of a message that cannot be read: past what was refused nothing is answered, so that it comes
    /// again after that, and may have been unreadable only because the store could not be read.
    fn comes_again(&self, event: &Event) -> bool {
        matches!(event, Event::UndecryptableMessage(_))
            && self.barrier.as_ref().is_some_and(Barrier::is_refused)
    }

    /// Once for each connection.
    fn connected(&self) -> Option<SessionEvent> {
        self.presence.announce().map(SessionEvent::Connected)
    }

    fn logged_out(&self, event: &LoggedOut) -> SessionEvent {
        let reason = match event.reason {
            _ if self.logging_out.load(Ordering::Acquire) => LogOutReason::Requested,
            ConnectFailureReason::AccountLocked => LogOutReason::AccountLocked,
            _ => LogOutReason::Unlinked,
        };
        SessionEvent::LoggedOut { reason }
    }
}

/// Whether the owner hears of it as of a change of its chats, people or groups. Of messages these are only those that went by
/// the hook: of channels, and those that the phone sent again.
fn changes_something(event: &Event) -> bool {
    match event {
        Event::Messages(batch) => !batch.hook_committed,
        Event::RawNode(stanza) => may_tell_of_reading(stanza.get()) || announces(stanza.get()),
        Event::Receipt(_)
        | Event::UndecryptableMessage(_)
        | Event::ContactUpdate(_)
        | Event::SelfPushNameUpdated(_)
        | Event::BusinessStatusUpdate(_)
        | Event::PinUpdate(_)
        | Event::MuteUpdate(_)
        | Event::ArchiveUpdate(_)
        | Event::MarkChatAsReadUpdate(_)
        | Event::ClearChatUpdate(_)
        | Event::DeleteChatUpdate(_)
        | Event::GroupUpdate(_)
        | Event::DirtyState(_) => true,
        _ => false,
    }
}

fn translate(event: &Event, handover: &Handover) -> Option<SessionEvent> {
    Some(match event {
        Event::PairingQrCode(qr) => {
            SessionEvent::Qr { code: QrCode::new(qr.code.clone()), expires_in: qr.timeout }
        }
        // A code to type is valid for longer than the last QR: then the connection stays.
        Event::PairingQrCodesExhausted(event) if !event.disconnected => return None,
        Event::PairingQrCodesExhausted(_) => SessionEvent::PairingTimedOut,
        Event::PairingCode(event) => {
            SessionEvent::Code { code: QrCode::new(event.code.clone()), expires_in: event.timeout }
        }
        Event::PairingCodeRefresh(event) => SessionEvent::CodeVoid { by_hand: event.force_manual },
        Event::PairingCodeError(event) => {
            let code = event.rejection.and_then(|rejection| u16::try_from(rejection.code()).ok());
            SessionEvent::CodeRefused { code }
        }
        Event::PairSuccess(pair) => paired(pair),
        Event::PairError(_) | Event::QrScannedWithoutMultidevice(_) => SessionEvent::PairingFailed,
        Event::PairPasskeyRequest(_) => SessionEvent::PasskeyRequired,
        Event::Disconnected(event) => {
            SessionEvent::Disconnected { by_server: event.reason.is_clean_shutdown(), silent: false }
        }
        Event::StreamReplaced(_) => SessionEvent::Replaced,
        Event::TemporaryBan(ban) => SessionEvent::Banned {
            code: ban.code.code().into(),
            expires_in: ban.expire.to_std().unwrap_or(Duration::ZERO),
        },
        Event::ConnectFailure(failure) => SessionEvent::Refused { code: failure.reason.code().into() },
        Event::ClientOutdated(_) => SessionEvent::Outdated,
        Event::ServerAck(ack) => return acknowledged(ack),
        Event::Receipt(receipt) => return receipt_of(receipt, handover),
        _ => return None,
    })
}

fn paired(pair: &PairSuccess) -> SessionEvent {
    let Ok(number) = pair.id.user.parse() else { return SessionEvent::PairingFailed };
    SessionEvent::Paired {
        number,
        lid: WhatsAppAddress::of_jid(&pair.lid),
        push_name: Some(pair.business_name.clone()).filter(|name| !name.is_empty()),
    }
}

fn acknowledged(ack: &ServerAck) -> Option<SessionEvent> {
    if ack.class.as_deref() != Some("message") {
        return None;
    }
    let (message_id, at) = (ack.id.clone(), ack.timestamp.map_or_else(Timestamp::now, timestamp));
    Some(match &ack.error {
        None => SessionEvent::Ack { message_id, at },
        // A code that is not a number is still a refusal.
        Some(code) => SessionEvent::Nack { message_id, code: code.parse().unwrap_or(0), at },
    })
}

/// Receipts from recipients. Those of the number's own devices, of retries and of devices in the background (which do not
/// count as delivered in WhatsApp's own clients either) are left out.
fn receipt_of(receipt: &Receipt, handover: &Handover) -> Option<SessionEvent> {
    let kind = match receipt.r#type {
        ReceiptType::Delivered => ReceiptKind::Delivered,
        ReceiptType::Read => ReceiptKind::Read,
        ReceiptType::Played => ReceiptKind::Played,
        _ => return None,
    };
    Some(SessionEvent::Receipt {
        message_ids: receipt.message_ids.clone(),
        kind,
        from: WhatsAppAddress::of_jid(&receipt.source.sender),
        device: receipt.source.sender.device,
        at: timestamp(receipt.timestamp),
        handover: handover.share(),
    })
}

fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp::from_millisecond(at.timestamp_millis()).unwrap_or_else(|_| Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::unbounded_channel;
    use wacore::types::events::{DecryptFailMode, UnavailableType, UndecryptableMessage};
    use wacore::types::message::MessageInfo;

    #[test]
    fn what_cannot_be_read_past_a_refusal_is_not_told() {
        let (queue, mut told) = unbounded_channel();
        let barrier = Barrier::default();
        let listener = Listener::new(
            queue,
            unbounded_channel().0,
            Arc::default(),
            Arc::default(),
            Announced::default(),
            None,
            Some(barrier.clone()),
        );
        let unreadable = UndecryptableMessage::builder()
            .info(Arc::new(MessageInfo::default()))
            .is_unavailable(false)
            .unavailable_type(UnavailableType::Unknown)
            .decrypt_fail_mode(DecryptFailMode::Show)
            .build();
        let event = Arc::new(Event::UndecryptableMessage(unreadable));
        barrier.refuse();
        listener.handle_event(event.clone());
        assert!(told.try_recv().is_err());
        barrier.forget_refused();
        listener.handle_event(event);
        assert!(matches!(told.try_recv(), Ok(Told::Change(..))));
    }
}
