//! `todoscontatos` and `grupointegrantes`.

use crate::asked::group;
use crate::list::{Source, rendered};
use crate::name::Named;
use crate::people::members;
use crate::routes::App;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Slice;
use carteiro_core::v1;
use carteiro_http::{ApiError, QueryFields, Story, Tenant};
use std::sync::Arc;

pub(crate) async fn all(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Response, ApiError> {
    let number = app.paired(&tenant, &story, &name).await?.number;
    let source = Contacts { app: &app, number };
    app.list(&tenant, &query, (&name, "todoscontatos", ""), &source, false, usize::MAX).await
}

/// The members of a group; none of one that the number is not in.
pub(crate) async fn of_group(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Json<Vec<v1::Member>>, ApiError> {
    let group = group(&query)?;
    let number = app.paired(&tenant, &story, &name).await?.number;
    let Some(group) = app.chats.group(&number, &group).await? else { return Ok(Json(Vec::new())) };
    let people = app.people(&number, members(&group)).await?;
    Ok(Json(v1::Member::all_of(&group, &number, &people)))
}

struct Contacts<'a> {
    app: &'a App,
    number: Phone,
}

#[async_trait::async_trait]
impl Source for Contacts<'_> {
    async fn part(&self, after: Option<&str>, limit: usize) -> Result<Slice<String>, ApiError> {
        let Slice { items, next } = self.app.chats.contacts(&self.number, after, limit).await?;
        let items = items.iter().map(|contact| rendered(&v1::Contact::new(contact, &self.number))).collect();
        Ok(Slice { items, next })
    }
}
