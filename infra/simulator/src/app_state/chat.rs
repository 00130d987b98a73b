//! What a person does to a chat on the phone, and what has been done to it.

use buffa::MessageField;
use serde::{Deserialize, Serialize};
use wacore_appstate::schemas;
use wacore_binary::Jid;
use waproto::whatsapp::{self as wa, sync_action_value as actions};

use super::AppState;
use super::phone::Change;
use crate::SimulatorError;
use crate::chronicle::Chat;
use crate::world::World;

/// For ever, where a mute says until when.
const FOR_EVER: i64 = -1;

/// Some changes to one chat.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChatChange {
    /// The other's number, or a group's address.
    pub(crate) with: String,
    pin: Option<bool>,
    mute: Option<Mute>,
    archive: Option<bool>,
    read: Option<bool>,
    /// The name in the address book.
    name: Option<String>,
    star: Option<Star>,
    /// The id of a message that only the account itself no longer sees.
    delete_for_me: Option<String>,
    #[serde(default)]
    clear: bool,
    #[serde(default)]
    delete: bool,
}

/// For ever, no more, or until a time in milliseconds since the epoch.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Mute {
    Whether(bool),
    Until(i64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Star {
    id: String,
    #[serde(default = "yes")]
    on: bool,
}

fn yes() -> bool {
    true
}

/// What has been done to a chat.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ChatState {
    pub(crate) pinned: bool,
    /// When it was pinned, in milliseconds since the epoch.
    #[serde(skip)]
    pub(crate) pinned_at: i64,
    pub(crate) archived: bool,
    /// Milliseconds since the epoch, -1 for ever; absent when it is not muted.
    pub(crate) muted_until: Option<i64>,
    pub(crate) marked_unread: bool,
    /// The name in the address book.
    pub(crate) name: Option<String>,
}

impl ChatChange {
    /// The changes of app state, on the address by which the account has the chat.
    pub(crate) fn changes(self, world: &World, number: &str) -> Result<Vec<Change>, SimulatorError> {
        let unknown = || SimulatorError::NotFound("no account and no group is at this address".to_owned());
        let jid: Jid = match self.with.contains('@') {
            true => self.with.parse().map_err(|_| unknown())?,
            false => world.chat_address(number, &self.with)?,
        };
        let chat = world.account(number)?.phone.chronicle.chats.get(&self.with);
        let range = || MessageField::some(range(&jid, chat));
        let address = jid.to_string();
        let mut changes = Vec::new();
        let mut add = |schema, about: &[&str], value| {
            let about = std::iter::once(address.as_str()).chain(about.iter().copied());
            changes.push(Change { schema, about: about.map(str::to_owned).collect(), value });
        };
        if let Some(pinned) = self.pin {
            let pin_action = MessageField::some(actions::PinAction { pinned: Some(pinned) });
            add(&schemas::PIN, &[], wa::SyncActionValue { pin_action, ..Default::default() });
        }
        if let Some(mute) = self.mute {
            let mute_action = MessageField::some(mute.action());
            add(&schemas::MUTE, &[], wa::SyncActionValue { mute_action, ..Default::default() });
        }
        if let Some(archived) = self.archive {
            let action = actions::ArchiveChatAction { archived: Some(archived), message_range: range() };
            let archive_chat_action = MessageField::some(action);
            add(&schemas::ARCHIVE, &[], wa::SyncActionValue { archive_chat_action, ..Default::default() });
        }
        if let Some(read) = self.read {
            let action = actions::MarkChatAsReadAction { read: Some(read), message_range: range() };
            let mark_chat_as_read_action = MessageField::some(action);
            let value = wa::SyncActionValue { mark_chat_as_read_action, ..Default::default() };
            add(&schemas::MARK_CHAT_AS_READ, &[], value);
        }
        for (id, star) in self
            .star
            .iter()
            .map(|star| (&star.id, Some(star.on)))
            .chain(self.delete_for_me.iter().map(|id| (id, None)))
        {
            let message = chat.and_then(|chat| chat.messages.iter().find(|message| message.id == *id));
            let message =
                message.ok_or_else(|| SimulatorError::NotFound("the chat has no such message".to_owned()))?;
            let about = [id.as_str(), if message.from_me { "1" } else { "0" }, "0"];
            let mut value = wa::SyncActionValue::default();
            let schema = match star {
                Some(starred) => {
                    value.star_action = MessageField::some(actions::StarAction { starred: Some(starred) });
                    &schemas::STAR
                }
                None => {
                    let action = actions::DeleteMessageForMeAction {
                        delete_media: Some(true),
                        message_timestamp: i64::try_from(message.at).ok(),
                    };
                    value.delete_message_for_me_action = MessageField::some(action);
                    &schemas::DELETE_MESSAGE_FOR_ME
                }
            };
            add(schema, &about, value);
        }
        if self.clear {
            let clear_chat_action = MessageField::some(actions::ClearChatAction { message_range: range() });
            add(
                &schemas::CLEAR_CHAT,
                &["1", "0"],
                wa::SyncActionValue { clear_chat_action, ..Default::default() },
            );
        }
        if self.delete {
            let delete_chat_action = MessageField::some(actions::DeleteChatAction { message_range: range() });
            add(
                &schemas::DELETE_CHAT,
                &["1"],
                wa::SyncActionValue { delete_chat_action, ..Default::default() },
            );
        }
        if let Some(name) = self.name {
            changes.push(contact(world, &self.with, &name)?);
        }
        Ok(changes)
    }
}

/// A name in the address book, which goes by number.
fn contact(world: &World, number: &str, name: &str) -> Result<Change, SimulatorError> {
    let account = world.account(number)?;
    let action = actions::ContactAction {
        full_name: Some(name.to_owned()),
        first_name: name.split_whitespace().next().map(str::to_owned),
        lid_jid: Some(account.lid(0).to_string()),
        save_on_primary_addressbook: Some(true),
        ..Default::default()
    };
    Ok(Change {
        schema: &schemas::CONTACT,
        about: vec![account.pn(0).to_string()],
        value: wa::SyncActionValue { contact_action: MessageField::some(action), ..Default::default() },
    })
}

impl Mute {
    fn action(self) -> actions::MuteAction {
        let (muted, until) = match self {
            Self::Whether(true) => (true, FOR_EVER),
            Self::Whether(false) => (false, 0),
            Self::Until(until) => (true, until),
        };
        actions::MuteAction { muted: Some(muted), mute_end_timestamp: Some(until), ..Default::default() }
    }
}

/// Up to which message a change to a whole chat counts.
fn range(jid: &Jid, chat: Option<&Chat>) -> actions::SyncActionMessageRange {
    let last = chat.and_then(|chat| chat.messages.last());
    let messages = last.map(|message| actions::SyncActionMessage {
        key: MessageField::some(wa::MessageKey {
            remote_jid: Some(jid.to_string()),
            from_me: Some(message.from_me),
            id: Some(message.id.clone()),
            participant: None,
        }),
        timestamp: i64::try_from(message.at).ok(),
    });
    actions::SyncActionMessageRange {
        last_message_timestamp: last.and_then(|message| i64::try_from(message.at).ok()),
        last_system_message_timestamp: None,
        messages: messages.into_iter().collect(),
    }
}

impl AppState {
    /// What has been done to the chat at any of these addresses.
    pub(crate) fn chat(&self, addresses: &[&str]) -> ChatState {
        let mut state = ChatState::default();
        let about = |index: &[String]| index.get(1).is_some_and(|one| addresses.contains(&one.as_str()));
        for action in self.actions.values().filter(|action| about(&action.index)) {
            let value = action.value();
            if let Some(pin) = value.pin_action.as_option() {
                state.pinned = pin.pinned.unwrap_or_default();
                state.pinned_at = value.timestamp.unwrap_or_default();
            }
            if let Some(archive) = value.archive_chat_action.as_option() {
                state.archived = archive.archived.unwrap_or_default();
            }
            if let Some(mute) = value.mute_action.as_option() {
                state.muted_until = mute.mute_end_timestamp.filter(|_| mute.muted == Some(true));
            }
            if let Some(read) = value.mark_chat_as_read_action.as_option() {
                state.marked_unread = read.read == Some(false);
            }
            if let Some(contact) = value.contact_action.as_option() {
                state.name = contact.full_name.clone();
            }
        }
        state
    }
}
