use crate::desk::{CONTACT, Desk, contact};
use carteiro_core::lease::Epoch;
use carteiro_core::phone::Phone;
use carteiro_engine::{ReceiptKind, SendError, SessionEvent};
use serde_json::json;

fn receipt(event: &SessionEvent, id: &str, wanted: ReceiptKind) -> Option<u16> {
    match event {
        SessionEvent::Receipt { message_ids, kind, device, .. }
            if *kind == wanted && message_ids.iter().any(|m| m == id) =>
        {
            Some(*device)
        }
        _ => None,
    }
}

#[tokio::test]
async fn a_text_is_acknowledged_delivered_and_read() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    let id = "3EB0AABBCCDD0001";
    running.send_text(&contact(), id, "Olá, Ana").await.unwrap();
    running.ack(id).await;
    let device = running.wait("delivery", |event| receipt(event, id, ReceiptKind::Delivered)).await;
    assert_eq!(device, 0, "the phone");
    let received = desk.received(1).await;
    assert_eq!((&received[0]["id"], &received[0]["text"]), (&json!(id), &json!("Olá, Ana")));
    desk.post(&format!("/admin/accounts/{CONTACT}/read"), json!({"ids": [id]})).await;
    running.wait("reading", |event| receipt(event, id, ReceiptKind::Read)).await;
}

#[tokio::test]
async fn a_refusal_comes_with_its_code() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    desk.fault(json!({"kind": "nack", "code": 463, "times": 1})).await;
    running.send_text(&contact(), "3EB0AABBCCDD0002", "oi").await.unwrap();
    let code = running.wait("refusal", |event| match event {
        SessionEvent::Nack { message_id, code, .. } if message_id == "3EB0AABBCCDD0002" => Some(*code),
        _ => None,
    });
    assert_eq!(code.await, 463);
    running.send_text(&contact(), "3EB0AABBCCDD0003", "oi de novo").await.unwrap();
    running.ack("3EB0AABBCCDD0003").await;
}

#[tokio::test]
async fn a_text_sent_again_after_a_crash_is_one_message() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    let id = "3EB0AABBCCDD0004";
    desk.fault(json!({"kind": "hold_acks"})).await;
    running.send_text(&contact(), id, "uma vez").await.unwrap();
    desk.received(1).await;
    // As in a crash: no shutdown, no flush.
    drop(running);
    desk.delete_faults().await;

    running = desk.start(Epoch::FIRST.next()).await;
    running.connected().await;
    running.send_text(&contact(), id, "uma vez").await.unwrap();
    running.ack(id).await;
    running.send_text(&contact(), "3EB0AABBCCDD0005", "outra").await.unwrap();
    running.ack("3EB0AABBCCDD0005").await;
    let received = desk.received(2).await;
    assert_eq!(received.len(), 2);
    for message in &received {
        assert_eq!(message["undecryptable"], json!(0), "{message}");
    }
}

#[tokio::test]
async fn many_texts_keep_their_order() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    // More than one reservation of message keys.
    for n in 0..70 {
        running.send_text(&contact(), &format!("3EB0AABBCC0100{n:02}"), &n.to_string()).await.unwrap();
    }
    running.ack("3EB0AABBCC010069").await;
    let received = desk.received(70).await;
    let texts: Vec<_> = received.iter().map(|message| message["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts, (0..70).map(|n: i32| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn numbers_are_resolved_and_the_unknown_are_told_apart() {
    let desk = Desk::new().await;
    desk.post("/admin/accounts", json!({"number": "553188887777", "ninth_digit": "resolve"})).await;
    let running = desk.pair().await;
    let asked: Vec<Phone> = ["5531988887777", CONTACT, "5599911112222"]
        .into_iter()
        .map(|number| number.parse().unwrap())
        .collect();
    let found = running.session.resolve(&asked).await.unwrap();
    let numbers: Vec<_> = found
        .iter()
        .map(|found| found.address.as_ref().map(|address| address.phone().unwrap().digits().to_owned()))
        .collect();
    assert_eq!(numbers, [Some("553188887777".to_owned()), Some(CONTACT.to_owned()), None]);
    assert_eq!(found.iter().map(|found| found.asked.clone()).collect::<Vec<_>>(), asked);
}

#[tokio::test]
async fn nothing_is_sent_without_a_connection() {
    let desk = Desk::new().await;
    let running = desk.start(Epoch::FIRST).await;
    let sent = running.send_text(&contact(), "3EB0AABBCCDD0006", "oi").await;
    assert_eq!(sent, Err(SendError::NotConnected));
}
