//! The stack is updated, as by the next version: what tenants have is still there, and what runs goes on.

use crate::aws::{config, objects, template_key};
use crate::until::{until, until_seen};
use crate::world::World;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{Capability, ChangeSetStatus, ChangeSetType, Parameter};
use aws_sdk_s3::primitives::ByteStream;
use carteiro_local::{STACK, STACK_PARAMETERS, TEMPLATE_BUCKET};

const WORKER: &str = "5511988880071";
const CONTACT: &str = "5511977770071";
const NEXT: &str = "template-next.yaml";
const CHANGES: &str = "next";

/// Puts a next version of the template beside the one that was deployed: every function has another timeout, and the sweeper's
/// schedule another description. The nested stacks stay as they are: where one changes, the emulation loses the attributes of what does
/// not, and the update fails there that AWS would make. What an update may do to tables and secrets is held in `tests/template/kept.rs`.
async fn next_template(world: &World) -> String {
    let objects = objects(world);
    let key = template_key(&objects).await;
    let text = objects.get_object().bucket(TEMPLATE_BUCKET).key(key).send().await.unwrap();
    let text = text.body.collect().await.unwrap().into_bytes();
    let text = String::from_utf8(text.to_vec()).unwrap();
    assert!(text.contains("\n    Timeout: 10\n"), "the functions' timeout stands in the template");
    let next = text.replace("\n    Timeout: 10\n", "\n    Timeout: 11\n");
    let body = ByteStream::from(next.into_bytes());
    objects.put_object().bucket(TEMPLATE_BUCKET).key(NEXT).body(body).send().await.unwrap();
    format!("{}/{TEMPLATE_BUCKET}/{NEXT}", world.aws_endpoint())
}

/// Updates the stack by a change set, and waits for its end; answers what was changed.
async fn update(world: &World) -> Vec<String> {
    let client = Client::new(&config(world));
    let parameter =
        |key: &str, value: &str| Parameter::builder().parameter_key(key).parameter_value(value).build();
    let create = client.create_change_set().stack_name(STACK).change_set_name(CHANGES);
    let create = create.change_set_type(ChangeSetType::Update).template_url(next_template(world).await);
    let as_before = STACK_PARAMETERS.map(|(key, value)| parameter(key, value));
    let create = create.set_parameters(Some(as_before.to_vec()));
    let create = create.parameters(parameter("RequestsPerSecond", "400"));
    let create = create
        .capabilities(Capability::CapabilityIam)
        .capabilities(Capability::CapabilityNamedIam)
        .capabilities(Capability::CapabilityAutoExpand);
    create.send().await.unwrap();
    let set = until("the change set is ready", async || {
        let set = client.describe_change_set().stack_name(STACK).change_set_name(CHANGES);
        let set = set.send().await.unwrap();
        assert_ne!(set.status(), Some(&ChangeSetStatus::Failed), "{:?}", set.status_reason());
        (set.status() == Some(&ChangeSetStatus::CreateComplete)).then_some(set)
    })
    .await;
    let changed = set.changes().iter().filter_map(|change| change.resource_change()?.logical_resource_id());
    let changed = changed.map(str::to_owned).collect();
    client.execute_change_set().stack_name(STACK).change_set_name(CHANGES).send().await.unwrap();
    until_seen("the stack is updated", async || {
        let found = client.describe_stacks().stack_name(STACK).send().await.unwrap();
        let stack = found.stacks()[0].clone();
        let status = stack.stack_status().unwrap().as_str().to_owned();
        assert!(!status.contains("FAILED") && !status.contains("ROLLBACK"), "{status}");
        let has = |key, value| stack.parameters().contains(&parameter(key, value));
        let done = status == "UPDATE_COMPLETE" && has("RequestsPerSecond", "400");
        if done { Ok(()) } else { Err(status) }
    })
    .await;
    changed
}

#[tokio::test]
async fn an_update_of_the_stack_keeps_what_there_is() {
    let world = World::start().await;
    let tenant = world.tenant("ziraldo@exemplo.com.br", "5511999990071").await;
    world.contact(CONTACT).await;
    tenant.pair(WORKER).await;
    let before = tenant.send(WORKER, CONTACT, "antes").await;
    tenant.status(&before, "entregue").await;

    let changed = update(&world).await;
    assert!(changed.iter().any(|name| name == "SendsFunction"), "{changed:?}");
    assert!(!changed.iter().any(|name| ["Data", "Secrets"].contains(&name.as_str())), "{changed:?}");

    tenant.connected(WORKER).await;
    assert_eq!(tenant.look(&before).await["status"], "entregue");
    let after = tenant.send(WORKER, CONTACT, "depois").await;
    tenant.status(&after, "entregue").await;
    assert_eq!(crate::contact::Contact::new(&world, CONTACT).texts(2).await, ["antes", "depois"]);
    assert_eq!(tenant.report(WORKER).await.len(), 2);
    // The operator's token is the one that it was.
    assert_eq!(world.operate("GET", "/v2/operator/users", None).await.status, 200);
    world.stop().await;
}
