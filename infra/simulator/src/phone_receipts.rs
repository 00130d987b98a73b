//! The receipts that a phone sends for what it received: delivered, read, played. As a rule each once and in this
//! order; on demand in any order and as often as asked.

use serde::Deserialize;
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, JidExt as _};

use crate::SimulatorError;
use crate::phone::Received;
use crate::phone_send::phone;
use crate::receipt;
use crate::world::World;

/// What a receipt says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReceiptKind {
    Delivered,
    Read,
    Played,
}

impl ReceiptKind {
    /// The stanza's `type`; a delivery has none. An account that tells nobody what it reads tells its own devices.
    fn wire(self, public: bool) -> Option<&'static str> {
        match (self, public) {
            (Self::Delivered, _) => None,
            (Self::Read, true) => Some("read"),
            (Self::Read, false) => Some("read-self"),
            (Self::Played, true) => Some("played"),
            (Self::Played, false) => Some("played-self"),
        }
    }
}

/// Sends one receipt.
pub(crate) fn one(world: &mut World, number: &str, to: &Jid, id: &str, kind: ReceiptKind) {
    several(world, number, to, std::slice::from_ref(&id), kind);
}

/// Sends one receipt for several messages of a chat.
fn several(world: &mut World, number: &str, to: &Jid, ids: &[&str], kind: ReceiptKind) {
    let Some((first, rest)) = ids.split_first() else { return };
    let author = to.is_group().then(|| author(world, number, to, first)).flatten();
    let mut stanza = NodeBuilder::new("receipt").attr("to", to.clone()).attr("id", (*first).to_owned());
    let public = world.accounts.get(number).is_none_or(|account| account.read_receipts);
    if let Some(kind) = kind.wire(public) {
        stanza = stanza.attr("type", kind);
    }
    if let Some(author) = author {
        stanza = stanza.attr("participant", author);
    }
    if !rest.is_empty() {
        let items = rest.iter().map(|id| NodeBuilder::new("item").attr("id", (*id).to_owned()).build());
        stanza = stanza.children([NodeBuilder::new("list").children(items).build()]);
    }
    receipt::relay(world, &phone(number), &stanza.build());
}

/// The address, as it stands in the group, of who wrote a message there.
fn author(world: &World, number: &str, group: &Jid, id: &str) -> Option<Jid> {
    let address = group.to_string();
    let received = &world.account(number).ok()?.phone.received;
    let message = received.iter().find(|received| received.id == id && received.chat == address)?;
    Some(world.group(group)?.address(world.account(&message.from).ok()?, 0))
}

/// Reads these messages, or all that are unread. Answers how many there were.
pub(crate) fn mark_read(
    world: &mut World,
    number: &str,
    ids: Option<&[String]>,
) -> Result<usize, SimulatorError> {
    mark(world, number, ids, ReceiptKind::Read, |received| Some(&mut received.read))
}

/// Plays these voice notes, or all that were not played. What is no voice note is left alone.
pub(crate) fn mark_played(
    world: &mut World,
    number: &str,
    ids: Option<&[String]>,
) -> Result<usize, SimulatorError> {
    mark(world, number, ids, ReceiptKind::Played, |received| {
        let voice = received.media.as_ref().is_some_and(|media| media.voice);
        voice.then_some(&mut received.played)
    })
}

fn mark(
    world: &mut World,
    number: &str,
    ids: Option<&[String]>,
    kind: ReceiptKind,
    mark_of: impl Fn(&mut Received) -> Option<&mut bool>,
) -> Result<usize, SimulatorError> {
    let mut marked = Vec::new();
    for received in &mut world.account_mut(number)?.phone.received {
        if received.copies == received.undecryptable {
            continue;
        }
        let named = ids.map(|ids| ids.contains(&received.id));
        let Some(done) = mark_of(received) else { continue };
        if named.unwrap_or(!*done) {
            *done = true;
            marked.push((received.chat.clone(), received.id.clone()));
        }
    }
    for (chat, id) in &marked {
        if let Ok(chat) = chat.parse() {
            seen(world, number, &chat);
            one(world, number, &chat, id, kind);
        }
    }
    Ok(marked.len())
}

/// The account has no unread messages of this chat.
pub(crate) fn seen(world: &mut World, number: &str, chat: &Jid) {
    let key = world.find(chat).unwrap_or_else(|| chat.to_non_ad().to_string());
    let account = world.accounts.get_mut(number);
    if let Some(chat) = account.and_then(|account| account.phone.chronicle.chats.get_mut(&key)) {
        chat.unread = 0;
    }
}

/// Sends these kinds of receipts in this order, each for all the messages, whatever was sent before. Answers how many
/// receipts went out.
pub(crate) fn send(
    world: &mut World,
    number: &str,
    ids: &[String],
    kinds: &[ReceiptKind],
    together: bool,
) -> Result<usize, SimulatorError> {
    let received = &world.account(number)?.phone.received;
    let mut chats: Vec<(Jid, &str)> = Vec::new();
    for id in ids {
        let chat = received.iter().find(|received| received.id == *id).map(|received| received.chat.parse());
        match chat {
            Some(Ok(chat)) => chats.push((chat, id)),
            _ => return Err(SimulatorError::NotFound("no such message".to_owned())),
        }
    }
    if together && chats.windows(2).any(|pair| pair[0].0 != pair[1].0) {
        return Err(SimulatorError::Invalid("one receipt is for the messages of one chat".to_owned()));
    }
    let mut sent = 0;
    for kind in kinds {
        let groups: Vec<(Jid, Vec<&str>)> = match (together, chats.first()) {
            (true, Some((chat, _))) => vec![(chat.clone(), chats.iter().map(|(_, id)| *id).collect())],
            _ => chats.iter().map(|(chat, id)| (chat.clone(), vec![*id])).collect(),
        };
        for (chat, ids) in groups {
            several(world, number, &chat, &ids, *kind);
            sent += 1;
        }
    }
    Ok(sent)
}
