//! What is read before a question is asked, and written after it was answered.

use super::Inquiry;
use crate::whatsapp::Asks;
use carteiro_core::chat::{Ack, Address, ChatChange, Message};
use carteiro_core::ports::Unavailable;
use carteiro_core::query::{Answer, Query, QueryFailure};
use carteiro_engine::Question;

/// How many messages are read at once to find those that were not read.
const PAGE: usize = 50;
/// How far back unread messages are looked for.
const FARTHEST: usize = 500;

impl Inquiry {
    /// Asks, with all that belongs to it.
    pub(super) async fn answer(&self, asker: &dyn Asks) -> Answer {
        match self.ask_and_note(asker).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(number = self.number.masked(), %error, "a store did not answer for a question");
                Answer::Failed { why: QueryFailure::Internal }
            }
        }
    }

    async fn ask_and_note(&self, asker: &dyn Asks) -> Result<Answer, Unavailable> {
        let query = self.asked.query.clone();
        let messages = self.messages(&query).await?;
        let answer = asker.ask(Question { query: query.clone(), messages }).await;
        match (&query, &answer) {
            // What this device does itself, WhatsApp does not tell it.
            (Query::MarkRead { chat }, Answer::Done) => self.change(chat, ChatChange::Read).await?,
            (Query::MarkUnread { chat }, Answer::Done) => self.change(chat, ChatChange::MarkedUnread).await?,
            (Query::JoinGroup { .. } | Query::Group { .. }, Answer::Group { group }) => {
                self.shared.writer.put_group(&self.number, group).await?;
            }
            (Query::LeaveGroup { group }, Answer::Done) => {
                self.shared.writer.forget_group(&self.number, group).await?;
            }
            _ => {}
        }
        Ok(answer)
    }

    async fn change(&self, chat: &Address, change: ChatChange) -> Result<(), Unavailable> {
        self.shared.writer.change_chat(&self.number, chat, &change).await
    }

    /// The messages that a question needs, the latest first.
    async fn messages(&self, query: &Query) -> Result<Vec<Message>, Unavailable> {
        let reader = &self.shared.reader;
        match query {
            Query::MarkRead { chat } => {
                let unread = reader.chat(&self.number, chat).await?.map_or(0, |chat| chat.unread);
                self.latest(chat, usize::try_from(unread).unwrap_or(FARTHEST)).await
            }
            Query::MarkUnread { chat } => self.latest(chat, 0).await,
            Query::MoreHistory { chat, .. } => {
                Ok(reader.oldest(&self.number, chat).await?.into_iter().collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The latest messages of a chat, as many as hold `unread` ones that were not read; one at least, if there is any.
    async fn latest(&self, chat: &Address, unread: usize) -> Result<Vec<Message>, Unavailable> {
        let mut latest: Vec<Message> = Vec::new();
        let (mut cursor, mut found): (Option<String>, usize) = (None, 0);
        loop {
            let limit = if unread == 0 { 1 } else { PAGE };
            let page = self.shared.reader.messages(&self.number, chat, cursor.as_deref(), limit).await?;
            for message in page.items {
                found += usize::from(is_unread(&message));
                latest.push(message);
                if unread > 0 && found >= unread {
                    return Ok(latest);
                }
            }
            cursor = page.next;
            if unread == 0 || latest.len() >= FARTHEST || cursor.is_none() {
                return Ok(latest);
            }
        }
    }
}

fn is_unread(message: &Message) -> bool {
    !message.key.from_me && message.ack == Ack::Received
}
