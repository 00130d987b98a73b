//! What template.yaml, its nested stacks and the code must agree on, and no compiler checks.
#![allow(clippy::unwrap_used)]

use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

/// The lines of a parameter, resource or output of that name.
fn block<'a>(template: &'a str, name: &str) -> Vec<&'a str> {
    let heading = format!("  {name}:");
    let lines = template.lines().skip_while(|line| *line != heading).skip(1);
    lines.take_while(|line| line.is_empty() || line.starts_with("    ")).collect()
}

fn field<'a>(block: &[&'a str], name: &str) -> Option<&'a str> {
    block.iter().find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn there_is_a_queue_for_each_shard() {
    let template = read("template.yaml");
    let shards = block(&template, "ShardCount");
    let count: usize = field(&shards, "Default").unwrap().parse().unwrap();
    assert_eq!(
        field(&shards, "MaxValue").unwrap().parse::<usize>().unwrap(),
        count,
        "no more shards than queues"
    );

    let queues = read("infra/queues.yaml");
    let mut found = Vec::new();
    for line in queues.lines() {
        if let Some(name) = line.trim_start().strip_prefix("QueueName: !Sub \"${Prefix}-session-") {
            found.push(name.trim_end_matches(".fifo\"").to_owned());
        }
    }
    found.retain(|name| name != "dlq");
    let wanted: Vec<String> = (0..count).map(|shard| format!("{shard:02}")).collect();
    assert_eq!(found, wanted);
}

#[test]
fn the_shard_queues_are_alike() {
    let queues = read("infra/queues.yaml");
    let first = block(&queues, "Session00").join("\n");
    for shard in 1..16 {
        let name = format!("{shard:02}");
        assert_eq!(
            block(&queues, &format!("Session{name}")).join("\n"),
            first.replace("session-00", &format!("session-{name}"))
        );
    }
}

#[test]
fn the_default_plans_are_plans() {
    let template = read("template.yaml");
    let plans = block(&template, "Plans");
    let json: String = plans
        .iter()
        .skip_while(|line| !line.contains("Default: >-"))
        .skip(1)
        .take_while(|line| line.starts_with("      "))
        .copied()
        .collect();
    let plans = carteiro_core::plan::Plans::from_json(&json).unwrap();
    assert_eq!(plans.default_name().as_str(), "basico");
}

#[test]
fn every_route_answers_with_and_without_api() {
    let template = read("template.yaml");
    let mut routes: Vec<(String, String)> = template
        .lines()
        .filter_map(|line| {
            let (_, route) = line.split_once("ApiId: !Ref Api, Method: ")?;
            let (method, path) = route.split_once(", Path: \"")?;
            Some((method.to_owned(), path.split_once('"')?.0.to_owned()))
        })
        .collect();
    routes.sort();
    let (prefixed, bare): (Vec<_>, Vec<_>) =
        routes.into_iter().partition(|(_, path)| path.starts_with("/api/"));
    assert!(!bare.is_empty());
    assert_eq!(
        bare.iter().map(|(method, path)| (method.clone(), format!("/api{path}"))).collect::<Vec<_>>(),
        prefixed
    );
}

#[test]
fn every_trigger_has_a_sample_event_with_a_route_of_the_template() {
    let template = read("template.yaml");
    for function in [
        "auth",
        "users",
        "numbers",
        "sends",
        "sessions",
        "reports",
        "receivers",
        "operator",
        "docs",
        "exports",
        "bulk",
        "bulk-turn",
        "dispatch",
        "webhooks",
        "received",
        "sweeper",
        "rotation",
    ] {
        let event: serde_json::Value =
            serde_json::from_str(&read(&format!("events/{function}.json"))).unwrap();
        if let Some(key) = event["routeKey"].as_str() {
            let (method, path) = key.split_once(' ').unwrap();
            assert!(template.contains(&format!("Method: {method}, Path: \"{path}\"")), "{key}");
        }
    }
}
