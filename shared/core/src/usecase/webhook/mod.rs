//! Webhooks: events are published, delivered, tried again; receivers are set, read, tested and taken away.

mod attempt;
mod deliver;
mod deliveries;
mod publish;
mod receivers;
#[cfg(test)]
mod tests;
mod waiting;

pub use attempt::{Attempt, Attempts};
pub use deliver::{DeliverStream, DeliverStreamPorts, Delivering, NotNow};
pub use deliveries::{DEFAULT_DELIVERY_PAGE, DeliveryLog, MAX_DELIVERY_PAGE, MAX_REDRIVE, Redriven};
pub use publish::PublishEvents;
pub use receivers::{ReceiverBook, SetDone, SetReceiver, WantedReceiver};
