//! The routes of V1.

use crate::{chats, contacts, live, me, media, messages, pairing, rotas, sends};
use axum::Router;
use axum::http::Method;
use carteiro_core::ports::{ChatReader, Links, NamedSessions, ObjectLinks};
use carteiro_core::usecase::{AcceptSend, Ask, KeepMedia, SetReceiver, V1Sessions};
use carteiro_http::routes::Function;
use carteiro_http::{Api, Gate, KeyRing, RoutesDiffer};
use std::sync::Arc;

/// What the handlers work with.
pub(crate) struct App {
    pub(crate) names: Arc<dyn NamedSessions>,
    pub(crate) links: Arc<dyn Links>,
    pub(crate) chats: Arc<dyn ChatReader>,
    pub(crate) pairing: V1Sessions,
    pub(crate) receivers: SetReceiver,
    pub(crate) ask: Ask,
    pub(crate) accept: AcceptSend,
    pub(crate) keep: KeepMedia,
    pub(crate) files: Arc<dyn ObjectLinks>,
    /// What cursors are signed with.
    pub(crate) keys: Arc<KeyRing>,
}

/// The function's router.
pub(crate) fn router(app: App, gate: Arc<Gate>) -> Result<Router, RoutesDiffer> {
    Api::new(Function::Sessions)
        .route(Method::GET, "/rotas", rotas::routes)
        .route(Method::GET, "/sessions", rotas::sessions)
        .route(Method::GET, "/{sessao}/autenticacao", pairing::authenticate)
        .route(Method::GET, "/{sessao}/qrcode", pairing::qrcode)
        .route(Method::GET, "/{sessao}/sair", pairing::log_out)
        .route(Method::GET, "/{sessao}/me", me::me)
        .route(Method::GET, "/{sessao}/conexao", pairing::state)
        .route(Method::GET, "/{sessao}/conversas", chats::all)
        .route(Method::GET, "/{sessao}/conversascommsgs", chats::with_messages)
        .route(Method::GET, "/{sessao}/conversasnlidas", chats::unread)
        .route(Method::GET, "/{sessao}/todoscontatos", contacts::all)
        .route(Method::GET, "/{sessao}/novocontatovalidar", live::validate)
        .route(Method::GET, "/{sessao}/novocontato", sends::send_text)
        .route(Method::GET, "/{sessao}/chatonline", live::online)
        .route(Method::GET, "/{sessao}/status", live::about)
        .route(Method::GET, "/{sessao}/visualizar", live::mark_read)
        .route(Method::GET, "/{sessao}/marcarnlido", live::mark_unread)
        .route(Method::GET, "/{sessao}/foto", live::picture)
        .route(Method::GET, "/{sessao}/mensagens", messages::latest)
        .route(Method::GET, "/{sessao}/mensagensgroup", messages::latest_of_group)
        .route(Method::GET, "/{sessao}/carregarmaismensagens", messages::with_more)
        .route(Method::GET, "/{sessao}/todasmensagens", messages::all)
        .route(Method::GET, "/{sessao}/enviarmsg", sends::send_text)
        .route(Method::GET, "/{sessao}/encaminharmsg", sends::forward)
        .route(Method::GET, "/{sessao}/enviarcontato", sends::send_contact)
        .route(Method::GET, "/{sessao}/grupos", chats::groups)
        .route(Method::GET, "/{sessao}/grupointegrantes", contacts::of_group)
        .route(Method::GET, "/{sessao}/grupoentrar", live::join)
        .route(Method::GET, "/{sessao}/gruposair", live::leave)
        .route(Method::POST, "/{sessao}/desfile", media::decrypt)
        .route(Method::POST, "/{sessao}/enviarimagem", sends::send_image)
        .route(Method::POST, "/{sessao}/enviardoc", sends::send_document)
        .route(Method::POST, "/{sessao}/enviaraudio", sends::send_voice)
        .behind(gate, Arc::new(app))
}
