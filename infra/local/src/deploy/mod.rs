//! Deploying template.yaml to the emulated AWS, as `sam deploy` does to the real one: package, change set, execute.

mod clients;
mod package;
mod routes;
mod stack;

pub(crate) use clients::Clients;
pub(crate) use package::Package;
pub use package::TEMPLATE_BUCKET;
pub(crate) use stack::{Outputs, deploy};
pub use stack::{STACK, STACK_PARAMETERS, rates};
