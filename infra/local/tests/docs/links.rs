//! Links between the pages and to the code lead somewhere.

use crate::blocks::{pages, root};
use crate::marks::pages_beside;
use crate::requests::readmes;
use std::collections::HashSet;
use std::path::Path;

/// The targets of the links of a text that are no addresses.
fn targets(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for piece in text.split("](").skip(1) {
        let target = piece.split(')').next().unwrap_or_default();
        if !target.is_empty() && !target.contains("://") && !target.contains(char::is_whitespace) {
            found.push(target);
        }
    }
    found
}

/// What a heading is called in an address, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .collect::<String>();
    kept.replace(' ', "-")
}

fn has_heading(page: &Path, wanted: &str) -> bool {
    let text = std::fs::read_to_string(page).unwrap();
    text.lines()
        .filter(|line| line.starts_with('#'))
        .any(|line| anchor(line.trim_start_matches('#')) == wanted)
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    let all = pages().into_iter().chain(pages_beside()).chain(readmes());
    for page in all {
        let text = std::fs::read_to_string(&page).unwrap();
        for target in targets(&text) {
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            let good = file.exists()
                && (heading.is_empty()
                    || file.extension().is_none_or(|e| e != "md")
                    || has_heading(&file, heading));
            if !good {
                broken.push(format!("{}: {target}", page.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What is said twice on a page was pasted twice. Short pieces, such as the heads of tables, may be alike.
#[test]
fn no_page_says_the_same_twice() {
    let mut doubled = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let mut seen = HashSet::new();
        for piece in text.split("\n\n").filter(|piece| piece.len() > 80) {
            if !seen.insert(piece) {
                doubled.push(format!("{}: {piece}", page.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(doubled.is_empty(), "{}", doubled.join("\n"));
}

#[test]
fn every_page_is_reachable_from_the_index() {
    let index = root().join("docs/README.md");
    let text = std::fs::read_to_string(&index).unwrap();
    let reached: Vec<_> = targets(&text)
        .iter()
        .filter_map(|target| root().join("docs").join(target).canonicalize().ok())
        .collect();
    let missing: Vec<_> =
        pages().into_iter().filter(|page| *page != index && !reached.contains(page)).collect();
    assert!(missing.is_empty(), "docs/README.md does not lead to {missing:?}");
}
