//! What WhatsApp's refusals mean.

use carteiro_core::query::QueryFailure;
use whatsapp_rust::IqError;

/// Why a question was not answered. The codes are those of XMPP (RFC 6120, 8.3.3, and XEP-0086 for their numbers): WhatsApp says 401 to
/// whoever is not in a group, 403 to whoever is in it and may not, 404 for what is not there, and 406 or 410 for an invite that is not
/// valid, or not any more.
pub(super) fn failure(error: &IqError) -> QueryFailure {
    match error {
        IqError::ServerError { code: 401 | 403, .. } => QueryFailure::Forbidden,
        IqError::ServerError { code: 404 | 406 | 410, .. } => QueryFailure::NotFound,
        IqError::ServerError { code, .. } => QueryFailure::Refused { code: *code },
        IqError::Timeout => QueryFailure::TimedOut,
        IqError::NotConnected | IqError::Disconnected(_) | IqError::InternalChannelClosed => {
            QueryFailure::NotConnected
        }
        _ => QueryFailure::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart() {
        let refused = |code| {
            let (text, error_type, backoff) = (String::new(), None, None);
            failure(&IqError::ServerError { code, text, error_type, backoff })
        };
        assert_eq!(refused(401), QueryFailure::Forbidden);
        assert_eq!(refused(404), QueryFailure::NotFound);
        assert_eq!(refused(410), QueryFailure::NotFound);
        assert_eq!(refused(429), QueryFailure::Refused { code: 429 });
        assert_eq!(failure(&IqError::NotConnected), QueryFailure::NotConnected);
        assert_eq!(failure(&IqError::Timeout), QueryFailure::TimedOut);
    }
}
