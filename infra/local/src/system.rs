//! The whole system, started in order and stopped in the reverse.

use crate::binaries::{self, Binaries};
use crate::client::Client;
use crate::deploy::{self, Clients, Outputs, Package};
use crate::emulator;
use crate::error::{Error, While};
use crate::fleet::Fleet;
use crate::gateway::Gateway;
use crate::http::Http;
use crate::mailbox::Mailbox;
use crate::options::{Options, WhatsApp};
use crate::origins::Origins;
use crate::ports::Ports;
use crate::process::{Part, Reaper};
use crate::python;
use crate::receiver::Receiver;
use crate::session::SessionTask;
use crate::simulator::{self, Simulator};
use crate::state::State;
use crate::trouble::Trouble;
use crate::workspace::Workspace;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A system that runs. Dropped without [`System::stop`], its parts are ended all the same, a little later.
#[derive(Debug)]
pub struct System {
    options: Options,
    reaper: Arc<Reaper>,
    state: State,
    http: Http,
    ports: Ports,
    outputs: Outputs,
    operator_token: String,
    emulator: Part,
    simulator: Option<Simulator>,
    receiver: Option<Arc<Receiver>>,
    fleet: Fleet,
    trouble: Option<Trouble>,
    gateway: Gateway,
}

impl System {
    /// Builds what has to be built, and starts everything.
    pub async fn start(options: Options) -> Result<Self, Error> {
        Self::start_with(options, Reaper::start()?).await
    }

    /// The same, with a reaper that ends what was started if this future is dropped before it is done.
    pub async fn start_with(options: Options, reaper: Arc<Reaper>) -> Result<Self, Error> {
        let workspace = Workspace::find()?;
        let state = State::open(&options.state_dir, options.fresh)?;
        let progress = options.progress;
        let simulated = options.whatsapp == WhatsApp::Simulator;
        // Before the long steps, so that a port in use is told at once; it is told again should it be taken meanwhile.
        let ports = options.ports.settle(state.directory())?;
        let python = python::environment(&workspace, progress, &reaper).await?;
        let built =
            binaries::build(&workspace, simulated, options.profile, progress, &reaper, &state.log("build"))
                .await?;
        let built = match &options.packaged {
            Some(directory) => built.with_packaged(directory)?,
            None => built,
        };
        let built = built.keep(&state.programs())?;

        let http = Http::new();
        let simulator = match simulated {
            true => {
                let step = progress.step("starting the WhatsApp simulator");
                let program = built.path("carteiro-simulator")?;
                let simulator = simulator::start(program, &state, &ports, &http, &reaper).await?;
                step.done();
                Some(simulator)
            }
            false => None,
        };
        // The functions know both by their certificates, and get their settings from the emulated AWS.
        let (receiver, origins) = match &simulator {
            Some(simulator) => {
                let receiver = Receiver::start().await?;
                let media = (SocketAddr::from((Ipv4Addr::LOCALHOST, ports.media)), &*simulator.certificate);
                let path = state.directory().join("authorities.pem");
                let origins = Origins::gather(media, &receiver, options.origins.as_ref(), path)?;
                (Some(receiver), Some(origins))
            }
            None => (None, None),
        };
        let step = progress.step("starting the emulated AWS");
        let aws = emulator::endpoint(ports.aws);
        let trouble = match options.trouble {
            Some(seed) => Some(Trouble::start(aws.clone(), &http, seed).await?),
            None => None,
        };
        let aws_port = trouble.as_ref().map_or(ports.aws, Trouble::port);
        let for_functions = emulator::endpoint(aws_port);
        let emulator =
            emulator::start(&python, &state, ports.aws, &for_functions, origins.as_ref(), &http, &reaper)
                .await?;
        step.done();
        let step = progress.step("deploying template.yaml to it");
        let clients = Clients::new(&aws);
        let outputs =
            deploy_template(&workspace, &built, &state, &clients, ports, &options.parameters).await?;
        let operator_token = secret(&clients, outputs.get("OperatorTokenSecret")?).await?;
        step.done();
        let step = progress.step("starting the session task");
        let session_task = SessionTask {
            program: built.path("carteiro-session")?.to_owned(),
            outputs: outputs.clone(),
            aws: ports.aws,
            simulator: simulator
                .as_ref()
                .map(|simulator| (simulator.websocket_url.clone(), simulator.certificate.clone())),
            log_filter: options.log_filter.clone(),
            directory: state.directory().to_owned(),
        };
        let fleet = Fleet::new(session_task, ports, aws_port, options.linked, state.logs(), &http, &reaper);
        for _ in 0..options.tasks {
            fleet.add().await?;
        }
        step.done();
        let root =
            format!("{}/_aws/execute-api/{}/$default", emulator::endpoint(ports.aws), outputs.get("ApiId")?);
        let mailbox = Mailbox::new(emulator::endpoint(ports.aws), http.clone());
        let receiver = receiver.map(Arc::new);
        let gateway = Gateway::start(ports.api, root, http.clone(), mailbox, receiver.clone()).await?;
        Ok(Self {
            options,
            reaper,
            state,
            http,
            ports,
            outputs,
            operator_token,
            emulator,
            simulator,
            receiver,
            fleet,
            trouble,
            gateway,
        })
    }

    /// The root of the API; `/v2/…` follows.
    pub fn api_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.api)
    }

    /// The operator's token, made when the stack was.
    pub fn operator_token(&self) -> &str {
        &self.operator_token
    }

    /// The root of the simulator's admin API; `None` with the real WhatsApp.
    pub fn admin_url(&self) -> Option<&str> {
        self.simulator.as_ref().map(|simulator| simulator.admin_url.as_str())
    }

    /// The receiver of webhooks; `None` with the real WhatsApp.
    pub fn receiver(&self) -> Option<&Receiver> {
        self.receiver.as_deref()
    }

    /// The simulator's WebSocket, for another client; `None` with the real WhatsApp.
    pub fn whatsapp_url(&self) -> Option<&str> {
        self.simulator.as_ref().map(|simulator| simulator.websocket_url.as_str())
    }

    /// Where the emulated AWS is, for a client of one's own.
    pub fn aws_endpoint(&self) -> String {
        emulator::endpoint(self.ports.aws)
    }

    /// One of the stack's outputs, by its name in template.yaml.
    pub fn output(&self, name: &str) -> Result<&str, Error> {
        self.outputs.get(name)
    }

    /// The e-mails and texts that were sent.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox::new(self.aws_endpoint(), self.http.clone())
    }

    /// A client of the API and of the simulator.
    pub fn client(&self) -> Client {
        let admin = self.admin_url().map(str::to_owned);
        Client::new(self.http.clone(), self.api_url(), admin, self.operator_token.clone())
    }

    /// A client for loopback.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// Where every part's log is, the functions' included.
    pub fn logs(&self) -> PathBuf {
        self.state.logs()
    }

    /// Where all of its data is.
    pub fn state_dir(&self) -> &Path {
        self.state.directory()
    }

    /// What can go wrong with AWS; `None` unless it was wanted.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// The session tasks.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// SIGKILL for the first session task: it has no chance to finish anything.
    pub async fn kill_session(&self) {
        self.fleet.kill(0).await;
    }

    /// SIGTERM for the first session task, as ECS ends it; returns when it is gone.
    pub async fn stop_session(&self) {
        self.fleet.stop(0).await;
    }

    /// Starts the first session task again after it was killed or stopped, and returns once it is healthy.
    pub async fn start_session(&self) -> Result<(), Error> {
        self.fleet.start(0).await
    }

    /// Stops everything and starts it again on the same state.
    pub async fn restart(self) -> Result<Self, Error> {
        let mut options = self.options.clone();
        options.fresh = false;
        self.stop().await;
        Self::start(options).await
    }

    /// Waits until a part ends by itself, and says which, in a line.
    pub async fn crash(&self) -> Error {
        let simulated = async {
            match &self.simulator {
                Some(simulator) => simulator.part.crash(simulator.part.ended().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            status = self.emulator.ended() => self.emulator.crash(status),
            error = self.fleet.crash() => error,
            error = simulated => error,
        }
    }

    /// Kills the parts while [`System::stop`] waits for them.
    pub fn killer(&self) -> Killer {
        Killer(Arc::clone(&self.reaper))
    }

    /// Stops everything in order, waits, and leaves no process behind.
    pub async fn stop(self) {
        self.gateway.stop();
        self.fleet.stop_all().await;
        if let Some(simulator) = &self.simulator {
            simulator.part.stop(simulator::STOP_GRACE).await;
        }
        self.emulator.stop(emulator::STOP_GRACE).await;
        self.reaper.finish().await;
        let _ = std::fs::remove_dir_all(self.state.temporary());
    }
}

/// Ends what a system still runs, without ceremony.
#[derive(Debug)]
pub struct Killer(Arc<Reaper>);

impl Killer {
    /// Returns when nothing is left.
    pub async fn kill(self) {
        self.0.kill().await;
    }
}

async fn deploy_template(
    workspace: &Workspace,
    built: &Binaries,
    state: &State,
    clients: &Clients,
    ports: Ports,
    parameters: &[(&str, String)],
) -> Result<Outputs, Error> {
    let endpoint = emulator::endpoint(ports.aws);
    let package = Package::build(workspace.root(), built, &state.logs(), &endpoint)?;
    deploy::deploy(clients, &package, parameters, &state.directory().join("deployed.txt")).await
}

async fn secret(clients: &Clients, name: &str) -> Result<String, Error> {
    let value = clients.secrets.get_secret_value().secret_id(name).send().await;
    let value = value.map_err(aws_sdk_secretsmanager::Error::from).or_cannot("read the operator's token")?;
    let text = value.secret_string().unwrap_or_default();
    if text.is_empty() { Err(Error::new("the operator's token is empty")) } else { Ok(text.to_owned()) }
}
