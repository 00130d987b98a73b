//! What the engine stores stays readable: blobs as a version wrote them, read by the backend of this one and by the library over it.
//! Who cannot read them has lost a pairing.
//!
//! Each case has a file in the folder of the day that its form is of: its blobs by key, and what else it takes to see that they are read
//! as they were meant: messages that were under way, say. Such a file is never changed. Who changes a stored form, or takes a version
//! of the library that does, adds a case of that day and keeps those that are there; [`made`] writes the files of new cases.

mod app_state;
mod device;
mod first_messages;
mod form;
mod groups;
mod history;
mod made;
mod messages;
mod party;
mod people;
mod sender_keys;
mod sessions;

use super::Store;
use crate::backend::key::Kind;
use carteiro_core::lease::Epoch;
use carteiro_core::ports::{StateKey, StateWrite, WhatsAppStates};
use form::File;
use serde_json::Value;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::pin::Pin;
use whatsapp_rust::futures::FutureExt;

type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A stored form.
struct Case {
    /// What its file is called.
    name: &'static str,
    /// Has its blobs written; gives what else its reading takes.
    write: for<'a> fn(&'a Store) -> Doing<'a, Value>,
    /// Reads them, and compares them with what is expected.
    read: for<'a> fn(&'a Store, &'a Value) -> Doing<'a, ()>,
}

/// The cases of a file, each with what wrote it and what reads it, and a test of each.
macro_rules! stored {
    ($($name:ident: $write:ident, $read:ident;)*) => {
        pub(super) fn cases() -> Vec<super::Case> {
            vec![$(super::Case {
                name: stringify!($name),
                write: |store| Box::pin($write(store)),
                read: |store, given| Box::pin($read(store, given)),
            }),*]
        }

        mod is_read {
            $(#[tokio::test]
            async fn $name() {
                let cases = super::cases();
                super::super::check(cases.iter().find(|case| case.name == stringify!($name)).unwrap()).await;
            })*
        }
    };
}
use stored;

/// All of them.
fn cases() -> Vec<Case> {
    [
        device::cases(),
        sessions::cases(),
        first_messages::cases(),
        sender_keys::cases(),
        app_state::cases(),
        people::cases(),
        groups::cases(),
        messages::cases(),
        history::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every kind of blob. One that is not here does not compile.
macro_rules! every_kind {
    ($($kind:ident)*) => {
        const KINDS: &[Kind] = &[$(Kind::$kind),*];
        const _: fn(Kind) = |kind| match kind { $(Kind::$kind => (),)* };
    };
}
every_kind! {
    Device Identity Session PreKeys SignedPreKey SenderKey SenderKeyDevices AppSyncKey AppSyncLatestKey AppSyncVersion AppSyncMacs Lid
    LidOfPhone BaseKey Devices Group TrustToken Sent Inbound MessageSecret History HistoryList
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/backend/tests/stored")
}

/// The files of all days, by name.
fn files() -> BTreeMap<String, PathBuf> {
    let mut files = BTreeMap::new();
    let days = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    for day in days.filter(|path| path.is_dir()) {
        for path in std::fs::read_dir(day).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(files.insert(name.clone(), path).is_none(), "two files of the name {name}");
        }
    }
    files
}

fn file(case: &Case) -> File {
    let files = files();
    let path = files.get(case.name).unwrap_or_else(|| panic!("{}.json is not there: see made.rs", case.name));
    File::read(path)
}

/// A store that holds these blobs and nothing else.
async fn holding(blobs: &[(StateKey, Vec<u8>)]) -> Store {
    let store = Store::new();
    let state = store.states.open(&(&store.number).into(), Epoch::FIRST).await.unwrap();
    let puts = blobs.iter().map(|(key, blob)| StateWrite::Put(key.clone(), blob.clone()));
    state.commit(puts.collect()).await.unwrap();
    store
}

/// All that a store holds.
async fn held(store: &Store) -> Vec<(StateKey, Vec<u8>)> {
    let state = store.states.open(&(&store.number).into(), Epoch::FIRST).await.unwrap();
    state.list("").await.unwrap()
}

async fn check(case: &Case) {
    let file = file(case);
    (case.read)(&holding(&file.blobs).await, &file.given).await;
}

#[test]
fn each_file_is_of_a_case() {
    let mut known: Vec<&str> = cases().iter().map(|case| case.name).collect();
    known.sort_unstable();
    assert_eq!(files().into_keys().collect::<Vec<_>>(), known);
}

#[test]
fn each_kind_of_blob_is_in_a_file() {
    let files: Vec<File> = cases().iter().map(file).collect();
    let keys: Vec<&str> =
        files.iter().flat_map(|file| file.blobs.iter().map(|(key, _)| key.as_str())).collect();
    for kind in KINDS {
        assert!(keys.iter().any(|key| key.starts_with(&kind.prefix(""))), "{kind:?} is in no file");
    }
}

/// Else a case would hold nothing of a blob.
#[tokio::test]
async fn each_blob_is_missed_where_it_is_not_there() {
    for case in cases() {
        let file = file(&case);
        for (key, _) in &file.blobs {
            let others: Vec<_> = file.blobs.iter().filter(|(other, _)| other != key).cloned().collect();
            let store = holding(&others).await;
            let reading = AssertUnwindSafe((case.read)(&store, &file.given)).catch_unwind().await;
            assert!(reading.is_err(), "{}: nobody misses {}", case.name, key.as_str());
        }
    }
}
