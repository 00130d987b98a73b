//! The pace that a tenant sets for one of its numbers.

use super::pace::check;
use super::{InvalidPace, NewChats, Pace, QuietHours};
use crate::user::ZoneName;
use serde::{Deserialize, Serialize};

/// A number's own pace. What is not set is as its plan has it; what is set makes the number slower or more careful.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnPace {
    /// How many messages a minute go out for ever; at most the plan's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<u32>,
    /// How many go out at once after a rest; at most the plan's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// Up to how many milliseconds each message waits beyond that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter_ms: Option<u32>,
    /// Whether the recipient is shown that somebody types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typing: Option<bool>,
    /// How many chats a day may be begun; at most the plan's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_chats: Option<NewChats>,
    /// When nothing is sent, beside the plan's quiet hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// Where those hours are counted; the tenant's zone when not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<ZoneName>,
}

/// A number's own pace is bolder than its plan lets it be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the plan allows at most {most} for {field}")]
pub struct Exceeds {
    /// Which field.
    pub field: &'static str,
    /// The most that it may be.
    pub most: u32,
}

impl OwnPace {
    /// Whether each value is such as a pace may have, whatever the plan.
    ///
    /// # Errors
    /// [`InvalidPace`].
    pub fn check(&self) -> Result<(), InvalidPace> {
        check(self.per_minute.unwrap_or(1), self.burst.unwrap_or(1), self.jitter_ms.unwrap_or(0))
    }

    /// Whether it is no bolder than `plan`.
    ///
    /// # Errors
    /// [`Exceeds`], naming the first that is.
    pub fn within(&self, plan: &Pace) -> Result<(), Exceeds> {
        let per_day = plan.new_chats.map_or(u32::MAX, NewChats::per_day);
        let bounds = [
            ("per_minute", self.per_minute, plan.per_minute),
            ("burst", self.burst, plan.burst),
            ("new_chats.per_day", self.new_chats.map(NewChats::per_day), per_day),
        ];
        match bounds.into_iter().find(|(_, own, most)| own.is_some_and(|own| own > *most)) {
            Some((field, _, most)) => Err(Exceeds { field, most }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(json: &str) -> OwnPace {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn it_reads_back() {
        let json =
            r#"{"per_minute":6,"quiet_hours":{"from":"20:00","to":"08:00"},"time_zone":"America/Manaus"}"#;
        assert_eq!(serde_json::to_string(&own(json)).unwrap(), json);
        assert_eq!(own("{}"), OwnPace::default());
        for json in [r#"{"per_second":1}"#, r#"{"time_zone":"Brasil"}"#, r#"{"per_minute":-1}"#] {
            assert!(serde_json::from_str::<OwnPace>(json).is_err(), "{json}");
        }
        assert_eq!(own(r#"{"per_minute":0}"#).check(), Err(InvalidPace));
        assert_eq!(own(r#"{"burst":3}"#).check(), Ok(()));
    }

    #[test]
    fn it_is_never_bolder_than_the_plan() {
        let plan: Pace = serde_json::from_str(r#"{"new_chats":{"per_day":100}}"#).unwrap();
        assert_eq!(own(r#"{"per_minute":60,"burst":5,"new_chats":{"per_day":100}}"#).within(&plan), Ok(()));
        for (json, field, most) in [
            (r#"{"per_minute":61}"#, "per_minute", 60),
            (r#"{"burst":6}"#, "burst", 5),
            (r#"{"new_chats":{"per_day":101}}"#, "new_chats.per_day", 100),
        ] {
            assert_eq!(own(json).within(&plan), Err(Exceeds { field, most }));
        }
        assert_eq!(own(r#"{"new_chats":{"per_day":100000}}"#).within(&Pace::default()), Ok(()));
    }
}
