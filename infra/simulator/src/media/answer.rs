//! What the media server answers, and how it reads what it is asked.

use std::collections::HashMap;

use axum::Json;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use serde_json::json;

use super::store::Stored;

/// Where a file is, for whoever uploaded it.
pub(super) fn stored(host: &str, stored: &Stored) -> Response {
    let path = stored.direct_path();
    Json(json!({"url": format!("https://{host}{path}&mms3=true"), "direct_path": path})).into_response()
}

/// How far an upload has come, for a client that would resume it.
pub(super) fn progress(host: &str, whole: Option<&Stored>, partial: u64) -> Response {
    match whole {
        Some(stored) => {
            let path = stored.direct_path();
            let url = format!("https://{host}{path}&mms3=true");
            Json(json!({"resume": "complete", "url": url, "direct_path": path})).into_response()
        }
        None => Json(json!({"resume": partial.to_string()})).into_response(),
    }
}

/// A refusal, once the client has said all it had to: one that is still writing might not read the answer.
pub(super) async fn refused(body: Body, status: StatusCode, reason: &'static str) -> Response {
    let mut rest = body.into_data_stream();
    while let Some(Ok(_)) = rest.next().await {}
    (status, Json(json!({"error": {"code": status.as_u16(), "message": reason}}))).into_response()
}

/// The parameters of a query. Some clients append theirs with a second question mark.
pub(super) fn parameters(query: Option<&str>) -> HashMap<String, String> {
    let pairs = query.unwrap_or_default().split(['&', '?']).filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_after_either_mark() {
        let found = parameters(Some("ccb=11-4&oh=x&_nc_sid=5e03e0?auth=a&token=t"));
        assert_eq!(found["oh"], "x");
        assert_eq!(found["_nc_sid"], "5e03e0");
        assert_eq!(found["auth"], "a");
        assert_eq!(found["token"], "t");
        assert!(parameters(None).is_empty());
    }
}
