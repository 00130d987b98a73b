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

/// Codes of requests that no further try makes good: of one that is malformed or too large, and of an item whose place is full. The
/// transactions of DynamoDB have names of their own for them. All else may pass: throttling, timeouts, credentials, what a
/// deployment lacks, trouble on the other side.
const LASTING: [&str; 5] = [
    "ValidationException",
    "ValidationError",
    "ItemCollectionSizeLimitExceededException",
    "ItemCollectionSizeLimitExceeded",
    "InvalidMessageContents",
];

/// Whether a request that got this code gets it each time.
pub(crate) fn lasts(code: &str) -> bool {
    LASTING.contains(&code)
}

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
    let lasting = matches!(error, SdkError::ServiceError(service) if service.err().code().is_some_and(lasts));
    Unavailable { lasting, ..Unavailable::new(operation, reason(error)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::put_item::PutItemError;

    fn of(code: &str) -> Unavailable {
        let error = PutItemError::generic(ErrorMetadata::builder().code(code).message("quoted").build());
        unavailable("dynamodb PutItem chats", &SdkError::service_error(error, ()))
    }

    #[test]
    fn what_can_never_be_stored_is_told_from_what_may_pass() {
        for code in ["ValidationException", "ItemCollectionSizeLimitExceededException"] {
            assert_eq!(of(code), Unavailable::lasting("dynamodb PutItem chats", code));
        }
        for code in [
            "ThrottlingException",
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "TransactionConflictException",
            "ConditionalCheckFailedException",
            "ExpiredTokenException",
            "UnrecognizedClientException",
            "InternalServerError",
            "ServiceUnavailable",
        ] {
            assert_eq!(of(code), Unavailable::new("dynamodb PutItem chats", code));
        }
        for code in ["AccessDeniedException", "ResourceNotFoundException"] {
            assert!(!of(code).lasting, "{code}: a deployment that lacks something is mended");
        }
        let late: SdkError<PutItemError, ()> = SdkError::timeout_error("late");
        assert!(!unavailable("dynamodb PutItem chats", &late).lasting);
    }
}
