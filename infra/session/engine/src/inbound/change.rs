//! What happens beside messages: receipts, and what the number's other devices and WhatsApp change.

use super::People;
use super::message::{undecryptable, updates};
use super::people::{address, address_of};
use carteiro_core::chat::{Ack, ChatChange, ContactChange, Mute, Person, Update};
use carteiro_core::ids::MessageId;
use jiff::Timestamp;
use wacore::stanza::groups::GroupNotificationAction as Action;
use wacore::types::events::{BusinessUpdateType, ContactUpdate, Event, GroupUpdate, MuteUpdate, Receipt};
use wacore::types::presence::ReceiptType;
use wacore_binary::{Jid, NodeRef};
use whatsapp_rust::wacore::chrono::{DateTime, Utc};

/// What an event of the library changes. What a first synchronisation says of reading, clearing and deleting is left out: it
/// is older than the history that comes beside it.
pub(crate) fn changes(event: &Event, people: &People) -> Vec<Update> {
    let one = match event {
        Event::Messages(batch) => {
            return batch.iter().flat_map(|message| updates(message, people)).collect();
        }
        Event::UndecryptableMessage(event) => undecryptable(event, people),
        Event::Receipt(receipt) => acked(receipt, people),
        Event::RawNode(node) => read_elsewhere(node.get(), people),
        Event::ContactUpdate(contact) => named(contact, people),
        Event::SelfPushNameUpdated(own) => people.me().map(|me| {
            let push_name = Some(own.new_name.clone());
            Update::Contact(ContactChange { push_name, ..nothing_of(me.clone()) })
        }),
        Event::BusinessStatusUpdate(business)
            if business.update_type == BusinessUpdateType::VerifiedNameChanged =>
        {
            let verified_name = business.verified_name.clone().filter(|name| !name.is_empty());
            let person = address(&business.jid).map(|business| people.person(business));
            person
                .filter(|_| verified_name.is_some())
                .map(|person| Update::Contact(ContactChange { verified_name, ..nothing_of(person) }))
        }
        Event::PinUpdate(pin) => {
            let pinned = pin.action.pinned.unwrap_or_default().then(|| moment(pin.timestamp));
            chat(&pin.jid, ChatChange::Pinned(pinned), people)
        }
        Event::MuteUpdate(mute) => chat(&mute.jid, ChatChange::Muted(muted(mute)), people),
        Event::ArchiveUpdate(archive) => {
            let archived = archive.action.archived.unwrap_or_default();
            chat(&archive.jid, ChatChange::Archived(archived), people)
        }
        Event::MarkChatAsReadUpdate(mark) if !mark.from_full_sync => {
            let read = mark.action.read.unwrap_or_default();
            chat(&mark.jid, if read { ChatChange::Read } else { ChatChange::MarkedUnread }, people)
        }
        Event::ClearChatUpdate(clear) if !clear.from_full_sync => {
            chat(&clear.jid, ChatChange::Cleared, people)
        }
        Event::DeleteChatUpdate(delete) if !delete.from_full_sync => {
            chat(&delete.jid, ChatChange::Deleted, people)
        }
        Event::GroupUpdate(group) if is_out(group, people) => {
            address(&group.group_jid).map(Update::GroupLeft)
        }
        _ => None,
    };
    one.into_iter().collect()
}

/// The pairs of a number and a LID, as user parts, that an event tells, for the library's own map.
pub(crate) fn lid_and_number(event: &Event) -> Option<(String, String)> {
    let Event::ContactUpdate(contact) = event else { return None };
    let jids = [Some(contact.jid.to_string()), contact.action.lid_jid.clone(), contact.action.pn_jid.clone()];
    let addresses: Vec<_> = jids.iter().flatten().filter_map(|jid| address_of(jid)).collect();
    let lid = addresses.iter().find(|address| address.is_lid())?;
    let number = addresses.iter().find(|address| address.is_person() && !address.is_lid())?;
    Some((lid.user().to_owned(), number.user().to_owned()))
}

/// Whether the number is no longer in a group.
fn is_out(update: &GroupUpdate, people: &People) -> bool {
    match &update.action {
        Action::Delete { .. } => true,
        Action::Remove { participants, .. } => participants.iter().any(|participant| {
            let addresses =
                [Some(&participant.jid), participant.phone_number.as_ref(), participant.lid.as_ref()];
            let mut addresses = addresses.into_iter().flatten().filter_map(address);
            addresses.any(|address| people.is_me(&people.person(address)))
        }),
        _ => false,
    }
}

fn chat(jid: &Jid, change: ChatChange, people: &People) -> Option<Update> {
    let chat = people.person(address(jid)?).address().clone();
    Some(Update::Chat { chat, change })
}

fn nothing_of(person: Person) -> ContactChange {
    ContactChange { person, name: None, push_name: None, verified_name: None }
}

fn named(contact: &ContactUpdate, people: &People) -> Option<Update> {
    let action = &contact.action;
    let known = address(&contact.jid)?;
    let others = [&action.pn_jid, &action.lid_jid];
    let mut others = others.into_iter().flatten().filter_map(|jid| address_of(jid));
    let other = others.find(|other| other.is_person() && other.is_lid() != known.is_lid());
    let person = match other {
        Some(other) => Person::new(known, Some(other)),
        None => people.person(known),
    };
    let name = [&action.full_name, &action.first_name].into_iter().flatten().find(|name| !name.is_empty());
    let name = Some(name.cloned());
    person
        .address()
        .is_person()
        .then(|| Update::Contact(ContactChange { name, ..nothing_of(person.clone()) }))
}

fn muted(mute: &MuteUpdate) -> Option<Mute> {
    if !mute.action.muted.unwrap_or_default() {
        return None;
    }
    let until = mute.action.mute_end_timestamp.filter(|until| *until > 0);
    Some(until.and_then(|until| Timestamp::from_millisecond(until).ok()).map_or(Mute::Forever, Mute::Until))
}

/// How far messages of the number came, by those whom they reached.
fn acked(receipt: &Receipt, people: &People) -> Option<Update> {
    let ack = match receipt.r#type {
        ReceiptType::Delivered => Ack::Received,
        ReceiptType::Read => Ack::Read,
        ReceiptType::Played => Ack::Played,
        _ => return None,
    };
    let chat = people.person(address(&receipt.source.chat)?);
    let sender = people.person(address(&receipt.source.sender)?);
    // The number's own devices tell what they have read, not how far its messages came.
    if people.is_me(&sender) {
        return None;
    }
    let ids: Vec<MessageId> = receipt.message_ids.iter().filter_map(|id| id.parse().ok()).collect();
    let (chat, at) = (chat.address().clone(), moment(receipt.timestamp));
    (!ids.is_empty()).then_some(Update::Acked { chat, ids, ack, at })
}

/// Whether a stanza may tell what another device of the number has read: the library's receipts do not say in which chat. It is a
/// receipt for a message of somebody else, from the number itself; `read-self` where the number hides what it reads.
pub(crate) fn may_tell_of_reading(stanza: &NodeRef<'_>) -> bool {
    let mut attributes = stanza.attrs();
    let read = attributes.optional_string("type").is_some_and(|kind| kind == "read" || kind == "read-self");
    read && stanza.tag.as_ref() == "receipt"
        && (attributes.optional_jid("recipient").is_some()
            || attributes.optional_jid("participant").is_some())
}

/// A chat that another device of the number has read.
fn read_elsewhere(stanza: &NodeRef<'_>, people: &People) -> Option<Update> {
    let mut attributes = stanza.attrs();
    let mut person = |name| {
        let jid = attributes.optional_jid(name)?;
        Some(people.person(address(&jid)?))
    };
    let (from, recipient, participant) = (person("from")?, person("recipient"), person("participant"));
    let (chat, reader) = match (recipient, participant) {
        (Some(chat), _) => (chat, from),
        (None, Some(reader)) => (from, reader),
        (None, None) => return None,
    };
    let chat = chat.address().clone();
    people.is_me(&reader).then_some(Update::Chat { chat, change: ChatChange::Read })
}

fn moment(at: DateTime<Utc>) -> Timestamp {
    Timestamp::from_millisecond(at.timestamp_millis()).unwrap_or(Timestamp::UNIX_EPOCH)
}
