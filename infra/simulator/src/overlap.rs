//! Who holds a device's connection: a device that two clients use at the same time is found here.

use std::net::{IpAddr, SocketAddr};

use serde::Serialize;

use crate::account::DeviceRef;
use crate::stanza::now_millis;
use crate::stream::Caller;
use crate::world::World;

/// How many changes of hands are remembered of a device.
const MOST_HOLDERS: usize = 1_000;

/// Somebody who held a device's connection, known by the address that it connected from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Holder {
    pub(crate) origin: IpAddr,
    /// When it first logged in, in milliseconds since the epoch.
    pub(crate) since: u64,
    /// How often it did before somebody else did.
    pub(crate) logins: u64,
}

/// A message that came over a stream after another client of the same device had logged in from elsewhere: two used the device
/// at the same time, unless the network held it back from before.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Overlap {
    pub(crate) number: String,
    pub(crate) device: u16,
    pub(crate) id: String,
    /// The end of the stream that it came over.
    pub(crate) older: SocketAddr,
    pub(crate) newer: IpAddr,
    /// When the newer client first logged in, in milliseconds since the epoch.
    pub(crate) since: u64,
    /// When the message came.
    pub(crate) at: u64,
}

/// Notes a login.
pub(crate) fn logged_in(holders: &mut Vec<Holder>, origin: IpAddr) {
    match holders.last_mut() {
        Some(last) if last.origin == origin => last.logins += 1,
        _ => {
            if holders.len() == MOST_HOLDERS {
                holders.remove(0);
            }
            holders.push(Holder { origin, since: now_millis(), logins: 1 });
        }
    }
}

/// A message came on a stream that was replaced. It goes nowhere; it counts if a client from elsewhere has the device now. A
/// client that connects anew may well have messages on its old stream.
pub(crate) fn late(world: &mut World, caller: &Caller, id: String) {
    let Some(DeviceRef { number, device }) = caller.device.clone() else { return };
    let state = world.device_mut(&DeviceRef { number: number.clone(), device });
    let Some((newer, holder)) = state.and_then(|state| state.stream.as_ref().zip(state.holders.last()))
    else {
        return;
    };
    let older = &caller.outbound;
    if newer.stream != older.stream && newer.peer.ip() != older.peer.ip() {
        tracing::error!(number, device, "two clients use one device at the same time");
        let (older, newer, since) = (older.peer, holder.origin, holder.since);
        world.stats.overlaps.push(Overlap { number, device, id, older, newer, since, at: now_millis() });
    }
}
