//! One-time passwords: six digits, five minutes, five tries.

use crate::identity::{Email, Identity};
use crate::mac::{mac, mac_of_list};
use crate::phone::Phone;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq;

/// How long a code is good for.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// How many tries a code has; the fifth wrong one spends it.
pub const MAX_TRIES: u32 = 5;

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To log in to an account.
    Login,
    /// To make an account.
    Register,
}

impl Purpose {
    /// As `otp_type` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Login => "login",
            Purpose::Register => "register",
        }
    }
}

/// Where a code is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// By e-mail.
    Email(Email),
    /// By SMS.
    Phone(Phone),
}

impl Address {
    /// The identity that the address proves.
    pub fn identity(&self) -> Identity {
        match self {
            Address::Email(email) => Identity::Email(email.clone()),
            Address::Phone(phone) => Identity::Phone(phone.clone()),
        }
    }
}

/// What a challenge is stored under: one code at a time for a purpose and an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChallengeKey {
    /// What the code is for.
    pub purpose: Purpose,
    /// Where it was sent.
    pub address: Address,
}

/// A six-digit code.
#[derive(Clone, Debug)]
pub struct Code(SecretString);

/// What was given is not six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has six digits")]
pub struct InvalidCode;

impl Code {
    /// Makes a code of eight random bytes (the bias of the remainder is below 2⁻⁴⁴).
    pub fn from_random(bytes: [u8; 8]) -> Self {
        Self(format!("{:06}", u64::from_be_bytes(bytes) % 1_000_000).into())
    }

    /// The digits, for the message that carries them.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is stored in its place: an HMAC under a key of the deployment, bound to purpose and address. A plain hash of six
    /// digits would be undone by trying a million.
    pub fn mac(&self, key: &OtpKey, challenge: &ChallengeKey) -> CodeMac {
        let (kind, address) = match &challenge.address {
            Address::Email(email) => ("email", email.as_str()),
            Address::Phone(phone) => ("phone", phone.digits()),
        };
        let parts = [challenge.purpose.as_str(), kind, address, self.reveal()].map(str::as_bytes);
        CodeMac(mac_of_list(key.0.expose_secret(), &parts))
    }
}

impl FromStr for Code {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let text = text.trim();
        let valid = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
        if valid { Ok(Self(text.to_owned().into())) } else { Err(InvalidCode) }
    }
}

/// The deployment's key for [`Code::mac`].
#[derive(Clone, Debug)]
pub struct OtpKey(SecretSlice<u8>);

impl OtpKey {
    /// Takes the key's bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    /// The key that belongs to another secret of the deployment: a MAC of a label under it, so that neither tells the other.
    pub fn derived_from(secret: &SecretString) -> Self {
        Self::new(mac(secret.expose_secret().as_bytes(), &[b"carteiro/otp-key/1"]).to_vec())
    }
}

/// The HMAC-SHA-256 of a code.
#[derive(Clone)]
pub struct CodeMac([u8; 32]);

impl CodeMac {
    /// A MAC as it was stored.
    pub fn from_stored(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for CodeMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeMac(…)")
    }
}

impl PartialEq for CodeMac {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// A code that was sent and not yet used.
#[derive(Debug, Clone, PartialEq)]
pub struct Challenge {
    /// What stands for the code.
    pub mac: CodeMac,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// How many tries were made, this one included once it is counted.
    pub tries: u32,
}

impl Challenge {
    /// A challenge made at `now`.
    pub fn new(mac: CodeMac, now: Timestamp) -> Self {
        Self { mac, expires_at: now + LIFETIME, tries: 0 }
    }

    /// Judges a try that has been counted already. Counting first, in one conditional write, is what makes five parallel
    /// guesses five tries.
    pub fn judge(&self, given: &CodeMac, now: Timestamp) -> Verdict {
        if now >= self.expires_at {
            Verdict::Expired
        } else if self.tries > MAX_TRIES {
            Verdict::Spent
        } else if self.mac == *given {
            Verdict::Right
        } else if self.tries == MAX_TRIES {
            Verdict::Spent
        } else {
            Verdict::Wrong
        }
    }
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The code is right.
    Right,
    /// It is wrong, and tries are left.
    Wrong,
    /// No tries are left; a new code is needed.
    Spent,
    /// Its time is over; a new code is needed.
    Expired,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> OtpKey {
        OtpKey::new(b"key".to_vec())
    }

    fn challenge_key(purpose: Purpose, email: &str) -> ChallengeKey {
        ChallengeKey { purpose, address: Address::Email(email.parse().unwrap()) }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_code_is_bound_to_purpose_address_and_key() {
        let code: Code = "123456".parse().unwrap();
        let login = challenge_key(Purpose::Login, "a@b.cc");
        assert_eq!(code.mac(&key(), &login), code.mac(&key(), &login));
        assert_ne!(code.mac(&key(), &login), code.mac(&key(), &challenge_key(Purpose::Register, "a@b.cc")));
        assert_ne!(code.mac(&key(), &login), code.mac(&key(), &challenge_key(Purpose::Login, "b@b.cc")));
        assert_ne!(code.mac(&key(), &login), code.mac(&OtpKey::new(b"other".to_vec()), &login));
        assert!(!format!("{code:?}").contains("123456"));
    }

    #[test]
    fn five_tries_and_five_minutes() {
        let login = challenge_key(Purpose::Login, "a@b.cc");
        let (right, wrong) = (
            "123456".parse::<Code>().unwrap().mac(&key(), &login),
            "654321".parse::<Code>().unwrap().mac(&key(), &login),
        );
        let on_try = |tries| Challenge { tries, ..Challenge::new(right.clone(), at(0)) };
        assert_eq!(on_try(1).judge(&wrong, at(1)), Verdict::Wrong);
        assert_eq!(on_try(5).judge(&right, at(1)), Verdict::Right, "the fifth try may be the right one");
        assert_eq!(on_try(5).judge(&wrong, at(1)), Verdict::Spent);
        assert_eq!(on_try(6).judge(&right, at(1)), Verdict::Spent);
        assert_eq!(on_try(1).judge(&right, at(299)), Verdict::Right);
        assert_eq!(on_try(1).judge(&right, at(300)), Verdict::Expired);
    }

    proptest! {
        #[test]
        fn codes_always_have_six_digits(bytes: [u8; 8]) {
            let code = Code::from_random(bytes);
            prop_assert!(code.reveal().parse::<Code>().is_ok());
        }
    }
}
