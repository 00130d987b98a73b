//! The media server's addresses: uploads and downloads.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;

use super::answer::{parameters, progress, refused};
use super::authority::Authority;
use super::body::{Pace, streamed};
use super::listener::{Scissors, TlsListener};
use super::receive::{Upload, receive};
use super::store::NotServed;
use crate::profile::picture;
use crate::world::Server;

/// The kinds of media that are taken, as they stand in the address.
const KINDS: [&str; 9] = [
    "image",
    "video",
    "audio",
    "document",
    "md-msg-hist",
    "md-app-state",
    "sticker-pack",
    "thumbnail-sticker-pack",
    "thumbnail-link",
];

/// What all that is encrypted is to who fetches it.
const BYTES: &str = "application/octet-stream";

/// Serves until the task is aborted.
pub(crate) async fn serve(server: Arc<Server>, listener: TcpListener, authority: Arc<Authority>) {
    let router = Router::new()
        .route("/mms/{kind}/{token}", post(upload))
        .route("/v/{*path}", get(download))
        .with_state(server)
        .into_make_service_with_connect_info::<Scissors>();
    let listener = TlsListener::new(listener, Arc::clone(&authority.tls));
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the media server ended");
    }
}

async fn upload(
    State(server): State<Arc<Server>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    Path((kind, token)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let query = parameters(query.as_deref());
    let parameter = |key: &str| query.get(key).map(String::as_str).unwrap_or_default();
    let auth = parameter("auth");
    let (device, host) = {
        let world = server.world();
        (world.media.device(auth).cloned(), world.media.host.clone())
    };
    let Some(device) = device else {
        server.change(|world| world.stats.media.refused += 1);
        return refused(body, StatusCode::UNAUTHORIZED, "the auth token is not in force").await;
    };
    if !KINDS.contains(&kind.as_str()) {
        return refused(body, StatusCode::NOT_FOUND, "no such kind of media").await;
    }
    if parameter("token") != token {
        return refused(body, StatusCode::BAD_REQUEST, "the token is not that of the path").await;
    }
    if parameter("resume") == "1" {
        return progress(&host, server.store.whole(&token).as_deref(), server.store.partial(&token));
    }
    let number = |text: &str| text.parse::<u64>().ok();
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(number);
    let Some(length) = length else {
        return refused(body, StatusCode::LENGTH_REQUIRED, "an upload has to say its length").await;
    };
    let offset = match query.get("file_offset") {
        None => 0,
        Some(offset) => match number(offset) {
            Some(offset) => offset,
            None => return refused(body, StatusCode::BAD_REQUEST, "the offset is no number").await,
        },
    };
    let verdict = server.change(|world| world.faults.judge_upload(&device));
    tokio::time::sleep(verdict.delay).await;
    if let Some(code) = verdict.refuse {
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        server.change(|world| {
            world.stats.media.refused += 1;
            if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                world.media.revoke(auth);
            }
        });
        return refused(body, status, "refused by a fault").await;
    }
    receive(&server, Upload { kind, token, host, offset, length, verdict, scissors }, body).await
}

async fn download(
    State(server): State<Arc<Server>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let query = parameters(query.as_deref());
    let stored = match server.store.at(uri.path(), &query) {
        Ok(stored) => stored,
        Err(NotServed::Unknown) => return (StatusCode::NOT_FOUND, "Not found").into_response(),
        Err(NotServed::BadSignature) => {
            return (StatusCode::FORBIDDEN, "URL signature mismatch").into_response();
        }
        Err(NotServed::Expired) => return (StatusCode::FORBIDDEN, "URL signature expired").into_response(),
    };
    // The path and its query are leave enough; a token only says whose download it is.
    let verdict = server.change(|world| {
        world.stats.media.downloads += 1;
        let device = query.get("auth").and_then(|auth| world.media.device(auth)).cloned();
        device.map(|device| world.faults.judge_download(&device)).unwrap_or_default()
    });
    tokio::time::sleep(verdict.delay).await;
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let (status, from, to) = match range.and_then(|range| part(range, stored.length)) {
        Some((from, to)) => (StatusCode::PARTIAL_CONTENT, from, to),
        None => (StatusCode::OK, 0, stored.length),
    };
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, if stored.kind == picture::KIND { "image/jpeg" } else { BYTES })
        .header(header::CONTENT_LENGTH, to - from);
    if status == StatusCode::PARTIAL_CONTENT {
        let last = to.saturating_sub(1);
        response = response.header(header::CONTENT_RANGE, format!("bytes {from}-{last}/{}", stored.length));
    }
    let mut reader = stored.reader(from, to);
    let body =
        streamed(Pace::new(verdict.bytes_per_second), move |out| std::io::copy(&mut reader, out).map(|_| ()));
    response.body(body).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// The bytes that a `Range` asks for, first and past the last. `None` for what is no single range from an offset.
fn part(range: &str, length: u64) -> Option<(u64, u64)> {
    let (from, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let from: u64 = from.parse().ok()?;
    let to = match last {
        "" => length,
        last => last.parse::<u64>().ok()?.saturating_add(1).min(length),
    };
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_from_an_offset_to_an_end() {
        assert_eq!(part("bytes=2-4", 10), Some((2, 5)));
        assert_eq!(part("bytes=2-", 10), Some((2, 10)));
        assert_eq!(part("bytes=2-99", 10), Some((2, 10)));
        assert_eq!(part("bytes=10-", 10), None);
        assert_eq!(part("bytes=-5", 10), None);
        assert_eq!(part("lines=1-2", 10), None);
    }
}
