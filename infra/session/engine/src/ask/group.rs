//! Groups: what they are, and how one comes in and goes out.

use super::jid;
use super::trouble::failure;
use carteiro_core::chat::{Address, Group, InviteCode, Participant, Person, Rank};
use carteiro_core::query::{Answer, QueryFailure};
use jiff::Timestamp;
use wacore_binary::Jid;
use whatsapp_rust::{Client, GroupError, GroupMetadata, GroupParticipant, IqError, JoinGroupResult};

/// What WhatsApp says when the number is in the group already.
const THERE_ALREADY: u16 = 409;

pub(super) async fn group(client: &Client, group: &Address) -> Result<Answer, QueryFailure> {
    read(client, &jid(group)?).await
}

pub(super) async fn leave(client: &Client, group: &Address) -> Result<Answer, QueryFailure> {
    client.groups().leave(jid(group)?).await.map_err(trouble)?;
    Ok(Answer::Done)
}

pub(super) async fn join(client: &Client, code: &InviteCode) -> Result<Answer, QueryFailure> {
    let joined = match client.groups().join_with_invite_code(code.reveal()).await {
        Ok(JoinGroupResult::Joined(group)) => group,
        Ok(JoinGroupResult::PendingApproval(group)) => {
            let group = address(&group).ok_or(QueryFailure::Internal)?;
            return Ok(Answer::AwaitsApproval { group });
        }
        Err(GroupError::Iq(IqError::ServerError { code: THERE_ALREADY, .. })) => {
            client.groups().get_invite_info(code.reveal()).await.map_err(trouble)?.id
        }
        Err(error) => return Err(trouble(error)),
    };
    read(client, &joined).await
}

async fn read(client: &Client, group: &Jid) -> Result<Answer, QueryFailure> {
    let found = client.groups().get_metadata(group).await.map_err(trouble)?;
    let group = described(&found).ok_or(QueryFailure::Internal)?;
    Ok(Answer::Group { group })
}

fn trouble(error: GroupError) -> QueryFailure {
    match error {
        GroupError::Iq(error) => failure(&error),
        GroupError::InvalidRequest(_) => QueryFailure::NotFound,
        _ => QueryFailure::Internal,
    }
}

fn described(found: &GroupMetadata) -> Option<Group> {
    let owner = found.creator.as_ref().and_then(|creator| person(creator, found.creator_pn.as_ref()));
    let created_at = found.creation_time.and_then(|at| Timestamp::from_second(i64::try_from(at).ok()?).ok());
    Some(Group {
        address: address(&found.id)?,
        subject: found.subject.clone(),
        description: found.description.clone(),
        owner,
        created_at,
        announce: found.is_announcement,
        locked: found.is_locked,
        participants: found.participants.iter().filter_map(participant).collect(),
    })
}

fn participant(found: &GroupParticipant) -> Option<Participant> {
    let other = if found.jid.is_lid() { &found.phone_number } else { &found.lid };
    let rank = match (found.is_super_admin(), found.is_admin()) {
        (true, _) => Rank::SuperAdmin,
        (false, true) => Rank::Admin,
        (false, false) => Rank::Member,
    };
    Some(Participant { person: person(&found.jid, other.as_ref())?, rank })
}

fn person(jid: &Jid, other: Option<&Jid>) -> Option<Person> {
    Some(Person::new(address(jid)?, other.and_then(address)))
}

fn address(jid: &Jid) -> Option<Address> {
    jid.to_string().parse().ok()
}
