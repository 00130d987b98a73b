//! What becomes of stored messages.

use super::DynamoChats;
use super::keys::{message_sk, messages_pk};
use super::message_record::{SAYS, cut, json, message};
use crate::dynamo::item::{Item, at, n, s};
use crate::dynamo::table::Written;
use crate::dynamo::write::Write;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::chat::{Ack, Address, Message, MessageKey, StoredMedia};
use carteiro_core::ids::MessageId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

/// How many messages are moved at the same time.
const REQUESTS: usize = 8;
/// The most bytes of the text that an edit gives a message that is none: it is kept beside what the message says.
const MAX_CAPTION: usize = 16_000;

fn update(number: &Phone, key: &MessageKey, expression: impl Into<String>) -> Write {
    Write::update(messages_pk(number, &key.chat), message_sk(key), expression).returning_new()
}

impl DynamoChats {
    /// Moves messages forward, several at a time.
    pub(super) async fn move_to(
        &self,
        number: &Phone,
        chat: &Address,
        ids: &[MessageId],
        ack: Ack,
    ) -> Result<Vec<Message>, Unavailable> {
        let mut moves = Vec::with_capacity(ids.len());
        for id in ids {
            moves.push(self.move_one(number, MessageKey::ours(chat.clone(), id.clone()), ack));
        }
        let moved: Vec<Option<Message>> = stream::iter(moves).buffered(REQUESTS).try_collect().await?;
        Ok(moved.into_iter().flatten().collect())
    }

    async fn move_one(
        &self,
        number: &Phone,
        key: MessageKey,
        ack: Ack,
    ) -> Result<Option<Message>, Unavailable> {
        let from: Vec<i8> = Ack::ALL.into_iter().filter(|from| from.leads_to(ack)).map(Ack::number).collect();
        // They follow each other without a gap.
        let (Some(first), Some(last)) = (from.first(), from.last()) else { return Ok(None) };
        let write = update(number, &key, "SET #ack = :ack")
            .when("#ack BETWEEN :first AND :last")
            .value(":ack", n(ack.number()))
            .value(":first", n(*first))
            .value(":last", n(*last));
        match self.table.write(write).await? {
            Written::Done(item) => read(item),
            Written::Refused(item) => Ok(read(item)?.filter(|message| message.ack == ack)),
        }
    }

    /// Gives a message a new text. A text is replaced; anything else, which is known only after a refusal, keeps what it says
    /// and has the new text beside it.
    pub(super) async fn give_text(
        &self,
        number: &Phone,
        key: &MessageKey,
        text: &str,
        time: Timestamp,
    ) -> Result<Option<Message>, Unavailable> {
        const LATER: &str = "(attribute_not_exists(#edited_at) OR #edited_at < :at)";
        let replace = update(number, key, "SET #text = :text, #edited_at = :at")
            .when(format!("attribute_exists(#text) AND {LATER}"))
            .value(":text", s(cut(text, usize::MAX)))
            .value(":at", at(time));
        let there = match self.table.write(replace).await? {
            Written::Done(item) | Written::Refused(item @ None) => return read(item),
            Written::Refused(Some(item)) => item,
        };
        if there.0.contains_key("text") || there.flag("revoked")? {
            return read(Some(there));
        }
        let beside = update(number, key, "SET #edited = :text, #edited_at = :at")
            .when(format!("attribute_not_exists(#text) AND attribute_not_exists(#revoked) AND attribute_exists(#pk) AND {LATER}"))
            .value(":text", s(cut(text, MAX_CAPTION)))
            .value(":at", at(time));
        match self.table.write(beside).await? {
            Written::Done(item) | Written::Refused(item) => read(item),
        }
    }

    /// Takes away what a message said.
    pub(super) async fn empty(
        &self,
        number: &Phone,
        key: &MessageKey,
    ) -> Result<Option<Message>, Unavailable> {
        let write = update(number, key, format!("SET #revoked = :true REMOVE {SAYS}"))
            .when("attribute_exists(#pk)")
            .value(":true", AttributeValue::Bool(true));
        match self.table.write(write).await? {
            Written::Done(item) | Written::Refused(item) => read(item),
        }
    }

    /// Notes the copy of a message's file.
    pub(super) async fn note_copy(
        &self,
        number: &Phone,
        key: &MessageKey,
        stored: &StoredMedia,
    ) -> Result<(), Unavailable> {
        let write = Write::update(messages_pk(number, &key.chat), message_sk(key), "SET #stored = :stored")
            .when("attribute_exists(#body)")
            .value(":stored", json(stored)?);
        self.table.write(write).await?;
        Ok(())
    }
}

fn read(item: Option<Item>) -> Result<Option<Message>, Unavailable> {
    item.as_ref().map(message).transpose()
}
