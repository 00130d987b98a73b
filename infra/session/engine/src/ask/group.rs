//! Groups: what they are, and how one comes in and goes out.

use super::jid;
use super::trouble::failure;
use crate::inbound::described;
use carteiro_core::chat::{Address, InviteCode};
use carteiro_core::query::{Answer, QueryFailure};
use wacore_binary::Jid;
use whatsapp_rust::{Client, GroupError, IqError, JoinGroupResult};

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
    let group = described(client, &found).await.ok_or(QueryFailure::Internal)?;
    Ok(Answer::Group { group })
}

fn trouble(error: GroupError) -> QueryFailure {
    match error {
        GroupError::Iq(error) => failure(&error),
        GroupError::InvalidRequest(_) => QueryFailure::NotFound,
        _ => QueryFailure::Internal,
    }
}

fn address(jid: &Jid) -> Option<Address> {
    jid.to_string().parse().ok()
}
