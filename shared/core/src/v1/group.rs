//! Groups.

use super::{Contact, Id, People};
use crate::chat::{Group, Rank};
use crate::phone::Phone;
use jiff::Timestamp;
use serde::Serialize;

/// A group as V1's `groupMetadata`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupMetadata {
    /// Its address.
    pub id: Id,
    /// When it was made, in Unix seconds.
    pub creation: Option<i64>,
    /// Who made it.
    pub owner: Option<Id>,
    /// What it is called.
    pub subject: String,
    /// What it is about.
    pub desc: Option<String>,
    /// Whether only administrators write.
    pub announce: bool,
    /// Whether only administrators change what it is called.
    pub restrict: bool,
    /// Its members.
    pub participants: Vec<Participant>,
    /// Always empty.
    pub pending_participants: [(); 0],
}

/// A member of a group, inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Participant {
    id: Id,
    is_admin: bool,
    is_super_admin: bool,
}

/// A member of a group, with all that is known of them: what `/grupointegrantes` lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    #[serde(flatten)]
    contact: Contact,
    is_admin: bool,
    is_super_admin: bool,
}

impl From<&Group> for GroupMetadata {
    fn from(group: &Group) -> Self {
        let participants = group.participants.iter().map(|member| Participant {
            id: member.person.address().into(),
            is_admin: member.rank != Rank::Member,
            is_super_admin: member.rank == Rank::SuperAdmin,
        });
        Self {
            id: (&group.address).into(),
            creation: group.created_at.map(Timestamp::as_second),
            owner: group.owner.as_ref().map(|owner| owner.address().into()),
            subject: group.subject.clone(),
            desc: group.description.clone(),
            announce: group.announce,
            restrict: group.locked,
            participants: participants.collect(),
            pending_participants: [],
        }
    }
}

impl Member {
    /// The members of a group.
    pub fn all_of(group: &Group, me: &Phone, people: &People) -> Vec<Self> {
        let members = group.participants.iter().map(|member| Self {
            contact: Contact::of(&member.person, None, me, people),
            is_admin: member.rank != Rank::Member,
            is_super_admin: member.rank == Rank::SuperAdmin,
        });
        members.collect()
    }
}
