//! `carteiro-simulator`: the WhatsApp server for tests and trials, as a process.

use std::net::SocketAddr;
use std::process::ExitCode;

use carteiro_simulator::{Config, Simulator};
use tokio::io::AsyncWriteExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

const USAGE: &str = "usage: carteiro-simulator [--listen 127.0.0.1:PORT] [--admin 127.0.0.1:PORT] [--media 127.0.0.1:PORT] \
     [--media-ca FILE] [--state FILE]";

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut stderr = tokio::io::stderr();
            let _ = stderr.write_all(format!("carteiro-simulator: {error}\n").as_bytes()).await;
            let _ = stderr.flush().await;
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let config = config(std::env::args().skip(1))?;
    let (mut terminated, mut interrupted) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let simulator = Simulator::start(config).await?;
    // One line, for whoever started this and asked for free ports.
    let ready = serde_json::json!({
        "listen": simulator.listen_address().to_string(),
        "admin": simulator.admin_address().to_string(),
        "media": simulator.media_address().to_string(),
        "websocket_url": simulator.websocket_url(),
        "secure_websocket_url": simulator.secure_websocket_url(),
        "admin_url": simulator.admin_url(),
        "root_key": simulator.root_key().iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
    });
    let mut stdout = tokio::io::stdout();
    stdout.write_all(format!("{ready}\n").as_bytes()).await?;
    stdout.flush().await?;
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    Ok(simulator.shutdown().await?)
}

fn config(mut arguments: impl Iterator<Item = String>) -> Result<Config, String> {
    let mut config = Config::default();
    while let Some(name) = arguments.next() {
        if name == "--help" {
            return Err(USAGE.to_owned());
        }
        let value = arguments.next().ok_or_else(|| format!("{name} wants a value; {USAGE}"))?;
        match name.as_str() {
            "--listen" => config.listen = address(&value)?,
            "--admin" => config.admin = address(&value)?,
            "--media" => config.media = address(&value)?,
            "--media-ca" => config.media_ca = Some(value.into()),
            "--state" => config.state = Some(value.into()),
            _ => return Err(format!("{name} is unknown; {USAGE}")),
        }
    }
    Ok(config)
}

fn address(value: &str) -> Result<SocketAddr, String> {
    value.parse().map_err(|_| format!("{value} is not an address with a port, such as 127.0.0.1:8180"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Config, String> {
        config(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn arguments_are_read_and_refused() {
        let arguments = ["--listen", "127.0.0.1:8180", "--state", "file", "--media-ca", "ca.pem"];
        let config = parsed(&arguments).unwrap();
        assert_eq!(config.listen.port(), 8180);
        assert_eq!(config.state.as_deref(), Some(std::path::Path::new("file")));
        assert_eq!(config.media_ca.as_deref(), Some(std::path::Path::new("ca.pem")));
        assert!(parsed(&["--listen"]).is_err());
        assert!(parsed(&["--listen", "8180"]).is_err());
        assert!(parsed(&["--colour", "red"]).is_err());
    }
}
