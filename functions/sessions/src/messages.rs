//! `mensagens`, `mensagensgroup`, `carregarmaismensagens` and `todasmensagens`.

use crate::asked::{group, numero, optional};
use crate::list::{Source, rendered};
use crate::name::Named;
use crate::people::authors;
use crate::routes::App;
use crate::session::Paired;
use axum::extract::State;
use axum::response::Response;
use carteiro_core::chat::Address;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Slice, Unavailable};
use carteiro_core::query::Query;
use carteiro_core::session::SessionName;
use carteiro_core::v1;
use carteiro_http::{ApiError, QueryFields, Story, Tenant};
use std::sync::Arc;

/// How many messages `mensagens` answers unless a `limit` says otherwise.
const LATEST: usize = 50;

/// The latest messages of a chat, which counts as seen from then on.
pub(crate) async fn latest(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Response, ApiError> {
    let chat = numero(&query)?;
    let paired = app.paired(&tenant, &story, &name).await?;
    let chat = app.chat_of(&paired.number, &chat).await?;
    app.see(&paired, &chat).await;
    app.messages(&tenant, &query, &name, "mensagens", paired.number, chat, LATEST).await
}

/// The same of a group.
pub(crate) async fn latest_of_group(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Response, ApiError> {
    let chat = group(&query)?;
    let paired = app.paired(&tenant, &story, &name).await?;
    app.see(&paired, &chat).await;
    app.messages(&tenant, &query, &name, "mensagensgroup", paired.number, chat, LATEST).await
}

/// All that is known of a chat, after the phone was asked for a page more from before it. A phone that does not answer, or a session
/// that is offline, leaves what is known.
pub(crate) async fn with_more(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Response, ApiError> {
    let chat = numero(&query)?;
    let paired = app.paired(&tenant, &story, &name).await?;
    let chat = app.chat_of(&paired.number, &chat).await?;
    // Who goes on with a list has asked already.
    if paired.link.state.is_up() && optional(&query, "cursor")?.is_none() {
        let more = Query::MoreHistory { chat: chat.clone(), count: Query::MAX_HISTORY };
        if let Err(error) = app.ask.ask(&paired.number, paired.link.shard, more).await {
            tracing::info!(%error, "the phone gave no older messages");
        }
    }
    app.messages(&tenant, &query, &name, "carregarmaismensagens", paired.number, chat, usize::MAX).await
}

/// All that is known of a chat.
pub(crate) async fn all(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
    query: QueryFields,
) -> Result<Response, ApiError> {
    let chat = numero(&query)?;
    let paired = app.paired(&tenant, &story, &name).await?;
    let chat = app.chat_of(&paired.number, &chat).await?;
    app.messages(&tenant, &query, &name, "todasmensagens", paired.number, chat, usize::MAX).await
}

impl App {
    /// Has a chat with unread messages marked as read. Who reads messages does not wait for it, nor fail with it.
    async fn see(&self, paired: &Paired, chat: &Address) {
        let Paired { number, link } = paired;
        if !link.state.is_up() {
            return;
        }
        let seen = async {
            let known = self.chats.chat(number, chat).await?;
            if known.is_some_and(|chat| chat.unread > 0 || chat.marked_unread) {
                self.ask.tell(number, link.shard, Query::MarkRead { chat: chat.clone() }).await?;
            }
            Ok::<_, Unavailable>(())
        };
        if let Err(error) = seen.await {
            tracing::warn!(%error, "a chat whose messages were read is not marked as read");
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one request")]
    async fn messages(
        &self,
        tenant: &Tenant,
        query: &QueryFields,
        name: &SessionName,
        route: &str,
        number: Phone,
        chat: Address,
        otherwise: usize,
    ) -> Result<Response, ApiError> {
        let of = chat.to_string();
        let source = Messages { app: self, number, chat };
        self.list(tenant, query, (name, route, &of), &source, true, otherwise).await
    }
}

struct Messages<'a> {
    app: &'a App,
    number: Phone,
    chat: Address,
}

#[async_trait::async_trait]
impl Source for Messages<'_> {
    async fn part(&self, after: Option<&str>, limit: usize) -> Result<Slice<String>, ApiError> {
        let Slice { items, next } = self.app.chats.messages(&self.number, &self.chat, after, limit).await?;
        let people = self.app.people(&self.number, authors(&items)).await?;
        let items =
            items.iter().map(|message| rendered(&v1::Message::new(message, &self.number, &people))).collect();
        Ok(Slice { items, next })
    }
}
