//! What template.yaml, its nested stacks and the code must agree on, and no compiler checks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "permissions/yaml.rs"]
mod yaml;

use serde_json::{Value, json};
use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

/// What a person is asked for is told, bounded, and has a default, but for what nobody can know beforehand.
#[test]
fn each_parameter_says_what_it_may_be() {
    let mut without_default = Vec::new();
    for path in ["template.yaml", "infra/delivery.yaml"] {
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
    assert_eq!(without_default, ["Environment", "Repository", "StackName"]);
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

/// What holds data, with what CloudFormation can change of it only by making another one: an update that did so would leave the
/// data behind, or fail because the name is taken. So none of this changes from one version to the next; what is new is added.
const KEPT: [&str; 9] = [
    "data.yaml Accounts ${Prefix}-accounts pk HASH sk RANGE",
    "data.yaml Chats ${Prefix}-chats pk HASH sk RANGE by_time pk HASH at RANGE",
    "data.yaml Key",
    "data.yaml Media ${Prefix}-media-${AWS::AccountId}-${AWS::Region}",
    "data.yaml Sends ${Prefix}-sends pk HASH sk RANGE",
    "data.yaml Sessions ${Prefix}-sessions pk HASH sk RANGE",
    "data.yaml Webhooks ${Prefix}-webhooks pk HASH sk RANGE by_place pk HASH place RANGE",
    "secrets.yaml JwtKey ${Prefix}/jwt-key",
    "secrets.yaml OperatorToken ${Prefix}/operator-token",
];

/// A key schema, as `pk HASH sk RANGE`.
fn keys(schema: &Value) -> Vec<String> {
    let parts = schema.as_array().into_iter().flatten();
    parts.flat_map(|key| ["AttributeName", "KeyType"].map(|field| yaml::text(&key[field]))).collect()
}

#[test]
fn no_update_replaces_what_holds_data() {
    let mut found = Vec::new();
    for file in ["data.yaml", "secrets.yaml"] {
        let template = yaml::read(&read(&format!("infra/{file}")));
        for (name, resource) in template["Resources"].as_object().unwrap() {
            let kind = resource["Type"].as_str().unwrap();
            if ["AWS::KMS::Alias", "AWS::S3::BucketPolicy"].contains(&kind) {
                continue;
            }
            assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{name}");
            assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
            let of = &resource["Properties"];
            let mut line = vec![file.to_owned(), name.clone()];
            let called =
                ["TableName", "BucketName", "Name"].into_iter().filter(|field| !of[*field].is_null());
            line.extend(called.map(|field| yaml::text(&of[field])));
            line.extend(keys(&of["KeySchema"]));
            for index in of["LocalSecondaryIndexes"].as_array().into_iter().flatten() {
                line.push(yaml::text(&index["IndexName"]));
                line.extend(keys(&index["KeySchema"]));
            }
            if kind == "AWS::DynamoDB::Table" {
                assert_eq!(
                    of["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], "true",
                    "{name}"
                );
                assert_eq!(of["TimeToLiveSpecification"]["Enabled"], "true", "{name}");
                assert!(
                    !of["DeletionProtectionEnabled"].is_null() && !of["SSESpecification"].is_null(),
                    "{name}"
                );
            }
            found.push(line.join(" "));
        }
    }
    found.sort();
    assert_eq!(found, KEPT);
}

/// Each DLQ has its alarm, and each queue that somebody reads leads to one.
#[test]
fn every_dead_letter_queue_is_watched() {
    let queues = yaml::read(&read("infra/queues.yaml"));
    let alarms = yaml::read(&read("infra/alarms.yaml"));
    let watched: Vec<String> = alarms["Resources"]
        .as_object()
        .unwrap()
        .values()
        .filter(|alarm| alarm["Properties"]["MetricName"] == "ApproximateNumberOfMessagesVisible")
        .map(|alarm| yaml::text(&alarm["Properties"]["Dimensions"][0]["Value"]))
        .collect();
    let all = queues["Resources"].as_object().unwrap().iter();
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
    let infra = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let names =
        std::fs::read_dir(infra).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut there: Vec<String> =
        names.filter(|name| name.ends_with(".yaml")).map(|name| format!("infra/{name}")).collect();
    there.push("template.yaml".to_owned());
    there.sort();
    let settings = yaml::read(&read(".checkov.yaml"));
    let mut listed: Vec<String> = settings["file"].as_array().unwrap().iter().map(yaml::text).collect();
    listed.sort();
    assert_eq!(listed, there);
}
