//! The phone's side of app state: the changes that it makes, and what every change, whoever made it, does to the account.

use buffa::MessageField;
use wacore_appstate::encode::encode_record;
use wacore_appstate::hash::{generate_index_mac, generate_patch_mac};
use wacore_appstate::schemas::{self, Schema};
use wacore_appstate::{Mutation, expand_app_state_keys};
use wacore_binary::{Jid, JidExt as _};
use waproto::whatsapp::{self as wa, sync_action_value as actions, syncd_mutation::SyncdOperation};

use super::collection::Conflict;
use super::{Action, AppState, COLLECTIONS, notice};
use crate::SimulatorError;
use crate::stanza::now_millis;
use crate::world::World;

/// One change of app state.
pub(crate) struct Change {
    pub(crate) schema: &'static Schema,
    /// What the action is about, without the action's name.
    pub(crate) about: Vec<String>,
    pub(crate) value: wa::SyncActionValue,
}

impl AppState {
    /// Takes a patch of whichever device. Answers what it changes.
    pub(super) fn take(
        &mut self,
        name: &str,
        base: u64,
        patch: wa::SyncdPatch,
    ) -> Result<Vec<Mutation>, Conflict> {
        let mut collection = self.collections.remove(name).unwrap_or_default();
        let taken = collection.take(name, base, patch, |id| self.expanded(id));
        self.collections.insert(name.to_owned(), collection);
        taken
    }

    /// A patch with these changes on top of a collection, sealed with the newest key.
    pub(super) fn patch(&mut self, name: &str, changes: Vec<Change>) -> Option<(u64, wa::SyncdPatch)> {
        let key = self.keys.last()?.clone();
        let keys = expand_app_state_keys(&key.data);
        let older: Vec<_> =
            self.keys.iter().rev().skip(1).map(|key| (expand_app_state_keys(&key.data), &key.id)).collect();
        let collection = self.collections.entry(name.to_owned()).or_default();
        let mut mutations: Vec<wa::SyncdMutation> = Vec::new();
        for change in changes {
            let about = change.about.iter().map(String::as_str);
            let index: Vec<&str> = std::iter::once(change.schema.name).chain(about).collect();
            let index = serde_json::to_vec(&index).ok()?;
            let version = change.schema.version as i32;
            // A record of an older key has another index; the new one takes its place.
            for (older, id) in &older {
                if collection.has(&generate_index_mac(&index, &older.index)) {
                    let iv = rand::random::<[u8; 16]>();
                    let removed =
                        encode_record(SyncdOperation::REMOVE, &index, &change.value, older, id, &iv, version);
                    mutations.push(removed.0);
                }
            }
            let iv = rand::random::<[u8; 16]>();
            mutations.push(
                encode_record(SyncdOperation::SET, &index, &change.value, &keys, &key.id, &iv, version).0,
            );
        }
        let next = collection.after(&mutations);
        let mut patch = wa::SyncdPatch {
            mutations,
            snapshot_mac: Some(next.generate_snapshot_mac(name, &keys.snapshot_mac)),
            key_id: MessageField::some(wa::KeyId { id: Some(key.id) }),
            device_index: Some(0),
            ..Default::default()
        };
        patch.patch_mac = Some(generate_patch_mac(&patch, name, &keys.patch_mac, next.version));
        Some((collection.version(), patch))
    }
}

/// What the phone has before its first companion: its language, the account's name, and
/// whether an archived chat comes back with its next message.
pub(crate) fn begin(world: &mut World, number: &str) -> Result<(), SimulatorError> {
    let account = world.account(number)?;
    if account.app_state.collections.contains_key(schemas::LOCALE_SETTING.collection.as_str()) {
        return Ok(());
    }
    let locale = actions::LocaleSetting { locale: Some("pt_BR".to_owned()) };
    let unarchive = actions::UnarchiveChatsSetting { unarchive_chats: Some(false) };
    let setting = |schema, value| Change { schema, about: Vec::new(), value };
    let mut changes = vec![
        setting(
            &schemas::LOCALE_SETTING,
            wa::SyncActionValue { locale_setting: MessageField::some(locale), ..Default::default() },
        ),
        setting(
            &schemas::UNARCHIVE_CHATS_SETTING,
            wa::SyncActionValue {
                unarchive_chats_setting: MessageField::some(unarchive),
                ..Default::default()
            },
        ),
    ];
    changes.extend(account.name.as_deref().map(push_name));
    change(world, number, changes)
}

/// The name that the account gives itself.
pub(crate) fn push_name(name: &str) -> Change {
    let setting = actions::PushNameSetting { name: Some(name.to_owned()) };
    Change {
        schema: &schemas::SETTING_PUSH_NAME,
        about: Vec::new(),
        value: wa::SyncActionValue { push_name_setting: MessageField::some(setting), ..Default::default() },
    }
}

/// The phone makes these changes: a patch for each collection, and a word to the companions.
pub(crate) fn change(world: &mut World, number: &str, changes: Vec<Change>) -> Result<(), SimulatorError> {
    let mut changed = Vec::new();
    let mut left = changes;
    for name in COLLECTIONS {
        let (mine, others): (Vec<Change>, Vec<Change>) =
            left.into_iter().partition(|change| change.schema.collection.as_str() == name);
        left = others;
        if mine.is_empty() {
            continue;
        }
        let stamped = mine.into_iter().map(|mut change| {
            change.value.timestamp = Some(now_millis() as i64);
            change
        });
        let state = &mut world.account_mut(number)?.app_state;
        let Some((base, patch)) = state.patch(name, stamped.collect()) else { continue };
        let wrong = |why| SimulatorError::Crypto(format!("the phone's own patch is wrong: {why:?}"));
        let mutations = state.take(name, base, patch).map_err(wrong)?;
        apply(world, number, name, mutations);
        changed.push(name);
    }
    notice::changed(world, number, &changed, None);
    Ok(())
}

/// The account is as these changes say.
pub(super) fn apply(world: &mut World, number: &str, collection: &str, mutations: Vec<Mutation>) {
    for mutation in mutations {
        let Ok(key) = serde_json::to_string(&mutation.index) else { continue };
        let chat = mutation.index.get(1).and_then(|address| address.parse::<Jid>().ok());
        let chat = chat.and_then(|jid| world.find(&jid).or_else(|| jid.is_group().then(|| jid.to_string())));
        let Some(account) = world.accounts.get_mut(number) else { return };
        if mutation.operation == SyncdOperation::REMOVE {
            account.app_state.actions.remove(&key);
            continue;
        }
        let value = mutation.action_value.unwrap_or_default();
        if let Some(name) = value.push_name_setting.as_option().and_then(|setting| setting.name.clone()) {
            account.devices.values_mut().for_each(|device| device.push_name = Some(name.clone()));
            account.name = Some(name);
        }
        if let Some(chat) = chat {
            in_chronicle(account, &chat, &mutation.index, &value);
        }
        account.app_state.actions.insert(key, Action::new(collection, mutation.index, &value));
    }
}

/// What a change does to what the phone remembers of a chat.
fn in_chronicle(
    account: &mut crate::account::Account,
    key: &str,
    index: &[String],
    value: &wa::SyncActionValue,
) {
    let chats = &mut account.phone.chronicle.chats;
    if value.delete_chat_action.is_set() {
        chats.remove(key);
        return;
    }
    let Some(chat) = chats.get_mut(key) else { return };
    if value.clear_chat_action.is_set() {
        chat.messages.clear();
        chat.unread = 0;
    }
    if value.mark_chat_as_read_action.as_option().is_some_and(|action| action.read == Some(true)) {
        chat.unread = 0;
    }
    let Some(id) = index.get(2) else { return };
    if value.delete_message_for_me_action.is_set() {
        chat.messages.retain(|message| message.id != *id);
    }
    if let Some(star) = value.star_action.as_option()
        && let Some(message) = chat.find(id)
    {
        message.starred = star.starred.unwrap_or_default();
    }
}
