//! The chunks of an account's history, one after the other: the newest messages of every chat, the names that people
//! give themselves, then the rest.

use waproto::whatsapp::{self as wa, history_sync::HistorySyncType};

use super::conversation::Described;
use super::recipe::Recipe;
use crate::chronicle::Chat;
use crate::group::{Group, Rank};
use crate::world::World;

/// How many of each chat's messages come with the first chunk.
const FIRST: usize = 5;

/// A chunk of older messages is full when it has this many.
const CHUNK: usize = 5_000;

/// The chats of an account: those that the phone remembers, and those that are made up.
pub(crate) struct Chats {
    remembered: Vec<Described>,
    generated: Vec<Recipe>,
    /// Of people without a chat: number address, LID address.
    mappings: Vec<(String, String)>,
    push_names: Vec<(String, String)>,
    /// At most this many messages of each chat are sent; the others stay on the phone.
    limit: usize,
    /// Whether the account's chats are addressed by LID.
    by_lid: bool,
}

impl Chats {
    /// The chats of an account, as they are now.
    pub(crate) fn of(world: &World, number: &str) -> Self {
        let Some(account) = world.accounts.get(number) else { return Self::none() };
        let chats = &account.phone.chronicle.chats;
        let silent = world
            .groups
            .iter()
            .filter(|(key, group)| group.members.contains_key(number) && !chats.contains_key(*key));
        let silent = silent.map(|(key, _)| (key, Chat::default()));
        let remembered = chats.iter().map(|(key, chat)| (key, chat.clone())).chain(silent);
        let remembered = remembered.map(|(key, chat)| described(world, number, key, chat));
        let mut of = Self {
            remembered: remembered.collect(),
            generated: account.phone.recipes.clone(),
            limit: account.phone.history_limit.unwrap_or(usize::MAX),
            by_lid: account.lid_migrated,
            ..Self::none()
        };
        of.remembered.sort_by_key(|chat| std::cmp::Reverse(chat.chat.messages.last().map(|last| last.at)));
        for peer in account.peers.iter().chain(chats.keys()).filter_map(|peer| world.accounts.get(peer)) {
            let (pn, lid) = (peer.pn(0).to_string(), peer.lid(0).to_string());
            if of.mappings.iter().any(|(known, _)| *known == pn) {
                continue;
            }
            of.push_names.extend(peer.name.clone().map(|name| (pn.clone(), name)));
            of.mappings.push((pn, lid));
        }
        of
    }

    fn none() -> Self {
        Self {
            remembered: Vec::new(),
            generated: Vec::new(),
            mappings: Vec::new(),
            push_names: Vec::new(),
            limit: usize::MAX,
            by_lid: true,
        }
    }

    /// Whether there is nothing but names.
    pub(crate) fn is_empty(&self) -> bool {
        self.remembered.iter().all(Described::is_nothing) && self.generated.is_empty()
    }

    /// The chat at an address.
    pub(super) fn at(&self, address: &str) -> Option<std::borrow::Cow<'_, Described>> {
        self.each().find(|chat| {
            let others = [&chat.pn, &chat.lid];
            chat.address == address || others.into_iter().flatten().any(|other| other == address)
        })
    }

    /// Every chat, made when its turn comes.
    fn each(&self) -> impl Iterator<Item = std::borrow::Cow<'_, Described>> {
        use std::borrow::Cow;
        let generated = self.generated.iter().flat_map(|recipe| {
            (0..recipe.chats).map(|chat| Cow::Owned(made_up(chat, recipe.chat(chat), self.by_lid)))
        });
        self.remembered.iter().map(Cow::Borrowed).chain(generated)
    }

    fn names(&self, sync: &mut wa::HistorySync) {
        let made_up = self.generated.iter().flat_map(|recipe| {
            (0..recipe.chats)
                .map(|chat| (format!("{}@s.whatsapp.net", Recipe::number(chat)), Recipe::name(chat)))
        });
        for (id, name) in self.push_names.iter().cloned().chain(made_up) {
            sync.pushnames.push(wa::Pushname { id: Some(id), pushname: Some(name) });
        }
    }

    fn mappings(&self, sync: &mut wa::HistorySync) {
        let made_up = self.generated.iter().flat_map(|recipe| {
            (0..recipe.chats).map(|chat| {
                (format!("{}@s.whatsapp.net", Recipe::number(chat)), format!("{}@lid", Recipe::lid(chat)))
            })
        });
        for (pn, lid) in self.mappings.iter().cloned().chain(made_up) {
            let mapping = wa::PhoneNumberToLIDMapping { pn_jid: Some(pn), lid_jid: Some(lid) };
            sync.phone_number_to_lid_mappings.push(mapping);
        }
    }

    /// The only chunk of an account without chats: names and addresses.
    pub(crate) fn bare(&self) -> wa::HistorySync {
        let mut sync = chunk(HistorySyncType::INITIAL_BOOTSTRAP, 1, Some(100));
        self.names(&mut sync);
        self.mappings(&mut sync);
        sync
    }

    /// Makes the chunks one by one, so that no more than one is in memory.
    pub(crate) fn each_chunk<E>(
        &self,
        mut send: impl FnMut(wa::HistorySync) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut first = chunk(HistorySyncType::INITIAL_BOOTSTRAP, 1, Some(0));
        let mut older = 0;
        for chat in self.each() {
            let count = chat.chat.messages.len();
            older += count.min(self.limit).saturating_sub(FIRST);
            first.conversations.push(chat.conversation(0, FIRST.min(self.limit), count <= FIRST));
        }
        self.mappings(&mut first);
        send(first)?;
        let mut names = chunk(HistorySyncType::PUSH_NAME, 1, None);
        self.names(&mut names);
        send(names)?;
        let (mut order, mut full, mut sent) = (1, 0, 0);
        let mut next = chunk(HistorySyncType::RECENT, order, None);
        for chat in self.each() {
            let count = chat.chat.messages.len();
            if count <= FIRST || self.limit <= FIRST {
                continue;
            }
            let conversation = chat.conversation(FIRST, self.limit, count <= self.limit);
            full += conversation.messages.len();
            next.conversations.push(conversation);
            if full >= CHUNK && sent + full < older {
                sent += full;
                next.progress = Some((sent * 100 / older) as u32);
                send(std::mem::take(&mut next))?;
                (order, full) = (order + 1, 0);
                next = chunk(HistorySyncType::RECENT, order, None);
            }
        }
        next.progress = Some(100);
        send(next)
    }
}

fn chunk(kind: HistorySyncType, order: u32, progress: Option<u32>) -> wa::HistorySync {
    wa::HistorySync { sync_type: kind, chunk_order: Some(order), progress, ..Default::default() }
}

/// What is known of a chat that the phone remembers.
fn described(world: &World, number: &str, key: &str, mut chat: Chat) -> Described {
    let group = world.groups.get(key);
    let by_lid = |number: &str| world.accounts.get(number).map(|account| account.lid(0).to_string());
    for message in &mut chat.messages {
        let author = message.author.as_ref().and_then(|author| world.accounts.get(author));
        let address = |author| group.map(|group| group.address(author, 0).to_string());
        (message.author, message.author_name) = match author {
            Some(author) => (address(author), author.name.clone()),
            None => (None, None),
        };
    }
    let peer = world.accounts.get(key);
    let state = world.chat_state(number, key);
    Described {
        own: number.to_owned(),
        address: world.chat_address(number, key).map_or_else(|_| key.to_owned(), |jid| jid.to_string()),
        pn: peer.map(|peer| peer.pn(0).to_string()),
        lid: by_lid(key),
        name: group.map(|group| group.subject.clone()).or(state.name),
        push_name: peer.and_then(|peer| peer.name.clone()),
        participants: group.map(|group| participants(world, group)).unwrap_or_default(),
        created: group.map(|group| group.created),
        pinned: state.pinned.then(|| u32::try_from(state.pinned_at / 1000).unwrap_or(u32::MAX)),
        archived: state.archived,
        // Seconds here, milliseconds in app state; for ever is the highest number.
        muted_until: state
            .muted_until
            .map(|until| u64::try_from(until).map_or(u64::MAX, |until| until / 1000)),
        marked_unread: state.marked_unread,
        chat,
    }
}

fn participants(world: &World, group: &Group) -> Vec<wa::GroupParticipant> {
    use wa::group_participant::Rank as Wire;
    let members = group.members.iter().filter_map(|(number, rank)| {
        let account = world.accounts.get(number)?;
        let rank = match rank {
            Rank::Member => Wire::REGULAR,
            Rank::Admin => Wire::ADMIN,
            Rank::SuperAdmin => Wire::SUPERADMIN,
        };
        let user_jid = group.address(account, 0).to_string();
        Some(wa::GroupParticipant { user_jid, rank: Some(rank), ..Default::default() })
    });
    members.collect()
}

fn made_up(chat: u32, messages: Chat, by_lid: bool) -> Described {
    let (pn, lid) =
        (format!("{}@s.whatsapp.net", Recipe::number(chat)), format!("{}@lid", Recipe::lid(chat)));
    Described {
        address: if by_lid { lid.clone() } else { pn.clone() },
        pn: Some(pn),
        lid: Some(lid),
        push_name: Some(Recipe::name(chat)),
        chat: messages,
        ..Described::default()
    }
}
