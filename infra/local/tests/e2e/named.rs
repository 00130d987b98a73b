//! A session of the first version of the API, as its clients use it.

use crate::multipart::Form;
use crate::tenant::Tenant;
use crate::until::{PATIENCE, until};
use crate::world::World;
use carteiro_local::{Answer, Received};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

pub(crate) struct Named<'a> {
    world: &'a World,
    token: String,
    name: &'static str,
    /// Where its webhook goes at the receiver.
    hook: String,
}

impl<'a> Named<'a> {
    pub(crate) fn new(world: &'a World, tenant: &Tenant<'_>, name: &'static str) -> Self {
        let hook = format!("/{}", name.bytes().map(|b| format!("{b:02x}")).collect::<String>());
        Self { world, token: tenant.token.clone(), name, hook }
    }

    /// The path of a route of the session, with its query.
    pub(crate) fn path(&self, route: &str, query: &[(&str, &str)]) -> String {
        let query: Vec<String> =
            query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/{}/{route}{mark}{}", encoded(self.name), query.join("&"))
    }

    pub(crate) async fn get(&self, route: &str, query: &[(&str, &str)]) -> Answer {
        self.world.call("GET", &self.path(route, query), &[("token", &self.token)], None).await
    }

    /// The JSON of a route that answers 200.
    pub(crate) async fn read(&self, route: &str, query: &[(&str, &str)]) -> Value {
        let answer = self.get(route, query).await;
        assert_eq!(answer.status, 200, "{route}: {}", answer.text());
        answer.json()
    }

    pub(crate) async fn post(&self, route: &str, body: &Value) -> Answer {
        self.world.call("POST", &self.path(route, &[]), &[("token", &self.token)], Some(body)).await
    }

    /// A form with a file in `doc`, to a route that answers 200.
    pub(crate) async fn upload(&self, route: &str, form: Form) -> Value {
        let answer = form.post(self.world, &self.path(route, &[]), &[("token", &self.token)]).await;
        assert_eq!(answer.status, 200, "{route}: {}", answer.text());
        answer.json()
    }

    /// Begins to pair, has the number's phone scan the QR, and waits for the connection.
    pub(crate) async fn pair(&self, number: &str) {
        self.begin().await;
        self.scan(number).await;
        self.connected().await;
    }

    /// Asks for a QR, events to go to the receiver.
    pub(crate) async fn begin(&self) {
        let hook = self.world.receiver().unwrap().url(&self.hook);
        until("there is a first QR", async || {
            let answer = self.read("autenticacao", &[("webhook", &hook)]).await;
            (answer["message"] == "Autenticando, leia o qrcode.").then_some(())
        })
        .await;
    }

    /// Has the phone scan the QR that the API shows.
    pub(crate) async fn scan(&self, number: &str) {
        let qr = until("there is a QR", async || {
            self.read("qrcode", &[]).await["qrcode"].as_str().map(str::to_owned)
        })
        .await;
        let url = format!("{}/admin/mock-phone/scan-qr?number={number}", self.world.admin_url().unwrap());
        let answer = self.world.http.request("POST", &url, &[], qr.into_bytes()).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    pub(crate) async fn connected(&self) {
        self.state("CONNECTED").await;
    }

    /// Waits until `/conexao` says so.
    pub(crate) async fn state(&self, state: &str) {
        until(&format!("the session is {state}"), async || {
            let answer = self.read("conexao", &[]).await;
            (answer["message"] == state).then_some(())
        })
        .await;
    }

    /// The bodies of the events of one kind that its webhook got, in order.
    pub(crate) fn events(&self, kind: &str) -> Vec<Value> {
        let bodies = self.received().into_iter().map(|received| received.json());
        bodies.filter(|body| body["tipo"] == kind).map(|body| body["json"].clone()).collect()
    }

    /// What its webhook got.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.world.receiver().unwrap().received_at(&self.hook)
    }

    /// Its webhook's path at the receiver.
    pub(crate) fn hook(&self) -> &str {
        &self.hook
    }

    /// Waits for an event of that kind which `wanted` says yes to, and answers its `json`.
    pub(crate) async fn event(&self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let events = self.events(kind);
            if let Some(event) = events.iter().find(|event| wanted(event)) {
                return event.clone();
            }
            assert!(Instant::now() < deadline, "of {kind} the webhook got only {events:#?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Percent-encoded, but for what stands in a path and a query as it is.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._~".contains(b);
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
