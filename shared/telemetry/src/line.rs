//! One event as a JSON object.

use serde_json::{Map, Value, json};
use std::fmt::Debug;
use tracing::Metadata;
use tracing::field::{Field, Visit};

/// The fields of an event or a span.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        // Names that Powertools has, for what the Lambda runtime calls otherwise.
        let name = match field.name() {
            "requestId" => "function_request_id",
            "xrayTraceId" => "xray_trace_id",
            other => other.strip_prefix("r#").unwrap_or(other),
        };
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, json!(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, json!(value));
    }
}

/// Puts a line together: what the event is, then the fields of the spans around it, outermost first, then its own. The later
/// wins, except over what tells what the event is.
pub(crate) fn line(
    service: &str,
    timestamp: &str,
    metadata: &Metadata<'_>,
    spans: impl Iterator<Item = Fields>,
    event: Fields,
) -> String {
    let mut fields = Map::new();
    for span in spans {
        fields.extend(span.0);
    }
    fields.extend(event.0);
    let message = fields.remove("message").unwrap_or_else(|| json!(metadata.name()));
    let location = match metadata.line() {
        Some(line) => format!("{}:{line}", metadata.target()),
        None => metadata.target().to_owned(),
    };
    let head = [
        ("level", json!(metadata.level().as_str())),
        ("location", json!(location)),
        ("message", message),
        ("timestamp", json!(timestamp)),
        ("service", json!(service)),
    ];
    let mut all: Map<String, Value> = head.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    for (key, value) in fields {
        all.entry(key).or_insert(value);
    }
    format!("{}\n", Value::Object(all))
}
