//! Plans: what a tenant may do.

use crate::media::MediaType;
use crate::pacing::Pace;
use crate::rate::Rate;
use crate::retention::RetentionDays;
use crate::user::User;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The name of a plan, such as `premium`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanName(String);

impl PlanName {
    /// A name as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlanName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a plan allows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The media types it may send.
    pub media_types: Vec<MediaType>,
    /// How many worker numbers it may have at once.
    pub workers: u32,
    /// How many sends a calendar day of the tenant it may make; absent for no limit.
    #[serde(default)]
    pub sends_per_day: Option<u32>,
    /// How many sends may wait in the line of each number, and how many may be scheduled beside them.
    #[serde(default = "backlog")]
    pub backlog: u32,
    /// How often it may come, by group of routes (`sends`, `reports`, …). A group that is not named has the deployment's
    /// default.
    #[serde(default)]
    pub rates: BTreeMap<String, Rate>,
    /// For how many days what its tenants did is kept: sends, chats, messages.
    #[serde(default)]
    pub retention_days: RetentionDays,
    /// For how long copies of received files are kept; not for longer than `retention_days`.
    #[serde(default)]
    pub media_retention_days: Retention,
    /// How fast its numbers send.
    #[serde(default)]
    pub pace: Pace,
    /// Whether accounts that register themselves by OTP get this plan. Exactly one plan of a deployment says so.
    #[serde(default)]
    pub default: bool,
}

/// The backlog of plans that do not say.
fn backlog() -> u32 {
    10_000
}

/// For how many days copies of received files are kept: 1, 7, 30 (unless a plan says otherwise), 90 or 365. They are the
/// lifecycle rules of the bucket (`infra/data.yaml`), by the second part of an object's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u16")]
pub struct Retention(u16);

impl Retention {
    /// All of them, in days.
    pub const DAYS: [u16; 5] = [1, 7, 30, 90, 365];

    /// The days.
    pub fn days(self) -> u16 {
        self.0
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self(30)
    }
}

/// What was given is no retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("files are kept for 1, 7, 30, 90 or 365 days")]
pub struct InvalidRetention;

impl TryFrom<u16> for Retention {
    type Error = InvalidRetention;

    fn try_from(days: u16) -> Result<Self, InvalidRetention> {
        if Self::DAYS.contains(&days) { Ok(Self(days)) } else { Err(InvalidRetention) }
    }
}

impl Plan {
    /// Whether it may send `media`.
    pub fn allows(&self, media: MediaType) -> bool {
        self.media_types.contains(&media)
    }
}

/// The plans of a deployment, from its configuration.
#[derive(Debug, Clone)]
pub struct Plans {
    by_name: BTreeMap<PlanName, Plan>,
    default: PlanName,
}

/// Why a configuration of plans is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlans {
    /// It is not the expected JSON.
    #[error("the plans are not valid JSON: {0}")]
    Malformed(String),
    /// None, or more than one, is marked as the default.
    #[error("exactly one plan must have \"default\": true, {0} have")]
    Defaults(usize),
}

impl Plans {
    /// Reads the plans from JSON: an object from plan name to [`Plan`].
    pub fn from_json(json: &str) -> Result<Self, InvalidPlans> {
        let by_name: BTreeMap<PlanName, Plan> =
            serde_json::from_str(json).map_err(|e| InvalidPlans::Malformed(e.to_string()))?;
        let defaults: Vec<&PlanName> = by_name.iter().filter(|(_, p)| p.default).map(|(n, _)| n).collect();
        match defaults.as_slice() {
            [one] => Ok(Self { default: (*one).clone(), by_name }),
            several => Err(InvalidPlans::Defaults(several.len())),
        }
    }

    /// The plan of that name; `None` when the deployment has none (or no longer has it).
    pub fn find(&self, name: &PlanName) -> Option<&Plan> {
        self.by_name.get(name)
    }

    /// Every plan, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&PlanName, &Plan)> {
        self.by_name.iter()
    }

    /// Parses a plan's name: only one that exists.
    pub fn parse_name(&self, text: &str) -> Option<PlanName> {
        let name = PlanName(text.to_owned());
        self.by_name.contains_key(&name).then_some(name)
    }

    /// For how long what a tenant did is kept: its plan's days, or those that it chose where they are fewer. A plan that the
    /// deployment no longer has keeps it for the usual time.
    pub fn retention_of(&self, tenant: &User) -> RetentionDays {
        self.find(&tenant.plan)
            .map(|plan| plan.retention_days)
            .unwrap_or_default()
            .narrowed_by(tenant.retention)
    }

    /// For how long copies of the files are kept that a tenant receives.
    pub fn file_retention_of(&self, tenant: &User) -> Retention {
        let files = self.find(&tenant.plan).map(|plan| plan.media_retention_days).unwrap_or_default();
        self.retention_of(tenant).of_files(files)
    }

    /// The plan of accounts that register themselves.
    pub fn default_name(&self) -> &PlanName {
        &self.default
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"{"basico":{"media_types":["text"],"workers":1,"default":true},"premium":{"media_types":["text","image"],"workers":10}}"#;

    #[test]
    fn knows_its_plans() {
        let plans = Plans::from_json(TWO).unwrap();
        assert_eq!(plans.default_name().as_str(), "basico");
        let premium = plans.parse_name("premium").unwrap();
        assert!(plans.find(&premium).unwrap().allows(MediaType::Image));
        assert!(!plans.find(plans.default_name()).unwrap().allows(MediaType::Image));
        assert_eq!(plans.parse_name("Premium"), None);
    }

    #[test]
    fn keeps_what_is_a_tenants_for_its_plans_days_or_fewer() {
        let plans = r#"{"basico":{"media_types":["text"],"workers":1,"default":true},
            "curto":{"media_types":["text"],"workers":1,"retention_days":90,"media_retention_days":365}}"#;
        let plans = Plans::from_json(plans).unwrap();
        let of = |plan: &str, chosen: Option<u16>| {
            let retention = chosen.map(|days| days.try_into().unwrap());
            let plan = PlanName::from_stored(plan.into());
            let tenant = User { plan, retention, ..crate::testing::tenant(1, None) };
            (plans.retention_of(&tenant).days(), plans.file_retention_of(&tenant).days())
        };
        assert_eq!(of("basico", None), (400, 30));
        assert_eq!(of("curto", None), (90, 90));
        assert_eq!(of("curto", Some(20)), (20, 7));
        assert_eq!(of("curto", Some(400)), (90, 90));
        assert_eq!(of("antigo", None), (400, 30), "a plan that the deployment no longer has");
        let too_short = r#"{"a":{"media_types":["text"],"workers":1,"retention_days":6,"default":true}}"#;
        assert!(matches!(Plans::from_json(too_short), Err(InvalidPlans::Malformed(_))));
    }

    #[test]
    fn wants_exactly_one_default() {
        assert_eq!(Plans::from_json("{}").unwrap_err(), InvalidPlans::Defaults(0));
        assert!(matches!(Plans::from_json(r#"{"a":{"workers":"x"}}"#), Err(InvalidPlans::Malformed(_))));
    }
}
