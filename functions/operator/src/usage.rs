//! `GET /v2/operator/users/{user_id}/usage`.

use crate::plans::limits;
use axum::extract::State;
use carteiro_core::usecase::{DayUsage, Operator};
use carteiro_http::{Answer, ApiError, QueryFields, UserIdOfPath};
use serde_json::{Value, json};
use std::sync::Arc;

/// What a tenant sent, day by day, beside what its plan allows.
pub(crate) async fn show(
    State(operator): State<Arc<Operator>>,
    UserIdOfPath(id): UserIdOfPath,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let (from, to) = (query.optional::<String>("from")?, query.optional::<String>("to")?);
    let usage = operator.usage(id, from.as_deref(), to.as_deref()).await?;
    let day = |day: &DayUsage| json!({"date": day.day.to_string(), "sends": day.sends});
    let days: Vec<Value> = usage.days.iter().map(day).collect();
    Ok(Answer::ok("Uso consultado com sucesso.").description(json!({
        "user_id": usage.user.id.to_string(),
        "plan": usage.user.plan.as_str(),
        "time_zone": usage.user.zone_or(&operator.zone).iana_name(),
        "sends": usage.sends,
        "days": days,
        "workers": usage.workers,
        "limits": usage.plan.as_ref().map(limits),
    })))
}
