//! What template.yaml, its nested stacks and the code must agree on, and no compiler checks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod front;
mod image;
mod kept;
mod names;
mod network;
mod rules;
mod samconfig;
#[path = "../permissions/yaml.rs"]
mod yaml;

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the repository.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The paths of all templates.
fn templates() -> Vec<String> {
    let names = std::fs::read_dir(root().join("infra")).unwrap().map(|entry| entry.unwrap().file_name());
    let nested = names.map(|name| name.into_string().unwrap()).filter(|name| name.ends_with(".yaml"));
    nested.map(|name| format!("infra/{name}")).chain(["template.yaml".to_owned()]).collect()
}

/// What a person is asked for is told, bounded, and has a default, but for what nobody can know beforehand.
#[test]
fn each_parameter_says_what_it_may_be() {
    let mut without_default = Vec::new();
    for path in ["template.yaml", "infra/delivery.yaml", "infra/front.yaml"] {
        for (name, parameter) in yaml::read(&read(path))["Parameters"].as_object().unwrap() {
            let has = |field: &str| !parameter[field].is_null();
            assert!(has("Description"), "{path}: {name} has no description");
            let bounds = ["AllowedPattern", "AllowedValues", "MinValue"];
            assert!(bounds.into_iter().any(has), "{path}: {name} takes anything");
            if !has("Default") {
                without_default.push(name.clone());
            }
        }
    }
    without_default.sort();
    assert_eq!(without_default, ["ApiHost", "Environment", "Repository", "StackName"]);
}

/// What a pattern is for is told in words: CloudFormation shows the pattern otherwise.
#[test]
fn each_pattern_is_told_in_words() {
    for path in templates() {
        for (name, parameter) in yaml::read(&read(&path))["Parameters"].as_object().unwrap() {
            let told = parameter["AllowedPattern"].is_null() || !parameter["ConstraintDescription"].is_null();
            assert!(told, "{path}: {name}");
        }
    }
}

/// `sam deploy --guided` asks of each route of an API that says nothing of authorizers whether that is meant, and ends if it is not told so.
#[test]
fn the_api_says_that_it_has_no_authorizer() {
    let api = &yaml::read(&read("template.yaml"))["Resources"]["Api"];
    assert_eq!(api["Properties"]["Auth"], json!({ "EnableIamAuthorizer": "false" }));
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
    let whole = yaml::read(&queues);
    let names = whole["Resources"].as_object().unwrap().keys();
    let shards: Vec<&str> =
        names.filter_map(|name| name.strip_prefix("Session")).filter(|n| *n != "Dlq").collect();
    for name in &shards {
        assert_eq!(
            block(&queues, &format!("Session{name}")).join("\n"),
            first.replace("session-00", &format!("session-{name}"))
        );
    }
    // The task's role names their queues by two digits, and no more tasks than shards have work.
    assert!(shards.iter().all(|name| name.len() == 2), "{shards:?}");
    let (outer, session) = (yaml::read(&read("template.yaml")), yaml::read(&read("infra/session.yaml")));
    for (template, parameter) in
        [(&outer, "SessionTasks"), (&outer, "SessionTasksMax"), (&session, "Tasks"), (&session, "MaxTasks")]
    {
        let most = yaml::text(&template["Parameters"][parameter]["MaxValue"]);
        assert_eq!(most, shards.len().to_string(), "{parameter}");
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

/// Nothing else starts the binaries of the benchmark but who measures.
#[test]
fn the_benchmark_gives_the_functions_every_variable() {
    let benchmark = read("infra/local/benches/rig/variables.rs");
    let globals = &yaml::read(&read("template.yaml"))["Globals"]["Function"]["Environment"]["Variables"];
    let names = globals.as_object().unwrap().keys().filter_map(|name| name.strip_prefix("CARTEIRO_"));
    let missing: Vec<&str> = names.filter(|name| !benchmark.contains(&format!("(\"{name}\", "))).collect();
    assert!(missing.is_empty(), "{missing:?}");
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

/// Each DLQ has its alarm, and each queue that somebody reads leads to one.
#[test]
fn every_dead_letter_queue_is_watched() {
    let templates = ["infra/queues.yaml", "infra/mail.yaml"].map(|template| yaml::read(&read(template)));
    let alarms = yaml::read(&read("infra/alarms.yaml"));
    let watched: Vec<String> = alarms["Resources"]
        .as_object()
        .unwrap()
        .values()
        .filter(|alarm| alarm["Properties"]["MetricName"] == "ApproximateNumberOfMessagesVisible")
        .map(|alarm| yaml::text(&alarm["Properties"]["Dimensions"][0]["Value"]))
        .collect();
    let all = templates.iter().flat_map(|template| template["Resources"].as_object().unwrap());
    for (name, queue) in all.filter(|(_, resource)| resource["Type"] == "AWS::SQS::Queue") {
        let of = &queue["Properties"];
        match name.strip_suffix("Dlq") {
            Some(_) => assert!(watched.contains(name), "nobody watches {name}"),
            // A lost alarm rings again a minute later.
            None if name == "Wakes" => {}
            None => assert!(!of["RedrivePolicy"].is_null(), "{name} leads to no DLQ"),
        }
        assert!(!of["SqsManagedSseEnabled"].is_null() && !of["KmsMasterKeyId"].is_null(), "{name}");
    }
}

#[test]
fn the_dashboard_is_one_page_of_widgets_that_do_not_overlap() {
    let template = yaml::read(&read("infra/dashboard.yaml"));
    let body = yaml::text(&template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]);
    let body: Value = serde_json::from_str(&body).unwrap();
    let parameters = template["Parameters"].as_object().unwrap();
    let text = body.to_string();
    for name in text.split("${").skip(1).map(|rest| rest.split('}').next().unwrap()) {
        assert!(name.starts_with("AWS::") || parameters.contains_key(name), "{name} is no parameter");
    }
    let mut taken = std::collections::BTreeSet::new();
    for widget in body["widgets"].as_array().unwrap() {
        let at = |field: &str| widget[field].as_u64().unwrap();
        assert!(at("x") + at("width") <= 24, "{widget}");
        for x in at("x")..at("x") + at("width") {
            for y in at("y")..at("y") + at("height") {
                assert!(taken.insert((x, y)), "two widgets at {x}, {y}");
            }
        }
    }
    // Every metric of our own that an alarm looks at is on it.
    let alarms = yaml::read(&read("infra/alarms.yaml"));
    for (name, alarm) in alarms["Resources"].as_object().unwrap() {
        let of = &alarm["Properties"];
        if yaml::text(&of["Namespace"]).starts_with("Carteiro/") {
            assert!(text.contains(of["MetricName"].as_str().unwrap()), "{name}");
        }
    }
}

/// What deploys for GitHub is a role of its own: it must be let make what the templates have.
#[test]
fn the_role_that_deploys_may_make_each_kind_of_resource() {
    let delivery = read("infra/delivery.yaml");
    let nested = ["alarms", "dashboard", "data", "mail", "network", "queues", "secrets", "session"];
    let nested = nested.iter().map(|name| read(&format!("infra/{name}.yaml")));
    let mut seen = 0;
    for template in std::iter::once(read("template.yaml")).chain(nested) {
        for kind in template.lines().filter_map(|line| line.strip_prefix("    Type: AWS::")) {
            seen += 1;
            let action = match kind.trim_matches('"').split_once("::").unwrap() {
                ("ApiGatewayV2", _) => "apigateway:*".to_owned(),
                ("ApplicationAutoScaling", _) => "application-autoscaling:*".to_owned(),
                ("IAM", name) => format!("iam:Create{}", name.trim_start_matches("Managed")),
                ("Route53", _) => "route53:ChangeResourceRecordSets".to_owned(),
                ("Serverless", "Function") => "lambda:*".to_owned(),
                ("Serverless", _) => "apigateway:*".to_owned(),
                (service, _) => format!("{}:*", service.to_lowercase()),
            };
            assert!(delivery.contains(&format!("- {action}\n")), "infra/delivery.yaml lets nobody {action}");
        }
    }
    assert!(seen > 100, "{seen} resources");
}

/// What checkov is not told of it does not look at.
#[test]
fn checkov_looks_at_every_template() {
    let mut there = templates();
    there.sort();
    let settings = yaml::read(&read(".checkov.yaml"));
    let mut listed: Vec<String> = settings["file"].as_array().unwrap().iter().map(yaml::text).collect();
    listed.sort();
    assert_eq!(listed, there);
}
