//! One cold start of one function, measured.

use super::runtime_api::RuntimeApi;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Command;
use tokio::time::timeout;

/// No start takes longer, and no first call.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a cold start took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Started {
    /// From the process's start to its asking for an event.
    pub(crate) init: Duration,
    /// From the event to its answer.
    pub(crate) call: Duration,
    /// Processor time of both.
    pub(crate) processor: Duration,
}

/// Starts the binary with these variables and no others, hands it one event, and ends it. `between` is called once it is ready.
pub(crate) async fn start(
    binary: &Path,
    variables: &BTreeMap<String, String>,
    event: Bytes,
    between: impl FnOnce(),
) -> Result<Started, Box<dyn Error>> {
    let (api, invoker) = RuntimeApi::start().await?;
    let begun = Instant::now();
    let mut process = Command::new(binary)
        .env_clear()
        .envs(variables)
        .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "carteiro-bench")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let asked = tokio::select! {
        asked = timeout(PATIENCE, api.asked()) => asked??,
        ended = process.wait() => return Err(format!("it ended with {} before it was ready", ended?).into()),
    };
    between();
    let called = Instant::now();
    invoker.invoke(event, PATIENCE).await?;
    let call = called.elapsed();
    let processor = process.id().map(processor).transpose()?.unwrap_or_default();
    process.kill().await?;
    Ok(Started { init: asked - begun, call, processor })
}

/// What the threads of a process have used of the processors, as the kernel's scheduler counts it.
fn processor(process: u32) -> std::io::Result<Duration> {
    let mut nanoseconds = 0;
    for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += text.split(' ').next().and_then(|first| first.parse::<u64>().ok()).unwrap_or_default();
    }
    Ok(Duration::from_nanos(nanoseconds))
}
