//! `GET` and `PUT /v2/numbers/pace`.

use crate::routes::App;
use axum::extract::State;
use carteiro_core::error::{Code, Problem};
use carteiro_core::pacing::OwnPace;
use carteiro_core::phone::Phone;
use carteiro_core::usecase::NumberPace;
use carteiro_http::{Answer, ApiError, JsonBody, QueryFields, Story, Tenant};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Tells how fast a worker sends, and how many chats it may still begin today.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let number: Phone = query.required("number")?;
    story.number(&number);
    let pace = app.pacing.show(&tenant, &number).await?;
    Ok(Answer::ok("Ritmo consultado com sucesso.").description(description(&number, &pace)))
}

/// Sets a worker's own pace: what is not sent is as its plan has it.
pub(crate) async fn set(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let number: Phone = body.required("number")?;
    story.number(&number);
    let own = own(&body)?;
    let pace = app.pacing.set(&tenant, &number, own).await?;
    Ok(Answer::ok("Ritmo atualizado com sucesso.").description(description(&number, &pace)))
}

fn own(body: &JsonBody) -> Result<OwnPace, ApiError> {
    let mut fields = body.as_map().clone();
    fields.remove("number");
    let own = serde_json::from_value(Value::Object(fields));
    own.map_err(|error| Problem::new(Code::InvalidPace).caused_by(error).into())
}

fn description(number: &Phone, pace: &NumberPace) -> Map<String, Value> {
    let begun = pace.begun.map(|begun| begun.chats);
    let left = pace.begun.and_then(|begun| pace.rules.new_chats_left(begun));
    Map::from_iter([
        ("number".to_owned(), json!(number.digits())),
        ("plan".to_owned(), json!(pace.plan)),
        ("own".to_owned(), json!(pace.own)),
        ("new_chats_today".to_owned(), json!(begun)),
        ("new_chats_left".to_owned(), json!(left)),
    ])
}
