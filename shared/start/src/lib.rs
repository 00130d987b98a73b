//! How the HTTP functions start. [`serve`] is all of their `main` but for what is the function's own: it sets up the log, makes
//! the clients of AWS, builds the function's router through the closure that it is given, and answers requests until the
//! runtime ends the process. [`Start`] is what the closure takes its parts from: settings, clients, the gate in front of
//! the routes. The environment is read by the `main`, which hands in how to look a name up.

mod start;

pub use start::{Environment, Start};

use axum::Router;
use carteiro_http::routes::Function;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use std::process::ExitCode;

/// Why a function cannot start or go on: for the log.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Runs `function`. `environment` looks up a variable; `router` builds the function's routes behind [`Start::gate`].
///
/// ```no_run
/// # use carteiro_start::{Error, Start};
/// # use carteiro_http::routes::Function;
/// # use std::process::ExitCode;
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> ExitCode {
///     carteiro_start::serve(Function::Sends, |name| std::env::var(name).ok(), router).await
/// }
///
/// async fn router(start: Start) -> Result<axum::Router, Error> {
/// #   let routes = |_gate, _table: String| Ok(axum::Router::new());
///     routes(start.gate()?, start.settings.text("CARTEIRO_SENDS_TABLE")?)
/// }
/// ```
pub async fn serve(
    function: Function,
    environment: Environment,
    router: impl AsyncFnOnce(Start) -> Result<Router, Error>,
) -> ExitCode {
    ended(function, run(function, environment, router).await)
}

/// As [`serve`], for a function that not only the gateway calls: `handler` builds what answers each event.
pub async fn serve_events<H, A>(
    function: Function,
    environment: Environment,
    handler: impl AsyncFnOnce(Start) -> Result<H, Error>,
) -> ExitCode
where
    H: Fn(LambdaEvent<Value>) -> A,
    A: Future<Output = Result<Value, Error>>,
{
    let run = async || -> Result<(), Error> {
        carteiro_telemetry::init(function.name(), environment("RUST_LOG"))?;
        let handler = handler(Start::new(function, environment).await).await?;
        lambda_runtime::run(service_fn(handler)).await
    };
    ended(function, run().await)
}

fn ended(function: Function, result: Result<(), Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "{} cannot go on", function.name());
            ExitCode::FAILURE
        }
    }
}

async fn run(
    function: Function,
    environment: Environment,
    router: impl AsyncFnOnce(Start) -> Result<Router, Error>,
) -> Result<(), Error> {
    carteiro_telemetry::init(function.name(), environment("RUST_LOG"))?;
    let start = Start::new(function, environment).await;
    carteiro_http::run(router(start).await?).await
}
