//! The requests of the README, run by a shell one after the other as they stand there, by somebody who does what its text says: keeps what
//! an answer has for later requests, reads the mailed code, scans the QR, and asks again until it is so. The other README shows the same
//! requests, which `tests/docs/readme.rs` holds.

use super::requests::{asked, readmes, requests};
use crate::aws;
use crate::files::Files;
use crate::named::Named;
use crate::samples;
use crate::tenant::Tenant;
use crate::until::until_seen;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

const TENANT: &str = "ana@exemplo.com.br";
const WORKER: &str = "5511988887777";
const RECIPIENT: &str = "5521966665555";
/// The session of the first version, and whose phone it is.
const SESSION: &str = "Recepção";
const SESSION_WORKER: &str = "5511955554444";
/// More sends than a report in one answer has.
const MANY: u64 = 5_010;
/// What stands in the README for what the reader has: the code that was mailed, and a time to come.
const SHOWN_CODE: &str = "123456";
const SHOWN_TIME: &str = "2026-12-01T08:00:00-03:00";

/// What later requests want: in whose answer, where, and the variable.
const KEPT: [(&str, &str, &str); 7] = [
    ("POST /v2/users/register", "/description/token", "TOKEN"),
    ("POST /v2/users/register", "/description/user_id", "USER_ID"),
    ("POST /v2/users/login", "/token", "JWT"),
    ("POST /v2/auth/otp/validate", "/token", "JWT"),
    ("POST /v2/sends", "/description/send_id", "SEND_ID"),
    ("POST /v2/tokens", "/description/token_id", "TOKEN_ID"),
    ("POST /v2/sends/bulk", "/description/operation_id", "OPERATION_ID"),
];

type Says = fn(&Value) -> bool;

/// What the README says of an answer beyond its success; what is only looked at is asked for again until it is so.
const SAID: [(&str, Says); 19] = [
    ("POST /v2/auth/otp/validate", |said| said["expires_in"] == 86_400),
    ("GET /v2/numbers/connect?number=5511988887777", |said| is_picture(&said["description"]["qr_base64"])),
    ("GET /v2/numbers/connect?number=5511988887777&method=code", |said| {
        said["description"]["pairing_code"].is_string()
    }),
    ("GET /v2/numbers/status?number=5511988887777", |said| said["description"]["status"] == "conectado"),
    ("GET /v2/sends/$SEND_ID", |said| said["description"]["status"] == "entregue"),
    ("POST /v2/uploads", |said| {
        said["description"]["url"].is_string() && said["description"]["fields"].is_object()
    }),
    ("GET /v2/reports/exports/$EXPORT_ID", |said| said["description"]["url"].is_string()),
    ("DELETE /v2/sends/$SEND_ID", |said| said["description"]["status"] == "cancelado"),
    ("GET /v2/sends/bulk", |said| said["description"][0]["operation_id"].is_string()),
    ("GET /v2/sends/bulk/$OPERATION_ID", |said| said["description"]["counts"].is_object()),
    ("GET /v2/sends/bulk/$OPERATION_ID/sends", |said| said["description"][0]["index"] == 0),
    ("POST /v2/sends/bulk/$OPERATION_ID/pause", |said| said["description"]["status"] == "pausado"),
    ("PUT /v2/webhooks", |said| said["description"]["secret"].is_string()),
    ("POST /v2/webhooks/test", |said| said["description"]["delivered"] == true),
    ("POST /v2/webhooks/secret", |said| said["description"]["secret"].is_string()),
    ("GET /Recep%C3%A7%C3%A3o/qrcode?base64=true", |said| is_picture(&said["qrcode"])),
    ("GET /Recep%C3%A7%C3%A3o/conversas", Value::is_array),
    ("GET /Recep%C3%A7%C3%A3o/enviarmsg?numero=5521966665555&msg=Ol%C3%A1", |said| said["fromMe"] == true),
    ("GET /rotas", |said| said.as_str().is_some_and(|page| page.contains("enviarmsg"))),
];

fn is_picture(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with("data:image/png;base64,"))
}

/// Somebody who follows the README in a directory with a file to send.
struct Reader<'a> {
    world: &'a World,
    desk: PathBuf,
    variables: BTreeMap<&'static str, String>,
    code: String,
}

impl<'a> Reader<'a> {
    fn new(world: &'a World) -> Self {
        let desk = world.state_dir().join("desk");
        std::fs::create_dir_all(&desk).unwrap();
        std::fs::write(desk.join("proposta.pdf"), samples::pdf()).unwrap();
        let variables =
            [("API", world.api_url()), ("OPERATOR", world.operator_token().to_owned())].into_iter().collect();
        Self { world, desk, variables, code: SHOWN_CODE.to_owned() }
    }

    /// The tenant, once it is registered.
    fn tenant(&self) -> Tenant<'a> {
        Tenant::new(self.world, self.variables["TOKEN"].clone(), &self.variables["USER_ID"])
    }

    /// Runs a request, and answers the status and the body, as text where it is no JSON.
    async fn run(&self, request: &str) -> (u16, Value) {
        assert!(request.starts_with("curl "), "only requests are run here: {request}");
        let later = jiff::Timestamp::now() + Duration::from_secs(86_400);
        let request = request.replace(SHOWN_CODE, &self.code).replace(SHOWN_TIME, &later.to_string());
        // A variable that nobody has filled is a mistake, not an empty text.
        let script =
            format!("set -u\ncurl() {{ command curl -sS -w '\\n%{{http_code}}' \"$@\"; }}\n{request}");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(&self.desk).envs(&self.variables).stdin(Stdio::null());
        let output = shell.kill_on_drop(true).output().await.unwrap();
        assert!(output.status.success(), "{request}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let (body, status) = text.rsplit_once('\n').unwrap();
        (status.parse().unwrap(), serde_json::from_str(body).unwrap_or_else(|_| body.into()))
    }

    /// Runs a request as it stands in the README, and does what its text says of it.
    async fn follow(&mut self, request: &str) {
        let (method, path) = asked(request);
        let asked = format!("{method} {path}");
        let says = SAID.iter().find(|(of, _)| *of == asked).map(|(_, says)| says);
        let answer = until_seen(&format!("the answer is what the README says: {request}"), async || {
            let (status, body) = self.run(request).await;
            assert!((200..300).contains(&status), "{request}: {status} {body}");
            // What went into a file is not printed.
            assert!(!path.starts_with("/v2/") || body == "" || body["success"] == true, "{request}: {body}");
            match says {
                Some(says) if !says(&body) && method == "GET" => Err(body),
                Some(says) if !says(&body) => panic!("{request}: {body}"),
                _ => Ok(body),
            }
        })
        .await;
        for (_, place, variable) in KEPT.iter().filter(|(of, ..)| *of == asked) {
            let kept = answer.pointer(place).and_then(Value::as_str);
            let kept = kept.unwrap_or_else(|| panic!("{request}: no {place} in {answer}"));
            self.variables.insert(variable, kept.to_owned());
        }
        self.act(&asked, &answer).await;
    }

    /// What somebody does when a request was answered.
    async fn act(&mut self, asked: &str, answer: &Value) {
        match asked {
            "POST /v2/auth/otp/request" => self.code = self.world.mailed_code(TENANT, 1).await,
            "GET /v2/numbers/connect?number=5511988887777&method=code" => {
                let code = json!({"number": WORKER, "code": answer["description"]["pairing_code"]});
                self.world.admin("POST", "/admin/mock-phone/enter-code", Some(&code)).await;
            }
            "GET /v2/reports/sends?from_number=5511988887777&format=csv" => {
                let report = std::fs::read_to_string(self.desk.join("envios.csv")).unwrap();
                assert!(report.contains("send_id") && report.contains("Olá, mundo!"), "{report}");
            }
            "GET /v2/reports/sends?from_number=5511988887777&summary=true" => self.outgrow().await,
            "GET /Recep%C3%A7%C3%A3o/qrcode?base64=true" => {
                let session = Named::new(self.world, &self.tenant(), SESSION);
                session.scan(SESSION_WORKER).await;
                session.connected().await;
            }
            _ => {}
        }
    }

    /// Sends so much that a report does not fit an answer any more, and asks for one.
    async fn outgrow(&mut self) {
        aws::multiply(self.world, &self.variables["SEND_ID"], MANY).await;
        let asked = self.tenant().get(&format!("/v2/reports/sends?from_number={WORKER}&format=csv")).await;
        assert_eq!(asked.status, 202, "{}", asked.text());
        let export = asked.json()["description"]["export_id"].as_str().unwrap().to_owned();
        self.variables.insert("EXPORT_ID", export);
    }
}

/// What somebody sees of a message: its text, or its file's caption or name.
fn shown(message: &Value) -> &str {
    let media = &message["media"];
    let mut said =
        [&message["text"], &media["caption"], &media["file_name"]].into_iter().filter_map(Value::as_str);
    said.find(|text| !text.is_empty()).unwrap_or_else(|| panic!("nothing is shown of {message}"))
}

#[tokio::test]
async fn the_readme_can_be_followed() {
    let files = Files::start().await;
    let world = World::start_with(&files).await;
    files.serve("/imagem.jpg", "image/jpeg", samples::png());
    files.serve("/whatsapp", "text/plain", "ok");
    for phone in [WORKER, SESSION_WORKER] {
        world.contact(phone).await;
    }
    let recipient = world.contact(RECIPIENT).await;
    let [readme, _] = readmes();
    let mut reader = Reader::new(&world);
    for request in requests(&readme) {
        reader.follow(&request).await;
    }
    let came = recipient.arrived(4).await;
    assert_eq!(
        came.iter().map(shown).collect::<Vec<_>>(),
        ["Olá, mundo!", "Nossa loja", "proposta.pdf", "Olá"]
    );
    world.stop().await;
}
