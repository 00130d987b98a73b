//! `POST /v2/users/register`.

use crate::routes::App;
use axum::extract::State;
use carteiro_core::error::Code;
use carteiro_core::password::Password;
use carteiro_core::usecase::Registration;
use carteiro_http::{Answer, ApiError, JsonBody, Story};
use carteiro_telemetry::audit;
use serde_json::json;
use std::sync::Arc;

/// Makes an account for the operator and answers its API token, this once.
pub(crate) async fn register(
    State(app): State<Arc<App>>,
    story: Story,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let password = body.optional::<String>("password")?.map(Password::parse).transpose();
    let registration = Registration {
        login: body.required("login")?,
        number: body.required("number")?,
        password: password.map_err(|_| ApiError::invalid(Code::InvalidPassword, "password"))?,
        plan: body.required("plan")?,
    };
    let (login, number) = (registration.login.clone(), registration.number.clone());
    let made = app.register.register(registration).await?;
    story.tenant(made.user.id);
    audit("operator", "user.register", made.user.id, format_args!("plan={}", made.user.plan));
    Ok(Answer::created("Usuário registrado com sucesso.").description(json!({
        "user_id": made.user.id.to_string(),
        "login": login.as_str(),
        "number": number.digits(),
        "plan": made.user.plan.as_str(),
        "token": made.token.reveal(),
        "token_id": made.key.id.to_string(),
    })))
}
