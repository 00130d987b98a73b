//! Connecting sessions, their QRs, their states and their end.

use super::account::number;
use super::{LOJA, World, tenant_of, token};
use carteiro_core::lease::Epoch;
use carteiro_core::number::{Desired, LinkState, Qr};
use carteiro_core::ports::{Clock, Receivers};
use carteiro_core::session::{PairingReport, PairingState, SessionName};
use carteiro_core::webhook::{ReceiverScope, WebhookFormat};
use carteiro_http::testing::Call;
use jiff::SignedDuration;
use serde_json::json;

pub(super) const QR: &str = "2@AbCdEf,key,identity,secret";

fn name(text: &str) -> SessionName {
    text.parse().unwrap()
}

/// The session task reports this of the session's pairing as soon as somebody waits for it.
pub(super) fn will_report(world: &World, session: &str, state: PairingState) {
    let (user, name) = (tenant_of(1, "premium").id, name(session));
    let (names, pairings, clock) = (world.names.clone(), world.pairings.clone(), world.clock.clone());
    let expires_at = clock.now() + SignedDuration::from_secs(20);
    world.phone.meanwhile(move || {
        if let Some(id) = names.peek(user, &name).and_then(|session| session.pairing) {
            let qr =
                matches!(state, PairingState::Waiting).then(|| Qr { code: QR.to_owned().into(), expires_at });
            let report = PairingReport { state: state.clone(), qr };
            let _ = pairings.report_now(id, Epoch::FIRST, &report, clock.now());
        }
    });
}

#[tokio::test]
async fn a_new_session_is_authenticated_by_its_qr() {
    let world = World::new().await;
    let get = async |rest: &str| world.call(Call::new("GET", &format!("/Recep%C3%A7%C3%A3o/{rest}"))).await;
    assert_eq!(get("qrcode").await.body, json!({"message": "Qrcode não encontrado"}));
    assert_eq!(get("conexao").await.body, json!({"message": "Esta sessão não está verificada."}));
    will_report(&world, "Recepção", PairingState::Waiting);
    let reply = get("autenticacao").await;
    assert_eq!((reply.status, reply.body), (200, json!({"message": "Autenticando, leia o qrcode."})));
    assert_eq!(get("conexao").await.body, json!({"message": "UNPAIRED"}));
    assert_eq!(get("conversas").await.body, json!({"message": "Esta sessão não está verificada."}));

    let reply = get("qrcode").await;
    assert_eq!((&reply.body, reply.header("cache-control")), (&json!({"qrcode": QR}), "no-store"));
    let picture = get("qrcode?base64=true").await.body["qrcode"].as_str().unwrap().to_owned();
    assert!(picture.starts_with("data:image/png;base64,"));
    let page = get("qrcode?img=true").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(
        page.text.contains(&format!("<img src=\"{picture}\""))
            && page.text.contains("http-equiv=\"refresh\"")
    );
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("no-referrer", "no-store"));
    let sessions = world.call(Call::new("GET", "/sessions")).await.body;
    assert_eq!(sessions, json!({"sessions": ["Minha Loja", "Recepção"]}));
}

#[tokio::test]
async fn the_page_shows_nothing_that_a_client_says() {
    let world = World::new().await;
    let path = "/%3Cscript%3Ealert(1)%3C%2Fscript%3E/qrcode?img=true";
    assert_eq!(world.call(Call::new("GET", path)).await.status, 404, "a name has no slash");
    let path = "/%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E/qrcode?img=true";
    let page = world.call(Call::new("GET", path)).await;
    assert!(page.text.contains("Qrcode não encontrado") && !page.text.contains("onerror"), "{}", page.text);
}

#[tokio::test]
async fn one_that_is_connected_says_so() {
    let world = World::new().await;
    assert_eq!(world.get("autenticacao").await.body, json!({"message": "Autenticado"}));
    assert_eq!(world.get("qrcode").await.body, json!({"message": "Sessão autenticada"}));
    assert!(world.get("qrcode?img=true").await.text.contains("Sessão autenticada"));
    assert_eq!(world.get("conexao").await.body, json!({"message": "CONNECTED"}));
    for (state, word) in [
        (LinkState::Reconnecting, "TIMEOUT"),
        (LinkState::Replaced, "CONFLICT"),
        (LinkState::Banned, "TOS_BLOCK"),
    ] {
        world.report(state, None);
        assert_eq!(world.get("conexao").await.body, json!({"message": word}));
    }
    let by_number = world.call(Call::new("GET", &format!("/{}/conexao", number().digits()))).await;
    assert_eq!(by_number.body, json!({"message": "TOS_BLOCK"}));
}

#[tokio::test]
async fn what_takes_long_or_fails_is_told() {
    let world = World::new().await;
    let reply = world.call(Call::new("GET", "/Nova/autenticacao")).await;
    assert_eq!(reply.body, json!({"message": "Autenticado ou em processo de autenticação."}));
    will_report(&world, "Nova", PairingState::Taken(number()));
    let reply = world.call(Call::new("GET", "/Nova/autenticacao")).await;
    assert_eq!((reply.status, reply.header("x-error-code")), (409, "WORKER_TAKEN"), "{}", reply.text);
}

#[tokio::test]
async fn a_webhook_is_set_and_changed() {
    let world = World::new().await;
    let scope = ReceiverScope::Session(name("Minha Loja"));
    let user = tenant_of(1, "premium").id;
    let reply = world.get("autenticacao?webhook=https%3A%2F%2Fexample.com%2Fgancho").await;
    assert_eq!(reply.body["message"], "Autenticado");
    assert!(reply.body["webhookSecret"].as_str().unwrap().starts_with("whsec_"));
    let receiver = world.webhooks.find(user, &scope).await.unwrap().unwrap();
    assert_eq!((receiver.url.as_str(), receiver.format), ("https://example.com/gancho", WebhookFormat::Json));
    let reply = world.get("autenticacao?webhook=https://example.com/outro&webhookFormat=form").await;
    assert_eq!(reply.body, json!({"message": "Autenticado"}));
    let receiver = world.webhooks.find(user, &scope).await.unwrap().unwrap();
    assert_eq!((receiver.url.as_str(), receiver.format), ("https://example.com/outro", WebhookFormat::Form));
    for query in ["webhook=http://example.com", "webhook=x", "webhook=https://example.com&webhookFormat=xml"]
    {
        let reply = world.get(&format!("autenticacao?{query}")).await;
        assert_eq!(
            (reply.status, &reply.body["message"]),
            (400, &json!("Requisição mal formada")),
            "{query}"
        );
    }
    assert_eq!(
        world.webhooks.find(user, &scope).await.unwrap().unwrap().url.as_str(),
        "https://example.com/outro"
    );
}

#[tokio::test]
async fn who_goes_is_gone() {
    let world = World::new().await;
    let of_another = Call::new("GET", &format!("{LOJA}/sair")).header("token", &token(2));
    let reply = of_another.send(&world.router).await;
    assert_eq!(reply.body, json!({"message": "Esta sessão não está verificada."}));
    assert_eq!(world.get("sair").await.body, json!({"retorno": "Saiu com Sucesso"}));
    assert_eq!(world.links.peek(&number()).unwrap().desired, Desired::Removed);
    for rest in ["sair", "me", "conversas", "conexao"] {
        assert_eq!(
            world.get(rest).await.body,
            json!({"message": "Esta sessão não está verificada."}),
            "{rest}"
        );
    }
    let sessions = world.call(Call::new("GET", "/sessions")).await.body;
    assert_eq!(sessions, json!({"message": "Ainda não foi sincronizado algum numero"}));
}

#[tokio::test]
async fn the_routes_are_listed() {
    let world = World::new().await;
    let page = world.call(Call::new("GET", "/rotas")).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let json = world.call(Call::new("GET", "/rotas").header("accept", "application/json")).await.body;
    let routes = json["rotas"].as_array().unwrap();
    for route in ["/{sessao}/autenticacao", "/{sessao}/desfile", "/v2/sends"] {
        assert!(page.text.contains(route) && routes.iter().any(|listed| listed["rota"] == route), "{route}");
    }
}
