//! Brazil's ninth digit: asked for with it or without, known to WhatsApp with it or without, the right person gets the text.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::phone::Phone;
use carteiro_core::send::{Failure, Status};
use serde_json::{Value, json};
use world::{Desk, phone};

const WITH: &str = "5531988880001";
const WITHOUT: &str = "553188880002";

fn other_form(number: &str) -> Phone {
    phone(number).other_ninth_digit_form().unwrap()
}

async fn sent(desk: &Desk, to: &Phone, text: &str) {
    let id = desk.world.accept(text, to).await;
    desk.world.command(id);
    desk.world.until(text, |world| !world.status(id).is_pending()).await;
    assert_eq!(desk.world.sends.peek(id).unwrap().failure, None, "{text}");
}

/// How often anybody asked for numbers.
async fn questions(desk: &Desk) -> Value {
    desk.get("/admin/stats").await["stats"]["usync"]["contacts"].clone()
}

#[tokio::test]
async fn all_four_cases_end_at_the_right_person_and_the_remembered_answer_saves_the_question() {
    let desk = Desk::new().await;
    for (number, ninth_digit) in [(WITH, "strict"), (WITHOUT, "strict")] {
        desk.post("/admin/accounts", json!({"number": number, "ninth_digit": ninth_digit})).await;
    }
    let task = desk.world.start();
    desk.pair().await;
    let cases = [
        (phone(WITH), WITH, "com, conhecido com"),
        (other_form(WITH), WITH, "sem, conhecido com"),
        (phone(WITHOUT), WITHOUT, "sem, conhecido sem"),
        (other_form(WITHOUT), WITHOUT, "com, conhecido sem"),
    ];
    for (asked, _, text) in &cases {
        sent(&desk, asked, text).await;
    }
    for owner in [WITH, WITHOUT] {
        let expected: Vec<_> = cases.iter().filter(|case| case.1 == owner).map(|case| case.2).collect();
        assert_eq!(desk.shown_to(&phone(owner), 2).await, expected);
    }
    let asked = questions(&desk).await;
    assert!(asked[WITH].as_u64() >= Some(1) && asked[WITHOUT].as_u64() >= Some(1), "{asked}");
    for (asked, _, text) in &cases {
        sent(&desk, asked, &format!("{text}, de novo")).await;
    }
    assert_eq!(questions(&desk).await, asked, "nobody was asked for again");
    assert_eq!(desk.shown_to(&phone(WITH), 4).await.len(), 4);
    assert_eq!(desk.shown_to(&phone(WITHOUT), 4).await.len(), 4);
    task.stop().await;
}

#[tokio::test]
async fn an_account_that_is_found_by_either_form_is_one_person() {
    let desk = Desk::new().await;
    desk.post("/admin/accounts", json!({"number": WITHOUT, "ninth_digit": "resolve"})).await;
    let task = desk.world.start();
    desk.pair().await;
    sent(&desk, &other_form(WITHOUT), "com").await;
    sent(&desk, &phone(WITHOUT), "sem").await;
    assert_eq!(desk.shown_to(&phone(WITHOUT), 2).await, ["com", "sem"]);
    let id = desk.world.accept("ninguém", &phone("5531977770009")).await;
    desk.world.command(id);
    desk.world.until_status(id, Status::Failed).await;
    assert_eq!(desk.world.sends.peek(id).unwrap().failure, Some(Failure::NotOnWhatsApp));
    task.stop().await;
}
