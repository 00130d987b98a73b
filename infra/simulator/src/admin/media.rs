//! The media that contacts received: what is known of it, and its bytes.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::SimulatorError;
use crate::media::{Pace, streamed};
use crate::received_media::{Checked, ReceivedMedia};
use crate::world::Server;

/// How long a request for a file waits for its check.
const CHECK: Duration = Duration::from_secs(60);

/// What a message says of its media, and how the check went.
pub(super) fn shown(media: &ReceivedMedia) -> Value {
    let bytes = |bytes: &[u8]| (!bytes.is_empty()).then(|| STANDARD.encode(bytes));
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (state, problem) = match &media.checked {
        Checked::Gone => ("gone", None),
        Checked::Pending => ("pending", None),
        Checked::Good => ("good", None),
        Checked::Bad(why) => ("bad", Some(why)),
    };
    json!({
        "type": media.kind(),
        "mime": media.mime,
        "caption": media.caption,
        "file_name": media.file_name,
        "title": media.title,
        "seconds": media.seconds,
        "voice": media.voice,
        "waveform": bytes(&media.waveform),
        "width": media.width,
        "height": media.height,
        "thumbnail": bytes(&media.thumbnail),
        "length": media.file_length,
        "sha256": hex(&media.file_sha256),
        "state": state,
        "problem": problem,
    })
}

/// The decrypted file, once it has been checked.
pub(super) async fn file(
    State(server): State<Arc<Server>>,
    Path((number, id)): Path<(String, String)>,
) -> Result<Response, SimulatorError> {
    let media = checked(&server, &number, &id).await?;
    let response = Response::builder()
        .header(header::CONTENT_TYPE, content_type(&media.mime))
        .header(header::CONTENT_LENGTH, media.file_length);
    let body = streamed(Pace::new(None), move |out| {
        media.decrypt(&server.store, out).map(|_| ()).map_err(std::io::Error::other)
    });
    response.body(body).map_err(|error| SimulatorError::Invalid(error.to_string()))
}

async fn checked(server: &Server, number: &str, id: &str) -> Result<ReceivedMedia, SimulatorError> {
    let find = || {
        let world = server.world();
        let received = &world.account(number)?.phone.received;
        let media = received.iter().find(|received| received.id == id).and_then(|found| found.media.clone());
        media.ok_or_else(|| SimulatorError::NotFound("no such message with media".to_owned()))
    };
    let wait = async {
        loop {
            let news = server.media_checked.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            let media = find()?;
            match &media.checked {
                Checked::Pending => news.await,
                Checked::Good => return Ok(media),
                Checked::Gone => return Err(SimulatorError::NotFound("the file is gone".to_owned())),
                Checked::Bad(why) => return Err(SimulatorError::Invalid(why.clone())),
            }
        }
    };
    let late = |_| SimulatorError::Invalid("the media is not checked yet".to_owned());
    tokio::time::timeout(CHECK, wait).await.map_err(late)?
}

/// The sender's word for it, unless it cannot stand in a header.
fn content_type(mime: &str) -> header::HeaderValue {
    let unknown = header::HeaderValue::from_static("application/octet-stream");
    if mime.is_empty() { unknown } else { mime.parse().unwrap_or(unknown) }
}

/// The certificate that clients of the media server have to trust.
pub(super) fn authority(pem: String) -> Response {
    let mut response = Response::new(Body::from(pem));
    let kind = header::HeaderValue::from_static("application/x-pem-file");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
