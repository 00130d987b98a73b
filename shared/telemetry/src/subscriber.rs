//! Writing events.

use crate::audit;
use crate::line::{Fields, line};
use jiff::Timestamp;
use std::fmt::Display;
use std::io::Write;
use std::str::FromStr;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{Directive, EnvFilter, LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// What is told when `RUST_LOG` says nothing.
const DEFAULT_FILTER: &str = "info";

/// Crates that show requests and answers, secrets included, below `info`: no filter opens them further. By the beginnings of
/// their names.
const CAPPED: [&str; 4] = ["aws_", "hyper", "lambda_runtime", "rustls"];

/// `RUST_LOG` cannot be read, or another logger is in place already.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable RUST_LOG is not valid, or logging was started twice: {0}")]
pub struct InvalidFilter(String);

/// Starts the log of this process: events as JSON lines on standard output, under the name of `service`, as far as `filter`
/// lets them through: what the environment's `RUST_LOG` says, or `info`. A panic is told by where it was and not by what it
/// says, which may quote a secret.
pub fn init(service: &'static str, filter: Option<String>) -> Result<(), InvalidFilter> {
    let wanted = filter.filter(|filter| !filter.trim().is_empty());
    let filter = filter_of(wanted.as_deref())?;
    let caps = CAPPED.map(|target| (target, LevelFilter::INFO));
    tracing_subscriber::registry()
        .with(filter)
        .with(Targets::new().with_default(LevelFilter::TRACE).with_targets(caps))
        .with(logger(service, std::io::stdout))
        .try_init()
        .map_err(|error| InvalidFilter(error.to_string()))?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic");
    }));
    Ok(())
}

fn filter_of(wanted: Option<&str>) -> Result<EnvFilter, InvalidFilter> {
    let filter = EnvFilter::try_new(wanted.unwrap_or(DEFAULT_FILTER));
    let trail = Directive::from_str(&format!("{}=info", audit::TARGET));
    let invalid = |error: &dyn Display| InvalidFilter(error.to_string());
    Ok(filter.map_err(|error| invalid(&error))?.add_directive(trail.map_err(|error| invalid(&error))?))
}

/// The layer that [`init`] installs, writing where it is told.
pub fn logger<S, W, M>(service: &'static str, writer: M) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Write,
    M: Fn() -> W + Send + Sync + 'static,
{
    Logger { service, writer }
}

struct Logger<M> {
    service: &'static str,
    writer: M,
}

impl<S, W, M> Layer<S> for Logger<M>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Write,
    M: Fn() -> W + Send + Sync + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let scope = context.event_scope(event).into_iter().flat_map(|scope| scope.from_root());
        let spans = scope.filter_map(|span| span.extensions().get::<Fields>().cloned());
        let timestamp = format!("{:.3}", Timestamp::now());
        let line = line(self.service, &timestamp, event.metadata(), spans, fields);
        // There is nowhere left to tell that the log cannot be written.
        let _ = (self.writer)().write_all(line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Lines;
    use serde_json::Value;

    fn told(events: impl FnOnce()) -> Vec<Value> {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::registry().with(logger("test", move || writer.clone()));
        tracing::subscriber::with_default(subscriber, events);
        lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_has_the_keys_of_powertools_and_the_fields_of_its_spans() {
        let lines = told(|| {
            let span = tracing::info_span!(
                "invoke",
                requestId = "r-1",
                xrayTraceId = "Root=1",
                late = tracing::field::Empty
            );
            span.record("late", 7);
            let _entered = span.enter();
            let nothing: Option<&str> = None;
            tracing::warn!(status = 422_u16, code = "INVALID_PHONE", nothing, ok = true, "request \"é\"\n");
        });
        let line = &lines[0];
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["message"], "request \"é\"\n");
        assert_eq!(line["service"], "test");
        assert_eq!(line["function_request_id"], "r-1");
        assert_eq!(line["xray_trace_id"], "Root=1");
        assert_eq!((&line["status"], &line["late"]), (&Value::from(422), &Value::from(7)));
        assert!(line.get("nothing").is_none());
        assert!(line["location"].as_str().unwrap().starts_with("carteiro_telemetry::subscriber::tests:"));
        let timestamp = line["timestamp"].as_str().unwrap();
        assert!(timestamp.ends_with('Z') && timestamp.len() == 24, "{timestamp}");
        assert!(timestamp.parse::<Timestamp>().is_ok());
    }

    #[test]
    fn no_field_passes_for_what_the_event_is() {
        let lines = told(|| tracing::info!(level = "forged", service = "forged", "true"));
        assert_eq!((&lines[0]["level"], &lines[0]["service"]), (&Value::from("INFO"), &Value::from("test")));
    }

    #[test]
    fn the_audit_trail_is_written_whatever_the_filter_says() {
        for filter in ["error", "off", "audit=off", "carteiro_http=debug"] {
            let lines = Lines::default();
            let writer = lines.clone();
            let subscriber = tracing_subscriber::registry()
                .with(filter_of(Some(filter)).unwrap())
                .with(logger("test", move || writer.clone()));
            tracing::subscriber::with_default(subscriber, || {
                tracing::info!("hidden");
                audit::audit("operator", "user.change", "id-1", "plan=premium");
            });
            let line: Value = serde_json::from_str(&lines.text()).unwrap();
            let told = ["who", "what", "tenant_id", "to", "message"].map(|name| line[name].clone());
            assert_eq!(told, ["operator", "user.change", "id-1", "plan=premium", "audit"], "{filter}");
        }
        assert!(filter_of(Some("a=b=c")).is_err());
    }
}
