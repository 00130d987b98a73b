//! One request and the head of its answer.

use crate::connector::Connector;
use crate::{Deadlines, FetchError, Stage, Unreachable};
use carteiro_core::media::{InvalidMediaUrl, MediaUrl};
use http_body_util::Empty;
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, HOST, USER_AGENT};
use hyper::http::request::Builder;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use url::Position;

/// Who asks.
const AGENT: &str = "Carteiro/1";

/// How much of an answer is held at once, roughly, in bytes; its head may not be longer.
const BUFFER: usize = 64 * 1024;

/// An answer, and the connection that its body comes over, which is closed when this is dropped.
pub(crate) struct Answer {
    pub(crate) response: Response<Incoming>,
    pub(crate) connection: Connection,
}

/// Drives a connection until it is dropped.
pub(crate) struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks for an address over a new connection.
pub(crate) async fn get(
    connector: &Connector,
    url: &MediaUrl,
    deadlines: Deadlines,
) -> Result<Answer, FetchError> {
    ask(connector, url, request(url)?, deadlines).await
}

/// Sends a request to the host of an address over a new connection, and waits for the head of its answer.
pub(crate) async fn ask<B>(
    connector: &Connector,
    url: &MediaUrl,
    request: Request<B>,
    deadlines: Deadlines,
) -> Result<Answer, FetchError>
where
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let stream = connector.connect(url).await?;
    timeout(deadlines.head, async {
        let (mut sender, driver) = http1::Builder::new()
            .max_buf_size(BUFFER)
            .max_header_size(BUFFER)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(Unreachable::Http)?;
        // How the connection ends is told by the body.
        let connection = Connection(tokio::spawn(async move { drop(driver.await) }));
        let response = sender.send_request(request).await.map_err(Unreachable::Http)?;
        Ok(Answer { response, connection })
    })
    .await
    .map_err(|_| FetchError::TimedOut(Stage::Head))?
}

fn request(url: &MediaUrl) -> Result<Request<Empty<Bytes>>, FetchError> {
    begin(Request::get(target(url)), url)?.body(Empty::new()).map_err(|_| malformed())
}

/// What is asked for of a host.
pub(crate) fn target(url: &MediaUrl) -> &str {
    &url.as_url()[Position::BeforePath..]
}

/// The headers that every request has.
pub(crate) fn begin(builder: Builder, url: &MediaUrl) -> Result<Builder, FetchError> {
    let host = url.as_url().host_str().ok_or_else(malformed)?;
    Ok(builder
        .header(HOST, host)
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "*/*")
        .header(ACCEPT_ENCODING, "identity")
        .header(CONNECTION, "close"))
}

/// An address that no request can be made of.
pub(crate) fn malformed() -> FetchError {
    FetchError::Forbidden(crate::Forbidden::Redirect(InvalidMediaUrl::Malformed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_address_can_be_asked_for(path in "\\PC{0,40}", query in any::<String>()) {
            let mut url = url::Url::parse("https://exemplo.com/").unwrap();
            url.set_path(&path);
            url.set_query(Some(&query));
            let url = MediaUrl::from_url(url).unwrap();
            let request = request(&url).unwrap();
            prop_assert!(request.uri().path().starts_with('/') && request.uri().host().is_none());
        }
    }
}
