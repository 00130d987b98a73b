//! A tenant: what its systems do through HTTP.

use crate::until::{until, until_seen};
use crate::world::World;
use carteiro_local::Answer;
use serde_json::{Value, json};

pub(crate) struct Tenant<'a> {
    world: &'a World,
    pub(crate) token: String,
    /// Its id.
    pub(crate) id: String,
}

impl<'a> Tenant<'a> {
    pub(crate) fn new(world: &'a World, token: String, id: &str) -> Self {
        Self { world, token, id: id.to_owned() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.world.call("GET", path, &[("token", &self.token)], None).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.world.call(method, path, &[("token", &self.token)], Some(body)).await
    }

    /// Adds a worker and pairs it: its phone scans the QR.
    pub(crate) async fn pair(&self, number: &str) {
        let answer = self.call("POST", "/v2/numbers/add", &json!({"number": number, "role": "worker"})).await;
        assert!(answer.status < 300, "{}", answer.text());
        self.world.contact(number).await;
        self.scan(number).await;
        self.connected(number).await;
    }

    /// Asks for a QR and has the number's phone scan it.
    pub(crate) async fn scan(&self, number: &str) {
        let qr = until("there is a QR", async || {
            let answer = self.get(&format!("/v2/numbers/connect?number={number}")).await;
            assert!(answer.status < 300, "{}", answer.text());
            answer.json()["description"]["qr"].as_str().map(str::to_owned)
        })
        .await;
        self.world.client().scan(number, &qr).await.unwrap();
    }

    pub(crate) async fn connected(&self, number: &str) {
        self.state(number, "connected").await;
    }

    /// Waits until the number is in that state.
    pub(crate) async fn state(&self, number: &str, state: &str) -> Value {
        until_seen(&format!("the number is {state}"), async || {
            let answer = self.get(&format!("/v2/numbers/status?number={number}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let status = answer.json()["description"].clone();
            if status["state"] == state { Ok(status) } else { Err(status) }
        })
        .await
    }

    pub(crate) async fn ask(&self, from: &str, to: &str, text: &str) -> Answer {
        let body = json!({"from_number": from, "to_number": to, "media_type": "text", "content": text});
        self.call("POST", "/v2/sends", &body).await
    }

    /// Sends a text and answers the send's id.
    pub(crate) async fn send(&self, from: &str, to: &str, text: &str) -> String {
        let answer = self.ask(from, to, text).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let send = answer.json()["description"].clone();
        assert_eq!(send["status"], "na fila");
        send["send_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn look(&self, send: &str) -> Value {
        let answer = self.get(&format!("/v2/sends/{send}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["description"].clone()
    }

    /// Waits until the send has that status.
    pub(crate) async fn status(&self, send: &str, status: &str) -> Value {
        until_seen(&format!("the send is {status}"), async || {
            let send = self.look(send).await;
            if send["status"] == status { Ok(send) } else { Err(send) }
        })
        .await
    }

    /// The whole report of a number, all pages of it.
    pub(crate) async fn report(&self, number: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let answer = self.get(&format!("/v2/reports/sends?from_number={number}{cursor}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let page = answer.json();
            items.extend(page["description"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }
}
