//! Every command on a page is run by a test, or says why it is not.
//!
//! | block | what becomes of it |
//! |---|---|
//! | `sh` | run, in the order of the page, by the test `pages` of `e2e` |
//! | `sh aws` | needs an AWS account |
//! | `sh values` | assigns what the reader puts in; the test has its own values |
//! | `sh clone` | gets the repository |
//! | `sh tested=PATH` | run by that test |

use crate::blocks::{Block, blocks, pages, root};

/// Shells, and what looks like them: all commands are written as `sh`.
const SHELLS: [&str; 7] = ["", "bash", "shell", "console", "zsh", "powershell", "shell-session"];

fn problem(block: &Block) -> Option<String> {
    if SHELLS.contains(&block.language.as_str()) {
        return Some("a block has a language, and a command's is sh".to_owned());
    }
    if block.language != "sh" {
        return None;
    }
    let lines = || block.text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    match block.mark.split_once('=').unwrap_or((&block.mark, "")) {
        ("" | "aws", "") => None,
        ("values", "") => lines().find(|line| !assigns(line)).map(|line| format!("{line} assigns nothing")),
        ("clone", "") => lines()
            .find(|line| !line.starts_with("git clone ") && !line.starts_with("cd "))
            .map(|line| format!("{line} clones nothing")),
        ("tested", path) => (!root().join(path).is_file()).then(|| format!("there is no {path}")),
        _ => Some(format!("nobody knows the mark {:?}", block.mark)),
    }
}

fn assigns(line: &str) -> bool {
    let name = line.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

#[test]
fn every_command_is_run_or_marked() {
    let mut problems = Vec::new();
    for block in pages().iter().flat_map(|page| blocks(page)) {
        if let Some(problem) = problem(&block) {
            problems.push(format!("{}: {problem}", block.place));
        }
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
        ("sh", "values", "# the first\nAPI=x\n\nTOKEN=y"),
        ("sh", "clone", "git clone x\ncd x"),
        ("sh", "tested=Cargo.toml", "cargo x"),
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
    ] {
        assert!(problem(&block(language, mark, text)).is_some(), "{language} {mark} {text}");
    }
}
