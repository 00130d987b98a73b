//! `GET /v2/operator/users/{user_id}/privacy/export`, `POST …/erase`, `GET /v2/operator/privacy/operations/{operation_id}`: what
//! tenants do with the personal data that they keep, done for one by the operator.

use crate::privacy::{about, operation, whom};
use crate::routes::App;
use axum::extract::{Path, State};
use carteiro_core::audit::AuditAction;
use carteiro_core::privacy::About;
use carteiro_http::{Answer, ApiError, JsonBody, QueryFields, UserIdOfPath};
use carteiro_telemetry::audit;
use std::sync::Arc;

/// Has everything written to a file that the tenant keeps of the person with that `number`, or that it has itself.
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    UserIdOfPath(id): UserIdOfPath,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let about = about(&query)?;
    let told = about.told();
    let asked = app.operator.export(id, about).await?;
    audit("operator", AuditAction::Export.as_str(), id, told);
    Ok(Answer::accepted("Exportação iniciada.").description(asked))
}

/// Has everything erased that the tenant keeps of the person with that `number`; or, with `all`, the account removed and everything
/// erased that was its own.
pub(crate) async fn erase(
    State(app): State<Arc<App>>,
    UserIdOfPath(id): UserIdOfPath,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let asked = match whom(&body)? {
        About::Person(number) => {
            let masked = number.masked();
            let asked = app.operator.erase_person(id, number).await?;
            audit("operator", AuditAction::Erase.as_str(), id, format_args!("number={masked}"));
            asked
        }
        About::Tenant => {
            let asked = app.operator.erase_tenant(id).await?;
            app.authenticator.forget(id);
            audit("operator", AuditAction::Remove.as_str(), id, "");
            asked
        }
    };
    Ok(Answer::accepted("Exclusão iniciada.").description(asked))
}

/// How far an operation is, whosever it is.
pub(crate) async fn show(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Answer, ApiError> {
    Ok(Answer::ok("Operação encontrada.").description(app.operator.operation(operation(&id)?).await?))
}
