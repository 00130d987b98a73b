//! `GET /v2/operator/users`, `GET` and `PUT /v2/operator/users/{user_id}`.

use crate::user_id::UserIdOfPath;
use axum::extract::State;
use carteiro_core::error::Code;
use carteiro_core::phone::Phone;
use carteiro_core::usecase::{Operator, UserChange};
use carteiro_core::user::User;
use carteiro_http::{Answer, ApiError, JsonBody, QueryFields};
use carteiro_telemetry::audit;
use serde_json::{Value, json};
use std::sync::Arc;

/// The tenants, page by page.
pub(crate) async fn list(
    State(operator): State<Arc<Operator>>,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let (cursor, limit) = (query.optional::<String>("cursor")?, query.optional::<String>("limit")?);
    let limit = match limit {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| ApiError::invalid(Code::InvalidParameter, "limit"))?),
    };
    let list = operator.users(cursor.as_deref(), limit).await?;
    let users: Vec<Value> = list.users.iter().map(|user| shown(&operator, user)).collect();
    let description = json!({"users": users, "next_cursor": list.next_cursor});
    Ok(Answer::ok("Usuários listados com sucesso.").description(description))
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
    let plan = change.plan.as_ref().map(|plan| format!("plan={plan}"));
    let zone = change.time_zone.as_ref().map(|zone| format!("time_zone={}", zone.as_str()));
    let user = operator.change(id, change).await?;
    let to = [plan, zone].into_iter().flatten().collect::<Vec<_>>().join(" ");
    audit("operator", "user.change", id, to);
    Ok(Answer::ok("Usuário alterado com sucesso.").description(shown(&operator, &user)))
}

/// A tenant, with the time zone that its days begin in, its own or the deployment's.
fn shown(operator: &Operator, user: &User) -> Value {
    json!({
        "user_id": user.id.to_string(),
        "login": user.login.as_ref().map(|login| login.as_str()),
        "email": user.email.as_ref().map(|email| email.as_str()),
        "number": user.phone.as_ref().map(Phone::digits),
        "plan": user.plan.as_str(),
        "time_zone": user.zone_or(&operator.zone).iana_name(),
        "created_at": user.created_at.to_string(),
    })
}
