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
    let number = query.optional::<String>("number")?;
    let about = match number {
        Some(number) => About::Person(phone(&number)?),
        None => About::Tenant,
    };
    let masked = of(&about);
    let asked = app.privacy.export(tenant.id, about).await?;
    audit("tenant", "privacy.export", tenant.id, masked);
    Ok(Answer::accepted("Exportação iniciada.").description(asked))
}

/// Has everything erased that is kept of the person with that `number`; or, with `all`, the account removed and everything erased
/// that was its own, for which it says its login and password as `POST /v2/users/remove` has them.
pub(crate) async fn erase(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let number = body.optional::<String>("number")?;
    let all = body.flag("all")?;
    let asked = match (number, all) {
        (Some(number), false) => {
            let number = phone(&number)?;
            let masked = number.masked();
            let asked = app.privacy.erase_person(tenant.id, number).await?;
            audit("tenant", "privacy.erase", tenant.id, format_args!("number={masked}"));
            asked
        }
        (None, true) => carry_out(&app, &tenant, &body).await?,
        (Some(_), true) => return Err(ApiError::invalid(Code::InvalidParameter, "all")),
        (None, false) => return Err(ApiError::missing("number")),
    };
    Ok(Answer::accepted("Exclusão iniciada.").description(asked))
}

/// How far an operation is.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    Path(id): Path<String>,
) -> Result<Answer, ApiError> {
    // What is no id names no operation.
    let id: PrivacyId = id.parse().map_err(|_| Code::PrivacyNotFound)?;
    Ok(Answer::ok("Operação encontrada.").description(app.operations.run(tenant.id, id).await?))
}

fn phone(text: &str) -> Result<Phone, ApiError> {
    text.parse().map_err(|_| ApiError::invalid(Code::InvalidPhone, "number"))
}

fn of(about: &About) -> String {
    match about {
        About::Person(phone) => format!("number={}", phone.masked()),
        About::Tenant => "number=all".to_owned(),
    }
}
