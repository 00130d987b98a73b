//! What a phone sends to a companion that is new: its app-state key, without which a client waits for ten seconds
//! before it calls itself ready, and the (short) history, for which some wait twenty.

use buffa::{Message as _, MessageField};
use wacore_binary::builder::NodeBuilder;
use waproto::whatsapp::{self as wa, message as wm};

use crate::SimulatorError;
use crate::account::DeviceRef;
use crate::phone::padded;
use crate::phone_send::{envelope, new_id, phone};
use crate::relay;
use crate::stanza::now_millis;
use crate::world::World;

/// Sends a new companion all that it waits for.
pub(crate) fn greet(world: &mut World, device: &DeviceRef) -> Result<(), SimulatorError> {
    let (key, history) = (app_state_key(world, device)?, history(world, device)?);
    tell(world, device, key)?;
    tell(world, device, history)
}

fn app_state_key(world: &World, device: &DeviceRef) -> Result<wm::ProtocolMessage, SimulatorError> {
    let account = world.account(&device.number)?;
    let valid: Vec<u32> = account.devices.values().map(|device| device.key_index).collect();
    let key = wm::AppStateSyncKey {
        key_id: MessageField::some(wm::AppStateSyncKeyId { key_id: Some(vec![0, 0, 0, 0, 0, 1]) }),
        key_data: MessageField::some(wm::AppStateSyncKeyData {
            key_data: Some(account.phone.app_state_key.clone()),
            fingerprint: MessageField::some(wm::AppStateSyncKeyFingerprint {
                raw_id: Some(account.adv_raw_id),
                current_index: Some(valid.iter().copied().max().unwrap_or(0)),
                device_indexes: std::iter::once(0).chain(valid).collect(),
            }),
            timestamp: Some(now_millis() as i64),
        }),
    };
    Ok(wm::ProtocolMessage {
        r#type: Some(wm::protocol_message::Type::APP_STATE_SYNC_KEY_SHARE),
        app_state_sync_key_share: MessageField::some(wm::AppStateSyncKeyShare { keys: vec![key] }),
        ..Default::default()
    })
}

/// The names and addresses of those the account has exchanged messages with; no old messages.
fn history(world: &World, device: &DeviceRef) -> Result<wm::ProtocolMessage, SimulatorError> {
    let peers = world.account(&device.number)?.peers.iter().filter_map(|peer| world.accounts.get(peer));
    let mut sync = wa::HistorySync {
        sync_type: wa::history_sync::HistorySyncType::INITIAL_BOOTSTRAP,
        chunk_order: Some(1),
        progress: Some(100),
        ..Default::default()
    };
    for peer in peers {
        let (pn, lid) = (peer.pn(0).to_string(), peer.lid(0).to_string());
        if let Some(name) = &peer.name {
            sync.pushnames.push(wa::Pushname { id: Some(pn.clone()), pushname: Some(name.clone()) });
        }
        let mapping = wa::PhoneNumberToLIDMapping { pn_jid: Some(pn), lid_jid: Some(lid) };
        sync.phone_number_to_lid_mappings.push(mapping);
    }
    let notice = wm::HistorySyncNotification {
        sync_type: Some(wm::HistorySyncType::INITIAL_BOOTSTRAP),
        chunk_order: Some(1),
        progress: Some(100),
        initial_hist_bootstrap_inline_payload: Some(zlib(&sync.encode_to_vec())),
        ..Default::default()
    };
    Ok(wm::ProtocolMessage {
        r#type: Some(wm::protocol_message::Type::HISTORY_SYNC_NOTIFICATION),
        history_sync_notification: MessageField::some(notice),
        ..Default::default()
    })
}

/// Sends a protocol message to one own companion. A peer message carries its envelope bare.
fn tell(world: &mut World, device: &DeviceRef, message: wm::ProtocolMessage) -> Result<(), SimulatorError> {
    let message = wa::Message { protocol_message: MessageField::some(message), ..Default::default() };
    let to = world.account(&device.number)?.pn(device.device);
    let Some(envelope) = envelope(world, &device.number, device, &padded(&message)) else { return Ok(()) };
    let stanza = NodeBuilder::new("message")
        .attr("to", to.clone())
        .attr("id", new_id())
        .attr("type", "protocol")
        .attr("category", "peer")
        .apply_content(envelope.content)
        .build();
    relay::fan_out(world, &phone(&device.number), &to, &stanza);
    Ok(())
}

/// A zlib stream (RFC 1950) of stored blocks: the format that clients expect, without a compressor.
fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(usize::from(u16::MAX)).peekable();
    if blocks.peek().is_none() {
        out.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend((b << 16 | a).to_be_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_zlib_stream_ends_with_its_checksum() {
        // The checksum of RFC 1950 for this text, from the literature.
        let stream = zlib(b"Wikipedia");
        assert_eq!(stream[..7], [0x78, 0x01, 1, 9, 0, 0xf6, 0xff]);
        assert_eq!(stream[7..16], *b"Wikipedia");
        assert_eq!(stream[16..], [0x11, 0xe6, 0x03, 0x98]);
    }
}
