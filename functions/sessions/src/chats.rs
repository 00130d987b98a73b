//! `conversas`, `conversascommsgs`, `conversasnlidas` and `grupos`.

use crate::asked::Asked;
use crate::list::{Shape, Source, rendered};
use crate::people::{authors, partners};
use crate::routes::App;
use axum::response::Response;
use carteiro_core::chat::{Address, Chat, Group, Message};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Slice, Unavailable};
use carteiro_core::v1;
use carteiro_http::ApiError;
use futures_util::future::{try_join, try_join_all};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::HashMap;

/// How many messages come with each chat of `conversascommsgs`.
const SOME_MESSAGES: usize = 10;
/// How many chats are read with their messages at a time: what is shown of one takes some kilobytes.
const SOME_CHATS: usize = 100;
/// How many groups are read at a time, and how many chats' messages: each is a read of its own.
const AT_A_TIME: usize = 25;
/// How many chats without messages are read at a time: about what one query answers.
const MANY: usize = 3_000;

/// Which chats are listed, and how.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    WithMessages,
    Unread,
}

pub(crate) async fn all(asked: Asked) -> Result<Response, ApiError> {
    chats(&asked, "conversas", Which::All).await
}

pub(crate) async fn with_messages(asked: Asked) -> Result<Response, ApiError> {
    chats(&asked, "conversascommsgs", Which::WithMessages).await
}

pub(crate) async fn unread(asked: Asked) -> Result<Response, ApiError> {
    chats(&asked, "conversasnlidas", Which::Unread).await
}

async fn chats(asked: &Asked, route: &str, which: Which) -> Result<Response, ApiError> {
    let number = asked.paired().await?.number;
    asked.list(Shape::of_route(route), &Chats { app: &asked.app, number, which }).await
}

pub(crate) async fn groups(asked: Asked) -> Result<Response, ApiError> {
    let number = asked.paired().await?.number;
    asked.list(Shape::of_route("grupos"), &Groups { app: &asked.app, number }).await
}

struct Chats<'a> {
    app: &'a App,
    number: Phone,
    which: Which,
}

#[async_trait::async_trait]
impl Source for Chats<'_> {
    fn slice(&self) -> usize {
        if self.which == Which::WithMessages { SOME_CHATS } else { MANY }
    }

    async fn part(&self, after: Option<&str>, limit: usize) -> Result<Slice<String>, ApiError> {
        let Slice { mut items, next } = self.app.chats.chats(&self.number, after, limit).await?;
        if self.which == Which::Unread {
            items.retain(|chat| chat.unread > 0 || chat.marked_unread);
        }
        let latest = match self.which {
            Which::WithMessages => self.app.latest(&self.number, &items).await?,
            Which::All | Which::Unread => Vec::new(),
        };
        let somebody = partners(&items).chain(latest.iter().flat_map(|messages| authors(messages)));
        let (groups, people) =
            try_join(self.app.groups_of(&self.number, &items), self.app.people(&self.number, somebody))
                .await?;
        let shown =
            items.iter().map(|chat| v1::Chat::new(chat, groups.get(&chat.address), &self.number, &people));
        let items = match self.which {
            Which::WithMessages => {
                let shown = shown.zip(&latest).map(|(chat, messages)| {
                    // Oldest first.
                    let messages = messages.iter().rev();
                    let messages = messages.map(|message| v1::Message::new(message, &self.number, &people));
                    rendered(&chat.with_messages(messages.collect()))
                });
                shown.collect()
            }
            Which::All | Which::Unread => shown.map(|chat| rendered(&chat)).collect(),
        };
        Ok(Slice { items, next })
    }
}

struct Groups<'a> {
    app: &'a App,
    number: Phone,
}

#[async_trait::async_trait]
impl Source for Groups<'_> {
    fn slice(&self) -> usize {
        AT_A_TIME
    }

    async fn part(&self, after: Option<&str>, limit: usize) -> Result<Slice<String>, ApiError> {
        let Slice { items, next } = self.app.chats.groups(&self.number, after, limit).await?;
        let shown = items.iter().map(|group| async {
            let chat = self.app.chats.chat(&self.number, &group.address).await?;
            Ok::<_, Unavailable>(rendered(&of_group(group, chat, &self.number)))
        });
        Ok(Slice { items: try_join_all(shown).await?, next })
    }
}

/// A group as a chat; one in which nothing was written has no chat of its own yet.
pub(crate) fn of_group(group: &Group, chat: Option<Chat>, number: &Phone) -> v1::Chat {
    let chat = chat.unwrap_or_else(|| Chat::new(group.address.clone(), None));
    v1::Chat::new(&chat, Some(group), number, &v1::People::none())
}

impl App {
    /// The groups among these chats, as far as they are known.
    async fn groups_of(
        &self,
        number: &Phone,
        chats: &[Chat],
    ) -> Result<HashMap<Address, Group>, Unavailable> {
        let addresses: Vec<&Address> =
            chats.iter().map(|chat| &chat.address).filter(|a| a.is_group()).collect();
        let mut known = HashMap::new();
        for some in addresses.chunks(AT_A_TIME) {
            let found = try_join_all(some.iter().map(|group| self.chats.group(number, group))).await?;
            known.extend(found.into_iter().flatten().map(|group| (group.address.clone(), group)));
        }
        Ok(known)
    }

    /// The latest messages of each of these chats, the latest first.
    async fn latest(&self, number: &Phone, chats: &[Chat]) -> Result<Vec<Vec<Message>>, Unavailable> {
        let reads: Vec<_> = chats
            .iter()
            .map(|chat| self.chats.messages(number, &chat.address, None, SOME_MESSAGES))
            .collect();
        let slices = stream::iter(reads).buffered(AT_A_TIME);
        slices.map_ok(|slice| slice.items).try_collect().await
    }

    /// A chat as it is shown by itself.
    pub(crate) async fn shown(&self, number: &Phone, chat: &Chat) -> Result<v1::Chat, Unavailable> {
        let chats = std::slice::from_ref(chat);
        let groups = self.groups_of(number, chats).await?;
        let people = self.people(number, partners(chats)).await?;
        Ok(v1::Chat::new(chat, groups.get(&chat.address), number, &people))
    }
}
