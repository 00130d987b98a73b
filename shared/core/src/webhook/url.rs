//! Where a receiver is.

use crate::media::{InvalidMediaUrl, MediaUrl};
use std::fmt;

/// The address that events are posted to: `https`, with the rules of [`MediaUrl`]. Whether its host may be asked is decided
/// when it is. Neither `Debug` nor `Display` shows more than its host: path and query may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiverUrl(MediaUrl);

impl ReceiverUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// [`InvalidMediaUrl`], saying what is wrong.
    pub fn parse(text: &str) -> Result<Self, InvalidMediaUrl> {
        MediaUrl::parse(text).map(Self)
    }

    /// The address, for the request and for its own tenant.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What it is for the guard.
    pub fn as_media_url(&self) -> &MediaUrl {
        &self.0
    }

    /// Its host, for the log.
    pub fn host(&self) -> &str {
        self.0.as_url().host_str().unwrap_or_default()
    }
}

impl fmt::Debug for ReceiverUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceiverUrl({}…)", self.host())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_is_shown() {
        let url = ReceiverUrl::parse("https://exemplo.com/ganchos/segredo?token=segredo").unwrap();
        assert_eq!(format!("{url:?}"), "ReceiverUrl(exemplo.com…)");
        assert_eq!(url.as_str(), "https://exemplo.com/ganchos/segredo?token=segredo");
        assert_eq!(ReceiverUrl::parse("http://exemplo.com/"), Err(InvalidMediaUrl::NotHttps));
    }
}
