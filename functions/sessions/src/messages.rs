//! `mensagens`, `mensagensgroup`, `carregarmaismensagens` and `todasmensagens`.

use crate::asked::Asked;
use crate::list::{Shape, Source, rendered};
use crate::people::authors;
use crate::routes::App;
use crate::session::Paired;
use axum::response::Response;
use carteiro_core::chat::Address;
use carteiro_core::ports::{Slice, Unavailable};
use carteiro_core::query::Query;
use carteiro_core::v1;
use carteiro_http::ApiError;

/// How many messages `mensagens` answers unless a `limit` says otherwise.
const LATEST: usize = 50;

/// The latest messages of a chat, which counts as seen from then on.
pub(crate) async fn latest(asked: Asked) -> Result<Response, ApiError> {
    let chat = Messages::of(&asked, asked.numero()?).await?;
    chat.see().await;
    chat.answer(&asked, "mensagens", LATEST).await
}

/// The same of a group.
pub(crate) async fn latest_of_group(asked: Asked) -> Result<Response, ApiError> {
    let chat = Messages::of(&asked, asked.group()?).await?;
    chat.see().await;
    chat.answer(&asked, "mensagensgroup", LATEST).await
}

/// All that is known of a chat, after the phone was asked for a page more from before it.
pub(crate) async fn with_more(asked: Asked) -> Result<Response, ApiError> {
    let chat = Messages::of(&asked, asked.numero()?).await?;
    // Who goes on with a list has asked already.
    if asked.optional("cursor")?.is_none() {
        chat.fetch_more().await;
    }
    chat.answer(&asked, "carregarmaismensagens", usize::MAX).await
}

/// All that is known of a chat.
pub(crate) async fn all(asked: Asked) -> Result<Response, ApiError> {
    Messages::of(&asked, asked.numero()?).await?.answer(&asked, "todasmensagens", usize::MAX).await
}

/// The messages of a chat of a session.
struct Messages<'a> {
    app: &'a App,
    session: Paired,
    chat: Address,
}

impl<'a> Messages<'a> {
    async fn of(asked: &'a Asked, chat: Address) -> Result<Self, ApiError> {
        let session = asked.paired().await?;
        let chat = asked.app.chat_of(&session.number, &chat).await?;
        Ok(Self { app: &asked.app, session, chat })
    }

    async fn answer(&self, asked: &Asked, route: &str, otherwise: usize) -> Result<Response, ApiError> {
        asked.list(Shape::of_chat(route, &self.chat.to_string(), otherwise), self).await
    }

    /// Has a chat with unread messages marked as read. Who reads messages does not wait for it, nor fail with it.
    async fn see(&self) {
        let Paired { number, link } = &self.session;
        if !link.state.is_up() {
            return;
        }
        let seen = async {
            let known = self.app.chats.chat(number, &self.chat).await?;
            if known.is_some_and(|chat| chat.unread > 0 || chat.marked_unread) {
                let read = Query::MarkRead { chat: self.chat.clone() };
                self.app.ask.tell(number, link.shard, read).await?;
            }
            Ok::<_, Unavailable>(())
        };
        if let Err(error) = seen.await {
            tracing::warn!(%error, "a chat whose messages were read is not marked as read");
        }
    }

    /// Asks the phone for a page from before what is known. One that does not answer, or a session that is offline, leaves what is
    /// known.
    async fn fetch_more(&self) {
        let Paired { number, link } = &self.session;
        if !link.state.is_up() {
            return;
        }
        let more = Query::MoreHistory { chat: self.chat.clone(), count: Query::MAX_HISTORY };
        if let Err(error) = self.app.ask.ask(number, link.shard, more).await {
            tracing::info!(%error, "the phone gave no older messages");
        }
    }
}

#[async_trait::async_trait]
impl Source for Messages<'_> {
    async fn part(&self, after: Option<&str>, limit: usize) -> Result<Slice<String>, ApiError> {
        let number = &self.session.number;
        let Slice { items, next } = self.app.chats.messages(number, &self.chat, after, limit).await?;
        let people = self.app.people(number, authors(&items)).await?;
        let items =
            items.iter().map(|message| rendered(&v1::Message::new(message, number, &people))).collect();
        Ok(Slice { items, next })
    }
}
