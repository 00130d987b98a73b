//! `POST /v2/uploads`.

use super::{Function, token};
use carteiro_core::ids::{UploadId, UserId};
use carteiro_core::object::ObjectKey;
use carteiro_http::testing::Call;
use serde_json::json;

const PATH: &str = "/v2/uploads";

#[tokio::test]
async fn offers_a_form_whose_upload_can_be_sent() {
    let function = Function::new().await;
    let wanted =
        json!({ "media_type": "document", "file_name": "catálogo.pdf", "content_type": "application/pdf" });
    let reply = function.call(Call::new("POST", "/api/v2/uploads").json(wanted)).await;
    assert_eq!((reply.status, &reply.body["success"]), (201, &json!(true)), "{}", reply.text);
    let offered = &reply.body["description"];
    let id: UploadId = offered["upload_id"].as_str().unwrap().parse().unwrap();
    let key = ObjectKey::upload(UserId::from_random([1; 16]), id);
    assert_eq!(offered["max_bytes"], 100 * 1024 * 1024);
    assert_eq!(offered["expires_at"], "2023-11-14T22:28:20Z");
    assert_eq!(offered["url"], "https://objects.example.com/");
    assert_eq!(offered["fields"]["key"], key.as_str());
    assert_eq!(offered["fields"]["Content-Type"], "application/pdf");

    let send = json!({ "from_number": "5511999999999", "to_number": "5511888888888", "media_type": "document",
                       "upload_id": offered["upload_id"] });
    let early = function.call(Call::new("POST", "/v2/sends").json(send.clone())).await;
    assert_eq!((early.status, early.code()), (404, "UPLOAD_NOT_FOUND"), "nothing was uploaded yet");
    function.objects.upload(&key, vec![1; 9], None);
    assert_eq!(function.call(Call::new("POST", "/v2/sends").json(send)).await.status, 201);
}

#[tokio::test]
async fn refuses_what_could_not_be_sent() {
    let function = Function::new().await;
    for (wanted, status, code) in [
        (json!({}), 400, "MISSING_PARAMETER"),
        (json!({ "media_type": "text" }), 422, "INVALID_MEDIA_TYPE"),
        (json!({ "media_type": "sticker" }), 422, "INVALID_MEDIA_TYPE"),
        (json!({ "media_type": "image", "content_type": "video/mp4" }), 422, "INVALID_PARAMETER"),
        (json!({ "media_type": "image", "file_name": 1 }), 422, "INVALID_PARAMETER"),
        (json!({ "media_type": "video" }), 403, "PLAN_FORBIDS_MEDIA"),
    ] {
        let reply = function.call(Call::new("POST", PATH).json(wanted)).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{}", reply.text);
    }
    let reply = Call::new("POST", PATH).header("token", &token(2)).json(json!({ "media_type": "image" }));
    assert_eq!(reply.send(&function.router).await.code(), "PLAN_FORBIDS_MEDIA");
}

#[tokio::test]
async fn an_outage_is_told() {
    let function = Function::new().await;
    function.objects.switch.fail();
    let reply = function.call(Call::new("POST", PATH).json(json!({ "media_type": "image" }))).await;
    assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
}
