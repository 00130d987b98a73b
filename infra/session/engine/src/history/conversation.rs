//! Chats, as the phone has them.

use super::message::messages;
use crate::inbound::{People, address_of};
use carteiro_core::chat::{Chat, Contact, Message, Mute};
use jiff::Timestamp;
use waproto::whatsapp::Conversation;

/// A count of unread messages above this is a negative one, which marks a chat as unread by hand.
const MOST_UNREAD: u32 = 1 << 30;
/// What is later than this many seconds is told in milliseconds.
const LATEST_SECOND: u64 = 100_000_000_000;

/// A chat with what was said in it, in the order in which the phone tells it.
pub(crate) struct Found {
    pub(crate) chat: Chat,
    pub(crate) messages: Vec<Message>,
    pub(crate) contact: Option<Contact>,
}

/// Learns the two addresses of whom a chat is with.
pub(crate) fn hear(conversation: &Conversation, people: &mut People) {
    let jids = [Some(&conversation.id), conversation.pn_jid.as_ref(), conversation.lid_jid.as_ref()];
    let addresses: Vec<_> = jids.into_iter().flatten().filter_map(|jid| address_of(jid)).collect();
    for one in &addresses {
        for other in &addresses {
            people.pair(one, other);
        }
    }
}

/// What the phone tells of a chat; `None` for one that has no place here.
pub(crate) fn found(conversation: &Conversation, people: &People) -> Option<Found> {
    let place = people.person(address_of(&conversation.id)?);
    let with = place.address().is_person().then(|| place.clone());
    let name = text(conversation.name.as_ref());
    let contact = with.clone().filter(|_| name.is_some());
    let contact = contact.map(|person| Contact { name: name.clone(), ..Contact::new(person) });
    let last_at = conversation.conversation_timestamp.or(conversation.last_msg_timestamp);
    let unread = conversation.unread_count.unwrap_or_default();
    let by_hand = unread > MOST_UNREAD;
    let chat = Chat {
        name: name.or_else(|| text(conversation.display_name.as_ref())),
        last_at: last_at.and_then(moment),
        unread: if by_hand { 0 } else { unread },
        marked_unread: by_hand || conversation.marked_as_unread.unwrap_or_default(),
        archived: conversation.archived.unwrap_or_default(),
        pinned_at: conversation.pinned.and_then(|at| moment(at.into())),
        muted: conversation.mute_end_time.and_then(muted),
        ..Chat::new(place.address().clone(), with)
    };
    let told = conversation.messages.iter().filter_map(|message| message.message.as_option());
    let messages = told.flat_map(|message| messages(message, &place, people)).collect();
    Some(Found { chat, messages, contact })
}

fn text(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

/// A moment in seconds, or in milliseconds; zero is none.
pub(super) fn moment(at: u64) -> Option<Timestamp> {
    let signed = i64::try_from(at).ok().filter(|at| *at > 0)?;
    if at > LATEST_SECOND { Timestamp::from_millisecond(signed) } else { Timestamp::from_second(signed) }.ok()
}

/// A negative end is none.
fn muted(until: u64) -> Option<Mute> {
    if i64::try_from(until).is_err() {
        return Some(Mute::Forever);
    }
    moment(until).map(Mute::Until)
}
