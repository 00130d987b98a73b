//! How a system is to be started.

use crate::origins::Origins;
use crate::ports::Ports;
use crate::progress::Progress;
use std::path::PathBuf;

/// Which WhatsApp the session task talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhatsApp {
    /// The simulator of this repository.
    Simulator,
    /// The real one, with a real phone.
    Live,
}

/// How to start a system.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it keeps its data and logs. One system at a time.
    pub state_dir: PathBuf,
    /// Where its parts listen.
    pub ports: Ports,
    /// Which WhatsApp.
    pub whatsapp: WhatsApp,
    /// Whether to empty `state_dir` first.
    pub fresh: bool,
    /// Whether to say what goes on.
    pub progress: Progress,
    /// The cargo profile that the parts are built with; `None` for the usual one, which builds fast.
    pub profile: Option<&'static str>,
    /// What the session task logs, as `RUST_LOG` has it; `None` for what this process's own `RUST_LOG` says.
    pub log_filter: Option<String>,
    /// Hosts of this machine that files may be fetched from.
    pub origins: Option<Origins>,
    /// How many session tasks there are at first.
    pub tasks: usize,
    /// Whether the ways of each session task can be cut, and its clock be shifted; only with the simulator.
    pub linked: bool,
    /// The seed of what goes wrong with AWS, for the functions and for linked tasks, when that is wanted.
    pub trouble: Option<u64>,
    /// Where `sam build` left its packages, for functions as they are deployed; `None` for functions built here.
    pub packaged: Option<PathBuf>,
    /// Parameters of template.yaml, by name, that are to be other than its defaults and [`crate::STACK_PARAMETERS`] have them;
    /// `CorsOrigins` is not among them, as the routes are made with those that stand there.
    pub parameters: Vec<(&'static str, String)>,
}

impl Options {
    /// A system for a test or a trial: any free ports, the simulator, nothing said.
    pub fn quiet(state_dir: impl Into<PathBuf>) -> Self {
        Self {
            state_dir: state_dir.into(),
            ports: Ports::FREE,
            whatsapp: WhatsApp::Simulator,
            fresh: false,
            progress: Progress::Hidden,
            profile: None,
            log_filter: None,
            origins: None,
            tasks: 1,
            linked: false,
            trouble: None,
            packaged: None,
            parameters: Vec::new(),
        }
    }
}
