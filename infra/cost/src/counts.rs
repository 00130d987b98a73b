//! What the benchmark `cost` of `infra/local` counted at the SDK.

use crate::CostError;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What one operation of one part came to, for each send.
#[derive(Debug, Clone, Deserialize)]
pub struct Call {
    /// The part that called, as its log names it.
    pub part: String,
    /// `<service> <operation>`.
    pub operation: String,
    /// How often it was called.
    pub calls: f64,
    /// DynamoDB's read units.
    pub read_units: f64,
    /// DynamoDB's write units.
    pub write_units: f64,
}

/// The counts, by kind of message.
#[derive(Debug, Deserialize)]
pub struct Counts {
    /// The day of the measurement.
    pub measured: String,
    /// The command that measured.
    pub source: String,
    kinds: BTreeMap<String, Vec<Call>>,
    /// What one session task, with all shards, does in an hour without anything to do.
    #[serde(default)]
    task_hour: Option<Vec<Call>>,
    /// What the functions do in an hour without anything to do.
    #[serde(default)]
    idle_hour: Option<Vec<Call>>,
}

/// Calls and units of one message.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Sum {
    pub(crate) reads: f64,
    pub(crate) writes: f64,
    pub(crate) sqs: f64,
    pub(crate) s3_puts: f64,
    pub(crate) s3_gets: f64,
}

impl Counts {
    /// Reads `counts.json`.
    ///
    /// # Errors
    /// JSON of another shape.
    pub fn parse(json: &str) -> Result<Self, CostError> {
        serde_json::from_str(json).map_err(|error| CostError::File { file: "counts.json", error })
    }

    /// Whether messages of that kind were measured.
    pub fn has(&self, kind: &str) -> bool {
        self.kinds.contains_key(kind)
    }

    /// What was measured, by name.
    pub fn kinds(&self) -> Vec<&str> {
        let hours = [("an idle task", &self.task_hour), ("idle functions", &self.idle_hour)];
        let measured = hours.into_iter().filter(|(_, calls)| calls.is_some()).map(|(name, _)| name);
        self.kinds.keys().map(String::as_str).chain(measured).collect()
    }

    /// What one message of that kind takes; nothing where it was not measured.
    pub(crate) fn sum(&self, kind: &str) -> Sum {
        Sum::of(self.kinds.get(kind).into_iter().flatten())
    }

    /// Whether the receives of the session task are among what a message of that kind takes.
    pub(crate) fn receives(&self, kind: &str) -> bool {
        let mut calls = self.kinds.get(kind).into_iter().flatten();
        calls.any(|call| call.operation == "SQS ReceiveMessage")
    }

    /// What a session task takes in an hour; `None` where it was not measured.
    pub(crate) fn task_hour(&self) -> Option<Sum> {
        self.task_hour.as_ref().map(Sum::of)
    }

    /// What the functions take in an hour; `None` where it was not measured.
    pub(crate) fn idle_hour(&self) -> Option<Sum> {
        self.idle_hour.as_ref().map(Sum::of)
    }
}

impl Sum {
    fn of<'a>(calls: impl IntoIterator<Item = &'a Call>) -> Self {
        let mut sum = Self::default();
        for call in calls {
            sum.reads += call.read_units;
            sum.writes += call.write_units;
            let (service, operation) = call.operation.split_once(' ').unwrap_or((&call.operation, ""));
            match (service, operation) {
                ("SQS", _) => sum.sqs += call.calls,
                // Deleting costs nothing.
                ("S3", "DeleteObject" | "DeleteObjects") => {}
                ("S3", "GetObject" | "HeadObject") => sum.s3_gets += call.calls,
                ("S3", _) => sum.s3_puts += call.calls,
                _ => {}
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_added_up_by_service() {
        let counts = Counts::parse(
            r#"{"measured": "2026-01-01", "source": "x", "kinds": {"text": [
                {"part": "a", "operation": "DynamoDB PutItem", "calls": 1, "read_units": 0.5, "write_units": 3},
                {"part": "b", "operation": "SQS SendMessage", "calls": 1.5, "read_units": 0, "write_units": 0},
                {"part": "b", "operation": "S3 GetObject", "calls": 2, "read_units": 0, "write_units": 0},
                {"part": "b", "operation": "S3 DeleteObject", "calls": 1, "read_units": 0, "write_units": 0},
                {"part": "b", "operation": "S3 PutObject", "calls": 1, "read_units": 0, "write_units": 0}]}}"#,
        )
        .unwrap();
        let sum = Sum { reads: 0.5, writes: 3.0, sqs: 1.5, s3_puts: 1.0, s3_gets: 2.0 };
        assert_eq!((counts.task_hour(), counts.receives("text")), (None, false));
        assert_eq!(counts.sum("text"), sum);
        assert_eq!(counts.sum("media"), Sum::default());
        assert!(counts.has("text") && !counts.has("media"));
    }
}
