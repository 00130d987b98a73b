//! The commands within the sentences of the READMEs: a fence has a place for a mark, a sentence has none, so the marks are here.

use crate::blocks::{Block, root};
use std::path::Path;

/// What begins a command.
const PROGRAMS: [&str; 12] =
    [".ci/run", "aws", "bash", "cargo", "curl", "docker", "git", "node", "npm", "python3", "rustup", "sam"];

/// A command, and its mark.
const MARKS: [(&str, &str); 6] = [
    ("cargo run", "tested=infra/local/tests/e2e/pages.rs"),
    ("cargo run -- --fresh", "tested=infra/local/src/arguments.rs"),
    ("cargo run -- --tasks 3", "tested=infra/local/tests/e2e/fleet_deployment.rs"),
    ("cargo run -- --whatsapp live", "whatsapp"),
    ("cargo run -p carteiro-cost -- --sends 100000", "tested=infra/cost/tests/command.rs"),
    ("sam build", "tested=.ci/run"),
];

/// The commands within a page's sentences, as blocks with their marks.
pub(crate) fn sentences(page: &Path) -> Vec<Block> {
    let name = page.strip_prefix(root()).unwrap_or(page).display().to_string();
    let marked = |command: String| Block {
        place: name.clone(),
        language: "sh".to_owned(),
        mark: mark(&command).to_owned(),
        text: command,
    };
    commands(&std::fs::read_to_string(page).unwrap()).into_iter().map(marked).collect()
}

/// The mark of a command; where it has none, one that nobody knows.
fn mark(command: &str) -> &'static str {
    match MARKS.iter().find(|(of, _)| *of == command) {
        Some((_, mark)) => mark,
        None if command.starts_with("cargo bench ") => "bench",
        None => "none in sentences.rs",
    }
}

/// What stands between backticks, outside of blocks, and is a program with what it is given.
fn commands(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    let spans = prose.split('`').skip(1).step_by(2);
    let words = spans.map(|span| span.split_whitespace().collect::<Vec<_>>());
    words.filter(|words| is_command(words)).map(|words| words.join(" ")).collect()
}

fn is_command(words: &[&str]) -> bool {
    let [program, rest @ ..] = words else { return false };
    PROGRAMS.contains(program) && (!rest.is_empty() || program.contains('/'))
}

#[test]
fn commands_are_found_in_sentences() {
    let text = "With `curl` or `cargo\n  run`:\n```sh\ncargo test `x`\n```\nthen `.ci/run`, `$API` and `a cargo run`.";
    assert_eq!(commands(text), ["cargo run", ".ci/run"]);
}

#[test]
fn a_command_has_its_own_mark() {
    assert_eq!((mark("cargo run"), mark("cargo bench -p x")), (MARKS[0].1, "bench"));
    assert_eq!(mark("cargo run -- --new"), mark("curl x"));
}
