//! Accounts: made by the operator, logged in to by password, removed by their tenant.

mod log_in;
mod register;
mod remove;
mod retention;
#[cfg(test)]
mod tests;

pub use log_in::LogIn;
pub use register::{RegisterUser, Registered, Registration};
pub use remove::{REMOVAL_WINDOW, RemoveUser};
pub use retention::{ChooseRetention, RetentionChoice};
