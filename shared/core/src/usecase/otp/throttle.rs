//! How often codes are sent and tried. Whoever asks is held back by what was typed and by where it came from, and never by what
//! stands behind it: so a refusal does not tell whether there is an account.

use super::OneTimePasswords;
use crate::error::{Code as ErrorCode, Problem};
use crate::otp::Address;
use crate::ports::Unavailable;
use crate::rate::{Rate, RateKey};
use crate::source::Source;
use crate::user::User;
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
/// Codes tried from one source: thirty at once, then thirty a minute. Each code has five tries besides.
const TRIES_FROM_SOURCE: Rate = Rate::every(SignedDuration::from_secs(2), 30);

impl OneTimePasswords {
    /// Counts a request for a code, and refuses it where there were too many.
    pub(super) async fn count_request(&self, address: &Address, source: Source) -> Result<(), Problem> {
        let named = Named(address);
        for (key, rate) in [
            (RateKey::new("otp-source", source), FROM_SOURCE),
            (RateKey::new("otp-address", &named), TO_ADDRESS),
            (RateKey::new("otp-address-hour", &named), TO_ADDRESS_BY_HOUR),
        ] {
            if let Some(time) = self.wait(&key, rate).await? {
                let detail = format!("Muitos códigos foram pedidos. Aguarde {} e tente de novo.", Wait(time));
                return Err(Problem::new(ErrorCode::RateLimited).because(detail).retry_in(time));
            }
        }
        Ok(())
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

    /// Counts a try, and refuses it where there were too many.
    pub(super) async fn count_try(&self, source: Source) -> Result<(), Problem> {
        match self.wait(&RateKey::new("otp-tries", source), TRIES_FROM_SOURCE).await? {
            None => Ok(()),
            Some(time) => {
                let detail = format!("Muitas tentativas. Aguarde {} e tente de novo.", Wait(time));
                Err(Problem::new(ErrorCode::RateLimited).because(detail).retry_in(time))
            }
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

/// A time to wait as people read it, rounded up.
struct Wait(SignedDuration);

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs() + i64::from(self.0.subsec_nanos() > 0);
        let minutes = seconds.saturating_add(59) / 60;
        match (seconds, minutes) {
            (..=1, _) => f.write_str("1 segundo"),
            (2..=90, _) => write!(f, "{seconds} segundos"),
            _ => write!(f, "{minutes} minutos"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_read_them() {
        let told = |millis| Wait(SignedDuration::from_millis(millis)).to_string();
        let texts = [told(0), told(1_500), told(90_000), told(91_000), told(720_000), told(720_001)];
        assert_eq!(
            texts,
            ["1 segundo", "2 segundos", "90 segundos", "2 minutos", "12 minutos", "13 minutos"]
        );
    }
}
