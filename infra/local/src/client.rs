//! A client of a system's two doors: Carteiro's API, and the admin API of the simulator.

use crate::error::Error;
use crate::http::{Answer, Http};
use serde_json::{Value, json};

/// The password of every tenant that it registers.
pub const PASSWORD: &str = "senha-secreta-1";

/// The client; clones are the same one.
#[derive(Clone)]
pub struct Client {
    http: Http,
    api: String,
    admin: Option<String>,
    operator: String,
}

/// A tenant that the operator has registered.
#[derive(Clone)]
pub struct Registered {
    /// Its id.
    pub id: String,
    /// Its token.
    pub token: String,
}

impl Client {
    pub(crate) fn new(http: Http, api: String, admin: Option<String>, operator: String) -> Self {
        Self { http, api, admin, operator }
    }

    /// A request to Carteiro, once.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, Error> {
        self.ask(&self.api, method, path, headers, body).await
    }

    /// A request to Carteiro whose body is what it is.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, Error> {
        self.http.request(method, &format!("{}{path}", self.api), headers, body).await
    }

    /// A request to the simulator, which must succeed.
    pub async fn admin(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Error> {
        let answer = self.ask(self.simulator()?, method, path, &[], body).await?;
        succeeded(&answer, path).map(|()| answer.json())
    }

    /// The operator registers a tenant on a plan.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn register(&self, plan: &str, login: &str, phone: &str) -> Result<Registered, Error> {
        let body = json!({"login": login, "number": phone, "password": PASSWORD, "plan": plan});
        let operator = [("api-token", self.operator.as_str())];
        let answer = self.call("POST", "/v2/users/register", &operator, Some(&body)).await?;
        let told = &answer.json()["description"];
        match (told["user_id"].as_str(), told["token"].as_str()) {
            (Some(id), Some(token)) => Ok(Registered { id: id.to_owned(), token: token.to_owned() }),
            _ => Err(Error::new(format!("no tenant could be made: {}", answer.text()))),
        }
    }

    /// A number's phone scans a QR.
    ///
    /// # Errors
    /// When the QR is none, or not in force any more.
    pub async fn scan(&self, number: &str, qr: &str) -> Result<(), Error> {
        let path = format!("/admin/mock-phone/scan-qr?number={number}");
        let url = format!("{}{path}", self.simulator()?);
        let answer = self.http.request("POST", &url, &[], qr.as_bytes().to_vec()).await?;
        succeeded(&answer, "a QR")
    }

    fn simulator(&self) -> Result<&str, Error> {
        self.admin.as_deref().ok_or_else(|| Error::new("there is no simulator: WhatsApp is the real one"))
    }

    async fn ask(
        &self,
        root: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, Error> {
        let url = format!("{root}{path}");
        match body {
            Some(body) => self.http.json(method, &url, headers, body).await,
            None => self.http.request(method, &url, headers, Vec::new()).await,
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("api", &self.api).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Registered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registered").field("id", &self.id).finish_non_exhaustive()
    }
}

fn succeeded(answer: &Answer, what: &str) -> Result<(), Error> {
    match answer.status {
        ..300 => Ok(()),
        status => Err(Error::new(format!("the simulator answered {what} with {status}: {}", answer.text()))),
    }
}
