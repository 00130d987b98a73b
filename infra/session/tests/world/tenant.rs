//! What the tenant asks for.

use super::clock::TestSleeper;
use super::{World, rand_bytes, recipient, sender};
use carteiro_core::command::ShardCommand;
use carteiro_core::ids::{QueryId, SendId};
use carteiro_core::number::{Desired, PairingMethod};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Clock, Links, Sends};
use carteiro_core::query::{Answer, Asked, PATIENCE, Query};
use carteiro_core::send::{Content, LIFETIME, Recipient, Send, Text};
use carteiro_core::testing::SeededRandom;
use carteiro_core::usecase::{Ask, AskPorts};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

impl World {
    /// The tenant wants something of a number, and the task is told.
    pub async fn want(&self, number: &Phone, desired: Desired) {
        let (shard, now) = (self.shard(number), self.clock.now());
        self.links.want(number, self.user, shard, desired, now).await.unwrap();
        self.queues.push(shard, ShardCommand::Align { number: number.clone() });
    }

    /// A number that was paired before and is to be connected.
    pub async fn paired(&self, number: &Phone) {
        self.whatsapp.server().paired.insert(number.clone());
        self.want(number, Desired::Connected(PairingMethod::Qr)).await;
    }

    /// Accepts a send without telling the task.
    pub async fn accept(&self, text: &str, to: &Phone) -> SendId {
        self.accept_until(text, to, LIFETIME).await
    }

    /// Accepts a send that lives that long.
    pub async fn accept_until(&self, text: &str, to: &Phone, lifetime: SignedDuration) -> SendId {
        let id = SendId::from_random(rand_bytes(&self.tasks));
        let now = self.clock.now();
        let text = Text::parse(text.to_owned()).unwrap();
        let mut send = Send::of_text(id, self.user, sender(), to.clone(), text, now);
        send.expires_at = now + lifetime;
        self.sends.create(&send, now).await.unwrap();
        // No two sends are accepted in the same microsecond.
        sleep(Duration::from_millis(1)).await;
        id
    }

    /// Accepts a send and puts its command in the queue.
    pub async fn send(&self, text: &str) -> SendId {
        let id = self.accept(text, &recipient()).await;
        self.command(id);
        id
    }

    /// Accepts a send of any content to anybody, and puts its command in the queue.
    pub async fn send_of(&self, content: Content, to: &str) -> SendId {
        let id = SendId::from_random(rand_bytes(&self.tasks));
        let (to, now): (Recipient, _) = (to.parse().unwrap(), self.clock.now());
        let send = Send::new(id, self.user, sender(), to, content, now);
        self.sends.create(&send, now).await.unwrap();
        self.command(id);
        id
    }

    /// Asks the sending number's session something that must be answered by then.
    pub fn ask_until(&self, query: Query, deadline: Timestamp) -> QueryId {
        let id = QueryId::from_random(rand_bytes(&self.tasks));
        self.command_query(Asked { id, deadline, query });
        id
    }

    /// The same, with the usual deadline.
    pub fn ask(&self, query: Query) -> QueryId {
        self.ask_until(query, self.clock.now() + PATIENCE)
    }

    pub fn command_query(&self, asked: Asked) {
        let number = sender();
        self.queues.push(self.shard(&number), ShardCommand::Query { number, asked });
    }

    /// What asks as the API does.
    pub fn asks(&self) -> Ask {
        Ask::new(AskPorts {
            shards: self.queues.clone(),
            answers: self.answers.clone(),
            clock: self.clock.clone(),
            sleeper: Arc::new(TestSleeper),
            random: Arc::new(SeededRandom::new(77)),
        })
    }

    /// The answer to a question, once it is there.
    pub async fn answer(&self, id: QueryId) -> Answer {
        self.until("an answer", |world| world.answers.peek(id).is_some()).await;
        self.answers.peek(id).unwrap().0
    }

    pub fn command(&self, send_id: SendId) {
        let number = sender();
        self.queues.push(self.shard(&number), ShardCommand::Send { number, send_id });
    }
}
