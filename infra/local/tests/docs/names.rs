//! What the commands of the pages name is there: packages and their tests, options of the programs of this repository, and its files.

use crate::blocks::{blocks, files, pages, root};
use crate::marks::{assigns, pages_beside};
use crate::requests::{commands, readmes};
use crate::sentences::sentences;
use std::path::{Path, PathBuf};

/// What a path of the repository begins with.
const FOLDERS: [&str; 7] = [".ci/", ".github/", "docs/", "events/", "functions/", "infra/", "shared/"];

/// The folder of a package of the workspace.
fn folder(package: &str) -> Option<PathBuf> {
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = workspace.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","));
    let name = format!("\nname = \"{package}\"\n");
    let is_it = |folder: &PathBuf| {
        std::fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|manifest| manifest.contains(&name))
    };
    members.map(|member| root().join(member)).find(is_it)
}

/// The text of a package's programs and benchmarks.
fn sources(package: &Path) -> String {
    let folders = ["src", "benches"].map(|folder| package.join(folder));
    let files = folders.iter().filter(|folder| folder.is_dir()).flat_map(|folder| files(folder, "rs"));
    files.map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// What a command names and is not there.
fn missing(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().skip_while(|word| assigns(word)).collect();
    let of_here = |word: &&str| FOLDERS.iter().any(|folder| word.starts_with(folder));
    if let Some(path) = words.iter().copied().filter(of_here).find(|path| !root().join(path).exists()) {
        return Some(format!("there is no {path}"));
    }
    if words.first() != Some(&"cargo") {
        return None;
    }
    let end = words.iter().position(|word| *word == "--").unwrap_or(words.len());
    let (own, given) = words.split_at(end);
    let named = |flag: &str| own.iter().skip_while(|word| **word != flag).nth(1).copied();
    // Where none is named it is the workspace's own, `default-members`.
    let package = named("-p").unwrap_or("carteiro-local");
    let Some(folder) = folder(package) else { return Some(format!("there is no package {package}")) };
    if let Some(test) = named("--test") {
        let tests = folder.join("tests");
        if !tests.join(format!("{test}.rs")).is_file() && !tests.join(test).join("main.rs").is_file() {
            return Some(format!("{package} has no test {test}"));
        }
    }
    let mut options = given.iter().filter_map(|word| word.strip_prefix("--")).filter(|name| !name.is_empty());
    let sources = sources(&folder);
    let is_unknown = |name: &&str| {
        ![format!("Long(\"{name}\")"), format!("\"--{name}\"")].iter().any(|way| sources.contains(way))
    };
    options.find(is_unknown).map(|name| format!("{package} knows no --{name}"))
}

#[test]
fn what_a_command_names_is_there() {
    let mut problems = Vec::new();
    for page in pages().into_iter().chain(readmes()).chain(pages_beside()) {
        let shown = blocks(&page).into_iter().filter(|block| block.language == "sh").chain(sentences(&page));
        for block in shown {
            let missing = commands(&block).iter().find_map(|command| missing(command));
            problems.extend(missing.map(|missing| format!("{}: {missing}", block.place)));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn what_is_not_there_is_found() {
    for command in [
        "cargo run -- --fresh",
        "UPDATE_DOCS=1 cargo test -p carteiro-local --test docs",
        "cargo bench -p carteiro-local --bench binaries -- --rounds 2",
        "cargo test -p carteiro-local --test template",
        "sam local invoke AuthFunction -e events/auth.json",
    ] {
        assert_eq!(missing(command), None, "{command}");
    }
    for command in [
        "cargo run -- --stale",
        "cargo run -p carteiro-none",
        "A=1 cargo test -p carteiro-local --test none",
        "cargo bench -p carteiro-local --bench way -- --laps 2",
        "docker build -f infra/none/Dockerfile .",
    ] {
        assert!(missing(command).is_some(), "{command}");
    }
}
