//! Leave to use the media server: what a `media_conn` query hands out.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;

use crate::account::DeviceRef;
use crate::stanza::now;

/// How long a client may use what it was handed, in seconds: routes, then the token. WhatsApp's own are a few hours.
const ROUTES_TTL: u64 = 3600;
const AUTH_TTL: u64 = 3600;

/// The tokens in force, and where the media server is.
#[derive(Default)]
pub(crate) struct Grants {
    /// `host:port`, as it stands in the answer.
    pub(crate) host: String,
    tokens: HashMap<String, Grant>,
}

struct Grant {
    device: DeviceRef,
    until: u64,
}

impl Grants {
    /// The grants of a server that forgets everything else.
    pub(crate) fn fresh(&self) -> Self {
        Self { host: self.host.clone(), tokens: HashMap::new() }
    }

    /// A new token for a device. Older ones stay in force until they expire, as a client may use them still.
    fn token(&mut self, device: &DeviceRef) -> String {
        let now = now();
        self.tokens.retain(|_, grant| grant.until > now);
        // It goes into addresses as it is: some clients do not escape it.
        let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        self.tokens.insert(token.clone(), Grant { device: device.clone(), until: now + AUTH_TTL });
        token
    }

    /// Whose token this is, if it is in force.
    pub(crate) fn device(&self, token: &str) -> Option<&DeviceRef> {
        self.tokens.get(token).filter(|grant| grant.until > now()).map(|grant| &grant.device)
    }

    /// Takes a token back, as if it had expired.
    pub(crate) fn revoke(&mut self, token: &str) {
        self.tokens.remove(token);
    }
}

/// The answer to a `media_conn` query of a device.
pub(crate) fn connection(grants: &mut Grants, device: &DeviceRef) -> Node {
    let auth = grants.token(device);
    let children = ["upload", "download"].map(|tag| NodeBuilder::new(tag).build());
    let host = NodeBuilder::new("host")
        .attr("hostname", grants.host.clone())
        .attr("type", "primary")
        .children(children)
        .build();
    NodeBuilder::new("media_conn")
        .attr("auth", auth)
        .attr("ttl", ROUTES_TTL.to_string())
        .attr("auth_ttl", AUTH_TTL.to_string())
        .attr("max_buckets", "12")
        .children([host])
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_its_devices_until_it_is_taken_back() {
        let device = DeviceRef { number: "5511999990001".to_owned(), device: 1 };
        let mut grants = Grants::default();
        let (first, second) = (grants.token(&device), grants.token(&device));
        assert_ne!(first, second);
        assert_eq!(grants.device(&first), Some(&device));
        grants.revoke(&first);
        assert_eq!(grants.device(&first), None);
        assert_eq!(grants.device(&second), Some(&device));
        assert_eq!(grants.device("another"), None);
    }
}
