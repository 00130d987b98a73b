//! The passkey that some accounts ask for before they link a device. The client is asked; nothing here can answer.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use wacore_binary::builder::NodeBuilder;

use crate::stanza::{now, server};
use crate::stream::Outbound;

/// Asks a client for an assertion by the account's passkey.
pub(crate) fn ask(client: &Outbound) {
    let random = || URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let options = serde_json::json!({
        "challenge": random(),
        "rpId": "web.whatsapp.com",
        "allowCredentials": [{"type": "public-key", "id": random()}],
        "userVerification": "required",
        "timeout": 60_000,
    });
    let options = NodeBuilder::new("passkey_request_options").bytes(options.to_string().into_bytes()).build();
    client.stanza(
        &NodeBuilder::new("notification")
            .attr("from", server())
            .attr("type", "passkey_prologue_request")
            .attr("id", format!("passkey-{}", client.stream))
            .attr("t", now().to_string())
            .children([options])
            .build(),
    );
}
