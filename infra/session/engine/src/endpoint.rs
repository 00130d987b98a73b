//! Which WhatsApp to talk to.

use crate::certificate;
use std::net::SocketAddr;
use std::str::FromStr;

/// Where sessions connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// WhatsApp itself.
    Live,
    /// The project's own server, on this machine. Exists only with the cargo feature `simulator`.
    Simulator {
        /// Its WebSocket address, such as `ws://127.0.0.1:8123/ws/chat`, or `wss://…`, over TLS.
        ws_url: String,
    },
}

/// Why sessions cannot connect to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Neither `live` nor `simulator:ws://127.0.0.1:PORT/ws/chat`.
    #[error("the endpoint is neither `live` nor `simulator:ws://127.0.0.1:PORT/ws/chat`")]
    Unknown,
    /// The simulator must be on this machine.
    #[error("the simulator's host must be a loopback address, such as 127.0.0.1")]
    NotLoopback,
    /// The binary was built without the simulator.
    #[error(
        "this binary was built without the feature `simulator`, so it talks to WhatsApp only: use `live`"
    )]
    SimulatorNotBuilt,
    /// The binary was built for the simulator: it does not check who the server is.
    #[error(
        "this binary was built with the feature `simulator`, which skips the check of the server's certificates: build it without for `live`"
    )]
    BuiltForSimulator,
}

impl Endpoint {
    /// Whether this binary may connect there.
    ///
    /// The library's switch that skips the check of the server's certificate chain is a compile-time feature, so a binary is
    /// built either for the simulator or for WhatsApp and refuses the other. Cargo can turn such a feature on from anywhere in
    /// a workspace; so for WhatsApp the check itself is tried, too.
    pub fn check(&self) -> Result<(), EndpointError> {
        let for_simulator = cfg!(feature = "simulator");
        match self {
            Endpoint::Live if for_simulator || certificate::forgery_passes() => {
                Err(EndpointError::BuiltForSimulator)
            }
            Endpoint::Live => Ok(()),
            Endpoint::Simulator { .. } if !for_simulator => Err(EndpointError::SimulatorNotBuilt),
            Endpoint::Simulator { ws_url } => check_loopback(ws_url),
        }
    }
}

/// The host must be a loopback address in figures: a name could resolve to anything by the time it is dialled.
fn check_loopback(ws_url: &str) -> Result<(), EndpointError> {
    let rest = ws_url.strip_prefix("wss://").or_else(|| ws_url.strip_prefix("ws://"));
    let rest = rest.ok_or(EndpointError::Unknown)?;
    let authority = rest.split('/').next().unwrap_or_default();
    let address: SocketAddr = authority.parse().map_err(|_| EndpointError::NotLoopback)?;
    if address.ip().is_loopback() { Ok(()) } else { Err(EndpointError::NotLoopback) }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if text == "live" {
            return Ok(Endpoint::Live);
        }
        let ws_url = text.strip_prefix("simulator:").ok_or(EndpointError::Unknown)?;
        check_loopback(ws_url)?;
        Ok(Endpoint::Simulator { ws_url: ws_url.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_endpoints() {
        assert_eq!("live".parse(), Ok(Endpoint::Live));
        let ws_url = "ws://127.0.0.1:8123/ws/chat".to_owned();
        assert_eq!("simulator:ws://127.0.0.1:8123/ws/chat".parse(), Ok(Endpoint::Simulator { ws_url }));
        assert!("simulator:ws://[::1]:8123/ws/chat".parse::<Endpoint>().is_ok());
        assert!("simulator:wss://127.0.0.1:8123/ws/chat".parse::<Endpoint>().is_ok());
    }

    #[test]
    fn refuses_other_machines() {
        for host in [
            "10.0.0.1:80",
            "localhost:80",
            "127.0.0.1.example.com:80",
            "web.whatsapp.com:443",
            "127.0.0.1@10.0.0.1:80",
        ] {
            let text = format!("simulator:ws://{host}/ws/chat");
            assert_eq!(text.parse::<Endpoint>(), Err(EndpointError::NotLoopback), "{host}");
        }
        assert_eq!("simulator:https://127.0.0.1:80/".parse::<Endpoint>(), Err(EndpointError::Unknown));
        assert_eq!("simulator:wss://10.0.0.1:80/".parse::<Endpoint>(), Err(EndpointError::NotLoopback));
        assert_eq!("Live".parse::<Endpoint>(), Err(EndpointError::Unknown));
    }

    #[test]
    fn a_binary_is_for_one_of_them() {
        let simulator: Endpoint = "simulator:ws://127.0.0.1:8123/ws/chat".parse().unwrap();
        // Tests of the whole workspace turn the feature on by way of the simulator's own tests.
        if cfg!(feature = "simulator") || certificate::forgery_passes() {
            assert_eq!(Endpoint::Live.check(), Err(EndpointError::BuiltForSimulator));
        } else {
            assert_eq!(Endpoint::Live.check(), Ok(()));
        }
        let expected =
            if cfg!(feature = "simulator") { Ok(()) } else { Err(EndpointError::SimulatorNotBuilt) };
        assert_eq!(simulator.check(), expected);
    }
}
