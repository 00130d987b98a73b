//! Removing an account that has no password.

use super::{World, ana, with, world};
use carteiro_core::ids::UserId;
use carteiro_http::testing::Reply;
use jiff::SignedDuration;
use serde_json::{Value, json};

impl World {
    /// What an account without a password is, and its API token.
    async fn without_password(&self) -> (UserId, String) {
        let made = self.register(with(ana(), "password", Value::Null)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let text = |name: &str| made.body["description"][name].as_str().unwrap().to_owned();
        (text("user_id").parse().unwrap(), text("token"))
    }

    async fn remove_by_jwt(&self, user: UserId, age: SignedDuration, body: Value) -> Reply {
        // As `POST /v2/auth/otp/validate` answers it.
        let jwt = self.authenticator.issue(user).await.unwrap();
        self.clock.advance(age);
        self.post("remove", Some(("Authorization", &format!("Bearer {jwt}"))), body).await
    }
}

#[tokio::test]
async fn a_jwt_of_just_now_removes_it() {
    let w = world().await;
    let (user, token) = w.without_password().await;
    let body = json!({"login": "5511999999999"});
    let by_token = w.post("remove", Some(("token", &token)), body.clone()).await;
    assert_eq!((by_token.status, by_token.code()), (422, "REMOVAL_REFUSED"));
    assert!(by_token.body["description"].as_str().unwrap().contains("OTP"), "{}", by_token.text);
    let late = w.remove_by_jwt(user, SignedDuration::from_secs(601), body.clone()).await;
    assert_eq!((late.status, late.code()), (422, "REMOVAL_REFUSED"));
    let other = w.remove_by_jwt(user, SignedDuration::ZERO, json!({"login": "outro"})).await;
    assert_eq!((other.status, other.code()), (422, "REMOVAL_REFUSED"));
    assert_eq!(w.accounts.count(), 1);
    let gone = w.remove_by_jwt(user, SignedDuration::from_secs(600), body).await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    assert_eq!(w.accounts.count(), 0);
    let after = w.post("remove", Some(("token", &token)), json!({"login": "usuario"})).await;
    assert_eq!(after.status, 401);
}

#[tokio::test]
async fn who_has_a_password_says_it() {
    let w = world().await;
    let made = w.register(ana()).await;
    let user = made.body["description"]["user_id"].as_str().unwrap().parse().unwrap();
    let reply = w.remove_by_jwt(user, SignedDuration::ZERO, json!({"login": "usuario"})).await;
    assert_eq!((reply.status, reply.code()), (400, "MISSING_PARAMETER"));
    let wrong = json!({"login": "usuario", "password": "senha124"});
    let reply = w.remove_by_jwt(user, SignedDuration::ZERO, wrong).await;
    assert_eq!((reply.status, reply.code()), (422, "REMOVAL_REFUSED"));
    assert_eq!(w.accounts.count(), 1);
}
