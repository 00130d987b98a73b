//! The change set, and what the stack puts out.

use super::{Clients, Package, routes};
use crate::error::{Error, While};
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::{Capability, ChangeSetStatus, ChangeSetType, Parameter};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The name of the local stack; every name in the emulated AWS begins with it.
pub const STACK: &str = "carteiro";

const PATIENCE: Duration = Duration::from_secs(120);

/// What the stack puts out, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outputs(BTreeMap<String, String>);

impl Outputs {
    /// One of template.yaml's outputs.
    pub(crate) fn get(&self, name: &str) -> Result<&str, Error> {
        let value = self.0.get(name);
        value.map(String::as_str).ok_or_else(|| Error::new(format!("template.yaml puts out no {name}")))
    }
}

/// Brings the stack to what the package says, and the API's routes with it; `changed` are the parameters that are not to be as
/// [`STACK_PARAMETERS`] and the template have them. Does nothing where `note`, a file, says that this very package was deployed
/// already, with the same, and the stack is whole.
pub(crate) async fn deploy(
    clients: &Clients,
    package: &Package,
    changed: &[(&str, String)],
    note: &Path,
) -> Result<Outputs, Error> {
    let before = describe(clients).await?;
    let noted = changed.iter().fold(package.name(), |noted, (name, value)| noted + "\n" + name + "=" + value);
    let unchanged = std::fs::read_to_string(note).is_ok_and(|deployed| deployed == noted);
    if let Some((status, outputs)) = &before {
        if unchanged && status.ends_with("_COMPLETE") && !status.contains("ROLLBACK") {
            return Ok(outputs.clone());
        }
        if status.contains("ROLLBACK") || status.contains("FAILED") {
            return Err(Error::new(format!(
                "an earlier deployment here ended as {status}: start again with --fresh"
            )));
        }
    }
    package.upload(clients).await?;
    let kind = if before.is_some() { ChangeSetType::Update } else { ChangeSetType::Create };
    if change(clients, package, parameters(changed), kind).await? {
        wait(clients).await?;
    }
    let (_, outputs) = describe(clients).await?.ok_or_else(|| Error::new("the stack is gone"))?;
    routes::create(clients, STACK, outputs.get("ApiId")?, ORIGINS).await?;
    std::fs::write(note, noted).or_cannot("note what was deployed")?;
    Ok(outputs)
}

/// The status of the stack and its outputs; `None` where there is none.
async fn describe(clients: &Clients) -> Result<Option<(String, Outputs)>, Error> {
    let found = match clients.cloudformation.describe_stacks().stack_name(STACK).send().await {
        Ok(found) => found,
        // CloudFormation's way to say that there is no such stack.
        Err(error) if error.code() == Some("ValidationError") => return Ok(None),
        Err(error) => return Err(aws_sdk_cloudformation::Error::from(error)).or_cannot("look at the stack"),
    };
    let Some(stack) = found.stacks().first() else { return Ok(None) };
    let outputs = stack
        .outputs()
        .iter()
        .filter_map(|output| Some((output.output_key()?.to_owned(), output.output_value()?.to_owned())))
        .collect();
    let status = stack.stack_status().map(|status| status.as_str().to_owned()).unwrap_or_default();
    Ok(Some((status, Outputs(outputs))))
}

/// Makes and executes the change set. Answers whether there was anything to change.
async fn change(
    clients: &Clients,
    package: &Package,
    parameters: Vec<Parameter>,
    kind: ChangeSetType,
) -> Result<bool, Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let name = format!("local-{}", now.as_millis());
    let created = clients
        .cloudformation
        .create_change_set()
        .stack_name(STACK)
        .change_set_name(&name)
        .change_set_type(kind)
        .template_url(&package.template_url)
        .set_parameters(Some(parameters))
        .capabilities(Capability::CapabilityIam)
        .capabilities(Capability::CapabilityNamedIam)
        .capabilities(Capability::CapabilityAutoExpand)
        .send()
        .await;
    created.map_err(aws_sdk_cloudformation::Error::from).or_cannot("deploy template.yaml")?;
    let began = Instant::now();
    loop {
        let set = clients
            .cloudformation
            .describe_change_set()
            .stack_name(STACK)
            .change_set_name(&name)
            .send()
            .await
            .map_err(aws_sdk_cloudformation::Error::from)
            .or_cannot("look at the change set")?;
        let reason = set.status_reason().unwrap_or_default();
        match set.status() {
            Some(ChangeSetStatus::CreateComplete) => break,
            Some(ChangeSetStatus::Failed) if reason.contains("didn't contain changes") => {
                let gone = clients.cloudformation.delete_change_set();
                let gone = gone.stack_name(STACK).change_set_name(&name).send().await;
                gone.map_err(aws_sdk_cloudformation::Error::from).or_cannot("drop an empty change set")?;
                return Ok(false);
            }
            Some(ChangeSetStatus::Failed) => {
                return Err(Error::new(format!("template.yaml cannot be deployed: {reason}")));
            }
            _ if began.elapsed() > PATIENCE => {
                return Err(Error::new("the change set of template.yaml does not get ready"));
            }
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    let execute = clients.cloudformation.execute_change_set();
    let executed = execute.stack_name(STACK).change_set_name(&name).send().await;
    executed.map_err(aws_sdk_cloudformation::Error::from).or_cannot("execute the change set")?;
    Ok(true)
}

/// Where pages under development usually are.
const ORIGINS: &str = "http://localhost:3000,http://localhost:5173";

/// The parameters that are set here, by name. The emulation knows no schedule by which Secrets Manager replaces the key of JWTs, and
/// refuses a stack that has one. And it holds a mail against no identity's ARN, as AWS does, but against `*`. The session task's
/// network and service are there, for an image that nobody pulls: no task is wanted of ECS, they are processes of this machine. Pages
/// that are developed on this machine may call.
pub const STACK_PARAMETERS: [(&str, &str); 6] = [
    ("CorsOrigins", ORIGINS),
    ("CreateVpc", "true"),
    ("JwtRotationDays", "0"),
    ("MailIdentityArn", "*"),
    ("SessionImage", "carteiro-session:local"),
    ("SessionTasks", "0"),
];

/// The parameter `Rates` that lets every caller come as often, at whichever group of routes: so many requests a minute, and so many
/// at once.
pub fn rates(per_minute: u32, burst: u32) -> String {
    let groups = ["public", "users", "numbers", "sends", "sessions", "receivers", "reports"];
    let rate = json!({"per_minute": per_minute, "burst": burst});
    groups.map(|group| (group, rate.clone())).into_iter().collect::<Value>().to_string()
}

fn parameters(changed: &[(&str, String)]) -> Vec<Parameter> {
    let changed = changed.iter().map(|(key, value)| (*key, value.as_str()));
    let all: BTreeMap<&str, &str> = STACK_PARAMETERS.into_iter().chain(changed).collect();
    let set = |(key, value)| Parameter::builder().parameter_key(key).parameter_value(value).build();
    all.into_iter().map(set).collect()
}

async fn wait(clients: &Clients) -> Result<(), Error> {
    let began = Instant::now();
    loop {
        let status = describe(clients).await?.map(|(status, _)| status).unwrap_or_default();
        if status.ends_with("_IN_PROGRESS") && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        if status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE" {
            return Ok(());
        }
        // The emulation loses the attributes of what stays as it is when a nested stack changes, so an update can fail there
        // that AWS would make.
        let hint =
            if status.contains("UPDATE") { "; --fresh starts without the earlier deployment" } else { "" };
        return Err(Error::new(format!("template.yaml ended as {status}: {}{hint}", reasons(clients).await)));
    }
}

/// What failed first, with its reason.
async fn reasons(clients: &Clients) -> String {
    let events = clients.cloudformation.describe_stack_events().stack_name(STACK).send().await;
    let Ok(events) = events else { return "its events cannot be read".to_owned() };
    let failed = events.stack_events().iter().rev().find(|event| {
        event.resource_status().is_some_and(|status| status.as_str().ends_with("_FAILED"))
            && event.resource_status_reason().is_some()
    });
    failed.map_or_else(
        || "no event says why".to_owned(),
        |event| {
            format!(
                "{}: {}",
                event.logical_resource_id().unwrap_or_default(),
                event.resource_status_reason().unwrap_or_default()
            )
        },
    )
}
