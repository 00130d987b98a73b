//! `.ci/changes`, which makes the notes of a release of the changelog.

use crate::blocks::root;
use std::path::{Path, PathBuf};
use std::process::Command;

const CHANGELOG: &str = "\
# Changelog

## [Unreleased]

- What is not out yet.

## [1.10.0] - 2027-03-01

### Fixed

- The second thing.

## [1.1.0] - 2027-01-31

- The first thing.

[1.1.0]: https://example.com/v1.1.0
";

/// A repository of nothing but what the script reads, for one test.
struct Repository(PathBuf);

impl Repository {
    fn of(name: &str, version: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join(".ci")).unwrap();
        std::fs::copy(root().join(".ci/changes"), folder.join(".ci/changes")).unwrap();
        let manifest = format!("[workspace.package]\nversion = \"{version}\"\n");
        std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        std::fs::write(folder.join("CHANGELOG.md"), CHANGELOG).unwrap();
        Self(folder)
    }

    /// What it prints of a version, or what it complains of.
    fn changes(&self, version: &str) -> Result<String, String> {
        let output = Command::new("bash").arg(self.0.join(".ci/changes")).arg(version).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_release_s_notes_are_its_section_of_the_changelog() {
    let later = Repository::of("later", "1.10.0").changes("1.10.0").unwrap();
    assert_eq!(later, "### Fixed\n\n- The second thing.");
    // The last one ends where the addresses begin, and is not the one whose number begins alike.
    assert_eq!(Repository::of("first", "1.1.0").changes("1.1.0").unwrap(), "- The first thing.");
}

#[test]
fn a_version_that_one_of_the_files_does_not_have_is_no_release() {
    let other = Repository::of("other", "1.1.0").changes("1.10.0").unwrap_err();
    assert!(other.contains("Cargo.toml"), "{other}");
    let unsaid = Repository::of("unsaid", "1.2.0").changes("1.2.0").unwrap_err();
    assert!(unsaid.contains("CHANGELOG.md"), "{unsaid}");
}
