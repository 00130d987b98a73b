//! The commands for AWS, which no test runs: they ask the region that is deployed to, with variables that have a value, and no deployment
//! of theirs forgets what `samconfig.toml` has.

use crate::blocks::{blocks, pages, root};
use crate::marks::{assigns, pages_beside};
use crate::requests::{commands, readmes};
use std::collections::BTreeSet;
use std::path::Path;

/// What a shell has, or a page of GitHub's.
const GIVEN: [&str; 1] = ["AWS_REGION"];

/// The variables that a command reads.
fn read(command: &str) -> BTreeSet<String> {
    let names = command.split('$').skip(1).map(|rest| rest.strip_prefix('{').unwrap_or(rest));
    let name =
        |rest: &str| rest.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect::<String>();
    names.map(name).filter(|name| !name.is_empty()).collect()
}

/// The variables that a command gives a value.
fn given(command: &str) -> BTreeSet<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let loops = words.windows(2).filter(|pair| pair[0] == "for").map(|pair| pair[1].to_owned());
    let assigned =
        words.iter().filter(|word| assigns(word)).map(|word| word.split('=').next().unwrap().to_owned());
    loops.chain(assigned).collect()
}

/// What is wrong with the commands for AWS of a page.
fn problems(page: &Path) -> Vec<String> {
    let (mut known, mut wrong) = (GIVEN.map(str::to_owned).into_iter().collect::<BTreeSet<_>>(), Vec::new());
    let mut region = false;
    for block in blocks(page).into_iter().filter(|block| block.language == "sh") {
        for command in commands(&block) {
            // What another block of the page, which a test runs, has set is set here too.
            known.extend(given(&command));
            if block.mark != "aws" {
                continue;
            }
            region |= command.starts_with("export AWS_REGION=") && command.contains(" AWS_DEFAULT_REGION=");
            let asks =
                command.split_whitespace().any(|word| word.trim_start_matches("\"$(").ends_with("aws"));
            if asks && !region && !command.contains("--region") {
                wrong.push(format!("{}: no region for {command}", block.place));
            }
            wrong.extend(
                read(&command)
                    .difference(&known)
                    .map(|name| format!("{}: ${name} has no value", block.place)),
            );
            if command.starts_with("sam deploy") && command.contains("--parameter-overrides") {
                wrong.push(format!(
                    "{}: {command} is for one deployment; samconfig.toml keeps it",
                    block.place
                ));
            }
        }
    }
    wrong
}

#[test]
fn commands_for_aws_have_their_region_and_their_variables() {
    let all = pages().into_iter().chain(readmes()).chain(pages_beside());
    let wrong: Vec<String> = all.flat_map(|page| problems(&page)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_lacks_something_is_found() {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(read("a \"$ONE-x\" ${TWO%%/*} $(three) $four"), names(&["ONE", "TWO"]));
    assert_eq!(given("for TABLE in a b; do"), names(&["TABLE"]));
    assert_eq!(given("export A_B=1 C=$(aws x y)"), names(&["A_B", "C"]));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let page = folder.join(format!("shell-{}.md", std::process::id()));
    let text = "```sh aws\naws s3 ls\nA=$(aws sts x)\nsam deploy --parameter-overrides X=$B\n```\n";
    std::fs::write(&page, text).unwrap();
    let found = problems(&page);
    std::fs::remove_file(&page).unwrap();
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(problems(&root().join("docs/how-to/deploy.md")).is_empty());
}
