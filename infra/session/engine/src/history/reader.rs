//! Reads a blob, one chat at a time.

use super::contact::contacts;
use super::conversation::{found, hear};
use super::part::Part;
use crate::event::SessionEvent;
use crate::handover::Handover;
use crate::inbound::{People, Told};
use bytes::Bytes;
use carteiro_core::chat::Update;
use std::sync::Arc;
use tokio::sync::mpsc::{self, WeakUnboundedSender};
use tokio::task::spawn_blocking;
use wacore::history_sync::{HistorySyncError, HistorySyncStream};
use waproto::whatsapp::{Conversation, HistorySync};
use whatsapp_rust::Client;

/// More people than this are looked up anew, so that a blob of many groups does not hold them all.
const MOST_PEOPLE: usize = 5_000;

/// Why reading stopped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The owner did not accept a part.
    Refused,
    /// The session is over.
    Over,
}

enum Piece {
    Chat(Box<Conversation>),
    Rest(Box<HistorySync>),
}

/// Hands a blob over; gives how many messages there were. What is damaged in it is left out.
pub(crate) async fn read(
    client: &Arc<Client>,
    blob: Bytes,
    size: u64,
    queue: &WeakUnboundedSender<Told>,
) -> Result<u32, Stopped> {
    let (pieces, mut coming) = mpsc::channel(1);
    let decoding = spawn_blocking(move || decode(&blob, size, &pieces));
    let mut people = People::of(client);
    let (mut part, mut count) = (Part::default(), 0);
    while let Some(piece) = coming.recv().await {
        let full = match piece {
            Piece::Chat(conversation) => {
                if people.count() > MOST_PEOPLE {
                    people = People::of(client);
                }
                hear(&conversation, &mut people);
                let found = people.map(client, |people| found(&conversation, people)).await;
                let Some(found) = found else { continue };
                count += found.messages.len();
                part.add(found)
            }
            Piece::Rest(rest) => {
                let contacts = people.map(client, |people| contacts(&rest, people)).await;
                part.add_contacts(contacts)
            }
        };
        for update in full {
            hand_over(vec![update], queue).await?;
        }
    }
    if let Some(update) = part.rest() {
        hand_over(vec![update], queue).await?;
    }
    match decoding.await {
        Ok(Ok(0)) => {}
        Ok(Ok(skipped)) => tracing::warn!(skipped, "chats of a number's history could not be read"),
        Ok(Err(_)) | Err(_) => tracing::warn!("a part of a number's history could not be read to its end"),
    }
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

fn decode(blob: &[u8], size: u64, pieces: &mpsc::Sender<Piece>) -> Result<usize, HistorySyncError> {
    let mut stream = HistorySyncStream::new(blob, size);
    while let Some(conversation) = stream.next_conversation()? {
        if pieces.blocking_send(Piece::Chat(Box::new(conversation))).is_err() {
            return Ok(0);
        }
    }
    let skipped = stream.skipped_conversations();
    let rest = Piece::Rest(Box::new(stream.remainder()?));
    let _ = pieces.blocking_send(rest);
    Ok(skipped)
}

/// Hands over and waits until it was accepted.
pub(crate) async fn hand_over(
    updates: Vec<Update>,
    queue: &WeakUnboundedSender<Told>,
) -> Result<(), Stopped> {
    let (handover, accepted) = Handover::new();
    let told = SessionEvent::Updates { updates, handover }.into();
    let sent = queue.upgrade().map(|queue| queue.send(told));
    if !matches!(sent, Some(Ok(()))) {
        return Err(Stopped::Over);
    }
    accepted.await.map_err(|_| Stopped::Refused)
}
