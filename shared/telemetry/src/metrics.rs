//! Metrics in CloudWatch's embedded metric format: a log line that CloudWatch makes metrics of, without a call to its API.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::io::Write;

/// What a metric counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Thousandths of a second.
    Milliseconds,
    /// Bytes.
    Bytes,
}

impl Unit {
    fn as_str(self) -> &'static str {
        match self {
            Unit::Count => "Count",
            Unit::Milliseconds => "Milliseconds",
            Unit::Bytes => "Bytes",
        }
    }
}

/// One measured value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    /// Its name, such as `SendsAccepted`.
    pub name: &'static str,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: Unit,
}

/// Writes the metrics of one service.
#[derive(Debug, Clone)]
pub struct Metrics {
    namespace: &'static str,
    service: &'static str,
}

impl Metrics {
    /// Metrics in a namespace, with the dimension `service`.
    pub fn new(namespace: &'static str, service: &'static str) -> Self {
        Self { namespace, service }
    }

    /// Writes values that belong together, at most a hundred, as one line on standard output. More dimensions make a metric of
    /// their own for each of their values, and each metric costs: give few, with few values.
    pub fn put(&self, dimensions: &[(&'static str, &str)], metrics: &[Metric]) {
        let line = self.line(dimensions, metrics, Timestamp::now());
        // There is nowhere left to tell that the log cannot be written.
        let _ = std::io::stdout().write_all(line.as_bytes());
    }

    fn line(&self, dimensions: &[(&'static str, &str)], metrics: &[Metric], at: Timestamp) -> String {
        let names: Vec<&str> =
            std::iter::once("service").chain(dimensions.iter().map(|(name, _)| *name)).collect();
        let definitions: Vec<Value> =
            metrics.iter().map(|m| json!({"Name": m.name, "Unit": m.unit.as_str()})).collect();
        let mut line = Map::new();
        line.insert(
            "_aws".into(),
            json!({
                "Timestamp": at.as_millisecond(),
                "CloudWatchMetrics": [
                    {"Namespace": self.namespace, "Dimensions": [names], "Metrics": definitions}
                ],
            }),
        );
        line.insert("service".into(), json!(self.service));
        line.extend(dimensions.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
        line.extend(metrics.iter().map(|metric| (metric.name.to_owned(), json!(metric.value))));
        format!("{}\n", Value::Object(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_defines_and_holds_its_metrics() {
        let metric = Metric { name: "Sent", value: 2.0, unit: Unit::Count };
        let line =
            Metrics::new("Carteiro", "session").line(&[("shard", "07")], &[metric], Timestamp::UNIX_EPOCH);
        let expected = json!({
            "_aws": {
                "Timestamp": 0,
                "CloudWatchMetrics": [{
                    "Namespace": "Carteiro",
                    "Dimensions": [["service", "shard"]],
                    "Metrics": [{"Name": "Sent", "Unit": "Count"}],
                }],
            },
            "service": "session", "shard": "07", "Sent": 2.0,
        });
        assert!(line.ends_with('\n'));
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), expected);
    }
}
