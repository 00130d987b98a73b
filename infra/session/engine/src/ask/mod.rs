//! Questions to WhatsApp, and small things that it is told, in the core's words.

mod about;
mod group;
mod history;
mod online;
mod onlookers;
mod picture;
mod reading;
mod trouble;
mod validation;

pub(crate) use onlookers::Onlookers;

use crate::backend::Health;
use crate::history::Arrivals;
use carteiro_core::chat::{Address, Message};
use carteiro_core::query::{Answer, Query, QueryFailure};
use std::fmt;
use std::sync::Arc;
use wacore_binary::Jid;
use whatsapp_rust::Client;

/// A question, with what its asker knows of its chat. `Debug` shows no message.
#[derive(Debug, Clone)]
pub struct Question {
    /// What is asked.
    pub query: Query,
    /// Messages of the chat that it is about, the latest first. For [`Query::MarkRead`] and [`Query::MarkUnread`] the latest ones,
    /// those that were not read among them; for [`Query::MoreHistory`] the oldest one that is known. Else none.
    pub messages: Vec<Message>,
}

impl From<Query> for Question {
    fn from(query: Query) -> Self {
        Self { query, messages: Vec::new() }
    }
}

/// Asks for a session, beside it: it does not keep the session alive.
#[derive(Clone)]
pub struct Asker {
    client: Arc<Client>,
    health: Arc<Health>,
    onlookers: Onlookers,
    arrivals: Arrivals,
}

impl Asker {
    pub(crate) fn new(
        client: Arc<Client>,
        health: Arc<Health>,
        onlookers: Onlookers,
        arrivals: Arrivals,
    ) -> Self {
        Self { client, health, onlookers, arrivals }
    }

    /// Asks WhatsApp, or tells it, what [`Question::query`] says. It has no limit but WhatsApp's patience; dropping the future gives
    /// the question up.
    pub async fn ask(&self, question: Question) -> Answer {
        let connected = self.client.is_connected() && self.client.is_logged_in() && !self.health.is_fenced();
        if !connected {
            return Answer::Failed { why: QueryFailure::NotConnected };
        }
        self.answer(question).await.unwrap_or_else(|why| Answer::Failed { why })
    }

    async fn answer(&self, question: Question) -> Result<Answer, QueryFailure> {
        let (client, Question { query, messages }) = (&self.client, question);
        match query {
            Query::Validate { numbers } => validation::validate(client, &numbers).await,
            Query::Online { who } => online::is_online(client, &self.onlookers, &who).await,
            Query::About { who } => about::about(client, &who).await,
            Query::Picture { who } => picture::picture(client, &who).await,
            Query::JoinGroup { code } => group::join(client, &code).await,
            Query::LeaveGroup { group } => group::leave(client, &group).await,
            Query::Group { group } => group::group(client, &group).await,
            Query::MarkRead { chat } => reading::mark_read(client, &chat, &messages).await,
            Query::MarkUnread { chat } => reading::mark_unread(client, &chat, &messages).await,
            Query::MoreHistory { chat, count } => {
                history::more(client, &self.arrivals, &chat, messages.last(), count).await
            }
        }
    }
}

impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asker(…)")
    }
}

/// The address of a person, a group or a list as it was given.
fn jid(address: &Address) -> Result<Jid, QueryFailure> {
    address.to_string().parse().map_err(|_| QueryFailure::NotFound)
}

/// The address by which WhatsApp knows a chat. A chat is kept by its person's phone number; an account that WhatsApp has moved to
/// LIDs has it by the LID.
async fn chat_jid(client: &Client, address: &Address) -> Result<Jid, QueryFailure> {
    let jid = jid(address)?;
    if jid.is_pn()
        && client.is_lid_migrated().await
        && let Ok(Some(known)) = client.get_lid_pn_entry(&jid).await
    {
        return Ok(Jid::lid(&*known.lid));
    }
    Ok(jid)
}
