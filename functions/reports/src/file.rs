//! A file as an answer.

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use carteiro_core::media::FileName;

/// What a text may begin with to say that it is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A file that a browser saves under its name, which is of plain letters, digits, dashes and dots.
pub(crate) struct File {
    pub(crate) name: FileName,
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl IntoResponse for File {
    fn into_response(mut self) -> Response {
        let length = self.bytes.len();
        if self.bytes.starts_with(BYTE_ORDER_MARK) {
            // `lambda_http` takes one off a text that it answers.
            self.bytes.splice(0..0, BYTE_ORDER_MARK.iter().copied());
        }
        let mut response = self.bytes.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        let disposition = format!("attachment; filename=\"{}\"", self.name.as_str());
        if let Ok(disposition) = HeaderValue::from_str(&disposition) {
            headers.insert(CONTENT_DISPOSITION, disposition);
        }
        response
    }
}
