//! Blobs in a file: as text those that are, others in hexadecimal digits.

use carteiro_core::ports::StateKey;
use serde_json::{Value, json};
use std::path::Path;

/// What is in a file.
pub(super) struct File {
    /// The blobs, in the order of their keys.
    pub(super) blobs: Vec<(StateKey, Vec<u8>)>,
    /// What else their reading takes.
    pub(super) given: Value,
}

impl File {
    pub(super) fn read(path: &Path) -> Self {
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        Self { blobs: blobs(&file["blobs"]), given: file["given"].clone() }
    }

    pub(super) fn write(&self, path: &Path) {
        let file = json!({"blobs": written(&self.blobs), "given": self.given});
        std::fs::write(path, serde_json::to_string_pretty(&file).unwrap() + "\n").unwrap();
    }
}

/// Reads blobs by their keys.
pub(super) fn blobs(given: &Value) -> Vec<(StateKey, Vec<u8>)> {
    let blobs = given.as_object().unwrap().iter();
    blobs.map(|(key, blob)| (StateKey::new(key).unwrap(), read(blob))).collect()
}

/// Writes them.
pub(super) fn written(blobs: &[(StateKey, Vec<u8>)]) -> Value {
    Value::Object(blobs.iter().map(|(key, blob)| (key.as_str().to_owned(), write(blob))).collect())
}

fn read(blob: &Value) -> Vec<u8> {
    match (blob["text"].as_str(), blob["hex"].as_str()) {
        (Some(text), None) => text.as_bytes().to_vec(),
        (None, Some(digits)) => hex::decode(digits).unwrap(),
        _ => panic!("text or hex, not {blob}"),
    }
}

fn write(blob: &[u8]) -> Value {
    match std::str::from_utf8(blob) {
        Ok(text) if !text.contains(char::is_control) => json!({"text": text}),
        _ => json!({"hex": hex::encode(blob)}),
    }
}

/// The bytes that a file gives in hexadecimal digits.
pub(super) fn bytes(given: &Value, name: &str) -> Vec<u8> {
    hex::decode(given[name].as_str().unwrap()).unwrap()
}
