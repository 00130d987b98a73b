//! The samples of `events/` against what the emulated services deliver: the same names and types, but for what is listed here.
//!
//! A sample is what AWS sends. Where the emulation sends less or other than AWS, the list says so and where AWS's own word is.

use crate::recorder::Recorder;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A name that only one side has: of which kind of event, where, which side has it, and why.
type Difference = (&'static str, &'static str, Only, &'static str);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Only {
    InTheSample,
    Delivered,
}

use Only::{Delivered, InTheSample};

/// What AWS sends stands in <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html> and
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html>.
const DIFFERENCES: [Difference; 7] = [
    (
        REQUEST,
        "headers.content-length: string",
        InTheSample,
        "API Gateway tells 0 of a request without a body; here it has none",
    ),
    (
        REQUEST,
        "headers.x-amzn-trace-id: string",
        InTheSample,
        "API Gateway gives each request one; there is no X-Ray here",
    ),
    (
        REQUEST,
        "headers.x-forwarded-port: string",
        InTheSample,
        "API Gateway sets it; the proxy on this machine, in its place, does not",
    ),
    (
        REQUEST,
        "requestContext.domainPrefix: string",
        InTheSample,
        "API Gateway has it: the first label of the API's host, and here there is no host",
    ),
    (REQUEST, "pathParameters: null", Delivered, "AWS leaves out what a request has none of"),
    (STANDARD, "Records[].attributes.AWSTraceHeader: string", InTheSample, TRACED),
    (FIFO, "Records[].attributes.AWSTraceHeader: string", InTheSample, TRACED),
];

const REQUEST: &str = "a request";
const STANDARD: &str = "a standard queue";
const FIFO: &str = "a FIFO queue";
const TRACED: &str = "who pushes is traced, and SQS hands the trace on; there is no X-Ray here";

/// What of a request is not the gateway's own: the values are the same too. The path comes decoded, the query as it was sent.
const THE_SAME: [&str; 7] =
    ["version", "routeKey", "rawPath", "rawQueryString", "queryStringParameters", "body", "isBase64Encoded"];

/// Why Secrets Manager's sample is compared with nothing: the emulation's `RotateSecret` invokes no function. It has the names that
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html> has.
const OF_ROTATION: [&str; 4] = ["ClientRequestToken", "RotationToken", "SecretId", "Step"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Each sample with its function, as the table of events/README.md has them.
fn samples() -> Vec<(String, String, Value)> {
    let page = std::fs::read_to_string(root().join("events/README.md")).unwrap();
    let row = |line: &str| {
        let (function, rest) = line.strip_prefix("| ")?.split_once(" | ")?;
        let (name, _) = rest.split_once("-e events/")?.1.split_once(".json")?;
        let text = std::fs::read_to_string(root().join(format!("events/{name}.json"))).unwrap();
        Some((function.to_owned(), name.to_owned(), serde_json::from_str(&text).unwrap()))
    };
    page.lines().filter_map(row).collect()
}

/// The names in a value, each with its type. What is in a list counts as of one name.
fn names(value: &Value, at: &str, all: &mut BTreeSet<(String, &'static str)>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    all.insert((at.to_owned(), kind));
    for part in value.as_array().into_iter().flatten() {
        names(part, &format!("{at}[]"), all);
    }
    for (name, part) in value.as_object().into_iter().flatten() {
        let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        names(part, &at, all);
    }
}

/// What is different, by what kind of event it is in and where.
#[derive(Default)]
struct Found(BTreeMap<(&'static str, String, Only), BTreeSet<String>>);

impl Found {
    fn compare(&mut self, kind: &'static str, sample: (&str, &Value), delivered: &Value) {
        let (mut of_sample, mut of_delivered) = (BTreeSet::new(), BTreeSet::new());
        names(sample.1, "", &mut of_sample);
        names(delivered, "", &mut of_delivered);
        for (only, one, other) in
            [(InTheSample, &of_sample, &of_delivered), (Delivered, &of_delivered, &of_sample)]
        {
            for (at, of_type) in one.difference(other) {
                let files = self.0.entry((kind, format!("{at}: {of_type}"), only)).or_default();
                files.insert(sample.0.to_owned());
            }
        }
    }
}

/// Headers that API Gateway itself sets.
fn is_gateways(name: &str) -> bool {
    name.starts_with("x-forwarded-") || ["host", "content-length", "x-amzn-trace-id"].contains(&name)
}

async fn ask(world: &World, sample: &Value) {
    let method = sample["requestContext"]["http"]["method"].as_str().unwrap();
    let (path, query) = (sample["rawPath"].as_str().unwrap(), sample["rawQueryString"].as_str().unwrap());
    let path = path.replace(' ', "%20");
    let url = format!("{}{path}{}{query}", world.api_url(), if query.is_empty() { "" } else { "?" });
    let headers = sample["headers"].as_object().unwrap().iter();
    let headers: Vec<(&str, &str)> = headers
        .filter(|(name, _)| !is_gateways(name))
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let body = sample["body"].as_str().unwrap_or_default().as_bytes().to_vec();
    let answer = world.http.request(method, &url, &headers, body).await.unwrap();
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
}

async fn push(world: &World, sample: &Value) {
    let queues = aws_sdk_sqs::Client::new(&crate::aws::config(world));
    for record in sample["Records"].as_array().unwrap() {
        let name = record["eventSourceARN"].as_str().unwrap().rsplit(':').next().unwrap();
        let url = queues.get_queue_url().queue_name(name).send().await.unwrap().queue_url.unwrap();
        let attribute = |name: &str| record["attributes"][name].as_str().map(str::to_owned);
        let message = queues.send_message().queue_url(url).message_body(record["body"].as_str().unwrap());
        let message = message.set_message_group_id(attribute("MessageGroupId"));
        let message = message.set_message_deduplication_id(attribute("MessageDeduplicationId"));
        message.send().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_are_what_is_delivered() {
    let world = World::start().await;
    let samples = samples();
    assert!(
        samples.len() > 15,
        "the table of events/README.md is written in a way that this test cannot read"
    );
    let functions: BTreeSet<&str> = samples.iter().map(|(function, ..)| function.as_str()).collect();
    let recorder = Recorder::in_place_of(&world, &functions.into_iter().collect::<Vec<_>>()).await;
    let mut found = Found::default();
    for (function, name, sample) in &samples {
        let file = (name.as_str(), sample);
        if sample["routeKey"].is_string() {
            ask(&world, sample).await;
            let given = recorder.event(function, |event| event["routeKey"] == sample["routeKey"]).await;
            for field in THE_SAME {
                assert_eq!(given[field], sample[field], "{name}: {field}");
            }
            found.compare(REQUEST, file, &given);
        } else if sample["Records"].is_array() {
            push(&world, sample).await;
            let body = &sample["Records"][0]["body"];
            let has_it = |event: &Value| {
                event["Records"].as_array().is_some_and(|all| all.iter().any(|one| one["body"] == *body))
            };
            let kind = if sample.to_string().contains(".fifo\"") { FIFO } else { STANDARD };
            let given = recorder.event(function, has_it).await;
            for record in sample["Records"].as_array().unwrap() {
                found.compare(kind, (name, &json!({"Records": [record]})), &given);
            }
        } else if sample["detail-type"].is_string() {
            let is_it = |event: &Value| event["detail-type"] == sample["detail-type"];
            found.compare("a schedule", file, &recorder.event(function, is_it).await);
        } else {
            let named: Vec<&String> = sample.as_object().unwrap().keys().collect();
            assert_eq!(named, OF_ROTATION, "{name}");
        }
    }
    world.stop().await;
    let listed: BTreeSet<_> =
        DIFFERENCES.iter().map(|(kind, at, only, _)| (*kind, (*at).to_owned(), *only)).collect();
    let unlisted: Vec<_> = found.0.iter().filter(|(difference, _)| !listed.contains(*difference)).collect();
    assert!(unlisted.is_empty(), "differences that are not listed: {unlisted:#?}");
    let gone: Vec<_> = listed.iter().filter(|difference| !found.0.contains_key(*difference)).collect();
    assert!(gone.is_empty(), "listed, and not different any more: {gone:#?}");
}
