//! What a session tells its owner.

use crate::address::WhatsAppAddress;
use crate::announced::ConnectionId;
use crate::handover::Handover;
use carteiro_core::chat::Update;
use carteiro_core::phone::Phone;
use jiff::Timestamp;
use std::fmt;
use std::time::Duration;

/// What happens in a session, in the order in which it happened.
#[derive(Debug)]
pub enum SessionEvent {
    /// The number is not paired: this code is to be scanned by its phone.
    Qr {
        /// What to draw.
        code: QrCode,
        /// How long it can be scanned; another follows, six in all.
        expires_in: Duration,
    },
    /// None of the codes was scanned in time (160 seconds). `Ended` follows. Not told while a code to type is out.
    PairingTimedOut,
    /// The code that was asked for by [`crate::Session::ask_for_code`]: it is to be typed into the number's phone.
    Code {
        /// What to type, eight letters and digits.
        code: QrCode,
        /// How long it can be typed.
        expires_in: Duration,
    },
    /// The code to type is void. Another one can be asked for at once.
    CodeVoid {
        /// Whether WhatsApp wants a person to ask for the next one.
        by_hand: bool,
    },
    /// No code comes, or what was typed was not taken.
    CodeRefused {
        /// WhatsApp's code, such as 429; `None` when it did not answer.
        code: Option<u16>,
    },
    /// A phone scanned the code, and the pairing failed all the same.
    PairingFailed,
    /// The account asks for a passkey before it links a device; that is not supported.
    PasskeyRequired,
    /// A phone scanned the code. It may be another number's than was asked for: then the owner logs it out.
    Paired {
        /// The phone's number, as WhatsApp writes it: in Brazil perhaps without the ninth digit.
        number: Phone,
        /// The account's LID.
        lid: WhatsAppAddress,
        /// What the account is called, where WhatsApp says so at pairing (businesses); else see [`crate::Session::push_name`].
        push_name: Option<String>,
    },
    /// Logged in, caught up with what came meanwhile, and ready to send over this connection. Comes again, with another one, after
    /// each [`SessionEvent::Disconnected`].
    Connected(ConnectionId),
    /// The connection was lost; the library reconnects by itself.
    Disconnected {
        /// Whether the server closed it properly, as it does now and then with every connection.
        by_server: bool,
        /// Whether it was given up because nothing came over it any more: it is probed each 15 to 30 seconds when nothing comes, and
        /// given up when 20 seconds pass without an answer. Seldom WhatsApp asked for a new connection.
        silent: bool,
    },
    /// Another connection took this device's place, which happens when another process runs the number. `Ended` follows.
    Replaced,
    /// The device is no longer linked. Its state is worthless. `Ended` follows.
    LoggedOut {
        /// Why.
        reason: LogOutReason,
    },
    /// WhatsApp banned the number for some time. `Ended` follows.
    Banned {
        /// WhatsApp's code of the ban.
        code: i64,
        /// How long it lasts.
        expires_in: Duration,
    },
    /// WhatsApp refused the connection. `Ended` follows, except after 500 and 503.
    Refused {
        /// WhatsApp's code, such as 403 or 503.
        code: i64,
    },
    /// WhatsApp no longer takes this version of the protocol. `Ended` follows.
    Outdated,
    /// A later owner has claimed the number's state. Nothing has gone on the wire since it was noticed, and nothing will. `Ended` follows.
    Fenced,
    /// The state store fails again and again.
    StoreFailing {
        /// Whether the session has stopped because of it; then `Ended` follows, and it can be started again when the store works.
        stopped: bool,
    },
    /// WhatsApp has taken the message.
    Ack {
        /// The id that it was sent under.
        message_id: String,
        /// By WhatsApp's clock.
        at: Timestamp,
    },
    /// WhatsApp refused the message.
    Nack {
        /// The id that it was sent under.
        message_id: String,
        /// Why, as a number: 463 is a restriction on new chats, 479 a stanza it did not understand.
        code: u16,
        /// By WhatsApp's clock.
        at: Timestamp,
    },
    /// Messages reached someone's device, or were read or played.
    Receipt {
        /// The ids that they were sent under.
        message_ids: Vec<String>,
        /// What happened.
        kind: ReceiptKind,
        /// Whose device.
        from: WhatsAppAddress,
        /// 0 is the phone, others are linked devices.
        device: u16,
        /// By WhatsApp's clock.
        at: Timestamp,
        /// To be accepted once it is stored.
        handover: Handover,
    },
    /// What the number has on WhatsApp has changed: messages came, were edited or read, people and groups became known.
    Updates {
        /// What changed, in order.
        updates: Vec<Update>,
        /// To be accepted once all of it is stored. Where WhatsApp waits for that, updates whose handover is dropped come again
        /// with the next connection, all of them; so storing them twice must be as good as once.
        handover: Handover,
    },
    /// The session is over, and nothing follows.
    Ended,
}

impl SessionEvent {
    /// Nobody stores what the event hands over. Messages are not acknowledged, so that nobody takes them for delivered; all else is, since
    /// nothing could be said to WhatsApp any more before it was.
    pub fn leave_out(mut self) {
        if let Self::Receipt { handover, .. } | Self::Updates { handover, .. } = &mut self {
            handover.accept_tickets();
        }
    }

    /// The event as it is once its owner has stored it, for tests that store nothing: only messages still wait to be accepted.
    #[cfg(any(test, feature = "test-support"))]
    #[must_use]
    pub fn stored(mut self) -> Self {
        if let Self::Receipt { handover, .. } | Self::Updates { handover, .. } = &mut self {
            handover.accept_tickets();
        }
        self
    }
}

/// The content of a QR code, or a code to type: whoever scans or types it owns the session. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct QrCode(String);

impl QrCode {
    /// The content of a code.
    pub fn new(code: String) -> Self {
        Self(code)
    }

    /// What to draw. Never log it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for QrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QrCode(…)")
    }
}

/// Why a device is no longer linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogOutReason {
    /// [`crate::Session::logout`] was called.
    Requested,
    /// The phone unlinked the device, or its account is gone.
    Unlinked,
    /// WhatsApp locked the account.
    AccountLocked,
}

/// What happened to a message at its recipient's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptKind {
    /// It reached a device.
    Delivered,
    /// It was read.
    Read,
    /// It was listened to or watched.
    Played,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_codes_and_texts() {
        let qr =
            SessionEvent::Qr { code: QrCode::new("2@secret".into()), expires_in: Duration::from_secs(20) };
        assert!(!format!("{qr:?}").contains("secret"));
        let update = Update::Edited {
            key: "false_5511988887777@c.us_3EB0".parse().unwrap(),
            text: "olá".into(),
            at: Timestamp::UNIX_EPOCH,
        };
        let event = SessionEvent::Updates { updates: vec![update], handover: Handover::pointless() };
        let shown = format!("{event:?}");
        assert!(!shown.contains("olá") && !shown.contains("88887777"), "{shown}");
    }
}
