//! What a phone sends to a companion that is new: its app-state key, without which a client waits for ten seconds
//! before it calls itself ready, and the history, for which some wait twenty.

use buffa::MessageField;
use wacore_binary::builder::NodeBuilder;
use waproto::whatsapp::{self as wa, message as wm};

use crate::SimulatorError;
use crate::account::DeviceRef;
use crate::history::{self, Chats};
use crate::phone::padded;
use crate::phone_send::{envelope, new_id, phone};
use crate::relay;
use crate::stanza::now_millis;
use crate::world::World;

/// Sends a new companion all that it waits for.
pub(crate) fn greet(world: &mut World, device: &DeviceRef) -> Result<(), SimulatorError> {
    share_keys(world, device)?;
    let chats = Chats::of(world, &device.number);
    if chats.is_empty() {
        return tell(world, device, history::inline(&chats)?);
    }
    world.histories.push(device.clone());
    Ok(())
}

/// Shares the account's app-state keys with a companion.
pub(crate) fn share_keys(world: &mut World, device: &DeviceRef) -> Result<(), SimulatorError> {
    let account = world.account(&device.number)?;
    let valid: Vec<u32> = account.devices.values().map(|device| device.key_index).collect();
    let keys = account.app_state.keys().iter().map(|key| wm::AppStateSyncKey {
        key_id: MessageField::some(wm::AppStateSyncKeyId { key_id: Some(key.id.clone()) }),
        key_data: MessageField::some(wm::AppStateSyncKeyData {
            key_data: Some(key.data.clone()),
            fingerprint: MessageField::some(wm::AppStateSyncKeyFingerprint {
                raw_id: Some(account.adv_raw_id),
                current_index: Some(valid.iter().copied().max().unwrap_or(0)),
                device_indexes: std::iter::once(0).chain(valid.iter().copied()).collect(),
            }),
            timestamp: Some(now_millis() as i64),
        }),
    });
    let share = wm::AppStateSyncKeyShare { keys: keys.collect() };
    let message = wm::ProtocolMessage {
        r#type: Some(wm::protocol_message::Type::APP_STATE_SYNC_KEY_SHARE),
        app_state_sync_key_share: MessageField::some(share),
        ..Default::default()
    };
    tell(world, device, message)
}

/// Sends a protocol message to one own companion. A peer message carries its envelope bare.
pub(crate) fn tell(
    world: &mut World,
    device: &DeviceRef,
    message: wm::ProtocolMessage,
) -> Result<(), SimulatorError> {
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
