//! The two doors that a run goes through: Carteiro's API and the simulator's.

use crate::picture;
use carteiro_local::{Client, Error, System};
use serde_json::{Value, json};
use std::time::Duration;

/// How long to wait before a request that was not answered is made again.
const AGAIN: Duration = Duration::from_millis(500);

/// A patient client of both.
#[derive(Debug, Clone)]
pub(crate) struct Api(Client);

impl Api {
    pub(crate) fn of(system: &System) -> Self {
        Self(system.client())
    }

    /// A request to Carteiro, until it is answered with a success, as a patient client makes it.
    pub(crate) async fn insist(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> Value {
        loop {
            if let Ok(answer) = self.0.call(method, path, &[("token", token)], body).await
                && answer.status < 300
            {
                return answer.json()["description"].clone();
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Sends a text under a key, until it is accepted: its id.
    ///
    /// # Errors
    /// When it is refused for good.
    pub(crate) async fn send(&self, token: &str, from: &str, to: &str, text: &str) -> Result<String, Error> {
        let body = json!({"from_number": from, "to_number": to, "media_type": "text", "content": text});
        let body = body.to_string().into_bytes();
        self.insist_on_send(token, from, text, "/v2/sends", "application/json", &body).await
    }

    /// Sends a picture with a caption, under a key, until it is accepted: its id.
    ///
    /// # Errors
    /// When it is refused for good.
    pub(crate) async fn send_picture(
        &self,
        token: &str,
        from: &str,
        to: &str,
        caption: &str,
    ) -> Result<String, Error> {
        let fields =
            [("from_number", from), ("to_number", to), ("media_type", "image"), ("caption", caption)];
        let (kind, body) = picture::form(&fields).finish();
        self.insist_on_send(token, from, caption, "/v2/upload/sends", &kind, &body).await
    }

    async fn insist_on_send(
        &self,
        token: &str,
        from: &str,
        text: &str,
        path: &str,
        kind: &str,
        body: &[u8],
    ) -> Result<String, Error> {
        let key = format!("{from}-{}", text.replace(' ', "-"));
        let headers = [("token", token), ("idempotency-key", key.as_str()), ("content-type", kind)];
        loop {
            if let Ok(answer) = self.0.send("POST", path, &headers, body.to_vec()).await {
                if let Some(id) = answer.json()["description"]["send_id"].as_str() {
                    return Ok(id.to_owned());
                }
                if matches!(answer.status, 400..500) && !matches!(answer.status, 409 | 429) {
                    return Err(Error::new(format!("{from}: a send was refused: {}", answer.text())));
                }
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// A tenant with everything: its token.
    pub(crate) async fn tenant(&self, login: &str, phone: &str) -> Result<String, Error> {
        Ok(self.0.register("premium", login, phone).await?.token)
    }

    /// A request to the simulator, which must succeed.
    pub(crate) async fn admin(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Error> {
        self.0.admin(method, path, body).await
    }

    /// A phone scans a QR.
    pub(crate) async fn scan(&self, number: &str, qr: &str) -> Result<(), Error> {
        self.0.scan(number, qr).await
    }

    /// What a contact's client has shown, in order of arrival.
    pub(crate) async fn messages(&self, contact: &str) -> Result<Vec<Value>, Error> {
        let answer = self.admin("GET", &format!("/admin/accounts/{contact}/messages"), None).await?;
        Ok(answer["messages"].as_array().cloned().unwrap_or_default())
    }
}
