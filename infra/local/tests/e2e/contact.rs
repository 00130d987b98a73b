//! Somebody with WhatsApp, played by the simulator.

use crate::until::until;
use crate::world::World;
use serde_json::Value;

pub(crate) struct Contact<'a> {
    world: &'a World,
    pub(crate) number: String,
}

impl<'a> Contact<'a> {
    pub(crate) fn new(world: &'a World, number: &str) -> Self {
        Self { world, number: number.to_owned() }
    }

    /// What the contact's client has shown, in order of arrival.
    pub(crate) async fn messages(&self) -> Vec<Value> {
        let answer =
            self.world.admin("GET", &format!("/admin/accounts/{}/messages", self.number), None).await;
        answer["messages"].as_array().unwrap().clone()
    }

    /// The texts that the contact's client has shown, in order, once there are `count`.
    pub(crate) async fn texts(&self, count: usize) -> Vec<String> {
        until(&format!("{count} texts arrived"), async || {
            let messages = self.messages().await;
            let texts =
                messages.iter().map(|message| message["text"].as_str().expect("decrypted").to_owned());
            (messages.len() >= count).then(|| texts.collect())
        })
        .await
    }

    /// What the contact's client has shown, once there are `count`.
    pub(crate) async fn arrived(&self, count: usize) -> Vec<Value> {
        until(&format!("{count} messages arrived"), async || {
            let messages = self.messages().await;
            (messages.len() >= count).then_some(messages)
        })
        .await
    }

    /// The file of a message, as the contact's client has it after decryption.
    pub(crate) async fn file(&self, message: &Value) -> Vec<u8> {
        let id = message["id"].as_str().unwrap();
        let path = format!("/admin/accounts/{}/messages/{id}/media", self.number);
        let url = format!("{}{path}", self.world.admin_url().unwrap());
        let answer = self.world.http.get(&url).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.body.to_vec()
    }

    /// Writes to a number or a group, and answers the message's id.
    pub(crate) async fn write(&self, to: &str, mut content: Value) -> String {
        content["to"] = to.into();
        let path = format!("/admin/accounts/{}/messages", self.number);
        self.world.admin("POST", &path, Some(&content)).await["id"].as_str().unwrap().to_owned()
    }

    /// Reads all that came.
    pub(crate) async fn read(&self) {
        self.world.admin("POST", &format!("/admin/accounts/{}/read", self.number), None).await;
    }
}
