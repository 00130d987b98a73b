//! The function of reports: what became of a tenant's sends (`GET /v2/reports/sends`), and those reports that are written in
//! the background (`GET /v2/reports/exports/{export_id}`).

mod exports;
mod file;
mod routes;
mod sends;
#[cfg(test)]
mod tests;

use axum::Router;
use carteiro_aws::dynamo::{DynamoExports, DynamoSends};
use carteiro_aws::s3::S3ObjectLinks;
use carteiro_aws::sqs::SqsExportQueue;
use carteiro_core::usecase::{FindExport, Report};
use carteiro_http::routes::Function;
use carteiro_start::{Error, Start};
use jiff::tz::TimeZone;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    carteiro_start::serve(Function::Reports, |name| std::env::var(name).ok(), router).await
}

async fn router(start: Start) -> Result<Router, Error> {
    let sends_table = start.settings.text("CARTEIRO_SENDS_TABLE")?;
    let bucket = start.settings.text("CARTEIRO_MEDIA_BUCKET")?;
    let queue_url = start.settings.text("CARTEIRO_EXPORTS_QUEUE_URL")?;
    let zone = start.settings.read("CARTEIRO_TIME_ZONE", TimeZone::get)?;

    let clock = start.clock.clone();
    let sends = Arc::new(DynamoSends::new(start.aws.dynamo(), &sends_table));
    let exports = Arc::new(DynamoExports::new(start.aws.dynamo(), sends_table));
    let queue = Arc::new(SqsExportQueue::new(start.aws.sqs(), queue_url));
    let links = Arc::new(S3ObjectLinks::new(&start.aws, bucket, clock.clone()));
    let app = routes::App {
        report: Report::new(sends, exports.clone(), queue, clock.clone(), zone),
        exports: FindExport::new(exports, links, clock),
        keys: start.keys()?,
    };
    Ok(routes::router(app, start.gate()?)?)
}
