//! Nothing secret in any log.

use crate::world::World;
use serde_json::json;

const WORKER: &str = "5511988880041";
const CONTACT: &str = "5511977770041";
const TEXT: &str = "texto-muito-secreto-da-mensagem";

#[tokio::test]
async fn no_log_holds_a_secret() {
    let world = World::start().await;
    world.contact(CONTACT).await;
    let email = "zeca@exemplo.com.br";
    let tenant = world.tenant(email, "5511999990050").await;
    let body = json!({"otp_type": "login", "otp_for": "email", "email": email});
    assert_eq!(world.call("POST", "/v2/auth/otp/request", &[], Some(&body)).await.status, 200);
    let otp = world.mailed_code(email, 1).await;
    let body = json!({"otp_type": "login", "otp_for": "email", "email": email, "email_otp_code": otp});
    let jwt = world.call("POST", "/v2/auth/otp/validate", &[], Some(&body)).await.json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = json!({"login": email, "password": "senha-secreta-1"});
    assert_eq!(world.call("POST", "/v2/users/login", &[], Some(&body)).await.status, 200);
    tenant.pair(WORKER).await;
    let send = tenant.send(WORKER, CONTACT, TEXT).await;
    tenant.status(&send, "entregue").await;
    // Refused requests are logged too.
    let broken = format!(r#"{{"from_number": "{WORKER}", "content": "{TEXT}", "#);
    let url = format!("{}/v2/sends", world.api_url());
    world.http.request("POST", &url, &[("token", &tenant.token)], broken.into_bytes()).await.unwrap();
    world.call("GET", "/v2/numbers", &[("token", &format!("{}x", tenant.token))], None).await;

    let logs = world.all_logs();
    assert!(logs.iter().any(|(_, text)| text.contains(&send)), "the logs tell of the send");
    let secrets = [
        ("the code", otp.as_str()),
        ("the API token", &tenant.token),
        ("the JWT", &jwt),
        ("the password", "senha-secreta-1"),
        ("the text", TEXT),
        ("the operator's token", world.operator_token()),
        ("the worker's whole number", WORKER),
        ("the recipient's whole number", CONTACT),
        ("the tenant's e-mail", email),
    ];
    for (log, text) in &logs {
        for (what, secret) in &secrets {
            let found = text.lines().find(|line| line.contains(secret));
            assert!(found.is_none(), "{log} has {what}: {}", found.unwrap_or_default());
        }
    }
    world.stop().await;
}
