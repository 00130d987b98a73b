//! JWTs: how they are signed, and how they are checked.

use carteiro_core::ids::UserId;
use carteiro_core::otp::OtpKey;
use carteiro_core::report::{CursorKey, CursorKeys};
pub use carteiro_core::signing_key::InvalidKey;
use carteiro_core::signing_key::SigningKey;
use carteiro_core::v1::{ListCursorKey, ListCursorKeys};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How long a JWT is good for, in seconds: the contract's `expires_in`.
pub const LIFETIME_SECONDS: u64 = 86_400;

const ISSUER: &str = "carteiro";
const AUDIENCE: &str = "carteiro-api";
/// One key, by the name that a JWT's header carries.
struct Key {
    id: String,
    secret: SecretString,
    sign: EncodingKey,
    verify: DecodingKey,
}

impl Key {
    fn parse(json: &SecretString) -> Result<Self, InvalidKey> {
        let SigningKey { id, key } = SigningKey::parse(json)?;
        let bytes = key.expose_secret().as_bytes();
        let (sign, verify) = (EncodingKey::from_secret(bytes), DecodingKey::from_secret(bytes));
        Ok(Self { id, sign, verify, secret: key })
    }
}

/// The key that signs, and another that is taken as well: so a key is replaced without logging anyone out. The other is the key
/// before it, or the one that comes next.
pub struct SigningKeys {
    current: Key,
    other: Option<Key>,
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKeys(kid {})", self.current.id)
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: u64,
    exp: u64,
}

impl SigningKeys {
    /// Reads the secret as it stands in the store, `{"kid": "…", "key": "…"}`, and the version before it, if there is one.
    /// A previous version that cannot be read is as good as none.
    pub fn parse(current: &SecretString, previous: Option<&SecretString>) -> Result<Self, InvalidKey> {
        let current = Key::parse(current)?;
        let previous = previous.and_then(|json| Key::parse(json).ok());
        Ok(Self { other: previous.filter(|key| key.id != current.id), current })
    }

    /// The name of the key that signs.
    pub(crate) fn current_id(&self) -> &str {
        &self.current.id
    }

    /// Signs with the previous key a while longer, until nobody is left that does not know the current one.
    pub(crate) fn signing_with_the_previous(self) -> Self {
        match self.other {
            Some(previous) => Self { current: previous, other: Some(self.current) },
            None => self,
        }
    }

    /// The keys that the codes of one-time passwords are stored under, the current one first.
    pub fn otp_keys(&self) -> Vec<OtpKey> {
        self.all().map(|key| OtpKey::derived_from(&key.secret)).collect()
    }

    /// The keys that the cursors of reports are signed with: the current one signs, both are taken.
    pub fn cursor_keys(&self) -> CursorKeys {
        let key = |key: &Key| CursorKey::derive(key.secret.expose_secret().as_bytes());
        CursorKeys::new(key(&self.current), self.other.as_ref().map(key))
    }

    /// The keys that the cursors of V1's lists are signed with, likewise.
    pub fn list_cursor_keys(&self) -> ListCursorKeys {
        let key = |key: &Key| ListCursorKey::derive(key.secret.expose_secret().as_bytes());
        ListCursorKeys::new(key(&self.current), self.other.as_ref().map(key))
    }

    /// Whether one of the keys has the name that the JWT's header tells.
    pub(crate) fn know(&self, jwt: &str) -> bool {
        let kid = jsonwebtoken::decode_header(jwt).ok().and_then(|header| header.kid);
        kid.is_some_and(|kid| self.all().any(|key| key.id == kid))
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(self.other.as_ref())
    }

    /// A JWT for a tenant, made at `now` (seconds since 1970).
    pub fn issue(&self, user: UserId, now: u64) -> String {
        let header = Header { kid: Some(self.current.id.clone()), ..Header::new(Algorithm::HS256) };
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: user.to_string(),
            iat: now,
            exp: now + LIFETIME_SECONDS,
        };
        // HMAC over five plain claims: nothing in it depends on input. An empty token would be refused everywhere.
        jsonwebtoken::encode(&header, &claims, &self.current.sign).unwrap_or_default()
    }

    /// Whose JWT it is, if it is one of ours and good at `now`. The algorithm is pinned: what the header says is only compared.
    pub fn verify(&self, jwt: &str, now: u64) -> Option<UserId> {
        self.read(jwt, now).map(|(user, _)| user)
    }

    /// As [`SigningKeys::verify`], and when it was issued, in seconds since 1970.
    pub(crate) fn read(&self, jwt: &str, now: u64) -> Option<(UserId, u64)> {
        let header = jsonwebtoken::decode_header(jwt).ok()?;
        let kid = header.kid?;
        let key = self.all().find(|key| key.id == kid)?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library would ask the system's clock; the caller's is asked below.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(jwt, &key.verify, &validation).ok()?.claims;
        if now >= claims.exp {
            return None;
        }
        Some((claims.sub.parse().ok()?, claims.iat))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(kid: &str, fill: char) -> SecretString {
        format!(r#"{{"kid":"{kid}","key":"{}"}}"#, fill.to_string().repeat(64)).into()
    }

    fn user() -> UserId {
        UserId::from_random([7; 16])
    }

    #[test]
    fn a_jwt_lives_for_a_day() {
        let keys = SigningKeys::parse(&secret("1", 'a'), None).unwrap();
        let jwt = keys.issue(user(), 1_000);
        assert_eq!(keys.verify(&jwt, 1_000 + 86_399), Some(user()));
        assert_eq!(keys.verify(&jwt, 1_000 + 86_400), None);
    }

    #[test]
    fn keys_rotate_without_logging_anyone_out() {
        let old = SigningKeys::parse(&secret("1", 'a'), None).unwrap();
        let new = SigningKeys::parse(&secret("2", 'b'), Some(&secret("1", 'a'))).unwrap();
        let jwt = old.issue(user(), 0);
        assert_eq!(new.verify(&jwt, 1), Some(user()));
        assert_eq!(old.verify(&new.issue(user(), 0), 1), None, "an unknown kid");
        let gone = SigningKeys::parse(&secret("3", 'c'), Some(&secret("2", 'b'))).unwrap();
        assert_eq!(gone.verify(&jwt, 1), None);
    }

    #[test]
    fn forged_tokens_are_refused() {
        let keys = SigningKeys::parse(&secret("1", 'a'), None).unwrap();
        let good = keys.issue(user(), 0);
        let key = EncodingKey::from_secret("a".repeat(64).as_bytes());
        let claims = |iss: &str, aud: &str| Claims {
            iss: iss.into(),
            aud: aud.into(),
            sub: user().to_string(),
            iat: 0,
            exp: 100,
        };
        let forge = |alg, kid: Option<&str>, claims: &Claims| {
            let header = Header { kid: kid.map(Into::into), ..Header::new(alg) };
            jsonwebtoken::encode(&header, claims, &key).unwrap()
        };
        // {"alg":"none","kid":"1"} before the good claims.
        let unsigned = format!("eyJhbGciOiJub25lIiwia2lkIjoiMSJ9.{}.", good.split('.').nth(1).unwrap());
        let other_key = SigningKeys::parse(&secret("1", 'z'), None).unwrap().issue(user(), 0);
        assert!(keys.verify(&forge(Algorithm::HS256, Some("1"), &claims(ISSUER, AUDIENCE)), 1).is_some());
        for bad in [
            forge(Algorithm::HS512, Some("1"), &claims(ISSUER, AUDIENCE)),
            forge(Algorithm::HS256, None, &claims(ISSUER, AUDIENCE)),
            forge(Algorithm::HS256, Some("1"), &claims("other", AUDIENCE)),
            forge(Algorithm::HS256, Some("1"), &claims(ISSUER, "other")),
            unsigned,
            other_key,
            String::new(),
            "a.b.c".into(),
        ] {
            assert_eq!(keys.verify(&bad, 1), None, "{bad}");
        }
    }

    #[test]
    fn refuses_weak_and_broken_keys() {
        assert_eq!(SigningKeys::parse(&"x".into(), None).unwrap_err(), InvalidKey::Malformed);
        let short = SigningKeys::parse(&r#"{"kid":"1","key":"short"}"#.into(), None);
        assert_eq!(short.unwrap_err(), InvalidKey::Short);
        assert!(SigningKeys::parse(&secret("1", 'a'), Some(&"broken".into())).is_ok());
    }
}
