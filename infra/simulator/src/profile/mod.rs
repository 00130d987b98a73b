//! What an account shows of itself: a picture, an about text, a business name; and groups' pictures. Who has to do
//! with it hears of changes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node};

use crate::SimulatorError;
use crate::account::DeviceRef;
use crate::stanza::now;
use crate::world::World;

pub(crate) mod facts;
pub(crate) mod picture;

/// What an account shows, beside its picture.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) about: Option<About>,
    /// Nobody else sees the about text.
    pub(crate) about_hidden: bool,
    /// Nobody else sees the picture.
    pub(crate) picture_hidden: bool,
    /// The verified name, of a business.
    pub(crate) business: Option<String>,
    #[serde(skip)]
    pub(crate) available: bool,
    /// Seconds since the epoch.
    pub(crate) last_seen: Option<u64>,
    /// Nobody else sees when it was there last.
    pub(crate) last_seen_hidden: bool,
}

/// An about text.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) text: String,
    /// Seconds since the epoch.
    pub(crate) at: u64,
}

/// Sets an about text; an empty one takes it away.
pub(crate) fn set_about(world: &mut World, number: &str, text: &str) -> Result<(), SimulatorError> {
    let account = world.account_mut(number)?;
    account.profile.about = (!text.is_empty()).then(|| About { text: text.to_owned(), at: now() });
    let hidden = account.profile.about_hidden;
    let from = account.pn(0);
    if !hidden {
        let set = NodeBuilder::new("set").string_content(text.to_owned()).build();
        let told = acquaintances(world, number);
        tell(world, &told, "status", &from, set);
    }
    Ok(())
}

/// Who has to do with an account: those it has exchanged messages with or shares a group with, and itself.
fn acquaintances(world: &World, number: &str) -> BTreeSet<String> {
    let mut told = world.group_mates(number);
    if let Some(account) = world.accounts.get(number) {
        told.extend(account.peers.iter().cloned());
    }
    told.insert(number.to_owned());
    told
}

/// Tells these numbers' devices of a change.
fn tell(world: &mut World, told: &BTreeSet<String>, kind: &'static str, from: &Jid, change: Node) {
    let id = format!("{kind}-{}", world.next_order());
    let notice = NodeBuilder::new("notification")
        .attr("from", from.clone())
        .attr("type", kind)
        .attr("id", id.clone())
        .attr("t", now().to_string())
        .children([change])
        .build();
    for number in told {
        let devices = world.accounts.get(number).map(|account| account.reachable()).unwrap_or_default();
        for device in devices.into_iter().filter(|device| *device != 0) {
            world.deliver(&DeviceRef { number: number.clone(), device }, "notification", &id, &notice);
        }
    }
}
