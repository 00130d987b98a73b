//! How often codes are sent and tried. Whoever asks is held back by what was typed and by where it came from, and never by what
//! stands behind it: so a refusal does not tell whether there is an account.

use super::OneTimePasswords;
use crate::error::Problem;
use crate::otp::Address;
use crate::ports::Unavailable;
use crate::rate::{Rate, RateKey};
use crate::source::Source;
use crate::usecase::held_back::held_back;
use crate::user::User;
use futures_util::future::try_join_all;
use jiff::SignedDuration;
use std::fmt;

/// Codes to one address: three at once, then one each 30 seconds.
const TO_ADDRESS: Rate = Rate::every(SignedDuration::from_secs(30), 3);
/// And no more than ten in any hour: five, and five that come back over the hour.
const TO_ADDRESS_BY_HOUR: Rate = Rate::every(SignedDuration::from_mins(12), 5);
/// Codes to all the addresses of one account: no more than fourteen in any hour.
const TO_ACCOUNT: Rate = Rate::every(SignedDuration::from_mins(10), 8);
/// Codes asked for from one source, behind which there may be an office: thirty at once, then six a minute.
const FROM_SOURCE: Rate = Rate::every(SignedDuration::from_secs(10), 30);
/// Codes by SMS asked for from one source, since each costs money: ten at once, then one each two minutes.
const SMS_FROM_SOURCE: Rate = Rate::every(SignedDuration::from_mins(2), 10);
/// Codes tried from one source: thirty at once, then thirty a minute. Each code has five tries besides.
const TRIES_FROM_SOURCE: Rate = Rate::every(SignedDuration::from_secs(2), 30);

impl OneTimePasswords {
    /// Counts a request for a code, and refuses it where there were too many.
    pub(super) async fn count_request(&self, address: &Address, source: Source) -> Result<(), Problem> {
        let named = Named(address);
        let mut limits = vec![(RateKey::new("otp-source", source), FROM_SOURCE)];
        if let Address::Phone(_) = address {
            limits.push((RateKey::new("otp-sms-source", source), SMS_FROM_SOURCE));
        }
        limits.push((RateKey::new("otp-address", &named), TO_ADDRESS));
        limits.push((RateKey::new("otp-address-hour", &named), TO_ADDRESS_BY_HOUR));
        let now = self.clock.now();
        let counts = limits.iter().map(|(key, rate)| self.rates.admit(key, *rate, now));
        let decisions = try_join_all(counts).await?;
        let Some(refused) = decisions.iter().position(|decision| !decision.admitted) else { return Ok(()) };
        // They are asked at once for the sake of the time; what comes after the one that refuses is not used up.
        for ((key, rate), decision) in limits.iter().zip(&decisions).skip(refused + 1) {
            if decision.admitted {
                let _ = self.rates.give_back(key, *rate).await;
            }
        }
        Err(held_back("Muitos códigos foram pedidos.", decisions[refused].retry_after))
    }

    /// Whether one more code may go to an account. Nobody is told when it may not: two addresses that hold each other back would
    /// be known to belong to one account. The address of nobody is counted too, for the sake of the time that it takes.
    pub(super) async fn may_send(
        &self,
        account: Option<&User>,
        address: &Address,
    ) -> Result<bool, Unavailable> {
        let key = match account {
            Some(user) => RateKey::new("otp-account", user.id),
            None => RateKey::new("otp-account", Named(address)),
        };
        Ok(self.wait(&key, TO_ACCOUNT).await?.is_none())
    }

    /// Whether one more SMS may go out, of all that the deployment sends. Nobody is told when it may not, and what is not sent is
    /// counted apart, as in [`OneTimePasswords::may_send`].
    pub(super) async fn may_text(&self, goes_out: bool) -> Result<bool, Unavailable> {
        let key = RateKey::new("otp-sms", if goes_out { "sent" } else { "kept" });
        Ok(self.wait(&key, self.sms.rate()).await?.is_none())
    }

    /// Counts a try, and refuses it where there were too many.
    pub(super) async fn count_try(&self, source: Source) -> Result<(), Problem> {
        match self.wait(&RateKey::new("otp-tries", source), TRIES_FROM_SOURCE).await? {
            None => Ok(()),
            Some(time) => Err(held_back("Muitas tentativas.", time)),
        }
    }

    async fn wait(&self, key: &RateKey, rate: Rate) -> Result<Option<SignedDuration>, Unavailable> {
        let decision = self.rates.admit(key, rate, self.clock.now()).await?;
        Ok((!decision.admitted).then_some(decision.retry_after))
    }
}

/// An address with its kind, as a caller that is counted.
struct Named<'a>(&'a Address);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Address::Email(email) => write!(f, "email:{}", email.as_str()),
            Address::Phone(phone) => write!(f, "phone:{}", phone.digits()),
        }
    }
}
