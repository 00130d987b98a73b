//! The published document's commands, run by a shell as they are printed. `curls/` holds them word for word; only the host,
//! the tokens, the mailed code and the path of the file on the reader's disk are put in.

use crate::files::Files;
use crate::samples;
use crate::world::World;
use serde_json::{Value, json};
use std::path::Path;
use tokio::process::Command;

/// A command of the document.
macro_rules! printed {
    ($name:literal) => {
        include_str!(concat!("curls/", $name, ".sh"))
    };
}

/// What stands in for the document's placeholders.
struct Reader<'a> {
    world: &'a World,
    jwt: String,
    token: String,
    picture: String,
}

impl Reader<'_> {
    /// Runs a command and answers the status and the body of the answer.
    async fn run(&self, printed: &str) -> (u16, Value) {
        let command = printed
            .replace("https://SEU_HOST", &self.world.api_url())
            .replace("<JWT>", &self.jwt)
            .replace("<TOKEN>", &self.token)
            .replace("/caminho/para/imagem.jpg", &self.picture);
        assert_ne!(command, printed);
        let command = format!("{} -sS -w '\\n%{{http_code}}'", command.trim_end());
        let output = Command::new("bash").args(["-c", &command]).output().await.unwrap();
        assert!(output.status.success(), "{printed}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let (body, status) = text.rsplit_once('\n').unwrap();
        (status.parse().unwrap(), serde_json::from_str(body).unwrap_or_else(|_| panic!("{printed}: {body}")))
    }

    /// Runs a command that must succeed with that status.
    async fn succeeds(&self, printed: &str, expected: u16) -> Value {
        let (status, body) = self.run(printed).await;
        assert_eq!((status, body["success"].as_bool()), (expected, Some(true)), "{printed}: {body}");
        assert!(body["message"].is_string());
        body
    }
}

#[tokio::test]
async fn every_command_of_the_document_works_as_printed() {
    let files = Files::start().await;
    let world = World::start_with(&files).await;
    let picture = world.state_dir().join("imagem.jpg");
    std::fs::write(&picture, samples::png()).unwrap();
    files.serve("/imagem.jpg", "image/jpeg", samples::png());
    let mut reader =
        Reader { world: &world, jwt: String::new(), token: String::new(), picture: shown(&picture) };

    // 3: the operator registers; the account logs in.
    reader.token = world.operator_token().to_owned();
    let registered = reader.succeeds(printed!("register"), 201).await;
    reader.token = registered["description"]["token"].as_str().unwrap().to_owned();
    let entered = reader.succeeds(printed!("login"), 200).await;
    reader.jwt = entered["token"].as_str().unwrap().to_owned();

    // 1: codes by e-mail and SMS; the account of the e-mail address registers itself with one first.
    reader.succeeds(printed!("otp_number"), 200).await;
    world.texted_code("5511999999999", 1).await;
    let email = "usuario@exemplo.com";
    let register = json!({"otp_type": "register", "email": email});
    assert_eq!(world.call("POST", "/v2/auth/otp/request", &[], Some(&register)).await.status, 200);
    let code = world.mailed_code(email, 1).await;
    let validate = json!({"otp_type": "register", "email": email, "email_otp_code": code});
    assert_eq!(world.call("POST", "/v2/auth/otp/validate", &[], Some(&validate)).await.status, 200);
    reader.succeeds(printed!("otp_email"), 200).await;
    let code = world.mailed_code(email, 2).await;
    let validated = reader.succeeds(&printed!("otp_validate").replace("123456", &code), 200).await;
    assert_eq!(validated["message"], "Código OTP validado com sucesso.");
    assert_eq!(validated["expires_in"], 86_400);
    assert!(validated["token"].is_string());

    // 4: numbers.
    let set = reader.succeeds(printed!("numbers_set"), 201).await;
    assert_eq!(set["description"]["workers"].as_array().unwrap().len(), 2, "{set}");
    reader.succeeds(printed!("numbers_add"), 201).await;
    let listed = reader.succeeds(printed!("numbers_list"), 200).await;
    assert!(
        listed["description"]["workers"].as_array().unwrap().contains(&json!("5511999999999")),
        "{listed}"
    );
    let status = reader.succeeds(printed!("numbers_status"), 200).await;
    assert_eq!(status["description"]["status"], "desconectado");

    // 2: sends, once the number is paired.
    let tenant = crate::tenant::Tenant::new(&world, reader.token.clone(), "");
    world.contact("5511999999999").await;
    let contact = world.contact("5511888888888").await;
    tenant.scan("5511999999999").await;
    tenant.connected("5511999999999").await;
    for (index, printed) in
        [printed!("send_text"), printed!("send_image"), printed!("upload")].into_iter().enumerate()
    {
        let accepted = reader.succeeds(printed, 201).await;
        tenant.status(accepted["description"]["send_id"].as_str().unwrap(), "entregue").await;
        assert_eq!(contact.messages().await.len(), index + 1);
    }
    let shown = contact.messages().await;
    assert_eq!(shown[0]["text"], "Olá, mundo!");
    assert_eq!(
        (shown[1]["media"]["caption"].as_str(), shown[2]["media"]["caption"].as_str()),
        (Some("Legenda opcional"), Some("Legenda opcional"))
    );

    // 8: a client of the first version.
    let accepted = reader.succeeds(printed!("first_version"), 201).await;
    tenant.status(accepted["description"]["send_id"].as_str().unwrap(), "entregue").await;
    assert_eq!(contact.messages().await[3]["text"], "Olá!");

    // 5: the report, of a year before these sends.
    let report = reader.succeeds(printed!("report"), 200).await;
    assert_eq!(report["description"], json!([]));
    assert_eq!(tenant.report("5511999999999").await.len(), 4);

    // The rest takes away.
    reader.succeeds(printed!("numbers_remove"), 200).await;
    reader.succeeds(printed!("remove"), 200).await;
    world.stop().await;
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
