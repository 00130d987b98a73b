//! Sending history to a companion: each chunk as a file on the media server, and a message that tells where it is.

use buffa::{Message as _, MessageField};
use wacore::download::MediaType;
use waproto::whatsapp::{self as wa, history_sync::HistorySyncType, message as wm};

use super::chunks::Chats;
use super::zlib::zlib;
use crate::SimulatorError;
use crate::account::DeviceRef;
use crate::media::Store;
use crate::phone_greet::tell;
use crate::sealed_media::seal;
use crate::world::Server;

/// Sends an account's whole history to one of its companions. Takes as long as making it does; the world is free
/// meanwhile.
pub(crate) fn send(server: &Server, device: &DeviceRef) {
    let (chats, host) = {
        let world = server.world();
        (Chats::of(&world, &device.number), world.media.host.clone())
    };
    let outcome = chats.each_chunk(|chunk| {
        let notice = filed(&server.store, &host, &chunk)?;
        server.change(|world| tell(world, device, protocol(notice)))
    });
    if let Err(error) = outcome {
        tracing::warn!(%error, "history could not be sent");
    }
}

/// The history of an account without chats, small enough to travel inside its message.
pub(crate) fn inline(chats: &Chats) -> Result<wm::ProtocolMessage, SimulatorError> {
    let sync = chats.bare();
    let payload = zlib(&sync.encode_to_vec()).map_err(SimulatorError::protocol)?;
    Ok(protocol(wm::HistorySyncNotification {
        initial_hist_bootstrap_inline_payload: Some(payload),
        ..notice(&sync)
    }))
}

/// A chunk's file, and what tells where it is.
pub(super) fn filed(
    store: &Store,
    host: &str,
    sync: &wa::HistorySync,
) -> Result<wm::HistorySyncNotification, SimulatorError> {
    let payload = zlib(&sync.encode_to_vec()).map_err(SimulatorError::protocol)?;
    let media = seal(store, host, &payload, MediaType::History)?;
    let oldest = sync.conversations.iter().flat_map(|chat| &chat.messages);
    let oldest = oldest.filter_map(|one| one.message.as_option()?.message_timestamp).min();
    Ok(wm::HistorySyncNotification {
        file_sha256: Some(media.file_sha256),
        file_length: Some(media.file_length),
        media_key: Some(media.media_key),
        file_enc_sha256: Some(media.file_enc_sha256),
        direct_path: Some(media.direct_path),
        oldest_msg_in_chunk_timestamp_sec: oldest.map(|at| at as i64),
        ..notice(sync)
    })
}

fn notice(sync: &wa::HistorySync) -> wm::HistorySyncNotification {
    let kind = match sync.sync_type {
        HistorySyncType::INITIAL_BOOTSTRAP => wm::HistorySyncType::INITIAL_BOOTSTRAP,
        HistorySyncType::PUSH_NAME => wm::HistorySyncType::PUSH_NAME,
        HistorySyncType::ON_DEMAND => wm::HistorySyncType::ON_DEMAND,
        _ => wm::HistorySyncType::RECENT,
    };
    wm::HistorySyncNotification {
        sync_type: Some(kind),
        chunk_order: sync.chunk_order,
        progress: sync.progress,
        ..Default::default()
    }
}

pub(super) fn protocol(notice: wm::HistorySyncNotification) -> wm::ProtocolMessage {
    wm::ProtocolMessage {
        r#type: Some(wm::protocol_message::Type::HISTORY_SYNC_NOTIFICATION),
        history_sync_notification: MessageField::some(notice),
        ..Default::default()
    }
}
