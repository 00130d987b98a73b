//! The function of the secret's schedule: makes a new key for JWTs and puts it in use, step by step as Secrets Manager asks.

mod handler;
#[cfg(test)]
mod tests;

use carteiro_aws::{AwsClients, OsRandom, SecretsManagerVersions};
use carteiro_core::settings::Settings;
use carteiro_core::usecase::RotateKey;
use handler::Wanted;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    carteiro_telemetry::init("rotation", std::env::var("RUST_LOG").ok())?;
    serve().await.inspect_err(|error| tracing::error!(%error, "the function cannot run"))
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::new(|name| std::env::var(name).ok());
    let secret = settings.text("CARTEIRO_JWT_SECRET")?;

    let aws = AwsClients::load().await;
    let rotate = RotateKey {
        versions: Arc::new(SecretsManagerVersions::new(aws.secrets(), &secret)),
        random: Arc::new(OsRandom),
    };
    let run = async |event: LambdaEvent<Wanted>| {
        Ok::<_, Error>(handler::handle(&rotate, &secret, &event.payload).await?)
    };
    lambda_runtime::run(service_fn(run)).await
}
