//! Every trigger of the template has a sample in `events/`, as AWS would send it, and its command in `events/README.md`.

use crate::blocks::root;
use crate::yaml::{Entry, read, section};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What invokes a function.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Trigger {
    /// The gateway, by a method and a path.
    Http(String),
    /// A queue, by the name of its output.
    Queue(String),
    /// A schedule.
    Schedule,
    /// Secrets Manager, which rotates a secret.
    Rotation,
    /// Something else that the template names.
    Other(String),
}

fn functions() -> Vec<Entry> {
    let resources = section("template.yaml", "Resources").entries();
    resources
        .into_iter()
        .filter(|entry| entry.get("Type").is_some_and(|kind| kind.value == "AWS::Serverless::Function"))
        .collect()
}

fn triggers(function: &Entry) -> Vec<Trigger> {
    let events =
        function.get("Properties").unwrap().get("Events").map(|events| events.entries()).unwrap_or_default();
    let trigger = |event: Entry| {
        let properties = event.get("Properties");
        match event.get("Type").unwrap().value.as_str() {
            "HttpApi" => {
                let line = properties.unwrap().value;
                // Without a method it is the route of what no other one takes.
                let Some((_, route)) = line.split_once("Method: ") else {
                    return Trigger::Http("$default".to_owned());
                };
                let (method, path) = route.split_once(", Path: \"").unwrap();
                Trigger::Http(format!("{method} {}", path.split('"').next().unwrap()))
            }
            "SQS" => {
                let queue = properties.unwrap().get("Queue").unwrap().value;
                Trigger::Queue(
                    queue
                        .trim_start_matches("!GetAtt Queues.Outputs.")
                        .trim_start_matches("!GetAtt Mail.Outputs.")
                        .trim_end_matches("Arn")
                        .to_lowercase(),
                )
            }
            "Schedule" | "ScheduleV2" => Trigger::Schedule,
            other => Trigger::Other(other.to_owned()),
        }
    };
    let mut triggers: Vec<Trigger> = events.into_iter().map(trigger).collect();
    // What no event of the template invokes is invoked by a service that was permitted to.
    if triggers.is_empty() {
        triggers.push(Trigger::Rotation);
    }
    triggers
}

/// What a sample is of.
fn of_sample(event: &Value) -> Trigger {
    if let Some(route) = event["routeKey"].as_str() {
        return Trigger::Http(route.to_owned());
    }
    if event["detail-type"] == "Scheduled Event" {
        return Trigger::Schedule;
    }
    if event["Step"].is_string() && event["ClientRequestToken"].is_string() {
        return Trigger::Rotation;
    }
    let source = event["Records"][0]["eventSourceARN"].as_str().unwrap_or_default();
    let queue = source.rsplit(':').next().unwrap_or_default().trim_start_matches("carteiro-");
    Trigger::Queue(queue.trim_end_matches(".fifo").to_owned())
}

fn samples() -> BTreeMap<String, Value> {
    let entries = std::fs::read_dir(root().join("events")).unwrap().map(|entry| entry.unwrap().path());
    let json = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let named = json.map(|path| path.file_name().unwrap().to_string_lossy().into_owned());
    named
        .map(|name| (name.clone(), serde_json::from_str(&read(&format!("events/{name}"))).unwrap()))
        .collect()
}

/// What of the template there must be a sample of: the queues and schedules each, of the routes one for each function.
fn wanted(function: &Entry) -> Vec<Vec<Trigger>> {
    let (routes, others): (Vec<_>, Vec<_>) =
        triggers(function).into_iter().partition(|trigger| matches!(trigger, Trigger::Http(_)));
    let mut wanted: Vec<Vec<Trigger>> = others.into_iter().map(|trigger| vec![trigger]).collect();
    if !routes.is_empty() {
        wanted.push(routes);
    }
    wanted
}

#[test]
fn every_trigger_has_a_sample_and_its_command() {
    let samples = samples();
    let readme = read("events/README.md");
    let mut missing = Vec::new();
    let mut used = BTreeSet::new();
    let functions = functions();
    assert!(functions.len() > 10, "the template is written in a way that this test cannot read");
    for function in &functions {
        for any in wanted(function) {
            let found: Vec<_> = samples.iter().filter(|(_, event)| any.contains(&of_sample(event))).collect();
            if found.is_empty() {
                missing.push(format!("{}: no sample of {:?}", function.name, any[0]));
            }
            for (file, _) in found {
                used.insert(file.clone());
                let command = format!("sam local invoke {} -e events/{file}", function.name);
                if !readme.contains(&format!("`{command}`")) {
                    missing.push(format!("events/README.md: `{command}`"));
                }
            }
        }
    }
    missing.extend(
        samples.keys().filter(|file| !used.contains(*file)).map(|file| format!("{file} is of no trigger")),
    );
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn the_samples_are_whole() {
    for (file, event) in samples() {
        for record in event["Records"].as_array().into_iter().flatten() {
            let body = record["body"].as_str().unwrap();
            assert!(serde_json::from_str::<Value>(body).is_ok_and(|body| body.is_object()), "{file}: {body}");
            for field in
                ["messageId", "receiptHandle", "md5OfBody", "eventSource", "eventSourceARN", "awsRegion"]
            {
                assert!(record[field].as_str().is_some_and(|text| !text.is_empty()), "{file}: {field}");
            }
            for field in
                ["ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"]
            {
                assert!(record["attributes"][field].is_string(), "{file}: {field}");
            }
            let fifo = record["eventSourceARN"].as_str().unwrap().ends_with(".fifo");
            for field in ["SequenceNumber", "MessageDeduplicationId"] {
                assert_eq!(record["attributes"][field].is_string(), fifo, "{file}: {field}");
            }
        }
        let Some(route) = event["routeKey"].as_str() else { continue };
        let (method, _) = route.split_once(' ').unwrap();
        let context = &event["requestContext"];
        assert_eq!(event["version"], "2.0", "{file}");
        assert_eq!(
            (context["routeKey"].as_str(), context["http"]["method"].as_str()),
            (Some(route), Some(method)),
            "{file}"
        );
        assert_eq!(context["http"]["path"], event["rawPath"], "{file}");
        if let Some(body) = event["body"].as_str() {
            let length = event["headers"]["content-length"].as_str();
            assert_eq!(length, Some(body.len().to_string().as_str()), "{file}: content-length");
        }
    }
}
