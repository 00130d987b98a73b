//! Metrics in CloudWatch's embedded metric format: a log line that CloudWatch makes metrics of, without a call to its API.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::fmt;
use std::io::Write;
use std::sync::Arc;

/// The namespace of all metrics of this product, before the name of the deployment: `Carteiro/my-stack`. The alarms name it.
pub const NAMESPACE: &str = "Carteiro";

/// What a metric counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// Thousandths of a second.
    Milliseconds,
    /// Bytes.
    Bytes,
}

impl Unit {
    fn as_str(self) -> &'static str {
        match self {
            Unit::Count => "Count",
            Unit::Seconds => "Seconds",
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

/// Writes a line to where metrics are told.
type WriteLine = dyn Fn(&[u8]) + Send + Sync;

/// Writes the metrics of one service.
#[derive(Clone)]
pub struct Metrics {
    service: &'static str,
    namespace: String,
    write: Arc<WriteLine>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("service", &self.service).finish_non_exhaustive()
    }
}

impl Metrics {
    /// Metrics in [`NAMESPACE`] with the dimension `service`, on standard output.
    pub fn new(service: &'static str) -> Self {
        Self::writing(service, std::io::stdout)
    }

    /// The same, written where one is told.
    pub fn writing<W: Write>(service: &'static str, writer: impl Fn() -> W + Send + Sync + 'static) -> Self {
        // There is nowhere left to tell that the log cannot be written.
        let write = Arc::new(move |line: &[u8]| drop(writer().write_all(line)));
        Self { service, namespace: NAMESPACE.to_owned(), write }
    }

    /// Of that deployment, if it has a name: two deployments in one account and region are told apart by it.
    #[must_use]
    pub fn of(self, deployment: Option<&str>) -> Self {
        let namespace = deployment.filter(|name| !name.is_empty()).map(|name| format!("{NAMESPACE}/{name}"));
        Self { namespace: namespace.unwrap_or(self.namespace), ..self }
    }

    /// Writes values that belong together, at most a hundred, as one line. More dimensions make a metric of
    /// their own for each of their values, and each metric costs: give few, with few values.
    pub fn put(&self, dimensions: &[(&'static str, &str)], metrics: &[Metric]) {
        (self.write)(self.line(dimensions, metrics, Timestamp::now()).as_bytes());
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
    use crate::testing::Lines;

    #[test]
    fn a_line_defines_and_holds_its_metrics() {
        let metric = Metric { name: "Sent", value: 2.0, unit: Unit::Count };
        let line = Metrics::new("session").line(&[("shard", "07")], &[metric], Timestamp::UNIX_EPOCH);
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

    #[test]
    fn deployments_are_told_apart() {
        let namespace = |deployment| {
            let line = Metrics::new("session").of(deployment).line(&[], &[], Timestamp::UNIX_EPOCH);
            let line: Value = serde_json::from_str(&line).unwrap();
            line["_aws"]["CloudWatchMetrics"][0]["Namespace"].clone()
        };
        assert_eq!(namespace(Some("one")), "Carteiro/one");
        assert_eq!(namespace(Some("")), "Carteiro");
        assert_eq!(namespace(None), "Carteiro");
    }

    #[test]
    fn what_is_put_is_written_as_one_line() {
        let lines = Lines::default();
        let writer = lines.clone();
        let metrics = Metrics::writing("sweeper", move || writer.clone());
        let seconds = |value| Metric { name: "Age", value, unit: Unit::Seconds };
        metrics.put(&[], &[seconds(1.5)]);
        metrics.put(&[], &[seconds(2.0)]);
        let values: Vec<Value> = lines.metric("Age").into_iter().map(|line| line["Age"].clone()).collect();
        assert_eq!(values, [json!(1.5), json!(2.0)]);
        assert!(lines.metric("Other").is_empty());
    }
}
