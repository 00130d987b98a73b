//! States of a connection, in V1's words.

use crate::number::LinkState;
use crate::session::PairingState;
use serde::{Serialize, Serializer};

/// The state of a session, in the twelve words of WhatsApp's web page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Connected.
    Connected,
    /// The connection is being made.
    Opening,
    /// The QR was scanned, and the phone is being linked.
    Pairing,
    /// Not linked; a QR waits to be scanned, or none was asked for since the phone was logged out.
    Unpaired,
    /// Not linked, and no QR is shown any more.
    UnpairedIdle,
    /// Another connection took over this device.
    Conflict,
    /// The connection was lost.
    Timeout,
    /// WhatsApp has banned the number.
    TosBlock,
    /// WhatsApp has banned a business's number.
    SmbTosBlock,
    /// WhatsApp does not take this version of its protocol any more.
    DeprecatedVersion,
    /// Something between us and WhatsApp refuses the connection.
    ProxyBlock,
    /// It was not started, or its tenant took it offline.
    Unlaunched,
}

impl State {
    /// All of them.
    pub const ALL: [State; 12] = [
        State::Connected,
        State::Opening,
        State::Pairing,
        State::Unpaired,
        State::UnpairedIdle,
        State::Conflict,
        State::Timeout,
        State::TosBlock,
        State::SmbTosBlock,
        State::DeprecatedVersion,
        State::ProxyBlock,
        State::Unlaunched,
    ];

    /// As V1 spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Connected => "CONNECTED",
            State::Opening => "OPENING",
            State::Pairing => "PAIRING",
            State::Unpaired => "UNPAIRED",
            State::UnpairedIdle => "UNPAIRED_IDLE",
            State::Conflict => "CONFLICT",
            State::Timeout => "TIMEOUT",
            State::TosBlock => "TOS_BLOCK",
            State::SmbTosBlock => "SMB_TOS_BLOCK",
            State::DeprecatedVersion => "DEPRECATED_VERSION",
            State::ProxyBlock => "PROXYBLOCK",
            State::Unlaunched => "UNLAUNCHED",
        }
    }

    /// Of a number's link. `reason` is the session task's, and `business` says whether the number is a business's.
    pub fn of_link(state: LinkState, reason: Option<&str>, business: bool) -> Self {
        let blocked = if business { State::SmbTosBlock } else { State::TosBlock };
        match state {
            LinkState::Offline => State::Unlaunched,
            LinkState::Connecting => State::Opening,
            LinkState::Pairing => State::Unpaired,
            LinkState::QrExpired
            | LinkState::CodeExpired
            | LinkState::CodeRefused
            | LinkState::PasskeyAsked
            | LinkState::WrongNumber => State::UnpairedIdle,
            LinkState::Connected | LinkState::Restricted => State::Connected,
            LinkState::Reconnecting => State::of_reason(reason, blocked).unwrap_or(State::Timeout),
            LinkState::Replaced => State::Conflict,
            LinkState::LoggedOut => State::of_reason(reason, blocked).unwrap_or(State::Unpaired),
            LinkState::Banned => blocked,
        }
    }

    /// Of a pairing whose number is not known yet.
    pub fn of_pairing(state: &PairingState) -> Self {
        match state {
            PairingState::Starting => State::Opening,
            PairingState::Waiting => State::Unpaired,
            PairingState::Linking(_) | PairingState::Paired(_) => State::Pairing,
            PairingState::Failed(reason) => {
                State::of_reason(Some(reason), State::TosBlock).unwrap_or(State::UnpairedIdle)
            }
            PairingState::Expired
            | PairingState::Taken(_)
            | PairingState::NoRoom(_)
            | PairingState::Cancelled => State::UnpairedIdle,
        }
    }

    /// WhatsApp's codes are those of its refusals of a connection; 407 is a proxy's.
    fn of_reason(reason: Option<&str>, blocked: State) -> Option<Self> {
        match reason? {
            "ACCOUNT_LOCKED" | "WHATSAPP_402" | "WHATSAPP_403" | "WHATSAPP_406" => Some(blocked),
            "CLIENT_OUTDATED" | "WHATSAPP_405" | "WHATSAPP_409" => Some(State::DeprecatedVersion),
            "WHATSAPP_407" => Some(State::ProxyBlock),
            _ => None,
        }
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What old clients also read in `statusMudou`: things that happen to a session, in their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// A QR was scanned and the phone is linked.
    QrReadSuccess,
    /// Nobody scanned a QR in time, or what scanned it could not be linked.
    QrReadFail,
    /// The session began with a device that is linked already.
    IsLogged,
    /// The session began without a linked device.
    NotLogged,
    /// The session is connected and can send.
    InChat,
    /// The session's keys were deleted.
    DeleteToken,
    /// The device was logged out from the phone. The old systems' word, misspelt in some of them, is this one in the contract.
    DisconnectedMobile,
}

impl Signal {
    /// As V1 spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Signal::QrReadSuccess => "qrReadSuccess",
            Signal::QrReadFail => "qrReadFail",
            Signal::IsLogged => "isLogged",
            Signal::NotLogged => "notLogged",
            Signal::InChat => "inChat",
            Signal::DeleteToken => "deleteToken",
            Signal::DisconnectedMobile => "disconnectedMobile",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_word_is_told_of_something() {
        let reasons = [
            None,
            Some("ACCOUNT_LOCKED"),
            Some("CLIENT_OUTDATED"),
            Some("WHATSAPP_407"),
            Some("WHATSAPP_500"),
        ];
        let links = LinkState::ALL.into_iter().flat_map(|state| {
            reasons
                .into_iter()
                .flat_map(move |reason| [false, true].map(|business| State::of_link(state, reason, business)))
        });
        let phone: crate::phone::Phone = "5511988887777".parse().unwrap();
        let pairings = [PairingState::Starting, PairingState::Waiting, PairingState::Paired(phone)];
        let told: HashSet<State> = links.chain(pairings.iter().map(State::of_pairing)).collect();
        assert_eq!(told, HashSet::from(State::ALL));
        let words: HashSet<&str> = State::ALL.into_iter().map(State::as_str).collect();
        assert_eq!(words.len(), 12);
    }

    #[test]
    fn only_a_link_that_is_up_is_connected() {
        for state in LinkState::ALL {
            for reason in [None, Some("ACCOUNT_LOCKED")] {
                let connected = State::of_link(state, reason, false) == State::Connected;
                assert_eq!(connected, state.is_up(), "{state:?}");
            }
        }
    }

    #[test]
    fn a_refused_pairing_says_why_where_there_is_a_word_for_it() {
        let of = |reason: &str| State::of_pairing(&PairingState::Failed(reason.into()));
        assert_eq!(of("WHATSAPP_403"), State::TosBlock);
        assert_eq!(of("CLIENT_OUTDATED"), State::DeprecatedVersion);
        assert_eq!(of("WHATSAPP_500"), State::UnpairedIdle);
    }
}
