//! The function in its process, over ports in memory.

mod any_body;
mod held_back;

use crate::routes::{App, router};
use async_trait::async_trait;
use axum::Router;
use carteiro_core::identity::Email;
use carteiro_core::plan::Plans;
use carteiro_core::ports::{Accounts, Clock, DeliveryFailed, Mailer};
use carteiro_core::sms::SmsPolicy;
use carteiro_core::testing::*;
use carteiro_core::usecase::OneTimePasswords;
use carteiro_core::user::User;
use carteiro_http::testing::{Call, Reply, send_event, wide_gate};
use carteiro_http::{Authenticator, KeyRing};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

struct World {
    accounts: Arc<MemoryAccounts>,
    mailer: Arc<MemoryMailer>,
    messenger: Arc<MemoryMessenger>,
    secret: Arc<MemorySecret>,
    clock: Arc<ManualClock>,
    keys: Arc<KeyRing>,
    router: Router,
}

/// A [`MemoryMailer`] that takes its time.
struct SlowMailer(Arc<MemoryMailer>, Duration);

#[async_trait]
impl Mailer for SlowMailer {
    async fn send(&self, to: &Email, subject: &str, text: &str, html: &str) -> Result<(), DeliveryFailed> {
        tokio::time::sleep(self.1).await;
        self.0.send(to, subject, text, html).await
    }
}

async fn world() -> World {
    world_where_mail_takes(Duration::from_millis(200)).await
}

async fn world_where_mail_takes(time: Duration) -> World {
    let accounts = Arc::<MemoryAccounts>::default();
    let (mailer, messenger) = (Arc::<MemoryMailer>::default(), Arc::<MemoryMessenger>::default());
    let clock = Arc::<ManualClock>::default();
    let secret = Arc::new(MemorySecret::new(key("1")));
    let keys = Arc::new(KeyRing::load(secret.clone(), clock.clone()).await.unwrap());
    let plans =
        Plans::from_json(r#"{"basico":{"media_types":["text"],"workers":1,"default":true}}"#).unwrap();
    let otp = OneTimePasswords {
        accounts: accounts.clone(),
        challenges: Arc::<MemoryChallenges>::default(),
        rates: Arc::<MemoryRates>::default(),
        mailer: Arc::new(SlowMailer(mailer.clone(), time)),
        messenger: messenger.clone(),
        sms: SmsPolicy::new("55".parse().unwrap(), 300),
        clock: clock.clone(),
        random: Arc::<SeededRandom>::default(),
        plans: Arc::new(plans),
    };
    let authenticator = Arc::new(Authenticator::new(accounts.clone(), clock.clone(), keys.clone()));
    let gate = wide_gate(authenticator.clone());
    let router = router(App { otp, authenticator, keys: keys.clone() }, gate).unwrap();
    World { accounts, mailer, messenger, secret, clock, keys, router }
}

fn key(kid: &str) -> String {
    format!(r#"{{"kid":"{kid}","key":"{}"}}"#, kid.repeat(40))
}

const EMAIL: &str = "ana@exemplo.com";
const NUMBER: &str = "5511988887777";

fn digits(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6).unwrap().into()
}

impl World {
    async fn post(&self, route: &str, body: Value) -> Reply {
        Call::new("POST", &format!("/api/v2/auth/otp/{route}")).json(body).send(&self.router).await
    }

    async fn refused(&self, route: &str, body: Value) -> (u64, String) {
        let reply = self.post(route, body).await;
        (reply.status, reply.code().into())
    }

    fn mailed(&self) -> String {
        digits(&self.mailer.mails().last().unwrap().text)
    }

    fn texted(&self) -> String {
        digits(&self.messenger.texts().last().unwrap().1)
    }

    /// Registers by e-mail alone.
    async fn registered(&self) {
        let body = json!({"otp_type": "register", "email": EMAIL});
        assert_eq!(self.post("request", body).await.status, 200);
        let body = json!({"otp_type": "register", "email": EMAIL, "email_otp_code": self.mailed()});
        assert_eq!(self.post("validate", body).await.status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn the_known_client_registers_by_both_channels_and_logs_in_by_either() {
    let w = world().await;
    for body in [
        json!({"otp_type": "register", "otp_for": "email", "email": EMAIL}),
        json!({"otp_type": "register", "otp_for": "number", "number": "+55 (11) 98888-7777"}),
    ] {
        assert_eq!(w.post("request", body).await.status, 200);
    }
    let both = json!({
        "otp_type": "register", "otp_for": "email", "email": EMAIL, "email_otp_code": w.mailed(),
        "number": NUMBER, "number_otp_code": w.texted(),
    });
    let reply = w.post("validate", both).await;
    let token = reply.body["token"].as_str().unwrap().to_owned();
    assert_eq!(
        reply.body,
        json!({"success": true, "message": "Código OTP validado com sucesso.", "token": token, "expires_in": 86400})
    );
    assert_eq!(w.accounts.count(), 1);

    assert_eq!(w.post("request", json!({"otp_for": "number", "number": NUMBER})).await.status, 200);
    let by_number = json!({"otp_for": "number", "number": NUMBER, "number_otp_code": w.texted()});
    let second = w.post("validate", by_number.clone()).await;
    let now = u64::try_from(w.clock.now().as_second()).unwrap();
    let keys = w.keys.get().await.unwrap();
    let user = keys.verify(second.body["token"].as_str().unwrap(), now);
    assert_eq!(user, keys.verify(&token, now));
    assert_eq!(w.refused("validate", by_number).await, (422, "OTP_EXPIRED".into()), "a code is used once");
}

#[tokio::test(start_paused = true)]
async fn a_single_channel_registers_too() {
    let w = world().await;
    w.registered().await;
    let body = json!({"otp_type": "register", "otp_for": "number", "number": NUMBER});
    w.post("request", body).await;
    let body =
        json!({"otp_type": "register", "otp_for": "number", "number": NUMBER, "number_otp_code": w.texted()});
    assert_eq!(w.post("validate", body).await.status, 200);
    assert_eq!(w.accounts.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_answer_is_the_same_for_everybody() {
    let w = world().await;
    w.registered().await;
    let mut answers = Vec::new();
    for (kind, email) in
        [("login", EMAIL), ("login", "bia@exemplo.com"), ("register", EMAIL), ("register", "bia@exemplo.com")]
    {
        let reply = w.post("request", json!({"otp_type": kind, "email": email})).await;
        answers.push((reply.status, reply.text));
    }
    w.clock.advance(SignedDuration::from_mins(5));
    w.mailer.switch.fail();
    let reply = w.post("request", json!({"email": EMAIL})).await;
    answers.push((reply.status, reply.text));
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test(start_paused = true)]
async fn wrong_spent_and_expired_codes_are_422_and_never_401() {
    let w = world().await;
    w.registered().await;
    let wrong = json!({"email": EMAIL, "email_otp_code": "000000"});
    assert_eq!(w.refused("validate", wrong.clone()).await, (422, "OTP_EXPIRED".into()), "none was asked for");
    w.post("request", json!({"email": EMAIL})).await;
    for _ in 0..4 {
        assert_eq!(w.refused("validate", wrong.clone()).await, (422, "INVALID_OTP".into()));
    }
    for _ in 0..2 {
        assert_eq!(w.refused("validate", wrong.clone()).await, (422, "OTP_SPENT".into()));
    }
    w.post("request", json!({"email": EMAIL})).await;
    w.clock.advance(SignedDuration::from_mins(5));
    let late = json!({"email": EMAIL, "email_otp_code": w.mailed()});
    assert_eq!(w.refused("validate", late).await, (422, "OTP_EXPIRED".into()));
}

#[tokio::test(start_paused = true)]
async fn each_refusal_names_what_is_wrong() {
    let w = world().await;
    for (route, body, status, code) in [
        ("request", json!({}), 400, "MISSING_PARAMETER"),
        ("request", json!({"otp_for": "number", "email": EMAIL}), 400, "MISSING_PARAMETER"),
        ("request", json!({"email": "ana"}), 422, "INVALID_EMAIL"),
        ("request", json!({"email": 7}), 422, "INVALID_EMAIL"),
        ("request", json!({"otp_for": "number", "number": "123"}), 422, "INVALID_PHONE"),
        ("request", json!({"otp_type": "other", "email": EMAIL}), 422, "INVALID_PARAMETER"),
        ("request", json!({"otp_for": "fax", "email": EMAIL}), 422, "INVALID_PARAMETER"),
        ("request", json!([]), 400, "MALFORMED_BODY"),
        ("validate", json!({"email": EMAIL}), 400, "MISSING_PARAMETER"),
        ("validate", json!({"email_otp_code": "123456"}), 400, "MISSING_PARAMETER"),
        ("validate", json!({"email": EMAIL, "email_otp_code": "12345"}), 422, "INVALID_OTP"),
        ("validate", json!({"email": EMAIL, "email_otp_code": 123_456}), 422, "INVALID_OTP"),
    ] {
        assert_eq!(w.refused(route, body.clone()).await, (status, code.into()), "{route} {body}");
    }
    let missing = w.post("request", json!({})).await;
    assert!(missing.body["description"].as_str().unwrap().contains("email"));
}

#[tokio::test(start_paused = true)]
async fn who_proves_an_address_learns_that_it_has_an_account() {
    let w = world().await;
    w.post("request", json!({"otp_type": "register", "email": EMAIL})).await;
    // The account is made on another way between the request and its code.
    let user = User { email: Some(EMAIL.parse().unwrap()), ..tenant(1, None) };
    w.accounts.create(&user).await.unwrap();
    let body = json!({"otp_type": "register", "email": EMAIL, "email_otp_code": w.mailed()});
    assert_eq!(w.refused("validate", body).await, (409, "ACCOUNT_EXISTS".into()));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_503_and_says_nothing() {
    let w = world().await;
    w.accounts.switch.fail();
    let reply = w.post("request", json!({"email": EMAIL})).await;
    assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
    assert_eq!(reply.header("retry-after"), "1");
    assert!(!reply.text.contains("find_by_identity"));
}

#[tokio::test(start_paused = true)]
async fn what_no_route_has_is_answered_here() {
    let w = world().await;
    assert_eq!(Call::new("GET", "/v2/nothing").send(&w.router).await.code(), "ROUTE_NOT_FOUND");
    assert_eq!(Call::new("PATCH", "/v2/sends").send(&w.router).await.status, 405);
}

#[tokio::test(start_paused = true)]
async fn the_sample_event_is_answered() {
    let event = serde_json::from_str(include_str!("../../../../events/auth.json")).unwrap();
    assert_eq!(send_event(&world().await.router, event).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_replaced_while_codes_and_sessions_are_out() {
    let w = world().await;
    w.registered().await;
    let log_in = async |code: String| {
        w.post("validate", json!({"email": EMAIL, "email_otp_code": code})).await.body["token"].clone()
    };
    w.clock.advance(SignedDuration::from_mins(1));
    w.post("request", json!({"email": EMAIL})).await;
    let old = log_in(w.mailed()).await;
    w.post("request", json!({"email": EMAIL})).await;
    let code = w.mailed();
    w.secret.rotate_at(w.clock.now(), key("2"));
    w.clock.advance(SignedDuration::from_mins(3));
    let new = log_in(code).await;
    let now = u64::try_from(w.clock.now().as_second()).unwrap();
    let keys = w.keys.get().await.unwrap();
    for token in [&old, &new] {
        assert!(keys.verify(token.as_str().unwrap(), now).is_some(), "{token}");
    }
}
