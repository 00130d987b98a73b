//! The history that a phone sends to a new companion.

use std::sync::Arc;

use serde_json::json;
use wacore::types::events::{Event, LazyHistorySync};
use waproto::whatsapp::{self as wa, history_sync::HistorySyncType};

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const CAIO: &str = "5531977770003";
const DORA: &str = "5531977770004";

/// The chunk of this kind and order, decoded by the client.
pub(crate) async fn chunk(client: &Client, kind: HistorySyncType, order: u32) -> wa::HistorySync {
    let lazy: LazyHistorySync = client
        .event("the chunk of history", |event| match event {
            Event::HistorySync(sync)
                if sync.sync_type() == kind as i32 && sync.chunk_order() == Some(order) =>
            {
                Some(LazyHistorySync::clone(sync))
            }
            _ => None,
        })
        .await;
    lazy.get().unwrap().clone()
}

async fn lid(sim: &Sim, number: &str) -> String {
    let accounts = sim.get("/admin/accounts").await;
    let accounts = accounts["accounts"].as_array().unwrap().clone();
    accounts.iter().find(|one| one["number"] == number).unwrap()["lid"].as_str().unwrap().to_owned()
}

pub(crate) fn info(one: &wa::HistorySyncMsg) -> &wa::WebMessageInfo {
    one.message.as_option().unwrap()
}

pub(crate) fn text(one: &wa::HistorySyncMsg) -> &str {
    info(one).message.as_option().unwrap().conversation.as_deref().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_companion_gets_the_chats_that_the_account_has() {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": ANA})).await;
    let chats = json!({"chats": [
        {"with": CAIO, "name": "Caio", "unread": 2, "messages": [
            {"id": "3A01", "text": "oi", "at": 1_700_000_000},
            {"id": "3A02", "text": "olá", "from_me": true, "at": 1_700_000_060, "receipt": "delivered"},
            {"reaction": {"id": "3A02", "emoji": "❤"}, "at": 1_700_000_061},
            {"id": "3A03", "text": "errado", "at": 1_700_000_100},
            {"edit": {"id": "3A03", "text": "certo"}, "at": 1_700_000_110},
            {"id": "3A04", "text": "esqueça", "at": 1_700_000_120},
            {"revoke": "3A04", "at": 1_700_000_130},
            {"id": "3A05", "at": 1_700_000_140, "media": {"type": "image", "base64": "Zm90bw==", "caption": "veja"}},
            {"id": "3A06", "at": 1_700_000_150, "text": "sobre o oi", "quoted": "3A01", "starred": true},
        ]},
        {"with": DORA, "messages": [{"id": "3A11", "text": "mais nova", "at": 1_700_001_000}]},
    ]});
    sim.post(&format!("/admin/accounts/{ANA}/history"), chats).await;
    let ana = Client::paired(&sim, ANA).await;
    let first = chunk(&ana, HistorySyncType::INITIAL_BOOTSTRAP, 1).await;
    let (caio, dora) = (lid(&sim, CAIO).await, lid(&sim, DORA).await);
    let addresses: Vec<_> = first.conversations.iter().map(|chat| chat.id.as_str()).collect();
    assert_eq!(addresses, [&dora, &caio]);
    let chat = &first.conversations[1];
    assert_eq!(chat.pn_jid.as_deref(), Some(format!("{CAIO}@s.whatsapp.net").as_str()));
    assert_eq!((chat.unread_count, chat.conversation_timestamp), (Some(2), Some(1_700_000_150)));
    let ids: Vec<_> =
        chat.messages.iter().map(|one| info(one).key.as_option().unwrap().id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["3A06", "3A05", "3A04", "3A03", "3A02"]);
    let [quoting, image, revoked, edited, hers] = &chat.messages[..] else { panic!("{ids:?}") };
    let quoting = info(quoting);
    let context = quoting.message.as_option().unwrap().extended_text_message.as_option().unwrap();
    assert_eq!(context.context_info.as_option().unwrap().stanza_id.as_deref(), Some("3A01"));
    assert_eq!(quoting.starred, Some(true));
    let image = info(image).message.as_option().unwrap().image_message.as_option().unwrap();
    assert_eq!(ana.inner().download(image).await.unwrap(), b"foto");
    assert_eq!(info(revoked).message_stub_type, Some(wa::web_message_info::StubType::REVOKE));
    assert!(!info(revoked).message.is_set());
    assert_eq!((text(edited), info(edited).push_name.as_deref()), ("certo", Some("Caio")));
    let hers = info(hers);
    assert_eq!(hers.key.as_option().unwrap().from_me, Some(true));
    assert_eq!(hers.status, Some(wa::web_message_info::Status::DELIVERY_ACK));
    assert_eq!(hers.reactions[0].text.as_deref(), Some("❤"));
    assert_eq!(hers.reactions[0].key.as_option().unwrap().from_me, Some(false));

    let mapping = first.phone_number_to_lid_mappings.iter().find(|one| one.lid_jid.as_ref() == Some(&caio));
    assert_eq!(mapping.unwrap().pn_jid, chat.pn_jid);
    let names = chunk(&ana, HistorySyncType::PUSH_NAME, 1).await;
    assert_eq!(names.pushnames[0].pushname.as_deref(), Some("Caio"));
    let rest = chunk(&ana, HistorySyncType::RECENT, 1).await;
    assert_eq!(rest.progress, Some(100));
    assert_eq!(rest.conversations[0].messages.len(), 1);
    assert_eq!(text(&rest.conversations[0].messages[0]), "oi");
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_is_in_the_history_of_the_next_companion() {
    let sim = Sim::start().await;
    sim.contact(CAIO).await;
    let ana = Client::paired(&sim, ANA).await;
    ana.send(CAIO, "da primeira").await;
    sim.messages(CAIO, 1).await;
    sim.send_as(CAIO, ANA, "resposta").await;
    ana.text("resposta").await;
    let remembered = format!("/admin/accounts/{ANA}/history");
    sim.until(&remembered, |answer| (answer["chats"][0]["messages"].as_array()?.len() == 2).then_some(()))
        .await;

    let second = Client::paired(&sim, ANA).await;
    let first = chunk(&second, HistorySyncType::INITIAL_BOOTSTRAP, 1).await;
    let [answer, hers] = &first.conversations[0].messages[..] else { panic!() };
    assert_eq!((text(answer), text(hers)), ("resposta", "da primeira"));
    assert_eq!(info(hers).key.as_option().unwrap().from_me, Some(true));
    assert_eq!(first.conversations[0].unread_count, Some(1));
    second.stop().await;
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_chats_come_in_chunks() {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": ANA})).await;
    let recipe = json!({"generate": {"chats": 2000, "messages": 25, "until": 1_700_000_000}});
    sim.post(&format!("/admin/accounts/{ANA}/history"), recipe).await;
    let client = Client::start(&sim, Arc::default(), "Test").await;
    sim.scan(&client.qr().await, Some(ANA)).await;
    let mut chunks = vec![chunk(&client, HistorySyncType::INITIAL_BOOTSTRAP, 1).await];
    assert_eq!(chunks[0].phone_number_to_lid_mappings.len(), 2000);
    loop {
        let next = chunk(&client, HistorySyncType::RECENT, chunks.len() as u32).await;
        let done = next.progress == Some(100);
        assert!(next.progress >= chunks.last().unwrap().progress);
        chunks.push(next);
        if done {
            break;
        }
    }
    assert!(chunks.len() > 5);
    let mut ids: Vec<&str> = Vec::new();
    for message in chunks.iter().flat_map(|chunk| &chunk.conversations).flat_map(|chat| &chat.messages) {
        ids.push(info(message).key.as_option().unwrap().id.as_deref().unwrap());
    }
    assert_eq!(ids.len(), 50_000);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 50_000);
    client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_the_limit_stays_on_the_phone() {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": ANA})).await;
    let recipe = json!({"generate": {"chats": 1, "messages": 30}, "limit": 12});
    sim.post(&format!("/admin/accounts/{ANA}/history"), recipe).await;
    let ana = Client::paired(&sim, ANA).await;
    let first = chunk(&ana, HistorySyncType::INITIAL_BOOTSTRAP, 1).await;
    let rest = chunk(&ana, HistorySyncType::RECENT, 1).await;
    assert_eq!(first.conversations[0].messages.len() + rest.conversations[0].messages.len(), 12);
    use wa::conversation::EndOfHistoryTransferType as End;
    let end = rest.conversations[0].end_of_history_transfer_type;
    assert_eq!(end, Some(End::COMPLETE_BUT_MORE_MESSAGES_REMAIN_ON_PRIMARY));
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_in_the_history_with_their_members_and_authors() {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": ANA})).await;
    for (number, name) in [(CAIO, "Caio"), (DORA, "Dora")] {
        sim.post("/admin/accounts", json!({"number": number, "name": name})).await;
    }
    let group = json!({"subject": "Obra da Rua 7", "creator": CAIO, "members": [ANA, DORA]});
    let group = sim.post("/admin/groups", group).await["id"].as_str().unwrap().to_owned();
    let silent =
        sim.post("/admin/groups", json!({"subject": "Vazio", "creator": CAIO, "members": [ANA]})).await;
    let seed = json!({"chats": [{"with": group, "messages": [
        {"id": "3A01", "text": "bom dia a todos", "author": CAIO, "at": 1_700_000_000},
        {"id": "3A02", "text": "bom dia", "author": DORA, "quoted": "3A01", "at": 1_700_000_010},
        {"id": "3A03", "text": "oi", "from_me": true, "at": 1_700_000_020},
        {"reaction": {"id": "3A03", "emoji": "🎉"}, "author": DORA, "at": 1_700_000_030},
    ]}]});
    sim.post(&format!("/admin/accounts/{ANA}/history"), seed).await;
    let stranger =
        json!({"chats": [{"with": group, "messages": [{"text": "x", "author": "5511000000000"}]}]});
    let path = format!("/admin/accounts/{ANA}/history");
    assert_eq!(sim.call(reqwest::Method::POST, &path, Some(stranger)).await.0, 400);

    let ana = Client::paired(&sim, ANA).await;
    let first = chunk(&ana, HistorySyncType::INITIAL_BOOTSTRAP, 1).await;
    let chat = first.conversations.iter().find(|chat| chat.id == group).unwrap();
    assert_eq!((chat.name.as_deref(), chat.participant.len()), (Some("Obra da Rua 7"), 3));
    let [hers, quoting, first_one] = &chat.messages[..] else { panic!() };
    let (caio, dora) = (lid(&sim, CAIO).await, lid(&sim, DORA).await);
    assert_eq!(info(first_one).key.as_option().unwrap().participant.as_ref(), Some(&caio));
    assert_eq!(info(first_one).push_name.as_deref(), Some("Caio"));
    assert_eq!(info(quoting).participant.as_ref(), Some(&dora));
    let text = info(quoting).message.as_option().unwrap().extended_text_message.as_option().unwrap();
    let context = text.context_info.as_option().unwrap();
    assert_eq!((context.stanza_id.as_deref(), context.participant.as_ref()), (Some("3A01"), Some(&caio)));
    assert_eq!(info(hers).reactions[0].text.as_deref(), Some("🎉"));
    let silent = first.conversations.iter().find(|chat| chat.id == silent["id"].as_str().unwrap()).unwrap();
    assert_eq!((silent.name.as_deref(), silent.messages.len()), (Some("Vazio"), 0));

    // The phone reads the group, and a member reacts to what another has written.
    let id =
        sim.post(&format!("/admin/accounts/{CAIO}/messages"), json!({"to": group, "text": "viu?"})).await;
    let id = id["id"].as_str().unwrap().to_owned();
    ana.text("viu?").await;
    sim.messages(ANA, 1).await;
    sim.messages(DORA, 1).await;
    sim.post(&format!("/admin/accounts/{ANA}/read"), json!({})).await;
    ana.event("the phone's receipt", |event| match event {
        Event::Receipt(receipt) if receipt.message_ids.contains(&id) => {
            let own = receipt.source.sender.to_non_ad();
            (receipt.source.chat.to_string() == group
                && Some(own) == ana.inner().lid().map(|lid| lid.to_non_ad()))
            .then_some(())
        }
        _ => None,
    })
    .await;
    let reaction = json!({"to": group, "reaction": {"id": id, "emoji": "👀"}});
    sim.post(&format!("/admin/accounts/{DORA}/messages"), reaction).await;
    let key = ana
        .event("the reaction", |event| match event {
            Event::Messages(batch) => batch.messages.iter().find_map(|message| {
                message.message.reaction_message.as_option().and_then(|one| one.key.as_option().cloned())
            }),
            _ => None,
        })
        .await;
    assert_eq!((key.id, key.participant, key.from_me), (Some(id), Some(caio), Some(false)));
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chats_of_an_account_that_is_not_migrated_are_addressed_by_number() {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": ANA, "lid_migrated": false})).await;
    let seed = json!({"generate": {"chats": 1, "messages": 1}, "chats": [
        {"with": CAIO, "messages": [{"text": "oi"}, {"text": "olá", "from_me": true}]},
    ]});
    sim.post(&format!("/admin/accounts/{ANA}/history"), seed).await;
    sim.post(&format!("/admin/accounts/{ANA}/app-state"), json!({"chats": [{"with": CAIO, "pin": true}]}))
        .await;
    let ana = Client::paired(&sim, ANA).await;
    let first = chunk(&ana, HistorySyncType::INITIAL_BOOTSTRAP, 1).await;
    let caio = format!("{CAIO}@s.whatsapp.net");
    let chat = first.conversations.iter().find(|chat| chat.id == caio).unwrap();
    assert_eq!(chat.lid_jid, Some(lid(&sim, CAIO).await));
    assert!(chat.pinned > Some(1_700_000_000));
    for message in &chat.messages {
        assert_eq!(info(message).key.as_option().unwrap().remote_jid.as_ref(), Some(&caio));
    }
    let made_up = first.conversations.iter().find(|chat| chat.id != caio).unwrap();
    assert_eq!(made_up.id, "5511970000000@s.whatsapp.net");
    ana.event("the pin", |event| match event {
        Event::PinUpdate(update) => (update.jid.to_string() == caio).then_some(()),
        _ => None,
    })
    .await;
    ana.stop().await;
}
