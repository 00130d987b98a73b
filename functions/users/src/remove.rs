//! `POST /v2/users/remove`.

use crate::routes::App;
use axum::extract::State;
use carteiro_core::password::Password;
use carteiro_http::{Answer, ApiError, JsonBody, Tenant};
use std::sync::Arc;

/// Removes the account of the tenant that asks, who says its login and password as well; an account that has no password, its
/// login, e-mail address or number, under a JWT that it was given for a code just now.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let login: String = body.required("login")?;
    match body.optional::<String>("password")? {
        None if tenant.password.is_none() => {
            app.remove.remove_without_password(&tenant, &login, tenant.logged_in_at()).await?;
        }
        None => return Err(ApiError::missing("password")),
        Some(password) => {
            app.remove.remove(&tenant, login.parse().ok(), Password::parse(password).ok()).await?;
        }
    }
    app.authenticator.forget(tenant.id);
    Ok(Answer::ok("Usuário removido com sucesso."))
}
