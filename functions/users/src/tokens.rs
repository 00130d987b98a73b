//! `GET` and `POST /v2/tokens`, `POST /v2/tokens/{token_id}/rotate`, `DELETE /v2/tokens/{token_id}`.

use crate::routes::App;
use crate::token_id::TokenIdOfPath;
use axum::extract::State;
use carteiro_core::error::Code;
use carteiro_core::scope::{Scope, Scopes};
use carteiro_core::token::ApiKey;
use carteiro_core::usecase::{DEFAULT_OVERLAP, Life, MadeToken, NewToken};
use carteiro_http::{Answer, ApiError, JsonBody, Tenant};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The tenant's tokens, without the tokens themselves.
pub(crate) async fn list(State(app): State<Arc<App>>, tenant: Tenant) -> Result<Answer, ApiError> {
    let keys = app.tokens.list(tenant.id).await?;
    let shown: Vec<Map<String, Value>> = keys.iter().map(shown).collect();
    Ok(Answer::ok("Tokens listados com sucesso.").description(shown))
}

/// Makes a token and answers it, this once.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let name = body.optional("name").map_err(|_| {
        ApiError::because(Code::InvalidParameter, "O parâmetro name deve ter de 1 a 60 caracteres.")
    })?;
    let wanted = NewToken { name, scopes: scopes(&body)?, life: life(&body)? };
    let made = app.tokens.create(tenant.id, tenant.grant(), wanted).await?;
    Ok(Answer::created("Token criado. Guarde-o: ele não será mostrado de novo.").description(told(&made)))
}

/// Makes a token in the place of another, which stays good for a while, and answers it, this once.
pub(crate) async fn rotate(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    TokenIdOfPath(id): TokenIdOfPath,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let overlap = body.optional_integer("overlap_seconds")?.map(SignedDuration::from_secs);
    let overlap = overlap.unwrap_or(DEFAULT_OVERLAP);
    let rotated = app.tokens.rotate(tenant.id, tenant.grant(), id, overlap).await?;
    app.authenticator.forget(tenant.id);
    let mut description = told(&rotated.made);
    description.insert("replaces".into(), json!(id.to_string()));
    description.insert("old_expires_at".into(), json!(rotated.old_ends_at.map(|end| end.to_string())));
    Ok(Answer::created("Token renovado. Guarde-o: ele não será mostrado de novo.").description(description))
}

/// Takes a token away. In this instance of the function it stops at once; others forget it within seconds.
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    TokenIdOfPath(id): TokenIdOfPath,
) -> Result<Answer, ApiError> {
    app.tokens.revoke(tenant.id, id).await?;
    app.authenticator.forget(tenant.id);
    Ok(Answer::ok("Token revogado com sucesso."))
}

fn scopes(body: &JsonBody) -> Result<Option<Scopes>, ApiError> {
    match body.optional_list::<Scope>("scopes", usize::MAX)? {
        None => Ok(None),
        Some(scopes) => {
            let scopes = Scopes::new(scopes);
            scopes.map(Some).ok_or_else(|| ApiError::invalid(Code::InvalidScope, "scopes"))
        }
    }
}

fn life(body: &JsonBody) -> Result<Option<Life>, ApiError> {
    let until = match body.optional::<String>("expires_at")? {
        None => None,
        Some(text) => Some(text.parse::<Timestamp>().map_err(|_| {
            let detail =
                "O parâmetro expires_at deve ser uma data e hora com fuso, como 2030-12-31T23:59:59Z.";
            ApiError::because(Code::InvalidParameter, detail)
        })?),
    };
    match (body.optional_integer("expires_in_days")?, until) {
        (Some(_), Some(_)) => {
            Err(ApiError::because(Code::InvalidParameter, "Envie expires_in_days ou expires_at, não ambos."))
        }
        (Some(days), None) => Ok(Some(Life::Days(days))),
        (None, until) => Ok(until.map(Life::Until)),
    }
}

fn told(made: &MadeToken) -> Map<String, Value> {
    let mut description = shown(&made.key);
    description.insert("token".into(), json!(made.token.reveal()));
    description
}

fn shown(key: &ApiKey) -> Map<String, Value> {
    Map::from_iter([
        ("token_id".to_owned(), json!(key.id.to_string())),
        ("name".to_owned(), json!(key.name.as_ref().map(|name| name.as_str()))),
        ("prefix".to_owned(), json!(key.prefix)),
        ("scopes".to_owned(), json!(key.scopes.iter().map(Scope::as_str).collect::<Vec<_>>())),
        ("created_at".to_owned(), json!(key.created_at.to_string())),
        ("expires_at".to_owned(), json!(key.expires_at.map(|end| end.to_string()))),
    ])
}
