//! Using a code: `POST /v2/auth/otp/validate`.

use super::OneTimePasswords;
use crate::error::{Code as ErrorCode, Problem};
use crate::ids::UserId;
use crate::otp::{Address, ChallengeKey, Code, OtpKey, Purpose, Verdict};
use crate::ports::CreateError;
use crate::source::Source;
use crate::user::User;

/// A code and the address that it was sent to.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The address.
    pub address: Address,
    /// What was typed in.
    pub code: Code,
}

impl OneTimePasswords {
    /// Logs in by one code.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidOtp`], [`ErrorCode::OtpExpired`], [`ErrorCode::OtpSpent`]; [`ErrorCode::RateLimited`] when the source
    /// tried too many; [`ErrorCode::Unavailable`].
    pub async fn log_in(&self, proof: &Proof, source: Source, keys: &[OtpKey]) -> Result<User, Problem> {
        self.count_try(source).await?;
        let key = self.check(Purpose::Login, proof, keys).await?;
        // Two at once may both be right; the one that takes it is let in.
        if !self.challenges.take(&key).await? {
            return Err(ErrorCode::OtpExpired.into());
        }
        let account = self.accounts.find_by_identity(&proof.address.identity()).await?;
        // Nobody was sent this code: it was guessed, or the account went away meanwhile.
        let mut user = account.ok_or(ErrorCode::InvalidOtp)?;
        if let Address::Email(email) = &proof.address
            && user.mail_returned.is_some()
        {
            // Mail arrives there again. Where that cannot be noted now, the next login does.
            let _ = self.accounts.note_mail(user.id, email, None).await;
            user.mail_returned = None;
        }
        Ok(user)
    }

    /// Makes an account of the addresses that were proved, all of them or none: the known web client proves its e-mail address
    /// and its number in one request.
    ///
    /// # Errors
    /// As of [`OneTimePasswords::log_in`]; [`ErrorCode::AccountExists`] when an address has an account already.
    pub async fn register(&self, proofs: &[Proof], source: Source, keys: &[OtpKey]) -> Result<User, Problem> {
        self.count_try(source).await?;
        let mut challenges = Vec::with_capacity(proofs.len());
        for proof in proofs {
            challenges.push(self.check(Purpose::Register, proof, keys).await?);
        }
        let mut user = User {
            id: UserId::from_random(self.random.bytes()),
            login: None,
            email: None,
            mail_returned: None,
            phone: None,
            password: None,
            plan: self.plans.default_name().clone(),
            time_zone: None,
            retention: None,
            token: None,
            created_at: self.clock.now(),
        };
        for proof in proofs {
            match &proof.address {
                Address::Email(email) => user.email = Some(email.clone()),
                Address::Phone(phone) => user.phone = Some(phone.clone()),
            }
        }
        match self.accounts.create(&user).await {
            Ok(()) => {}
            Err(CreateError::Taken(_)) => return Err(ErrorCode::AccountExists.into()),
            Err(CreateError::Unavailable(error)) => return Err(error.into()),
        }
        // The account stands: from here on the codes can make no other one, so a store that fails to forget them does no
        // harm, and an account that could not be made can be tried again with the same codes.
        for key in &challenges {
            let _ = self.challenges.take(key).await;
        }
        Ok(user)
    }

    async fn check(&self, purpose: Purpose, proof: &Proof, keys: &[OtpKey]) -> Result<ChallengeKey, Problem> {
        let key = ChallengeKey { purpose, address: proof.address.clone() };
        let Some(challenge) = self.challenges.count_try(&key).await? else {
            return Err(ErrorCode::OtpExpired.into());
        };
        // The code may have been sent under the key before the current one.
        let macs: Vec<_> = keys.iter().map(|secret| proof.code.mac(secret, &key)).collect();
        let given = macs.iter().find(|mac| **mac == challenge.mac).or(macs.first());
        let Some(given) = given else { return Err(ErrorCode::InvalidOtp.into()) };
        match challenge.judge(given, self.clock.now()) {
            Verdict::Right => Ok(key),
            Verdict::Wrong => Err(ErrorCode::InvalidOtp.into()),
            Verdict::Spent => Err(ErrorCode::OtpSpent.into()),
            Verdict::Expired => Err(ErrorCode::OtpExpired.into()),
        }
    }
}
