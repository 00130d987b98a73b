//! Sends counted by status and by day.

use super::moment::day_written;
use crate::send::Status;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};
use std::collections::BTreeMap;

/// Counts by status, in the order of [`Status::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct ByStatus([u64; Status::ALL.len()]);

/// Sends counted by status and by the calendar day of their acceptance.
///
/// As JSON: `total`, `by_status` (every status, as the contract spells it, with its count) and `by_day`, a list of the days
/// that have sends, oldest first, each with its `date` (`DD/MM/YYYY`), `total` and `by_status`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    days: BTreeMap<Date, ByStatus>,
}

/// What was stored is no tally.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a tally")]
pub struct InvalidTally;

impl Tally {
    /// Counts a send that was accepted then, on the day that it was in `zone`.
    pub fn add(&mut self, accepted: Timestamp, status: Status, zone: &TimeZone) {
        let counts = self.days.entry(zone.to_datetime(accepted).date()).or_default();
        for (count, one) in counts.0.iter_mut().zip(Status::ALL) {
            *count += u64::from(one == status);
        }
    }

    /// How many were counted.
    pub fn total(&self) -> u64 {
        self.days.values().map(ByStatus::total).sum()
    }

    /// A text to store: a line for each day, such as `2024-01-31 0 0 5 2 1 0 0`.
    pub fn to_stored(&self) -> String {
        let line = |(day, counts): (&Date, &ByStatus)| {
            let counts: Vec<String> = counts.0.iter().map(u64::to_string).collect();
            format!("{day} {}\n", counts.join(" "))
        };
        self.days.iter().map(line).collect()
    }

    /// Reads what [`Tally::to_stored`] wrote.
    ///
    /// # Errors
    /// [`InvalidTally`] for anything else.
    pub fn from_stored(text: &str) -> Result<Self, InvalidTally> {
        let day = |line: &str| {
            let mut parts = line.split(' ');
            let day: Date = parts.next()?.parse().ok()?;
            let counts = parts.map(str::parse).collect::<Result<Vec<u64>, _>>().ok()?;
            Some((day, ByStatus(counts.try_into().ok()?)))
        };
        text.lines()
            .map(|line| day(line).ok_or(InvalidTally))
            .collect::<Result<_, _>>()
            .map(|days| Self { days })
    }

    fn by_status(&self) -> ByStatus {
        let mut sum = ByStatus::default();
        for counts in self.days.values() {
            for (sum, count) in sum.0.iter_mut().zip(counts.0) {
                *sum += count;
            }
        }
        sum
    }
}

impl ByStatus {
    fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

impl Serialize for ByStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (status, count) in Status::ALL.iter().zip(self.0) {
            map.serialize_entry(status.as_str(), &count)?;
        }
        map.end()
    }
}

#[derive(serde::Serialize)]
struct Day<'a> {
    date: String,
    total: u64,
    by_status: &'a ByStatus,
}

impl Serialize for Tally {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let day = |(date, counts)| Day {
            date: day_written(date),
            total: ByStatus::total(counts),
            by_status: counts,
        };
        let days: Vec<Day<'_>> = self.days.iter().map(|(date, counts)| day((*date, counts))).collect();
        let mut map = serializer.serialize_struct("Tally", 3)?;
        map.serialize_field("total", &self.total())?;
        map.serialize_field("by_status", &self.by_status())?;
        map.serialize_field("by_day", &days)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn sao_paulo() -> TimeZone {
        TimeZone::get("America/Sao_Paulo").unwrap()
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let mut tally = Tally::default();
        for (at, status) in [
            ("2024-02-01T02:59:59Z", Status::Sent),
            ("2024-02-01T03:00:00Z", Status::Sent),
            ("2024-02-01T12:00:00Z", Status::Failed),
        ] {
            tally.add(at.parse().unwrap(), status, &sao_paulo());
        }
        let zero = json!({ "na fila": 0, "processando": 0, "enviado": 0, "entregue": 0, "lido": 0, "falha": 0, "cancelado": 0 });
        let with = |sent: u64, failed: u64| {
            let mut counts = zero.clone();
            counts["enviado"] = json!(sent);
            counts["falha"] = json!(failed);
            counts
        };
        let expected = json!({
            "total": 3,
            "by_status": with(2, 1),
            "by_day": [
                { "date": "31/01/2024", "total": 1, "by_status": with(1, 0) },
                { "date": "01/02/2024", "total": 2, "by_status": with(1, 1) },
            ]
        });
        assert_eq!(serde_json::to_value(&tally).unwrap(), expected);
        assert_eq!(serde_json::to_value(Tally::default()).unwrap()["by_day"], json!([]));
    }

    #[test]
    fn what_is_no_tally_is_refused() {
        for text in [
            "x",
            "2024-01-31",
            "2024-01-31 1 2 3",
            "2024-01-31 1 2 3 4 5 6 -7",
            "2024-01-31 1 2 3 4 5 6 7 8",
            "\n",
        ] {
            assert_eq!(Tally::from_stored(text), Err(InvalidTally), "{text:?}");
        }
        assert_eq!(Tally::from_stored(""), Ok(Tally::default()));
    }

    proptest! {
        #[test]
        fn counts_every_send_once_and_reads_back(sends in prop::collection::vec(
            (0i64..4_000_000_000, prop::sample::select(Status::ALL.to_vec())), 0..60)) {
            let mut tally = Tally::default();
            for (second, status) in &sends {
                tally.add(Timestamp::from_second(*second).unwrap(), *status, &sao_paulo());
            }
            prop_assert_eq!(tally.total(), sends.len() as u64);
            let json = serde_json::to_value(&tally).unwrap();
            for status in Status::ALL {
                let count = sends.iter().filter(|(_, one)| *one == status).count();
                prop_assert_eq!(&json["by_status"][status.as_str()], &json!(count));
            }
            prop_assert_eq!(Tally::from_stored(&tally.to_stored()), Ok(tally));
        }
    }
}
