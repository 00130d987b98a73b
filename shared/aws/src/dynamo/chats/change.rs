//! What happens to chats as such.

use super::DynamoChats;
use super::chat_record::muted;
use super::group_record;
use super::keys::{CHATS, chat_sk, group_sk, messages_pk, number_pk, order};
use super::message_record::person;
use crate::dynamo::item::{Item, at, n, s};
use crate::dynamo::table::{Query, Read};
use crate::dynamo::write::Write;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::chat::{Address, Chat, ChatChange, Group};
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;

/// How many items are read and deleted at once.
pub(super) const PAGE: usize = 500;

/// The update of a chat that is made where there was none.
fn update(number: &Phone, chat: &Address, set: &str, remove: &str) -> Write {
    let new = Chat::unknown(chat.clone());
    let mut expression = "SET #at = if_not_exists(#at, :never)".to_owned();
    let mut write = Vec::new();
    if let Some(with) = &new.with {
        expression.push_str(", #with = if_not_exists(#with, :with)");
        write.push((":with", person(with)));
    }
    if !set.is_empty() {
        expression.push_str(", ");
        expression.push_str(set);
    }
    if !remove.is_empty() {
        expression.push_str(" REMOVE ");
        expression.push_str(remove);
    }
    let update =
        Write::update(number_pk(number), chat_sk(chat), expression).value(":never", s(order(None, chat)));
    write.into_iter().fold(update, |update, (name, value)| update.value(name, value))
}

impl DynamoChats {
    /// Changes a chat.
    pub(super) async fn change(
        &self,
        number: &Phone,
        chat: &Address,
        change: &ChatChange,
    ) -> Result<(), Unavailable> {
        let yes = || AttributeValue::Bool(true);
        let write = match change {
            ChatChange::Archived(true) => update(number, chat, "#archived = :yes", "").value(":yes", yes()),
            ChatChange::Archived(false) => update(number, chat, "", "#archived"),
            ChatChange::Pinned(Some(since)) => {
                update(number, chat, "#pinned_at = :since", "").value(":since", at(*since))
            }
            ChatChange::Pinned(None) => update(number, chat, "", "#pinned_at"),
            ChatChange::Muted(Some(mute)) => {
                update(number, chat, "#muted_until = :until", "").value(":until", muted(*mute))
            }
            ChatChange::Muted(None) => update(number, chat, "", "#muted_until"),
            ChatChange::Read => {
                update(number, chat, "#unread = :zero", "#marked_unread").value(":zero", n(0))
            }
            ChatChange::MarkedUnread => {
                update(number, chat, "#marked_unread = :yes", "").value(":yes", yes())
            }
            ChatChange::Cleared => {
                while !self.delete_messages(number, chat, PAGE).await?.1 {}
                Write::update(
                    number_pk(number),
                    chat_sk(chat),
                    "SET #unread = :zero REMOVE #marked_unread, #last, #last_time",
                )
                .when("attribute_exists(#pk)")
                .value(":zero", n(0))
            }
            // The chat goes last, by which its messages are found if this has to be done again.
            ChatChange::Deleted => {
                while !self.delete_messages(number, chat, PAGE).await?.1 {}
                Write::delete(number_pk(number), chat_sk(chat))
            }
        };
        self.table.write(write).await?;
        Ok(())
    }

    /// Stores a group, and what its chat is called.
    pub(super) async fn store_group(&self, number: &Phone, group: &Group) -> Result<(), Unavailable> {
        self.table.write(Write::put(group_record::item(number, group))).await?;
        let named = update(number, &group.address, "#name = :name", "").value(":name", s(&group.subject));
        self.table.write(named).await?;
        Ok(())
    }

    /// Deletes a group.
    pub(super) async fn drop_group(&self, number: &Phone, group: &Address) -> Result<(), Unavailable> {
        self.table.write(Write::delete(number_pk(number), group_sk(group))).await?;
        Ok(())
    }

    /// Deletes up to `limit` of a chat's messages: how many, and whether that was all of them.
    async fn delete_messages(
        &self,
        number: &Phone,
        chat: &Address,
        limit: usize,
    ) -> Result<(usize, bool), Unavailable> {
        self.delete_of(&messages_pk(number, chat), limit).await
    }

    async fn delete_of(&self, pk: &str, limit: usize) -> Result<(usize, bool), Unavailable> {
        let query = Query::new("#pk = :pk", Read::Consistent).value(":pk", pk).only("#pk, #sk").limit(limit);
        let items = self.table.query(query).await?;
        let keys = |item: &Item| Ok((pk.to_owned(), item.text("sk")?.to_owned()));
        let keys = items.iter().map(keys).collect::<Result<Vec<_>, Unavailable>>()?;
        let count = keys.len();
        self.table.delete_many(keys).await?;
        Ok((count, count < limit))
    }

    /// Deletes about [`PAGE`] items of a number: its messages chat by chat, each chat after its messages, and then the rest.
    pub(super) async fn erase_page(&self, number: &Phone) -> Result<bool, Unavailable> {
        let pk = number_pk(number);
        let mut left = PAGE;
        while left > 0 {
            let query = Query::new("#pk = :pk AND begins_with(#sk, :chat)", Read::Consistent)
                .value(":pk", &pk)
                .value(":chat", CHATS)
                .only("#pk, #sk")
                .limit(left);
            let chats = self.table.query(query).await?;
            if chats.is_empty() {
                return Ok(self.delete_of(&pk, left).await?.1);
            }
            for item in &chats {
                let chat = item.one("sk", super::keys::address_in)?;
                let (deleted, all) = self.delete_messages(number, &chat, left).await?;
                left = left.saturating_sub(deleted + 1);
                if all {
                    self.table.write(Write::delete(&pk, chat_sk(&chat))).await?;
                }
                if left == 0 {
                    break;
                }
            }
        }
        Ok(false)
    }
}
