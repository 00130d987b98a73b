//! One number of the load: what it sends to its contact, and what its contact writes to it.

use crate::api::Api;
use crate::picture;
use carteiro_local::Error;
use serde_json::json;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Every sixth message is a picture: it goes by S3 and by WhatsApp's media servers.
fn is_picture(count: u32) -> bool {
    count % 6 == 3
}

/// A number, its contact, and what they have written.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) worker: String,
    pub(crate) contact: String,
    pub(crate) token: String,
    /// What was accepted: the send's id and its text, in order.
    sent: Mutex<Vec<(String, String)>>,
    /// What the contact wrote: the message's id, in order.
    written: Mutex<Vec<String>>,
    /// Why it stopped sending, if it did.
    refused: Mutex<Option<Error>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lane {
    /// A number that is paired and connected.
    pub(crate) async fn pair(api: &Api, index: usize, token: &str) -> Result<Self, Error> {
        let (worker, contact) = (format!("55119888{index:05}"), format!("55119777{index:05}"));
        for number in [&worker, &contact] {
            let account = json!({"number": number, "auto_receipts": "delivered"});
            api.admin("POST", "/admin/accounts", Some(&account)).await?;
        }
        let worker_of = json!({"number": worker, "role": "worker"});
        api.insist("POST", "/v2/numbers/add", token, Some(&worker_of)).await;
        let mut scanned: Option<String> = None;
        for _ in 0..1_800 {
            let path = format!("/v2/numbers/status?number={worker}");
            let state = api.insist("GET", &path, token, None).await["state"].clone();
            if state == "connected" {
                let token = token.to_owned();
                let (sent, written, refused) = (Mutex::default(), Mutex::default(), Mutex::default());
                return Ok(Self { worker, contact, token, sent, written, refused });
            }
            if scanned.is_none() || state == "pairing" {
                let path = format!("/v2/numbers/connect?number={worker}");
                let asked = api.insist("GET", &path, token, None).await;
                // One that another has replaced meanwhile is scanned in vain, as by a person, also where its shard moves to another
                // task just then: the next is there in a moment.
                if let Some(qr) = asked["qr"].as_str().filter(|qr| scanned.as_deref() != Some(*qr))
                    && api.scan(&worker, qr).await.is_ok()
                {
                    scanned = Some(qr.to_owned());
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Error::new(format!("the number {worker} could not be paired")))
    }

    /// Sends and writes, each again and again, until it is over.
    pub(crate) async fn run(&self, api: &Api, every: Duration, over: watch::Receiver<bool>) {
        tokio::join!(self.send(api, every, over.clone()), self.write(api, every * 2, over));
    }

    async fn send(&self, api: &Api, every: Duration, over: watch::Receiver<bool>) {
        let mut count = 0_u32;
        while !*over.borrow() {
            let text = format!("envio {count}");
            count += 1;
            // A key belongs to what is sent under it: this waits for as long as it takes.
            let sent = match is_picture(count) {
                true => api.send_picture(&self.token, &self.worker, &self.contact, &text).await,
                false => api.send(&self.token, &self.worker, &self.contact, &text).await,
            };
            match sent {
                Ok(id) => locked(&self.sent).push((id, text)),
                Err(error) => {
                    *locked(&self.refused) = Some(error);
                    return;
                }
            }
            tokio::time::sleep(every).await;
        }
    }

    async fn write(&self, api: &Api, every: Duration, over: watch::Receiver<bool>) {
        let path = format!("/admin/accounts/{}/messages", self.contact);
        let mut count = 0_u32;
        while !*over.borrow() {
            let text = format!("resposta {count}");
            let message = match is_picture(count) {
                true => {
                    let media = json!({"type": "image", "mime": "image/png", "base64": picture::BASE64, "caption": text});
                    json!({"to": self.worker, "media": media})
                }
                false => json!({"to": self.worker, "text": text}),
            };
            if let Ok(answer) = api.admin("POST", &path, Some(&message)).await
                && let Some(id) = answer["id"].as_str()
            {
                locked(&self.written).push(id.to_owned());
                count += 1;
            }
            tokio::time::sleep(every).await;
        }
    }

    /// Why it stopped sending, if it did.
    pub(crate) fn refused(&self) -> Option<Error> {
        locked(&self.refused).clone()
    }

    /// What was accepted so far, in order.
    pub(crate) fn sent(&self) -> Vec<(String, String)> {
        locked(&self.sent).clone()
    }

    /// What the contact wrote so far, in order.
    pub(crate) fn written(&self) -> Vec<String> {
        locked(&self.written).clone()
    }
}
