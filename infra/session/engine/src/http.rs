//! HTTP, which the library needs for what WhatsApp keeps outside the connection (a large app state at pairing).

use whatsapp_rust::http::UreqHttpClient;

/// An app-state snapshot of the largest accounts is some megabytes; a server must not be able to fill the memory.
const LARGEST_BODY: u64 = 32 * 1024 * 1024;

/// A client whose connections all sessions share.
pub(crate) fn client() -> UreqHttpClient {
    UreqHttpClient::new().with_max_body_bytes(LARGEST_BODY)
}
