//! `GET /v2/privacy/export`, `POST /v2/privacy/erase`, `GET /v2/privacy/operations/{operation_id}`: all that is kept of a person, or
//! of the tenant, as a file; and its end.

use crate::remove::carry_out;
use crate::routes::App;
use axum::extract::{Path, State};
use carteiro_core::error::Code;
use carteiro_core::ids::PrivacyId;
use carteiro_core::phone::Phone;
use carteiro_core::privacy::About;
use carteiro_http::{Answer, ApiError, JsonBody, QueryFields, Tenant};
use carteiro_telemetry::audit;
use std::sync::Arc;

/// Has everything written to a file that is kept of the person with that `number`, or of the tenant.
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let about = about(&query)?;
    let told = about.told();
    let asked = app.privacy.export(tenant.id, about).await?;
    audit("tenant", "privacy.export", tenant.id, told);
    Ok(Answer::accepted("Exportação iniciada.").description(asked))
}

/// Has everything erased that is kept of the person with that `number`; or, with `all`, the account removed and everything erased
/// that was its own, for which it says its login and password as `POST /v2/users/remove` has them.
pub(crate) async fn erase(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let asked = match whom(&body)? {
        About::Person(number) => {
            let masked = number.masked();
            let asked = app.privacy.erase_person(tenant.id, number).await?;
            audit("tenant", "privacy.erase", tenant.id, format_args!("number={masked}"));
            asked
        }
        About::Tenant => carry_out(&app, &tenant, &body).await?,
    };
    Ok(Answer::accepted("Exclusão iniciada.").description(asked))
}

/// How far an operation is.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    Path(id): Path<String>,
) -> Result<Answer, ApiError> {
    Ok(Answer::ok("Operação encontrada.").description(app.operations.run(tenant.id, operation(&id)?).await?))
}

/// Of whom an export is asked for.
pub(crate) fn about(query: &QueryFields) -> Result<About, ApiError> {
    match query.optional::<String>("number")? {
        Some(number) => Ok(About::Person(phone(&number)?)),
        None => Ok(About::Tenant),
    }
}

/// Whose erasure is asked for.
pub(crate) fn whom(body: &JsonBody) -> Result<About, ApiError> {
    match (body.optional::<String>("number")?, body.flag("all")?) {
        (Some(number), false) => Ok(About::Person(phone(&number)?)),
        (None, true) => Ok(About::Tenant),
        (Some(_), true) => Err(ApiError::invalid(Code::InvalidParameter, "all")),
        (None, false) => Err(ApiError::missing("number")),
    }
}

/// The operation that a path names. What is no id names none.
pub(crate) fn operation(id: &str) -> Result<PrivacyId, ApiError> {
    Ok(id.parse().map_err(|_| Code::PrivacyNotFound)?)
}

fn phone(text: &str) -> Result<Phone, ApiError> {
    text.parse().map_err(|_| ApiError::invalid(Code::InvalidPhone, "number"))
}
