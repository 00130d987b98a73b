//! The body of an answer, written to a file.

use crate::exchange::Answer;
use crate::partial_file::PartialFile;
use crate::{Deadlines, FetchError, Stage};
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::Body;
use hyper::header::{CONTENT_ENCODING, HeaderName, TRANSFER_ENCODING};
use std::path::Path;
use tokio::time::timeout;

/// Writes the body to `path` and answers its length in bytes. On an error, or when dropped before the end, nothing stays there.
pub(crate) async fn save(
    answer: Answer,
    path: &Path,
    max_bytes: u64,
    deadlines: Deadlines,
) -> Result<u64, FetchError> {
    let Answer { response, connection: _open } = answer;
    if is_compressed(response.headers()) {
        return Err(FetchError::Compressed);
    }
    let mut body = response.into_body();
    // The announced length, where there is one.
    if body.size_hint().lower() > max_bytes {
        return Err(FetchError::TooLarge);
    }
    let mut file = PartialFile::create(path).await.map_err(FetchError::File)?;
    let mut length = 0_u64;
    while let Some(frame) =
        timeout(deadlines.idle, body.frame()).await.map_err(|_| FetchError::TimedOut(Stage::Idle))?
    {
        // Trailers end the body and say nothing that is asked for.
        let Ok(piece) = frame.map_err(FetchError::BrokenOff)?.into_data() else { continue };
        length = length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if length > max_bytes {
            return Err(FetchError::TooLarge);
        }
        file.write(&piece).await.map_err(FetchError::File)?;
    }
    if length == 0 {
        return Err(FetchError::Empty);
    }
    file.keep().await.map_err(FetchError::File)?;
    Ok(length)
}

fn is_compressed(headers: &HeaderMap) -> bool {
    let names_another = |header: HeaderName, plain: &str| {
        headers.get_all(header).iter().any(|value| {
            value.to_str().map_or(true, |value| {
                value
                    .split(',')
                    .map(str::trim)
                    .any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(plain))
            })
        })
    };
    names_another(CONTENT_ENCODING, "identity") || names_another(TRANSFER_ENCODING, "chunked")
}
