//! What all parts of the task share.

use crate::actor::Timing;
use crate::whatsapp::WhatsApp;
use carteiro_core::ports::{
    Clock, Leases, Links, Objects, Preparations, Sends, ShardReceiver, WhatsAppStates,
};
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
    /// Links of numbers.
    pub links: Arc<dyn Links>,
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
}
