//! A tenant's numbers, and their sessions on WhatsApp.

mod change;
mod connect;
mod sessions;
#[cfg(test)]
mod tests;

pub use change::{ChangeNumbers, MAX_LIST, NumberLists};
pub use connect::{ConnectNumber, Connection};
pub use sessions::{LinkStatus, Sessions, release_former};
