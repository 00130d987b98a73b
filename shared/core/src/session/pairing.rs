//! Pairing a session whose number is not known yet.

use super::SessionName;
use crate::ids::{PairingId, UserId};
use crate::number::Qr;
use crate::phone::Phone;
use crate::shard::Shard;
use jiff::Timestamp;

/// One pairing of a V1 session. The session task shows QRs under it; the phone that scans one says which number it is, and the
/// device's keys then go over to that number's own session.
#[derive(Debug, Clone)]
pub struct Pairing {
    /// Its id.
    pub id: PairingId,
    /// Whose it is.
    pub user: UserId,
    /// The session that it is for.
    pub session: SessionName,
    /// The shard whose owner pairs.
    pub shard: Shard,
    /// How many workers the tenant's plan allows: the number that scans becomes one of them.
    pub max_workers: u32,
    /// Whether it is still wanted.
    pub wanted: bool,
    /// How far it is.
    pub state: PairingState,
    /// Since when.
    pub since: Timestamp,
    /// The QR, while one can be scanned.
    pub qr: Option<Qr>,
}

/// How far a pairing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairingState {
    /// The session task is connecting, or has not begun.
    Starting,
    /// A QR waits to be scanned.
    Waiting,
    /// The phone of this number, as WhatsApp writes it, scanned it; the device is on its way to the number's session.
    Linking(Phone),
    /// The phone of this number scanned it, and the number's session has the device.
    Paired(Phone),
    /// Nobody scanned a QR in time.
    Expired,
    /// The phone that scanned is of a number that another tenant has; it was logged out again.
    Taken(Phone),
    /// The tenant's plan does not allow one worker more; the phone was logged out again.
    NoRoom(Phone),
    /// The pairing failed, or WhatsApp refused it; the reason has its code, such as `WHATSAPP_403`.
    Failed(String),
    /// It was taken back.
    Cancelled,
}

impl PairingState {
    /// Whether nothing more comes of it.
    pub fn is_over(&self) -> bool {
        !matches!(self, PairingState::Starting | PairingState::Waiting | PairingState::Linking(_))
    }
}

/// What the session task reports of a pairing.
#[derive(Debug, Clone)]
pub struct PairingReport {
    /// The new state.
    pub state: PairingState,
    /// The QR; none takes the old one away.
    pub qr: Option<Qr>,
}
