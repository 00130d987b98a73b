//! `GET`, `POST`, `PUT` and `DELETE /v2/numbers`, `POST /v2/numbers/add`.

use crate::routes::App;
use axum::extract::State;
use carteiro_core::error::Code;
use carteiro_core::number::OwnedNumber;
use carteiro_core::phone::Phone;
use carteiro_core::usecase::{MAX_LIST, NumberLists};
use carteiro_core::user::User;
use carteiro_http::{Answer, ApiError, JsonBody, Story, Tenant};
use serde_json::{Value, json};
use std::sync::Arc;

/// The tenant's numbers.
pub(crate) async fn list(State(app): State<Arc<App>>, tenant: Tenant) -> Result<Answer, ApiError> {
    Ok(Answer::ok("Números listados com sucesso.").description(current(&app, &tenant).await?))
}

/// Registers the lists that are sent.
pub(crate) async fn register(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    Ok(Answer::created("Números registrados com sucesso.").description(set(&app, &tenant, &body).await?))
}

/// Updates the lists that are sent: the same as to register them, answered in its own words.
pub(crate) async fn update(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    Ok(Answer::ok("Números atualizados com sucesso.").description(set(&app, &tenant, &body).await?))
}

/// Adds one.
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    app.change.add(&tenant, &one(&story, &body)?).await?;
    Ok(Answer::created("Número adicionado com sucesso.").description(current(&app, &tenant).await?))
}

/// Removes one.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    app.change.remove(&tenant, &one(&story, &body)?).await?;
    Ok(Answer::ok("Número removido com sucesso.").description(current(&app, &tenant).await?))
}

/// Makes the lists that are sent the tenant's, and answers both as they stand then.
async fn set(app: &App, user: &User, body: &JsonBody) -> Result<Value, ApiError> {
    app.change.set(user, &lists(body)?).await?;
    current(app, user).await
}

fn one(story: &Story, body: &JsonBody) -> Result<OwnedNumber, ApiError> {
    let number = OwnedNumber { phone: body.required("number")?, role: body.required("role")? };
    story.number(&number.phone);
    Ok(number)
}

fn lists(body: &JsonBody) -> Result<NumberLists, ApiError> {
    let lists = NumberLists {
        workers: body.optional_list("numbers_workers", MAX_LIST)?,
        admins: body.optional_list("numbers_admins", MAX_LIST)?,
    };
    if lists == NumberLists::default() {
        let detail = "Envie numbers_workers, numbers_admins ou ambos.";
        return Err(ApiError::because(Code::MissingParameter, detail));
    }
    Ok(lists)
}

async fn current(app: &App, user: &User) -> Result<Value, ApiError> {
    let lists = app.change.list(user).await?;
    let digits = |list: Option<Vec<Phone>>| -> Vec<String> {
        list.unwrap_or_default().into_iter().map(String::from).collect()
    };
    Ok(json!({"workers": digits(lists.workers), "admins": digits(lists.admins)}))
}
