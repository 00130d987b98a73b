//! The session task as a process of this machine; in AWS it is a Fargate task (infra/session.yaml).

use crate::deploy::Outputs;
use crate::emulator::{answers, endpoint, local_aws};
use crate::error::Error;
use crate::http::Http;
use crate::process::{Part, Reaper};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;

/// What it may take to finish what it holds, flush and release its leases. Fargate gives 120 s.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(30);

const START_PATIENCE: Duration = Duration::from_secs(60);

/// Where one of the tasks is.
#[derive(Debug)]
pub(crate) struct Place {
    /// The port of its health.
    pub(crate) health: u16,
    pub(crate) log: PathBuf,
    /// The file that says by how many seconds its clock is off.
    pub(crate) clock: Option<PathBuf>,
    /// The file that says how many of its calls to AWS fail.
    pub(crate) trouble: Option<PathBuf>,
    /// Where it reaches DynamoDB, SQS, S3 and the simulator, if not where everybody does.
    pub(crate) dynamo: Option<String>,
    pub(crate) sqs: Option<String>,
    pub(crate) s3: Option<String>,
    pub(crate) whatsapp: Option<SocketAddr>,
}

impl Place {
    pub(crate) fn health_url(&self) -> String {
        format!("http://127.0.0.1:{}/health", self.health)
    }
}

/// All that starting a task takes, so that it can be started again.
#[derive(Debug)]
pub(crate) struct SessionTask {
    pub(crate) program: PathBuf,
    pub(crate) outputs: Outputs,
    /// The port of the emulated AWS.
    pub(crate) aws: u16,
    /// The WebSocket address of the simulator and the certificate of its media server; `None` for the real WhatsApp.
    pub(crate) simulator: Option<(String, PathBuf)>,
    pub(crate) log_filter: Option<String>,
    pub(crate) directory: PathBuf,
}

impl SessionTask {
    /// Starts it, and returns once it is healthy.
    pub(crate) async fn start(
        &self,
        place: &Place,
        http: &Http,
        reaper: &Arc<Reaper>,
    ) -> Result<Part, Error> {
        let part = Part::start("the session task", self.command(place)?, &place.log, reaper)?;
        answers(&part, http, &place.health_url(), START_PATIENCE).await?;
        Ok(part)
    }

    fn command(&self, place: &Place) -> Result<Command, Error> {
        let mut command = Command::new(Path::new(&self.program));
        command.current_dir(&self.directory);
        local_aws(&mut command, &endpoint(self.aws));
        for (variable, url) in [
            ("AWS_ENDPOINT_URL_DYNAMODB", &place.dynamo),
            ("AWS_ENDPOINT_URL_SQS", &place.sqs),
            ("AWS_ENDPOINT_URL_S3", &place.s3),
        ] {
            if let Some(url) = url {
                command.env(variable, url);
            }
        }
        match &self.simulator {
            Some((url, certificate)) => {
                let own = place.whatsapp.map(|address| format!("ws://{address}/ws/chat"));
                command
                    .env("CARTEIRO_WHATSAPP", format!("simulator:{}", own.as_ref().unwrap_or(url)))
                    .env("CARTEIRO_WHATSAPP_CA", certificate)
            }
            None => command.env("CARTEIRO_WHATSAPP", "live"),
        };
        if let Some(clock) = &place.clock {
            command.env("CARTEIRO_CLOCK_OFFSET_FILE", clock);
        }
        if let Some(trouble) = &place.trouble {
            command.env("CARTEIRO_AWS_TROUBLE_FILE", trouble);
        }
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
            ("CARTEIRO_TIME_ZONE", "TimeZone"),
        ] {
            command.env(variable, self.outputs.get(output)?);
        }
        let plans = self.outputs.get("Plans")?;
        match self.simulator {
            Some(_) => command.env("CARTEIRO_PLANS", unpaced(plans)?),
            None => command.env("CARTEIRO_PLANS", plans),
        };
        command.env("CARTEIRO_HEALTH_ADDR", format!("127.0.0.1:{}", place.health));
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

/// The plans with a pace that nobody notices where they have none of their own: the simulator bans nobody, and who tries it out
/// does not want to wait.
fn unpaced(plans: &str) -> Result<String, Error> {
    let mut plans: Value = serde_json::from_str(plans).map_err(|_| Error::new("the plans are no JSON"))?;
    for plan in plans.as_object_mut().into_iter().flat_map(|plans| plans.values_mut()) {
        if plan.get("pace").is_none() {
            plan["pace"] = json!({"per_minute": 600_000, "burst": 100_000, "jitter_ms": 0});
        }
    }
    Ok(plans.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plan_with_a_pace_of_its_own_keeps_to_one() {
        let plans = r#"{"a":{"workers":1},"b":{"workers":1,"pace":{"per_minute":6}}}"#;
        let plans: Value = serde_json::from_str(&unpaced(plans).unwrap()).unwrap();
        assert_eq!(
            (&plans["a"]["pace"]["burst"], &plans["b"]["pace"]),
            (&json!(100_000), &json!({"per_minute": 6}))
        );
        assert!(unpaced("x").is_err());
    }
}
