//! Asking for a code: `POST /v2/auth/otp/request`.

use super::{OneTimePasswords, letter};
use crate::error::Problem;
use crate::otp::{Address, ChallengeKey, Code, OtpKey, Purpose};
use crate::ports::DeliveryFailed;
use crate::source::Source;

/// What came of asking for a code. The client is told the same in every case, or it could find out who has an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requested {
    /// The code was handed over.
    Sent,
    /// There is nobody to send it to: a login without an account.
    Nobody,
    /// The address has an account already, and was told so instead of getting a code to register with.
    AlreadyRegistered,
    /// The account got too many codes of late, over all its addresses.
    Held,
    /// The message could not be handed over.
    Undelivered(DeliveryFailed),
}

impl OneTimePasswords {
    /// Makes a code, keeps its MAC in place of any earlier one, and sends it where that is right.
    ///
    /// The work is the same for known and unknown addresses up to the message itself: a challenge is always stored, so that
    /// tries on it are also answered alike.
    ///
    /// # Errors
    /// [`crate::error::Code::RateLimited`] when the address, or the source, asked for too many;
    /// [`crate::error::Code::Unavailable`] when a store fails.
    pub async fn request(
        &self,
        purpose: Purpose,
        address: &Address,
        source: Source,
        key: &OtpKey,
    ) -> Result<Requested, Problem> {
        self.count_request(address, source).await?;
        let account = self.accounts.find_by_identity(&address.identity()).await?;
        let may_send = self.may_send(account.as_ref(), address).await?;
        let code = Code::from_random(self.random.bytes());
        let challenge_key = ChallengeKey { purpose, address: address.clone() };
        let mac = code.mac(key, &challenge_key);
        self.challenges.put(&challenge_key, &self.challenge(mac)).await?;
        let (letter, sent) = match (purpose, account) {
            (Purpose::Login, None) => return Ok(Requested::Nobody),
            _ if !may_send => return Ok(Requested::Held),
            (Purpose::Login, Some(_)) | (Purpose::Register, None) => {
                (letter::with_code(&code), Requested::Sent)
            }
            (Purpose::Register, Some(_)) => (letter::account_exists(), Requested::AlreadyRegistered),
        };
        let delivered = match address {
            Address::Email(to) => self.mailer.send(to, letter.subject, &letter.text, &letter.html).await,
            Address::Phone(to) => self.messenger.send(to, &letter.sms).await,
        };
        Ok(delivered.map_or_else(Requested::Undelivered, |()| sent))
    }
}
