//! The link of a number to WhatsApp: what its tenant wants, what is, and how it is paired.

use crate::ids::{PairingId, UserId};
use crate::phone::Phone;
use crate::shard::Shard;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

/// How a device is linked to the phone of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PairingMethod {
    /// The phone scans a QR.
    #[default]
    Qr,
    /// The phone is told a code of eight characters, under "link with phone number instead".
    Code,
}

/// What a tenant wants of a number's session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Desired {
    /// To be connected, pairing first in this way if need be.
    Connected(PairingMethod),
    /// To be offline, staying paired.
    Disconnected,
    /// To be logged out and forgotten.
    Removed,
}

impl Desired {
    const ALL: [Desired; 4] = [
        Desired::Connected(PairingMethod::Qr),
        Desired::Connected(PairingMethod::Code),
        Desired::Disconnected,
        Desired::Removed,
    ];

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Desired::Connected(PairingMethod::Qr) => "connected",
            Desired::Connected(PairingMethod::Code) => "connected_by_code",
            Desired::Disconnected => "disconnected",
            Desired::Removed => "removed",
        }
    }

    /// Reads what [`Desired::as_str`] wrote.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.as_str() == text)
    }

    /// Whether the number is to be connected, however it is paired.
    pub fn is_connected(self) -> bool {
        matches!(self, Desired::Connected(_))
    }
}

/// The state of a number's link, finer than the contract's `conectado` and `desconectado`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Nothing has been asked of it yet, or it was disconnected by its tenant.
    Offline,
    /// The session task is connecting.
    Connecting,
    /// A QR waits to be scanned, or a code to be typed.
    Pairing,
    /// Nobody scanned a QR in time.
    QrExpired,
    /// Nobody typed the code in time.
    CodeExpired,
    /// WhatsApp gave no code for pairing; the reason has its code, such as `WHATSAPP_429`.
    CodeRefused,
    /// WhatsApp asks for a passkey, which only its own clients can give: the number cannot be linked in this way.
    PasskeyAsked,
    /// Connected: sends go out.
    Connected,
    /// Connected, and WhatsApp does not let it begin chats: sends to known chats go out.
    Restricted,
    /// The connection was lost and is being made again.
    Reconnecting,
    /// Another connection took over this device (WhatsApp's `replaced`).
    Replaced,
    /// Logged out from the phone, or by us: it must be paired anew.
    LoggedOut,
    /// WhatsApp banned the number.
    Banned,
    /// The phone that was paired has another number.
    WrongNumber,
}

impl LinkState {
    /// All of them.
    pub const ALL: [LinkState; 14] = [
        LinkState::Offline,
        LinkState::Connecting,
        LinkState::Pairing,
        LinkState::QrExpired,
        LinkState::CodeExpired,
        LinkState::CodeRefused,
        LinkState::PasskeyAsked,
        LinkState::Connected,
        LinkState::Restricted,
        LinkState::Reconnecting,
        LinkState::Replaced,
        LinkState::LoggedOut,
        LinkState::Banned,
        LinkState::WrongNumber,
    ];

    /// As the API's `state` spells it, and as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            LinkState::Offline => "offline",
            LinkState::Connecting => "connecting",
            LinkState::Pairing => "pairing",
            LinkState::QrExpired => "qr_expired",
            LinkState::CodeExpired => "code_expired",
            LinkState::CodeRefused => "code_refused",
            LinkState::PasskeyAsked => "passkey_asked",
            LinkState::Connected => "connected",
            LinkState::Restricted => "restricted",
            LinkState::Reconnecting => "reconnecting",
            LinkState::Replaced => "replaced",
            LinkState::LoggedOut => "logged_out",
            LinkState::Banned => "banned",
            LinkState::WrongNumber => "wrong_number",
        }
    }

    /// Reads what [`LinkState::as_str`] wrote.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// Whether the number has a connection that sends go out by.
    pub fn is_up(self) -> bool {
        matches!(self, LinkState::Connected | LinkState::Restricted)
    }

    /// What a person should know of this state, in Portuguese; `reason` is the session task's, such as `WHATSAPP_403`.
    pub fn explanation(self, reason: Option<&str>) -> Option<String> {
        let sentence = match (self, reason) {
            (LinkState::LoggedOut, Some("ACCOUNT_LOCKED")) => "O WhatsApp bloqueou a conta deste número.",
            (LinkState::Reconnecting, Some("CLIENT_OUTDATED")) => {
                "O WhatsApp não aceita mais esta versão do serviço. Informe o suporte."
            }
            (LinkState::Offline | LinkState::Connected, _) => return None,
            (LinkState::Connecting, _) => "A conexão está sendo feita.",
            (LinkState::Pairing, _) => "Aguardando o pareamento no celular.",
            (LinkState::QrExpired, _) => "Ninguém leu o QR a tempo. Peça a conexão de novo.",
            (LinkState::CodeExpired, _) => "Ninguém digitou o código a tempo. Peça a conexão de novo.",
            (LinkState::CodeRefused, _) => "O WhatsApp não deu um código de pareamento. Conecte pelo QR.",
            (LinkState::PasskeyAsked, _) => {
                "O WhatsApp pediu uma chave de acesso (passkey), que só os aplicativos dele podem dar."
            }
            (LinkState::Restricted, _) => {
                "O WhatsApp não deixa este número iniciar conversas novas por enquanto."
            }
            (LinkState::Reconnecting, _) => "A conexão caiu e está sendo refeita.",
            (LinkState::Replaced, _) => "Outra conexão assumiu este dispositivo. Peça a conexão de novo.",
            (LinkState::LoggedOut, _) => {
                "O dispositivo foi desconectado no celular. Faça o pareamento de novo."
            }
            (LinkState::Banned, _) => "O WhatsApp baniu este número.",
            (LinkState::WrongNumber, _) => "O celular pareado tem outro número.",
        };
        Some(match reason.and_then(|reason| reason.strip_prefix("WHATSAPP_")) {
            Some(code) => format!("{sentence} Código do WhatsApp: {code}."),
            None => sentence.to_owned(),
        })
    }

    /// The contract's `status`.
    pub fn status(self) -> &'static str {
        if self.is_up() { "conectado" } else { "desconectado" }
    }
}

/// A QR to scan. Whoever reads it owns the account, so it is a secret.
#[derive(Debug, Clone)]
pub struct Qr {
    /// The text that the QR carries.
    pub code: SecretString,
    /// When WhatsApp stops taking it.
    pub expires_at: Timestamp,
}

/// A code to type into the phone, eight letters and digits. Like a QR, it is a secret.
#[derive(Debug, Clone)]
pub struct PairingCode {
    /// The code, without a dash.
    pub code: SecretString,
    /// When WhatsApp stops taking it.
    pub expires_at: Timestamp,
}

impl PairingCode {
    /// As a person reads it and a phone shows it: `ABCD-1234`. Only for the answer to its tenant.
    pub fn shown(&self) -> String {
        let code: Vec<char> = self.code.expose_secret().chars().collect();
        code.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
    }
}

/// A number's link to WhatsApp: what its tenant wants, and what the session task last reported.
#[derive(Debug, Clone)]
pub struct Link {
    /// The number.
    pub number: Phone,
    /// The tenant whose link it is.
    pub user: UserId,
    /// The shard that its session runs on.
    pub shard: Shard,
    /// What is wanted.
    pub desired: Desired,
    /// What is.
    pub state: LinkState,
    /// Since when.
    pub since: Timestamp,
    /// Why, where a state has a reason to tell.
    pub reason: Option<String>,
    /// The QR, while pairing by QR.
    pub qr: Option<Qr>,
    /// The code, while pairing by code.
    pub code: Option<PairingCode>,
    /// The device's address on WhatsApp, once paired.
    pub jid: Option<String>,
    /// The pairing whose device is to take the place of the one that it has, if it has one.
    pub adopts: Option<PairingId>,
    /// When its tenant last asked for its removal, while it waits to be removed.
    pub removal_at: Option<Timestamp>,
}

impl Link {
    /// Why it is as it is, in Portuguese, for people; none where there is nothing to tell.
    pub fn explanation(&self) -> Option<String> {
        self.state.explanation(self.reason.as_deref())
    }
}

/// What the session task reports of a link.
#[derive(Debug, Clone)]
pub struct LinkReport {
    /// The new state.
    pub state: LinkState,
    /// Why.
    pub reason: Option<String>,
    /// The QR, while pairing by QR; none takes the old one away.
    pub qr: Option<Qr>,
    /// The code, while pairing by code; none takes the old one away.
    pub code: Option<PairingCode>,
    /// The device's address: `None` leaves what is stored, `Some(None)` takes it away (logged out).
    pub jid: Option<Option<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_read_back() {
        for state in LinkState::ALL {
            assert_eq!(LinkState::from_stored(state.as_str()), Some(state));
        }
        assert_eq!(LinkState::Reconnecting.status(), "desconectado");
        assert_eq!(LinkState::Restricted.status(), "conectado");
    }

    #[test]
    fn wishes_read_back() {
        for desired in Desired::ALL {
            assert_eq!(Desired::from_stored(desired.as_str()), Some(desired));
        }
        assert_eq!(Desired::from_stored("paired"), None);
    }

    #[test]
    fn people_are_told_why() {
        for state in LinkState::ALL {
            let told = state.explanation(None);
            assert_eq!(
                told.is_none(),
                matches!(state, LinkState::Offline | LinkState::Connected),
                "{state:?}"
            );
        }
        let banned = LinkState::Banned.explanation(Some("WHATSAPP_403")).unwrap();
        assert_eq!(banned, "O WhatsApp baniu este número. Código do WhatsApp: 403.");
        let locked = LinkState::LoggedOut.explanation(Some("ACCOUNT_LOCKED")).unwrap();
        assert!(locked.contains("bloqueou") && !locked.contains("ACCOUNT"));
    }

    #[test]
    fn a_code_is_shown_in_two_halves_and_never_in_debug() {
        let code = PairingCode { code: "ABCD1234".to_owned().into(), expires_at: Timestamp::UNIX_EPOCH };
        assert_eq!(code.shown(), "ABCD-1234");
        assert!(!format!("{code:?}").contains("ABCD"));
    }
}
