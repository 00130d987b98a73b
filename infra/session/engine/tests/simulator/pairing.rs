use crate::desk::{Desk, NUMBER, contact};
use carteiro_core::lease::Epoch;
use carteiro_engine::{LogOutReason, SessionEvent};
use serde_json::json;

#[tokio::test]
async fn a_code_pairs_the_number_that_scans_it() {
    let desk = Desk::new().await;
    let mut running = desk.start(Epoch::FIRST).await;
    let code = running.wait("code", |event| match event {
        SessionEvent::Qr { code, expires_in } => Some((code.clone(), *expires_in)),
        _ => None,
    });
    let (code, expires_in) = code.await;
    assert!(expires_in.as_secs() > 10);
    assert!(!running.session.is_connected());
    desk.scan(code.reveal(), NUMBER).await;
    let (number, lid) = running
        .wait("pairing", |event| match event {
            SessionEvent::Paired { number, lid, .. } => Some((number.clone(), lid.clone())),
            _ => None,
        })
        .await;
    assert_eq!(number.digits(), NUMBER);
    assert!(lid.to_string().ends_with("@lid"));
    running.connected().await;
    assert!(running.session.is_connected());
    assert_eq!(running.session.paired_number(), Some(number));
}

#[tokio::test]
async fn another_numbers_phone_is_told_and_can_be_logged_out() {
    let desk = Desk::new().await;
    let mut running = desk.start(Epoch::FIRST).await;
    let code = running.wait("code", |event| match event {
        SessionEvent::Qr { code, .. } => Some(code.clone()),
        _ => None,
    });
    let code = code.await;
    desk.scan(code.reveal(), crate::desk::CONTACT).await;
    let number = running.wait("pairing", |event| match event {
        SessionEvent::Paired { number, .. } => Some(number.clone()),
        _ => None,
    });
    assert_ne!(number.await, desk.number);
    running.connected().await;
    assert!(running.session.logout().await, "WhatsApp was told");
    running
        .ends_with("log-out", |event| {
            matches!(event, SessionEvent::LoggedOut { reason: LogOutReason::Requested })
        })
        .await;
    let devices = desk.get("/admin/devices").await;
    assert_eq!(devices["devices"], json!([]), "the device is unlinked");
}

#[tokio::test]
async fn a_session_resumes_without_a_code() {
    let desk = Desk::new().await;
    let mut first = desk.pair().await;
    first.send_text(&contact(), "3EB0000000000001", "antes").await.unwrap();
    first.ack("3EB0000000000001").await;
    first.session.shutdown().await;
    first.ends().await;

    let mut second = desk.start(Epoch::FIRST.next()).await;
    // What became of the text may have been missed by the first.
    let news =
        |event: &SessionEvent| !matches!(event, SessionEvent::Receipt { .. } | SessionEvent::Updates { .. });
    let first_event = second.wait("event", |event| news(event).then(|| format!("{event:?}"))).await;
    assert!(first_event.starts_with("Connected"), "{first_event}");
    second.send_text(&contact(), "3EB0000000000002", "depois").await.unwrap();
    second.ack("3EB0000000000002").await;
    let received = desk.received(2).await;
    assert_eq!((&received[1]["text"], &received[1]["undecryptable"]), (&json!("depois"), &json!(0)));
}

#[tokio::test]
async fn a_device_that_the_phone_unlinks_is_logged_out() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    desk.fault(json!({"kind": "logged_out"})).await;
    running
        .ends_with("log-out", |event| {
            matches!(event, SessionEvent::LoggedOut { reason: LogOutReason::Unlinked })
        })
        .await;
}

#[tokio::test]
async fn a_code_that_is_typed_pairs_the_number() {
    let desk = Desk::new().await;
    let mut running = desk.start(Epoch::FIRST).await;
    running.wait_for("a QR", |event| matches!(event, SessionEvent::Qr { .. })).await;
    running.session.ask_for_code(&desk.number);
    let code = running.wait("a code", |event| match event {
        SessionEvent::Code { code, expires_in } => Some((code.clone(), *expires_in)),
        _ => None,
    });
    let (code, expires_in) = code.await;
    assert_eq!(code.reveal().len(), 8);
    assert!(expires_in.as_secs() > 100);
    desk.post("/admin/mock-phone/enter-code", json!({"number": NUMBER, "code": code.reveal()})).await;
    running.connected().await;
    assert_eq!(running.session.paired_number().unwrap().digits(), NUMBER);
    running.send_text(&contact(), "3EB0AABBCCDF0001", "por código").await.unwrap();
    running.ack("3EB0AABBCCDF0001").await;
}

#[tokio::test]
async fn a_refused_code_and_a_void_one_are_told() {
    let desk = Desk::new().await;
    let mut running = desk.start(Epoch::FIRST).await;
    running.wait_for("a QR", |event| matches!(event, SessionEvent::Qr { .. })).await;
    desk.fault(json!({"kind": "refuse_code", "code": 429, "times": 1})).await;
    running.session.ask_for_code(&desk.number);
    let refused = |event: &SessionEvent| matches!(event, SessionEvent::CodeRefused { code: Some(429) });
    running.wait_for("a refusal", refused).await;
    running.session.ask_for_code(&desk.number);
    running.wait_for("a code", |event| matches!(event, SessionEvent::Code { .. })).await;
    let url = format!("{}/admin/mock-phone/refresh-code", desk.simulator.admin_url());
    let body = json!({"number": NUMBER, "force_manual": false}).to_string();
    let request = reqwest::Client::new().post(url).header("content-type", "application/json").body(body);
    assert!(request.send().await.unwrap().status().is_success());
    running.wait_for("a void code", |event| matches!(event, SessionEvent::CodeVoid { by_hand: false })).await;
    running.session.ask_for_code(&desk.number);
    running.wait_for("another code", |event| matches!(event, SessionEvent::Code { .. })).await;
}

#[tokio::test]
async fn an_account_behind_a_passkey_cannot_be_paired() {
    let desk = Desk::new().await;
    desk.post("/admin/accounts", json!({"number": NUMBER, "passkey": true})).await;
    let mut running = desk.start(Epoch::FIRST).await;
    let code = running.wait("code", |event| match event {
        SessionEvent::Qr { code, .. } => Some(code.clone()),
        _ => None,
    });
    let code = code.await;
    desk.scan(code.reveal(), NUMBER).await;
    running.wait_for("the passkey", |event| matches!(event, SessionEvent::PasskeyRequired)).await;
}

#[tokio::test]
async fn a_temporary_ban_ends_the_session_and_says_how_long() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    desk.fault(json!({"kind": "temporary_ban", "code": 104, "expire_s": 7200})).await;
    let banned = |event: &SessionEvent| match event {
        SessionEvent::Banned { code, expires_in } => *code == 104 && expires_in.as_secs() == 7200,
        _ => false,
    };
    running.ends_with("ban", banned).await;
}

#[tokio::test]
async fn whether_a_chat_is_new_is_known() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    assert!(!running.session.has_chat_with(&contact()).await);
    running.send_text(&contact(), "3EB0AABBCCDF0101", "prazer").await.unwrap();
    running.ack("3EB0AABBCCDF0101").await;
    assert!(running.session.has_chat_with(&contact()).await);
}
