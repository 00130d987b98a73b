//! The system's own functions, taken out of the emulation: same binaries, same variables, run by [`super::Environment`]s.

use super::Environment;
use carteiro_local::{Error, Http, System};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The emulation wants to know who asks, and takes their word for it: it looks at the key's name and at no signature.
const CREDENTIAL: (&str, &str) = (
    "Authorization",
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0",
);

/// Where cargo put the functions' binaries.
fn binary(built: &str, name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
    target.join(built).join(format!("carteiro-{name}"))
}

/// Starts `processes` of each of the functions, with the variables that the stack gave them and `filter` as `RUST_LOG`.
pub(crate) async fn start(
    system: &System,
    built: &str,
    names: &[&'static str],
    processes: usize,
    filter: &str,
) -> Result<BTreeMap<&'static str, Arc<Environment>>, Box<dyn std::error::Error>> {
    let mut started = BTreeMap::new();
    for name in names {
        let mut variables = deployed_variables(system, name).await?;
        variables.insert("RUST_LOG".into(), filter.into());
        for (name, value) in [
            ("AWS_ENDPOINT_URL", system.aws_endpoint().as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ] {
            variables.insert(name.into(), value.into());
        }
        let log = system.logs().join(format!("bench-{name}.log"));
        started.insert(
            *name,
            Arc::new(Environment::start(&binary(built, name), &variables, processes, &log).await?),
        );
    }
    Ok(started)
}

/// The functions as the emulation tells of them.
async fn deployed(system: &System) -> Result<Vec<Value>, Error> {
    let url = format!("{}/2015-03-31/functions/", system.aws_endpoint());
    let mut answer = Http::new().request("GET", &url, &[CREDENTIAL], Vec::new()).await?.json();
    Ok(answer["Functions"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

/// The variables of the deployed function of that name.
async fn deployed_variables(system: &System, name: &str) -> Result<BTreeMap<String, String>, Error> {
    let (all, suffix) = (deployed(system).await?, format!("-{name}"));
    let function =
        all.iter().find(|f| f["FunctionName"].as_str().is_some_and(|full| full.ends_with(&suffix)));
    let variables = function.map(|f| f["Environment"]["Variables"].clone()).unwrap_or(Value::Null);
    Ok(serde_json::from_value(variables).unwrap_or_default())
}

/// Has the functions that the emulation runs log as `filter` says, from their next start on.
pub(crate) async fn log(system: &System, filter: &str) -> Result<(), Error> {
    for mut function in deployed(system).await? {
        let name = function["FunctionName"].as_str().unwrap_or_default();
        let url = format!("{}/2015-03-31/functions/{name}/configuration", system.aws_endpoint());
        let mut variables = function["Environment"]["Variables"].take();
        variables["RUST_LOG"] = filter.into();
        let change = json!({"Environment": {"Variables": variables}});
        Http::new().json("PUT", &url, &[CREDENTIAL], &change).await?;
    }
    Ok(())
}

/// Stops the emulation's own event source of the `sends` queue, so that ours is the only one.
pub(crate) async fn disable_event_sources(system: &System) -> Result<(), Error> {
    let http = Http::new();
    let root = format!("{}/2015-03-31/event-source-mappings/", system.aws_endpoint());
    let sources = http.request("GET", &root, &[CREDENTIAL], Vec::new()).await?.json();
    for source in sources["EventSourceMappings"].as_array().into_iter().flatten() {
        if let Some(id) = source["UUID"].as_str() {
            http.json("PUT", &format!("{root}{id}"), &[CREDENTIAL], &json!({"Enabled": false})).await?;
        }
    }
    Ok(())
}
