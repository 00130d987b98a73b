//! The permissions of each binary in the templates are what its code asks of AWS, no less and no more.
//!
//! What the code asks is read from its sources: everything that can be reached from a binary's `main` is walked, over the ports to
//! the adapters that it is put together with, down to the operations of the SDK; an adapter's table, queue or bucket is known by the
//! setting that it is made with. What is permitted is read from the roles of the templates.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod effects;
mod policies;
mod program;
mod reach;
mod trail;
mod transport;
mod walk;
mod yaml;

use effects::Effects;
use policies::{Statement, granted, of_document, statements};
use program::Program;
use reach::{Things, Wants, wants};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use yaml::{read, text};

static TEMPLATE: LazyLock<Value> = LazyLock::new(|| read(&file("template.yaml")));
static SESSION: LazyLock<Value> = LazyLock::new(|| read(&file("infra/session.yaml")));

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn file(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// What is in a folder, in order.
fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The functions of the template: the name of the resource, and of the folder.
fn functions() -> Vec<(String, String)> {
    let resources = TEMPLATE["Resources"].as_object().unwrap().iter();
    let functions = resources.filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    let folder = |resource: &Value| {
        resource["Properties"]["CodeUri"].as_str()?.strip_prefix("functions/").map(str::to_owned)
    };
    functions.map(|(name, resource)| (name.clone(), folder(resource).unwrap())).collect()
}

fn program() -> Program {
    let mut program = Program::default();
    for name in names_in("shared") {
        program.read(&format!("carteiro_{name}"), &root().join(format!("shared/{name}/src/lib.rs")));
    }
    for (_, name) in functions() {
        program.read(&format!("carteiro_{name}"), &root().join(format!("functions/{name}/src/main.rs")));
    }
    program.read("carteiro_engine", &root().join("infra/session/engine/src/lib.rs"));
    program.read("carteiro_session", &root().join("infra/session/src/lib.rs"));
    program.read("carteiro_session", &root().join("infra/session/src/main.rs"));
    program.understand();
    program
}

/// Who may use a function's routes, by the route table: `Public`, `Operator`, `Tenant`.
fn has_routes_for(function: &str, access: &str) -> bool {
    let table: String = file("shared/http/src/routes.rs").split_whitespace().collect();
    let named = format!("Function::{},", function[..1].to_uppercase() + &function[1..]);
    let mut routes = table.split("route(Method::").filter_map(|route| {
        let (_, access) = route.split_once(named.as_str())?;
        access.split_once(')').map(|(access, _)| access.to_owned())
    });
    let tenants = ["SEND", "READ", "MANAGE", "Access::Tenant"];
    match access {
        // All of V1 is one function's, and for tenants.
        "Tenant" => {
            function == "sessions" || routes.any(|found| tenants.iter().any(|name| found.starts_with(name)))
        }
        other => routes.any(|found| found.starts_with(&format!("Access::{other}"))),
    }
}

/// Each difference between what is wanted and what is permitted, as a line.
fn differences(name: &str, wanted: &Wants, permitted: &Things) -> Vec<String> {
    let nothing = Effects::default();
    let mut lines = Vec::new();
    let things: BTreeSet<&String> = wanted.of.keys().chain(permitted.keys()).collect();
    for thing in things {
        let exact = wanted.of.get(thing).unwrap_or(&nothing);
        let permitted = permitted.get(thing).unwrap_or(&nothing);
        let mut useful = exact.clone();
        for (_, perhaps) in wanted.of_some.iter().filter(|(things, _)| things.contains(thing)) {
            useful.take(perhaps.clone());
        }
        for of in [|effects: &Effects| effects.actions.clone(), |effects: &Effects| effects.indexes.clone()] {
            let (exact, permitted, useful) = (of(exact), of(permitted), of(&useful));
            lines.extend(exact.difference(&permitted).map(|one| format!("{name} lacks {one} on {thing}")));
            lines.extend(
                permitted.difference(&useful).map(|one| format!("{name} has no use for {one} on {thing}")),
            );
        }
    }
    for (things, effects) in &wanted.of_some {
        let on = |action: &String| {
            let mut all = things.iter().filter_map(|thing| permitted.get(thing));
            all.any(|permitted| permitted.actions.contains(action) || permitted.indexes.contains(action))
        };
        let wanted = effects.actions.iter().chain(&effects.indexes);
        lines.extend(
            wanted.filter(|one| !on(one)).map(|one| format!("{name} lacks {one} on each of {things:?}")),
        );
    }
    lines
}

/// What the runtime asks, and not the code: the log, and the queue that the function is a consumer of; and the key of what it reads.
fn is_of_the_runtime(statement: &Statement) -> bool {
    ["Log", "Source", "Key"].contains(&statement.sid.as_str())
}

#[test]
fn each_function_may_do_what_its_code_does() {
    let program = program();
    let variables = &TEMPLATE["Globals"]["Function"]["Environment"]["Variables"];
    let globals: BTreeMap<String, String> =
        variables.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect();
    let mut lines = Vec::new();
    for (resource, name) in functions() {
        let of_routes = |access: &str| has_routes_for(&name, access);
        let mut wanted = wants(&program, &format!("carteiro_{name}"), &of_routes);
        // Mail is permitted by what it comes from, SMS by what a phone is not: neither has a setting's ARN.
        if let Some(mail) = wanted.of.remove("CARTEIRO_MAIL_FROM") {
            wanted.of.entry(String::new()).or_default().take(mail);
        }
        let own = &TEMPLATE["Resources"][&resource]["Properties"]["Environment"]["Variables"];
        let mut settings = globals.clone();
        settings
            .extend(own.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))));
        let role = &TEMPLATE["Resources"][format!("{resource}Role")];
        assert_eq!(role["Type"], "AWS::IAM::Role", "{resource} has no role of its own");
        lines.extend(differences(&name, &wanted, &granted(&statements(role), &settings, is_of_the_runtime)));
    }
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

#[test]
fn the_session_task_may_do_what_its_code_does() {
    let wanted = wants(&program(), "carteiro_session", &|_| true);
    let container = &SESSION["Resources"]["TaskDefinition"]["Properties"]["ContainerDefinitions"][0];
    let variables = container["Environment"].as_array().unwrap().iter();
    let settings = variables.map(|v| (v["Name"].as_str().unwrap().to_owned(), text(&v["Value"]))).collect();
    // Asked of the agent of ECS over HTTP, which asks with the task's role; and the key of tables and queues.
    let apart = |statement: &Statement| ["Protection", "Key"].contains(&statement.sid.as_str());
    let permitted = granted(&statements(&SESSION["Resources"]["TaskRole"]), &settings, apart);
    let lines = differences("session", &wanted, &permitted);
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

#[test]
fn a_function_reads_the_queues_that_it_consumes_and_writes_its_own_log() {
    for (resource, _) in functions() {
        let function = &TEMPLATE["Resources"][&resource]["Properties"];
        let all = statements(&TEMPLATE["Resources"][format!("{resource}Role")]);
        let events = function["Events"].as_object().into_iter().flatten();
        let mut consumed: Vec<String> = events
            .filter(|(_, event)| event["Type"] == "SQS")
            .map(|(_, event)| text(&event["Properties"]["Queue"]))
            .collect();
        let sources = all.iter().filter(|statement| statement.sid == "Source");
        let mut permitted = Vec::new();
        for source in sources {
            assert_eq!(source.actions, ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]);
            permitted.extend(source.resources.iter().cloned());
        }
        consumed.sort();
        permitted.sort();
        assert_eq!(permitted, consumed, "{resource}");
        let log = all.iter().find(|statement| statement.sid == "Log").unwrap();
        assert_eq!(log.actions, ["logs:CreateLogStream", "logs:PutLogEvents"]);
        assert_eq!(
            log.resources,
            [format!("{}.Arn", text(&function["LoggingConfig"]["LogGroup"]))],
            "{resource}"
        );
    }
}

#[test]
fn each_role_may_trace_and_use_the_key_and_not_change_the_trail() {
    let roles: Vec<String> = functions().into_iter().map(|(resource, _)| format!("{resource}Role")).collect();
    let key = |role: &String| {
        let own =
            statements(&TEMPLATE["Resources"][role]).into_iter().find(|statement| statement.sid == "Key");
        own.map(|statement| (statement.actions, statement.resources))
    };
    for policy in ["Traces", "KeyUse", "TrailKept"] {
        let listed = TEMPLATE["Resources"][policy]["Properties"]["Roles"].as_array().unwrap();
        let mut listed: Vec<String> = listed.iter().map(text).collect();
        let mut roles = roles.clone();
        if policy == "KeyUse" {
            // What is asked before that policy is there has the same in its role.
            let shared =
                of_document(&TEMPLATE["Resources"][policy]["Properties"]["PolicyDocument"]).remove(0);
            let as_shared = Some((shared.actions, shared.resources));
            roles.retain(|role| key(role) != as_shared);
            assert!(roles.iter().all(|role| key(role).is_none()), "a role may use the key otherwise");
        }
        listed.sort();
        roles.sort();
        assert_eq!(listed, roles, "{policy}");
    }
}

/// The templates of what runs. Not that of the deployments' own roles, which make whatever the others have.
fn templates() -> Vec<String> {
    let names = names_in("infra").into_iter();
    let nested = names.filter(|name| name.ends_with(".yaml") && name != "delivery.yaml");
    let nested = nested.map(|name| format!("infra/{name}"));
    std::iter::once("template.yaml".to_owned()).chain(nested).collect()
}

/// Actions that AWS permits on everything or nothing.
const WITHOUT_RESOURCE: [&str; 3] =
    ["ecr:GetAuthorizationToken", "xray:PutTraceSegments", "xray:PutTelemetryRecords"];

#[test]
fn nothing_is_permitted_on_everything_that_could_be_narrower() {
    let mut seen = 0;
    for path in templates() {
        let template = read(&file(&path));
        for (name, resource) in template["Resources"].as_object().unwrap() {
            let mut all = statements(resource);
            if resource["Type"] == "AWS::IAM::ManagedPolicy" {
                all.extend(of_document(&resource["Properties"]["PolicyDocument"]));
            }
            for statement in all {
                seen += 1;
                assert!(
                    !statement.actions.iter().any(|action| action.contains('*')),
                    "{path} {name} {}",
                    statement.sid
                );
                let bare = statement.resources.iter().any(|resource| resource == "*");
                let needs =
                    statement.actions.iter().all(|action| WITHOUT_RESOURCE.contains(&action.as_str()));
                assert!(!bare || needs, "{path} {name} permits {:?} on everything", statement.actions);
                // What is permitted on all but something: texts to phones, which have no ARN.
                let is_text = statement.actions == ["sns:Publish"];
                assert!(!statement.resources.is_empty() || is_text, "{path} {name} {}", statement.sid);
            }
            assert!(
                resource["Properties"]["ManagedPolicyArns"].is_null(),
                "{path} {name} has a policy of AWS's"
            );
        }
    }
    assert!(seen > 50, "the policies are read");
}
