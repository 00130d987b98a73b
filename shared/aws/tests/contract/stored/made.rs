//! How the files come about: `cargo test -p carteiro-aws --test contract -- --ignored stored_forms_are_written_down` writes those that
//! are not there, into the folder of today, as this version stores what their cases write. It never touches one that is there.

use super::{cases, files, folder, form, queues, tables};
use crate::ports::Ports;
use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Everything in the tables, in the order of its keys.
async fn dump(ports: &Ports) -> Value {
    let store = ports.store();
    let client = Client::new(&store.config);
    let mut all = Map::new();
    for (table, name) in tables(store) {
        let scanned = client.scan().table_name(name).send().await.unwrap();
        assert!(scanned.last_evaluated_key().is_none(), "more than a page");
        let mut items: Vec<Value> = scanned.items().iter().map(form::written).collect();
        items.sort_by_key(|item| (item["pk"].to_string(), item["sk"].to_string()));
        if !items.is_empty() {
            all.insert(table.to_owned(), Value::Array(items));
        }
    }
    Value::Object(all)
}

fn write(name: &str, content: &Value) {
    let today = folder().join(Timestamp::now().strftime("%Y-%m-%d").to_string());
    std::fs::create_dir_all(&today).unwrap();
    let text = serde_json::to_string_pretty(content).unwrap() + "\n";
    std::fs::write(today.join(format!("{name}.json")), text).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes files"]
async fn stored_forms_are_written_down() {
    let there = files();
    for case in cases().iter().filter(|case| !there.contains_key(case.name)) {
        let ports = Ports::dynoxide().await;
        (case.write)(&ports).await;
        let items = dump(&ports).await;
        if items.as_object().unwrap().is_empty() {
            println!("{}: to be made by hand", case.name);
        } else {
            write(case.name, &items);
        }
    }
    if !there.contains_key(queues::FILE) {
        write(queues::FILE, &queues::written());
    }
}
