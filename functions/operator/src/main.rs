//! The operator function: the deployment's plans, its tenants, their numbers and what they use, for who has the administration
//! token. What it changes is written to the audit trail, which is read here, and to the log.

mod audit;
mod numbers;
mod plans;
mod routes;
#[cfg(test)]
mod tests;
mod usage;
mod users;

use axum::Router;
use carteiro_aws::OsRandom;
use carteiro_aws::dynamo::{DynamoAudit, DynamoLinks, DynamoNumbers, DynamoUsage};
use carteiro_core::usecase::{Operator, Trail};
use carteiro_http::routes::Function;
use carteiro_start::Start;
use jiff::tz::TimeZone;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    carteiro_start::serve(Function::Operator, |name| std::env::var(name).ok(), router).await
}

async fn router(start: Start) -> Result<Router, carteiro_start::Error> {
    let (settings, aws) = (&start.settings, &start.aws);
    let accounts = settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
    let operator = Operator {
        accounts: start.accounts()?,
        numbers: Arc::new(DynamoNumbers::new(aws.dynamo(), &accounts)),
        links: Arc::new(DynamoLinks::new(aws.dynamo(), settings.text("CARTEIRO_SESSIONS_TABLE")?)),
        usage: Arc::new(DynamoUsage::new(aws.dynamo(), settings.text("CARTEIRO_SENDS_TABLE")?)),
        plans: start.plans()?,
        clock: start.clock.clone(),
        zone: settings.read("CARTEIRO_TIME_ZONE", TimeZone::get)?,
        trail: Trail {
            store: Arc::new(DynamoAudit::new(aws.dynamo(), accounts)),
            clock: start.clock.clone(),
            random: Arc::new(OsRandom),
        },
    };
    Ok(routes::router(operator, start.gate()?)?)
}
