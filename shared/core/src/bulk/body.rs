//! What an operation sends to whom, as it is kept until it is over.

use super::template::{NotFilled, Template};
use crate::phone::Phone;
use crate::send::{RequestHash, Schedule, Text};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;

/// A text and its recipients. `Debug` shows how many.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkBody {
    /// The text, with its variables.
    pub text: String,
    /// Its recipients.
    pub rows: Vec<BulkRow>,
}

/// One recipient. `Debug` masks it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BulkRow {
    /// Whom to send to.
    pub to: Phone,
    /// What stands for the text's variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

impl fmt::Debug for BulkBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BulkBody({} rows)", self.rows.len())
    }
}

impl fmt::Debug for BulkRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BulkRow({}, {} values)", self.to.masked(), self.values.len())
    }
}

impl BulkRow {
    /// The text of this recipient.
    ///
    /// # Errors
    /// [`NotFilled`].
    pub fn text<'a>(&self, template: &'a Template) -> Result<Text, NotFilled<'a>> {
        template.fill(&self.values)
    }
}

impl BulkBody {
    /// As it is stored.
    pub fn to_stored(&self) -> Vec<u8> {
        // Texts, lists, and maps with text keys always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what [`BulkBody::to_stored`] wrote.
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The hash by which a repeated request is told from another one under the same `Idempotency-Key`. It is of what was
    /// understood: a phone number spelt another way, or a variable that the text does not name, makes no other request.
    pub fn hash(&self, from: &Phone, schedule: &Schedule) -> RequestHash {
        let mut digest = Sha256::new().chain_update("carteiro/bulk-request/1\0").chain_update(from.digits());
        for time in [schedule.send_at, schedule.expires_at] {
            digest.update("\0");
            digest.update(time.map(|at| at.as_microsecond().to_string()).unwrap_or_default());
        }
        RequestHash(hex::encode(digest.chain_update("\0").chain_update(self.to_stored()).finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn body(text: &str, to: &str, value: &str) -> BulkBody {
        let values = BTreeMap::from([("nome".to_owned(), value.to_owned())]);
        BulkBody { text: text.to_owned(), rows: vec![BulkRow { to: to.parse().unwrap(), values }] }
    }

    #[test]
    fn what_is_stored_reads_back_and_does_not_show() {
        let body = body("Olá, {{nome}}", "5511988887777", "Ana");
        assert_eq!(BulkBody::from_stored(&body.to_stored()), Some(body.clone()));
        assert_eq!(BulkBody::from_stored(b"{"), None);
        let shown = format!("{body:?} {:?}", body.rows[0]);
        assert!(!shown.contains("Ana") && !shown.contains("8888"), "{shown}");
    }

    #[test]
    fn the_hash_covers_all_that_is_asked_for() {
        let from: Phone = "5511911112222".parse().unwrap();
        let at = |second| Timestamp::from_second(second).ok();
        let none = Schedule::default();
        let later = Schedule { send_at: at(9), ..none };
        let shorter = Schedule { expires_at: at(9), ..none };
        let first = body("{{nome}}", "+55 11 98888-7777", "Ana");
        let hashes = [
            first.hash(&from, &none),
            first.hash(&from, &later),
            first.hash(&from, &shorter),
            first.hash(&"5511911112223".parse().unwrap(), &none),
            body("{{nome}}!", "5511988887777", "Ana").hash(&from, &none),
            body("{{nome}}", "5511988887778", "Ana").hash(&from, &none),
            body("{{nome}}", "5511988887777", "Bia").hash(&from, &none),
        ];
        for (place, hash) in hashes.iter().enumerate() {
            assert_eq!(hashes.iter().position(|other| other == hash), Some(place));
        }
        assert_eq!(body("{{nome}}", "5511988887777", "Ana").hash(&from, &none), hashes[0]);
    }
}
