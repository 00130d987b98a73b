//! Where a walk through personal data is.

use crate::dynamo::item::{Attributes, Damaged, s};
use carteiro_core::ports::Unavailable;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The places, in the order that they are gone through: sends before the files that they name, messages before the chats that they
/// are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// The sends of each number.
    Sends,
    /// Bulk operations with their rows.
    Bulks,
    /// Reports and exports that were written to the bucket.
    Exports,
    /// The messages of each worker, chat by chat.
    Messages,
    /// The chats, people and groups of each worker, and what it was answered lately.
    Book,
    /// Events on their way to webhooks, and those that were delivered.
    Deliveries,
    /// The tenant's files in the bucket.
    Files,
    /// What else stands under the tenant's id.
    Rest,
}

impl Stage {
    /// The one after it.
    pub(super) fn next(self) -> Option<Self> {
        use Stage::{Book, Bulks, Deliveries, Exports, Files, Messages, Rest, Sends};
        let all = [Sends, Bulks, Exports, Messages, Book, Deliveries, Files, Rest];
        let here = all.iter().position(|stage| *stage == self)?;
        all.get(here + 1).copied()
    }
}

/// A place: a cursor. `Debug` is not needed, since it may name people.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Place {
    /// The stage.
    pub(super) stage: Stage,
    /// Which of the stage's partitions or prefixes.
    #[serde(default)]
    pub(super) index: usize,
    /// The chat whose messages are gone through, or the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) chat: Option<String>,
    /// The key that the last page ended with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<BTreeMap<String, String>>,
}

impl Place {
    /// Where a stage begins.
    pub(super) fn of(stage: Stage) -> Self {
        Self { stage, index: 0, chat: None, key: None }
    }

    /// Reads a cursor; none is the beginning.
    pub(super) fn read(cursor: Option<&str>) -> Result<Self, Unavailable> {
        match cursor {
            None => Ok(Self::of(Stage::Sends)),
            Some(text) => serde_json::from_str(text).map_err(|_| Damaged("cursor").into()),
        }
    }

    /// As a cursor.
    pub(super) fn written(&self) -> Result<String, Unavailable> {
        serde_json::to_string(self).map_err(|_| Damaged("cursor").into())
    }

    /// The next partition of the stage.
    pub(super) fn next(&self) -> Self {
        Self { stage: self.stage, index: self.index + 1, chat: None, key: None }
    }

    /// The key to go on after.
    pub(super) fn start(&self) -> Option<Attributes> {
        Some(self.key.as_ref()?.iter().map(|(name, value)| (name.clone(), s(value))).collect())
    }

    /// Where to go on after a page that ended with that key: there, or in the next partition.
    pub(super) fn after(&self, end: Option<Attributes>) -> Self {
        match end {
            None => self.next(),
            Some(end) => {
                let text = |(name, value): (String, aws_sdk_dynamodb::types::AttributeValue)| {
                    Some((name, value.as_s().ok()?.clone()))
                };
                Self { key: Some(end.into_iter().filter_map(text).collect()), ..self.clone() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_the_stages_end() {
        let first = Place::read(None).ok().unwrap();
        assert_eq!((first.stage, first.index), (Stage::Sends, 0));
        let end = crate::dynamo::item::key("P", "S");
        let place = Place { chat: Some("CHAT#x".into()), ..first.after(Some(end.clone())) };
        let back = Place::read(Some(&place.written().unwrap())).ok().unwrap();
        assert_eq!((back.start(), back.chat.as_deref()), (Some(end), Some("CHAT#x")));
        assert_eq!((back.after(None).index, back.after(None).key), (1, None));
        assert!(Place::read(Some("{")).is_err());
        let stages: Vec<Stage> = std::iter::successors(Some(Stage::Sends), |stage| stage.next()).collect();
        assert_eq!((stages.len(), stages.last()), (8, Some(&Stage::Rest)));
    }
}
