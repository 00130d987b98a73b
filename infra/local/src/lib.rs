//! The whole of Carteiro on one machine: an emulated AWS with the functions that `template.yaml` declares, the session
//! task, the WhatsApp simulator, and a loopback address for the API. `carteiro` runs it for a person, `carteiro try`
//! shows it at work, and the end-to-end tests start it with [`System::start`].

pub mod arguments;
mod binaries;
mod client;
mod departures;
mod deploy;
mod dice;
mod emulator;
mod error;
mod failing_calls;
mod fleet;
mod form;
mod gateway;
mod http;
mod link;
mod mailbox;
mod options;
mod origins;
mod ports;
mod process;
mod progress;
mod python;
mod receiver;
mod session;
mod simulator;
mod state;
mod system;
pub mod trial;
mod trouble;
mod workspace;

pub use client::{Client, PASSWORD, Registered};
pub use deploy::{STACK, STACK_PARAMETERS, TEMPLATE_BUCKET, rates};
pub use dice::Dice;
pub use error::Error;
pub use failing_calls::FailingCalls;
pub use fleet::Fleet;
pub use form::Form;
pub use http::{Answer, Http};
pub use link::{Link, Links, Way};
pub use mailbox::{Mail, Mailbox, Text};
pub use options::{Options, WhatsApp};
pub use origins::Origins;
pub use ports::Ports;
pub use process::{Part, Reaper};
pub use progress::Progress;
pub use receiver::{RECEIVER_HOST, Received, Receiver, Reply};
pub use system::{Killer, System};
pub use trouble::{Rates, Stored, Trouble};
pub use workspace::Workspace;
