//! What is refused before anything is stored, and how it is told.

use super::campaign::{body, request};
use crate::bulk::BulkBody;
use crate::error::{Code, Problem};
use proptest::prelude::*;
use serde_json::{Value, json};

fn with(field: &str, value: Value) -> Value {
    let mut body = body(2);
    body[field] = value;
    body
}

fn refused(body: &Value) -> Problem {
    request(body).unwrap_err()
}

#[test]
fn the_fields_are_looked_at_before_the_rows() {
    for (field, value, code) in [
        ("from_number", Value::Null, Code::MissingParameter),
        ("media_type", Value::Null, Code::MissingParameter),
        ("content", Value::Null, Code::MissingParameter),
        ("recipients", Value::Null, Code::MissingParameter),
        ("from_number", json!("1"), Code::InvalidPhone),
        ("media_type", json!("image"), Code::InvalidMediaType),
        ("media_type", json!("x"), Code::InvalidMediaType),
        ("content", json!(7), Code::InvalidContent),
        ("content", json!(" "), Code::InvalidContent),
        ("content", json!("Olá, {{nome"), Code::InvalidContent),
        ("content", json!("Olá, {{seu nome}}"), Code::InvalidContent),
        ("recipients", json!({}), Code::InvalidParameter),
        ("recipients", json!([]), Code::InvalidRecipients),
    ] {
        let problem = refused(&with(field, value));
        assert_eq!(problem.code(), code, "{field}");
        assert!(problem.description().contains(field), "{}", problem.description());
        assert!(problem.items().is_empty());
    }
}

#[test]
fn every_bad_row_is_named_by_its_index() {
    let rows = json!([
        { "to_number": "5511988887777", "variables": { "nome": "Ana" } },
        { "to_number": "1", "variables": { "nome": "Ana" } },
        { "variables": { "nome": "Ana" } },
        { "to_number": "5511988887776" },
        { "to_number": "5511988887775", "variables": { "nome": null } },
        { "to_number": "5511988887774", "variables": { "nome": ["Ana"] } },
        { "to_number": "5511988887773", "variables": "Ana" },
        "5511988887772",
        { "to_number": "+55 (11) 98888-7777", "variables": { "nome": "Ana", "outra": "coluna" } },
        { "to_number": "120363000000000001@g.us", "variables": { "nome": "Ana" } },
        { "to_number": "5511988887777", "variables": { "nome": "Bia" } },
        { "to_number": "5511988887771", "variables": { "nome": "a".repeat(65_536) } },
        { "to_number": "5511988887770", "variables": { "nome": 7 } },
    ]);
    let problem = refused(&with("recipients", rows));
    assert_eq!(problem.code(), Code::InvalidRecipients);
    let named: Vec<(usize, Code)> = problem.items().iter().map(|item| (item.index, item.code)).collect();
    let expected = [
        (1, Code::InvalidPhone),
        (2, Code::MissingParameter),
        (3, Code::MissingVariable),
        (4, Code::MissingVariable),
        (5, Code::InvalidParameter),
        (6, Code::InvalidParameter),
        (7, Code::InvalidParameter),
        (8, Code::RepeatedRecipient),
        (9, Code::InvalidPhone),
        (11, Code::InvalidContent),
    ];
    assert_eq!(named, expected);
    assert!(problem.description().starts_with("10 de 13 destinatários são inválidos"));
    assert!(problem.items()[2].detail.contains("variables.nome"));
    assert!(problem.items()[7].detail.contains("recipients[0]"));
}

#[test]
fn ten_thousand_fit_and_one_more_does_not() {
    let most = request(&body(10_000)).unwrap();
    assert_eq!(most.body.rows.len(), 10_000);
    assert_eq!(BulkBody::from_stored(&most.body.to_stored()), Some(most.body));
    assert_eq!(refused(&body(10_001)).code(), Code::TooManyRecipients);
    let mut bad = body(5_000);
    bad["content"] = json!("{{outra}}");
    let problem = refused(&bad);
    assert_eq!(problem.items().len(), 1_000);
    assert!(problem.description().starts_with("5000 de 5000"));
}

#[test]
fn what_the_text_does_not_name_is_not_kept() {
    let mut some = body(1);
    some["recipients"][0]["variables"]["cpf"] = json!("000.000.000-00");
    let request = request(&some).unwrap();
    assert!(!String::from_utf8(request.body.to_stored()).unwrap().contains("cpf"));
}

proptest! {
    #[test]
    fn what_is_accepted_can_be_filled_in(text in "[a-z{} ]{0,30}", values in prop::collection::vec(".{0,10}", 1..9)) {
        let rows: Vec<Value> = values.iter().enumerate()
            .map(|(n, value)| json!({ "to_number": format!("55119{n:08}"), "variables": { "a": value, "nome": value } }))
            .collect();
        let mut body = with("recipients", json!(rows));
        body["content"] = json!(text);
        if let Ok(request) = request(&body) {
            let template = crate::bulk::Template::parse(&request.body.text).unwrap();
            for row in &request.body.rows {
                prop_assert!(row.text(&template).is_ok());
            }
        }
    }
}
