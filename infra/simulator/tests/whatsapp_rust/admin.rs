//! The admin API as the tests use it, on a simulator inside this process.

use std::time::{Duration, Instant};

use carteiro_simulator::{Config, Handle, Simulator};
use serde_json::{Value, json};

/// No condition that a test waits for takes longer.
pub(crate) const DEADLINE: Duration = Duration::from_secs(90);

pub(crate) struct Sim {
    pub(crate) handle: Handle,
    http: reqwest::Client,
}

impl Sim {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let handle = Simulator::start(config).await.unwrap();
        Self { handle, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    pub(crate) async fn call(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.handle.admin_url()));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call(reqwest::Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// An answer that is no JSON.
    pub(crate) async fn text(&self, path: &str) -> String {
        let url = format!("{}{path}", self.handle.admin_url());
        self.http.get(url).send().await.unwrap().error_for_status().unwrap().text().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(reqwest::Method::POST, path, Some(body)).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    pub(crate) async fn contact(&self, number: &str) {
        self.post("/admin/accounts", json!({"number": number})).await;
    }

    pub(crate) async fn fault(&self, fault: Value) {
        self.post("/admin/faults", fault).await;
    }

    pub(crate) async fn clear_faults(&self) {
        let (status, _) = self.call(reqwest::Method::DELETE, "/admin/faults", None).await;
        assert_eq!(status, 204);
    }

    /// Scans a QR with a number's phone, or with the phone that the push name picks.
    pub(crate) async fn scan(&self, qr: &str, number: Option<&str>) -> Value {
        let query = number.map(|number| format!("?number={number}")).unwrap_or_default();
        let url = format!("{}/admin/mock-phone/scan-qr{query}", self.handle.admin_url());
        let response = self.http.post(url).body(qr.to_owned()).send().await.unwrap();
        let status = response.status();
        let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert!(status.is_success(), "{answer}");
        answer
    }

    /// Sends as a contact; the message id.
    pub(crate) async fn send_as(&self, number: &str, to: &str, text: &str) -> String {
        let path = format!("/admin/accounts/{number}/messages");
        self.post(&path, json!({"to": to, "text": text})).await["id"].as_str().unwrap().to_owned()
    }

    /// Waits until a contact has this many messages.
    pub(crate) async fn messages(&self, number: &str, count: usize) -> Vec<Value> {
        let path = format!("/admin/accounts/{number}/messages");
        self.until(&path, |answer| {
            let messages = answer["messages"].as_array()?;
            (messages.len() >= count).then(|| messages.clone())
        })
        .await
    }

    /// The one device of a number.
    pub(crate) async fn device(&self, number: &str) -> Value {
        let devices = self.get("/admin/devices").await;
        let devices = devices["devices"].as_array().unwrap().clone();
        devices.into_iter().find(|device| device["number"] == number).unwrap_or(Value::Null)
    }

    /// Asks a path again until its answer fulfils the condition.
    pub(crate) async fn until<T>(&self, path: &str, condition: impl Fn(&Value) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            let answer = self.get(path).await;
            if let Some(found) = condition(&answer) {
                return found;
            }
            assert!(start.elapsed() < DEADLINE, "{path} never came to it: {answer}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for a condition on the one device of a number.
    pub(crate) async fn device_until(&self, number: &str, condition: impl Fn(&Value) -> bool) -> Value {
        self.until("/admin/devices", |answer| {
            let devices = answer["devices"].as_array()?;
            devices.iter().find(|device| device["number"] == number && condition(device)).cloned()
        })
        .await
    }
}
