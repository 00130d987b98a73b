//! One chat as it stands in a chunk of history.

use buffa::MessageField;
use waproto::whatsapp::{
    self as wa,
    web_message_info::{Status, StubType},
};

use crate::chronicle::{Chat, Receipt, Remembered};

/// A chat, and what is known of it besides its messages.
#[derive(Clone, Default)]
pub(crate) struct Described {
    /// The number of the account whose history this is.
    pub(crate) own: String,
    /// The chat's address.
    pub(crate) address: String,
    /// The other's address by number and by LID, where both are known.
    pub(crate) pn: Option<String>,
    pub(crate) lid: Option<String>,
    /// The name in the account's address book, or a group's subject.
    pub(crate) name: Option<String>,
    /// The other's own name for himself.
    pub(crate) push_name: Option<String>,
    /// Seconds since the epoch.
    pub(crate) pinned: Option<u32>,
    pub(crate) archived: bool,
    /// Seconds since the epoch.
    pub(crate) muted_until: Option<u64>,
    pub(crate) marked_unread: bool,
    /// A group's members.
    pub(crate) participants: Vec<wa::GroupParticipant>,
    /// When a group was made, in seconds since the epoch.
    pub(crate) created: Option<u64>,
    pub(crate) chat: Chat,
}

impl Described {
    /// Whether it is not worth a mention.
    pub(crate) fn is_nothing(&self) -> bool {
        self.chat.messages.is_empty() && self.participants.is_empty()
    }

    /// The chat with some of its messages, counted from the newest, which come first. `whole`: nothing older is kept.
    pub(crate) fn conversation(&self, from: usize, to: usize, whole: bool) -> wa::Conversation {
        use wa::conversation::EndOfHistoryTransferType as End;
        let newest_first = self.chat.messages.iter().rev().enumerate();
        let chosen = newest_first.skip(from).take(to.saturating_sub(from));
        let count = self.chat.messages.len();
        let messages = chosen.map(|(age, message)| wa::HistorySyncMsg {
            message: MessageField::some(self.message(message)),
            msg_order_id: Some((count - age) as u64),
        });
        let last = self.chat.messages.last().map(|message| message.at);
        let end = match whole {
            true => End::COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY,
            false => End::COMPLETE_BUT_MORE_MESSAGES_REMAIN_ON_PRIMARY,
        };
        wa::Conversation {
            id: self.address.clone(),
            messages: messages.collect(),
            last_msg_timestamp: last,
            conversation_timestamp: last.or(self.created),
            unread_count: Some(self.chat.unread),
            end_of_history_transfer: Some(whole),
            end_of_history_transfer_type: Some(end),
            name: self.name.clone(),
            not_spam: Some(true),
            archived: Some(self.archived),
            marked_as_unread: Some(self.marked_unread),
            pinned: self.pinned,
            mute_end_time: self.muted_until,
            participant: self.participants.clone(),
            created_at: self.created,
            pn_jid: self.pn.clone(),
            lid_jid: self.lid.clone(),
            ..Default::default()
        }
    }

    fn message(&self, message: &Remembered) -> wa::WebMessageInfo {
        let content = (!message.revoked).then(|| message.message());
        let secret = content.as_ref().and_then(|content| {
            content.message_context_info.as_option().and_then(|context| context.message_secret.clone())
        });
        let key = wa::MessageKey {
            remote_jid: Some(self.address.clone()),
            from_me: Some(message.from_me),
            id: Some(message.id.clone()),
            participant: message.author.clone(),
        };
        let reactions = message.reactions.iter().map(|(author, reacted)| wa::Reaction {
            key: MessageField::some(wa::MessageKey {
                remote_jid: Some(self.address.clone()),
                from_me: Some(*author == self.own),
                id: Some(reacted.id.clone()),
                participant: None,
            }),
            text: Some(reacted.emoji.clone()),
            sender_timestamp_ms: i64::try_from(reacted.at * 1000).ok(),
            unread: Some(false),
            ..Default::default()
        });
        wa::WebMessageInfo {
            message: content.map(MessageField::some).unwrap_or_default(),
            message_timestamp: Some(message.at),
            status: message.from_me.then(|| status(message.receipt)),
            participant: message.author.clone(),
            starred: message.starred.then_some(true),
            push_name: message
                .author_name
                .clone()
                .or_else(|| self.push_name.clone())
                .filter(|_| !message.from_me),
            message_stub_type: message.revoked.then_some(StubType::REVOKE),
            reactions: reactions.collect(),
            message_secret: secret,
            key: MessageField::some(key),
            ..Default::default()
        }
    }
}

fn status(receipt: Receipt) -> Status {
    match receipt {
        Receipt::Sent => Status::SERVER_ACK,
        Receipt::Delivered => Status::DELIVERY_ACK,
        Receipt::Read => Status::READ,
        Receipt::Played => Status::PLAYED,
    }
}
