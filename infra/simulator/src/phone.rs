//! The phones, which the simulator plays itself: a phone decrypts what it gets, keeps the texts, sends receipts,
//! and writes to others, all with real Signal sessions.

use std::collections::{BTreeMap, BTreeSet};

use buffa::Message as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wacore::messages::MessageUtils;
use wacore_binary::{JidExt as _, Node};
use waproto::whatsapp as wa;

use crate::SimulatorError;
use crate::account::{AutoReceipts, DeviceRef};
use crate::chronicle::Chronicle;
use crate::content::Content;
use crate::history::Recipe;
use crate::phone_receipts::{self, ReceiptKind};
use crate::phone_send::{self, Sent};
use crate::received_media::{MediaCheck, ReceivedMedia};
use crate::sender_keys::SenderKeys;
use crate::signal::Signal;
use crate::stanza::{attr, bytes, children, jid_attr, now_millis};
use crate::world::World;
use crate::{phone_greet, phone_own};

/// One account's phone.
#[derive(Serialize, Deserialize)]
pub(crate) struct Phone {
    pub(crate) signal: Signal,
    /// What it received, in the order of first arrival.
    pub(crate) received: Vec<Received>,
    /// What it sent, by message id: for requests to send again.
    pub(crate) sent: BTreeMap<String, Sent>,
    /// The receipts it got for what it sent: message id, then kind (`delivered`, `read`, …) and count.
    pub(crate) receipts: BTreeMap<String, BTreeMap<String, u64>>,
    /// Whose they were, in groups: message id, then kind, and the members' numbers.
    #[serde(default)]
    pub(crate) receipts_of: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// Its keys for groups, and those of the other members.
    #[serde(default)]
    pub(crate) sender_keys: SenderKeys,
    /// What it remembers of its chats.
    #[serde(default)]
    pub(crate) chronicle: Chronicle,
    /// Chats that are made up, for a companion's history.
    #[serde(default)]
    pub(crate) recipes: Vec<Recipe>,
    /// How many of each chat's messages a new companion gets; all when absent.
    #[serde(default)]
    pub(crate) history_limit: Option<usize>,
}

/// A message as a phone received it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Received {
    pub(crate) id: String,
    /// The sender's number.
    pub(crate) from: String,
    /// The chat's address, where receipts go.
    pub(crate) chat: String,
    /// `None` while nothing could be decrypted, or when the message is no text.
    pub(crate) text: Option<String>,
    /// As in [`Content`].
    pub(crate) kind: String,
    pub(crate) media: Option<ReceivedMedia>,
    /// What else it says, by name.
    #[serde(default)]
    pub(crate) told: Map<String, Value>,
    /// First arrival, milliseconds since the epoch.
    pub(crate) at: u64,
    /// Its place in the order in which the server saw things.
    pub(crate) order: u64,
    /// How often it arrived.
    pub(crate) copies: u64,
    /// How many of the copies could not be decrypted.
    pub(crate) undecryptable: u64,
    pub(crate) read: bool,
    /// Whether the voice note was played.
    #[serde(default)]
    pub(crate) played: bool,
}

/// Something for a phone to do, outside the lock's critical path of the one who caused it.
pub(crate) enum PhoneWork {
    /// A stanza came for a number's phone.
    Stanza {
        /// Whose phone.
        number: String,
        /// What came.
        stanza: Node,
    },
    /// A new device is online for the first time.
    Greet {
        /// The device.
        device: DeviceRef,
    },
}

impl Phone {
    pub(crate) fn new() -> Result<Self, SimulatorError> {
        Ok(Self {
            signal: Signal::generate()?,
            received: Vec::new(),
            sent: BTreeMap::new(),
            receipts: BTreeMap::new(),
            receipts_of: BTreeMap::new(),
            sender_keys: SenderKeys::default(),
            chronicle: Chronicle::default(),
            recipes: Vec::new(),
            history_limit: None,
        })
    }
}

/// Does one piece of work.
pub(crate) fn work(world: &mut World, work: PhoneWork) {
    let outcome = match &work {
        PhoneWork::Stanza { number, stanza } => match stanza.tag.as_ref() {
            "message" => receive(world, number, stanza),
            "receipt" => receipt(world, number, stanza),
            _ => Ok(()),
        },
        PhoneWork::Greet { device } => phone_greet::greet(world, device),
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a phone could not do its work");
    }
}

fn receive(world: &mut World, number: &str, stanza: &Node) -> Result<(), SimulatorError> {
    let id = attr(stanza, "id");
    let Some(from) = jid_attr(stanza, "from") else { return Ok(()) };
    let author = jid_attr(stanza, "participant").unwrap_or_else(|| from.clone());
    let Some(sender) = world.find(&author) else { return Ok(()) };
    let chat = if from.is_group() { from.to_string() } else { sender.clone() };
    let order = world.next_order();
    let phone = &mut world.account_mut(number)?.phone;
    let mut content = None;
    let mut failure = None;
    for envelope in children(stanza).iter().filter(|child| child.tag == "enc") {
        let sealed = bytes(envelope).unwrap_or_default();
        let opened = match attr(envelope, "type").as_str() {
            "skmsg" => phone.sender_keys.decrypt(&chat, &sender, author.device, &sealed),
            kind => phone.signal.decrypt(&sender, author.device, kind, &sealed),
        };
        match opened.and_then(|plaintext| message(&plaintext)) {
            Ok(message) => {
                let rest = phone.sender_keys.take(&chat, &sender, author.device, message)?;
                content = rest.or(content);
            }
            Err(error) => failure = Some(error),
        }
    }
    if sender == number {
        // A copy of what an own companion sent, or a request to the own phone: nothing to list or to confirm.
        if let Some(content) = &content {
            match from.is_group() {
                true => phone.chronicle.wrote(number, &chat, &id, content),
                false => phone_own::sent(world, number, stanza, content)?,
            }
        }
        return failure.map_or(Ok(()), Err);
    }
    let readable = |received: &Received| received.copies > received.undecryptable;
    // What was read and comes again byte for byte is dropped without a word, as every Signal client drops it.
    let replayed = matches!(failure, Some(SimulatorError::Replay))
        && phone.received.iter().any(|known| known.id == id && known.from == sender && readable(known));
    let undecryptable = content.is_none() && !replayed;
    if let Some(message) = &content {
        phone.chronicle.got(&chat, &sender, &id, message);
    }
    let content = content.as_ref().map(Content::of);
    let (kind, text, media, told) = match content {
        Some(content) => (content.kind, content.text, content.media, content.told),
        None => ("other", None, None, Map::new()),
    };
    let has_media = media.is_some();
    let fresh = match phone.received.iter_mut().find(|received| received.id == id && received.from == sender)
    {
        Some(received) => {
            let first_readable = received.copies == received.undecryptable && !undecryptable;
            received.copies += 1;
            received.undecryptable += u64::from(undecryptable);
            if first_readable {
                received.text = text;
                received.kind = kind.to_owned();
                received.media = media;
                received.told = told;
            }
            first_readable
        }
        None => {
            phone.received.push(Received {
                id: id.clone(),
                from: sender.clone(),
                chat: from.to_non_ad().to_string(),
                text,
                kind: kind.to_owned(),
                media,
                told,
                at: now_millis(),
                order,
                copies: 1,
                undecryptable: u64::from(undecryptable),
                read: false,
                played: false,
            });
            true
        }
    };
    if fresh && has_media {
        let check = MediaCheck { number: number.to_owned(), from: sender.clone(), id: id.clone() };
        world.media_checks.push(check);
    }
    let phone = &world.account(number)?.phone;
    if undecryptable {
        // A copy of a message that is already there needs no second sending; one that never was readable does.
        let missing = phone.received.iter().any(|received| {
            received.id == id && received.from == sender && received.copies == received.undecryptable
        });
        if missing {
            phone_send::ask_again(world, number, stanza)?;
        }
        return failure.map_or(Ok(()), Err);
    }
    let auto = world.account(number)?.auto_receipts;
    if auto != AutoReceipts::None {
        phone_receipts::one(world, number, &from, &id, ReceiptKind::Delivered);
    }
    if auto == AutoReceipts::Read && fresh {
        phone_receipts::mark_read(world, number, Some(&[id]))?;
    }
    Ok(())
}

fn receipt(world: &mut World, number: &str, stanza: &Node) -> Result<(), SimulatorError> {
    let kind = attr(stanza, "type");
    if kind == "retry" {
        return phone_send::send_again(world, number, stanza);
    }
    let kind = if kind.is_empty() { "delivered".to_owned() } else { kind };
    let from = jid_attr(stanza, "from");
    let group = from.as_ref().filter(|from| from.is_group()).map(|group| group.to_string());
    let chat = group.or_else(|| world.find(from.as_ref()?)).unwrap_or_default();
    let participant = jid_attr(stanza, "participant").and_then(|reader| world.find(&reader));
    let own_read = participant.as_deref() == Some(number) && kind != "delivered" && kind != "sender";
    let read = match own_read {
        true => from,
        false => jid_attr(stanza, "recipient").filter(|_| chat == number),
    };
    if let Some(chat) = read {
        return phone_own::read(world, number, &chat, stanza);
    }
    let phone = &mut world.account_mut(number)?.phone;
    for id in crate::receipt::receipted(stanza, &attr(stanza, "id")) {
        phone.chronicle.receipted(&chat, &id, &kind);
        if phone.sent.contains_key(&id) {
            if let Some(member) = &participant {
                let kinds = phone.receipts_of.entry(id.clone()).or_default();
                kinds.entry(kind.clone()).or_default().insert(member.clone());
            }
            *phone.receipts.entry(id).or_default().entry(kind.clone()).or_default() += 1;
        }
    }
    Ok(())
}

fn message(padded: &[u8]) -> Result<wa::Message, SimulatorError> {
    let padding = usize::from(padded.last().copied().unwrap_or_default());
    let plaintext = padded
        .len()
        .checked_sub(padding)
        .map(|length| &padded[..length])
        .ok_or_else(|| SimulatorError::protocol("padding longer than its message"))?;
    wa::Message::decode_from_slice(plaintext).map_err(SimulatorError::protocol)
}

/// A message's bytes with the padding that hides its length.
pub(crate) fn padded(message: &wa::Message) -> Vec<u8> {
    MessageUtils::encode_and_pad(message)
}
