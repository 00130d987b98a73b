//! docs/explanation/cost.md is what the calculator prints. `UPDATE_DOCS=1 cargo test -p carteiro-cost` writes it anew.

#![allow(clippy::unwrap_used, reason = "a test")]

use carteiro_cost::{Model, page};
use std::path::Path;

#[test]
fn the_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/explanation/cost.md");
    let now = page(&Model::built_in().unwrap()).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == now, "docs/explanation/cost.md is out of date; see the top of this test");
}
