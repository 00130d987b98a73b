//! An export that is written by the use case over the adapters: from the sends of a number in the table to the file that its
//! tenant downloads.

use crate::samples::{at, phone, random, send, user_id};
use crate::support::http;
use crate::support::stack::{DATA, QUEUES, Stack};
use carteiro_aws::dynamo::{DynamoExports, DynamoSends};
use carteiro_aws::s3::{S3ObjectLinks, S3ObjectParts, S3Objects};
use carteiro_aws::sqs::SqsExportQueue;
use carteiro_aws::{AwsClients, SystemClock};
use carteiro_core::ids::ExportId;
use carteiro_core::ports::{Exports, ObjectLinks, Sends};
use carteiro_core::report::{CsvText, Export, ExportForm, ExportState, Item, Period, Separator, Subject};
use carteiro_core::usecase::{Ran, WriteExport};
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn a_report_goes_from_the_table_to_its_tenant() {
    let (data, queues) = (Stack::deploy(DATA).await, Stack::deploy(QUEUES).await);
    let aws = AwsClients::new(data.config.clone());
    let (table, bucket) = (data.output("SendsTable"), data.output("MediaBucket"));
    let (sends, exports) = (DynamoSends::new(aws.dynamo(), table), DynamoExports::new(aws.dynamo(), table));
    let (sends, exports, clock) = (Arc::new(sends), Arc::new(exports), Arc::new(SystemClock));
    let write = WriteExport::new(
        sends.clone(),
        exports.clone(),
        Arc::new(SqsExportQueue::new(aws.sqs(), queues.output("ExportsUrl"))),
        Arc::new(S3ObjectParts::new(aws.s3(), bucket)),
        Arc::new(S3Objects::new(aws.s3(), bucket)),
        clock.clone(),
    );

    let (user, zone) = (user_id(), TimeZone::get("America/Sao_Paulo").unwrap());
    let mut expected = CsvText::with_header(Separator::Semicolon);
    for second in 0..120 {
        let send = send(user, &phone(1), at(second));
        sends.create(&send, at(9_999)).await.unwrap();
        expected.push(&Item::new(&send, &zone));
    }
    let subject = Subject { user, number: phone(1), period: Period { from: at(0), to: at(120) } };
    for form in [ExportForm::Csv(Separator::Semicolon), ExportForm::Summary] {
        let id = ExportId::from_random(random());
        let made = Export::new(id, subject.clone(), zone.clone(), form, at(500));
        assert_eq!(exports.create(&made).await, Ok(None));
        assert_eq!(write.run(id).await, Ok(Ran::Ready(120)));
        let export = exports.find(id).await.unwrap().unwrap();
        assert_eq!(export.state, ExportState::Ready);
        assert_eq!(write.run(id).await, Ok(Ran::Nothing), "it may be said twice");

        let links = S3ObjectLinks::new(&aws, bucket, clock.clone());
        let link = links.download_link(&export.object(), &export.file_name(), Duration::from_secs(900)).await;
        let file = http::get(link.unwrap().expose_secret()).await;
        assert_eq!(file.status, 200);
        assert!(file.header("content-disposition").contains(export.file_name().as_str()));
        match form {
            ExportForm::Csv(_) => {
                let expected = String::from_utf8(expected.take()).unwrap();
                assert!(file.text == expected, "the file is not the report");
            }
            ExportForm::Summary => {
                let json: serde_json::Value = serde_json::from_str(&file.text).unwrap();
                assert_eq!(
                    (json["total"].as_u64(), json["by_status"]["na fila"].as_u64()),
                    (Some(120), Some(120))
                );
            }
        }
    }
}
