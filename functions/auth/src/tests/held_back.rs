//! What keeps guesses and floods back without telling who has an account.

use super::*;
use crate::even::ANSWER_AFTER;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn neither_the_answer_nor_its_time_tells_whether_a_mail_goes_out() {
    for mail in [0, 300, 2_400, 60_000] {
        let w = world_where_mail_takes(Duration::from_millis(mail)).await;
        let user = User { email: Some(EMAIL.parse().unwrap()), ..tenant(1, None) };
        w.accounts.create(&user).await.unwrap();
        let mut seen = Vec::new();
        for (kind, email) in [
            ("login", EMAIL),
            ("login", "bia@exemplo.com"),
            ("register", EMAIL),
            ("register", "bia@exemplo.com"),
        ] {
            let began = Instant::now();
            let reply = w.post("request", json!({"otp_type": kind, "email": email})).await;
            seen.push((reply.status, reply.text, began.elapsed()));
        }
        let mails = if mail < 2_500 { 3 } else { 0 };
        assert_eq!(w.mailer.mails().len(), mails, "mail that takes {mail} ms");
        assert_eq!(seen[0].2, ANSWER_AFTER);
        seen.dedup();
        assert_eq!(seen.len(), 1, "mail that takes {mail} ms: {seen:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let w = world().await;
    w.registered().await;
    w.clock.advance(SignedDuration::from_hours(1));
    for email in [EMAIL, "bia@exemplo.com"] {
        for _ in 0..3 {
            assert_eq!(w.post("request", json!({"email": email})).await.status, 200);
        }
        let began = Instant::now();
        let held = w.post("request", json!({"email": email})).await;
        assert_eq!((held.status, held.code(), held.header("retry-after")), (429, "RATE_LIMITED", "30"));
        assert_eq!(
            held.body["description"],
            "Muitos códigos foram pedidos. Aguarde 30 segundos e tente de novo."
        );
        assert!(!held.header("ratelimit-limit").is_empty());
        assert_eq!(began.elapsed(), ANSWER_AFTER);
    }
    w.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(w.post("request", json!({"email": EMAIL})).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_number_of_another_country_is_told_so() {
    let w = world().await;
    for kind in ["login", "register"] {
        let body = json!({"otp_type": kind, "otp_for": "number", "number": "+1 876 555-0100"});
        assert_eq!(w.refused("request", body).await, (422, "SMS_COUNTRY".into()));
    }
}

#[tokio::test(start_paused = true)]
async fn tries_are_held_back_by_the_address_that_they_come_from() {
    let w = world().await;
    let guess = async |address: &str, n: u32| {
        let body = json!({"email": format!("p{n}@exemplo.com"), "email_otp_code": "123456"});
        let call = Call::new("POST", "/v2/auth/otp/validate").from_address(address).json(body);
        call.send(&w.router).await.status
    };
    for n in 0..30 {
        assert_eq!(guess("2001:db8::1", n).await, 422);
    }
    assert_eq!(guess("2001:db8::2", 30).await, 429, "the same network");
    assert_eq!(guess("2001:db8:0:1::1", 30).await, 422);
}
