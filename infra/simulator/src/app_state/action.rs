//! What one record of app state says.

use buffa::Message as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use waproto::whatsapp as wa;

use crate::account::Stored;

/// A record, opened.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Action {
    pub(crate) collection: String,
    /// The action's name, then what it is about: a chat's address, say.
    pub(crate) index: Vec<String>,
    value: Stored,
}

impl Action {
    pub(crate) fn new(collection: &str, index: Vec<String>, value: &wa::SyncActionValue) -> Self {
        Self { collection: collection.to_owned(), index, value: Stored(value.encode_to_vec()) }
    }

    pub(crate) fn value(&self) -> wa::SyncActionValue {
        wa::SyncActionValue::decode_from_slice(&self.value.0).unwrap_or_default()
    }

    /// The value as JSON, without what it does not say.
    pub(crate) fn shown(&self) -> Value {
        without_nulls(serde_json::to_value(self.value()).unwrap_or_default())
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| !is_nothing(value));
            Value::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect::<Map<_, _>>())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}
