//! Calls of AWS as every part tells them on the log target `carteiro::aws`, added up.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

/// Calls, read units, write units.
type Sum = [f64; 3];

/// By part and operation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls(BTreeMap<(String, String), Sum>);

/// What was called until some moment.
pub(crate) struct Counted {
    calls: Calls,
    at: Instant,
}

impl Counted {
    /// Adds up what the logs tell.
    pub(crate) fn now(logs: &Path) -> Result<Self, Box<dyn Error>> {
        let (mut calls, at) = (Calls::default(), Instant::now());
        for entry in std::fs::read_dir(logs)? {
            for line in std::fs::read_to_string(entry?.path()).unwrap_or_default().lines() {
                let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
                let Some(operation) = line["aws_operation"].as_str() else { continue };
                let part = line["service"].as_str().unwrap_or("?").trim_start_matches("carteiro-").to_owned();
                let sum = calls.0.entry((part, named(operation))).or_default();
                for (at, name) in ["aws_requests", "read_units", "write_units"].into_iter().enumerate() {
                    sum[at] += line[name].as_f64().unwrap_or_default();
                }
            }
        }
        Ok(Self { calls, at })
    }

    /// What was called since `before`, and the seconds in between.
    pub(crate) fn since(&self, before: &Counted) -> (Calls, f64) {
        (self.calls.less(&before.calls, 1.0), (self.at - before.at).as_secs_f64())
    }
}

/// An operation as AWS writes it, such as `DynamoDB GetItem`.
fn named(operation: &str) -> String {
    let (service, name) = operation.rsplit_once(' ').unwrap_or(("", operation));
    let service = match service {
        "dynamodb" => "DynamoDB",
        "secrets manager" => "SecretsManager",
        "sqs" => "SQS",
        "s3" => "S3",
        "ses" => "SES",
        "sns" => "SNS",
        other => other,
    };
    format!("{service} {name}")
}

impl Calls {
    /// These without so many times the others; what is left of none is left out.
    pub(crate) fn less(&self, others: &Calls, times: f64) -> Calls {
        let less = |(key, sum): (&(String, String), &Sum)| {
            let others = others.0.get(key).copied().unwrap_or_default();
            (key.clone(), [0, 1, 2].map(|at| (sum[at] - others[at] * times).max(0.0)))
        };
        Calls(self.0.iter().map(less).filter(|(_, sum)| sum[0] > 0.0).collect())
    }

    /// So many times these, without what rounds to nothing.
    pub(crate) fn times(&self, times: f64) -> Calls {
        let all = self.0.iter().map(|(key, sum)| (key.clone(), sum.map(|value| value * times)));
        Calls(all.filter(|(_, sum)| sum.iter().any(|value| *value >= 0.005)).collect())
    }

    /// Those of some parts, or of all others.
    pub(crate) fn of(&self, keep: impl Fn(&str, &str) -> bool) -> Calls {
        let all = self.0.iter().filter(|((part, operation), _)| keep(part, operation));
        Calls(all.map(|(key, sum)| (key.clone(), *sum)).collect())
    }

    /// A table, and its sum.
    pub(crate) fn print(&self, title: &str, each: &str) {
        println!("\n{title}");
        println!(
            "{:<12} {:<32} {:>8} {:>12} {:>12}",
            "part", "operation", "calls", "read units", "write units"
        );
        let mut total = [0.0; 3];
        for ((part, operation), sum) in &self.0 {
            println!("{part:<12} {operation:<32} {:>8.2} {:>12.2} {:>12.2}", sum[0], sum[1], sum[2]);
            for (total, value) in total.iter_mut().zip(sum) {
                *total += value;
            }
        }
        println!("{each:<45} {:>8.2} {:>12.2} {:>12.2}", total[0], total[1], total[2]);
    }

    /// The rows that infra/cost reads.
    pub(crate) fn rows(&self) -> Value {
        let hundredths = |value: f64| (value * 100.0).round() / 100.0;
        let row = |((part, operation), sum): (&(String, String), &Sum)| {
            json!({
                "part": part, "operation": operation, "calls": hundredths(sum[0]),
                "read_units": hundredths(sum[1]), "write_units": hundredths(sum[2]),
            })
        };
        self.0.iter().map(row).collect()
    }
}
