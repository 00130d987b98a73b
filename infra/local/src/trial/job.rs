//! The main job, a step at a time.

use super::Screen;
use crate::error::Error;
use crate::http::Answer;
use crate::system::System;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const EMAIL: &str = "padaria@carteiro.example";
/// The tenant's number, which sends.
const WORKER: &str = "5511987650001";
/// A contact's number, which receives.
const CONTACT: &str = "5511987650002";
const TEXT: &str = "Olá, Maria! O seu pedido saiu para entrega. 🛵";

/// What anything that is waited for may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Job<'a> {
    system: &'a System,
    /// The simulator's admin API.
    admin: &'a str,
    screen: &'a mut Screen,
    /// The JWT, once logged in.
    jwt: String,
}

impl<'a> Job<'a> {
    pub(super) fn new(system: &'a System, admin: &'a str, screen: &'a mut Screen) -> Self {
        Self { system, admin, screen, jwt: String::new() }
    }

    /// Two phones of the simulated WhatsApp: the tenant's and a contact's.
    pub(super) async fn declare_phones(&mut self) -> Result<(), Error> {
        self.screen.step("Two phones on the simulated WhatsApp");
        for (number, name) in [(WORKER, "Padaria"), (CONTACT, "Maria")] {
            let phone = json!({"number": number, "name": name});
            let answer = self
                .system
                .http()
                .json("POST", &format!("{}/admin/accounts", self.admin), &[], &phone)
                .await?;
            expect(&answer, &[200, 201], "declare a phone to the simulator")?;
            self.screen.good(&format!("{name} has {number}"));
        }
        Ok(())
    }

    /// The operator registers the tenant.
    pub(super) async fn register(&mut self) -> Result<(), Error> {
        self.screen.step("The operator registers a tenant");
        let token = self.system.operator_token();
        let body = json!({"login": EMAIL, "number": WORKER, "plan": "premium"});
        let answer = self.call("POST", "/v2/users/register", &[("api-token", token)], Some(&body)).await?;
        expect(&answer, &[201], "register a tenant")
    }

    /// The tenant logs in by a one-time password that is mailed.
    pub(super) async fn log_in(&mut self) -> Result<(), Error> {
        self.screen.step("The tenant logs in with a one-time password sent by e-mail");
        let request = json!({"otp_type": "login", "otp_for": "email", "email": EMAIL});
        let answer = self.call("POST", "/v2/auth/otp/request", &[], Some(&request)).await?;
        expect(&answer, &[200], "ask for a one-time password")?;
        let code = self.mailed_code().await?;
        self.screen.good(&format!("the e-mail says {code}"));
        let validate =
            json!({"otp_type": "login", "otp_for": "email", "email": EMAIL, "email_otp_code": code});
        let answer = self.call("POST", "/v2/auth/otp/validate", &[], Some(&validate)).await?;
        expect(&answer, &[200], "log in")?;
        let jwt = answer.json()["token"].as_str().unwrap_or_default().to_owned();
        if jwt.is_empty() {
            return Err(Error::new("logging in gave no token"));
        }
        self.jwt = jwt;
        Ok(())
    }

    async fn mailed_code(&mut self) -> Result<String, Error> {
        let began = Instant::now();
        loop {
            let mails = self.system.mailbox().mails().await?;
            let mine = mails.iter().rev().find(|mail| mail.to.iter().any(|to| to == EMAIL));
            if let Some(code) = mine.and_then(|mail| six_digits(&mail.text)) {
                return Ok(code);
            }
            patience(began, "the e-mail with the one-time password").await?;
        }
    }

    /// The tenant adds the number that is to send.
    pub(super) async fn add_number(&mut self) -> Result<(), Error> {
        self.screen.step("The tenant adds a number to send from");
        let body = json!({"numbers_workers": [WORKER]});
        let answer = self.authorized("POST", "/v2/numbers", Some(&body)).await?;
        expect(&answer, &[200, 201], "add a number")
    }

    /// The number is paired by its QR.
    pub(super) async fn pair(&mut self) -> Result<(), Error> {
        self.screen.step("The number is paired: its phone scans a QR");
        let path = format!("/v2/numbers/connect?number={WORKER}");
        let began = Instant::now();
        let mut shown = false;
        let qr = loop {
            let answer = match shown {
                false => self.authorized("GET", &path, None).await?,
                true => self.silently(&path).await?,
            };
            shown = true;
            expect(&answer, &[200, 202], "start pairing")?;
            let body = answer.json();
            if let Some(qr) = body["description"]["qr"].as_str() {
                break qr.to_owned();
            }
            patience(began, "a QR").await?;
        };
        self.screen.note("");
        self.screen.qr(&qr)?;
        let scan = format!("{}/admin/mock-phone/scan-qr?number={WORKER}", self.admin);
        let scanned = self.system.http().request("POST", &scan, &[], qr.into_bytes()).await?;
        expect(&scanned, &[200], "scan the QR with the simulated phone")?;
        self.screen.good("the simulated phone of Padaria has scanned it");
        let path = format!("/v2/numbers/status?number={WORKER}");
        loop {
            let answer = self.silently(&path).await?;
            expect(&answer, &[200], "ask for the number's status")?;
            if answer.json()["description"]["status"] == "conectado" {
                self.screen.request("GET", &path, &[("authorization", &self.bearer())], None);
                self.screen.answer(answer.status, &answer.json());
                return Ok(());
            }
            patience(began, "the number to be conectado").await?;
        }
    }

    /// A text is sent; answers its id.
    pub(super) async fn send(&mut self) -> Result<String, Error> {
        self.screen.step("A text is sent");
        let body =
            json!({"from_number": WORKER, "to_number": CONTACT, "media_type": "text", "content": TEXT});
        let bearer = self.bearer();
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", "pedido-1042")];
        let answer = self.call("POST", "/v2/sends", &headers, Some(&body)).await?;
        expect(&answer, &[201], "send a text")?;
        let id = find(&answer.json(), "send_id").unwrap_or_default();
        if id.is_empty() { Err(Error::new("the send has no send_id")) } else { Ok(id) }
    }

    /// Each status of the send, as it comes, and the message as its recipient has it.
    pub(super) async fn follow(&mut self, send: &str) -> Result<(), Error> {
        self.screen.step("Its way, as GET /v2/sends/{send_id} tells it");
        let path = format!("/v2/sends/{send}");
        let began = Instant::now();
        let mut last = String::new();
        let mut received = false;
        loop {
            let answer = self.silently(&path).await?;
            expect(&answer, &[200], "ask for the send's status")?;
            let body = answer.json();
            let status = find(&body, "status").unwrap_or_default();
            // What passed between two looks is told all the same, from its time.
            let sent = body["description"]["date_time_send"].is_string();
            if sent && status != "enviado" && matches!(last.as_str(), "na fila" | "processando") {
                self.screen.good(&format!("{:>6.2} s  enviado", began.elapsed().as_secs_f64()));
            }
            if status != last {
                self.screen.good(&format!("{:>6.2} s  {status}", began.elapsed().as_secs_f64()));
                last = status;
            }
            match last.as_str() {
                "falha" | "cancelado" => return Err(Error::new(format!("the send ended as {last}: {body}"))),
                "entregue" if !received => {
                    self.received().await?;
                    received = true;
                }
                "lido" if received => return Ok(()),
                _ => {}
            }
            patience(began, &format!("the send to be lido (it is {last})")).await?;
        }
    }

    /// The message as the contact's client decrypted it; then the contact reads it.
    async fn received(&mut self) -> Result<(), Error> {
        let url = format!("{}/admin/accounts/{CONTACT}/messages", self.admin);
        let answer = self.system.http().get(&url).await?;
        let body = answer.json();
        let messages = body["messages"].as_array().cloned().unwrap_or_default();
        let texts: Vec<&str> = messages.iter().filter_map(|message| message["text"].as_str()).collect();
        if texts != [TEXT] {
            return Err(Error::new(format!("the recipient has {texts:?}, not the one text that was sent")));
        }
        self.screen.note(&format!("Maria's phone decrypted: “{}”", texts[0]));
        self.screen.note("Maria reads it");
        let read = format!("{}/admin/accounts/{CONTACT}/read", self.admin);
        expect(&self.system.http().request("POST", &read, &[], Vec::new()).await?, &[200], "read the message")
    }

    /// The report tells of the send.
    pub(super) async fn report(&mut self, send: &str) -> Result<(), Error> {
        self.screen.step("The report");
        let path = format!("/v2/reports/sends?from_number={WORKER}");
        let answer = self.authorized("GET", &path, None).await?;
        expect(&answer, &[200], "read the report")?;
        let body = answer.json();
        let items = body["description"].as_array().cloned().unwrap_or_default();
        match items.as_slice() {
            [item] if item["send_id"] == send && item["status"] == "lido" => Ok(()),
            _ => Err(Error::new("the report does not show the one send as lido")),
        }
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.jwt)
    }

    async fn authorized(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, Error> {
        let bearer = self.bearer();
        self.call(method, path, &[("authorization", &bearer)], body).await
    }

    /// GET without a word, to ask again and again.
    async fn silently(&self, path: &str) -> Result<Answer, Error> {
        let url = format!("{}{path}", self.system.api_url());
        let bearer = self.bearer();
        self.system.http().request("GET", &url, &[("authorization", &bearer)], Vec::new()).await
    }

    /// A request to the API, shown with its answer.
    async fn call(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, Error> {
        self.screen.request(method, path, headers, body);
        let url = format!("{}{path}", self.system.api_url());
        let answer = match body {
            Some(body) => self.system.http().json(method, &url, headers, body).await?,
            None => self.system.http().request(method, &url, headers, Vec::new()).await?,
        };
        self.screen.answer(answer.status, &answer.json());
        Ok(answer)
    }
}

/// Fails unless the status is one of those.
fn expect(answer: &Answer, statuses: &[u16], doing: &str) -> Result<(), Error> {
    if statuses.contains(&answer.status) {
        return Ok(());
    }
    let said: String = answer.text().chars().take(300).collect();
    Err(Error::new(format!("cannot {doing}: HTTP {} instead of {}: {said}", answer.status, statuses[0])))
}

/// Waits a little, unless what is waited for has taken too long.
async fn patience(began: Instant, what: &str) -> Result<(), Error> {
    if began.elapsed() > PATIENCE {
        return Err(Error::new(format!("waited {} s for {what} in vain", PATIENCE.as_secs())));
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(())
}

/// A field of the answer, at its top or in its description.
fn find(body: &Value, name: &str) -> Option<String> {
    let value = body["description"].get(name).or_else(|| body.get(name))?;
    value.as_str().map(str::to_owned)
}

/// The first run of exactly six digits.
fn six_digits(text: &str) -> Option<String> {
    let mut runs = text.split(|character: char| !character.is_ascii_digit());
    runs.find(|run| run.len() == 6).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_in_the_mail() {
        assert_eq!(
            six_digits("Seu código é 012345. Vale por 5 minutos (até 20:15).").as_deref(),
            Some("012345")
        );
        assert_eq!(six_digits("ligue 08001234567"), None);
    }

    #[test]
    fn fields_are_found_at_either_place() {
        assert_eq!(find(&json!({"description": {"send_id": "a"}}), "send_id").as_deref(), Some("a"));
        assert_eq!(find(&json!({"send_id": "b", "description": "ok"}), "send_id").as_deref(), Some("b"));
    }
}
