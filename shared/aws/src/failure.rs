//! What an AWS error becomes: a name and a code for the log, and never what was sent.

use aws_smithy_runtime_api::client::result::SdkError;
use carteiro_core::ports::Unavailable;
use std::error::Error;

/// Codes whose text names only the deployment's own resources and is what an operator needs to read.
const TELLING: [&str; 4] = [
    "AccessDeniedException",
    "AccessDenied",
    "ResourceNotFoundException",
    "AWS.SimpleQueueService.NonExistentQueue",
];

/// The reason of an SDK error: the service's code and request id, or why there was no answer. The texts of other service
/// errors are left out: some quote the request.
pub(crate) fn reason<E, R>(error: &SdkError<E, R>) -> String
where
    E: aws_sdk_dynamodb::error::ProvideErrorMetadata,
    R: std::fmt::Debug,
{
    match error {
        SdkError::ServiceError(service) => {
            let metadata = service.err().meta();
            let code = metadata.code().unwrap_or("an error without a code");
            match metadata.message().filter(|_| TELLING.contains(&code)) {
                Some(message) => format!("{code}: {message}"),
                None => code.to_owned(),
            }
        }
        SdkError::ConstructionFailure(_) => "the request could not be built".to_owned(),
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) => {
            let kind = if failure.is_timeout() {
                "no connection in time"
            } else if failure.is_io() {
                "no connection"
            } else {
                "the request could not be sent"
            };
            match failure.as_connector_error() {
                Some(error) => format!("{kind}: {}", chain(error)),
                None => kind.to_owned(),
            }
        }
        SdkError::ResponseError(_) => "the answer could not be read".to_owned(),
        _ => "an unknown failure".to_owned(),
    }
}

/// The texts of an error and of what caused it.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |e: &&(dyn Error + 'static)| (*e).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A failed operation as the ports tell it.
pub(crate) fn unavailable<E, R>(operation: impl Into<String>, error: &SdkError<E, R>) -> Unavailable
where
    E: aws_sdk_dynamodb::error::ProvideErrorMetadata,
    R: std::fmt::Debug,
{
    Unavailable { operation: operation.into(), reason: reason(error) }
}
