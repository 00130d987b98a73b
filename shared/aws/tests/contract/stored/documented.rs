//! Each kind of item that the data model names has a stored form here, and each item here is of a kind that it names.

use super::{cases, files, items, read_json};
use std::collections::BTreeSet;

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/data-model.md"));

/// The keys of a kind of items, as the page has them: `<…>` stands for anything.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    table: String,
    pk: String,
    /// `None` where the page says it in words.
    sk: Option<String>,
}

/// What stands between backticks, outside of parentheses.
fn marked(text: &str) -> Vec<String> {
    let mut outside = String::new();
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    outside.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The kinds that a sentence names: `pk …, sk …`, or `the item …, …`.
fn in_words(section: &str, table: &str) -> Vec<Kind> {
    let text = section.replace('\n', " ");
    let mut kinds = Vec::new();
    let kind =
        |pk: &str, sk: Option<&String>| Kind { table: table.to_owned(), pk: pk.to_owned(), sk: sk.cloned() };
    if let Some((_, rest)) = text.split_once("pk `") {
        let (pk, rest) = rest.split_once('`').unwrap();
        let rest = rest.trim_start_matches(", sk");
        let said = rest.split([';', '.']).next().unwrap_or_default();
        let sks = marked(said.split(" with ").next().unwrap_or_default());
        kinds.extend(sks.iter().map(|sk| kind(pk, Some(sk))));
        if sks.is_empty() {
            kinds.push(kind(pk, None));
        }
    } else if let Some((_, rest)) = text.split_once("the item `") {
        let keys = marked(&format!("`{}", rest.split('.').next().unwrap()));
        kinds.push(kind(&keys[0], Some(&keys[1])));
    }
    kinds
}

/// The kinds in tables with a column `pk` and one `sk`.
fn in_tables(section: &str, table: &str) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let mut columns = None;
    let mut last = Vec::new();
    for line in section.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let at = |name: &str| cells.iter().position(|cell| cell.trim_matches('`') == name);
        match (line.starts_with('|'), at("pk"), at("sk")) {
            (false, ..) => columns = None,
            (true, Some(pk), Some(sk)) => columns = Some((pk, sk)),
            _ => {
                let Some((pk, sk)) = columns.filter(|_| !line.starts_with("|---")) else { continue };
                let sks = marked(cells.get(sk).unwrap_or(&""));
                let pks = if cells[pk] == "the same" { last.clone() } else { marked(cells[pk]) };
                for pk in pks.iter().filter(|_| !sks.is_empty()) {
                    let kind =
                        |sk: &String| Kind { table: table.to_owned(), pk: pk.clone(), sk: Some(sk.clone()) };
                    kinds.extend(sks.iter().map(kind));
                }
                // A key that is told in words.
                if sks.is_empty() && cells.get(sk).is_some_and(|sk| !sk.is_empty()) {
                    kinds.extend(pks.iter().map(|pk| Kind {
                        table: table.to_owned(),
                        pk: pk.clone(),
                        sk: None,
                    }));
                }
                last = pks;
            }
        }
    }
    kinds
}

fn kinds() -> BTreeSet<Kind> {
    let mut kinds = BTreeSet::new();
    for section in PAGE.split("\n## ").skip(1) {
        let name = ["accounts", "sends", "sessions", "webhooks", "chats"].into_iter().find(|table| {
            let text = section.replace('\n', " ");
            text.contains(&format!("in `{table}`")) || text.contains(&format!("table `{table}`"))
        });
        let table = name.unwrap_or_else(|| panic!("of which table? {section}"));
        let found: Vec<Kind> =
            in_tables(section, table).into_iter().chain(in_words(section, table)).collect();
        assert!(!found.is_empty(), "which items? {section}");
        kinds.extend(found);
    }
    kinds
}

/// Whether a text is of a pattern in which `<…>` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((literal, rest)) = pattern.split_once('<') else { return pattern == text };
    let Some(text) = text.strip_prefix(literal) else { return false };
    let (_, after) = rest.split_once('>').expect("a pattern that ends");
    (0..=text.len()).filter(|end| text.is_char_boundary(*end)).any(|end| fits(after, &text[end..]))
}

#[test]
fn each_kind_of_item_has_a_stored_form_and_the_other_way_round() {
    let files = files();
    let mut keys = BTreeSet::new();
    for case in cases() {
        for (table, item) in items(&read_json(&files[case.name])) {
            let key = |name: &str| item[name].as_s().unwrap().clone();
            keys.insert((table, key("pk"), key("sk")));
        }
    }
    let is_of = |kind: &Kind, (table, pk, sk): &(String, String, String)| {
        *table == kind.table && fits(&kind.pk, pk) && kind.sk.as_ref().is_none_or(|pattern| fits(pattern, sk))
    };
    let kinds = kinds();
    let without: Vec<&Kind> = kinds.iter().filter(|kind| !keys.iter().any(|key| is_of(kind, key))).collect();
    assert!(without.is_empty(), "no stored form of {without:#?}");
    let unnamed: Vec<_> = keys.iter().filter(|key| !kinds.iter().any(|kind| is_of(kind, key))).collect();
    assert!(unnamed.is_empty(), "docs/reference/data-model.md does not name {unnamed:#?}");
}

#[test]
fn patterns_fit_what_they_stand_for() {
    assert!(fits("NUMBER#<admin or worker>#<digits>", "NUMBER#admin#5511"));
    assert!(!fits("NUMBER#<admin or worker>#<digits>", "NUMBER#admin") && !fits("RECEIVER#", "RECEIVER#a"));
    assert!(kinds().len() >= 40, "{:#?}", kinds());
}
