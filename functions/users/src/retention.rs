//! `GET` and `PUT /v2/privacy/retention`: for how long what a tenant does is kept.

use crate::routes::App;
use axum::extract::State;
use carteiro_core::retention::RetentionDays;
use carteiro_core::usecase::RetentionChoice;
use carteiro_http::{Answer, ApiError, JsonBody, Tenant};
use carteiro_telemetry::audit;
use serde_json::{Value, json};
use std::sync::Arc;

/// As it is.
pub(crate) async fn show(State(app): State<Arc<App>>, tenant: Tenant) -> Answer {
    Answer::ok("Retenção consultada com sucesso.").description(shown(app.retention.show(&tenant)))
}

/// Has what the tenant does from now on kept for so many days.
pub(crate) async fn choose(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let days = body.optional_integer("days")?.ok_or_else(|| ApiError::missing("days"))?;
    let choice = app.retention.choose(&tenant, days).await?;
    app.authenticator.forget(tenant.id);
    audit("tenant", "privacy.retention", tenant.id, format_args!("days={}", choice.days.days()));
    Ok(Answer::ok("Retenção alterada com sucesso.").description(shown(choice)))
}

fn shown(choice: RetentionChoice) -> Value {
    json!({
        "days": choice.days.days(),
        "file_days": choice.file_days,
        "least_days": RetentionDays::MIN.days(),
        "most_days": choice.plan_days.days(),
    })
}
