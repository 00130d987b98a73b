//! What every route answers of a scripted account, kept in `tests/golden` and compared to the byte, but for white space. `UPDATE_GOLDEN=1`
//! writes the files anew.

use super::account::{ANA, BRUNO, FAMILIA, PADARIA, address, ana};
use super::pairing::will_report;
use super::{LOJA, World};
use carteiro_core::chat::{Group, Person};
use carteiro_core::number::LinkState;
use carteiro_core::query::{Answer, Picture, Query, Validation};
use carteiro_core::session::PairingState;
use carteiro_http::routes::{Function, ROUTES};
use carteiro_http::testing::{Call, Reply};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Pretty JSON with the fields in the order in which they were answered: what a value read by `serde_json` would lose.
fn pretty(json: &str) -> String {
    let (mut out, mut depth, mut inside, mut escaped) = (String::new(), 0_usize, false, false);
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    let mut characters = json.chars().peekable();
    while let Some(c) = characters.next() {
        if inside {
            out.push(c);
            (inside, escaped) = (escaped || c != '"', c == '\\' && !escaped);
            continue;
        }
        match c {
            '"' => (inside, _) = (true, out.push(c)),
            '{' | '[' if characters.next_if(|next| matches!(next, '}' | ']')).is_some() => {
                out.push_str(if c == '{' { "{}" } else { "[]" });
            }
            '{' | '[' => {
                out.push(c);
                depth += 1;
                new_line(&mut out, depth);
            }
            '}' | ']' => {
                depth -= 1;
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    out.push('\n');
    out
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// Compares an answer with the file of that name.
fn compare(name: &str, reply: &Reply) {
    assert_eq!(reply.status, 200, "{name}: {}", reply.text);
    assert!(serde_json::from_str::<Value>(&reply.text).is_ok(), "{name}: {}", reply.text);
    assert_eq!(reply.header("content-type"), "application/json", "{name}");
    compare_text(&format!("{name}.json"), &pretty(&reply.text));
}

/// Compares a page with the file of that name.
fn compare_page(name: &str, reply: &Reply) {
    assert_eq!((reply.status, reply.header("content-type")), (200, "text/html; charset=utf-8"), "{name}");
    compare_text(&format!("{name}.html"), &reply.text);
}

fn compare_text(name: &str, shown: &str) {
    let path = file(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, shown).unwrap();
        return;
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(shown, golden, "{name}; UPDATE_GOLDEN=1 writes it anew");
}

/// What the session of the scripted account answers.
fn answer(query: &Query) -> Option<Answer> {
    let group = || Group {
        address: address("120363000000000002@g.us"),
        subject: "Clientes".into(),
        description: None,
        owner: None,
        created_at: None,
        announce: true,
        locked: false,
        participants: Vec::new(),
    };
    Some(match query {
        Query::Validate { numbers } => {
            let there = numbers[0].digits() == "5531988776655";
            let person = there.then(|| Person::from(address(PADARIA)));
            Answer::Validated {
                numbers: vec![Validation { asked: numbers[0].clone(), person, business: there }],
            }
        }
        Query::Online { who } => Answer::Online { online: *who == *ana().address() },
        Query::About { who } => {
            Answer::About { text: (*who == *ana().address()).then(|| "Disponível 😀".to_owned()) }
        }
        Query::Picture { who } => Answer::Picture {
            picture: (*who == *ana().address()).then(|| Picture {
                id: "1700000000".into(),
                url: "https://pps.whatsapp.net/v/full.jpg?oh=1".into(),
                preview_url: Some("https://pps.whatsapp.net/v/small.jpg?oh=1".into()),
            }),
        },
        Query::JoinGroup { .. } => Answer::Group { group: group() },
        Query::Group { .. } => Answer::Group { group: group() },
        Query::LeaveGroup { .. } | Query::MarkRead { .. } | Query::MarkUnread { .. } => Answer::Done,
        Query::MoreHistory { .. } => Answer::History { count: 0 },
    })
}

async fn world() -> World {
    let world = World::new().await;
    world.phone.answers(answer);
    world
}

#[tokio::test]
async fn every_get_answers_as_it_did() {
    for (name, rest) in [
        ("me", "me".to_owned()),
        ("conversas", "conversas".to_owned()),
        ("conversascommsgs", "conversascommsgs".to_owned()),
        ("conversasnlidas", "conversasnlidas".to_owned()),
        ("todoscontatos", "todoscontatos".to_owned()),
        ("grupos", "grupos".to_owned()),
        ("grupointegrantes", format!("grupointegrantes?numero={FAMILIA}")),
        ("novocontatovalidar", "novocontatovalidar?numero=5531988776655".to_owned()),
        ("novocontatovalidar-ausente", "novocontatovalidar?numero=5511911110000".to_owned()),
        ("novocontato", "novocontato?numero=5511911112222&msg=Ol%C3%A1%3Cbr%3Etudo+bem%3F".to_owned()),
        ("enviarmsg", format!("enviarmsg?numero={ANA}&msg=Oi")),
        ("enviarmsg-grupo", "enviarmsg?numero=120363000000000001&tipo=group&msg=Oi".to_owned()),
        ("encaminharmsg", format!("encaminharmsg?numero={ANA}&msgid=false_{ANA}@c.us_A11")),
        ("enviarcontato", format!("enviarcontato?numero={BRUNO}&contato={ANA}")),
        ("chatonline", format!("chatonline?numero={ANA}")),
        ("status", format!("status?numero={ANA}")),
        ("status-oculto", format!("status?numero={BRUNO}")),
        ("visualizar", format!("visualizar?numero={ANA}")),
        ("marcarnlido", format!("marcarnlido?numero={FAMILIA}")),
        ("foto", format!("foto?numero={ANA}")),
        ("foto-oculta", format!("foto?numero={FAMILIA}&tipo=group")),
        ("mensagens", format!("mensagens?numero={ANA}")),
        ("mensagensgroup", "mensagensgroup?numero=120363000000000001".to_owned()),
        ("carregarmaismensagens", format!("carregarmaismensagens?numero={FAMILIA}&tipo=group")),
        ("todasmensagens", "todasmensagens?numero=5531988776655".to_owned()),
        ("grupoentrar", "grupoentrar?link=https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv".to_owned()),
        ("gruposair", format!("gruposair?numero={FAMILIA}")),
    ] {
        compare(name, &world().await.get(&rest).await);
    }
}

#[tokio::test]
async fn the_list_of_sessions_answers_as_it_did() {
    let world = world().await;
    compare("sessions", &world.call(Call::new("GET", "/sessions")).await);
    world.get("sair").await;
    compare("sessions-nenhuma", &world.call(Call::new("GET", "/sessions")).await);
}

/// The routes of V1 only: whoever adds one to another version changes nothing that is kept here.
#[tokio::test]
async fn the_list_of_routes_answers_as_it_did() {
    let world = world().await;
    let own = |path: &str| matches!(path, "/rotas" | "/sessions") || path.starts_with("/{sessao}");
    let json = world.call(Call::new("GET", "/rotas").header("accept", "application/json")).await;
    let listed = json.body["rotas"].as_array().unwrap();
    let ours: Vec<&Value> = listed.iter().filter(|route| own(route["rota"].as_str().unwrap())).collect();
    assert!(ours.len() < listed.len(), "the other version's too");
    compare("rotas", &Reply { text: json!({"rotas": ours}).to_string(), ..json });
    let page = world.call(Call::new("GET", "/rotas")).await;
    let row = |line: &&str| !line.starts_with("<li>") || line.split([' ', '<']).any(own);
    let text: String = page.text.lines().filter(row).flat_map(|line| [line, "\n"]).collect();
    compare_page("rotas", &Reply { text, ..page });
}

#[tokio::test]
async fn a_connection_answers_as_it_did() {
    let world = world().await;
    for route in ["autenticacao", "qrcode", "conexao"] {
        compare(route, &world.get(route).await);
    }
    compare_page("qrcode-autenticada", &world.get("qrcode?img=true").await);
    world.report(LinkState::Reconnecting, None);
    compare("conexao-sem-rede", &world.get("conexao").await);
    compare("me-sem-rede", &world.get("me").await);
    compare("sair", &world.get("sair").await);
    for route in ["me", "conexao", "conversas", "sair"] {
        compare("sessao-nao-verificada", &world.get(route).await);
    }
}

#[tokio::test]
async fn a_new_session_answers_as_it_did() {
    let world = world().await;
    let get = async |rest: &str| world.call(Call::new("GET", &format!("/Nova/{rest}"))).await;
    compare("qrcode-nenhum", &get("qrcode").await);
    compare("autenticacao-em-processo", &get("autenticacao").await);
    will_report(&world, "Nova", PairingState::Waiting);
    compare("autenticacao-nova", &get("autenticacao").await);
    compare("conexao-nova", &get("conexao").await);
    compare("qrcode-novo", &get("qrcode").await);
    compare("qrcode-base64", &get("qrcode?base64=true").await);
    compare_page("qrcode-img", &get("qrcode?img=true").await);
}

#[test]
fn every_route_has_a_file() {
    let ours = ROUTES.iter().filter(|route| route.function == Function::Sessions);
    let names: Vec<&str> = ours.filter_map(|route| route.path.rsplit('/').next()).collect();
    assert!(names.len() > 30, "{names:?}");
    for name in names {
        assert!(file(&format!("{name}.json")).is_file(), "{name} is not kept");
    }
}

#[tokio::test]
async fn a_file_is_decrypted_from_its_id_or_from_the_message() {
    let world = world().await;
    let path = format!("{LOJA}/desfile");
    let known = json!({"id": format!("false_{ANA}@c.us_A11")});
    compare("desfile", &world.call(Call::new("POST", &path).json(known)).await);
    let message = json!({
        "id": {"_serialized": format!("false_{ANA}@c.us_ZZZ")},
        "type": "image", "mimetype": "image/jpeg", "size": 99,
        "mediaKey": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=", "directPath": "/v/t62.7118-24/9",
    });
    compare("desfile-desconhecida", &world.call(Call::new("POST", &path).json(message)).await);
}

#[tokio::test]
async fn files_are_answered_with_their_message() {
    for (name, message) in [("enviarimagem", "foto.jpg"), ("enviardoc", "orçamento.pdf")] {
        let form = super::sends::form(&[
            ("numero", None, ANA.as_bytes()),
            ("caption", None, "Olha só".as_bytes()),
            ("doc", Some(message), b"bytes"),
        ]);
        compare(name, &world().await.call(super::sends::post(name, &form)).await);
    }
    let body = json!({"numero": ANA, "audio_data": "data:audio/ogg;base64,T2dnUw=="});
    let call = Call::new("POST", &format!("{LOJA}/enviaraudio")).json(body);
    compare("enviaraudio", &world().await.call(call).await);
}
