//! Lists that are answered whole as far as they fit an answer, and from a cursor on beyond.

use crate::asked::Asked;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use carteiro_core::error::Code;
use carteiro_core::ports::Slice;
use carteiro_core::v1::ListName;
use carteiro_http::ApiError;
use serde::Serialize;

/// The header that tells where a list goes on, since the body of V1 is the list itself.
pub(crate) const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");

/// The most bytes of a list, as they count in the function's answer. Lambda takes 6 MB; the rest is for the headers.
const MAX_BYTES: usize = 5_900_000;
/// How many items are read at first.
const SLICE: usize = 250;
/// How many times as many are read at a time where they turn out to be small.
const GROWTH: usize = 4;

/// What a client wants of a list: at most so many, from there on.
pub(crate) struct Wanted {
    limit: usize,
    after: Option<String>,
}

/// Where the parts of a list come from, ready to be answered.
#[async_trait::async_trait]
pub(crate) trait Source: Sync {
    /// How many items are read at first, where each costs more than usual or less.
    fn slice(&self) -> usize {
        SLICE
    }

    /// At most `limit` items after that cursor of the store, as JSON.
    async fn part(&self, after: Option<&str>, limit: usize) -> Result<Slice<String>, ApiError>;
}

/// A list, as far as it fits.
#[derive(Debug, PartialEq)]
pub(crate) struct List {
    items: Vec<String>,
    next: Option<String>,
}

/// An item as JSON.
pub(crate) fn rendered(item: &impl Serialize) -> String {
    // Structs of texts, numbers and lists always serialise.
    serde_json::to_string(item).unwrap_or_else(|_| "null".to_owned())
}

/// Which list is answered, and how.
pub(crate) struct Shape<'a> {
    route: &'a str,
    of: &'a str,
    reversed: bool,
    otherwise: usize,
}

impl<'a> Shape<'a> {
    /// The list of a route, whole as far as it fits.
    pub(crate) fn of_route(route: &'a str) -> Self {
        Self { route, of: "", reversed: false, otherwise: usize::MAX }
    }

    /// What a route lists of a chat: read from its end, and answered in order; so many unless the request says otherwise.
    pub(crate) fn of_chat(route: &'a str, chat: &'a str, otherwise: usize) -> Self {
        Self { route, of: chat, reversed: true, otherwise }
    }
}

impl Asked {
    /// Answers a list of the session.
    pub(crate) async fn list(&self, shape: Shape<'_>, source: &dyn Source) -> Result<Response, ApiError> {
        let Shape { route, of, reversed, otherwise } = shape;
        let name = ListName { user: self.tenant.id, session: &self.name, route, of };
        let keys = self.app.keys.get().await?.list_cursor_keys();
        let after = match self.optional("cursor")? {
            Some(cursor) => Some(keys.open(&cursor, &name).map_err(|_| ApiError::new(Code::InvalidCursor))?),
            None => None,
        };
        let limit = match self.optional("limit")? {
            Some(limit) => {
                let limit = limit.trim().parse().ok().filter(|limit| *limit > 0);
                limit.ok_or_else(|| ApiError::invalid(Code::InvalidParameter, "limit"))?
            }
            None => otherwise,
        };
        let mut list = gather(source, Wanted { limit, after }, MAX_BYTES).await?;
        if reversed {
            list.items.reverse();
        }
        let next = list.next.map(|after| keys.seal(&after, &name));
        let json = HeaderValue::from_static("application/json");
        let mut response = ([(CONTENT_TYPE, json)], format!("[{}]", list.items.join(","))).into_response();
        if let Some(next) = next.and_then(|next| HeaderValue::from_str(&next).ok()) {
            response.headers_mut().insert(NEXT_CURSOR, next);
        }
        Ok(response)
    }
}

/// Reads as much as is wanted and fits. A store's cursor stands between parts, so of a part that does not fit as much is read again as
/// does. How large the parts are that follow the first goes by what the items so far weigh.
async fn gather(source: &dyn Source, wanted: Wanted, most: usize) -> Result<List, ApiError> {
    let Wanted { limit, mut after } = wanted;
    let (mut items, mut bytes, mut slice): (Vec<String>, usize, usize) = (Vec::new(), 2, source.slice());
    loop {
        let size = slice.min(limit - items.len());
        let part = source.part(after.as_deref(), size).await?;
        let fits = fitting(&part.items, most - bytes.min(most));
        if fits < part.items.len() {
            if fits == 0 && !items.is_empty() {
                return Ok(List { items, next: after });
            }
            // One that is too large is answered by itself.
            if size > 1 {
                slice = fits.max(1);
                continue;
            }
        }
        bytes += part.items.iter().map(|item| weight(item)).sum::<usize>();
        items.extend(part.items);
        after = part.next;
        if after.is_none() || items.len() >= limit || bytes >= most {
            return Ok(List { items, next: after });
        }
        if !items.is_empty() {
            // Somewhat fewer than would fit by their mean, so that little is read twice.
            let room = (most - bytes) / (bytes / items.len()) * 9 / 10;
            if room < source.slice() / 10 {
                return Ok(List { items, next: after });
            }
            slice = room.clamp(1, source.slice() * GROWTH);
        }
    }
}

/// What an item takes in an answer, with its comma.
fn weight(item: &str) -> usize {
    escaped(item) + 1
}

/// How many of these, from the first on, fit into so many bytes.
fn fitting(items: &[String], mut room: usize) -> usize {
    let fits = |item: &&String| {
        let left = room.checked_sub(weight(item));
        room = left.unwrap_or_default();
        left.is_some()
    };
    items.iter().take_while(fits).count()
}

/// How many bytes a text takes in the function's answer, where it stands inside of a JSON text.
fn escaped(text: &str) -> usize {
    let more = |b: u8| match b {
        b'"' | b'\\' => 1,
        ..b' ' => 5,
        _ => 0,
    };
    text.len() + text.bytes().map(more).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Counts from 0, with items of some bytes; notes what was read.
    struct Numbers {
        count: usize,
        bytes: usize,
        read: Mutex<Vec<usize>>,
    }

    #[async_trait::async_trait]
    impl Source for Numbers {
        async fn part(&self, after: Option<&str>, limit: usize) -> Result<Slice<String>, ApiError> {
            self.read.lock().unwrap().push(limit);
            let from: usize = after.map_or(0, |after| after.parse().unwrap());
            let to = self.count.min(from + limit);
            let items = (from..to).map(|n| format!("{n:0width$}", width = self.bytes)).collect();
            Ok(Slice { items, next: (to < self.count).then(|| to.to_string()) })
        }
    }

    fn numbers(count: usize, bytes: usize) -> Numbers {
        Numbers { count, bytes, read: Mutex::default() }
    }

    async fn gathered(source: &Numbers, limit: usize, after: Option<&str>, most: usize) -> List {
        gather(source, Wanted { limit, after: after.map(str::to_owned) }, most).await.unwrap()
    }

    #[tokio::test]
    async fn everything_comes_where_it_fits() {
        let list = gathered(&numbers(1_000, 9), usize::MAX, None, 1 << 20).await;
        assert_eq!((list.items.len(), list.next), (1_000, None));
        let list = gathered(&numbers(0, 9), usize::MAX, None, 1 << 20).await;
        assert_eq!((list.items.len(), list.next), (0, None));
    }

    #[tokio::test]
    async fn what_does_not_fit_comes_from_the_cursor_on() {
        let source = numbers(1_000, 99);
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let list = gathered(&source, usize::MAX, after.as_deref(), 30_000).await;
            assert!(list.items.iter().map(|item| item.len() + 1).sum::<usize>() + 2 <= 30_000);
            let filled = list.items.len() >= 290 || list.next.is_none();
            assert!(filled, "an answer is well filled: {}", list.items.len());
            all.extend(list.items);
            match list.next {
                Some(next) => after = Some(next),
                None => break,
            }
            assert!(all.len() < 1_000);
        }
        let expected: Vec<String> = (0..1_000).map(|n| format!("{n:099}")).collect();
        assert_eq!(all, expected);
    }

    #[tokio::test]
    async fn little_is_read_twice() {
        let source = numbers(10_000, 99);
        let list = gathered(&source, usize::MAX, None, 100_000).await;
        assert!((970..=1_000).contains(&list.items.len()), "{}", list.items.len());
        let read: usize = source.read.lock().unwrap().iter().sum();
        assert!(read <= list.items.len() + 25, "{:?}", source.read.lock().unwrap());
        // What weighs more than any before it.
        let heavy = numbers(10_000, 999);
        let list = gathered(&heavy, usize::MAX, None, 100_000).await;
        assert_eq!((list.items.len(), &heavy.read.lock().unwrap()[..]), (99, &[250, 99][..]));
    }

    #[tokio::test]
    async fn a_limit_is_kept_to_the_item() {
        let source = numbers(1_000, 9);
        let list = gathered(&source, 300, Some("7"), 1 << 20).await;
        assert_eq!((list.items.len(), list.next.as_deref()), (300, Some("307")));
        assert_eq!(*source.read.lock().unwrap(), [250, 50]);
    }

    #[tokio::test]
    async fn one_item_that_is_too_large_is_answered_by_itself() {
        let list = gathered(&numbers(3, 99), usize::MAX, None, 50).await;
        assert_eq!((list.items.len(), list.next.as_deref()), (1, Some("1")));
    }

    #[test]
    fn bytes_are_counted_as_they_are_escaped() {
        for text in ["", "{\"a\":\"\\n\"}", "é\u{1}"] {
            assert!(escaped(text) >= serde_json::to_string(text).unwrap().len() - 2, "{text}");
        }
    }
}
