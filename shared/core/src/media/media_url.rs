//! Addresses of files.

use super::FileName;
use std::fmt;
use url::{Host, Url};

/// The `https` address of a file: at most 2,048 characters, also once it is escaped, with a host, without a user or password, on the usual port.
/// Whether its host may be asked is decided when it is. `Debug` shows the host only: a query may carry a signature.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaUrl(Url);

/// Why an address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMediaUrl {
    /// It is no absolute address with a host, or too long.
    #[error("not an address of at most 2,048 characters")]
    Malformed,
    /// Its scheme is another one.
    #[error("the scheme is not https")]
    NotHttps,
    /// It has a user or a password.
    #[error("an address must not carry a user or a password")]
    UserInfo,
    /// It names a port other than 443.
    #[error("only port 443 is asked")]
    Port,
}

impl MediaUrl {
    /// The most characters an address may have.
    pub const MAX_CHARS: usize = 2_048;

    /// Reads an address.
    ///
    /// # Errors
    /// [`InvalidMediaUrl`], saying what is wrong.
    pub fn parse(text: &str) -> Result<Self, InvalidMediaUrl> {
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidMediaUrl::Malformed);
        }
        let url = Self::from_url(Url::parse(text.trim()).map_err(|_| InvalidMediaUrl::Malformed)?)?;
        // What has to be escaped grows; it must be read back as it is stored.
        if url.as_str().len() > Self::MAX_CHARS { Err(InvalidMediaUrl::Malformed) } else { Ok(url) }
    }

    /// Checks an address that was read already, such as a redirect's.
    ///
    /// # Errors
    /// [`InvalidMediaUrl`], saying what is wrong.
    pub fn from_url(mut url: Url) -> Result<Self, InvalidMediaUrl> {
        if url.scheme() != "https" {
            return Err(InvalidMediaUrl::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidMediaUrl::UserInfo);
        }
        if url.port_or_known_default() != Some(443) {
            return Err(InvalidMediaUrl::Port);
        }
        if url.host().is_none() {
            return Err(InvalidMediaUrl::Malformed);
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The address.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host: a name in ASCII form, or an IP address, whichever way it was written (`0x7f.1`, `2130706433`).
    pub fn host(&self) -> Option<Host<&str>> {
        self.0.host()
    }

    /// The last part of the path, with its percent escapes read, as a file's name.
    pub fn file_name(&self) -> Option<FileName> {
        let mut bytes = Vec::new();
        let mut rest = self.last_segment()?.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            let escaped =
                after.get(..2).filter(|_| *first == b'%').and_then(|digits| hex::decode(digits).ok());
            match escaped.as_deref() {
                Some([byte]) => (bytes.push(*byte), rest = &after[2..]),
                _ => (bytes.push(*first), rest = after),
            };
        }
        FileName::sanitised(&String::from_utf8_lossy(&bytes))
    }

    /// The last part of the path, for a file that has no other name; percent signs are left as they are.
    pub fn last_segment(&self) -> Option<&str> {
        self.0.path_segments()?.next_back().filter(|segment| !segment.is_empty())
    }
}

impl fmt::Debug for MediaUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaUrl({}…)", self.0.host_str().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_too_long_when_it_is_escaped_is_refused() {
        let long = |count: usize| format!("https://exemplo.com/{}", "é".repeat(count));
        assert_eq!(MediaUrl::parse(&long(400)), Err(InvalidMediaUrl::Malformed));
        let fits = MediaUrl::parse(&long(300)).unwrap();
        assert_eq!(MediaUrl::parse(fits.as_str()), Ok(fits));
    }

    #[test]
    fn only_plain_https_addresses_are_taken() {
        for (text, refusal) in [
            ("http://exemplo.com/a", InvalidMediaUrl::NotHttps),
            ("file:///etc/passwd", InvalidMediaUrl::NotHttps),
            ("https://eu:senha@exemplo.com/a", InvalidMediaUrl::UserInfo),
            ("https://exemplo.com@10.0.0.1/", InvalidMediaUrl::UserInfo),
            ("https://exemplo.com:8443/a", InvalidMediaUrl::Port),
            ("/imagem.jpg", InvalidMediaUrl::Malformed),
            ("https://", InvalidMediaUrl::Malformed),
        ] {
            assert_eq!(MediaUrl::parse(text), Err(refusal), "{text}");
        }
        let long = format!("https://exemplo.com/{}", "a".repeat(2_048));
        assert_eq!(MediaUrl::parse(&long), Err(InvalidMediaUrl::Malformed));
    }

    #[test]
    fn every_spelling_of_an_address_is_read_as_that_address() {
        for text in ["https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1:443/"] {
            let url = MediaUrl::parse(text).unwrap();
            assert!(matches!(url.host(), Some(Host::Ipv4(ip)) if ip.is_loopback()), "{text}");
        }
    }

    #[test]
    fn the_last_part_of_the_path_is_a_files_name() {
        for (path, name) in [
            ("a/Relat%C3%B3rio%20de%20maio.pdf", Some("Relatório de maio.pdf")),
            ("a/nota.pdf?x=y.exe", Some("nota.pdf")),
            ("100%.pdf", Some("100%.pdf")),
            ("%2e%2e%2fpasswd", Some("passwd")),
            ("%zz%4", Some("%zz%4")),
            ("", None),
            ("a/", None),
        ] {
            let url = MediaUrl::parse(&format!("https://exemplo.com/{path}")).unwrap();
            assert_eq!(url.file_name(), name.and_then(FileName::sanitised), "{path}");
        }
    }

    #[test]
    fn a_query_stays_out_of_debug() {
        let url =
            MediaUrl::parse("https://exemplo.com/foto%20nova.jpg?X-Amz-Signature=segredo#parte").unwrap();
        assert_eq!(url.last_segment(), Some("foto%20nova.jpg"));
        assert_eq!(format!("{url:?}"), "MediaUrl(exemplo.com…)");
        assert!(!url.as_str().contains('#'));
    }
}
