//! `POST /v2/users/remove`.

use crate::routes::App;
use axum::extract::State;
use carteiro_core::password::Password;
use carteiro_http::{Answer, ApiError, JsonBody, Tenant};
use std::sync::Arc;

/// Removes the account of the tenant that asks, who says its login and password as well.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let (login, password): (String, String) = (body.required("login")?, body.required("password")?);
    app.remove.remove(&tenant, login.parse().ok(), Password::parse(password).ok()).await?;
    app.authenticator.forget(tenant.id);
    Ok(Answer::ok("Usuário removido com sucesso."))
}
