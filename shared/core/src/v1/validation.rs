//! Whether a number is on WhatsApp.

use super::Id;
use crate::chat::Address;
use crate::query;
use serde::Serialize;

/// Whether a number is on WhatsApp, as `/novocontatovalidar` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Validation {
    /// Its address, as WhatsApp writes the number; that of the number that was asked for when it is not there.
    pub id: Id,
    /// 200, or 404 when it is not there.
    pub status: u16,
    /// Whether it is a business.
    pub is_business: bool,
    /// Whether it is there.
    pub can_receive_message: bool,
    /// Whether it is there.
    pub number_exists: bool,
}

impl From<&query::Validation> for Validation {
    fn from(answer: &query::Validation) -> Self {
        let exists = answer.person.is_some();
        let id = match &answer.person {
            Some(person) => person.address().into(),
            None => (&Address::of_phone(&answer.asked)).into(),
        };
        Self {
            id,
            status: if exists { 200 } else { 404 },
            is_business: answer.business,
            can_receive_message: exists,
            number_exists: exists,
        }
    }
}
