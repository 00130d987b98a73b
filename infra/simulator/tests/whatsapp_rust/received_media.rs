//! Media that contacts get: shown as the message says it, served decrypted, and refused where it is not what it says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wacore::download::MediaType;
use waproto::buffa::MessageField;
use waproto::whatsapp::{self as wa, message as wm};
use whatsapp_rust::upload::{UploadOptions, UploadResponse};

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const CONTACT: &str = "5531977770003";

async fn ana_and_a_contact() -> (Sim, Client) {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    (sim, ana)
}

async fn uploaded(client: &Client, bytes: &[u8], kind: MediaType) -> UploadResponse {
    client.inner().upload(bytes.to_vec(), kind, UploadOptions::new()).await.unwrap()
}

/// A message's fields that say where its media is.
macro_rules! placed {
    ($message:ident, $media:expr, $mime:expr) => {
        wm::$message {
            url: Some($media.url.clone()),
            direct_path: Some($media.direct_path.clone()),
            media_key: Some($media.media_key.to_vec()),
            file_sha256: Some($media.file_sha256.to_vec()),
            file_enc_sha256: Some($media.file_enc_sha256.to_vec()),
            file_length: Some($media.file_length),
            mimetype: Some($mime.to_owned()),
            ..Default::default()
        }
    };
}

fn image(image: wm::ImageMessage) -> wa::Message {
    wa::Message { image_message: MessageField::some(image), ..Default::default() }
}

/// The contact's message with this id, once its media is checked.
async fn received(sim: &Sim, id: &str) -> Value {
    sim.until(&format!("/admin/accounts/{CONTACT}/messages"), |answer| {
        let messages = answer["messages"].as_array()?;
        messages.iter().find(|one| one["id"] == id && one["media"]["state"] != "pending").cloned()
    })
    .await
}

async fn file(sim: &Sim, id: &str) -> (String, Vec<u8>) {
    let url = format!("{}/admin/accounts/{CONTACT}/messages/{id}/media", sim.handle.admin_url());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(url).send().await.unwrap().error_for_status().unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (kind, answer.bytes().await.unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_media_is_shown_and_served() {
    let (sim, ana) = ana_and_a_contact().await;
    let bytes: Vec<u8> = (0..70_000_u32).map(|at| (at >> 3) as u8).collect();

    let media = uploaded(&ana, &bytes, MediaType::Image).await;
    let photo = wm::ImageMessage {
        caption: Some("A vista".to_owned()),
        width: Some(640),
        height: Some(480),
        jpeg_thumbnail: Some(vec![0xff, 0xd8, 0xff]),
        ..placed!(ImageMessage, media, "image/jpeg")
    };
    let photo = ana.send_message(CONTACT, image(photo)).await;
    let shown = received(&sim, &photo).await;
    assert_eq!(shown["kind"], "image");
    let sha256: String = media.file_sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let expected = json!({
        "type": "image", "mime": "image/jpeg", "caption": "A vista", "file_name": null, "title": null,
        "seconds": null, "voice": false, "waveform": null, "width": 640, "height": 480,
        "thumbnail": STANDARD.encode([0xff, 0xd8, 0xff]), "length": 70_000, "sha256": sha256,
        "state": "good", "problem": null,
    });
    assert_eq!(shown["media"], expected);
    assert_eq!(file(&sim, &photo).await, ("image/jpeg".to_owned(), bytes.clone()));

    let media = uploaded(&ana, &bytes[..5000], MediaType::Audio).await;
    let note = wm::AudioMessage {
        ptt: Some(true),
        seconds: Some(7),
        waveform: Some(vec![50; 64]),
        ..placed!(AudioMessage, media, "audio/ogg; codecs=opus")
    };
    let note = wa::Message { audio_message: MessageField::some(note), ..Default::default() };
    let note = ana.send_message(CONTACT, note).await;
    let shown = received(&sim, &note).await["media"].clone();
    assert_eq!(
        (&shown["type"], &shown["voice"], &shown["seconds"]),
        (&json!("audio"), &json!(true), &json!(7))
    );
    assert_eq!(shown["waveform"], STANDARD.encode([50; 64]));
    assert_eq!(file(&sim, &note).await, ("audio/ogg; codecs=opus".to_owned(), bytes[..5000].to_vec()));

    // A document with a caption travels inside another message.
    let media = uploaded(&ana, &bytes[..1], MediaType::Document).await;
    let document = wm::DocumentMessage {
        caption: Some("Segue o contrato".to_owned()),
        file_name: Some("Contrato nº 5 – São João.pdf".to_owned()),
        ..placed!(DocumentMessage, media, "application/pdf")
    };
    let inner = wa::Message { document_message: MessageField::some(document), ..Default::default() };
    let wrapper = wm::FutureProofMessage { message: MessageField::some(inner) };
    let document =
        wa::Message { document_with_caption_message: MessageField::some(wrapper), ..Default::default() };
    let document = ana.send_message(CONTACT, document).await;
    let shown = received(&sim, &document).await;
    assert_eq!(shown["kind"], "document");
    assert_eq!(shown["media"]["file_name"], "Contrato nº 5 – São João.pdf");
    assert_eq!(shown["media"]["caption"], "Segue o contrato");
    assert_eq!(file(&sim, &document).await.1, bytes[..1]);

    let media = uploaded(&ana, &bytes[..16], MediaType::Video).await;
    let video = wm::VideoMessage { seconds: Some(2), ..placed!(VideoMessage, media, "video/mp4") };
    let video = wa::Message { video_message: MessageField::some(video), ..Default::default() };
    let video = ana.send_message(CONTACT, video).await;
    assert_eq!(received(&sim, &video).await["media"]["state"], "good");
    assert_eq!(file(&sim, &video).await, ("video/mp4".to_owned(), bytes[..16].to_vec()));
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn media_that_is_not_what_the_message_says_is_found_out() {
    let (sim, ana) = ana_and_a_contact().await;
    let media = uploaded(&ana, b"uma foto", MediaType::Image).await;
    let good = || placed!(ImageMessage, media, "image/jpeg");
    let wrong = [
        (wm::ImageMessage { file_sha256: Some(vec![0; 32]), ..good() }, "hash"),
        (wm::ImageMessage { file_enc_sha256: Some(vec![0; 32]), ..good() }, "encrypted hash"),
        (wm::ImageMessage { file_length: Some(9), ..good() }, "8 bytes"),
        (wm::ImageMessage { media_key: Some(vec![0; 32]), ..good() }, "MAC"),
        (wm::ImageMessage { media_key: Some(vec![0; 16]), ..good() }, "media key"),
        (wm::ImageMessage { direct_path: Some("/v/elsewhere".to_owned()), ..good() }, "no such file"),
    ];
    for (message, problem) in wrong {
        let id = ana.send_message(CONTACT, image(message)).await;
        let shown = received(&sim, &id).await["media"].clone();
        assert_eq!(shown["state"], "bad", "{problem}");
        assert!(shown["problem"].as_str().unwrap().contains(problem), "{shown}");
        let path = format!("/admin/accounts/{CONTACT}/messages/{id}/media");
        assert_eq!(sim.call(reqwest::Method::GET, &path, None).await.0, 400, "{problem}");
    }
    // Uploaded as one kind and sent as another: the keys are derived by kind, and a phone cannot open it.
    let as_video = placed!(VideoMessage, media, "video/mp4");
    let as_video = wa::Message { video_message: MessageField::some(as_video), ..Default::default() };
    let id = ana.send_message(CONTACT, as_video).await;
    assert_eq!(received(&sim, &id).await["media"]["state"], "bad");
    let path = format!("/admin/accounts/{CONTACT}/messages/nothing/media");
    assert_eq!(sim.call(reqwest::Method::GET, &path, None).await.0, 404);
    ana.stop().await;
}
