//! `GET /v2/sends/{send_id}`.

use super::{Function, token};
use carteiro_core::ports::Sends;
use carteiro_core::send::{Failure, Step, Waiting};
use carteiro_http::testing::Call;
use jiff::Timestamp;
use serde_json::json;

#[tokio::test]
async fn tells_all_of_a_send() {
    let function = Function::new().await;
    let (id, _) = function.a_send().await;
    let send = function.sends.peek(id).unwrap();
    function.sends.park(&send, Waiting::NotConnected).await.unwrap();
    let mut expected = json!({
        "send_id": id.to_string(), "from_number": "5511999999999", "to_number": "5511888888888", "resolved_to": null,
        "message": "Olá, mundo!", "message_type": "text", "status": "na fila", "error_code": null, "reason": null,
        "waiting": "NUMBER_NOT_CONNECTED", "date_time_queue": "14/11/2023, 19:13:20", "date_time_processing": null,
        "date_time_send": null, "date_time_delivered": null, "date_time_read": null, "date_time_scheduled": null,
        "date_time_expires": "15/11/2023, 19:13:20"
    });
    for path in [format!("/v2/sends/{id}"), format!("/api/v2/sends/{id}")] {
        let reply = function.call(Call::new("GET", &path)).await;
        assert_eq!((reply.status, &reply.body["description"]), (200, &expected));
    }

    let at = |second: i64| Timestamp::from_second(1_700_000_000 + second).unwrap();
    function.sends.apply(id, &Step::Take("551188887777@s.whatsapp.net".into()), at(1)).await.unwrap();
    function.sends.apply(id, &Step::Fail(Failure::Refused(463)), at(2)).await.unwrap();
    expected["status"] = json!("falha");
    expected["error_code"] = json!("WHATSAPP_463");
    expected["reason"] = json!(Failure::Refused(463).to_string());
    expected["waiting"] = json!(null);
    expected["resolved_to"] = json!("551188887777@s.whatsapp.net");
    expected["date_time_processing"] = json!("14/11/2023, 19:13:21");
    let reply = function.call(Call::new("GET", &format!("/v2/sends/{id}"))).await;
    assert_eq!(reply.body["description"], expected);
}

#[tokio::test]
async fn another_tenants_send_is_as_good_as_none() {
    let function = Function::new().await;
    let (id, _) = function.a_send().await;
    let call = Call::new("GET", &format!("/v2/sends/{id}")).header("token", &token(2));
    let reply = call.send(&function.router).await;
    assert_eq!((reply.status, reply.code()), (404, "SEND_NOT_FOUND"));
    for id in ["00000000-0000-4000-8000-000000000000", "x", "%ff", "..%2f"] {
        for method in ["GET", "DELETE"] {
            let reply = function.call(Call::new(method, &format!("/v2/sends/{id}"))).await;
            assert_eq!((reply.status, reply.code()), (404, "SEND_NOT_FOUND"), "{method} {id}");
        }
    }
}

#[tokio::test]
async fn needs_a_credential() {
    let function = Function::new().await;
    for method in ["GET", "DELETE"] {
        let reply = Call::new(method, "/v2/sends/x").send(&function.router).await;
        assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"));
    }
}

#[tokio::test]
async fn an_outage_is_told() {
    let function = Function::new().await;
    let (id, _) = function.a_send().await;
    function.sends.switch.fail();
    for method in ["GET", "DELETE"] {
        let reply = function.call(Call::new(method, &format!("/v2/sends/{id}"))).await;
        assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
    }
}
