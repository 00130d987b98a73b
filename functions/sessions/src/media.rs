//! `desfile`: the file of a message, in the clear.

use crate::asked::Asked;
use crate::routes::App;
use axum::Json;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use carteiro_core::chat::{Attachment, AttachmentKind, Body, MessageKey, StoredMedia};
use carteiro_core::command::MediaReceived;
use carteiro_core::error::{Code, Problem};
use carteiro_core::media::{FileName, MediaKey, extension_of};
use carteiro_core::usecase::Kept;
use carteiro_http::{ApiError, JsonBody};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;

/// For how long the file's address is good.
const LIFE: Duration = Duration::from_secs(15 * 60);

/// Where the file is. The address opens it to whoever has it.
#[derive(Serialize)]
pub(crate) struct Decrypted {
    name: String,
    url: String,
    mimetype: String,
    size: u64,
}

/// Decrypts the file of a message and answers where it is, for some minutes. The body is a message as V1 tells it; its `id` is enough for
/// one that the session has.
pub(crate) async fn decrypt(asked: Asked, body: JsonBody) -> Result<Json<Decrypted>, ApiError> {
    // Some clients send the message as `body`.
    let message = match body.as_map().get("body") {
        Some(Value::Object(message)) => message,
        _ => body.as_map(),
    };
    let key = key_of(message)?;
    let (app, user, number) = (&asked.app, asked.tenant.id, asked.paired().await?.number);
    let chat = app.chat_of(&number, &key.chat).await?;
    let key = MessageKey { chat, ..key };
    let known = match app.chats.message(&number, &key).await?.map(|message| message.body) {
        Some(Body::Media(file)) => Some(file),
        _ => None,
    };
    let (file, kept) = match known {
        Some(file) => {
            let received = MediaReceived { user, number, key: key.clone() };
            (file, app.keep.keep(&received).await?)
        }
        None => {
            let file = file_of(message).ok_or_else(|| ApiError::new(Code::UploadNotFound))?;
            let kept = app.keep.keep_unknown(user, &number, &key, &file).await?;
            (file, kept)
        }
    };
    match kept {
        Kept::Stored(stored) => answer(app, &key, &file, &stored).await,
        Kept::Nothing => Err(ApiError::new(Code::UploadNotFound)),
        Kept::Lost(why) => {
            Err(Problem::new(Code::Internal).caused_by(format!("the file is lost: {why:?}")).into())
        }
    }
}

async fn answer(
    app: &App,
    key: &MessageKey,
    file: &Attachment,
    stored: &StoredMedia,
) -> Result<Json<Decrypted>, ApiError> {
    let called = file.file_name.as_deref().and_then(FileName::sanitised);
    let mime = file.mime.split(';').next().unwrap_or_default().trim();
    let otherwise =
        || FileName::sanitised(&format!("{}.{}", key.id.as_str(), extension_of(mime).unwrap_or("bin")));
    let name = called.or_else(otherwise).ok_or_else(|| ApiError::new(Code::Internal))?;
    let url = app.files.download_link(&stored.object, &name, LIFE).await?;
    Ok(Json(Decrypted {
        name: name.as_str().to_owned(),
        url: url.expose_secret().to_owned(),
        mimetype: file.mime.clone(),
        size: stored.length,
    }))
}

/// The message's id, as text or, as some clients have it, in `_serialized`.
fn key_of(message: &Map<String, Value>) -> Result<MessageKey, ApiError> {
    let id = match message.get("id") {
        Some(Value::Object(id)) => id.get("_serialized"),
        id => id,
    };
    let id = id.and_then(Value::as_str).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| ApiError::missing("id"))?;
    id.parse().map_err(|_| ApiError::invalid(Code::InvalidParameter, "id"))
}

/// The file of a message that a client has and we do not.
fn file_of(message: &Map<String, Value>) -> Option<Attachment> {
    let text = |name: &str| message.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let kind = match text("type")? {
        "image" => AttachmentKind::Image,
        "video" => AttachmentKind::Video,
        "ptt" => AttachmentKind::Voice,
        "audio" => AttachmentKind::Audio,
        "document" => AttachmentKind::Document,
        "sticker" => AttachmentKind::Sticker,
        _ => return None,
    };
    let key: [u8; 32] = STANDARD.decode(text("mediaKey")?).ok()?.try_into().ok()?;
    Some(Attachment {
        kind,
        mime: text("mimetype").unwrap_or("application/octet-stream").to_owned(),
        caption: None,
        file_name: text("filename").map(str::to_owned),
        length: message.get("size").and_then(Value::as_u64),
        seconds: None,
        width: None,
        height: None,
        key: Some(MediaKey(key)),
        direct_path: Some(text("directPath")?.to_owned()),
        sha256: None,
        encrypted_sha256: None,
        stored: None,
    })
}
