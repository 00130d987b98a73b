//! Pictures of people and groups.

use super::Id;
use crate::chat::Address;
use crate::query;
use serde::Serialize;

/// A picture as `/foto` shows it; all but `id` is null for who shows none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Picture {
    /// Where it is, in full size; open to whoever has it, for some days.
    pub eurl: Option<String>,
    /// Whose it is.
    pub id: Id,
    /// Where its small form is.
    pub img: Option<String>,
    /// Where it is, in full size.
    pub img_full: Option<String>,
    /// Always null.
    pub raw: Option<()>,
    /// WhatsApp's id of it, which changes with it.
    pub tag: Option<String>,
}

impl Picture {
    /// The picture of a person or a group.
    pub fn new(who: &Address, picture: Option<&query::Picture>) -> Self {
        let full = picture.map(|picture| picture.url.clone());
        Self {
            eurl: full.clone(),
            id: who.into(),
            img: picture.and_then(|picture| picture.preview_url.clone()).or_else(|| full.clone()),
            img_full: full,
            raw: None,
            tag: picture.map(|picture| picture.id.clone()),
        }
    }
}
