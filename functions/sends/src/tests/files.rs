//! Sends with files: `POST /v2/sends` with `media_url` or `upload_id`, and `POST /v2/upload/sends`.

use super::{Function, body, token, with};
use carteiro_core::ids::{UploadId, UserId};
use carteiro_core::media::{FileKind, FileName};
use carteiro_core::object::ObjectKey;
use carteiro_core::send::{Content, File, Source};
use carteiro_http::testing::{Call, Reply};
use proptest::prelude::*;
use serde_json::{Value, json};

const BOUNDARY: &str = "limite-7f3a";

/// A part of a form: its name, its file name, its bytes.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

/// The contract's example, in its order.
fn parts<'a>(media_type: &'a str, file: &'a [u8]) -> Vec<Part<'a>> {
    vec![
        ("from_number", None, b"5511999999999"),
        ("to_number", None, b"5511888888888"),
        ("media_type", None, media_type.as_bytes()),
        ("file", Some("imagem.jpg"), file),
        ("caption", None, "Legenda opcional, é claro".as_bytes()),
    ]
}

fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, file_name, bytes) in parts {
        let file_name = file_name.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
        let head =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n");
        form.extend([head.as_bytes(), bytes, b"\r\n"].concat());
    }
    form.extend(format!("--{BOUNDARY}--\r\n").bytes());
    form
}

fn call(form: &[u8]) -> Call {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    Call::new("POST", "/v2/upload/sends").header("content-type", &content_type).bytes(form)
}

async fn upload(function: &Function, parts: &[Part<'_>]) -> Reply {
    function.call(call(&form(parts))).await
}

fn stored(function: &Function) -> File {
    let sends = function.sends.all();
    let Some(Content::File(file)) = sends.last().map(|send| send.content.clone()) else { panic!("a file") };
    file
}

fn media(kind: &str, field: &str, source: &str) -> Value {
    let mut body = with("media_type", json!(kind));
    body[field] = json!(source);
    body["content"] = Value::Null;
    body
}

#[tokio::test]
async fn takes_a_file_by_its_address() {
    let function = Function::new().await;
    let mut body = media("image", "media_url", "https://exemplo.com/imagem.jpg");
    body["caption"] = json!("Legenda opcional");
    let reply = function.call(Call::new("POST", "/api/v2/sends").json(body)).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let description = &reply.body["description"];
    assert_eq!((&description["media_type"], &description["status"]), (&json!("image"), &json!("na fila")));
    let file = stored(&function);
    assert_eq!((file.kind, file.caption.unwrap().as_str()), (FileKind::Image, "Legenda opcional"));
    assert!(matches!(file.source, Source::Url(url) if url.as_str() == "https://exemplo.com/imagem.jpg"));
    assert_eq!(function.queue.pushed().len(), 1);
}

#[tokio::test]
async fn takes_a_file_with_the_request_fields_in_any_order() {
    let function = Function::new().await;
    let bytes: Vec<u8> = (0..=255).collect();
    let mut parts = parts("image", &bytes);
    for _ in 0..parts.len() - 1 {
        parts.rotate_left(1);
        let function = Function::new().await;
        let reply = upload(&function, &parts).await;
        assert_eq!(
            (reply.status, &reply.body["description"]["media_type"]),
            (201, &json!("image")),
            "{}",
            reply.text
        );
    }
    assert_eq!(upload(&function, &parts).await.status, 201);
    let file = stored(&function);
    let Source::Upload(id) = file.source else { panic!("an upload") };
    let (kept, _) = function.objects.peek(&ObjectKey::upload(UserId::from_random([1; 16]), id)).unwrap();
    assert!(kept == bytes, "byte for byte");
    assert_eq!(file.name, FileName::sanitised("imagem.jpg"));
    assert_eq!(file.caption.unwrap().as_str(), "Legenda opcional, é claro");
}

#[tokio::test]
async fn takes_a_form_with_a_jwt_or_a_token() {
    let function = Function::new().await;
    let form = form(&parts("image", b"x"));
    let bearer = format!("Bearer {}", function.jwt);
    for (name, value) in [("authorization", bearer.as_str()), ("Token", token(1).as_str())] {
        let reply = call(&form).header(name, value).send(&function.router).await;
        assert_eq!(reply.status, 201, "{name}: {}", reply.text);
    }
    let reply = call(&form).send(&function.router).await;
    assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"));
}

#[tokio::test]
async fn hostile_names_come_out_safe() {
    for (given, safe) in [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\pasta\\\\nota.pdf", "nota.pdf"),
        ("relatório março.pdf", "relatório março.pdf"),
    ] {
        let function = Function::new().await;
        let mut parts = parts("document", b"%PDF");
        parts[3].1 = Some(given);
        assert_eq!(upload(&function, &parts).await.status, 201);
        assert_eq!(stored(&function).name, FileName::sanitised(safe), "{given}");
    }
}

#[tokio::test]
async fn refuses_forms_that_the_contract_refuses() {
    let function = Function::new().await;
    let full = || parts("image", b"x");
    let without = |name: &str| full().into_iter().filter(|(n, ..)| *n != name).collect::<Vec<_>>();
    let with = |name: &'static str, bytes: &'static [u8]| {
        full()
            .into_iter()
            .map(|part| if part.0 == name { (name, part.1, bytes) } else { part })
            .collect::<Vec<_>>()
    };
    let twice = [full(), vec![("caption", None, b"outra")]].concat();
    for (parts, status, code) in [
        (without("from_number"), 400, "MISSING_PARAMETER"),
        (without("to_number"), 400, "MISSING_PARAMETER"),
        (without("media_type"), 400, "MISSING_PARAMETER"),
        (without("file"), 400, "MISSING_PARAMETER"),
        (twice, 400, "MALFORMED_BODY"),
        (with("caption", b"\xff\xfe"), 400, "MALFORMED_BODY"),
        (with("media_type", b"text"), 422, "INVALID_MEDIA_TYPE"),
        (with("media_type", b"sticker"), 422, "INVALID_MEDIA_TYPE"),
        (with("to_number", b"12"), 422, "INVALID_PHONE"),
        (with("file", b""), 422, "INVALID_FILE"),
        (with("from_number", b"5511900000000"), 403, "NOT_YOUR_WORKER"),
        (with("media_type", b"video"), 403, "PLAN_FORBIDS_MEDIA"),
    ] {
        let reply = upload(&function, &parts).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{}", reply.text);
    }
    let whole = form(&full());
    for broken in [&whole[..whole.len() - 30], b"", b"{}"] {
        let reply = function.call(call(broken)).await;
        assert_eq!((reply.status, reply.code()), (400, "MALFORMED_BODY"), "{}", reply.text);
    }
    let json = Call::new("POST", "/v2/upload/sends").json(body());
    assert_eq!(function.call(json).await.code(), "MALFORMED_BODY", "a form is wanted");
    let reply = upload(&function, &parts("image", &vec![0; 6 << 20])).await;
    assert_eq!((reply.status, reply.code()), (413, "PAYLOAD_TOO_LARGE"));
    assert!(function.sends.all().is_empty() && function.objects.keys().is_empty());
}

#[tokio::test]
async fn a_file_as_large_as_the_gateway_takes_is_taken() {
    let function = Function::new().await;
    let reply = upload(&function, &parts("document", &vec![7; 4_500_000])).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
}

#[tokio::test]
async fn an_upload_is_the_tenants_own() {
    let function = Function::new().await;
    let id = UploadId::from_random([5; 16]);
    let own = |body: &Value| function.call(Call::new("POST", "/v2/sends").json(body.clone()));
    let body = media("document", "upload_id", &id.to_string());
    function.objects.upload(&ObjectKey::upload(UserId::from_random([2; 16]), id), vec![1], None);
    let reply = own(&body).await;
    assert_eq!((reply.status, reply.code()), (404, "UPLOAD_NOT_FOUND"), "another tenant's");
    let name = FileName::sanitised("catálogo.pdf");
    function.objects.upload(&ObjectKey::upload(UserId::from_random([1; 16]), id), vec![1], name.clone());
    assert_eq!(own(&body).await.status, 201);
    assert_eq!((stored(&function).source, stored(&function).name), (Source::Upload(id), name));
    let mut both = body.clone();
    both["media_url"] = json!("https://exemplo.com/a");
    assert_eq!(own(&both).await.code(), "INVALID_PARAMETER");
    let neither = with("media_type", json!("image"));
    let reply = own(&neither).await;
    assert_eq!((reply.status, reply.code()), (400, "MISSING_PARAMETER"));
}

#[tokio::test]
async fn a_key_works_for_forms_too() {
    let function = Function::new().await;
    let send =
        |parts: Vec<Part<'static>>| function.call(call(&form(&parts)).header("idempotency-key", "pedido-9"));
    let first = send(parts("image", b"um")).await;
    let again = send(parts("image", b"um")).await;
    assert_eq!((first.status, again.status, again.header("idempotency-replayed")), (201, 201, "true"));
    assert_eq!(again.body, first.body);
    let mut renamed = parts("image", b"um");
    renamed[3].1 = Some("outra.jpg");
    for other in [parts("image", b"dois"), parts("document", b"um"), renamed] {
        let reply = send(other).await;
        assert_eq!((reply.status, reply.code()), (422, "IDEMPOTENCY_MISMATCH"));
    }
    assert_eq!((function.sends.all().len(), function.queue.pushed().len()), (1, 1));
}

#[tokio::test]
async fn a_plan_has_so_many_sends_a_day() {
    let function = Function::new().await;
    for n in 0..20 {
        let reply = match n % 2 {
            0 => upload(&function, &parts("image", b"x")).await,
            _ => function.call(Call::new("POST", "/v2/sends").json(body())).await,
        };
        assert_eq!(reply.status, 201, "{}", reply.text);
    }
    let reply = upload(&function, &parts("image", b"x")).await;
    assert_eq!((reply.status, reply.code()), (403, "PLAN_SENDS_LIMIT"));
    assert!(reply.body["description"].as_str().unwrap().contains("premium"));
    assert_eq!(function.sends.all().len(), 20);
}

#[tokio::test]
async fn an_outage_of_the_store_is_told() {
    let function = Function::new().await;
    function.objects.switch.fail();
    let reply = upload(&function, &parts("image", b"x")).await;
    assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
    assert!(function.sends.all().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_form_is_a_5xx_or_half_written(cut in 0usize..700, at in 0usize..700, byte: u8) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let function = Function::new().await;
            let mut form = form(&parts("image", b"x"));
            let (at, cut) = (at.min(form.len() - 1), cut.min(form.len()));
            form[at] = byte;
            let reply = function.call(call(&form[..form.len() - cut])).await;
            assert!(reply.status < 500, "{}", reply.text);
            assert_eq!(function.sends.all().len(), usize::from(reply.status == 201));
        });
    }
}
