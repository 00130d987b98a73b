use super::*;
use crate::inbound::change::{changes, lid_and_number, may_tell_of_reading};
use carteiro_core::chat::{Ack, ChatChange, Mute, Update};
use jiff::Timestamp;
use wacore::stanza::groups::{GroupNotificationAction, GroupParticipantInfo};
use wacore::types::events::*;
use wacore::types::presence::ReceiptType;
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node};
use waproto::whatsapp::sync_action_value::{
    ArchiveChatAction, ContactAction, DeleteChatAction, MarkChatAsReadAction, MuteAction, PinAction,
};
use whatsapp_rust::wacore::chrono::Utc;

fn when() -> DateTime<Utc> {
    DateTime::from_timestamp(AT, 0).unwrap()
}

fn one(event: &Event) -> Option<Update> {
    let mut updates = changes(event, &people());
    assert!(updates.len() < 2);
    updates.pop()
}

fn of_anas_chat(change: ChatChange) -> Option<Update> {
    Some(Update::Chat { chat: at(ANA), change })
}

fn anas() -> Jid {
    ANAS_LID.parse().unwrap()
}

#[test]
fn chats_change_with_the_phone() {
    let moment = Timestamp::from_second(AT).unwrap();
    for (pinned, expected) in [(true, Some(moment)), (false, None)] {
        let action = Box::new(PinAction { pinned: Some(pinned) });
        let event =
            PinUpdate::builder().jid(anas()).timestamp(when()).action(action).from_full_sync(true).build();
        assert_eq!(one(&Event::PinUpdate(event)), of_anas_chat(ChatChange::Pinned(expected)));
    }
    for (muted, until, expected) in [
        (true, Some(-1), Some(Mute::Forever)),
        (true, None, Some(Mute::Forever)),
        (true, Some(AT * 1000), Some(Mute::Until(moment))),
        (false, Some(AT * 1000), None),
    ] {
        let action = MuteAction { muted: Some(muted), mute_end_timestamp: until, ..MuteAction::default() };
        let event = MuteUpdate::builder()
            .jid(anas())
            .timestamp(when())
            .action(Box::new(action))
            .from_full_sync(false)
            .build();
        assert_eq!(one(&Event::MuteUpdate(event)), of_anas_chat(ChatChange::Muted(expected)));
    }
    let action = Box::new(ArchiveChatAction { archived: Some(true), ..ArchiveChatAction::default() });
    let event =
        ArchiveUpdate::builder().jid(anas()).timestamp(when()).action(action).from_full_sync(true).build();
    assert_eq!(one(&Event::ArchiveUpdate(event)), of_anas_chat(ChatChange::Archived(true)));
}

#[test]
fn what_a_first_synchronisation_says_of_reading_and_deleting_is_old() {
    for (full, expected) in [(false, true), (true, false)] {
        let action = Box::new(MarkChatAsReadAction { read: Some(false), ..MarkChatAsReadAction::default() });
        let event = MarkChatAsReadUpdate::builder()
            .jid(anas())
            .timestamp(when())
            .action(action)
            .from_full_sync(full)
            .build();
        let marked = of_anas_chat(ChatChange::MarkedUnread).filter(|_| expected);
        assert_eq!(one(&Event::MarkChatAsReadUpdate(event)), marked);
        let event = DeleteChatUpdate::builder()
            .jid(anas())
            .delete_media(true)
            .timestamp(when())
            .action(Box::new(DeleteChatAction::default()))
            .from_full_sync(full)
            .build();
        let deleted = of_anas_chat(ChatChange::Deleted).filter(|_| expected);
        assert_eq!(one(&Event::DeleteChatUpdate(event)), deleted);
    }
}

fn contact(jid: &str, action: ContactAction) -> Event {
    let contact =
        ContactUpdate::builder().jid(jid.parse().unwrap()).timestamp(when()).action(Box::new(action));
    Event::ContactUpdate(contact.from_full_sync(true).build())
}

#[test]
fn contacts_tell_both_addresses_and_a_name() {
    let named = contact(
        "5531977770003@s.whatsapp.net",
        ContactAction {
            full_name: Some("Rui".into()),
            lid_jid: Some("77@lid".into()),
            ..ContactAction::default()
        },
    );
    let Some(Update::Contact(change)) = one(&named) else { panic!("no change") };
    assert_eq!((change.name, change.person.lid()), (Some(Some("Rui".into())), Some(&at("77@lid"))));
    assert_eq!(lid_and_number(&named), Some(("77".into(), "5531977770003".into())));
    let by_lid =
        contact(ANAS_LID, ContactAction { first_name: Some("Ana".into()), ..ContactAction::default() });
    let Some(Update::Contact(change)) = one(&by_lid) else { panic!("no change") };
    assert_eq!(change.person, ana());
    assert_eq!(lid_and_number(&by_lid), None);
    let Some(Update::Contact(change)) = one(&contact(ANA, ContactAction::default())) else { panic!() };
    assert_eq!(change.name, Some(None));
}

fn receipt(kind: ReceiptType, chat: &str, sender: &str) -> Event {
    receipt_of(vec!["3EB0".into()], kind, chat, sender)
}

fn receipt_of(ids: Vec<String>, kind: ReceiptType, chat: &str, sender: &str) -> Event {
    let source = MessageSource {
        chat: chat.parse().unwrap(),
        sender: sender.parse().unwrap(),
        ..MessageSource::default()
    };
    let receipt = Receipt::builder().source(source).message_ids(ids).timestamp(when());
    Event::Receipt(receipt.r#type(kind).offline(false).build())
}

#[test]
fn receipts_of_others_tell_how_far_messages_came() {
    for (kind, expected) in [
        (ReceiptType::Delivered, Some(Ack::Received)),
        (ReceiptType::Read, Some(Ack::Read)),
        (ReceiptType::Played, Some(Ack::Played)),
        (ReceiptType::Retry, None),
        (ReceiptType::Sender, None),
        (ReceiptType::Inactive, None),
    ] {
        for (chat, sender, kept) in [(ANAS_LID, ANAS_LID, ANA), (GROUP, ANAS_LID, GROUP)] {
            let Some(Update::Acked { chat, ids, ack, .. }) = one(&receipt(kind.clone(), chat, sender)) else {
                assert_eq!(expected, None);
                continue;
            };
            assert_eq!((chat, ids[0].as_str(), Some(ack)), (at(kept), "3EB0", expected));
        }
    }
    assert_eq!(one(&receipt(ReceiptType::Read, ME, ME)), None);
}

#[test]
fn ids_that_no_message_can_have_are_left_out_of_receipts() {
    let of = |ids| one(&receipt_of(ids, ReceiptType::Read, ANA, ANA));
    let long = "A".repeat(2_000);
    let Some(Update::Acked { ids, .. }) = of(vec![long.clone(), "3EB0".into()]) else { panic!("it is told") };
    assert_eq!(ids, ["3EB0".parse().unwrap()]);
    assert_eq!(of(vec![long, String::new()]), None);
}

fn raw(node: Node) -> (bool, Option<Update>) {
    let bytes = wacore_binary::marshal::marshal(&node).unwrap();
    let owned = wacore_binary::OwnedNodeRef::new(bytes[1..].to_vec()).unwrap();
    let tells = may_tell_of_reading(owned.get());
    (tells, one(&Event::RawNode(std::sync::Arc::new(owned))))
}

#[test]
fn what_another_device_has_read_is_read() {
    let receipt = |kind: &str| NodeBuilder::new("receipt").attr("id", "3EB0").attr("type", kind);
    let read = of_anas_chat(ChatChange::Read);
    for kind in ["read", "read-self"] {
        let own = receipt(kind).attr("from", ME).attr("recipient", ANAS_LID).build();
        assert_eq!(raw(own), (true, read.clone()));
        let grouped = receipt(kind).attr("from", GROUP).attr("participant", MY_LID).build();
        assert_eq!(raw(grouped), (true, Some(Update::Chat { chat: at(GROUP), change: ChatChange::Read })));
    }
    let theirs = receipt("read").attr("from", GROUP).attr("participant", ANA).build();
    assert_eq!(raw(theirs), (true, None));
    assert!(!raw(receipt("read").attr("from", ANA).build()).0);
    assert!(!raw(receipt("delivery").attr("from", ME).attr("recipient", ANA).build()).0);
}

#[test]
fn whoever_is_taken_out_of_a_group_has_left_it() {
    let removed = |jid: &str| {
        let participant: GroupParticipantInfo =
            GroupParticipantInfo { jid: jid.parse().unwrap(), ..participant_of_nobody() };
        let action = GroupNotificationAction::Remove { participants: vec![participant], reason: None };
        let update = GroupUpdate::builder().group_jid(GROUP.parse().unwrap()).timestamp(when());
        Event::GroupUpdate(update.is_lid_addressing_mode(true).action(action).build())
    };
    assert_eq!(one(&removed(MY_LID)), Some(Update::GroupLeft(at(GROUP))));
    assert_eq!(one(&removed(ANAS_LID)), None);
}

fn participant_of_nobody() -> GroupParticipantInfo {
    GroupParticipantInfo {
        jid: Jid::default(),
        phone_number: None,
        display_name: None,
        r#type: None,
        lid: None,
        username: None,
        join_time: None,
        group_history_sent_state: None,
    }
}
