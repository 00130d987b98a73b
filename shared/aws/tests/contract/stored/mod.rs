//! What is stored stays readable: items as a version wrote them, read through the ports of this one.
//!
//! Each case has a file in the folder of the day that its form is of: its items by table, as DynamoDB itself writes them in JSON. Such
//! a file is never changed. Who changes a stored form adds a case of that day and keeps those that are there; [`made`] writes the files
//! of new cases. What a case expects is said in values of the domain, whatever wrote the items.

mod accounts;
mod accounts_access;
mod chats;
mod documented;
mod form;
mod made;
mod messages;
mod operations;
mod queues;
mod sends;
mod sends_placed;
mod sessions;
mod sessions_links;
mod webhooks;
mod webhooks_deliveries;
mod whatsapp_state;

use crate::ports::Ports;
use crate::support::store::Store;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::Pin;

/// What is done with the ports.
type Act = for<'a> fn(&'a Ports) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A stored form.
pub(super) struct Case {
    /// What its file is called.
    name: &'static str,
    /// What had it written.
    write: Act,
    /// Reads it, and compares it with what is expected.
    read: Act,
}

/// The cases of a file, each with what wrote it and what reads it, and a test of each.
macro_rules! stored {
    ($($name:ident: $write:ident, $read:ident;)*) => {
        pub(super) fn cases() -> Vec<super::Case> {
            vec![$(super::Case {
                name: stringify!($name),
                write: |ports| Box::pin($write(ports)),
                read: |ports| Box::pin($read(ports)),
            }),*]
        }

        mod is_read {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let cases = super::cases();
                let case = cases.iter().find(|case| case.name == stringify!($name));
                super::super::check(case.unwrap()).await;
            })*
        }
    };
}
pub(super) use stored;

/// All of them.
fn cases() -> Vec<Case> {
    [
        accounts::cases(),
        accounts_access::cases(),
        sends::cases(),
        sends_placed::cases(),
        operations::cases(),
        sessions::cases(),
        sessions_links::cases(),
        whatsapp_state::cases(),
        chats::cases(),
        messages::cases(),
        webhooks::cases(),
        webhooks_deliveries::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Writes nothing: the items are made by hand, of a form that no version writes any more, or too large to be written whole.
async fn by_hand(_: &Ports) {}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract/stored")
}

/// The files of all days, by name.
fn files() -> HashMap<String, PathBuf> {
    let mut files = HashMap::new();
    let days = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    for day in days.filter(|path| path.is_dir()) {
        for path in std::fs::read_dir(day).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(files.insert(name.clone(), path).is_none(), "two files of the name {name}");
        }
    }
    files
}

fn read_json(path: &PathBuf) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The tables of a store, by the names that the data model has for them.
fn tables(store: &Store) -> [(&'static str, &str); 5] {
    [
        ("accounts", &store.accounts_table),
        ("sends", &store.sends_table),
        ("sessions", &store.sessions_table),
        ("webhooks", &store.webhooks_table),
        ("chats", &store.chats_table),
    ]
}

/// The items of a file with the table that each is of.
fn items(file: &Value) -> Vec<(String, HashMap<String, AttributeValue>)> {
    let mut items = Vec::new();
    for (table, rows) in file.as_object().unwrap() {
        items.extend(rows.as_array().unwrap().iter().map(|row| (table.clone(), form::item(row))));
    }
    items
}

/// Puts a case's items into tables of their own as they are, and reads them.
async fn check(case: &Case) {
    let files = files();
    let path = files.get(case.name).unwrap_or_else(|| panic!("{}.json is not there: see made.rs", case.name));
    let ports = Ports::dynoxide().await;
    let store = ports.store();
    let client = Client::new(&store.config);
    for (table, item) in items(&read_json(path)) {
        let tables = tables(store);
        let (_, name) = tables.iter().find(|(known, _)| *known == table).expect("a table");
        client.put_item().table_name(*name).set_item(Some(item)).send().await.expect("an item");
    }
    (case.read)(&ports).await;
}

#[test]
fn each_file_is_of_a_case() {
    let mut known: Vec<&str> = cases().iter().map(|case| case.name).collect();
    known.push(queues::FILE);
    known.sort_unstable();
    let mut there: Vec<String> = files().into_keys().collect();
    there.sort_unstable();
    assert_eq!(there, known);
}
