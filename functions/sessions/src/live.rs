//! What only the session itself can answer or do: `novocontatovalidar`, `chatonline`, `status`, `foto`, `visualizar`, `marcarnlido`,
//! `grupoentrar` and `gruposair`.

use crate::asked::Asked;
use crate::chats::of_group;
use crate::routes::App;
use crate::session::Paired;
use axum::Json;
use axum::response::{IntoResponse, Response};
use carteiro_core::chat::{Address, Chat, InviteCode};
use carteiro_core::error::{Code, Problem};
use carteiro_core::query::{Answer, Query, QueryFailure};
use carteiro_core::usecase::AskError;
use carteiro_core::v1;
use carteiro_http::ApiError;
use serde_json::{Value, json};

/// Whether a number is on WhatsApp, and how WhatsApp writes it.
pub(crate) async fn validate(asked: Asked) -> Result<Json<v1::Validation>, ApiError> {
    let number = asked.numero()?.phone().ok_or_else(|| ApiError::invalid(Code::InvalidPhone, "numero"))?;
    let session = asked.linked().await?;
    match asked.app.ask(&session, Query::Validate { numbers: vec![number] }).await? {
        Answer::Validated { numbers } if !numbers.is_empty() => Ok(Json((&numbers[0]).into())),
        _ => Err(unexpected()),
    }
}

pub(crate) async fn online(asked: Asked) -> Result<Json<bool>, ApiError> {
    match of_somebody(&asked, |who| Query::Online { who }).await? {
        (_, Answer::Online { online }) => Ok(Json(online)),
        _ => Err(unexpected()),
    }
}

/// What a person says about themselves.
pub(crate) async fn about(asked: Asked) -> Result<Json<Value>, ApiError> {
    match of_somebody(&asked, |who| Query::About { who }).await? {
        (who, Answer::About { text }) => Ok(Json(json!({"id": who.v1(), "status": text}))),
        _ => Err(unexpected()),
    }
}

pub(crate) async fn picture(asked: Asked) -> Result<Json<v1::Picture>, ApiError> {
    match of_somebody(&asked, |who| Query::Picture { who }).await? {
        (who, Answer::Picture { picture }) => Ok(Json(v1::Picture::new(&who, picture.as_ref()))),
        _ => Err(unexpected()),
    }
}

/// Asks the session about whom `numero` names, by the address that WhatsApp knows.
async fn of_somebody(
    asked: &Asked,
    query: impl FnOnce(Address) -> Query,
) -> Result<(Address, Answer), ApiError> {
    let who = asked.numero()?;
    let session = asked.linked().await?;
    let who = asked.app.on_whatsapp(&session, &who).await?;
    let answer = asked.app.ask(&session, query(who.clone())).await?;
    Ok((who, answer))
}

/// Tells the people of a chat that it was read.
pub(crate) async fn mark_read(asked: Asked) -> Result<Json<&'static str>, ApiError> {
    in_a_chat(&asked, |chat| Query::MarkRead { chat }).await?;
    Ok(Json("ok"))
}

/// Marks a chat as unread, and answers it as it is then.
pub(crate) async fn mark_unread(asked: Asked) -> Result<Json<v1::Chat>, ApiError> {
    let (session, address) = in_a_chat(&asked, |chat| Query::MarkUnread { chat }).await?;
    let known = asked.app.chats.chat(&session.number, &address).await?;
    let chat = known.unwrap_or_else(|| Chat::new(address, None));
    // What the session has just done may not be stored yet.
    let chat = Chat { marked_unread: true, ..chat };
    Ok(Json(asked.app.shown(&session.number, &chat).await?))
}

/// Has the session do something in the chat that `numero` names.
async fn in_a_chat(
    asked: &Asked,
    query: impl FnOnce(Address) -> Query,
) -> Result<(Paired, Address), ApiError> {
    let chat = asked.numero()?;
    let session = asked.linked().await?;
    let chat = asked.app.chat_of(&session.number, &chat).await?;
    match asked.app.ask(&session, query(chat.clone())).await? {
        Answer::Done => Ok((session, chat)),
        _ => Err(unexpected()),
    }
}

/// Joins a group by its invite, and answers it.
pub(crate) async fn join(asked: Asked) -> Result<Response, ApiError> {
    let code = asked.text("link")?;
    let code: InviteCode = code.parse().map_err(|_| ApiError::invalid(Code::InvalidParameter, "link"))?;
    let session = asked.linked().await?;
    match asked.app.ask(&session, Query::JoinGroup { code }).await? {
        Answer::Group { group } => {
            let chat = asked.app.chats.chat(&session.number, &group.address).await?;
            Ok(Json(of_group(&group, chat, &session.number)).into_response())
        }
        Answer::AwaitsApproval { group } => Ok(Json(json!({
            "message": "Aguardando a aprovação de um administrador do grupo.",
            "id": v1::Id::from(&group),
        }))
        .into_response()),
        _ => Err(unexpected()),
    }
}

/// Leaves a group, and answers it as it was known.
pub(crate) async fn leave(asked: Asked) -> Result<Json<v1::Chat>, ApiError> {
    let group = asked.group()?;
    let session = asked.linked().await?;
    let chat = asked.app.chats.chat(&session.number, &group).await?;
    let chat = chat.unwrap_or_else(|| Chat::new(group.clone(), None));
    let shown = asked.app.shown(&session.number, &chat).await?;
    match asked.app.ask(&session, Query::LeaveGroup { group }).await? {
        Answer::Done => Ok(Json(shown)),
        _ => Err(unexpected()),
    }
}

impl App {
    /// Asks the session.
    async fn ask(&self, session: &Paired, query: Query) -> Result<Answer, ApiError> {
        self.ask.ask(&session.number, session.link.shard, query).await.map_err(failed)
    }
}

/// V1 knows one failure more than "it went wrong": a session that is not connected.
fn failed(error: AskError) -> ApiError {
    match error {
        AskError::Unavailable(error) => error.into(),
        AskError::Failed(QueryFailure::NotConnected) => ApiError::new(Code::SessionNotVerified),
        AskError::Failed(failure) => {
            Problem::new(Code::Internal).caused_by(format!("the session answered {failure:?}")).into()
        }
    }
}

fn unexpected() -> ApiError {
    Problem::new(Code::Internal).caused_by("the session answered another question").into()
}
