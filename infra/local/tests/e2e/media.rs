//! Files, from the request to the recipient.

use crate::files::Files;
use crate::multipart::Form;
use crate::samples;
use crate::tenant::Tenant;
use crate::world::World;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const WORKER: &str = "5511988880041";
const CONTACT: &str = "5511977770041";

async fn world_with_files() -> (World, Files) {
    let files = Files::start().await;
    (World::start_with(&files).await, files)
}

async fn send(tenant: &Tenant<'_>, body: Value) -> Value {
    let mut whole = json!({"from_number": WORKER, "to_number": CONTACT});
    whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    let answer = tenant.call("POST", "/v2/sends", &whole).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["description"].clone()
}

fn id(send: &Value) -> &str {
    send["send_id"].as_str().unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn every_kind_arrives_as_it_was() {
    let (world, files) = world_with_files().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("iara@exemplo.com.br", "5511999990041").await;
    tenant.pair(WORKER).await;
    let picture = samples::png();
    let (film, paper) = (samples::mp4(), samples::pdf());
    let cases = [
        ("image", "/imagem.png", "image/png", picture.clone(), json!({"caption": "Legenda com ção"})),
        ("video", "/filme.mp4", "video/mp4", film.clone(), json!({})),
        (
            "document",
            "/papel",
            "application/pdf",
            paper.clone(),
            json!({"file_name": "../../etc/relatório.pdf"}),
        ),
    ];
    for (index, (kind, path, mime, content, more)) in cases.into_iter().enumerate() {
        let mut body = json!({"media_type": kind, "media_url": files.serve(path, "application/octet-stream", content.clone())});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let sent = send(&tenant, body).await;
        assert_eq!(sent["media_type"], kind);
        tenant.status(id(&sent), "entregue").await;
        let message = contact.arrived(index + 1).await[index].clone();
        assert_eq!(
            (message["kind"].as_str(), message["media"]["mime"].as_str()),
            (Some(kind), Some(mime)),
            "{message}"
        );
        assert_eq!(contact.file(&message).await, content, "{kind} is byte-equal");
    }
    let all = contact.arrived(3).await;
    assert_eq!(all[0]["media"]["caption"], "Legenda com ção");
    assert_eq!((all[0]["media"]["width"].as_u64(), all[0]["media"]["height"].as_u64()), (Some(48), Some(32)));
    assert!(all[0]["media"]["thumbnail"].as_str().is_some_and(|text| text.len() > 100), "{}", all[0]);
    assert_eq!(all[2]["media"]["file_name"], "relatório.pdf");
    let report = tenant.report(WORKER).await;
    assert_eq!(report[0]["message_type"], "image");
    assert_eq!(report[2]["message"], "relatório.pdf");
    world.stop().await;
}

#[tokio::test]
async fn audio_arrives_as_a_voice_note() {
    let (world, files) = world_with_files().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("jana@exemplo.com.br", "5511999990042").await;
    tenant.pair(WORKER).await;
    let url = files.serve("/fala.wav", "audio/wav", samples::wav(3));
    let sent = send(&tenant, json!({"media_type": "audio", "media_url": url})).await;
    tenant.status(id(&sent), "entregue").await;
    let message = contact.arrived(1).await[0].clone();
    assert_eq!(message["kind"], "audio", "{message}");
    assert_eq!(message["media"]["mime"], "audio/ogg; codecs=opus");
    assert_eq!(
        (message["media"]["voice"].as_bool(), message["media"]["seconds"].as_u64()),
        (Some(true), Some(3))
    );
    assert!(message["media"]["waveform"].is_string(), "{message}");
    let note = contact.file(&message).await;
    assert!(note.starts_with(b"OggS") && note.windows(8).any(|bytes| bytes == b"OpusHead"));
    world.stop().await;
}

#[tokio::test]
async fn a_file_comes_by_multipart_and_once_under_a_key() {
    let (world, _files) = world_with_files().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("karina@exemplo.com.br", "5511999990043").await;
    tenant.pair(WORKER).await;
    let picture = samples::png();
    let ask = async |file: &[u8]| {
        let form = Form::new()
            .field("from_number", WORKER)
            .field("to_number", CONTACT)
            .field("media_type", "image")
            .file("file", "fotografia.png", "image/png", file)
            .field("caption", "Da câmera");
        let headers = [("token", tenant.token.as_str()), ("idempotency-key", "foto-1")];
        form.post(&world, "/v2/upload/sends", &headers).await
    };
    let first = ask(&picture).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let again = ask(&picture).await;
    assert_eq!(again.json()["description"]["send_id"], first.json()["description"]["send_id"]);
    let other = ask(&samples::pdf()).await;
    assert_eq!((other.status, other.json()["code"].as_str()), (422, Some("IDEMPOTENCY_MISMATCH")));
    tenant.status(id(&first.json()["description"]), "entregue").await;
    let message = contact.arrived(1).await[0].clone();
    assert_eq!(message["media"]["caption"], "Da câmera");
    assert_eq!(contact.file(&message).await, picture);
    world.stop().await;
}

#[tokio::test]
async fn a_large_file_is_uploaded_by_a_form_of_its_own() {
    let (world, _files) = world_with_files().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("luana@exemplo.com.br", "5511999990044").await;
    let other = world.tenant("malu@exemplo.com.br", "5511999990045").await;
    tenant.pair(WORKER).await;
    let mut paper = samples::pdf();
    paper.resize(20 * 1024 * 1024, b'\n');
    let request =
        json!({"media_type": "document", "file_name": "catálogo.pdf", "content_type": "application/pdf"});
    let form = tenant.call("POST", "/v2/uploads", &request).await;
    assert_eq!(form.status, 201, "{}", form.text());
    let form = form.json()["description"].clone();
    let mut upload = Form::new();
    for (name, value) in form["fields"].as_object().unwrap() {
        upload = upload.field(name, value.as_str().unwrap());
    }
    let uploaded = upload.file("file", "catálogo.pdf", "application/pdf", &paper);
    let uploaded = uploaded.post_to(&world, form["url"].as_str().unwrap(), &[]).await;
    assert!(uploaded.status < 300, "{}", uploaded.text());

    let foreign = json!({"from_number": WORKER, "to_number": CONTACT, "media_type": "document", "upload_id": form["upload_id"]});
    assert_eq!(other.call("POST", "/v2/sends", &foreign).await.status, 403, "not their worker");
    let sent = send(
        &tenant,
        json!({"media_type": "document", "upload_id": form["upload_id"], "file_name": "catálogo.pdf"}),
    )
    .await;
    tenant.status(id(&sent), "entregue").await;
    let message = contact.arrived(1).await[0].clone();
    assert_eq!(message["media"]["file_name"], "catálogo.pdf");
    assert_eq!(sha256(&contact.file(&message).await), sha256(&paper));
    world.stop().await;
}

#[tokio::test]
async fn what_cannot_be_had_fails_with_its_reason() {
    let (world, files) = world_with_files().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("nina@exemplo.com.br", "5511999990046").await;
    tenant.pair(WORKER).await;
    let program = files.serve("/foto.jpg", "image/jpeg", b"MZ\x90\0 no picture".to_vec());
    let empty = files.serve("/vazio.png", "image/png", Vec::new());
    let hidden = files.redirect("/escondido.png", "https://169.254.169.254/latest/meta-data");
    for (url, code) in [
        ("https://127.0.0.1/a.png", "MEDIA_FORBIDDEN_ADDRESS"),
        ("https://0x7f000001/a.png", "MEDIA_FORBIDDEN_ADDRESS"),
        ("https://[::ffff:10.0.0.1]/a.png", "MEDIA_FORBIDDEN_ADDRESS"),
        (&hidden, "MEDIA_FORBIDDEN_ADDRESS"),
        ("https://exemplo.com/nada.png", "MEDIA_UNREACHABLE"),
        (&program, "MEDIA_FORMAT"),
        (&empty, "MEDIA_SIZE"),
    ] {
        let sent = send(&tenant, json!({"media_type": "image", "media_url": url})).await;
        let failed = tenant.status(id(&sent), "falha").await;
        assert_eq!(failed["error_code"], code, "{url}: {failed}");
        assert!(failed["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
    }
    // The number goes on: nothing of these stands in its way.
    let text = tenant.send(WORKER, CONTACT, "depois de tudo").await;
    tenant.status(&text, "entregue").await;
    assert_eq!(contact.texts(1).await, ["depois de tudo"]);
    world.stop().await;
}

#[tokio::test]
async fn a_plan_without_files_refuses_them() {
    let world = World::start().await;
    let tenant = world.tenant_on("basico", "olivia@exemplo.com.br", "5511999990047").await;
    let add = tenant.call("POST", "/v2/numbers/add", &json!({"number": WORKER, "role": "worker"})).await;
    assert!(add.status < 300, "{}", add.text());
    let body = json!({"from_number": WORKER, "to_number": CONTACT, "media_type": "image", "media_url": "https://exemplo.com/a.png"});
    let answer = tenant.call("POST", "/v2/sends", &body).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (403, Some("PLAN_FORBIDS_MEDIA")));
    assert!(answer.json()["description"].as_str().unwrap().contains("basico"));
    world.stop().await;
}
