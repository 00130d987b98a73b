//! `POST /v2/users/login`.

use crate::routes::App;
use axum::extract::State;
use carteiro_core::password::Password;
use carteiro_http::{Answer, ApiError, JsonBody, LIFETIME_SECONDS, Story};
use std::sync::Arc;

/// Answers a JWT for a login and its password. A text that could never be either is a wrong one, not an invalid field: the
/// rules for new passwords say nothing about old ones.
pub(crate) async fn log_in(
    State(app): State<Arc<App>>,
    story: Story,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let (login, password): (String, String) = (body.required("login")?, body.required("password")?);
    let user = app.log_in.by_password(login.parse().ok(), Password::parse(password).ok()).await?;
    story.tenant(user.id);
    Ok(Answer::ok("Login realizado com sucesso.")
        .field("token", app.authenticator.issue(user.id).await?)
        .field("expires_in", LIFETIME_SECONDS))
}
