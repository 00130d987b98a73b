//! `GET /v2/operator/users`, `GET` and `PUT /v2/operator/users/{user_id}`.

use axum::extract::State;
use carteiro_core::audit::AuditAction;
use carteiro_core::error::Code;
use carteiro_core::mail::MailReturned;
use carteiro_core::phone::Phone;
use carteiro_core::usecase::{Operator, UserChange};
use carteiro_core::user::User;
use carteiro_http::{Answer, ApiError, JsonBody, QueryFields, UserIdOfPath};
use carteiro_telemetry::audit;
use serde_json::{Value, json};
use std::sync::Arc;

/// The tenants, page by page.
pub(crate) async fn list(
    State(operator): State<Arc<Operator>>,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let (cursor, limit) = (query.optional::<String>("cursor")?, limit(&query)?);
    let list = operator.users(cursor.as_deref(), limit).await?;
    let users: Vec<Value> = list.users.iter().map(|user| shown(&operator, user)).collect();
    let description = json!({"users": users, "next_cursor": list.next_cursor});
    Ok(Answer::ok("Usuários listados com sucesso.").description(description))
}

/// How many are asked for.
pub(crate) fn limit(query: &QueryFields) -> Result<Option<usize>, ApiError> {
    match query.optional::<String>("limit")? {
        None => Ok(None),
        Some(text) => Ok(Some(text.parse().map_err(|_| ApiError::invalid(Code::InvalidParameter, "limit"))?)),
    }
}

/// One tenant.
pub(crate) async fn show(
    State(operator): State<Arc<Operator>>,
    UserIdOfPath(id): UserIdOfPath,
) -> Result<Answer, ApiError> {
    let user = operator.user(id).await?;
    Ok(Answer::ok("Usuário encontrado.").description(shown(&operator, &user)))
}

/// Gives a tenant a plan, a time zone or both.
pub(crate) async fn change(
    State(operator): State<Arc<Operator>>,
    UserIdOfPath(id): UserIdOfPath,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let change = UserChange { plan: body.optional("plan")?, time_zone: body.optional("time_zone")? };
    let to = change.told();
    let user = operator.change(id, change).await?;
    audit("operator", AuditAction::Change.as_str(), id, to);
    Ok(Answer::ok("Usuário alterado com sucesso.").description(shown(&operator, &user)))
}

/// A tenant, with the time zone that its days begin in, its own or the deployment's.
fn shown(operator: &Operator, user: &User) -> Value {
    json!({
        "user_id": user.id.to_string(),
        "login": user.login.as_ref().map(|login| login.as_str()),
        "email": user.email.as_ref().map(|email| email.as_str()),
        "email_returned": user.mail_returned.map(returned),
        "number": user.phone.as_ref().map(Phone::digits),
        "plan": user.plan.as_str(),
        "time_zone": user.zone_or(&operator.zone).iana_name(),
        "retention_days": operator.plans.retention_of(user).days(),
        "created_at": user.created_at.to_string(),
    })
}

/// That mail to a tenant came back for good: why, and when.
fn returned(mail: MailReturned) -> Value {
    json!({"reason": mail.why.as_str(), "at": mail.at.to_string()})
}
