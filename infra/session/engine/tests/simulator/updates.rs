//! What a session hands over.

use crate::desk::{Desk, PATIENCE, Running};
use carteiro_core::chat::{Address, Message, Update};
use carteiro_engine::SessionEvent;
use serde_json::{Value, json};
use tokio::time::timeout;

impl Running {
    /// Takes what is handed over, accepting it, until `pick` gives something.
    pub(crate) async fn update<T>(&mut self, what: &str, mut pick: impl FnMut(Update) -> Option<T>) -> T {
        let mut seen = Vec::new();
        let search = async {
            while let Some(event) = self.events.recv().await {
                let SessionEvent::Updates { updates, handover } = event else {
                    seen.push(format!("{event:?}"));
                    continue;
                };
                handover.accept();
                let mut found = None;
                for update in updates {
                    seen.push(format!("{update:?}"));
                    found = found.or_else(|| pick(update));
                }
                if found.is_some() {
                    return found;
                }
            }
            None
        };
        let outcome = timeout(PATIENCE, search).await;
        outcome.ok().flatten().unwrap_or_else(|| panic!("no {what}; there was: {seen:#?}"))
    }

    /// The next message.
    pub(crate) async fn message(&mut self) -> Message {
        self.update("message", |update| match update {
            Update::Message(message) => Some(message),
            _ => None,
        })
        .await
    }
}

impl Desk {
    /// Has a phone write; gives the message's id.
    pub(crate) async fn write(&self, from: &str, to: &str, mut content: Value) -> String {
        content["to"] = json!(to);
        let answer = self.post(&format!("/admin/accounts/{from}/messages"), content).await;
        answer["id"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn at(number: &str) -> Address {
    format!("{number}@s.whatsapp.net").parse().unwrap()
}
