//! `docs/reference/data-model.md`: the keys of the tables, as the files that use them describe them.

use crate::blocks::{files, root};
use crate::generated::{heading, is_current};
use std::fmt::Write;
use std::path::Path;

/// What a file says of itself, without its links to other items.
fn module_doc(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let mut doc = String::new();
    for line in lines {
        doc.push_str(line.strip_prefix(' ').unwrap_or(line));
        doc.push('\n');
    }
    for prefix in ["[`super::", "[`crate::"] {
        doc = doc.replace(prefix, "[`");
    }
    doc.replace("[`", "`").replace("`]", "`")
}

#[test]
fn the_page_of_the_data_model_is_current() {
    let mut text = heading("Data model");
    text.push_str(
        "Five DynamoDB tables, by owner, declared in [data.yaml](../../infra/data.yaml). Each has the keys `pk` and `sk` and a TTL attribute `ttl`.\n\
         What follows is what each file of [shared/aws/src/dynamo](../../shared/aws/src/dynamo) says of its items, and what an access costs in\n\
         request units.\n",
    );
    let folder = root().join("shared/aws/src/dynamo");
    let mut described = 0;
    for path in files(&folder, "rs") {
        let doc = module_doc(&path);
        if !doc.contains("| access |") {
            continue;
        }
        described += 1;
        let name = path.strip_prefix(&folder).unwrap().with_extension("").display().to_string();
        let name = name.trim_end_matches("/mod").replace('_', " ");
        let file = path.strip_prefix(root()).unwrap().display().to_string();
        let _ = write!(text, "\n## {name}\n\n[{file}](../../{file})\n\n{doc}");
    }
    assert!(described > 10, "the files' headings have changed");
    is_current("docs/reference/data-model.md", &text);
}
