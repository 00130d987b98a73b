//! One-time passwords: asking for one, and using it to log in or to make an account.

mod letter;
mod request;
#[cfg(test)]
mod tests;
mod throttle;
mod validate;

pub use request::Requested;
pub use validate::Proof;

use crate::otp::Challenge;
use crate::plan::Plans;
use crate::ports::{Accounts, Challenges, Clock, Mailer, Random, Rates, TextMessenger};
use crate::sms::SmsPolicy;
use std::sync::Arc;

/// Sends one-time passwords and takes them back.
pub struct OneTimePasswords {
    /// Where tenants are.
    pub accounts: Arc<dyn Accounts>,
    /// Where the codes that are out are.
    pub challenges: Arc<dyn Challenges>,
    /// Where it is counted how often codes are asked for and tried.
    pub rates: Arc<dyn Rates>,
    /// Sends mail.
    pub mailer: Arc<dyn Mailer>,
    /// Sends SMS.
    pub messenger: Arc<dyn TextMessenger>,
    /// To whom it sends them, and how many.
    pub sms: SmsPolicy,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes codes and ids.
    pub random: Arc<dyn Random>,
    /// The plans; an account that registers itself gets the default one.
    pub plans: Arc<Plans>,
}

impl OneTimePasswords {
    fn challenge(&self, mac: crate::otp::CodeMac) -> Challenge {
        Challenge::new(mac, self.clock.now())
    }
}
