//! Reading a form with a file.

use crate::answer::ApiError;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::StatusCode;
use carteiro_core::error::Code;
use carteiro_core::usecase::FormFile;
use serde_json::{Map, Value};

/// The largest body that a Lambda function can be given, in bytes.
const MAX_BYTES: usize = 6 << 20;
/// The most fields that a form may have. Ours have six at most.
const MAX_FIELDS: usize = 32;

/// A form (`multipart/form-data`): texts by name, and the file, in any order.
pub struct Form {
    /// The texts, by their fields' names.
    pub fields: Map<String, Value>,
    /// The file.
    pub file: Option<FormFile>,
}

impl Form {
    /// Reads a form whose file stands in the field `file`.
    ///
    /// # Errors
    /// [`Code::MalformedBody`], also for a field that comes twice; [`Code::PayloadTooLarge`].
    pub async fn read<S: Send + Sync>(mut request: Request, state: &S, file: &str) -> Result<Self, ApiError> {
        DefaultBodyLimit::max(MAX_BYTES).apply(&mut request);
        let mut parts = Multipart::from_request(request, state)
            .await
            .map_err(|_| malformed("Envie um formulário multipart/form-data."))?;
        let mut form = Self { fields: Map::new(), file: None };
        while let Some(part) = parts.next_field().await.map_err(unreadable)? {
            form.take(part, file).await?;
        }
        Ok(form)
    }

    async fn take(&mut self, part: Field<'_>, file: &str) -> Result<(), ApiError> {
        let Some(name) = part.name().map(str::to_owned) else {
            return Err(malformed("Um campo do formulário não tem nome."));
        };
        // Which of two was meant cannot be told.
        let doubled = if name == file { self.file.is_some() } else { self.fields.contains_key(&name) };
        if doubled || self.fields.len() >= MAX_FIELDS {
            return Err(malformed("Envie cada campo do formulário uma só vez."));
        }
        if name == file {
            let file_name = part.file_name().map(str::to_owned);
            self.file = Some(FormFile { name: file_name, bytes: part.bytes().await.map_err(unreadable)? });
            return Ok(());
        }
        let bytes = part.bytes().await.map_err(unreadable)?;
        let text =
            std::str::from_utf8(&bytes).map_err(|_| malformed("Os campos do formulário são UTF-8."))?;
        self.fields.insert(name, Value::String(text.to_owned()));
        Ok(())
    }
}

fn malformed(detail: &'static str) -> ApiError {
    ApiError::because(Code::MalformedBody, detail)
}

fn unreadable(error: MultipartError) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(Code::PayloadTooLarge),
        _ => malformed("O formulário está incompleto ou mal formado."),
    }
}
