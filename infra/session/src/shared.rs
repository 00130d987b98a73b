//! What all parts of the task share.

use crate::actor::Timing;
use crate::health::Health;
use crate::metrics::SessionMetrics;
use crate::protection::Protection;
use crate::whatsapp::WhatsApp;
use carteiro_core::ports::{
    Answers, ChatReader, ChatWriter, Clock, Events, Leases, Links, MediaQueue, NamedSessions, Numbers,
    Objects, Pairings, Preparations, Sends, ShardReceiver, ShardSender, WhatsAppStates,
};
use carteiro_core::shard::ShardCount;
use carteiro_core::usecase::FindRules;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The ports, the engine, and the bounds of the whole task.
pub struct Shared {
    /// Sends.
    pub sends: Arc<dyn Sends>,
    /// What was prepared of the files of sends.
    pub preparations: Arc<dyn Preparations>,
    /// The files themselves, encrypted.
    pub objects: Arc<dyn Objects>,
    /// Where answers to questions are left.
    pub answers: Arc<dyn Answers>,
    /// Chats and messages, to be read.
    pub reader: Arc<dyn ChatReader>,
    /// Chats and messages, to be written.
    pub writer: Arc<dyn ChatWriter>,
    /// The queue of received files.
    pub media: Arc<dyn MediaQueue>,
    /// Links of numbers.
    pub links: Arc<dyn Links>,
    /// V1's sessions.
    pub named: Arc<dyn NamedSessions>,
    /// Their pairings.
    pub pairings: Arc<dyn Pairings>,
    /// Tenants' numbers: a number that was paired for a V1 session becomes its tenant's worker.
    pub numbers: Arc<dyn Numbers>,
    /// The shards' queues, from the side that fills them: the shard of a number that was just paired may be another's.
    pub commands: Arc<dyn ShardSender>,
    /// How many shards there are.
    pub shards: ShardCount,
    /// The rules by which numbers are paced.
    pub rules: FindRules,
    /// Tells webhooks.
    pub events: Arc<dyn Events>,
    /// Leases of shards.
    pub leases: Arc<dyn Leases>,
    /// The shards' queues.
    pub receiver: Arc<dyn ShardReceiver>,
    /// What WhatsApp's client keeps.
    pub states: Arc<dyn WhatsAppStates>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// WhatsApp.
    pub whatsapp: Arc<dyn WhatsApp>,
    /// The times that actors work by.
    pub timing: Timing,
    /// How many numbers may be logging in at the same time.
    pub logins: Arc<Semaphore>,
    /// How many files may be uploaded at the same time, each of them some megabytes of memory.
    pub uploads: Arc<Semaphore>,
    /// How much of what WhatsApp tells may wait to be stored, of all numbers together: messages, people and the like.
    pub untold: Arc<Semaphore>,
    /// What is counted.
    pub metrics: Arc<SessionMetrics>,
    /// Keeps the task from being ended while somebody pairs.
    pub protection: Arc<Protection>,
    /// Whether the task is well.
    pub health: Arc<Health>,
}
