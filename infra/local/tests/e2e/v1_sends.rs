//! What a session of the first version sends besides texts, as its contacts get it.

use crate::contact::Contact;
use crate::files::Files;
use crate::multipart::Form;
use crate::named::Named;
use crate::samples;
use crate::until::until;
use crate::world::World;
use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use serde_json::{Value, json};

const NUMBER: &str = "5511988880091";
const CONTACT: &str = "5511977770091";
const FRIEND: &str = "5511977770092";

/// The message with the id that a V1 message has.
async fn arrival(contact: &Contact<'_>, sent: &str) -> Value {
    let id = sent.rsplit('_').next().unwrap();
    until("the message arrived", async || {
        let messages = contact.messages().await.into_iter();
        messages.filter(|message| message["media"]["state"] != "pending").find(|message| message["id"] == id)
    })
    .await
}

fn id(message: &Value) -> &str {
    message["id"].as_str().unwrap_or_else(|| panic!("{message}"))
}

#[tokio::test]
async fn files_contacts_and_forwards_arrive() {
    let world = World::start().await;
    let (contact, friend) = (world.contact(CONTACT).await, world.contact(FRIEND).await);
    world.contact(NUMBER).await;
    let tenant = world.tenant("joana@exemplo.com.br", "5511999990091").await;
    let session = Named::new(&world, &tenant, "envios");
    session.pair(NUMBER).await;

    let photo = samples::png();
    let form = Form::new().field("numero", CONTACT).field("caption", "Nossa loja").file(
        "doc",
        "loja.png",
        "image/png",
        &photo,
    );
    let sent = session.upload("enviarimagem", form).await;
    assert_eq!((&sent["success"], &sent["message"]), (&json!(true), &json!("Imagem enviada com sucesso!")));
    let image = arrival(&contact, id(&sent["resp"])).await;
    assert_eq!((&image["kind"], &image["media"]["caption"]), (&json!("image"), &json!("Nossa loja")));
    assert_eq!(contact.file(&image).await, photo);

    let paper = samples::pdf();
    let form = Form::new().field("numero", CONTACT).file("doc", "orçamento.pdf", "application/pdf", &paper);
    let sent = session.upload("enviardoc", form).await;
    assert_eq!(sent["message"], "Documento enviado com sucesso!");
    let document = arrival(&contact, id(&sent["resp"])).await;
    assert_eq!(document["media"]["file_name"], "orçamento.pdf", "{document}");
    assert_eq!(contact.file(&document).await, paper);

    let audio = format!("data:audio/wav;base64,{}", BASE64.encode(samples::wav(2)));
    let body = json!({"numero": CONTACT, "audio_data": audio});
    let answer = session.post("enviaraudio", &body).await;
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"success": true, "message": "Audio enviado com sucesso!"})),
        "{}",
        answer.text()
    );
    let voice = &contact.arrived(3).await[2];
    assert_eq!(
        (&voice["media"]["voice"], &voice["media"]["seconds"], &voice["media"]["mime"]),
        (&json!(true), &json!(2), &json!("audio/ogg; codecs=opus")),
        "{voice}"
    );

    let sent = session.read("enviarcontato", &[("numero", CONTACT), ("contato", FRIEND)]).await;
    assert_eq!(sent["type"], "vcard", "{sent}");
    let card = arrival(&contact, id(&sent)).await;
    assert_eq!(card["kind"], "contact", "{card}");
    let vcard = card["contacts"][0]["vcard"].as_str().unwrap();
    assert!(vcard.contains(&format!("waid={FRIEND}:+{FRIEND}")), "{vcard}");

    // What came is sent on: a text, and a picture, which is the same file again.
    let said = contact.write(NUMBER, json!({"text": "passa adiante"})).await;
    let shown =
        json!({"type": "image", "mime": "image/png", "base64": BASE64.encode(&photo), "caption": "olha"});
    contact.write(NUMBER, json!({"media": shown})).await;
    let text = session.event("recebendoMensagem", |message| message["body"] == "passa adiante").await;
    assert!(id(&text).ends_with(&said), "{text}");
    let picture = session.event("recebendoMensagem", |message| message["type"] == "image").await;
    for (original, kind) in [(&text, "text"), (&picture, "image")] {
        let ids = session.read("encaminharmsg", &[("numero", FRIEND), ("msgid", id(original))]).await;
        let forwarded = arrival(&friend, ids[0].as_str().unwrap_or_else(|| panic!("{ids}"))).await;
        assert_eq!(
            (&forwarded["kind"], &forwarded["forwarded"]),
            (&json!(kind), &json!(true)),
            "{forwarded}"
        );
        match kind {
            "text" => assert_eq!(forwarded["text"], "passa adiante"),
            _ => assert_eq!(friend.file(&forwarded).await, photo),
        }
    }
    let nothing = session.get("encaminharmsg", &[("numero", FRIEND), ("msgid", "false_x@c.us_NADA")]).await;
    assert_eq!(nothing.status, 400, "{}", nothing.text());

    // All of them are sends as the second version reports them, and messages of the chat.
    let report = tenant.report(NUMBER).await;
    for send in &report {
        tenant.status(send["send_id"].as_str().unwrap(), "entregue").await;
    }
    assert_eq!(report.len(), 6);
    let chat = session.read("todasmensagens", &[("numero", CONTACT)]).await;
    let types: Vec<&str> = chat.as_array().unwrap().iter().map(|m| m["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["image", "document", "ptt", "vcard", "chat", "image"]);
    world.stop().await;
}

#[tokio::test]
async fn sends_by_media_type_go_the_way_of_the_second_version() {
    let files = Files::start().await;
    let world = World::start_with(&files).await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("kaio@exemplo.com.br", "5511999990092").await;
    tenant.pair(NUMBER).await;
    let (photo, film, paper) = (samples::png(), samples::mp4(), samples::pdf());
    let cases = [
        ("text", json!({"message": "Olá, mundo!"}), None),
        (
            "image",
            json!({"media_url": files.serve("/a.png", "image/png", photo.clone()), "caption": "A"}),
            Some(photo),
        ),
        (
            "document",
            json!({"media_url": files.serve("/b.pdf", "application/pdf", paper.clone())}),
            Some(paper),
        ),
        ("video", json!({"media_url": files.serve("/c.mp4", "video/mp4", film.clone())}), Some(film)),
        ("audio", json!({"media_url": files.serve("/d.wav", "audio/wav", samples::wav(1))}), None),
    ];
    for (index, (kind, mut body, content)) in cases.into_iter().enumerate() {
        body["from_number"] = json!(NUMBER);
        body["to_number"] = json!(CONTACT);
        let root = if index % 2 == 0 { "/api/v1" } else { "/v1" };
        let path = format!("{root}/send/{kind}");
        let headers = [("api-token", tenant.token.as_str()), ("idempotency-key", kind)];
        let sent = world.call("POST", &path, &headers, Some(&body)).await;
        assert_eq!(sent.status, 201, "{kind}: {}", sent.text());
        let again = world.call("POST", &path, &headers, Some(&body)).await;
        assert_eq!(again.json()["description"]["send_id"], sent.json()["description"]["send_id"], "{kind}");
        let send = sent.json()["description"]["send_id"].as_str().unwrap().to_owned();
        tenant.status(&send, "entregue").await;
        let messages = contact.arrived(index + 1).await;
        assert_eq!(
            (messages.len(), &messages[index]["kind"]),
            (index + 1, &json!(kind)),
            "once, as what it is"
        );
        match content {
            Some(content) => assert_eq!(contact.file(&messages[index]).await, content, "{kind}"),
            None if kind == "text" => assert_eq!(messages[index]["text"], "Olá, mundo!"),
            None => assert!(contact.file(&messages[index]).await.starts_with(b"OggS")),
        }
    }
    // The number goes by its digits as a session of the first version.
    let digits = Named::new(&world, &tenant, NUMBER);
    let chat = digits.read("todasmensagens", &[("numero", CONTACT)]).await;
    assert_eq!(chat.as_array().map(Vec::len), Some(5), "{chat}");
    assert_eq!(tenant.report(NUMBER).await.len(), 5);
    world.stop().await;
}

#[tokio::test]
async fn a_first_message_to_somebody_new_and_whom_nobody_knows() {
    let world = World::start().await;
    let contact = world.contact_with(json!({"number": "553188776655", "ninth_digit": "resolve"})).await;
    world.contact(NUMBER).await;
    let tenant = world.tenant("lia@exemplo.com.br", "5511999990093").await;
    let session = Named::new(&world, &tenant, "novos");
    session.pair(NUMBER).await;
    // The number as people write it, with the ninth digit that WhatsApp does not have.
    let sent = session.read("novocontato", &[("numero", "5531988776655"), ("msg", "prazer")]).await;
    assert_eq!(contact.texts(1).await, ["prazer"]);
    let delivered = session.event("atualizarMensagem", |m| {
        m["ack"] == 2 && id(m).ends_with(id(&sent).rsplit('_').next().unwrap())
    });
    delivered.await;
    let chats = session.read("conversas", &[]).await;
    assert_eq!(chats.as_array().map(Vec::len), Some(1), "one chat, however the number is written: {chats}");
    for form in ["5531988776655", "553188776655"] {
        let messages = session.read("mensagens", &[("numero", form)]).await;
        assert_eq!(messages[0]["body"], "prazer", "{form}: {messages}");
    }

    let nobody = session.read("novocontato", &[("numero", "5511900000002"), ("msg", "alô?")]).await;
    assert_eq!(nobody["ack"], 0, "{nobody}");
    let failed = async || {
        let report = tenant.report(NUMBER).await;
        report.into_iter().find(|send| send["to_number"] == "5511900000002" && send["status"] == "falha")
    };
    let failed = until("the send to nobody fails", failed).await;
    assert_eq!(failed["error_code"], "NOT_ON_WHATSAPP", "{failed}");
    let told = session.event("atualizarMensagem", |message| message["id"] == nobody["id"]).await;
    assert_eq!((&told["ack"], &told["body"]), (&json!(-1), &json!("alô?")), "{told}");
    world.stop().await;
}
