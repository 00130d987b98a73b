//! Webhooks, as a client sees them.

use super::*;
use carteiro_core::ports::LetterAnswer;
use carteiro_core::webhook::TryFailure;
use carteiro_http::testing::send_event;
use proptest::prelude::*;

#[tokio::test]
async fn a_webhook_is_set_shown_changed_and_removed() {
    let w = World::new().await;
    let none = w.ask("GET", "", json!({})).await;
    assert_eq!(none.body["description"], json!({ "webhook": null, "sessions": [] }));

    let made =
        w.ask("PUT", "", json!({ "url": URL, "events": ["qrcode", "statusMudou"], "format": "form" })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let description = &made.body["description"];
    let secret = description["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() == 70);
    assert_eq!((&description["url"], &description["format"]), (&json!(URL), &json!("form")));
    assert_eq!(description["events"], json!(["statusMudou", "qrcode"]));
    assert_eq!((&description["status"], &description["session"]), (&json!("ativo"), &Value::Null));

    let shown = w.ask("GET", "", json!({})).await;
    assert!(!shown.text.contains(&secret) && !shown.text.contains("whsec_"), "{}", shown.text);
    assert_eq!(shown.body["description"]["webhook"]["webhook_id"], description["webhook_id"]);

    let changed = w.ask("PUT", "", json!({ "url": "https://outro.exemplo/" })).await;
    assert_eq!((changed.status, changed.text.contains("whsec_")), (200, false), "{}", changed.text);
    let after = &changed.body["description"];
    assert_eq!((&after["webhook_id"], &after["format"]), (&description["webhook_id"], &json!("json")));
    assert_eq!(after["events"].as_array().unwrap().len(), 6);

    assert_eq!(w.ask_as(1, "DELETE", "", json!({})).await.code(), "WEBHOOK_NOT_FOUND");
    assert_eq!(w.ask("DELETE", "", json!({})).await.status, 200);
    assert_eq!(w.ask("DELETE", "", json!({})).await.code(), "WEBHOOK_NOT_FOUND");
    assert_eq!(
        w.ask("PUT", "", json!({ "url": URL })).await.status,
        201,
        "another one, with a secret of its own"
    );
}

#[tokio::test]
async fn handles_the_sample_event() {
    let w = World::new().await;
    let mut event: Value = serde_json::from_str(include_str!("../../../../events/receivers.json")).unwrap();
    event["headers"]["token"] = json!(w.tokens[0].reveal());
    let reply = send_event(&w.router, event).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.body["description"]["events"], json!(["recebendoMensagem", "qrcode"]));
}

#[tokio::test]
async fn sessions_have_webhooks_of_their_own() {
    let w = World::new().await;
    w.session("Recepção 1").await;
    let shown = w.ask("GET", "", json!({})).await;
    let description = &shown.body["description"];
    assert_eq!(
        (&description["webhook"], &description["sessions"][0]["session"]),
        (&Value::Null, &json!("Recepção 1"))
    );
    assert!(!shown.text.contains("whsec_"));

    let of_session = "?session=Recep%C3%A7%C3%A3o%201";
    let renewed = w.ask("POST", &format!("/secret{of_session}"), json!({})).await;
    assert_eq!(renewed.status, 201, "{}", renewed.text);
    assert!(renewed.body["description"]["secret"].as_str().unwrap().starts_with("whsec_"));
    let tested = w.ask("POST", &format!("/test{of_session}"), json!({})).await;
    assert_eq!(tested.body["description"]["delivered"], json!(true), "{}", tested.text);
    let letter = w.postman.take().remove(0);
    assert!(
        letter.body.starts_with(b"tipo=statusMudou&sessao=Recep%C3%A7%C3%A3o%201&json%5Bmessage%5D=teste")
    );
    for (who, path) in [(1, of_session), (0, "?session=outra"), (0, "?session=a%2Fb"), (0, "?session=")] {
        for (method, route) in [("POST", "/secret"), ("POST", "/test"), ("DELETE", "")] {
            let reply = w.ask_as(who, method, &format!("{route}{path}"), json!({})).await;
            assert_eq!((reply.status, reply.code()), (404, "WEBHOOK_NOT_FOUND"), "{method} {route}{path}");
        }
    }
    assert_eq!(w.ask("DELETE", of_session, json!({})).await.status, 200);
}

#[tokio::test]
async fn a_renewed_secret_overlaps_with_the_old_one() {
    let w = World::new().await;
    let old = w.webhook().await;
    let renewed = w.ask("POST", "/secret", json!({})).await;
    let description = &renewed.body["description"];
    assert_ne!(description["secret"], json!(old));
    assert_eq!(description["old_secret_expires_at"], "2023-11-15T22:13:20Z", "a day from now");
    for (signatures, wait) in [(2, 24), (1, 1)] {
        w.ask("POST", "/test", json!({})).await;
        let letter = w.postman.take().remove(0);
        let signature = &letter.headers.iter().find(|(name, _)| *name == "x-signature").unwrap().1;
        assert_eq!(signature.matches(",v1=").count(), signatures, "{signature}");
        w.clock.advance(SignedDuration::from_hours(wait));
    }
}

#[tokio::test]
async fn a_test_tells_what_the_receiver_said() {
    let w = World::new().await;
    assert_eq!(w.ask("POST", "/test", json!({})).await.code(), "WEBHOOK_NOT_FOUND");
    w.webhook().await;
    w.postman.taking(SignedDuration::from_millis(1_234));
    w.postman.answering(|_| Ok(LetterAnswer { body: b"n\xe3o".repeat(900), ..FakePostman::status(404) }));
    let told = w.ask("POST", "/test", json!({})).await;
    let description = &told.body["description"];
    assert_eq!(
        (told.status, &description["delivered"], &description["status"]),
        (200, &json!(false), &json!(404))
    );
    assert_eq!((&description["duration_ms"], &description["error_code"]), (&json!(1_234), &Value::Null));
    assert_eq!(description["response"].as_str().unwrap().chars().count(), 1_000);

    for failure in TryFailure::ALL {
        w.postman.answering(move |_| Err(FakePostman::failure(failure)));
        let told = w.ask("POST", "/test", json!({})).await;
        let description = &told.body["description"];
        assert_eq!(
            (&description["status"], &description["error_code"]),
            (&Value::Null, &json!(failure.code()))
        );
        assert!(!told.text.contains("the test said so"), "the reason is for the log: {}", told.text);
    }
}

#[tokio::test]
async fn each_refusal_names_what_is_wrong_and_sets_nothing() {
    let w = World::new().await;
    for (body, status, code) in [
        (json!({}), 400, "MISSING_PARAMETER"),
        (json!({ "url": null }), 400, "MISSING_PARAMETER"),
        (json!({ "url": 7 }), 422, "INVALID_WEBHOOK_URL"),
        (json!({ "url": "" }), 422, "INVALID_WEBHOOK_URL"),
        (json!({ "url": "http://exemplo.com/" }), 422, "INVALID_WEBHOOK_URL"),
        (json!({ "url": "https://exemplo.com:8443/" }), 422, "INVALID_WEBHOOK_URL"),
        (json!({ "url": "https://eu:senha@exemplo.com/" }), 422, "INVALID_WEBHOOK_URL"),
        (json!({ "url": format!("https://exemplo.com/{}", "a".repeat(2_048)) }), 422, "INVALID_WEBHOOK_URL"),
        (json!({ "url": URL, "format": "xml" }), 422, "INVALID_WEBHOOK_FORMAT"),
        (json!({ "url": URL, "format": 1 }), 422, "INVALID_WEBHOOK_FORMAT"),
        (json!({ "url": URL, "events": [] }), 422, "INVALID_EVENT_KIND"),
        (json!({ "url": URL, "events": ["qrCode"] }), 422, "INVALID_EVENT_KIND"),
        (json!({ "url": URL, "events": "qrcode" }), 422, "INVALID_PARAMETER"),
    ] {
        let reply = w.ask("PUT", "", body.clone()).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{body}");
    }
    assert!(w.ask("GET", "", json!({})).await.body["description"]["webhook"].is_null());
}

proptest! {
    #[test]
    fn no_request_is_a_5xx(
        url in prop_oneof![".{0,40}", Just(URL.to_owned())],
        format in prop_oneof![".{0,5}".prop_map(Value::from), Just(json!("form")), any::<f64>().prop_map(Value::from)],
        events in prop::collection::vec(prop_oneof![".{0,6}", Just("qrcode".to_owned())], 0..3),
        query in "[a-z0-9%=&]{0,40}",
        id in "[a-f0-9-]{0,36}",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let w = World::new().await;
            let body = json!({ "url": url, "format": format, "events": events });
            for (method, path) in [
                ("PUT", String::new()),
                ("POST", format!("/secret?session={query}")),
                ("POST", format!("/test?{query}")),
                ("GET", format!("/deliveries?cursor={query}&limit={query}")),
                ("GET", format!("/deliveries?{query}")),
                ("POST", format!("/deliveries/{id}/redrive")),
                ("DELETE", format!("?session={query}")),
            ] {
                let reply = w.ask(method, &path, body.clone()).await;
                prop_assert!(reply.status < 500, "{}", reply.text);
            }
            Ok(())
        })?;
    }
}
