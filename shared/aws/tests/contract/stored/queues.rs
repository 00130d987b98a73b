//! What queues carry, and what is kept as JSON beside the tables: while an update runs, either version has messages of the other.

use super::{files, read_json};
use crate::samples::{at, phone};
use crate::support::stack::QUEUES;
use carteiro_core::bulk::{BulkBody, BulkRow, BulkWanted};
use carteiro_core::chat::Address;
use carteiro_core::command::{Alarm, MediaReceived, SendAccepted, ShardCommand};
use carteiro_core::ids::{BulkId, ExportId, PairingId, PrivacyId, QueryId, ReceiverId, SendId, UserId};
use carteiro_core::privacy::{About, PrivacyWanted, PrivacyWork};
use carteiro_core::query::{Asked, Query};
use carteiro_core::report::ExportWanted;
use carteiro_core::signing_key::SigningKey;
use carteiro_core::webhook::{ReceiverScope, StreamKey, StreamSignal};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(super) const FILE: &str = "queues";

/// What is compared: a text as it was written, against what it says.
trait Said {
    fn written(&self) -> String;
    fn is_read_from(&self, text: &str) -> bool;
}

impl<T: Serialize + DeserializeOwned + PartialEq> Said for T {
    fn written(&self) -> String {
        serde_json::to_string(self).unwrap()
    }

    fn is_read_from(&self, text: &str) -> bool {
        serde_json::from_str::<T>(text).is_ok_and(|read| read == *self)
    }
}

fn signal(scope: ReceiverScope, wake: Option<u64>) -> StreamSignal {
    let (user, receiver) = (UserId::from_random([1; 16]), ReceiverId::from_random([2; 16]));
    StreamSignal { stream: StreamKey { user, scope, receiver, origin: "Recepção nº 1".into() }, wake }
}

fn queries() -> Vec<(&'static str, Query)> {
    let (who, group): (Address, Address) =
        (Address::of_phone(&phone(71)), "120363000000000001@g.us".parse().unwrap());
    let code = "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv".parse().unwrap();
    vec![
        ("validate", Query::Validate { numbers: vec![phone(71), phone(72)] }),
        ("online", Query::Online { who: who.clone() }),
        ("about", Query::About { who: who.clone() }),
        ("picture", Query::Picture { who: who.clone() }),
        ("join_group", Query::JoinGroup { code }),
        ("leave_group", Query::LeaveGroup { group: group.clone() }),
        ("group", Query::Group { group: group.clone() }),
        ("mark_read", Query::MarkRead { chat: who.clone() }),
        ("mark_unread", Query::MarkUnread { chat: group }),
        ("more_history", Query::MoreHistory { chat: who, count: 50 }),
    ]
}

/// Each text by the queue, or the place, that has it, and a word for it.
fn said() -> Vec<(String, Box<dyn Said>)> {
    let mut said: Vec<(String, Box<dyn Said>)> = Vec::new();
    let mut add = |name: &str, what: Box<dyn Said>| said.push((name.to_owned(), what));
    let send_id = SendId::from_random([3; 16]);
    let user = UserId::from_random([1; 16]);
    add("sends", Box::new(SendAccepted { send_id }));
    let key = "false_120363000000000001@g.us_3EB0A_5511900000071@c.us".parse().unwrap();
    add("media", Box::new(MediaReceived { user, number: phone(1), key }));
    add("wakes", Box::new(Alarm::of(&phone(1), at(60))));
    add("bulk", Box::new(BulkWanted { operation_id: BulkId::from_random([4; 16]), turn: 7 }));
    add("exports report", Box::new(ExportWanted { export_id: ExportId::from_random([5; 16]) }));
    add("exports privacy", Box::new(PrivacyWanted { privacy_id: PrivacyId::from_random([6; 16]) }));
    add("events tenant", Box::new(signal(ReceiverScope::Tenant, None)));
    let session = ReceiverScope::Session("Recepção nº 1".parse().unwrap());
    add("events session", Box::new(signal(session, Some(u64::MAX))));
    let number = || phone(1);
    add("session send", Box::new(ShardCommand::Send { number: number(), send_id }));
    add("session align", Box::new(ShardCommand::Align { number: number() }));
    add("session pair", Box::new(ShardCommand::Pair { pairing: PairingId::from_random([7; 16]) }));
    add("session wake", Box::new(ShardCommand::Wake));
    for (word, query) in queries() {
        let asked = Asked { id: QueryId::from_random([8; 16]), deadline: at(8), query };
        add(&format!("session query {word}"), Box::new(ShardCommand::Query { number: number(), asked }));
    }
    let row = |to, values: &[(&str, &str)]| BulkRow {
        to: phone(to),
        values: values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    let rows = vec![row(71, &[("nome", "Ana")]), row(72, &[])];
    add("bucket bulk", Box::new(BulkBody { text: "Olá, {{nome}}!".into(), rows }));
    // As it was before there was more to it than whom it is about.
    add("table work of personal data, the least", Box::new(PrivacyWork::from(About::Tenant)));
    said
}

pub(super) fn written() -> Value {
    let texts: Map<String, Value> =
        said().iter().map(|(name, what)| (name.clone(), what.written().into())).collect();
    Value::Object(texts)
}

#[test]
fn messages_are_read() {
    let file = read_json(&files()[FILE]);
    let file = file.as_object().unwrap();
    for (name, what) in said() {
        let text = file.get(&name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} is not there"));
        assert!(what.is_read_from(text), "{name}: {text}");
    }
    assert_eq!(file.len(), said().len(), "each text is read here");
}

#[test]
fn each_queue_has_a_message() {
    let named = QUEUES.lines().filter_map(|line| line.split_once("QueueName: !Sub \"${Prefix}-"));
    let names = named.map(|(_, rest)| rest.trim_end_matches('"').trim_end_matches(".fifo"));
    let names: Vec<&str> = names.map(|name| name.split('-').next().unwrap_or(name)).collect();
    assert!(names.len() > 20, "{names:?}");
    for queue in names {
        assert!(
            said().iter().any(|(name, _)| name.split(' ').next() == Some(queue)),
            "no message of {queue}"
        );
    }
}

#[test]
fn the_key_of_tokens_is_read() {
    let stored = r#"{"kid":"exemplo","key":"um exemplo de chave, que tem 32 bytes"}"#;
    let key = SigningKey::parse(&stored.to_owned().into()).unwrap();
    assert_eq!(
        (key.id.as_str(), key.key.expose_secret()),
        ("exemplo", "um exemplo de chave, que tem 32 bytes")
    );
}
