//! What webhooks are told when the connection of a number, or of a session that is being paired, changes: the states in V1's
//! words, and the signals that old clients know.

use super::PairingState;
use crate::number::LinkState;
use crate::v1::{Signal, State, logged_out, signal, state_event};
use crate::webhook::EventKind;
use serde_json::Value;

/// One thing to tell: the kind of the event and its `json`.
pub type News = (EventKind, Value);

fn status(json: Value) -> News {
    (EventKind::StatusChanged, json)
}

fn told(of: Signal) -> News {
    status(signal(of))
}

/// Of a link that was in the state `before` (unknown at first) and now is in another, both with their reasons.
pub fn of_link(before: Option<(LinkState, Option<&str>)>, now: (LinkState, Option<&str>)) -> Vec<News> {
    let (state, reason) = now;
    let was = before.map(|(state, _)| state);
    let mut news = Vec::new();
    if was != Some(state) {
        match state {
            LinkState::Pairing => news.push(told(Signal::NotLogged)),
            LinkState::QrExpired
            | LinkState::CodeExpired
            | LinkState::CodeRefused
            | LinkState::PasskeyAsked
            | LinkState::WrongNumber => news.push(told(Signal::QrReadFail)),
            LinkState::LoggedOut => {
                news.extend([told(Signal::DisconnectedMobile), told(Signal::DeleteToken)]);
            }
            _ => {}
        }
    }
    let word = State::of_link(state, reason, false);
    if before.map(|(state, reason)| State::of_link(state, reason, false)) != Some(word) {
        news.push(status(state_event(word)));
    }
    if state.is_up() && !was.is_some_and(LinkState::is_up) {
        news.push(told(Signal::InChat));
    }
    if state == LinkState::LoggedOut && was != Some(state) {
        news.push((EventKind::NumberStatus, logged_out()));
    }
    news
}

/// Of a number whose session was logged out and deleted by its tenant.
pub fn of_removal() -> Vec<News> {
    vec![
        told(Signal::DeleteToken),
        status(state_event(State::Unpaired)),
        (EventKind::NumberStatus, logged_out()),
    ]
}

/// Of a pairing that is in another state than before.
pub fn of_pairing(state: &PairingState) -> Vec<News> {
    let signal = match state {
        PairingState::Waiting => Some(Signal::NotLogged),
        PairingState::Linking(_) => Some(Signal::QrReadSuccess),
        PairingState::Expired
        | PairingState::Taken(_)
        | PairingState::NoRoom(_)
        | PairingState::Failed(_) => Some(Signal::QrReadFail),
        // What follows is told of the number's link.
        PairingState::Paired(_) => return Vec::new(),
        PairingState::Starting | PairingState::Cancelled => None,
    };
    signal.map(told).into_iter().chain([status(state_event(State::of_pairing(state)))]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(news: &[News]) -> Vec<&str> {
        news.iter().map(|(_, json)| json["message"].as_str().unwrap()).collect()
    }

    #[test]
    fn a_link_tells_its_states_once() {
        let of = |before: Option<LinkState>, now| of_link(before.map(|state| (state, None)), (now, None));
        assert_eq!(messages(&of(None, LinkState::Pairing)), ["notLogged", "UNPAIRED"]);
        assert!(of(Some(LinkState::Pairing), LinkState::Pairing).is_empty());
        assert_eq!(messages(&of(Some(LinkState::Pairing), LinkState::Connecting)), ["OPENING"]);
        assert_eq!(messages(&of(Some(LinkState::Connecting), LinkState::Connected)), ["CONNECTED", "inChat"]);
        assert!(of(Some(LinkState::Connected), LinkState::Restricted).is_empty());
        assert_eq!(
            messages(&of(Some(LinkState::Pairing), LinkState::QrExpired)),
            ["qrReadFail", "UNPAIRED_IDLE"]
        );
        let gone = of(Some(LinkState::Connected), LinkState::LoggedOut);
        assert_eq!(messages(&gone), ["disconnectedMobile", "deleteToken", "UNPAIRED", "deletado"]);
        assert_eq!(gone.last().unwrap().0, EventKind::NumberStatus);
        let locked =
            of_link(Some((LinkState::LoggedOut, None)), (LinkState::LoggedOut, Some("ACCOUNT_LOCKED")));
        assert_eq!(messages(&locked), ["TOS_BLOCK"]);
    }

    #[test]
    fn a_pairing_tells_how_it_goes() {
        let phone: crate::phone::Phone = "5511988887777".parse().unwrap();
        for (state, expected) in [
            (PairingState::Waiting, vec!["notLogged", "UNPAIRED"]),
            (PairingState::Linking(phone.clone()), vec!["qrReadSuccess", "PAIRING"]),
            (PairingState::Paired(phone.clone()), vec![]),
            (PairingState::Taken(phone), vec!["qrReadFail", "UNPAIRED_IDLE"]),
            (PairingState::Failed("CLIENT_OUTDATED".into()), vec!["qrReadFail", "DEPRECATED_VERSION"]),
            (PairingState::Cancelled, vec!["UNPAIRED_IDLE"]),
        ] {
            assert_eq!(messages(&of_pairing(&state)), expected, "{state:?}");
        }
    }
}
