//! Older messages that a client asks the phone for.

use serde_json::json;
use wacore::types::events::{Event, LazyHistorySync};
use waproto::whatsapp::{self as wa, history_sync::HistorySyncType};

use crate::admin::Sim;
use crate::client::Client;
use crate::history::{chunk, info, text};

const ANA: &str = "5511999990001";

/// The answer to a request for older messages.
async fn on_demand(client: &Client, request: &str) -> wa::HistorySync {
    let lazy: LazyHistorySync = client
        .event("the older messages", |event| match event {
            Event::HistorySync(sync) if sync.peer_data_request_session_id() == Some(request) => {
                Some(LazyHistorySync::clone(sync))
            }
            _ => None,
        })
        .await;
    lazy.get().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stayed_on_the_phone_comes_when_it_is_asked_for() {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": ANA})).await;
    let recipe = json!({"generate": {"chats": 1, "messages": 30}, "limit": 12});
    sim.post(&format!("/admin/accounts/{ANA}/history"), recipe).await;
    let ana = Client::paired(&sim, ANA).await;
    let rest = chunk(&ana, HistorySyncType::RECENT, 1).await;
    // Some at a time, by the oldest message that the client has.
    let chat = rest.conversations[0].id.parse().unwrap();
    let mut oldest = rest.conversations[0].messages.last().unwrap().clone();
    let (mut older, mut requests) = (Vec::new(), Vec::new());
    for (count, expected, whole) in [(10, 10, false), (10, 8, true), (10, 0, true)] {
        let message = info(&oldest).clone();
        let key = message.key.as_option().unwrap();
        let (id, at) = (key.id.as_deref().unwrap(), message.message_timestamp.unwrap() as i64 * 1000);
        let from_me = key.from_me.unwrap();
        let request = ana.inner().fetch_message_history(&chat, id, from_me, at, count).await.unwrap();
        requests.push(request);
        let sync = on_demand(&ana, requests.last().unwrap()).await;
        let conversation = &sync.conversations[0];
        assert_eq!(
            (conversation.messages.len(), conversation.end_of_history_transfer),
            (expected, Some(whole))
        );
        older.extend(conversation.messages.iter().map(|one| text(one).to_owned()));
        oldest = conversation.messages.last().cloned().unwrap_or(oldest);
    }
    let all: Vec<String> = (1..=18).rev().map(|age| format!("Mensagem {age} de Contato 0001")).collect();
    assert_eq!(older, all);
    ana.stop().await;
}
