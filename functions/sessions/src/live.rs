//! What only the session itself can answer or do: `novocontatovalidar`, `chatonline`, `status`, `foto`, `visualizar`, `marcarnlido`,
//! `grupoentrar` and `gruposair`.

use crate::asked::{group, numero, text};
use crate::chats::of_group;
use crate::name::Named;
use crate::routes::App;
use crate::session::Paired;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use carteiro_core::chat::{Chat, InviteCode};
use carteiro_core::error::{Code, Problem};
use carteiro_core::query::{Answer, Query, QueryFailure};
use carteiro_core::usecase::AskError;
use carteiro_core::v1;
use carteiro_http::{ApiError, QueryFields, Story, Tenant};
use serde_json::{Value, json};
use std::sync::Arc;

/// Whether a number is on WhatsApp, and how WhatsApp writes it.
pub(crate) async fn validate(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Json<v1::Validation>, ApiError> {
    let asked = numero(&query)?.phone().ok_or_else(|| ApiError::invalid(Code::InvalidPhone, "numero"))?;
    let session = app.linked(&tenant, &story, &name).await?;
    match app.ask(&session, Query::Validate { numbers: vec![asked] }).await? {
        Answer::Validated { numbers } if !numbers.is_empty() => Ok(Json((&numbers[0]).into())),
        _ => Err(unexpected()),
    }
}

pub(crate) async fn online(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Json<bool>, ApiError> {
    let who = numero(&query)?;
    let session = app.linked(&tenant, &story, &name).await?;
    let who = app.on_whatsapp(&session, &who).await?;
    match app.ask(&session, Query::Online { who }).await? {
        Answer::Online { online } => Ok(Json(online)),
        _ => Err(unexpected()),
    }
}

/// What a person says about themselves.
pub(crate) async fn about(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Json<Value>, ApiError> {
    let who = numero(&query)?;
    let session = app.linked(&tenant, &story, &name).await?;
    let who = app.on_whatsapp(&session, &who).await?;
    match app.ask(&session, Query::About { who: who.clone() }).await? {
        Answer::About { text } => Ok(Json(json!({"id": who.v1(), "status": text}))),
        _ => Err(unexpected()),
    }
}

pub(crate) async fn picture(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Json<v1::Picture>, ApiError> {
    let who = numero(&query)?;
    let session = app.linked(&tenant, &story, &name).await?;
    let who = app.on_whatsapp(&session, &who).await?;
    match app.ask(&session, Query::Picture { who: who.clone() }).await? {
        Answer::Picture { picture } => Ok(Json(v1::Picture::new(&who, picture.as_ref()))),
        _ => Err(unexpected()),
    }
}

/// Tells the people of a chat that it was read.
pub(crate) async fn mark_read(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Json<&'static str>, ApiError> {
    let chat = numero(&query)?;
    let session = app.linked(&tenant, &story, &name).await?;
    let chat = app.chat_of(&session.number, &chat).await?;
    match app.ask(&session, Query::MarkRead { chat }).await? {
        Answer::Done => Ok(Json("ok")),
        _ => Err(unexpected()),
    }
}

/// Marks a chat as unread, and answers it as it is then.
pub(crate) async fn mark_unread(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Json<v1::Chat>, ApiError> {
    let chat = numero(&query)?;
    let session = app.linked(&tenant, &story, &name).await?;
    let address = app.chat_of(&session.number, &chat).await?;
    match app.ask(&session, Query::MarkUnread { chat: address.clone() }).await? {
        Answer::Done => {
            let known = app.chats.chat(&session.number, &address).await?;
            let chat = known.unwrap_or_else(|| Chat::new(address, None));
            // What the session has just done may not be stored yet.
            let chat = Chat { marked_unread: true, ..chat };
            Ok(Json(app.shown(&session.number, &chat).await?))
        }
        _ => Err(unexpected()),
    }
}

/// Joins a group by its invite, and answers it.
pub(crate) async fn join(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Response, ApiError> {
    let code = text(&query, "link")?;
    let code: InviteCode = code.parse().map_err(|_| ApiError::invalid(Code::InvalidParameter, "link"))?;
    let session = app.linked(&tenant, &story, &name).await?;
    match app.ask(&session, Query::JoinGroup { code }).await? {
        Answer::Group { group } => {
            let chat = app.chats.chat(&session.number, &group.address).await?;
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
pub(crate) async fn leave(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Json<v1::Chat>, ApiError> {
    let group = group(&query)?;
    let session = app.linked(&tenant, &story, &name).await?;
    let chat = app.chats.chat(&session.number, &group).await?;
    let chat = chat.unwrap_or_else(|| Chat::new(group.clone(), None));
    let shown = app.shown(&session.number, &chat).await?;
    match app.ask(&session, Query::LeaveGroup { group }).await? {
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
