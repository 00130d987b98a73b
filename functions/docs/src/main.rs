//! The function of the documentation: the OpenAPI document of the API, and a page that shows it.

mod openapi;
mod page;
mod routes;
#[cfg(test)]
mod tests;

use axum::Router;
use carteiro_http::routes::Function;
use carteiro_start::{Error, Start};
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    carteiro_start::serve(Function::Docs, |name| std::env::var(name).ok(), router).await
}

async fn router(start: Start) -> Result<Router, Error> {
    Ok(routes::router(routes::App::new(), start.gate()?)?)
}
