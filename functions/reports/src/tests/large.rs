//! Reports as files, as counts, and those that are written in the background.

use super::{Function, PATH, messages, send, tenant, token};
use carteiro_core::ids::ExportId;
use carteiro_core::ports::{Exports, ObjectBody, Objects};
use carteiro_core::report::{Export, ExportFailure, ExportState};
use carteiro_core::testing::{LongHistory, ManualClock, MemorySends};
use carteiro_http::testing::{Call, Reply};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

const CSV: &str = "from_number=5511988887777&format=csv";

/// A tenant with 60,000 sends, a second apart up to now.
async fn with_many() -> Function {
    let clock: Arc<ManualClock> = Arc::default();
    let (number, step) = ("5511988887777".parse().unwrap(), SignedDuration::from_secs(1));
    let first = Timestamp::from_second(1_700_000_000 - 60_000).unwrap();
    let history = LongHistory::new(number, 60_000, first, step, clock.clone(), SignedDuration::ZERO);
    Function::over(Arc::new(history), Arc::<MemorySends>::default(), clock).await
}

fn export_id(reply: &Reply) -> ExportId {
    reply.body["description"]["export_id"].as_str().unwrap().parse().unwrap()
}

async fn change(function: &Function, id: ExportId, change: impl FnOnce(&mut Export)) -> Export {
    let mut export = function.exports.find(id).await.unwrap().unwrap();
    change(&mut export);
    assert!(function.exports.save(&mut export).await.unwrap());
    export
}

#[tokio::test]
async fn a_small_report_is_a_file_that_a_spreadsheet_opens() {
    let function = Function::new(2).await;
    let reply = function.get(&format!("{CSV}&init_time=14/11/2023")).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"envios-5511988887777.csv\"");
    assert_eq!(reply.header("content-length"), reply.text.len().to_string());
    let row = |minute: u8, time: &str| {
        let id = send(minute).id;
        format!(
            "{id};5511988887777;5511888888888;texto {minute};text;na fila;;;;14/11/2023, {time};;;;;15/11/2023, {time}\r\n"
        )
    };
    let names = "send_id;from_number;to_number;message;message_type;status;error_code;reason;waiting;\
                 date_time_queue;date_time_send;date_time_delivered;date_time_read;date_time_scheduled;date_time_expires\r\n";
    assert_eq!(reply.text, format!("\u{feff}{names}{}{}", row(0, "19:13:20"), row(1, "19:14:20")));
    let commas = function.get(&format!("{CSV}&separator=comma")).await;
    assert!(commas.text.starts_with("\u{feff}send_id,from_number,"), "{}", commas.text);
    let none = function.get(&format!("{CSV}&init_time=13/11/2023&end_time=13/11/2023")).await;
    assert_eq!((none.status, none.text), (200, format!("\u{feff}{names}")));
}

#[tokio::test]
async fn a_summary_counts() {
    let function = Function::new(2).await;
    let reply =
        function.get("from_number=5511988887777&summary=true&init_time=14/11/2023&end_time=2023-11-14").await;
    assert_eq!(
        (reply.status, reply.body["message"].as_str()),
        (200, Some("Resumo dos envios do número 5511988887777"))
    );
    let counts = json!({ "na fila": 2, "processando": 0, "enviado": 0, "entregue": 0, "lido": 0, "falha": 0, "cancelado": 0 });
    assert_eq!(
        reply.body["description"],
        json!({
            "from_number": "5511988887777", "init_time": "14/11/2023, 00:00:00", "end_time": "14/11/2023, 23:59:59",
            "total": 2, "by_status": counts, "by_day": [{ "date": "14/11/2023", "total": 2, "by_status": counts }]
        })
    );
    let page = function.get("from_number=5511988887777&summary=false&format=json").await;
    assert_eq!(messages(&page).len(), 2);
}

#[tokio::test]
async fn a_large_report_is_written_in_the_background_and_found_when_it_is_there() {
    let function = with_many().await;
    let reply = function.get(CSV).await;
    assert_eq!(reply.status, 202, "{}", reply.text);
    let id = export_id(&reply);
    let description = json!({
        "export_id": id.to_string(), "status": "na fila", "format": "csv", "from_number": "5511988887777",
        "rows": 0, "error_code": null, "reason": null, "date_time_queue": "14/11/2023, 19:13:20",
        "date_time_expires": "21/11/2023, 19:13:20", "status_url": format!("/v2/reports/exports/{id}"), "url": null
    });
    assert_eq!(reply.body["description"], description);
    assert_eq!(function.queue.take().into_iter().map(|(id, _)| id).collect::<Vec<_>>(), [id]);
    let path = reply.body["description"]["status_url"].as_str().unwrap().to_owned();
    assert_eq!(function.call(&path).await.body["description"], description);

    change(&function, id, |export| (export.state, export.progress.rows) = (ExportState::Processing, 42_000))
        .await;
    let told = function.call(&format!("/api{path}")).await.body["description"].clone();
    assert_eq!((told["status"].clone(), told["rows"].clone()), (json!("processando"), json!(42_000)));

    let export = change(&function, id, |export| export.state = ExportState::Ready).await;
    let body = ObjectBody::Bytes("a;b".into());
    function.objects.put(&export.object(), body, "text/csv").await.unwrap();
    let ready = function.call(&path).await.body["description"].clone();
    assert_eq!(ready["status"], "pronto");
    let user = tenant(1, None).id;
    assert_eq!(ready["url"], format!("https://objects.example.com/exports/{user}/{id}?life=900"));

    change(&function, id, |export| export.state = ExportState::Failed(ExportFailure::TooLarge)).await;
    let failed = function.call(&path).await.body["description"].clone();
    assert_eq!(
        (failed["status"].clone(), failed["error_code"].clone(), failed["url"].clone()),
        (json!("falha"), json!("EXPORT_TOO_LARGE"), Value::Null)
    );
    assert_eq!(failed["reason"], "O relatório é grande demais. Divida o período.");
}

#[tokio::test]
async fn a_large_summary_is_one_too() {
    let function = with_many().await;
    let reply = function.get("from_number=5511988887777&summary=true").await;
    assert_eq!((reply.status, reply.body["description"]["format"].clone()), (202, json!("json")));
    assert_eq!(function.queue.take().len(), 1);
}

#[tokio::test]
async fn an_export_is_its_tenants_alone() {
    let function = with_many().await;
    let id = export_id(&function.get(CSV).await);
    change(&function, id, |export| export.state = ExportState::Ready).await;
    let path = format!("/v2/reports/exports/{id}");
    let stranger = Call::new("GET", &path).header("token", token(2).reveal()).send(&function.router).await;
    assert_eq!((stranger.status, stranger.code()), (404, "EXPORT_NOT_FOUND"));
    let nobody = Call::new("GET", &path).send(&function.router).await;
    assert_eq!((nobody.status, nobody.code()), (401, "UNAUTHENTICATED"));
    for unknown in ["x", "00000000-0000-4000-8000-000000000000", "a%20b", "0"] {
        let reply = function.call(&format!("/v2/reports/exports/{unknown}")).await;
        assert_eq!((reply.status, reply.code()), (404, "EXPORT_NOT_FOUND"), "{unknown}");
    }
    function.clock.advance(SignedDuration::from_hours(7 * 24));
    let old = Call::new("GET", &path).header("token", token(1).reveal()).send(&function.router).await;
    assert_eq!((old.status, old.code()), (404, "EXPORT_NOT_FOUND"));
}

#[tokio::test]
async fn outages_are_503() {
    let function = with_many().await;
    for switch in [&function.queue.switch, &function.exports.switch] {
        switch.fail();
        let reply = function.get(CSV).await;
        assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
        switch.recover();
    }
    let function = with_many().await;
    let id = export_id(&function.get(CSV).await);
    change(&function, id, |export| export.state = ExportState::Ready).await;
    function.objects.switch.fail();
    let reply = function.call(&format!("/v2/reports/exports/{id}")).await;
    assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
    assert!(!function.call(&format!("{PATH}?{CSV}")).await.text.contains("objects.example.com"));
}
