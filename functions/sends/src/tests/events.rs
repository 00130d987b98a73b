//! The sample event of the workspace.

use super::{Function, token};
use carteiro_http::testing::send_event;
use serde_json::{Value, json};

#[tokio::test]
async fn is_answered() {
    let mut event: Value = serde_json::from_str(include_str!("../../../../events/sends.json")).unwrap();
    let function = Function::new().await;
    let reply = send_event(&function.router, event.clone()).await;
    assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"), "its token is nobody's");
    event["headers"]["token"] = json!(token(1));
    let reply = send_event(&function.router, event).await;
    assert_eq!((reply.status, &reply.body["description"]["status"]), (201, &json!("na fila")));
    assert_eq!(function.sends.all()[0].content.summary(), "Olá, mundo!");
}
