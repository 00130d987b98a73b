//! The commands within the sentences of the pages: a fence has a place for a mark, a sentence has none. So the mark of such a command is
//! that of a fence, anywhere, that has the command or one that begins with it; of those that no fence has, the marks are here.

use crate::blocks::{Block, blocks, pages, root};
use crate::marks::{assigns, pages_beside};
use crate::requests::{self, readmes};
use std::path::Path;
use std::sync::LazyLock;

/// What begins a command.
const PROGRAMS: [&str; 16] = [
    ".ci/run", "aws", "bash", "cargo", "checkov", "curl", "docker", "gh", "git", "node", "npm", "php", "pip",
    "python3", "rustup", "sam",
];

/// A command, and its mark.
const MARKS: [(&str, &str); 21] = [
    ("UPDATE_DOCS=1 cargo test -p carteiro-cost", "tested=infra/cost/tests/page.rs"),
    ("UPDATE_DOCS=1 cargo test -p carteiro-http --test catalogue", "tested=shared/http/tests/catalogue.rs"),
    ("UPDATE_DOCS=1 cargo test -p carteiro-http --test reference", "tested=shared/http/tests/reference.rs"),
    ("UPDATE_DOCS=1 cargo test -p carteiro-local --test docs", "tested=infra/local/tests/docs/generated.rs"),
    ("aws dynamodb describe-backup --backup-arn \"$BACKUP\"", "aws"),
    ("aws dynamodb put-item", "aws"),
    ("aws ecs describe-tasks", "aws"),
    ("aws ecs update-task-protection --cluster CLUSTER --tasks TASK --no-protection-enabled", "aws"),
    ("aws secretsmanager rotate-secret --secret-id $STACK/jwt-key", "aws"),
    ("aws sesv2 delete-suppressed-destination", "aws"),
    ("aws sesv2 get-suppressed-destination --email-address …", "aws"),
    ("aws sqs start-message-move-task --region $REGION --source-arn <the DLQ's ARN>", "aws"),
    ("cargo check", "look"),
    ("cargo deny check", "tested=.ci/run"),
    ("cargo run -- --fresh", "tested=infra/local/src/arguments.rs"),
    ("cargo run -- --whatsapp live", "whatsapp"),
    ("cargo test -p carteiro-local --test docs", "tested=.ci/run"),
    ("cargo test -p carteiro-local --test template", "tested=.ci/run"),
    ("cargo test -p carteiro-simulator", "tested=.ci/run"),
    ("pip install -r .ci/packaging.txt", "tested=.ci/run"),
    ("rustup toolchain install 1.95 --component clippy,rustfmt", "tested=.github/workflows/ci.yml"),
];

/// What commands begin with that have the same mark, whatever follows.
const BEGINNINGS: [(&str, &str); 4] = [
    ("cargo bench", "bench"),
    ("cargo deny list", "look"),
    ("cargo tree", "look"),
    ("sam local invoke", "tested=infra/local/tests/docs/events.rs"),
];

/// The commands of the blocks that have a mark, with it.
static MARKED: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let all = pages().into_iter().chain(readmes()).chain(pages_beside());
    let marked =
        all.flat_map(|page| blocks(&page)).filter(|block| block.language == "sh" && !block.mark.is_empty());
    let commands = marked.flat_map(|block| {
        let commands = requests::commands(&block).into_iter();
        commands.map(move |command| (one_spaced(&command), block.mark.clone()))
    });
    commands.collect()
});

/// A command with one space between its words.
fn one_spaced(command: &str) -> String {
    command.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a command is another, or is one that begins with it.
fn begins(command: &str, with: &str) -> bool {
    command.strip_prefix(with).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// The commands within a page's sentences, as blocks with their marks.
pub(crate) fn sentences(page: &Path) -> Vec<Block> {
    let name = page.strip_prefix(root()).unwrap_or(page).display().to_string();
    let marked = |command: String| Block {
        place: format!("{name}: {command}"),
        language: "sh".to_owned(),
        mark: mark(&command).to_owned(),
        text: command,
    };
    commands(&std::fs::read_to_string(page).unwrap()).into_iter().map(marked).collect()
}

/// The mark of a command; where it has none, one that nobody knows.
fn mark(command: &str) -> &str {
    let own = MARKS.iter().find(|(of, _)| *of == command);
    let begun = || BEGINNINGS.iter().find(|(of, _)| begins(command, of));
    let fenced = || MARKED.iter().find(|(of, _)| begins(of, command)).map(|(_, mark)| mark.as_str());
    let here = own.or_else(begun).map(|(_, mark)| *mark);
    here.or_else(fenced).unwrap_or("none in a fence or in sentences.rs")
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
    let built = program.starts_with("target/") || program.starts_with("./");
    (PROGRAMS.contains(program) && program.contains('/'))
        || ((PROGRAMS.contains(program) || built) && !rest.is_empty())
}

#[test]
fn commands_are_found_in_sentences() {
    let text = "With `curl` or `cargo\n  run`:\n```sh\ncargo test `x`\n```\nthen `.ci/run`, `$API`, `A=1`, `A=1 cargo x`, `target/x`, `target/x y` and `a cargo run`.";
    assert_eq!(commands(text), ["cargo run", ".ci/run", "A=1 cargo x", "target/x y"]);
}

#[test]
fn a_command_has_its_own_mark_or_that_of_a_fence() {
    let known = ["cargo run -- --fresh", "cargo bench -p x", "sam deploy"].map(mark);
    assert_eq!(known, ["tested=infra/local/src/arguments.rs", "bench", "aws"]);
    for unknown in ["cargo run -- --new", "curl x", "aws s3 ls", "sam dep", "sam deploy --no-such-option"] {
        assert!(mark(unknown).starts_with("none"), "{unknown}");
    }
}
