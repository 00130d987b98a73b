//! The HTTP status of each code of the catalogue: the one place where the two meet.

use axum::http::StatusCode;
use carteiro_core::error::Code;

/// The status that a code is answered with.
///
/// 401 makes the known web client log its user out, so only a missing or bad credential has it. A wrong one-time password is
/// the value of a body's field that is present and not valid: 422. So is a wrong password where it confirms a removal, since
/// there the credential, the tenant's token, was good. Only at the login by password is the password itself the credential.
pub fn status_of(code: Code) -> StatusCode {
    use Code::*;
    match code {
        MissingParameter | MalformedBody | MalformedQuery => StatusCode::BAD_REQUEST,
        Unauthenticated | WrongCredentials | OperatorOnly => StatusCode::UNAUTHORIZED,
        NotYourWorker | PlanForbidsMedia | PlanWorkerLimit | PlanPaceLimit | PlanSendsLimit
        | ScopeForbids | FrontOnly => StatusCode::FORBIDDEN,
        RouteNotFound | NumberNotFound | SendNotFound | UploadNotFound | TokenNotFound | UserNotFound
        | ExportNotFound | PrivacyNotFound | BulkNotFound | WebhookNotFound | DeliveryNotFound => {
            StatusCode::NOT_FOUND
        }
        MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        LoginTaken | PhoneTaken | AccountExists | WorkerTaken | NumbersChanged | NumberBusy | LinkFailed
        | SendNotCancellable | OwnNumber | TooManyTokens | SessionNotVerified | WebhookStopped
        | BulkIsOver => StatusCode::CONFLICT,
        RateLimited | BacklogFull => StatusCode::TOO_MANY_REQUESTS,
        PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        InvalidParameter
        | InvalidPhone
        | SmsCountry
        | InvalidEmail
        | InvalidLogin
        | InvalidPassword
        | InvalidRole
        | UnknownPlan
        | TooManyNumbers
        | InvalidOtp
        | OtpExpired
        | OtpSpent
        | RemovalRefused
        | InvalidMediaType
        | InvalidContent
        | InvalidRecipients
        | TooManyRecipients
        | MissingVariable
        | RepeatedRecipient
        | InvalidMediaUrl
        | InvalidSendAt
        | InvalidExpiresAt
        | InvalidCaption
        | InvalidWebhookUrl
        | InvalidWebhookFormat
        | InvalidEventKind
        | InvalidDeliveryStatus
        | InvalidFile
        | InvalidScope
        | InvalidTimeZone
        | InvalidIdempotencyKey
        | IdempotencyMismatch
        | InvalidDate
        | InvalidPeriod
        | InvalidCursor
        | InvalidPace => StatusCode::UNPROCESSABLE_ENTITY,
        Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_credential_is_401() {
        let with_401: Vec<&str> = Code::ALL
            .iter()
            .filter(|c| status_of(**c) == StatusCode::UNAUTHORIZED)
            .map(|c| c.as_str())
            .collect();
        assert_eq!(with_401, ["UNAUTHENTICATED", "WRONG_CREDENTIALS", "OPERATOR_ONLY"]);
    }

    #[test]
    fn every_code_is_an_error() {
        for code in Code::ALL {
            let status = status_of(*code);
            assert!(status.is_client_error() || status.is_server_error(), "{code}");
        }
    }
}
