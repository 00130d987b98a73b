//! CORS: which origins' pages may call the API from a browser.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue};

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, DELETE, OPTIONS");
const HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, token, api-token, content-type, idempotency-key");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, x-request-id",
);
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("600");

/// The origins that may call. The gateway answers preflights from the same list; these headers are for where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CorsOrigins(Vec<String>);

impl CorsOrigins {
    /// Reads origins separated by commas; `*` lets all of them.
    pub fn parse(list: &str) -> Self {
        let origins = list.split(',').map(|o| o.trim().trim_end_matches('/').to_owned());
        Self(origins.filter(|origin| !origin.is_empty()).collect())
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        self.0.iter().any(|allowed| allowed == "*" || allowed.as_bytes() == origin.as_bytes())
    }

    /// Adds to an answer what the browser needs to hand it to the page, if the page's origin may have it.
    pub(crate) fn decorate(&self, request: &HeaderMap, is_preflight: bool, answer: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        // The answer differs by origin, so no cache may hand one origin's answer to another.
        answer.append(VARY, HeaderValue::from_static("origin"));
        let Some(origin) = request.get(ORIGIN).filter(|origin| self.allows(origin)) else { return };
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        if is_preflight {
            answer.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
            answer.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer_to(origins: &str, origin: &'static str, is_preflight: bool) -> HeaderMap {
        let mut request = HeaderMap::new();
        request.insert(ORIGIN, HeaderValue::from_static(origin));
        let mut answer = HeaderMap::new();
        CorsOrigins::parse(origins).decorate(&request, is_preflight, &mut answer);
        answer
    }

    #[test]
    fn only_configured_origins_are_let() {
        let list = "https://app.example.com/, http://localhost:3000";
        let allowed = answer_to(list, "http://localhost:3000", false);
        assert_eq!(allowed[ACCESS_CONTROL_ALLOW_ORIGIN], "http://localhost:3000");
        assert!(!allowed.contains_key(ACCESS_CONTROL_ALLOW_METHODS));
        assert!(answer_to(list, "https://app.example.com", true).contains_key(ACCESS_CONTROL_ALLOW_METHODS));
        let other = answer_to(list, "https://evil.example", true);
        assert!(!other.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
        assert_eq!(other[VARY], "origin");
        assert!(answer_to("", "https://evil.example", true).is_empty());
        assert!(answer_to("*", "https://any.example", false).contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    }
}
