//! What V1 shows of people and messages that are known in part.

use super::*;
use crate::chat::{self, Ack, Address, Body, MessageKey, Mute, Person};
use crate::phone::Phone;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

fn me() -> Phone {
    "5511999990000".parse().unwrap()
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn received(chat: &str, author: Person, body: Body) -> chat::Message {
    let chat = address(chat);
    chat::Message {
        key: MessageKey {
            participant: chat.is_group().then(|| author.address().clone()),
            chat,
            from_me: false,
            id: "3EB0".parse().unwrap(),
        },
        at: Timestamp::from_second(1_700_000_000).unwrap(),
        author,
        push_name: Some("Ana".into()),
        with: None,
        ack: Ack::Received,
        body,
        quoted: None,
        forwarded: false,
        edited_at: None,
    }
}

fn text() -> Body {
    Body::Text { text: "oi".into() }
}

fn json_of(of: impl serde::Serialize) -> Value {
    serde_json::to_value(of).unwrap()
}

#[test]
fn fields_have_the_contracts_order_and_are_never_left_out() {
    let message = received("5511988887777@c.us", address("5511988887777@c.us").into(), text());
    let shown = serde_json::to_string(&Message::new(&message, &me(), &People::none())).unwrap();
    let mut from = 0;
    for field in [
        "id",
        "body",
        "type",
        "t",
        "from",
        "to",
        "author",
        "ack",
        "notifyName",
        "mimetype",
        "mediaKey",
        "directPath",
        "isMedia",
        "isGroupMsg",
        "fromMe",
        "sender",
    ] {
        let at = shown[from..].find(&format!("\"{field}\":")).unwrap_or_else(|| panic!("{field}: {shown}"));
        from += at;
    }
    let after = shown.rfind("\"chatId\"").unwrap();
    let mut from = after;
    for field in ["chatId", "timestamp", "quotedMsg", "caption", "filename", "size", "pn", "lid"] {
        from += shown[from..].find(&format!("\"{field}\":")).unwrap_or_else(|| panic!("{field}: {shown}"));
    }
}

#[test]
fn a_person_is_shown_by_number_and_with_both_addresses() {
    let (pn, lid) = (address("5511988887777@c.us"), address("77@lid"));
    let known = chat::Contact {
        name: Some("Ana Maria".into()),
        ..chat::Contact::new(Person::new(pn.clone(), Some(lid.clone())))
    };
    let people: People = [known].into_iter().collect();
    // The message names them by LID alone; who is known by both is found.
    let shown = json_of(Message::new(&received("1203@g.us", lid.clone().into(), text()), &me(), &people));
    assert_eq!(shown["author"], "77@lid");
    assert_eq!(
        (&shown["sender"]["pn"], &shown["sender"]["lid"]),
        (&json!("5511988887777@c.us"), &json!("77@lid"))
    );
    assert_eq!(
        (&shown["sender"]["name"], &shown["sender"]["shortName"]),
        (&json!("Ana Maria"), &json!("Ana"))
    );
    // Nobody knows them: the address, and what the message says they call themselves.
    let shown = json_of(Message::new(&received("77@lid", lid.into(), text()), &me(), &People::none()));
    assert_eq!(
        (&shown["sender"]["formattedName"], &shown["sender"]["pushname"]),
        (&json!("Ana"), &json!("Ana"))
    );
    assert_eq!(
        (&shown["pn"], &shown["lid"], &shown["author"]),
        (&Value::Null, &json!("77@lid"), &Value::Null)
    );
    let bare = Contact::of(&pn.into(), None, &me(), &People::none());
    assert_eq!(bare.formatted_name, "+5511988887777");
}

#[test]
fn who_writes_to_whom() {
    let group = json_of(Message::new(
        &received("1203@g.us", address("55@lid").into(), text()),
        &me(),
        &People::none(),
    ));
    assert_eq!((&group["from"], &group["to"]), (&json!("1203@g.us"), &json!("5511999990000@c.us")));
    assert_eq!((&group["isGroupMsg"], &group["id"]), (&json!(true), &json!("false_1203@g.us_3EB0_55@lid")));
    let mut own = received("5511988887777@c.us", Address::of_phone(&me()).into(), text());
    own.key.from_me = true;
    own.ack = Ack::Played;
    let own = json_of(Message::new(&own, &me(), &People::none()));
    assert_eq!((&own["from"], &own["to"]), (&json!("5511999990000@c.us"), &json!("5511988887777@c.us")));
    assert_eq!(
        (&own["ack"], &own["sender"]["isMe"], &own["fromMe"]),
        (&json!(4), &json!(true), &json!(true))
    );
}

#[test]
fn a_chat_says_how_it_stands() {
    let chat = chat::Chat::new(address("5511988887777@c.us"), None);
    let of = |chat: &chat::Chat| json_of(Chat::new(chat, None, &me(), &People::none()));
    let plain = of(&chat);
    assert_eq!(
        (&plain["unreadCount"], &plain["muteExpiration"], &plain["pin"]),
        (&json!(0), &json!(0), &json!(0))
    );
    assert_eq!(
        (&plain["msgs"], &plain["kind"], &plain["isUser"]),
        (&Value::Null, &json!("chat"), &json!(true))
    );
    let by_hand = chat::Chat { marked_unread: true, muted: Some(Mute::Forever), ..chat.clone() };
    assert_eq!((&of(&by_hand)["unreadCount"], &of(&by_hand)["muteExpiration"]), (&json!(-1), &json!(-1)));
    assert_eq!(of(&chat::Chat { unread: 3, ..by_hand })["unreadCount"], 3);
    for (text, kind) in [("1@g.us", "group"), ("1@broadcast", "broadcast"), ("1@newsletter", "newsletter")] {
        assert_eq!(of(&chat::Chat::new(address(text), None))["kind"], kind);
    }
}

#[test]
fn events_are_what_the_routes_show() {
    let message = received("77@lid", address("77@lid").into(), text());
    let event = message_event(&message, &me(), &People::none());
    assert_eq!(event, json_of(Message::new(&message, &me(), &People::none())));
    assert_eq!(state_event(State::SmbTosBlock), json!({"message": "SMB_TOS_BLOCK"}));
    assert_eq!(signal(Signal::QrReadSuccess), json!({"message": "qrReadSuccess"}));
    assert_eq!(logged_out(), json!({"message": "deletado"}));
    assert_eq!(qrcode("2@x"), json!({"qrCode": "2@x"}));
    let me = Me::new(&me(), Known { connected: true, ..Known::default() });
    assert_eq!(syncing(&me)["wid"]["_serialized"], "5511999990000@c.us");
}

#[test]
fn debug_shows_nothing_that_was_said() {
    let message = received("77@lid", address("77@lid").into(), Body::Text { text: "segredo".into() });
    let shown = Message::new(&message, &me(), &People::none());
    assert_eq!(format!("{shown:?}"), "Message(chat)");
}

proptest! {
    #[test]
    fn an_id_leads_back_to_its_message(
        user in "[0-9]{5,15}", id in "[0-9A-F]{8,32}", from_me: bool, group: bool, by_lid: bool,
    ) {
        let chat = address(&format!("{user}@{}", if group { "g.us" } else { "lid" }));
        let author = address(if by_lid { "99@lid" } else { "5511988887777@c.us" });
        let mut message = received(&chat.to_string(), author.clone().into(), text());
        message.key = MessageKey {
            chat,
            from_me,
            id: id.parse().unwrap(),
            participant: (group && !from_me).then_some(author),
        };
        let shown = Message::new(&message, &me(), &People::none());
        prop_assert_eq!(shown.id.parse::<MessageKey>(), Ok(message.key));
    }
}
