//! The WhatsApp simulator as a process.

use crate::emulator::answers;
use crate::error::{Error, While};
use crate::http::Http;
use crate::ports::Ports;
use crate::process::{Part, Reaper};
use crate::state::State;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// What it may take to write its state down.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(10);

const START_PATIENCE: Duration = Duration::from_secs(30);

/// A simulator that runs, with its addresses as it told them.
#[derive(Debug)]
pub(crate) struct Simulator {
    pub(crate) part: Part,
    /// What takes the place of WhatsApp's WebSocket.
    pub(crate) websocket_url: String,
    /// The root of its admin API.
    pub(crate) admin_url: String,
    /// The certificate, in PEM, that vouches for its media server; another one at each start.
    pub(crate) certificate: PathBuf,
}

/// Starts it, and returns once it answers.
pub(crate) async fn start(
    program: &Path,
    state: &State,
    ports: &Ports,
    http: &Http,
    reaper: &Arc<Reaper>,
) -> Result<Simulator, Error> {
    let certificate = state.directory().join("whatsapp-media.pem");
    let mut command = Command::new(program);
    command
        .args(["--listen", &format!("127.0.0.1:{}", ports.simulator)])
        .args(["--admin", &format!("127.0.0.1:{}", ports.admin)])
        .args(["--media", &format!("127.0.0.1:{}", ports.media)])
        .arg("--media-ca")
        .arg(&certificate)
        .arg("--state")
        .arg(state.simulator());
    let (part, stdout) =
        Part::start_piped("the WhatsApp simulator", command, &state.log("simulator"), reaper)?;
    let mut lines = BufReader::new(stdout).lines();
    let line = tokio::time::timeout(START_PATIENCE, lines.next_line()).await;
    let line = line.or_cannot("start the WhatsApp simulator")?.or_cannot("start the WhatsApp simulator")?;
    let Some(line) = line else {
        return Err(part.crash(part.ended().await));
    };
    let ready: Value = serde_json::from_str(&line).unwrap_or(Value::Null);
    let (Some(websocket), Some(admin)) = (ready["websocket_url"].as_str(), ready["admin_url"].as_str())
    else {
        return Err(Error::new(
            "the WhatsApp simulator does not tell its addresses: is it of this checkout?",
        ));
    };
    answers(&part, http, &format!("{admin}/health"), START_PATIENCE).await?;
    Ok(Simulator { websocket_url: websocket.to_owned(), admin_url: admin.to_owned(), certificate, part })
}
