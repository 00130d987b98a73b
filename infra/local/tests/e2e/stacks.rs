//! Every resource of every template is deployed to the emulated AWS, in a stack with all that parameters turn on.

use crate::aws::{config, objects, template_key};
use crate::until::until_seen;
use crate::world::World;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{Capability, Parameter, ResourceStatus, StackStatus};
use carteiro_local::{STACK_PARAMETERS, TEMPLATE_BUCKET};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[path = "../permissions/yaml.rs"]
mod yaml;

/// The name of the stack; beside that of the system, which has what parameters have by default.
const STACK: &str = "completo";

/// What turns the rest on.
const PARAMETERS: [(&str, &str); 8] = [
    ("AlarmEmail", "alarmes@exemplo.com.br"),
    ("CertificateArn", "arn:aws:acm:us-east-1:000000000000:certificate/6f1c2a3e-0000-4000-8000-000000000071"),
    ("DeletionProtection", "true"),
    ("DomainName", "api.exemplo.com.br"),
    ("MailFrom", "completo@exemplo.com.br"),
    ("PrivateSubnets", "true"),
    ("SmsBudget", "10"),
    ("UseCustomerKey", "true"),
];

/// What is not there.
const LEFT_OUT: [&str; 7] = [
    // There is no zone to enter the domain in.
    "DomainRecord",
    // The emulation's CloudFormation knows no rotation of secrets,
    "RotationSchedule",
    // and no Application Auto Scaling.
    "ScalableService",
    "ScalingBySessions",
    // ECS is asked for no task that could be missed, or be short of something.
    "SessionCpu",
    "SessionMemory",
    "SessionsGone",
];

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The paths of all templates.
pub(crate) fn templates() -> Vec<String> {
    let names = std::fs::read_dir(file("infra")).unwrap().map(|entry| entry.unwrap().file_name());
    let nested = names.map(|name| name.into_string().unwrap()).filter(|name| name.ends_with(".yaml"));
    nested.map(|name| format!("infra/{name}")).chain(["template.yaml".to_owned()]).collect()
}

/// The resources of a template, by name.
pub(crate) fn resources_of(template: &str) -> BTreeMap<String, Value> {
    let template = yaml::read(&std::fs::read_to_string(file(template)).unwrap());
    template["Resources"].as_object().unwrap().clone().into_iter().collect()
}

async fn deploy(world: &World, client: &Client) {
    let key = template_key(&objects(world)).await;
    let parameter = |(key, value): &(&str, &str)| {
        Parameter::builder().parameter_key(*key).parameter_value(*value).build()
    };
    let parameters = STACK_PARAMETERS.iter().chain(&PARAMETERS).map(parameter).collect();
    let create = client.create_stack().stack_name(STACK).set_parameters(Some(parameters));
    let create = create
        .template_url(format!("{}/{TEMPLATE_BUCKET}/{key}", world.aws_endpoint()))
        .capabilities(Capability::CapabilityIam)
        .capabilities(Capability::CapabilityNamedIam)
        .capabilities(Capability::CapabilityAutoExpand);
    create.send().await.unwrap();
    made(client, STACK).await;
}

/// Waits until a stack is there.
async fn made(client: &Client, stack: &str) {
    until_seen("the stack is there", async || {
        let found = client.describe_stacks().stack_name(stack).send().await.unwrap();
        match found.stacks()[0].stack_status() {
            Some(StackStatus::CreateComplete) => Ok(()),
            Some(StackStatus::CreateInProgress) => Err("it is being made"),
            other => panic!("{other:?}: {}", failure(client, stack).await),
        }
    })
    .await;
}

/// What failed, and why.
async fn failure(client: &Client, stack: &str) -> String {
    let events = client.describe_stack_events().stack_name(stack).send().await.unwrap();
    let failed = events.stack_events().iter().filter(|event| {
        event.resource_status().is_some_and(|status| *status == ResourceStatus::CreateFailed)
    });
    failed
        .map(|event| format!("{:?}: {:?}", event.logical_resource_id(), event.resource_status_reason()))
        .collect()
}

/// What a stack has, by name, with its id.
async fn deployed(client: &Client, stack: &str) -> BTreeMap<String, String> {
    let listed = client.list_stack_resources().stack_name(stack).into_paginator().items().send();
    let listed = listed.collect::<Result<Vec<_>, _>>().await.unwrap();
    let made = listed.iter().filter(|one| one.resource_status() == Some(&ResourceStatus::CreateComplete));
    let named = |id: Option<&str>| id.unwrap().to_owned();
    made.map(|one| (named(one.logical_resource_id()), named(one.physical_resource_id()))).collect()
}

/// The subnets that the network hands on are the private ones, which have a route by the NAT gateway.
async fn the_tasks_are_in_private_subnets(client: &Client, network: &str) {
    let made = deployed(client, network).await;
    let found = client.describe_stacks().stack_name(network).send().await.unwrap();
    let outputs = found.stacks()[0].outputs().iter();
    let subnets = outputs.filter(|output| output.output_key() == Some("SubnetIds"));
    let subnets: Vec<&str> = subnets.filter_map(|output| output.output_value()).collect();
    assert_eq!(subnets, [format!("{},{}", made["PrivateSubnetA"], made["PrivateSubnetB"])]);
    assert!(made["PrivateDefaultRoute"].starts_with(&made["PrivateRoutes"]), "{made:?}");
    assert!(made["NatGateway"].starts_with("nat-"), "{made:?}");
}

/// What stands in front of the API, if somebody wants it, is a stack of its own.
#[tokio::test]
async fn every_resource_of_the_front_is_deployed() {
    let world = World::start().await;
    let client = Client::new(&config(&world));
    let host = Parameter::builder().parameter_key("ApiHost").parameter_value("api.exemplo.com.br").build();
    let template = std::fs::read_to_string(file("infra/front.yaml")).unwrap();
    let create = client.create_stack().stack_name("frente").template_body(template).parameters(host);
    create.send().await.unwrap();
    made(&client, "frente").await;
    let there = deployed(&client, "frente").await;
    let wanted = resources_of("infra/front.yaml");
    assert_eq!(there.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    world.stop().await;
}

#[tokio::test]
async fn every_resource_of_the_templates_is_deployed() {
    let world = World::start().await;
    let client = Client::new(&config(&world));
    deploy(&world, &client).await;
    let mut missing = BTreeSet::new();
    let mut nested = 0;
    let outer = deployed(&client, STACK).await;
    for (name, resource) in resources_of("template.yaml") {
        let Some(id) = outer.get(&name) else {
            missing.insert(name);
            continue;
        };
        if resource["Type"] == "AWS::CloudFormation::Stack" {
            let template = yaml::text(&resource["Properties"]["TemplateURL"]);
            let inner = deployed(&client, id).await;
            missing.extend(resources_of(&template).into_keys().filter(|name| !inner.contains_key(name)));
            nested += 1;
        }
    }
    assert_eq!(missing, LEFT_OUT.map(str::to_owned).into());
    assert_eq!(nested, 8, "nested stacks");
    the_tasks_are_in_private_subnets(&client, &outer["Network"]).await;
    world.stop().await;
}
