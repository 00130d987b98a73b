//! The emulated AWS: ministack, on loopback, its state kept on disk.

use crate::error::Error;
use crate::http::Http;
use crate::origins::Origins;
use crate::process::{Part, Reaper};
use crate::state::State;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;

/// The region that everything local says it is in.
pub(crate) const REGION: &str = "us-east-1";

/// What it may take to write its state down when it ends. It writes only then.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(30);

/// What starts it.
const SCRIPT: &str = include_str!("emulator.py");

const START_PATIENCE: Duration = Duration::from_secs(60);

/// Starts it, and returns once it answers. The functions are its children and get its environment: they reach AWS at
/// `for_functions`.
pub(crate) async fn start(
    python: &Path,
    state: &State,
    port: u16,
    for_functions: &str,
    origins: Option<&Origins>,
    http: &Http,
    reaper: &Arc<Reaper>,
) -> Result<Part, Error> {
    let endpoint = endpoint(port);
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT]).current_dir(state.directory());
    local_aws(&mut command, for_functions);
    command
        .env("GATEWAY_PORT", port.to_string())
        // Unless told so, it listens on every interface, and for MQTT and SFTP as well.
        .env("BIND_HOST", "127.0.0.1")
        .env("MINISTACK_HOST", "127.0.0.1")
        .env("IOT_MTLS_ENABLED", "0")
        .env("SFTP_ENABLED", "0")
        .env("MINISTACK_REGION", REGION)
        .env("PERSIST_STATE", "1")
        .env("STATE_DIR", state.aws().join("state"))
        .env("S3_PERSIST", "1")
        .env("S3_DATA_DIR", state.aws().join("s3"))
        .env("TMPDIR", state.temporary())
        // A function may do what its policies in template.yaml say, and no more.
        .env("AUTH", "true")
        // Its pool of warm functions ends idle ones; a person who tries things out takes longer than its five minutes.
        .env("LAMBDA_WARM_TTL_SECONDS", "3600")
        // At INFO it writes each text message out, one-time password and all.
        .env("LOG_LEVEL", "WARNING")
        .env("PYTHONUNBUFFERED", "1");
    if let Some(origins) = origins {
        origins.tell(&mut command);
    }
    let part = Part::start("the emulated AWS", command, &state.log("aws"), reaper)?;
    let health = format!("{endpoint}/_ministack/health");
    answers(&part, http, &health, START_PATIENCE).await?;
    Ok(part)
}

/// Where it is reached.
pub(crate) fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Points a process at the emulated AWS, and at no other: a developer's own credentials and proxies are kept out.
pub(crate) fn local_aws(command: &mut Command, endpoint: &str) {
    for name in [
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_CA_BUNDLE",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "AWS_ENDPOINT_URL_SQS",
        "AWS_ENDPOINT_URL_S3",
    ] {
        command.env_remove(name);
    }
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("NO_PROXY", "127.0.0.1,localhost")
        .env("no_proxy", "127.0.0.1,localhost");
}

/// Waits until `url` answers with a success, or `part` has ended.
pub(crate) async fn answers(part: &Part, http: &Http, url: &str, patience: Duration) -> Result<(), Error> {
    let asked = async {
        loop {
            if http.get(url).await.is_ok_and(|answer| answer.status < 300) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        status = part.ended() => Err(part.crash(status)),
        asked = tokio::time::timeout(patience, asked) => asked.map_err(|_| {
            Error::new(format!("{} did not get ready within {} s; see its log", part.name(), patience.as_secs()))
        }),
    }
}
