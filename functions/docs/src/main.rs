//! The function of the documentation: the OpenAPI document of the API, and a page that shows it.

mod openapi;
mod page;
mod routes;
#[cfg(test)]
mod tests;

use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    carteiro_telemetry::init("docs", std::env::var("RUST_LOG").ok())?;
    serve().await.inspect_err(|error| tracing::error!(%error, "the function cannot run"))
}

async fn serve() -> Result<(), Error> {
    carteiro_http::run(routes::router(routes::App::new())?).await
}
