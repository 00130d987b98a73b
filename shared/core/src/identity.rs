//! What a tenant is known by: a login, an e-mail address, a phone number.

use crate::phone::Phone;
use std::fmt;
use std::str::FromStr;

/// An e-mail address, in lower case. At most 254 characters (RFC 5321's path limit).
///
/// `Debug` masks the part before the `@`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// What was given is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim().to_lowercase();
        let options = email_address::Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        let plain = text.len() <= 254 && text.is_ascii() && !text.contains(['"', ' ', '(', ')']);
        match email_address::EmailAddress::parse_with_options(&text, options) {
            Ok(_) if plain => Ok(Self(text)),
            _ => Err(InvalidEmail),
        }
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user, domain) = self.0.split_once('@').unwrap_or_default();
        write!(f, "Email({}•••@{domain})", user.chars().next().unwrap_or('•'))
    }
}

/// The name a tenant logs in with: 3 to 254 characters without spaces or control characters; case does not count.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Login(String);

/// What was given is not a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a login of 3 to 254 characters without spaces")]
pub struct InvalidLogin;

impl Login {
    /// The login, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The e-mail address that this login is, if it is one.
    pub fn as_email(&self) -> Option<Email> {
        self.0.parse().ok()
    }
}

impl FromStr for Login {
    type Err = InvalidLogin;

    fn from_str(text: &str) -> Result<Self, InvalidLogin> {
        let text = text.trim().to_lowercase();
        let length = text.chars().count();
        let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if (3..=254).contains(&length) && text.len() <= 512 && clean {
            Ok(Self(text))
        } else {
            Err(InvalidLogin)
        }
    }
}

/// One of the things a tenant is found by; each belongs to one tenant at most.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The login given at `POST /v2/users/register`.
    Login(Login),
    /// An e-mail address, for OTPs.
    Email(Email),
    /// A phone number, for OTPs.
    Phone(Phone),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn e_mail_addresses_are_folded_and_checked() {
        assert_eq!(" Ana@Exemplo.com.br ".parse::<Email>().unwrap().as_str(), "ana@exemplo.com.br");
        for text in [
            "",
            "ana",
            "ana@",
            "@exemplo.com",
            "ana@exemplo",
            "Ana <ana@exemplo.com>",
            "a b@exemplo.com",
            "ana@exemplo.com\r\nBcc: x@y.zz",
        ] {
            assert_eq!(text.parse::<Email>(), Err(InvalidEmail), "{text}");
        }
    }

    #[test]
    fn a_login_may_be_an_e_mail_address() {
        assert!("usuario".parse::<Login>().unwrap().as_email().is_none());
        assert_eq!(
            "Ana@exemplo.com".parse::<Login>().unwrap().as_email().unwrap().as_str(),
            "ana@exemplo.com"
        );
    }

    proptest! {
        #[test]
        fn parsing_is_idempotent(text in ".{0,40}") {
            if let Ok(login) = text.parse::<Login>() {
                prop_assert_eq!(login.as_str().parse::<Login>(), Ok(login.clone()));
            }
            if let Ok(email) = text.parse::<Email>() {
                prop_assert_eq!(email.as_str().parse::<Email>(), Ok(email.clone()));
            }
        }
    }
}
