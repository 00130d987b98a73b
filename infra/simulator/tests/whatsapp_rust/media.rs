//! Media as a client sends it up and gets it back: through TLS, with the checks that WhatsApp makes.

use bytes::Bytes;
use serde_json::{Value, json};
use wacore::download::MediaType;
use wacore::net::{HttpClient as _, HttpRequest, HttpResponse};
use wacore::upload::{EncryptedMediaInfo, MediaEncryptor};
use whatsapp_rust::download::DownloadParams;
use whatsapp_rust::upload::{UploadOptions, UploadResponse};

use crate::admin::Sim;
use crate::client::{Client, trusting};

const ANA: &str = "5511999990001";

/// Past this size a client asks first how far an upload has come.
const RESUMABLE: usize = 5 << 20;

async fn ana() -> (Sim, Client) {
    let sim = Sim::start().await;
    let ana = Client::paired(&sim, ANA).await;
    (sim, ana)
}

/// Bytes that look like nothing in particular, different by seed.
fn bytes(length: usize, seed: u32) -> Vec<u8> {
    (0..length as u32).map(|at| (at.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 13) as u8).collect()
}

fn params(media: &UploadResponse, kind: MediaType) -> DownloadParams {
    DownloadParams::encrypted(
        media.direct_path.clone(),
        &media.media_key,
        &media.file_sha256,
        &media.file_enc_sha256,
        media.file_length,
        kind,
    )
}

/// A file encrypted as the session task gets it.
fn encrypted(plain: &[u8], kind: MediaType) -> (Vec<u8>, EncryptedMediaInfo) {
    let mut encryptor = MediaEncryptor::new(kind).unwrap();
    let mut sealed = Vec::new();
    encryptor.update(plain, &mut sealed);
    let info = encryptor.finalize(&mut sealed).unwrap();
    (sealed, info)
}

fn copy(info: &EncryptedMediaInfo) -> EncryptedMediaInfo {
    EncryptedMediaInfo {
        media_key: info.media_key,
        file_sha256: info.file_sha256,
        file_enc_sha256: info.file_enc_sha256,
        file_length: info.file_length,
        streaming_sidecar: info.streaming_sidecar.clone(),
    }
}

async fn stats(sim: &Sim) -> Value {
    sim.get("/admin/stats").await["stats"]["media"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_up_comes_down_byte_for_byte() {
    let (sim, ana) = ana().await;
    let kinds = [MediaType::Image, MediaType::Audio, MediaType::Video, MediaType::Document];
    for (seed, kind) in kinds.into_iter().enumerate() {
        let plain = bytes(100_000 + seed, seed as u32);
        let media = ana.inner().upload(plain.clone(), kind, UploadOptions::new()).await.unwrap();
        assert!(media.url.starts_with(&format!("https://{}/v/", sim.handle.media_address())));
        assert!(media.url.contains(&media.direct_path));
        let back = ana.inner().download_from_params(&params(&media, kind)).await.unwrap();
        assert!(back == plain, "{kind:?}");
    }
    let stats = stats(&sim).await;
    assert_eq!((&stats["uploads"], &stats["downloads"]), (&json!(4), &json!(4)));
    // One query for all of it.
    assert_eq!(stats["connections"], 1);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_is_resumed_where_it_stopped() {
    let (sim, ana) = ana().await;
    let plain = bytes(RESUMABLE + 1000, 1);
    let (sealed, info) = encrypted(&plain, MediaType::Document);
    sim.fault(json!({"kind": "drop_media", "number": ANA, "after_bytes": 3_000_000})).await;
    let sealed = Bytes::from(sealed);
    let upload = || ana.inner();
    let broken = upload().upload_stream(sealed.clone(), copy(&info), MediaType::Document).await;
    assert!(broken.is_err());
    assert_eq!(stats(&sim).await["broken_off"], 1);

    let media = upload().upload_stream(sealed.clone(), copy(&info), MediaType::Document).await.unwrap();
    let after = stats(&sim).await;
    assert_eq!((&after["uploads"], &after["resumed"]), (&json!(1), &json!(1)));
    let back = ana.inner().download_from_params(&params(&media, MediaType::Document)).await.unwrap();
    assert!(back == plain);

    // What is there already is not sent again.
    let same = upload().upload_stream(sealed, copy(&info), MediaType::Document).await.unwrap();
    assert_eq!(same.direct_path, media.direct_path);
    assert_eq!(stats(&sim).await["uploads"], 1);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_refused_until_the_client_has_a_new_one() {
    let (sim, ana) = ana().await;
    sim.fault(json!({"kind": "refuse_media", "number": ANA, "code": 401, "times": 1})).await;
    ana.inner().upload(bytes(1000, 2), MediaType::Image, UploadOptions::new()).await.unwrap();
    let stats = stats(&sim).await;
    assert_eq!((&stats["refused"], &stats["connections"]), (&json!(1), &json!(2)));
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_reaches_the_client_with_its_status() {
    let (sim, ana) = ana().await;
    for code in [413, 500] {
        sim.fault(json!({"kind": "refuse_media", "number": ANA, "code": code, "times": 1})).await;
        // Large enough that the client is still writing when the answer is known.
        let refused = ana
            .inner()
            .upload(bytes(2 << 20, code), MediaType::Video, UploadOptions::new())
            .await
            .unwrap_err();
        let status =
            refused.chain().find_map(|error| error.downcast_ref::<whatsapp_rust::http::HttpStatusError>());
        assert_eq!(status.map(|status| u32::from(status.status)), Some(code), "{refused:#}");
    }
    ana.inner().upload(bytes(1000, 3), MediaType::Video, UploadOptions::new()).await.unwrap();
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_media_is_as_slow_as_asked() {
    let (sim, ana) = ana().await;
    let slow = json!({"kind": "slow_media", "number": ANA, "bytes_per_second": 200_000, "delay_ms": 200});
    sim.fault(slow).await;
    let start = std::time::Instant::now();
    let media = ana.inner().upload(bytes(100_000, 4), MediaType::Image, UploadOptions::new()).await.unwrap();
    assert!(start.elapsed().as_millis() >= 700, "{:?}", start.elapsed());
    let start = std::time::Instant::now();
    ana.inner().download_from_params(&params(&media, MediaType::Image)).await.unwrap();
    assert!(start.elapsed().as_millis() >= 700, "{:?}", start.elapsed());
    sim.clear_faults().await;
    ana.stop().await;
}

struct Raw(whatsapp_rust::http::UreqHttpClient, String);

impl Raw {
    async fn ask(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> HttpResponse {
        let url = format!("https://{}{path}", self.1);
        let request = match method {
            "GET" => HttpRequest::get(url),
            _ => HttpRequest::post(url),
        };
        let request = match body {
            Some(body) => request.with_body(body),
            None => request,
        };
        self.0.execute(request).await.unwrap()
    }

    async fn status(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> u16 {
        self.ask(method, path, body).await.status_code
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_whatsapp_would_not_take_is_not_taken() {
    let (sim, ana) = ana().await;
    let auth = ana.inner().refresh_media_conn(false).await.unwrap().auth;
    let raw = Raw(trusting(sim.handle.media_ca()), sim.handle.media_address().to_string());
    let (sealed, info) = encrypted(b"a photo", MediaType::Image);
    use base64::Engine as _;
    let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(info.file_enc_sha256);
    let path = |kind: &str, auth: &str, named: &str| format!("/mms/{kind}/{token}?auth={auth}&token={named}");
    let good = path("image", &auth, &token);
    let mut spoiled = sealed.clone();
    spoiled[0] ^= 1;
    for (path, body, status) in [
        (path("image", "forged", &token), &sealed, 401),
        (path("image", "", &token), &sealed, 401),
        (path("recipe", &auth, &token), &sealed, 404),
        (path("image", &auth, "another"), &sealed, 400),
        (good.clone(), &spoiled, 400),
        (good.clone(), &Vec::new(), 400),
        (format!("{good}&file_offset=5"), &sealed, 416),
    ] {
        assert_eq!(raw.status("POST", &path, Some(body.clone())).await, status, "{path}");
    }
    let progress = raw.ask("POST", &format!("{good}&resume=1"), None).await;
    assert_eq!(serde_json::from_slice::<Value>(&progress.body).unwrap(), json!({"resume": "0"}));

    let taken = raw.ask("POST", &good, Some(sealed.clone())).await;
    assert_eq!(taken.status_code, 200);
    let taken: Value = serde_json::from_slice(&taken.body).unwrap();
    let direct = taken["direct_path"].as_str().unwrap();
    let back = raw.ask("GET", direct, None).await;
    assert_eq!((back.status_code, back.body), (200, sealed));
    // The path's query is its signature; a hash that is named has to be the file's.
    let (bare, _) = direct.split_once('?').unwrap();
    assert_eq!(raw.status("GET", bare, None).await, 403);
    assert_eq!(raw.status("GET", &direct.replace("oh=01_", "oh=02_"), None).await, 403);
    assert_eq!(raw.status("GET", &format!("{direct}&hash={token}"), None).await, 200);
    assert_eq!(raw.status("GET", &format!("{direct}&hash=another"), None).await, 404);
    assert_eq!(raw.status("GET", "/v/t62.1-24/1_2_n.enc?oh=1", None).await, 404);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_media_server_is_believed_by_those_who_trust_its_authority_only() {
    let (sim, other) = (Sim::start().await, Sim::start().await);
    let path = "/v/t62.1-24/1_2_n.enc";
    let request =
        |host: &str| HttpRequest::get(format!("https://{host}:{}{path}", sim.handle.media_address().port()));
    let pem = sim.text("/admin/media/ca").await;
    assert_eq!(pem, sim.handle.media_ca());
    for host in ["127.0.0.1", "localhost"] {
        assert_eq!(trusting(&pem).execute(request(host)).await.unwrap().status_code, 404);
        assert!(trusting(other.handle.media_ca()).execute(request(host)).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_file_can_be_read() {
    let (sim, ana) = ana().await;
    let plain = bytes(50_000, 5);
    let media = ana.inner().upload(plain, MediaType::Image, UploadOptions::new()).await.unwrap();
    let url = format!("https://{}{}", sim.handle.media_address(), media.direct_path);
    let read = |range: Option<&'static str>| {
        let (client, mut request) = (trusting(sim.handle.media_ca()), HttpRequest::get(url.clone()));
        if let Some(range) = range {
            request = request.with_header("Range", range);
        }
        async move { client.execute(request).await.unwrap() }
    };
    let (whole, part) = (read(None).await, read(Some("bytes=16000-16015")).await);
    assert_eq!(part.status_code, 206);
    assert_eq!(part.body, whole.body[16_000..16_016]);
    assert_eq!(read(Some("bytes=0-3")).await.body, whole.body[..4]);
    ana.stop().await;
}
