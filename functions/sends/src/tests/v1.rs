//! `POST /v1/send/{media_type}`.

use super::{Function, token};
use carteiro_core::media::MediaType;
use carteiro_http::testing::{Call, Reply};
use serde_json::{Value, json};

async fn ask(function: &Function, path: &str, body: Value) -> Reply {
    Call::new("POST", path).header("api-token", &token(1)).json(body).send(&function.router).await
}

fn body() -> Value {
    json!({ "from_number": "5511999999999", "to_number": "5511888888888" })
}

fn with(fields: Value) -> Value {
    let mut body = body();
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_text_is_a_message_of_the_same_pipeline() {
    let function = Function::new().await;
    for path in ["/v1/send/text", "/api/v1/send/text"] {
        let reply = ask(&function, path, with(json!({ "message": "Olá!" }))).await;
        assert_eq!((reply.status, reply.body["success"].as_bool()), (201, Some(true)), "{}", reply.text);
        let id = reply.body["description"]["send_id"].as_str().unwrap().parse().unwrap();
        assert_eq!(function.sends.peek(id).unwrap().content.summary(), "Olá!");
    }
}

#[tokio::test]
async fn a_file_comes_from_its_address() {
    let function = Function::new().await;
    let fields = json!({ "media_url": "https://exemplo.com/a.jpg", "caption": "Legenda" });
    let reply = ask(&function, "/v1/send/image", with(fields)).await;
    assert_eq!((reply.status, reply.body["description"]["media_type"].as_str()), (201, Some("image")));
    let id = reply.body["description"]["send_id"].as_str().unwrap().parse().unwrap();
    let content = function.sends.peek(id).unwrap().content;
    assert_eq!((content.media_type(), content.summary()), (MediaType::Image, "Legenda"));
}

#[tokio::test]
async fn refusals_name_what_the_client_sent() {
    let function = Function::new().await;
    for (path, fields, status, code, names) in [
        ("/v1/send/text", json!({}), 400, "MISSING_PARAMETER", "message"),
        ("/v1/send/text", json!({ "content": "Olá" }), 400, "MISSING_PARAMETER", "message"),
        ("/v1/send/text", json!({ "message": " " }), 422, "INVALID_CONTENT", "message"),
        ("/v1/send/image", json!({ "message": "x" }), 400, "MISSING_PARAMETER", "media_url"),
        ("/v1/send/text", json!({ "message": "x", "to_number": "1" }), 422, "INVALID_PHONE", "to_number"),
        ("/v1/send/sticker", json!({ "message": "x" }), 404, "ROUTE_NOT_FOUND", ""),
    ] {
        let reply = ask(&function, path, with(fields)).await;
        assert_eq!(
            (reply.status, reply.body["code"].as_str()),
            (status, Some(code)),
            "{path} {}",
            reply.text
        );
        assert!(reply.body["description"].as_str().unwrap().contains(names), "{}", reply.text);
    }
    assert!(function.sends.all().is_empty());
}
