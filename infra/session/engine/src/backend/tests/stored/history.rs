//! The phone's history that was not read yet: its blobs, which are as WhatsApp sent them, and their list.

use super::Store;
use crate::backend::Shelved;
use serde_json::{Value, json};

super::stored! {
    history: history_is_written, history_is_read;
}

/// What waits, in its order, without the names that it has been given.
fn waiting() -> [(Shelved, Vec<u8>); 3] {
    let part = |kind, size, request: Option<&str>| Shelved {
        name: String::new(),
        kind,
        size,
        request: request.map(str::to_owned),
    };
    [
        (part(3, 5_000_000_000, None), vec![0x78, 0x9c, 3, 0]),
        (Shelved::groups(), vec![]),
        (part(6, 700, Some("3EB0A1")), vec![0x78, 0x9c, 4]),
    ]
}

async fn history_is_written(store: &Store) -> Value {
    let backend = store.backend().await;
    for (entry, blob) in waiting() {
        backend.shelve(&entry, &blob).await.unwrap();
    }
    json!({})
}

async fn history_is_read(store: &Store, _: &Value) {
    let backend = store.backend().await;
    let mut read = Vec::new();
    for entry in backend.shelved().await.unwrap() {
        let blob = backend.unread(&entry).await.unwrap().unwrap();
        read.push((Shelved { name: String::new(), ..entry }, blob));
    }
    assert_eq!(read, waiting());
}
