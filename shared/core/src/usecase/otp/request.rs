//! Asking for a code: `POST /v2/auth/otp/request`.

use super::{OneTimePasswords, letter};
use crate::error::{Code as ErrorCode, Problem};
use crate::otp::{Address, ChallengeKey, Code, OtpKey, Purpose};
use crate::ports::DeliveryFailed;
use crate::source::Source;
use futures_util::future::try_join;

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
    /// The deployment has sent as many SMS as it may.
    NoSmsLeft,
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
    /// [`ErrorCode::SmsCountry`] for a number of a country that SMS do not go to; [`ErrorCode::RateLimited`] when the address, or the
    /// source, asked for too many; [`ErrorCode::Unavailable`] when a store fails.
    pub async fn request(
        &self,
        purpose: Purpose,
        address: &Address,
        source: Source,
        key: &OtpKey,
    ) -> Result<Requested, Problem> {
        if let Address::Phone(number) = address
            && !self.sms.serves(number)
        {
            return Err(ErrorCode::SmsCountry.into());
        }
        self.count_request(address, source).await?;
        let account = self.accounts.find_by_identity(&address.identity()).await?;
        let code = Code::from_random(self.random.bytes());
        let challenge_key = ChallengeKey { purpose, address: address.clone() };
        let mac = code.mac(key, &challenge_key);
        let challenge = self.challenge(mac);
        let put = self.challenges.put(&challenge_key, &challenge);
        let (may_send, ()) = try_join(self.may_send(account.as_ref(), address), put).await?;
        let letter = match (purpose, account) {
            (Purpose::Login, None) => None,
            (Purpose::Login, Some(_)) | (Purpose::Register, None) => {
                Some((letter::with_code(&code), Requested::Sent))
            }
            (Purpose::Register, Some(_)) => Some((letter::account_exists(), Requested::AlreadyRegistered)),
        };
        let is_sms = matches!(address, Address::Phone(_));
        let may_text = !is_sms || self.may_text(may_send && letter.is_some()).await?;
        let Some((letter, sent)) = letter else { return Ok(Requested::Nobody) };
        if !may_send {
            return Ok(Requested::Held);
        }
        if !may_text {
            return Ok(Requested::NoSmsLeft);
        }
        let delivered = match address {
            Address::Email(to) => self.mailer.send(to, letter.subject, &letter.text, &letter.html).await,
            Address::Phone(to) => self.messenger.send(to, &letter.sms).await,
        };
        Ok(delivered.map_or_else(Requested::Undelivered, |()| sent))
    }
}
