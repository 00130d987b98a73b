//! The ports of a local run. All are on loopback.

use crate::error::{Error, While};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Where each part listens. 0 means any free port, the same again on the next start of the same state where that is
/// possible, since the emulated queues' URLs carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// The HTTP API.
    pub api: u16,
    /// The emulated AWS.
    pub aws: u16,
    /// The simulator's WebSocket, as WhatsApp's.
    pub simulator: u16,
    /// The simulator's admin API.
    pub admin: u16,
    /// The simulator's media server, over TLS.
    pub media: u16,
    /// The health of the session task.
    pub health: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self { api: 8080, aws: 4566, simulator: 8180, admin: 8181, health: 8182, media: 8183 }
    }
}

const FILE: &str = "ports.json";

impl Ports {
    /// Any free ports.
    pub const FREE: Self = Self { api: 0, aws: 0, simulator: 0, admin: 0, health: 0, media: 0 };

    /// Settles every port: checks those that are asked for, finds those that are not.
    pub(crate) fn settle(self, state: &Path) -> Result<Self, Error> {
        let before: Value = std::fs::read(state.join(FILE))
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or(Value::Null);
        // Held until all are chosen, so that no two parts are given the same.
        let mut held = Vec::new();
        let mut choose = |wanted: u16, name: &str, what: &str, flag: &str| {
            let last = before[name].as_u64().and_then(|port| u16::try_from(port).ok());
            let listener = match (wanted, last) {
                (0, Some(last)) => listen_again(last).or_else(|_| listen_anywhere()),
                (0, None) => listen_anywhere(),
                _ => listen(wanted),
            };
            let listener = listener.map_err(|error| {
                Error::new(format!(
                    "port {wanted}, meant for {what}, is not free ({error}): end what listens there, or choose another \
                     with {flag} PORT"
                ))
            })?;
            let port = listener.local_addr().or_cannot("read a port")?.port();
            held.push(listener);
            Ok::<u16, Error>(port)
        };
        let settled = Self {
            api: choose(self.api, "api", "the API", "--api-port")?,
            aws: choose(self.aws, "aws", "the emulated AWS", "--aws-port")?,
            simulator: choose(self.simulator, "simulator", "the WhatsApp simulator", "--simulator-port")?,
            admin: choose(self.admin, "admin", "the simulator's admin API", "--admin-port")?,
            media: choose(self.media, "media", "the simulator's media server", "--media-port")?,
            health: choose(self.health, "health", "the session task's health", "--health-port")?,
        };
        std::fs::write(state.join(FILE), settled.to_json().to_string()).or_cannot("write the ports down")?;
        Ok(settled)
    }

    fn to_json(self) -> Value {
        json!({"api": self.api, "aws": self.aws, "simulator": self.simulator, "admin": self.admin,
               "media": self.media, "health": self.health})
    }
}

/// A port of the last start. It may be held for an instant more: a process that was being started when it was let go had a
/// copy of it until its program took over.
fn listen_again(port: u16) -> std::io::Result<TcpListener> {
    for _ in 0..20 {
        if let Ok(listener) = listen(port) {
            return Ok(listener);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    listen(port)
}

/// The ports that this process gave to parts. It may run several systems, and a part listens only some time after it was given its
/// port, which is free until then.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A free port that no other part of this process was given, below those that the system gives to outgoing connections (from 32768 up
/// on Linux): one of these may be taken by any connection between now and when its part listens.
fn listen_anywhere() -> std::io::Result<TcpListener> {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let seed = RandomState::new().hash_one(std::process::id());
    let candidates = (0..2_000).map(|at| 10_240 + (seed.wrapping_add(at * 7_919) % 22_000) as u16);
    let free = candidates.filter(|port| !given.contains(port)).map(listen).find(Result::is_ok);
    let free = free.unwrap_or_else(|| listen(0))?;
    given.insert(free.local_addr()?.port());
    Ok(free)
}

/// A port that is free now, for a part that is started at once.
pub(crate) fn free_port() -> Result<u16, Error> {
    let listener = listen_anywhere().or_cannot("find a free port")?;
    Ok(listener.local_addr().or_cannot("read a port")?.port())
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> std::path::PathBuf {
        let directory = std::env::temp_dir().join(format!("carteiro-ports-{}-{:p}", std::process::id(), &0));
        std::fs::create_dir_all(&directory).unwrap();
        directory
    }

    #[test]
    fn free_ports_differ_and_come_back() {
        let state = directory();
        let first = Ports::FREE.settle(&state).unwrap();
        let all = [first.api, first.aws, first.simulator, first.admin, first.health, first.media];
        assert!(all.iter().all(|port| *port != 0));
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 6);
        assert_eq!(Ports::FREE.settle(&state).unwrap(), first);
        std::fs::remove_dir_all(state).unwrap();
    }

    #[test]
    fn no_two_parts_are_given_one_port() {
        let some = || (0..100).map(|_| free_port().unwrap()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(some)).collect();
        let all: Vec<u16> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn a_port_in_use_says_what_to_do() {
        let taken = listen(0).unwrap();
        let port = taken.local_addr().unwrap().port();
        let refused =
            Ports { api: port, ..Ports::FREE }.settle(&std::env::temp_dir()).unwrap_err().to_string();
        assert!(refused.contains(&format!("port {port}, meant for the API")), "{refused}");
        assert!(refused.contains("--api-port PORT"), "{refused}");
    }
}
