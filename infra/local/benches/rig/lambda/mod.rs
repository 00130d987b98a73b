//! The system's function binaries under a Lambda Runtime API, an HTTP API and an SQS event source of our own.
//!
//! The emulation's cost 50 ms an invocation (its Runtime API leaves Nagle's algorithm on) and take one SQS batch at a
//! time, so they say nothing about latency. These speak the same protocols to the same binaries.

mod environment;
mod functions;
mod gateway;
mod queue_source;
mod runtime_api;
mod start;

use carteiro_local::System;
pub(crate) use environment::Environment;
pub(crate) use functions::log;
use gateway::Gateway;
use queue_source::QueueSource;
pub(crate) use start::{Started, start};

/// A front of our own over a system: requests go to [`Front::url`].
pub(crate) struct Front {
    gateway: Gateway,
    _source: QueueSource,
}

impl Front {
    /// Puts it up: `processes` of each function, built to `built` under the target directory, logging as `filter` says.
    pub(crate) async fn start(
        system: &System,
        built: &str,
        processes: usize,
        filter: &str,
    ) -> Result<Front, Box<dyn std::error::Error>> {
        functions::disable_event_sources(system).await?;
        let names = ["auth", "users", "numbers", "sends", "reports", "sessions", "dispatch"];
        let mut functions = functions::start(system, built, &names, processes, filter).await?;
        let dispatch = functions.remove("dispatch").ok_or("dispatch was not started")?;
        let source = QueueSource::start(
            &super::aws::sqs(system),
            system.output("SendsQueueUrl")?,
            &dispatch,
            processes,
        );
        let paths = [
            ("/v2/auth", "auth"),
            ("/v2/users", "users"),
            ("/v2/numbers", "numbers"),
            ("/v2/sends", "sends"),
            ("/v2/reports", "reports"),
            // The first version's paths begin with a session's name.
            ("/", "sessions"),
        ];
        let routes =
            paths.into_iter().filter_map(|(path, name)| Some((path, functions.get(name)?.clone()))).collect();
        Ok(Front { gateway: Gateway::start(routes).await?, _source: source })
    }

    /// The root of the API.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.gateway.address)
    }
}
