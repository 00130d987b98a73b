//! Execution environments: processes of one function's bootstrap.

use super::runtime_api::{Failure, Invoker, RuntimeApi};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// Why an environment did not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnvironmentError {
    /// No port, or the binary cannot be run.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What came of it.
        source: std::io::Error,
    },
}

/// One function and its processes; they end when it is dropped.
pub(crate) struct Environment {
    invoker: Invoker,
    _api: RuntimeApi,
    _processes: Vec<Child>,
}

impl Environment {
    /// Starts `processes` of the binary with these variables; their output goes to `log`.
    pub(crate) async fn start(
        binary: &Path,
        variables: &BTreeMap<String, String>,
        processes: usize,
        log: &Path,
    ) -> Result<Environment, EnvironmentError> {
        let io = |what: String| move |source| EnvironmentError::Io { what, source };
        let (api, invoker) = RuntimeApi::start().await.map_err(io("the Runtime API's port".into()))?;
        let mut children = Vec::with_capacity(processes);
        for _ in 0..processes {
            let output = std::fs::OpenOptions::new().create(true).append(true).open(log);
            let output = output.map_err(io(format!("opening {}", log.display())))?;
            let errors = output.try_clone().map_err(io(format!("opening {}", log.display())))?;
            let name = binary.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let child = Command::new(binary)
                .envs(variables)
                .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
                .env("AWS_LAMBDA_FUNCTION_NAME", name)
                .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
                .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
                .stdin(Stdio::null())
                .stdout(output)
                .stderr(errors)
                .kill_on_drop(true)
                .spawn()
                .map_err(io(format!("starting {}", binary.display())))?;
            children.push(child);
        }
        Ok(Environment { invoker, _api: api, _processes: children })
    }

    /// Invokes the function once.
    pub(crate) async fn invoke(&self, event: impl Into<Bytes>, timeout: Duration) -> Result<Bytes, Failure> {
        self.invoker.invoke(event.into(), timeout).await
    }
}
