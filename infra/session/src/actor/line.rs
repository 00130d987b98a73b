//! The sends of one number that this task has in hand, in the order in which they go out.

use super::receipts::Reached;
use crate::held::Held;
use carteiro_core::chat::Message;
use carteiro_core::ids::SendId;
use carteiro_core::ports::Parked;
use carteiro_core::send::Send;
use carteiro_engine::UploadedFile;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

/// Where a send stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It waits for its turn.
    Waiting,
    /// It has been written to the wire and not been acknowledged.
    Flight,
    /// What became of it is being stored, or is and its chat is behind.
    Recording,
}

/// How often a send is tried at least before it is set aside.
const LEAST_TRIES: u32 = 4;
/// How long to wait after a first failure; twice as long after each further one, that many times.
const AGAIN: Duration = Duration::from_secs(1);
const MOST_DOUBLINGS: u32 = 4;

/// One send in hand.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) place: Place,
    /// The commands that named it; more than one when the queue delivered it twice, or a sweep put it in line again.
    pub(super) held: Vec<Held>,
    /// Its place among the parked ones, if it came from there.
    pub(super) parked: Option<Parked>,
    /// The send as it was read; `None` when it has not been read yet.
    pub(super) send: Option<Box<Send>>,
    /// How often writing it was begun.
    pub(super) tries: u32,
    /// When it was first tried to bring it, or its file, to WhatsApp.
    pub(super) begun_at: Option<Instant>,
    pub(super) written_at: Option<Instant>,
    /// Whether it was let go as one that begins a chat; asked only where that matters.
    pub(super) begins_chat: bool,
    /// Until when its recipient is shown that somebody types.
    pub(super) typed_at: Option<Instant>,
    /// Its file, once that is on the media server.
    pub(super) uploaded: Option<UploadedFile>,
    /// How often the media server refused the file.
    pub(super) refusals: u32,
    /// How often the file could not be brought there.
    pub(super) troubles: u32,
    /// The message that it is on the wire, until that is taken for its chat.
    pub(super) message: Option<Box<Message>>,
    /// Whether what became of it is stored, so that only its chat is waited for.
    pub(super) is_stored: bool,
    /// Receipts that came before the acknowledgement was stored.
    pub(super) receipts: Vec<Reached>,
}

impl Entry {
    /// Whether it was tried often enough, and for long enough, that those behind it need not wait any longer.
    pub(super) fn is_stuck(&self, tries: u32, patience: Duration) -> bool {
        tries >= LEAST_TRIES && self.begun_at.is_some_and(|begun| begun.elapsed() >= patience)
    }

    /// How long to wait before what failed `tries` times is tried again.
    pub(super) fn next_try(tries: u32) -> Duration {
        AGAIN * 2u32.pow(tries.saturating_sub(1).min(MOST_DOUBLINGS))
    }

    fn new() -> Self {
        Self {
            place: Place::Waiting,
            held: Vec::new(),
            parked: None,
            send: None,
            tries: 0,
            begun_at: None,
            written_at: None,
            begins_chat: false,
            typed_at: None,
            uploaded: None,
            refusals: 0,
            troubles: 0,
            message: None,
            is_stored: false,
            receipts: Vec::new(),
        }
    }
}

/// The line. What was written and lost goes first, then what was parked, then what the queue holds.
#[derive(Debug, Default)]
pub(super) struct Line {
    entries: HashMap<SendId, Entry>,
    front: VecDeque<SendId>,
    back: VecDeque<SendId>,
    flight: VecDeque<SendId>,
}

impl Line {
    /// Puts a send of the queue at the end, unless it is in hand already.
    pub(super) fn add_held(&mut self, id: SendId, held: Held) {
        let back = &mut self.back;
        let entry = self.entries.entry(id).or_insert_with(|| {
            back.push_back(id);
            Entry::new()
        });
        entry.held.push(held);
    }

    /// Puts a parked send behind the earlier parked ones, before what the queue holds.
    pub(super) fn add_parked(&mut self, parked: Parked) {
        let id = parked.id;
        match self.entries.get_mut(&id) {
            None => self.front.push_back(id),
            Some(entry) if entry.place == Place::Waiting && self.back.contains(&id) => {
                self.back.retain(|waiting| *waiting != id);
                self.front.push_back(id);
            }
            Some(_) => {}
        }
        self.entries.entry(id).or_insert_with(Entry::new).parked = Some(parked);
    }

    /// The next sends to write, at most `count`; of the queue's only if the parked ones are `drained`.
    pub(super) fn ahead(&self, drained: bool, count: usize) -> impl Iterator<Item = SendId> {
        let back = self.back.iter().filter(move |_| drained);
        self.front.iter().chain(back).take(count).copied()
    }

    /// How many parked or lost sends wait.
    pub(super) fn front_len(&self) -> usize {
        self.front.len()
    }

    /// How many of the queue's wait.
    pub(super) fn back_len(&self) -> usize {
        self.back.len()
    }

    /// The first of the queue's that waits.
    pub(super) fn first_of_queue(&self) -> Option<SendId> {
        self.back.front().copied()
    }

    /// What waits in hand, is in the table as well, and was not written.
    pub(super) fn untouched(&self) -> Vec<SendId> {
        let of_table = |id: &&SendId| {
            self.entries
                .get(*id)
                .is_some_and(|entry| entry.parked.is_some() && entry.tries == 0 && !entry.begins_chat)
        };
        self.front.iter().filter(of_table).copied().collect()
    }

    /// All that wait, in order.
    pub(super) fn first_waiting(&self) -> Option<SendId> {
        self.ahead(true, 1).next()
    }

    pub(super) fn get(&self, id: SendId) -> Option<&Entry> {
        self.entries.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: SendId) -> Option<&mut Entry> {
        self.entries.get_mut(&id)
    }

    /// The send is about to be written.
    pub(super) fn take_off(&mut self, id: SendId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            self.front.retain(|waiting| *waiting != id);
            self.back.retain(|waiting| *waiting != id);
            entry.place = Place::Flight;
            entry.tries += 1;
            entry.begun_at.get_or_insert_with(Instant::now);
            entry.written_at = Some(Instant::now());
            self.flight.push_back(id);
        }
    }

    /// The send's outcome is known and is going to be stored.
    pub(super) fn retire(&mut self, id: SendId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.place = Place::Recording;
            for queue in [&mut self.front, &mut self.back, &mut self.flight] {
                queue.retain(|waiting| *waiting != id);
            }
        }
    }

    /// Writes that were not acknowledged are to be written again, first and in the same order.
    pub(super) fn rewind(&mut self) {
        while let Some(id) = self.flight.pop_back() {
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.place = Place::Waiting;
                self.front.push_front(id);
            }
        }
    }

    /// A send that could not be written waits again, before all others that wait.
    pub(super) fn back_to_front(&mut self, id: SendId) {
        if let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.place == Place::Flight) {
            entry.place = Place::Waiting;
            self.flight.retain(|flying| *flying != id);
            self.front.push_front(id);
        }
    }

    /// Takes a send out of hand.
    pub(super) fn remove(&mut self, id: SendId) -> Option<Entry> {
        for queue in [&mut self.front, &mut self.back, &mut self.flight] {
            queue.retain(|waiting| *waiting != id);
        }
        self.entries.remove(&id)
    }

    /// When the oldest write was made that is not acknowledged.
    pub(super) fn oldest_write(&self) -> Option<Instant> {
        self.flight.front().and_then(|id| self.entries.get(id)).and_then(|entry| entry.written_at)
    }

    /// How many writes are not acknowledged.
    pub(super) fn flight_len(&self) -> usize {
        self.flight.len()
    }

    /// Whether nothing waits.
    pub(super) fn none_waiting(&self) -> bool {
        self.front.is_empty() && self.back.is_empty()
    }

    /// Whether nothing is in hand.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
