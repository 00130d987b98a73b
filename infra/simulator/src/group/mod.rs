//! Groups: who is in them, what they are called, how they are joined.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use wacore_binary::{Jid, Server};

use crate::SimulatorError;
use crate::account::{Account, DeviceRef};
use crate::stanza::now;
use crate::world::World;

pub(crate) mod change;
mod invite;
mod node;
pub(crate) mod notice;
pub(crate) mod query;
pub(crate) mod receipt;
pub(crate) mod relay;
pub(crate) mod write;

/// How many members a group holds when nothing else is said; WhatsApp's own limit.
const CAPACITY: usize = 1024;

/// A group.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    /// The digits of its address.
    pub(crate) id: String,
    pub(crate) subject: String,
    /// Who set the subject, by number.
    pub(crate) subject_by: String,
    /// Seconds since the epoch, as all times here.
    pub(crate) subject_at: u64,
    pub(crate) creator: String,
    pub(crate) created: u64,
    pub(crate) description: Option<Description>,
    /// Only admins write.
    pub(crate) announce: bool,
    /// Only admins change what the group is called and says of itself.
    pub(crate) locked: bool,
    /// Who joins by the invite link waits for an admin.
    pub(crate) approval: bool,
    /// How long messages stay, in seconds; 0 for ever.
    pub(crate) ephemeral: u32,
    pub(crate) addressing: Addressing,
    pub(crate) capacity: usize,
    pub(crate) members: BTreeMap<String, Rank>,
    /// Who was removed by an admin, and cannot come back by the link.
    pub(crate) removed: BTreeSet<String>,
    /// Who waits for an admin.
    pub(crate) waiting: BTreeSet<String>,
    pub(crate) invite: String,
    /// The codes that were reset.
    pub(crate) revoked: BTreeSet<String>,
}

/// What a group says of itself.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) by: String,
    pub(crate) at: u64,
}

/// By what the members are addressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Addressing {
    /// By LID, as in all groups of today.
    #[default]
    Lid,
    /// By phone number, as in older ones.
    Pn,
}

impl Addressing {
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Lid => "lid",
            Self::Pn => "pn",
        }
    }
}

/// What a member may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rank {
    #[default]
    Member,
    Admin,
    /// The one who created it.
    SuperAdmin,
}

impl Rank {
    /// The `type` of a participant; a plain member has none.
    fn wire(self) -> Option<&'static str> {
        match self {
            Self::Member => None,
            Self::Admin => Some("admin"),
            Self::SuperAdmin => Some("superadmin"),
        }
    }
}

impl Group {
    /// A group of its creator only.
    pub(crate) fn new(subject: &str, creator: &str) -> Self {
        Self {
            id: format!("120363{:012}", rand::random::<u64>() % 1_000_000_000_000),
            subject: subject.to_owned(),
            subject_by: creator.to_owned(),
            subject_at: now(),
            creator: creator.to_owned(),
            created: now(),
            description: None,
            announce: false,
            locked: false,
            approval: false,
            ephemeral: 0,
            addressing: Addressing::default(),
            capacity: CAPACITY,
            members: BTreeMap::from([(creator.to_owned(), Rank::SuperAdmin)]),
            removed: BTreeSet::new(),
            waiting: BTreeSet::new(),
            invite: new_code(),
            revoked: BTreeSet::new(),
        }
    }

    /// Lets the group say this of itself.
    pub(crate) fn describe(&mut self, text: &str, by: &str) {
        let id = format!("{:08X}", rand::random::<u32>());
        self.description = Some(Description { id, text: text.to_owned(), by: by.to_owned(), at: now() });
    }

    pub(crate) fn jid(&self) -> Jid {
        Jid::new(self.id.as_str(), Server::Group)
    }

    pub(crate) fn is_admin(&self, number: &str) -> bool {
        self.members.get(number).is_some_and(|rank| *rank != Rank::Member)
    }

    /// A device's address as it stands in this group.
    pub(crate) fn address(&self, account: &Account, device: u16) -> Jid {
        match self.addressing {
            Addressing::Lid => account.lid(device),
            Addressing::Pn => account.pn(device),
        }
    }

    /// The address of the other kind.
    pub(crate) fn other_address(&self, account: &Account) -> Jid {
        match self.addressing {
            Addressing::Lid => account.pn(0),
            Addressing::Pn => account.lid(0),
        }
    }
}

/// An invite code as WhatsApp's: 22 characters.
fn new_code() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()).replace(['-', '_'], "A")
}

impl World {
    pub(crate) fn group(&self, jid: &Jid) -> Option<&Group> {
        self.groups.get(&jid.to_string())
    }

    /// A group by its address as text.
    pub(crate) fn group_at(&self, address: &str) -> Result<&Group, SimulatorError> {
        self.groups
            .get(address)
            .ok_or_else(|| SimulatorError::NotFound("no group has this address".to_owned()))
    }

    pub(crate) fn group_at_mut(&mut self, address: &str) -> Result<&mut Group, SimulatorError> {
        self.groups
            .get_mut(address)
            .ok_or_else(|| SimulatorError::NotFound("no group has this address".to_owned()))
    }

    /// All devices of a group's members, the phones too.
    pub(crate) fn devices_in(&self, group: &Group) -> Vec<DeviceRef> {
        let accounts = group.members.keys().filter_map(|number| self.accounts.get(number));
        accounts
            .flat_map(|account| {
                let devices = account.reachable().into_iter();
                devices.map(|device| DeviceRef { number: account.number.clone(), device })
            })
            .collect()
    }

    /// Everybody who is in a group with this number.
    pub(crate) fn group_mates(&self, number: &str) -> BTreeSet<String> {
        let groups = self.groups.values().filter(|group| group.members.contains_key(number));
        groups.flat_map(|group| group.members.keys().cloned()).filter(|mate| mate != number).collect()
    }
}
