//! `todoscontatos` and `grupointegrantes`.

use crate::asked::Asked;
use crate::list::{Shape, Source, rendered};
use crate::people::members;
use crate::routes::App;
use axum::Json;
use axum::response::Response;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Slice;
use carteiro_core::v1;
use carteiro_http::ApiError;

pub(crate) async fn all(asked: Asked) -> Result<Response, ApiError> {
    let number = asked.paired().await?.number;
    asked.list(Shape::of_route("todoscontatos"), &Contacts { app: &asked.app, number }).await
}

/// The members of a group; none of one that the number is not in.
pub(crate) async fn of_group(asked: Asked) -> Result<Json<Vec<v1::Member>>, ApiError> {
    let group = asked.group()?;
    let (app, number) = (&asked.app, asked.paired().await?.number);
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
