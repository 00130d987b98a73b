//! Sends, and what is refused of them.

use super::account::{ANA, FAMILIA};
use super::{LOJA, World, token};
use carteiro_core::media::FileKind;
use carteiro_core::number::LinkState;
use carteiro_core::send::Content;
use carteiro_http::testing::{Call, send_event};
use serde_json::{Value, json};

const BOUNDARY: &str = "limite-7f3a";

/// A form of parts: a name, a file name, bytes.
pub(super) fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
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

pub(super) fn post(route: &str, form: &[u8]) -> Call {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    Call::new("POST", &format!("{LOJA}/{route}")).header("content-type", &content_type).bytes(form)
}

#[tokio::test]
async fn a_text_is_a_send_like_any_other_and_its_message_id_is_known() {
    let world = World::new().await;
    let reply = world.get(&format!("enviarmsg?numero={ANA}&msg=a%3Cbr%3Eb")).await;
    let send = world.sends.all().pop().unwrap();
    let Content::Text(text) = &send.content else { panic!("a text") };
    assert_eq!((text.as_str(), send.to.to_string().as_str()), ("a\nb", ANA));
    let id = format!("true_{ANA}@c.us_{}", send.id.message_id().as_str());
    assert_eq!((&reply.body["id"], &reply.body["ack"]), (&json!(id), &json!(0)));
}

#[tokio::test]
async fn the_sample_event_sends_a_text() {
    let world = World::new().await;
    let mut event: Value = serde_json::from_str(include_str!("../../../../events/sessions.json")).unwrap();
    event["headers"]["token"] = json!(token(1));
    let reply = send_event(&world.router, event).await;
    assert_eq!((reply.status, &reply.body["body"]), (200, &json!("Olá\ntudo bem?")), "{}", reply.text);
}

#[tokio::test]
async fn a_chat_that_is_kept_by_the_other_form_of_a_number_is_found() {
    let world = World::new().await;
    let reply = world.get("enviarmsg?numero=5531988776655&msg=oi").await;
    assert_eq!(reply.body["chatId"], "553188776655@c.us");
    let send = world.sends.all().pop().unwrap();
    assert_eq!(send.to.to_string(), "5531988776655", "the number is kept as it was asked for");
}

#[tokio::test]
async fn a_lid_that_is_known_is_sent_to_by_its_number() {
    let world = World::new().await;
    world.get("enviarmsg?numero=987654321098765@lid&msg=oi").await;
    assert_eq!(world.sends.all().pop().unwrap().to.to_string(), ANA);
    world.get("enviarmsg?numero=120363000000000001&tipo=group&msg=oi").await;
    assert!(world.sends.all().iter().any(|send| send.to.to_string() == FAMILIA));
}

#[tokio::test]
async fn files_are_stored_as_what_they_are_sent_as() {
    let world = World::new().await;
    for (route, kind) in [("enviarimagem", FileKind::Image), ("enviardoc", FileKind::Document)] {
        let form = form(&[("numero", None, ANA.as_bytes()), ("doc", Some("a.pdf"), b"conteudo")]);
        let reply = world.call(post(route, &form)).await;
        assert_eq!((reply.status, &reply.body["success"]), (200, &json!(true)), "{}", reply.text);
        let sent = world.sends.all();
        assert!(sent.iter().any(|send| matches!(&send.content, Content::File(file) if file.kind == kind)));
    }
    assert!(world.objects.keys().iter().all(|key| key.starts_with("uploads/")));
}

#[tokio::test]
async fn what_is_incomplete_or_malformed_is_refused_in_the_old_shapes() {
    let world = World::new().await;
    for rest in
        ["enviarmsg", "enviarmsg?msg=oi", &format!("enviarmsg?numero={ANA}"), "enviarmsg?numero=&msg=oi"]
    {
        let reply = world.get(rest).await;
        assert_eq!(reply.status, 400, "{rest}");
        assert_eq!(
            reply.body,
            json!({"success": false, "message": "Request incompleto, necessita revisão!"})
        );
    }
    let without_file = form(&[("numero", None, ANA.as_bytes())]);
    let without_number = form(&[("doc", Some("a.pdf"), b"x")]);
    for body in [without_file, without_number] {
        let reply = world.call(post("enviardoc", &body)).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.body, json!({"success": false, "message": "Post incompleto, necessita revisão!"}));
    }
    for rest in ["enviarmsg?numero=123&msg=oi", "enviarmsg?numero=5511988887777&msg=a&msg=b"] {
        let reply = world.get(rest).await;
        assert_eq!((reply.status, &reply.body["message"]), (400, &json!("Requisição mal formada")), "{rest}");
    }
    let audio = json!({"numero": ANA, "audio_data": "não é áudio"});
    let reply = world.call(Call::new("POST", &format!("{LOJA}/enviaraudio")).json(audio)).await;
    assert_eq!((reply.status, reply.header("x-error-code")), (400, "INVALID_FILE"));
    assert!(world.sends.all().is_empty());
}

#[tokio::test]
async fn a_forward_of_what_is_not_there_or_cannot_be_sent_on_is_refused() {
    let world = World::new().await;
    for id in ["false_5511988887777@c.us_NADA", "x", "false_5511988887777@c.us_A23"] {
        let reply = world.get(&format!("encaminharmsg?numero={ANA}&msgid={id}")).await;
        assert_eq!(reply.status, 400, "{id}: {}", reply.text);
    }
    assert!(world.sends.all().is_empty());
}

#[tokio::test]
async fn an_offline_session_takes_sends_and_one_that_is_logged_out_does_not() {
    let world = World::new().await;
    let path = format!("enviarmsg?numero={ANA}&msg=oi");
    world.report(LinkState::Reconnecting, None);
    assert_eq!(world.get(&path).await.body["type"], "chat");
    for (state, jid) in [(LinkState::LoggedOut, Some(None)), (LinkState::Banned, None)] {
        world.report(state, jid);
        let reply = world.get(&path).await;
        assert_eq!(
            (reply.status, &reply.body),
            (200, &json!({"message": "Esta sessão não está verificada."}))
        );
        assert_eq!(reply.header("x-error-code"), "SESSION_NOT_VERIFIED");
    }
    assert_eq!(world.sends.all().len(), 1);
}

#[tokio::test]
async fn a_plan_forbids_what_it_does_not_have() {
    let world = World::new().await;
    // The plan has no videos; V1 has no route for them but a forward, so the scope is what is left to test here.
    let reply = Call::new("GET", &format!("{LOJA}/enviarmsg?numero={ANA}&msg=oi"))
        .header("token", &token(2))
        .send(&world.router)
        .await;
    assert_eq!(reply.body, json!({"message": "Esta sessão não está verificada."}));
    let reply = world.get(&format!("encaminharmsg?numero={ANA}&msgid=false_{ANA}@c.us_A12")).await;
    assert_eq!((reply.status, reply.header("x-error-code")), (403, "PLAN_FORBIDS_MEDIA"), "{}", reply.text);
}
