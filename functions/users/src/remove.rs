//! `POST /v2/users/remove`.

use crate::routes::App;
use axum::extract::State;
use carteiro_core::password::Password;
use carteiro_core::privacy::PrivacyDetails;
use carteiro_http::{Answer, ApiError, JsonBody, Tenant};
use carteiro_telemetry::audit;
use std::sync::Arc;

/// Removes the account of the tenant that asks, who says its login and password as well; an account that has no password, its
/// login, e-mail address or number, under a JWT that it was given for a code just now.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let erasure = carry_out(&app, &tenant, &body).await?;
    Ok(Answer::ok("Usuário removido com sucesso.").description(erasure))
}

/// Removes the account; answers the erasure of what it had, which goes on in the background.
pub(crate) async fn carry_out(
    app: &App,
    tenant: &Tenant,
    body: &JsonBody,
) -> Result<PrivacyDetails, ApiError> {
    let login: String = body.required("login")?;
    let erasure = match body.optional::<String>("password")? {
        None if tenant.password.is_none() => {
            app.remove.remove_without_password(tenant, &login, tenant.logged_in_at()).await?
        }
        None => return Err(ApiError::missing("password")),
        Some(password) => {
            app.remove.remove(tenant, login.parse().ok(), Password::parse(password).ok()).await?
        }
    };
    app.authenticator.forget(tenant.id);
    audit("tenant", "user.remove", tenant.id, "");
    Ok(erasure)
}
