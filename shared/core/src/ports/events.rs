//! Telling webhooks what happened.

use super::Unavailable;
use crate::ids::UserId;
use crate::webhook::Event;
use async_trait::async_trait;

/// Takes events on their way to webhooks.
#[async_trait]
pub trait Events: Send + Sync + 'static {
    /// Stores an event for each receiver that the tenant has for it (none is fine), and has it delivered. Events of one origin
    /// are delivered in the order of these calls. Safe to repeat with the same event id.
    async fn publish(&self, user: UserId, event: &Event) -> Result<(), Unavailable>;
}
