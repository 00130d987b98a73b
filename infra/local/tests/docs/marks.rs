//! Every command on a page is run by a test, or says why it is not.
//!
//! | block | what becomes of it |
//! |---|---|
//! | `sh` | run, in the order of the page, by the test `pages` of `e2e`; on a README it has nothing but requests; on the pages below there is none |
//! | `sh aws` | needs an AWS account |
//! | `sh whatsapp` | needs WhatsApp itself, and a phone |
//! | `sh bench` | measures: a benchmark of that name is compiled with every change, and run when somebody wants to know |
//! | `sh values` | assigns what the reader puts in; the test has its own values |
//! | `sh clone` | gets the repository |
//! | `sh tested=PATH` | run by that test |
//! | `sh look` | shows how things are, and changes no source |
//!
//! What pages have within their sentences is marked in `sentences.rs`.

use crate::blocks::{Block, blocks, pages, root};
use crate::requests::{commands, readmes};
use crate::sentences::sentences;
use std::path::PathBuf;

/// Pages beside `docs/` and the READMEs. Nothing on them is run as it stands there.
const BESIDE: [&str; 5] = [
    "CONTRIBUTING.md",
    "events/README.md",
    "infra/RUNBOOK.md",
    "infra/chaos/README.md",
    "infra/simulator/README.md",
];

/// The pages beside `docs/` and the READMEs.
pub(crate) fn pages_beside() -> [PathBuf; 5] {
    BESIDE.map(|name| root().join(name))
}

/// Shells, and what looks like them: all commands are written as `sh`.
const SHELLS: [&str; 7] = ["", "bash", "shell", "console", "zsh", "powershell", "shell-session"];

/// What only shows something.
const LOOKS: [&str; 3] = ["cargo check", "cargo deny list", "cargo tree"];

fn problem(block: &Block) -> Option<String> {
    if SHELLS.contains(&block.language.as_str()) {
        return Some("a block has a language, and a command's is sh".to_owned());
    }
    if block.language != "sh" {
        return None;
    }
    let lines = || block.text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    match block.mark.split_once('=').unwrap_or((&block.mark, "")) {
        ("" | "aws" | "whatsapp", "") => None,
        ("bench", "") => lines().find(|line| !measures(line)).map(|line| format!("{line} measures nothing")),
        ("values", "") => lines().find(|line| !assigns(line)).map(|line| format!("{line} assigns nothing")),
        ("clone", "") => lines()
            .find(|line| !line.starts_with("git clone ") && !line.starts_with("cd "))
            .map(|line| format!("{line} clones nothing")),
        ("look", "") => lines()
            .find(|line| !LOOKS.iter().any(|look| line.starts_with(look)))
            .map(|line| format!("{line} may do more than look")),
        ("tested", path) => (!root().join(path).is_file()).then(|| format!("there is no {path}")),
        _ => Some(format!("nobody knows the mark {:?}", block.mark)),
    }
}

/// Whether a line, or a word of one, gives a variable a value.
pub(crate) fn assigns(line: &str) -> bool {
    let name = line.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// Whether a line is `cargo bench` of a benchmark that there is.
fn measures(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let named = |flag| words.iter().skip_while(|word| **word != flag).nth(1).copied().unwrap_or_default();
    let folder = named("-p").trim_start_matches("carteiro-");
    let manifest = std::fs::read_to_string(root().join("infra").join(folder).join("Cargo.toml"));
    words.starts_with(&["cargo", "bench"])
        && manifest.is_ok_and(|text| text.contains(&format!("[[bench]]\nname = \"{}\"\n", named("--bench"))))
}

/// The same of a README, of which only requests are run.
fn readme_problem(block: &Block) -> Option<String> {
    let unmarked = block.language == "sh" && block.mark.is_empty();
    let other = commands(block).into_iter().find(|command| unmarked && !command.starts_with("curl "));
    problem(block).or(other.map(|command| format!("{command:?} is no request, and has no mark")))
}

/// The same of a page of which nothing is run.
fn beside_problem(block: &Block) -> Option<String> {
    let unmarked = block.language == "sh" && block.mark.is_empty();
    problem(block).or(unmarked.then(|| "no test runs this page: its commands have marks".to_owned()))
}

#[test]
fn every_command_is_run_or_marked() {
    let mut problems = Vec::new();
    let mut judge = |block: &Block, problem: fn(&Block) -> Option<String>| {
        if let Some(problem) = problem(block) {
            problems.push(format!("{}: {problem}", block.place));
        }
    };
    for block in pages().iter().flat_map(|page| blocks(page).into_iter().chain(sentences(page))) {
        judge(&block, problem);
    }
    for block in readmes().iter().flat_map(|page| blocks(page).into_iter().chain(sentences(page))) {
        judge(&block, readme_problem);
    }
    for block in pages_beside().iter().flat_map(|page| blocks(page).into_iter().chain(sentences(page))) {
        judge(&block, beside_problem);
    }
    assert!(problems.is_empty(), "see the marks at the top of this file's test\n{}", problems.join("\n"));
}

#[test]
fn what_is_neither_run_nor_marked_is_found() {
    let block = |language: &str, mark: &str, text: &str| Block {
        place: String::new(),
        language: language.to_owned(),
        mark: mark.to_owned(),
        text: text.to_owned(),
    };
    for (language, mark, text) in [
        ("sh", "", "curl x"),
        ("sh", "aws", "sam deploy"),
        ("sh", "whatsapp", "cargo run -- --whatsapp live"),
        ("sh", "bench", "cargo bench -p carteiro-local --bench binaries -- --rounds 2"),
        ("sh", "values", "# the first\nAPI=x\n\nTOKEN=y"),
        ("sh", "clone", "git clone x\ncd x"),
        ("sh", "tested=Cargo.toml", "cargo x"),
        ("sh", "look", "cargo tree -p x"),
        ("json", "", "{}"),
    ] {
        assert_eq!(problem(&block(language, mark, text)), None, "{language} {mark}");
    }
    for (language, mark, text) in [
        ("", "", "curl x"),
        ("bash", "", "curl x"),
        ("sh", "skipped", "curl x"),
        ("sh", "values", "curl x"),
        ("sh", "values", "API=x\nrm x=y"),
        ("sh", "clone", "git push"),
        ("sh", "tested=no/such/file", "cargo x"),
        ("sh", "aws=yes", "x"),
        ("sh", "look", "cargo tree\ncargo clean"),
        ("sh", "bench", "cargo bench -p carteiro-local --bench other"),
        ("sh", "bench", "cargo bench -p carteiro-other --bench way"),
        ("sh", "bench", "cargo run --bench way -p carteiro-local"),
    ] {
        assert!(problem(&block(language, mark, text)).is_some(), "{language} {mark} {text}");
    }
    for (mark, text, is_problem) in [
        ("", "# the first\ncurl \"$API/x\" \\\n  -d '{}'      # that", false),
        ("", "curl x\ncargo run", true),
        ("aws", "sam deploy", false),
        ("skipped", "curl x", true),
    ] {
        assert_eq!(readme_problem(&block("sh", mark, text)).is_some(), is_problem, "{mark} {text}");
    }
    for (language, mark, is_problem) in
        [("sh", "", true), ("", "", true), ("sh", "aws", false), ("rust", "", false)]
    {
        assert_eq!(
            beside_problem(&block(language, mark, "curl x")).is_some(),
            is_problem,
            "{language} {mark}"
        );
    }
}
