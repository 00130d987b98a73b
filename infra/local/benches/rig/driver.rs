//! A tenant with paired numbers, and the people it writes to.

use carteiro_local::{Answer, Http};
use serde_json::{Value, json};
use std::error::Error;
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const PATIENCE: Duration = Duration::from_secs(120);

/// A registered tenant.
#[derive(Clone)]
pub(crate) struct Driver {
    http: Http,
    api: String,
    admin: String,
    token: String,
}

impl Driver {
    pub(crate) async fn register(api: String, admin: String, operator: &str) -> Result<Driver> {
        let http = Http::new();
        let body = json!({"login": "bench@exemplo.com.br", "number": "5511999999999", "password": "senha-do-bench", "plan": "premium"});
        let answer =
            http.json("POST", &format!("{api}/v2/users/register"), &[("api-token", operator)], &body).await?;
        let token = answer.json()["description"]["token"].as_str().ok_or_else(|| answer.text())?.to_owned();
        Ok(Driver { http, api, admin, token })
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Answer> {
        let answer =
            self.http.json(method, &format!("{}{path}", self.api), &[("token", &self.token)], body).await?;
        if answer.status < 300 {
            Ok(answer)
        } else {
            Err(format!("{method} {path}: {} {}", answer.status, answer.text()).into())
        }
    }

    /// Somebody with WhatsApp, who sends delivery receipts.
    pub(crate) async fn contact(&self, number: &str) -> Result<()> {
        let body = json!({"number": number, "auto_receipts": "delivered"});
        self.http.json("POST", &format!("{}/admin/accounts", self.admin), &[], &body).await?;
        Ok(())
    }

    /// Gives a phone chats from before it is paired, as the simulator's admin API takes them.
    pub(crate) async fn history(&self, number: &str, history: &Value) -> Result<()> {
        let url = format!("{}/admin/accounts/{number}/history", self.admin);
        let answer = self.http.json("POST", &url, &[], history).await?;
        if answer.status < 300 { Ok(()) } else { Err(answer.text().into()) }
    }

    /// The same tenant, at another address of the API.
    pub(crate) fn at(&self, api: String) -> Driver {
        Driver { api, ..self.clone() }
    }

    /// Reads something.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer> {
        let url = format!("{}{path}", self.api);
        let answer = self.http.request("GET", &url, &[("token", &self.token)], Vec::new()).await?;
        if answer.status < 300 {
            Ok(answer)
        } else {
            Err(format!("GET {path}: {} {}", answer.status, answer.text()).into())
        }
    }

    /// Adds a worker and pairs it.
    pub(crate) async fn pair(&self, number: &str) -> Result<()> {
        self.contact(number).await?;
        self.call("POST", "/v2/numbers/add", &json!({"number": number, "role": "worker"})).await?;
        let deadline = Instant::now() + PATIENCE;
        let mut scanned = false;
        loop {
            let answer =
                self.call("GET", &format!("/v2/numbers/connect?number={number}"), &Value::Null).await?.json();
            let link = &answer["description"];
            if link["state"] == "connected" {
                return Ok(());
            }
            if let (Some(qr), false) = (link["qr"].as_str(), scanned) {
                let url = format!("{}/admin/mock-phone/scan-qr?number={number}", self.admin);
                self.http.request("POST", &url, &[], qr.as_bytes().to_vec()).await?;
                scanned = true;
            }
            if Instant::now() > deadline {
                return Err(format!("{number} did not connect: {link}").into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Asks for a text to be sent, and answers the send's id.
    pub(crate) async fn send(&self, from: &str, to: &str, text: &str) -> Result<String> {
        let body = json!({"from_number": from, "to_number": to, "media_type": "text", "content": text});
        self.send_any(&body).await
    }

    /// The same for a picture at an address.
    pub(crate) async fn send_image(&self, from: &str, to: &str, url: &str) -> Result<String> {
        let body = json!({"from_number": from, "to_number": to, "media_type": "image", "media_url": url});
        self.send_any(&body).await
    }

    /// Has the tenant's events go to an address.
    pub(crate) async fn set_webhook(&self, url: &str, events: &[&str]) -> Result<()> {
        self.call("PUT", "/v2/webhooks", &json!({"url": url, "events": events})).await?;
        Ok(())
    }

    /// Has a contact's phone write a text to a number, and waits until the number's client says that it has it, as it does once it is
    /// stored.
    pub(crate) async fn write(&self, contact: &str, number: &str, text: &str) -> Result<()> {
        let account = format!("{}/admin/accounts/{contact}", self.admin);
        let body = json!({"to": number, "text": text});
        let written = self.http.json("POST", &format!("{account}/messages"), &[], &body).await?;
        let id = written.json()["id"].take();
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let sent = self.http.get(&format!("{account}/sent")).await?.json();
            let messages = sent["messages"].as_array().ok_or_else(|| sent.to_string())?;
            let receipts = messages.iter().find(|message| message["id"] == id).map(|m| &m["receipts"]);
            if receipts.is_some_and(|receipts| receipts["delivered"].as_u64() > Some(0)) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(format!("{text:?} was not taken: {}", written.text()).into())
    }

    async fn send_any(&self, body: &Value) -> Result<String> {
        let answer = self.call("POST", "/v2/sends", body).await?.json();
        Ok(answer["description"]["send_id"].as_str().ok_or("no send_id")?.to_owned())
    }

    /// Waits until the contact's client has decrypted `count` messages, looking every two milliseconds.
    pub(crate) async fn received(&self, contact: &str, count: usize, after: u64) -> Result<u64> {
        let deadline = Instant::now() + PATIENCE;
        let url = format!("{}/admin/accounts/{contact}/messages?after={after}", self.admin);
        loop {
            let answer = self.http.get(&url).await?.json();
            let messages = answer["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
            if messages.len() >= count {
                return Ok(messages.last().and_then(|m| m["order"].as_u64()).unwrap_or(after));
            }
            if Instant::now() > deadline {
                return Err(format!("{} of {count} texts arrived", messages.len()).into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits until the send has that status.
    pub(crate) async fn status(&self, send: &str, status: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let answer = self.call("GET", &format!("/v2/sends/{send}"), &Value::Null).await?.json();
            if answer["description"]["status"] == status {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Err(format!("{send} did not become {status}").into())
    }
}
