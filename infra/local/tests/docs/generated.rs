//! Pages that are made from something else.

use crate::blocks::root;

/// Holds a page against what it should be; with `UPDATE_DOCS` set, writes it.
pub(crate) fn is_current(path: &str, wanted: &str) {
    let file = root().join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, wanted).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == wanted,
        "{path} is out of date: UPDATE_DOCS=1 cargo test -p carteiro-local --test docs writes it anew"
    );
}

/// What stands at the top of such a page.
pub(crate) fn heading(title: &str) -> String {
    format!(
        "# {title}\n\n<!-- Generated: `UPDATE_DOCS=1 cargo test -p carteiro-local --test docs` writes this page anew. -->\n\n"
    )
}
