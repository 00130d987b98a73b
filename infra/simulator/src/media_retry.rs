//! Files that the media server no longer has: a companion asks its phone for them, and the phone, which keeps what it got
//! and sent, puts them there again, at another address.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use buffa::Message as _;
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node};
use wacore_libsignal::crypto::{aes_256_gcm_decrypt, aes_256_gcm_encrypt};
use waproto::whatsapp::{self as wa, media_retry_notification::ResultType};

use crate::account::DeviceRef;
use crate::content::Content;
use crate::received_media::ReceivedMedia;
use crate::stanza::{attr, bytes, children, jid_attr, leaf, now};
use crate::world::World;

/// What the key of request and answer is derived with, from the media key.
const INFO: &[u8] = b"WhatsApp Media Retry Notification";

/// The length of a nonce, in bytes.
const NONCE: usize = 12;

/// Why a file does not come.
#[derive(Clone, Copy)]
enum Refusal {
    General = 1,
    NotFound = 2,
    /// The request is not sealed with the message's media key.
    Unreadable = 3,
}

/// Answers a companion that asks for a message's file.
pub(crate) fn asked(world: &mut World, device: &DeviceRef, request: &Node) {
    let id = attr(request, "id");
    let Some(wanted) = request.get_optional_child("rmr") else { return };
    let Some(chat) = jid_attr(wanted, "jid") else { return };
    let answer = match restored(world, device, &chat, &id, request) {
        Ok(sealed) => sealed,
        Err(refusal) => NodeBuilder::new("error").attr("code", (refusal as u8).to_string()).build(),
    };
    let Ok(account) = world.account(&device.number) else { return };
    let notice = NodeBuilder::new("notification")
        .attr("from", account.pn(0))
        .attr("type", "mediaretry")
        .attr("id", id.clone())
        .attr("t", now().to_string())
        .children([answer, wanted.clone()])
        .build();
    world.deliver(device, "notification", &id, &notice);
}

/// Puts the file back. Answers where it is, sealed.
fn restored(
    world: &World,
    device: &DeviceRef,
    chat: &Jid,
    id: &str,
    request: &Node,
) -> Result<Node, Refusal> {
    let media = remembered(world, &device.number, chat, id).ok_or(Refusal::NotFound)?;
    let mut key = [0; 32];
    wacore::crypto::hkdf_sha256_into(&media.media_key, None, INFO, &mut key).map_err(|_| Refusal::General)?;
    let asked = opened(&key, id, request).ok_or(Refusal::Unreadable)?;
    if asked.stanza_id.as_deref() != Some(id) {
        return Err(Refusal::General);
    }
    let token = URL_SAFE_NO_PAD.encode(&media.file_enc_sha256);
    let stored = world.store.bring_back(&token).ok_or(Refusal::NotFound)?;
    let answer = wa::MediaRetryNotification {
        stanza_id: Some(id.to_owned()),
        direct_path: Some(stored.direct_path()),
        result: Some(ResultType::SUCCESS),
        message_secret: None,
    };
    let (nonce, mut sealed) = (rand::random::<[u8; NONCE]>(), Vec::new());
    aes_256_gcm_encrypt(&key, &nonce, id.as_bytes(), &answer.encode_to_vec(), &mut sealed)
        .map_err(|_| Refusal::General)?;
    Ok(NodeBuilder::new("encrypt").children([leaf("enc_p", sealed), leaf("enc_iv", nonce)]).build())
}

fn opened(key: &[u8; 32], id: &str, request: &Node) -> Option<wa::ServerErrorReceipt> {
    let parts = children(request.get_optional_child("encrypt")?);
    let part = |tag: &str| parts.iter().find(|part| part.tag == tag).and_then(bytes);
    let nonce = <[u8; NONCE]>::try_from(part("enc_iv")?).ok()?;
    let mut plain = Vec::new();
    aes_256_gcm_decrypt(key, &nonce, id.as_bytes(), &part("enc_p")?, &mut plain).ok()?;
    wa::ServerErrorReceipt::decode_from_slice(&plain).ok()
}

/// What the phone remembers of the message's file.
fn remembered(world: &World, number: &str, chat: &Jid, id: &str) -> Option<ReceivedMedia> {
    let key = world.find(chat).unwrap_or_else(|| chat.to_non_ad().to_string());
    let chat = world.accounts.get(number)?.phone.chronicle.chats.get(&key)?;
    let message = chat.messages.iter().find(|message| message.id == id)?;
    Content::of(&message.message()).media
}
