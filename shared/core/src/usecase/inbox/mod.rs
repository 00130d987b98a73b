//! What WhatsApp tells of a number: stored, told to webhooks, and its files kept.

mod early;
mod effect;
mod intake;
mod order;
mod people;
#[cfg(test)]
mod tests;

use crate::chat::{Address, Body, Contact, Message, MessageKey, Person, Update};
use crate::ids::UserId;
use crate::phone::Phone;
use crate::ports::{ChatReader, ChatWriter, Events, MediaQueue, Stored, Unavailable};
use crate::retention::RetentionDays;
use crate::session::SessionName;
use crate::usecase::FindRetention;
use early::Early;
use effect::Effect;
pub use intake::Intake;
use order::Order;
use people::Acquaintance;
use std::collections::VecDeque;
use std::sync::Arc;

/// The ports of an [`Inbox`].
pub struct InboxPorts {
    /// Where people are looked up, to name them in events.
    pub reader: Arc<dyn ChatReader>,
    /// Where chats are stored.
    pub writer: Arc<dyn ChatWriter>,
    /// Who is told.
    pub events: Arc<dyn Events>,
    /// Where files are asked for.
    pub media: Arc<dyn MediaQueue>,
    /// For how long what tenants do is kept.
    pub retention: FindRetention,
}

/// Whose number it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberOwner {
    /// The tenant.
    pub user: UserId,
    /// The V1 session, where the number is one's.
    pub session: Option<SessionName>,
}

/// Takes in what WhatsApp tells of one number, one thing after the other. What was taken in before may come again whole: it is
/// stored once, and its events have the same ids.
pub struct Inbox {
    ports: Arc<InboxPorts>,
    number: Phone,
    order: Order,
    known: Acquaintance,
    early: Early,
}

impl Inbox {
    /// The inbox of a number.
    pub fn new(ports: Arc<InboxPorts>, number: Phone) -> Self {
        let (order, known) = (Order::default(), Acquaintance::default());
        Self { ports, number, order, known, early: Early::default() }
    }

    /// Takes in what is left of it.
    ///
    /// # Errors
    /// When a store or a queue fails; `intake` then holds what is left, to be taken in again, or to be
    /// [left out](Intake::leave_out) where the failure [lasts](Unavailable::lasting).
    pub async fn take_in(&mut self, intake: &mut Intake) -> Result<(), Unavailable> {
        loop {
            while let Some(effect) = intake.effects.front() {
                self.carry_out(&intake.owner, effect).await?;
                intake.effects.pop_front();
            }
            if intake.updates.is_empty() {
                return Ok(());
            }
            self.introduce(&mut intake.updates);
            let (taken, effects) = self.store(intake).await?;
            intake.updates.drain(..taken);
            intake.effects.extend(effects);
        }
    }

    /// Stores a message that the number has sent for its tenant by the API; nobody is told. What WhatsApp told of it before is
    /// answered, to be taken in now.
    ///
    /// # Errors
    /// When the store fails. It may be repeated.
    pub async fn store_sent(
        &mut self,
        owner: &NumberOwner,
        message: &Message,
    ) -> Result<Intake, Unavailable> {
        let mut message = message.clone();
        let chat = self.canonical(&message.key.chat).await?;
        if chat != message.key.chat {
            message.with = Some(Person::new(chat.clone(), Some(message.key.chat)));
            message.key.chat = chat;
        }
        self.order.place(&mut message);
        let kept = self.kept(owner.user).await?;
        self.ports.writer.add(&self.number, &message, true, kept).await?;
        let MessageKey { chat, id, .. } = &message.key;
        let acked = |(ack, at)| Update::Acked { chat: chat.clone(), ids: vec![id.clone()], ack, at };
        let before = self.early.of(id).into_iter().map(acked).collect();
        self.early.forget(id);
        Ok(Intake::new(owner.clone(), before))
    }

    /// The address that a chat is kept by: sends and their acknowledgements may name a person by LID whose number is known.
    async fn canonical(&self, chat: &Address) -> Result<Address, Unavailable> {
        if chat.is_lid() { self.ports.reader.canonical(&self.number, chat).await } else { Ok(chat.clone()) }
    }

    /// For how long what is told of a tenant's number is kept. What is wrong with the tenant is wrong with none of it, and is waited for.
    async fn kept(&self, user: UserId) -> Result<RetentionDays, Unavailable> {
        self.ports.retention.of(user).await.map_err(Unavailable::passing)
    }

    /// Puts what the first message tells of a person before it, where that is news: what cannot be stored of a person keeps no message
    /// away.
    fn introduce(&mut self, updates: &mut VecDeque<Update>) {
        if let Some(Update::Message(message)) = updates.front()
            && has_place(message)
            && let Some(change) = self.known.news(message)
        {
            self.known.learn(&change);
            updates.push_front(Update::Contact(change));
        }
    }

    /// Stores the first update, or the first ones where they go together: how many, and what follows.
    async fn store(&mut self, intake: &mut Intake) -> Result<(usize, Vec<Effect>), Unavailable> {
        let (user, updates) = (intake.owner.user, &mut intake.updates);
        let people: Vec<_> = updates
            .iter()
            .map_while(
                |update| if let Update::Contact(change) = update { Some(change.clone()) } else { None },
            )
            .take(intake.together)
            .collect();
        if !people.is_empty() {
            self.ports.writer.change_contacts(&self.number, &people).await?;
            return Ok((people.len(), Vec::new()));
        }
        let effects = match updates.front_mut() {
            Some(Update::Message(message)) => self.message(user, message).await?,
            Some(update) => self.other(user, update).await?,
            None => Vec::new(),
        };
        Ok((1, effects))
    }

    async fn message(&mut self, user: UserId, message: &mut Message) -> Result<Vec<Effect>, Unavailable> {
        if !has_place(message) {
            return Ok(Vec::new());
        }
        self.order.place(message);
        let counts = !matches!(message.body, Body::Reaction { .. });
        let kept = self.kept(user).await?;
        let stored = self.ports.writer.add(&self.number, message, counts, kept).await?;
        if stored == Stored::Known
            && message.body == Body::Ciphertext
            && self.is_readable(&message.key).await?
        {
            return Ok(Vec::new());
        }
        // What was stored before is told again: a crash may have come between the two.
        let mut effects = vec![Effect::received(message)];
        effects.extend(Effect::file_of(message));
        Ok(effects)
    }

    /// Whether a message is stored that could be read: that it came a second time, its keys used up, is nothing to tell.
    async fn is_readable(&self, key: &MessageKey) -> Result<bool, Unavailable> {
        let stored = self.ports.reader.message(&self.number, key).await?;
        Ok(stored.is_some_and(|message| message.body != Body::Ciphertext))
    }

    async fn other(&mut self, user: UserId, update: &Update) -> Result<Vec<Effect>, Unavailable> {
        let (writer, number) = (&self.ports.writer, &self.number);
        let mut effects = Vec::new();
        match update {
            // See `store` and `message`.
            Update::Message(_) | Update::Contact(_) => {}
            Update::History { chats, messages, contacts } => {
                writer.add_contacts(number, contacts).await?;
                let (kept, now) = (self.kept(user).await?, self.ports.retention.now());
                // DynamoDB deletes nothing whose time was over for long when it came.
                let messages: Vec<Message> = messages
                    .iter()
                    .filter(|message| has_place(message) && !kept.is_over(message.at, now))
                    .cloned()
                    .collect();
                let chats: Vec<_> =
                    chats.iter().filter(|chat| !chat.address.is_statuses()).cloned().collect();
                writer.add_history(number, &chats, &messages, kept).await?;
            }
            Update::Edited { key, text, at } => {
                let edited = writer.edit(number, key, text, *at).await?;
                // A later edit has been told already.
                effects
                    .extend(edited.filter(|now| now.edited_at == Some(*at)).map(|now| Effect::edited(&now)));
            }
            Update::Revoked { key, at } => {
                effects.extend(writer.revoke(number, key).await?.map(|now| Effect::revoked(&now, *at)));
            }
            Update::Acked { chat, ids, ack, at } => {
                let chat = self.canonical(chat).await?;
                let moved = writer.acknowledge(number, &chat, ids, *ack).await?;
                for id in ids.iter().filter(|id| moved.iter().all(|message| message.key.id != **id)) {
                    self.early.keep(id, *ack, *at);
                }
                effects.extend(moved.iter().map(|message| Effect::moved(message, *at)));
            }
            Update::Chat { chat, change } => writer.change_chat(number, chat, change).await?,
            Update::Group(group) => {
                let both = |person: &Person| person.phone().is_some() && person.lid().is_some();
                let members = group.participants.iter().filter(|member| both(&member.person));
                let members: Vec<_> = members.map(|member| Contact::new(member.person.clone())).collect();
                writer.add_contacts(number, &members).await?;
                writer.put_group(number, group).await?;
            }
            Update::GroupLeft(group) => writer.forget_group(number, group).await?,
        }
        Ok(effects)
    }
}

/// Whether a message is kept: it is in a chat, and clients can name it, since ids are whatever senders make them.
fn has_place(message: &Message) -> bool {
    let key = &message.key;
    !key.chat.is_statuses() && key.to_string().parse::<MessageKey>().is_ok_and(|read| read == *key)
}
