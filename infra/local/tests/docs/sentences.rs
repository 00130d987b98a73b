//! The commands within the sentences of the READMEs and of the pages beside `docs/`: a fence has a place for a mark, a sentence has none, so
//! the marks are here.

use crate::blocks::{Block, root};
use crate::marks::assigns;
use std::path::Path;

/// What begins a command.
const PROGRAMS: [&str; 12] =
    [".ci/run", "aws", "bash", "cargo", "curl", "docker", "git", "node", "npm", "python3", "rustup", "sam"];

/// A command, and its mark.
const MARKS: [(&str, &str); 13] = [
    (".ci/run", "tested=.github/workflows/ci.yml"),
    ("cargo run", "tested=infra/local/tests/e2e/pages.rs"),
    ("cargo run -- --fresh", "tested=infra/local/src/arguments.rs"),
    ("cargo run -- --tasks 3", "tested=infra/local/tests/e2e/fleet_deployment.rs"),
    ("cargo run -- --whatsapp live", "whatsapp"),
    ("cargo run -p carteiro-cost -- --sends 100000", "tested=infra/cost/tests/command.rs"),
    ("cargo test --workspace", "tested=.ci/run"),
    ("cargo test -p carteiro-local --test docs", "tested=.ci/run"),
    ("cargo test -p carteiro-simulator", "tested=.ci/run"),
    ("UPDATE_DOCS=1 cargo test -p carteiro-http --test catalogue", "tested=shared/http/tests/catalogue.rs"),
    ("cargo tree", "look"),
    ("rustup toolchain install 1.95 --component clippy,rustfmt", "tested=.github/workflows/ci.yml"),
    ("sam build", "tested=.ci/run"),
];

/// What commands begin with that have the same mark, whatever follows.
const PREFIXES: [(&str, &str); 3] = [
    ("aws ", "aws"),
    ("cargo bench ", "bench"),
    ("sam local invoke ", "tested=infra/local/tests/docs/events.rs"),
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
    let whole = MARKS.iter().find(|(of, _)| *of == command);
    let begun = || PREFIXES.iter().find(|(of, _)| command.starts_with(of));
    whole.or_else(begun).map_or("none in sentences.rs", |(_, mark)| mark)
}

/// What stands between backticks, outside of blocks, and is a program with what it is given.
fn commands(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    let spans = prose.split('`').skip(1).step_by(2);
    let words = spans.map(|span| span.split_whitespace().collect::<Vec<_>>());
    words.filter(|words| is_command(words)).map(|words| words.join(" ")).collect()
}

fn is_command(words: &[&str]) -> bool {
    let variables = words.iter().take_while(|word| assigns(word)).count();
    let [program, rest @ ..] = &words[variables..] else { return false };
    PROGRAMS.contains(program) && (!rest.is_empty() || program.contains('/'))
}

#[test]
fn commands_are_found_in_sentences() {
    let text = "With `curl` or `cargo\n  run`:\n```sh\ncargo test `x`\n```\nthen `.ci/run`, `$API`, `A=1`, `A=1 cargo x` and `a cargo run`.";
    assert_eq!(commands(text), ["cargo run", ".ci/run", "A=1 cargo x"]);
}

#[test]
fn a_command_has_its_own_mark() {
    let known = ["cargo run", "cargo bench -p x", "aws x"].map(mark);
    assert_eq!(known, ["tested=infra/local/tests/e2e/pages.rs", "bench", "aws"]);
    assert_eq!(mark("cargo run -- --new"), mark("curl x"));
}
