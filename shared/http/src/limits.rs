//! How often callers may come, as a deployment says.

use crate::routes::{Access, Function, ROUTES};
use carteiro_core::plan::{Plan, PlanName, Plans};
use carteiro_core::rate::Rate;
use std::collections::BTreeMap;

/// The group of callers without a credential that is counted: by the address that they come from.
pub(crate) const PUBLIC: &str = "public";

/// The rates of a deployment, by group of routes. The routes of one function are one group, named after it (see [`Function::group`]); `public` is for
/// requests that no tenant is known of.
#[derive(Debug, Clone)]
pub struct Limits {
    public: Rate,
    by_group: BTreeMap<String, Rate>,
}

/// Why a configuration of rates is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLimits {
    /// It is not the expected JSON.
    #[error("the rates are not valid JSON: {0}")]
    Malformed(String),
    /// A group has no rate.
    #[error("the rates say nothing of the group {0:?}")]
    Missing(&'static str),
    /// A plan has a rate for a group that tenants are not counted in.
    #[error("the plan {plan} has a rate for {group:?}, which is no group of tenants' routes")]
    NoSuchGroup {
        /// The plan.
        plan: PlanName,
        /// The group.
        group: String,
    },
}

impl Limits {
    /// Reads the rates from JSON: an object from group to [`Rate`]. `public` and every group that tenants are counted in must be
    /// there; so a name that is misspelt shows at once. Other groups have no effect.
    ///
    /// # Errors
    /// [`InvalidLimits`].
    pub fn from_json(json: &str) -> Result<Self, InvalidLimits> {
        let by_group: BTreeMap<String, Rate> =
            serde_json::from_str(json).map_err(|e| InvalidLimits::Malformed(e.to_string()))?;
        let public = *by_group.get(PUBLIC).ok_or(InvalidLimits::Missing(PUBLIC))?;
        match tenants_groups().find(|group| !by_group.contains_key(*group)) {
            Some(group) => Err(InvalidLimits::Missing(group)),
            None => Ok(Self { public, by_group }),
        }
    }

    /// Refuses plans with rates that would have no effect.
    pub(crate) fn check(&self, plans: &Plans) -> Result<(), InvalidLimits> {
        for (plan, terms) in plans.iter() {
            let unknown = |group: &&String| !tenants_groups().any(|known| known == *group);
            if let Some(group) = terms.rates.keys().find(unknown) {
                return Err(InvalidLimits::NoSuchGroup { plan: plan.clone(), group: group.clone() });
            }
        }
        Ok(())
    }

    /// Of a source address.
    pub(crate) fn of_source(&self) -> Rate {
        self.public
    }

    /// Of a tenant of that plan at the routes of a function. A plan that the deployment no longer has leaves the default.
    pub(crate) fn of_tenant(&self, function: Function, plan: Option<&Plan>) -> Rate {
        let group = function.group();
        let rate = plan.and_then(|plan| plan.rates.get(group)).or_else(|| self.by_group.get(group));
        rate.copied().unwrap_or(self.public)
    }
}

/// The groups that tenants are counted in.
fn tenants_groups() -> impl Iterator<Item = &'static str> {
    let tenants = ROUTES.iter().filter(|route| matches!(route.access, Access::Tenant(_)));
    tenants.map(|route| route.function.group())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(burst: u32) -> serde_json::Value {
        let rate = serde_json::json!({"per_minute": 60, "burst": burst});
        tenants_groups().chain([PUBLIC]).map(|group| (group.to_owned(), rate.clone())).collect()
    }

    #[test]
    fn a_plan_goes_before_the_deployment() {
        let limits = Limits::from_json(&all(7).to_string()).unwrap();
        let plans = r#"{"a":{"media_types":[],"workers":1,"default":true,"rates":{"sends":{"per_minute":6,"burst":2}}}}"#;
        let plans = Plans::from_json(plans).unwrap();
        assert_eq!(limits.check(&plans), Ok(()));
        let plan = plans.find(plans.default_name());
        assert_eq!(limits.of_tenant(Function::Sends, plan).burst(), 2);
        assert_eq!(limits.of_tenant(Function::Reports, plan).burst(), 7);
        assert_eq!(limits.of_tenant(Function::Sends, None).burst(), 7);
    }

    #[test]
    fn what_would_have_no_effect_is_refused() {
        let mut some = all(7);
        some.as_object_mut().unwrap().remove("sends");
        assert_eq!(Limits::from_json(&some.to_string()).unwrap_err(), InvalidLimits::Missing("sends"));
        assert_eq!(Limits::from_json("{}").unwrap_err(), InvalidLimits::Missing("public"));
        let zero = r#"{"public":{"per_minute":0,"burst":1}}"#;
        assert!(matches!(Limits::from_json(zero), Err(InvalidLimits::Malformed(_))));
        let limits = Limits::from_json(&all(7).to_string()).unwrap();
        for group in ["public", "send"] {
            let plans = format!(
                r#"{{"a":{{"media_types":[],"workers":1,"default":true,"rates":{{"{group}":{{"per_minute":6,"burst":2}}}}}}}}"#
            );
            let refused = limits.check(&Plans::from_json(&plans).unwrap());
            assert!(matches!(refused, Err(InvalidLimits::NoSuchGroup { .. })), "{group}");
        }
    }
}
