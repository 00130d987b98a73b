//! A network whose names and addresses a test scripts.

use crate::address::Allowed;
use crate::network::Network;
use async_trait::async_trait;
use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard};
use tokio::net::TcpStream;

/// Names with the answers they give, one after the other (the last one for ever), and servers of this machine that stand behind
/// public addresses. It remembers what it was asked.
#[derive(Default)]
pub(super) struct Scripted(Mutex<State>);

#[derive(Default)]
struct State {
    names: HashMap<String, VecDeque<Vec<IpAddr>>>,
    servers: HashMap<IpAddr, SocketAddr>,
    silent: HashSet<String>,
    resolved: Vec<String>,
    dialled: Vec<SocketAddr>,
}

impl Scripted {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(super) fn name(&self, name: &str, answers: &[&[&str]]) {
        let answers = answers.iter().map(|answer| answer.iter().map(|a| a.parse().unwrap()).collect());
        self.state().names.insert(name.to_owned(), answers.collect());
    }

    pub(super) fn server(&self, public: &str, server: SocketAddr) {
        self.state().servers.insert(public.parse().unwrap(), server);
    }

    /// This name is never answered, or this address never takes a connection nor refuses it.
    pub(super) fn silent(&self, name_or_address: &str) {
        self.state().silent.insert(name_or_address.to_owned());
    }

    async fn wait_for_ever_if_silent(&self, name_or_address: &str) {
        if self.state().silent.contains(name_or_address) {
            std::future::pending::<()>().await;
        }
    }

    /// The names that were resolved.
    pub(super) fn resolved(&self) -> Vec<String> {
        self.state().resolved.clone()
    }

    /// The addresses that a socket was asked for, as text.
    pub(super) fn dialled(&self) -> Vec<String> {
        self.state().dialled.iter().map(SocketAddr::to_string).collect()
    }
}

#[async_trait]
impl Network for Scripted {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.wait_for_ever_if_silent(name).await;
        let mut state = self.state();
        state.resolved.push(name.to_owned());
        let answers = state.names.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        answer.ok_or(io::ErrorKind::NotFound.into())
    }

    async fn connect(&self, to: Allowed) -> io::Result<TcpStream> {
        let server = {
            let mut state = self.state();
            state.dialled.push(to.address());
            state.servers.get(&to.address().ip()).copied()
        };
        self.wait_for_ever_if_silent(&to.address().ip().to_string()).await;
        TcpStream::connect(server.ok_or(io::ErrorKind::ConnectionRefused)?).await
    }
}
