//! Chats that were read, and such as are to be read again.

use super::{chat_jid, jid};
use carteiro_core::chat::{Ack, Address, Message};
use carteiro_core::query::{Answer, QueryFailure};
use std::collections::BTreeMap;
use wacore::types::message::AddressingMode;
use wacore_binary::Jid;
use whatsapp_rust::{AppStateError, Client, SyncActionMessageRange, message_key, message_range};

/// Tells those who wrote them that the messages were read, and the number's other devices that the chat was.
pub(super) async fn mark_read(
    client: &Client,
    chat: &Address,
    messages: &[Message],
) -> Result<Answer, QueryFailure> {
    let jid = chat_jid(client, chat).await?;
    for (author, ids) in unread_by_author(messages) {
        let author = match &author {
            Some(author) => Some(member_jid(client, &jid, author).await?),
            None => None,
        };
        let sent = client.mark_as_read(&jid, author.as_ref(), &ids).await;
        sent.map_err(|_| disturbed(client))?;
    }
    mark(client, &jid, messages, true).await
}

pub(super) async fn mark_unread(
    client: &Client,
    chat: &Address,
    messages: &[Message],
) -> Result<Answer, QueryFailure> {
    let jid = chat_jid(client, chat).await?;
    mark(client, &jid, messages, false).await
}

async fn mark(client: &Client, chat: &Jid, messages: &[Message], read: bool) -> Result<Answer, QueryFailure> {
    let range = range(chat, messages);
    match client.chat_actions().mark_chat_as_read(chat, read, range).await {
        Ok(()) => Ok(Answer::Done),
        Err(AppStateError::InvalidRequest(_)) => Err(QueryFailure::NotFound),
        Err(_) => Err(disturbed(client)),
    }
}

/// The messages that were received and not read: in groups by who wrote them, since each receipt names one author.
fn unread_by_author(messages: &[Message]) -> BTreeMap<Option<Address>, Vec<&str>> {
    let mut unread: BTreeMap<Option<Address>, Vec<&str>> = BTreeMap::new();
    for message in messages.iter().filter(|message| !message.key.from_me && message.ack == Ack::Received) {
        let author = message.key.chat.is_group().then(|| {
            // Groups name their members by LID, where there is one.
            message.author.lid().unwrap_or_else(|| message.author.address()).clone()
        });
        unread.entry(author).or_default().push(message.key.id.as_str());
    }
    unread
}

/// A member as the group names them.
async fn member_jid(client: &Client, group: &Jid, member: &Address) -> Result<Jid, QueryFailure> {
    let given = jid(member)?;
    if !given.is_lid() {
        return Ok(given);
    }
    let by_lid = match client.groups().query_info(group).await {
        Ok(info) => info.addressing_mode == AddressingMode::Lid,
        Err(_) => true,
    };
    if by_lid {
        return Ok(given);
    }
    match client.get_lid_pn_entry(&given).await {
        Ok(Some(known)) => Ok(Jid::pn(&*known.phone_number)),
        _ => Ok(given),
    }
}

/// Up to which message the mark goes: a device that knows later ones leaves those as they are.
fn range(chat: &Jid, messages: &[Message]) -> Option<SyncActionMessageRange> {
    let latest = messages.first()?;
    let author = latest.key.participant.as_ref().and_then(|author| author.to_string().parse::<Jid>().ok());
    let key = message_key(latest.key.id.as_str(), chat, latest.key.from_me, author.as_ref());
    let at = latest.at.as_second();
    Some(message_range(at, None, vec![(key, at)]))
}

/// Why something was not written to the wire.
fn disturbed(client: &Client) -> QueryFailure {
    if client.is_connected() { QueryFailure::Internal } else { QueryFailure::NotConnected }
}
