//! Calls to AWS that fail, for trials: an interceptor of the SDK that dooms a share of them. A proxy before AWS fails single
//! requests, most of which the SDK's retries heal; this fails calls as the task sees them, retries included, some of them after
//! they were carried out.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextMut, BeforeSerializationInterceptorContextRef,
    BeforeTransmitInterceptorContextMut, FinalizerInterceptorContextMut,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use carteiro_core::ports::Random;
use std::path::PathBuf;
use std::sync::Arc;

/// What a call comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Throttled at every try; nothing is done.
    Throttled,
    /// Failed at every try; nothing is done.
    Failed,
    /// Done at every try, and answered with a failure.
    Denied,
    /// Done, and no answer in time.
    TimedOut,
}

impl Storable for Fate {
    type Storer = StoreReplace<Self>;
}

/// Dooms as many of a hundred calls as a file says at each moment; none while there is none. The file names fates, such as
/// `throttled=2 failed=3 denied=1 timed_out=4`.
pub struct TrialTrouble {
    file: PathBuf,
    random: Arc<dyn Random>,
}

impl TrialTrouble {
    /// What that file says.
    pub fn new(file: PathBuf, random: Arc<dyn Random>) -> Self {
        Self { file, random }
    }

    fn fate(&self) -> Option<Fate> {
        let text = std::fs::read_to_string(&self.file).ok()?;
        let mut fall = u32::from_be_bytes(self.random.bytes()) % 100;
        for word in text.split_whitespace() {
            let (name, rate) = word.split_once('=')?;
            let rate: u32 = rate.parse().ok()?;
            match fall.checked_sub(rate) {
                Some(rest) => fall = rest,
                None => return fate_named(name),
            }
        }
        None
    }
}

impl std::fmt::Debug for TrialTrouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrialTrouble").finish_non_exhaustive()
    }
}

fn fate_named(name: &str) -> Option<Fate> {
    match name {
        "throttled" => Some(Fate::Throttled),
        "failed" => Some(Fate::Failed),
        "denied" => Some(Fate::Denied),
        "timed_out" => Some(Fate::TimedOut),
        _ => None,
    }
}

/// What the service would say.
fn refusal(service: &str, fate: Fate) -> Result<HttpResponse, BoxError> {
    let is_s3 = service.eq_ignore_ascii_case("s3");
    let (status, code) = match (is_s3, fate) {
        (true, Fate::Throttled) => (503, "SlowDown"),
        (true, _) => (500, "InternalError"),
        (false, Fate::Throttled) => (400, "ThrottlingException"),
        (false, _) => (500, "InternalServerError"),
    };
    let body = match is_s3 {
        true => format!("<Error><Code>{code}</Code><Message>a trial</Message></Error>"),
        false => format!(r#"{{"__type":"{code}","message":"a trial"}}"#),
    };
    Ok(HttpResponse::new(StatusCode::try_from(status)?, SdkBody::from(body)))
}

impl Intercept for TrialTrouble {
    fn name(&self) -> &'static str {
        "TrialTrouble"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(fate) = self.fate() {
            tracing::debug!(?fate, "a call is doomed");
            cfg.interceptor_state().store_put(fate);
        }
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Fate::Throttled | Fate::Failed) = cfg.load::<Fate>() {
            // An interceptor cannot answer itself, so the request goes out as one that does nothing.
            let request = context.request_mut();
            request.set_method("GET")?;
            for name in ["x-amz-target", "content-type", "content-length"] {
                request.headers_mut().remove(name);
            }
            *request.body_mut() = SdkBody::empty();
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(fate @ (Fate::Throttled | Fate::Failed | Fate::Denied)) = cfg.load::<Fate>() {
            let service = cfg.load::<Metadata>().map(|call| call.service().to_owned()).unwrap_or_default();
            *context.response_mut() = refusal(&service, *fate)?;
        }
        Ok(())
    }

    fn modify_before_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Fate::TimedOut) = cfg.load::<Fate>()
            && let Some(answer) = context.output_or_error_mut()
        {
            *answer = Err(OrchestratorError::timeout("a trial: no answer in time".into()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_config::retry::RetryConfig;
    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_smithy_types::error::metadata::ProvideErrorMetadata;
    use carteiro_aws::{AwsClients, OsRandom};
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    /// An AWS that takes every request: its address, and the methods as they come.
    async fn aws() -> (String, mpsc::UnboundedReceiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, methods) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let tell = tell.clone();
                tokio::spawn(async move {
                    let mut head = [0; 8 * 1024];
                    let count = client.read(&mut head).await.unwrap();
                    let text = String::from_utf8_lossy(&head[..count]).into_owned();
                    let _ = tell.send(text.split(' ').next().unwrap_or_default().to_owned());
                    let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 2\r\n\r\n{}";
                    let _ = client.write_all(answer.as_bytes()).await;
                    let _ = client.shutdown().await;
                });
            }
        });
        (format!("http://{address}"), methods)
    }

    fn clients(endpoint: &str, file: PathBuf) -> AwsClients {
        let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "test");
        let retry = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(endpoint)
            .region(Region::new("us-east-1"))
            .retry_config(retry)
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(credentials))
            .build();
        AwsClients::new(config).intercepted(TrialTrouble::new(file, Arc::new(OsRandom)))
    }

    #[tokio::test]
    async fn a_call_comes_to_what_the_file_says_whatever_the_sdk_tries() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("trouble");
        let (endpoint, mut methods) = aws().await;
        let queues = clients(&endpoint, file.clone()).sqs();
        // The code that comes back, and the requests that came to AWS.
        for (rates, code, expected) in [
            ("", None, &["POST"][..]),
            ("throttled=0 failed=0", None, &["POST"]),
            ("throttled=100", Some("ThrottlingException"), &["GET"; 3]),
            ("failed=100", Some("InternalServerError"), &["GET"; 3]),
            ("throttled=0 denied=100", Some("InternalServerError"), &["POST"; 3]),
            ("timed_out=100", Some("a timeout"), &["POST"]),
        ] {
            std::fs::write(&file, rates).unwrap();
            let error = queues.list_queues().send().await.err();
            let told = error.as_ref().map(|error| match error {
                aws_smithy_runtime_api::client::result::SdkError::TimeoutError(_) => "a timeout",
                error => error.code().unwrap_or("none"),
            });
            assert_eq!(told, code, "{rates}: {error:?}");
            let came: Vec<String> = std::iter::from_fn(|| methods.try_recv().ok()).collect();
            assert_eq!(came, expected, "{rates}");
        }
    }

    #[test]
    fn a_share_of_the_calls_is_doomed_and_none_without_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let trouble = TrialTrouble::new(directory.path().join("trouble"), Arc::new(OsRandom));
        assert_eq!(trouble.fate(), None);
        std::fs::write(directory.path().join("trouble"), "throttled=30 timed_out=30").unwrap();
        let fates: Vec<Option<Fate>> = (0..2_000).map(|_| trouble.fate()).collect();
        let count = |fate| fates.iter().filter(|one| **one == fate).count();
        for fate in [Some(Fate::Throttled), Some(Fate::TimedOut), None] {
            assert!((400..1_000).contains(&count(fate)), "{fate:?}: {}", count(fate));
        }
        assert_eq!(count(Some(Fate::Failed)), 0);
    }
}
