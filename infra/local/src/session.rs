//! The session task as a process of this machine; in AWS it is a Fargate task (infra/session.yaml).

use crate::deploy::Outputs;
use crate::emulator::{answers, endpoint, local_aws};
use crate::error::Error;
use crate::http::Http;
use crate::ports::Ports;
use crate::process::{Part, Reaper};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;

/// What it may take to finish what it holds, flush and release its leases. Fargate gives 120 s.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(30);

const START_PATIENCE: Duration = Duration::from_secs(60);

/// All that starting the task takes, so that it can be started again.
#[derive(Debug)]
pub(crate) struct SessionTask {
    pub(crate) program: PathBuf,
    pub(crate) outputs: Outputs,
    pub(crate) ports: Ports,
    /// The WebSocket address of the simulator and the certificate of its media server; `None` for the real WhatsApp.
    pub(crate) simulator: Option<(String, PathBuf)>,
    pub(crate) log: PathBuf,
    pub(crate) log_filter: Option<String>,
    pub(crate) directory: PathBuf,
}

impl SessionTask {
    /// Starts it, and returns once it is healthy.
    pub(crate) async fn start(&self, http: &Http, reaper: &Arc<Reaper>) -> Result<Part, Error> {
        let part = Part::start("the session task", self.command()?, &self.log, reaper)?;
        let health = format!("http://127.0.0.1:{}/health", self.ports.health);
        answers(&part, http, &health, START_PATIENCE).await?;
        Ok(part)
    }

    fn command(&self) -> Result<Command, Error> {
        let mut command = Command::new(Path::new(&self.program));
        command.current_dir(&self.directory);
        local_aws(&mut command, &endpoint(self.ports.aws));
        match &self.simulator {
            Some((url, certificate)) => command
                .env("CARTEIRO_WHATSAPP", format!("simulator:{url}"))
                .env("CARTEIRO_WHATSAPP_CA", certificate),
            None => command.env("CARTEIRO_WHATSAPP", "live"),
        };
        for (variable, output) in [
            ("CARTEIRO_ACCOUNTS_TABLE", "AccountsTable"),
            ("CARTEIRO_SENDS_TABLE", "SendsTable"),
            ("CARTEIRO_SESSIONS_TABLE", "SessionsTable"),
            ("CARTEIRO_CHATS_TABLE", "ChatsTable"),
            ("CARTEIRO_WEBHOOKS_TABLE", "WebhooksTable"),
            ("CARTEIRO_EVENTS_QUEUE_URL", "EventsQueueUrl"),
            ("CARTEIRO_MEDIA_QUEUE_URL", "MediaQueueUrl"),
            ("CARTEIRO_MEDIA_BUCKET", "MediaBucket"),
            ("CARTEIRO_SESSION_QUEUE_PREFIX", "SessionQueuePrefix"),
            ("CARTEIRO_SHARD_COUNT", "ShardCount"),
        ] {
            command.env(variable, self.outputs.get(output)?);
        }
        command.env("CARTEIRO_HEALTH_ADDR", format!("127.0.0.1:{}", self.ports.health));
        match &self.log_filter {
            Some(filter) => {
                command.env("RUST_LOG", filter);
            }
            None if std::env::var_os("RUST_LOG").is_none() => {
                command.env("RUST_LOG", "info");
            }
            None => {}
        }
        Ok(command)
    }
}
