//! The agent of ECS, which each task has an endpoint of
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html>).

use crate::plain_http::{self, NoAnswer};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// For how many minutes the task is protected, so that one that hangs is not for ever: longer than a pairing takes.
const MINUTES: u32 = 10;
/// How long the endpoint may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The agent of ECS, as `ECS_AGENT_URI` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    authority: String,
    protection: Uri,
}

/// It is not `http://host[:port][/path]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an http address")]
pub struct InvalidAgent;

impl FromStr for Agent {
    type Err = InvalidAgent;

    fn from_str(text: &str) -> Result<Self, InvalidAgent> {
        let uri: Uri = text.parse().map_err(|_| InvalidAgent)?;
        let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http")).ok_or(InvalidAgent)?;
        let path = format!("{}/task-protection/v1/state", uri.path().trim_end_matches('/'));
        let protection = path.parse().map_err(|_| InvalidAgent)?;
        Ok(Self { authority: authority.to_string(), protection })
    }
}

/// The agent did not do it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AgentError {
    #[error(transparent)]
    Silent(#[from] NoAnswer),
    /// What the agent said, the beginning of it.
    #[error("refused: {0} {1}")]
    Refused(StatusCode, Beginning),
}

#[derive(Debug)]
pub(crate) struct Beginning(String);

impl fmt::Display for Beginning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().take(300).try_for_each(|c| write!(f, "{}", if c.is_control() { ' ' } else { c }))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    protection_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in_minutes: Option<u32>,
}

/// A refusal can come with the status of success, and then names a failure.
#[derive(Deserialize)]
struct Answer {
    failure: Option<serde::de::IgnoredAny>,
}

impl Agent {
    /// Has the task protected, or not any more.
    pub(crate) async fn protect(&self, wanted: bool) -> Result<(), AgentError> {
        let state = State { protection_enabled: wanted, expires_in_minutes: wanted.then_some(MINUTES) };
        let mut request =
            Request::new(Full::new(Bytes::from(serde_json::to_vec(&state).unwrap_or_default())));
        *request.method_mut() = Method::PUT;
        *request.uri_mut() = self.protection.clone();
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer = plain_http::ask(&self.authority, request, PATIENCE).await?;
        let failure = match serde_json::from_slice::<Answer>(answer.body()) {
            Ok(answer) => answer.failure.is_some(),
            Err(_) => true,
        };
        if answer.status() == StatusCode::OK && !failure {
            return Ok(());
        }
        let said = String::from_utf8_lossy(answer.body()).into_owned();
        Err(AgentError::Refused(answer.status(), Beginning(said)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_has_an_http_address() {
        let agent: Agent = "http://169.254.170.2/api/v2-1/".parse().unwrap();
        assert_eq!(agent.authority, "169.254.170.2");
        assert_eq!(agent.protection, "/api/v2-1/task-protection/v1/state");
        let bare: Agent = "http://169.254.170.2:51678".parse().unwrap();
        assert_eq!(
            (bare.authority.as_str(), bare.protection.path()),
            ("169.254.170.2:51678", "/task-protection/v1/state")
        );
        for wrong in ["", "https://169.254.170.2/", "http:///api", "http://a b/", "http://a/\r\nX: y", "/api"]
        {
            assert_eq!(wrong.parse::<Agent>(), Err(InvalidAgent), "{wrong}");
        }
    }
}
