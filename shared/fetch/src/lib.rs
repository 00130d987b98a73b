//! Fetches from addresses that tenants name, and posts to them, behind a guard against server-side request forgery (SSRF).
//!
//! The guard is where sockets are opened. A name is resolved once for each connection, each answer is judged ([`Forbidden`]
//! names what is refused), and the socket is opened to a judged address, never to the name: a name that answers differently
//! a moment later (rebinding) changes nothing. Hosts that are IP addresses are judged alike, and each redirect goes through
//! it all again. There is no pool of connections, no proxy, no cookie, no `Referer` and no credential.
//!
//! HTTP/1.1 is spoken by hyper and TLS by rustls with aws-lc-rs: what the AWS SDK links already, so a function that fetches
//! links no other HTTP client and no second TLS stack. A whole client such as reqwest would resolve names through a hook, which
//! it leaves out for hosts that are addresses, and keeps connections. Whom to trust comes from the platform's bundle
//! (`ca-certificates` in `provided.al2023`, as for the AWS SDK), which is renewed without a new build.

mod address;
mod body;
mod connector;
mod deadlines;
mod disposition;
mod error;
mod exchange;
mod fetched;
mod fetcher;
mod network;
#[cfg(feature = "simulator")]
mod origins;
mod partial_file;
mod poster;
#[cfg(test)]
mod tests;
mod tls;
#[cfg(feature = "simulator")]
mod trial;

pub use deadlines::{Deadlines, Stage};
pub use error::{FetchError, Forbidden, Unreachable};
pub use fetched::Fetched;
pub use fetcher::{Fetcher, FetcherError, MAX_REDIRECTS};
#[cfg(feature = "simulator")]
pub use origins::{InvalidOrigins, Origins};
pub use poster::Poster;
pub use tls::NoTrustedRoots;
#[cfg(feature = "simulator")]
pub use trial::OriginsError;
