//! `DELETE /v2/sends/{send_id}`.

use super::{Function, token};
use carteiro_core::ports::{Clock, Sends};
use carteiro_core::send::{Status, Step, Waiting};
use carteiro_http::testing::Call;

#[tokio::test]
async fn takes_a_waiting_send_back() {
    let function = Function::new().await;
    let (id, _) = function.a_send().await;
    function.sends.park(&function.sends.peek(id).unwrap(), Waiting::NotConnected).await.unwrap();
    let reply = function.call(Call::new("DELETE", &format!("/api/v2/sends/{id}"))).await;
    assert_eq!((reply.status, &reply.body["success"]), (200, &true.into()));
    assert_eq!(reply.body["description"]["status"], "cancelado");
    assert_eq!(function.sends.peek(id).unwrap().status, Status::Cancelled);
    assert_eq!(function.sends.count_parked(), 0);
}

#[tokio::test]
async fn what_is_on_its_way_stays_and_tells_its_status() {
    let function = Function::new().await;
    for (steps, status) in [
        (vec![Step::Take("551188887777@s.whatsapp.net".into())], "processando"),
        (vec![Step::Take("551188887777@s.whatsapp.net".into()), Step::Acknowledge], "enviado"),
        (vec![Step::Read], "lido"),
    ] {
        let (id, _) = function.a_send().await;
        for step in &steps {
            function.sends.apply(id, step, function.clock.now()).await.unwrap();
        }
        let reply = function.call(Call::new("DELETE", &format!("/v2/sends/{id}"))).await;
        assert_eq!((reply.status, reply.code()), (409, "SEND_NOT_CANCELLABLE"));
        assert!(reply.body["description"].as_str().unwrap().contains(status), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_cancelled_send_is_cancelled_again() {
    let function = Function::new().await;
    let (id, _) = function.a_send().await;
    for _ in 0..2 {
        let reply = function.call(Call::new("DELETE", &format!("/v2/sends/{id}"))).await;
        assert_eq!((reply.status, reply.body["description"]["status"].as_str()), (200, Some("cancelado")));
    }
}

#[tokio::test]
async fn another_tenant_cannot() {
    let function = Function::new().await;
    let (id, _) = function.a_send().await;
    let call = Call::new("DELETE", &format!("/v2/sends/{id}")).header("token", &token(2));
    let reply = call.send(&function.router).await;
    assert_eq!((reply.status, reply.code()), (404, "SEND_NOT_FOUND"));
    assert_eq!(function.sends.peek(id).unwrap().status, Status::Queued);
}
