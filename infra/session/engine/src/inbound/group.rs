//! Groups, as WhatsApp describes them.

use super::People;
use super::people::address;
use carteiro_core::chat::{Group, Participant, Rank};
use jiff::Timestamp;
use wacore_binary::Jid;
use whatsapp_rust::{GroupMetadata, GroupParticipant};

/// Learns the addresses that a group's description tells of its people.
pub(crate) fn hear(found: &GroupMetadata, people: &mut People) {
    let pairs = found.participants.iter().flat_map(|participant| {
        [(&participant.jid, participant.phone_number.as_ref()), (&participant.jid, participant.lid.as_ref())]
    });
    let creator = found.creator.as_ref().map(|creator| (creator, found.creator_pn.as_ref()));
    for (one, other) in pairs.chain(creator) {
        if let (Some(one), Some(other)) = (address(one), other.and_then(address)) {
            people.pair(&one, &other);
        }
    }
}

/// A group in the words of the chats; `None` where its address is none.
pub(crate) fn described(found: &GroupMetadata, people: &People) -> Option<Group> {
    let person = |jid: &Jid| address(jid).map(|address| people.person(address));
    let participant = |member: &GroupParticipant| {
        let rank = match (member.is_super_admin(), member.is_admin()) {
            (true, _) => Rank::SuperAdmin,
            (false, true) => Rank::Admin,
            (false, false) => Rank::Member,
        };
        Some(Participant { person: person(&member.jid)?, rank })
    };
    Some(Group {
        address: address(&found.id)?,
        subject: found.subject.clone(),
        description: found.description.clone(),
        owner: found.creator.as_ref().and_then(person),
        created_at: found.creation_time.and_then(|at| Timestamp::from_second(i64::try_from(at).ok()?).ok()),
        announce: found.is_announcement,
        locked: found.is_locked,
        participants: found.participants.iter().filter_map(participant).collect(),
    })
}
