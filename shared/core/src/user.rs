//! Tenants.

use crate::identity::{Email, Identity, Login};
use crate::ids::UserId;
use crate::mail::MailReturned;
use crate::password::PasswordHash;
use crate::phone::Phone;
use crate::plan::PlanName;
use crate::retention::RetentionDays;
use crate::token::TokenHash;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A tenant: one account of the API, with the numbers it sends from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The login, when an operator registered it.
    pub login: Option<Login>,
    /// The address that OTPs by e-mail go to.
    pub email: Option<Email>,
    /// That mail to that address came back for good, if it did and no code by mail was used since.
    pub mail_returned: Option<MailReturned>,
    /// The number that OTPs by SMS go to.
    pub phone: Option<Phone>,
    /// The password's hash, when it has one.
    pub password: Option<PasswordHash>,
    /// Its plan.
    pub plan: PlanName,
    /// Where its days begin, for its limits and reports; `None` for where the deployment's do.
    pub time_zone: Option<ZoneName>,
    /// For how many days what it did is kept, where it chose that; see [`crate::plan::Plans::retention_of`].
    pub retention: Option<RetentionDays>,
    /// The hash of the token that it was registered with while a tenant had one only; see
    /// [`crate::token::ApiKey::of_registration`]. The tokens of today are kept by [`crate::ports::ApiKeys`].
    pub token: Option<TokenHash>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl User {
    /// Everything it is found by.
    pub fn identities(&self) -> Vec<Identity> {
        let login = self.login.clone().map(Identity::Login);
        let email = self.email.clone().map(Identity::Email);
        let phone = self.phone.clone().map(Identity::Phone);
        [login, email, phone].into_iter().flatten().collect()
    }

    /// Where its days begin: its own zone, else `deployment`.
    pub fn zone_or<'a>(&'a self, deployment: &'a TimeZone) -> &'a TimeZone {
        self.time_zone.as_ref().map_or(deployment, ZoneName::zone)
    }
}

/// The name of a time zone in the IANA database, such as `America/Sao_Paulo`, with the zone that it names.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneName(TimeZone);

/// What was given names no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a time zone of the IANA database")]
pub struct InvalidZone;

impl ZoneName {
    /// The name, as the database spells it.
    pub fn as_str(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The zone.
    pub fn zone(&self) -> &TimeZone {
        &self.0
    }
}

impl FromStr for ZoneName {
    type Err = InvalidZone;

    /// Case does not count.
    fn from_str(text: &str) -> Result<Self, InvalidZone> {
        let zone = TimeZone::get(text).map_err(|_| InvalidZone)?;
        let is_known = !zone.is_unknown() && zone.iana_name().is_some();
        if is_known { Ok(Self(zone)) } else { Err(InvalidZone) }
    }
}

impl TryFrom<String> for ZoneName {
    type Error = InvalidZone;

    fn try_from(text: String) -> Result<Self, InvalidZone> {
        text.parse()
    }
}

impl From<ZoneName> for String {
    fn from(zone: ZoneName) -> String {
        zone.as_str().to_owned()
    }
}

impl fmt::Debug for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_those_of_the_database() {
        let manaus: ZoneName = "america/manaus".parse().unwrap();
        assert_eq!(manaus.as_str(), "America/Manaus");
        assert_eq!(manaus.as_str().parse(), Ok(manaus.clone()));
        for text in ["", "Etc/Unknown", "Brasil", "UTC-3", "../../etc/passwd", "America/Sao_Paulo "] {
            assert_eq!(text.parse::<ZoneName>(), Err(InvalidZone), "{text}");
        }
    }

    #[test]
    fn a_tenants_own_zone_goes_before_the_deployments() {
        let (deployment, manaus) = (TimeZone::UTC, "America/Manaus".parse::<ZoneName>().unwrap());
        let mut user = crate::testing::tenant(1, None);
        assert_eq!(user.zone_or(&deployment), &deployment);
        user.time_zone = Some(manaus.clone());
        assert_eq!(user.zone_or(&deployment), manaus.zone());
    }
}
