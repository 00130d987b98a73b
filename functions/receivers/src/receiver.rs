//! `PUT`, `GET` and `DELETE /v2/webhooks`, `POST /v2/webhooks/secret`.

use crate::routes::App;
use crate::shown;
use axum::extract::State;
use carteiro_core::error::Code;
use carteiro_core::session::SessionName;
use carteiro_core::usecase::WantedReceiver;
use carteiro_core::webhook::{EventKind, ReceiverScope, ReceiverUrl, WebhookFormat};
use carteiro_http::{Answer, ApiError, JsonBody, QueryFields, Tenant};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Sets the tenant's webhook. The secret of one that is new is answered, this once.
pub(crate) async fn set(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let url = body.required::<String>("url").map_err(|error| match error.0.code() {
        Code::InvalidParameter => ApiError::new(Code::InvalidWebhookUrl),
        _ => error,
    })?;
    let url = ReceiverUrl::parse(&url).map_err(|_| ApiError::new(Code::InvalidWebhookUrl))?;
    let format = body.optional::<WebhookFormat>("format")?.unwrap_or_default();
    let kinds = match body.optional_list::<EventKind>("events", usize::MAX)? {
        None => None,
        Some(kinds) if kinds.is_empty() => {
            return Err(ApiError::invalid(Code::InvalidEventKind, "events"));
        }
        Some(kinds) => Some(BTreeSet::from_iter(kinds)),
    };
    let wanted = WantedReceiver { url, format, kinds };
    let done = app.set.set(tenant.id, ReceiverScope::Tenant, wanted).await?;
    if done.is_new {
        let secret = Some(&done.receiver.secrets.current);
        return Ok(Answer::created("Webhook cadastrado. Guarde o segredo: ele não será mostrado de novo.")
            .description(shown::receiver(&done.receiver, secret)));
    }
    app.log.wake_all(&done.receiver).await?;
    Ok(Answer::ok("Webhook atualizado.").description(shown::receiver(&done.receiver, None)))
}

/// The tenant's webhook and those of its sessions, without their secrets.
pub(crate) async fn show(State(app): State<Arc<App>>, tenant: Tenant) -> Result<Answer, ApiError> {
    let all = app.book.list(tenant.id).await?;
    let (own, sessions): (Vec<_>, Vec<_>) =
        all.iter().partition(|receiver| receiver.scope == ReceiverScope::Tenant);
    let sessions: Vec<_> = sessions.into_iter().map(|receiver| shown::receiver(receiver, None)).collect();
    let own = own.first().map(|receiver| shown::receiver(receiver, None));
    Ok(Answer::ok("Webhooks listados com sucesso.")
        .description(json!({ "webhook": own, "sessions": sessions })))
}

/// Takes the tenant's webhook away, or that of a session.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    app.book.remove(tenant.id, &scope(&query)?).await?;
    Ok(Answer::ok("Webhook removido."))
}

/// Makes a new secret and answers it, this once. Deliveries are signed with the one before as well, for a day.
pub(crate) async fn rotate(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let receiver = app.book.rotate(tenant.id, &scope(&query)?).await?;
    let mut description = shown::receiver(&receiver, Some(&receiver.secrets.current));
    let until = receiver.secrets.previous.as_ref().map(|(_, until)| shown::instant(*until));
    description.insert("old_secret_expires_at".into(), json!(until));
    Ok(Answer::created("Segredo renovado. Guarde-o: ele não será mostrado de novo.").description(description))
}

/// Which webhook a query is about: the tenant's, or that of `session`. What is no session's name is no session: 404.
pub(crate) fn scope(query: &QueryFields) -> Result<ReceiverScope, ApiError> {
    match query.optional::<String>("session")? {
        None => Ok(ReceiverScope::Tenant),
        Some(name) => match name.parse::<SessionName>() {
            Ok(name) => Ok(ReceiverScope::Session(name)),
            Err(_) => Err(ApiError::new(Code::WebhookNotFound)),
        },
    }
}
