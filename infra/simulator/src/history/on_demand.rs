//! More history when a companion asks for it: the messages of one chat that are older than the oldest it has.

use wacore_binary::Jid;
use waproto::whatsapp::{self as wa, history_sync::HistorySyncType, message as wm};

use super::chunks::Chats;
use super::send::{filed, protocol};
use crate::SimulatorError;
use crate::account::DeviceRef;
use crate::phone_greet::tell;
use crate::world::World;

/// A companion's request, by what the phone needs of it.
type Request = wm::peer_data_operation_request_message::HistorySyncOnDemandRequest;

/// At most this many messages are sent at a time, as by WhatsApp's own app.
const MOST: usize = 50;

/// Answers a request. A chat that the phone does not know is answered with silence.
pub(crate) fn answer(
    world: &mut World,
    device: &DeviceRef,
    request_id: &str,
    request: &Request,
) -> Result<(), SimulatorError> {
    let Some(asked) = request.chat_jid.as_deref().and_then(|chat| chat.parse::<Jid>().ok()) else {
        return Ok(());
    };
    let chats = Chats::of(world, &device.number);
    let Some(chat) = chats.at(&asked.to_string()) else { return Ok(()) };
    let messages = &chat.chat.messages;
    let id = request.oldest_msg_id.as_deref().unwrap_or_default();
    let before = request.oldest_msg_timestamp_ms.unwrap_or_default() / 1000;
    // By its id; a message that the phone does not have is placed by its time.
    let older = messages
        .iter()
        .position(|message| message.id == id)
        .unwrap_or_else(|| messages.partition_point(|message| (message.at as i64) < before));
    let wanted = usize::try_from(request.on_demand_msg_count.unwrap_or_default()).unwrap_or(0).min(MOST);
    let from = messages.len() - older;
    let conversation = chat.conversation(from, from + wanted, older <= wanted);
    let sync = wa::HistorySync {
        sync_type: HistorySyncType::ON_DEMAND,
        chunk_order: Some(1),
        progress: Some(100),
        conversations: vec![conversation],
        ..Default::default()
    };
    let notice = filed(&world.store, &world.media.host, &sync)?;
    let notice =
        wm::HistorySyncNotification { peer_data_request_session_id: Some(request_id.to_owned()), ..notice };
    tell(world, device, protocol(notice))
}
