//! How the files come about: `cargo test --workspace --lib -- --ignored stored_blobs_are_written_down` writes those that are not there,
//! into the folder of today, as this version stores what their cases write. It never touches one that is there.
//!
//! The keys in them are made for the file and belong to nobody.

use super::form::File;
use super::{Store, cases, files, folder, held};
use jiff::Timestamp;

#[tokio::test]
#[ignore = "writes files"]
async fn stored_blobs_are_written_down() {
    let there = files();
    let today = folder().join(Timestamp::now().strftime("%Y-%m-%d").to_string());
    for case in cases().iter().filter(|case| !there.contains_key(case.name)) {
        let store = Store::new();
        let given = (case.write)(&store).await;
        let blobs = held(&store).await;
        assert!(!blobs.is_empty(), "{} writes nothing", case.name);
        std::fs::create_dir_all(&today).unwrap();
        File { blobs, given }.write(&today.join(format!("{}.json", case.name)));
    }
}
