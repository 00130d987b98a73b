//! What webhooks tell.

use crate::ids::EventId;
use crate::phone::Phone;
use crate::session::SessionName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

/// What an event is about, as the contract's `tipo` spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EventKind {
    /// The connection changed.
    #[serde(rename = "statusMudou")]
    StatusChanged,
    /// A message came further.
    #[serde(rename = "atualizarMensagem")]
    MessageUpdated,
    /// A message came, or was written on another device.
    #[serde(rename = "recebendoMensagem")]
    MessageReceived,
    /// A session is connected and catches up.
    #[serde(rename = "ativandoSincronizacao")]
    Syncing,
    /// A session was logged out.
    #[serde(rename = "AlterarStatusNumero")]
    NumberStatus,
    /// There is a new QR.
    #[serde(rename = "qrcode")]
    QrCode,
}

/// What was given is no kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of the six kinds of events")]
pub struct InvalidEventKind;

impl EventKind {
    /// All of them.
    pub const ALL: [EventKind; 6] = [
        EventKind::StatusChanged,
        EventKind::MessageUpdated,
        EventKind::MessageReceived,
        EventKind::Syncing,
        EventKind::NumberStatus,
        EventKind::QrCode,
    ];

    /// The contract's `tipo`.
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::StatusChanged => "statusMudou",
            EventKind::MessageUpdated => "atualizarMensagem",
            EventKind::MessageReceived => "recebendoMensagem",
            EventKind::Syncing => "ativandoSincronizacao",
            EventKind::NumberStatus => "AlterarStatusNumero",
            EventKind::QrCode => "qrcode",
        }
    }
}

impl FromStr for EventKind {
    type Err = InvalidEventKind;

    fn from_str(text: &str) -> Result<Self, InvalidEventKind> {
        EventKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(InvalidEventKind)
    }
}

/// Where an event happened. Events of one origin keep their order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The V1 session, where the number is one's, or is not known yet.
    pub session: Option<SessionName>,
    /// The number, once it is known.
    pub number: Option<Phone>,
}

impl Origin {
    /// The contract's `sessao`: the session's name, else the number.
    pub fn shown(&self) -> &str {
        match (&self.session, &self.number) {
            (Some(name), _) => name.as_str(),
            (None, Some(number)) => number.digits(),
            (None, None) => "",
        }
    }
}

/// Something that happened, as its receivers are told of it. `Debug` does not show what it says.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its id, the same in every try.
    pub id: EventId,
    /// What it is about.
    pub kind: EventKind,
    /// Where it happened.
    pub origin: Origin,
    /// The contract's `json`. A QR's picture (`qrCodeB64`) is put in when it is delivered.
    pub json: Value,
    /// When it happened.
    pub at: Timestamp,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_spelt_as_the_contract_spells_them() {
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!("StatusMudou".parse::<EventKind>(), Err(InvalidEventKind));
    }
}
