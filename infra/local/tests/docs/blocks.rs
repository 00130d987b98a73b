//! The pages, and the fenced blocks on them.

use std::path::{Path, PathBuf};

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every page of `docs/`, in order of their paths.
pub(crate) fn pages() -> Vec<PathBuf> {
    files(&root().join("docs"), "md")
}

/// The files below a folder with this extension, in order of their paths.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|its| its == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    /// Where it begins: the page and the line.
    pub(crate) place: String,
    /// The first word after the fence.
    pub(crate) language: String,
    /// The rest of that line.
    pub(crate) mark: String,
    /// What stands in it.
    pub(crate) text: String,
}

/// The blocks of a page.
pub(crate) fn blocks(page: &Path) -> Vec<Block> {
    let text = std::fs::read_to_string(page).unwrap();
    let name = page.strip_prefix(root()).unwrap_or(page).display().to_string();
    let mut found: Vec<Block> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), open) {
            (Some(info), false) => {
                let (language, mark) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
                found.push(Block {
                    place: format!("{name}:{}", index + 1),
                    language: language.to_owned(),
                    mark: mark.trim().to_owned(),
                    text: String::new(),
                });
                open = true;
            }
            (Some(_), true) => open = false,
            (None, true) => {
                let block = found.last_mut().unwrap();
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, false) => {}
        }
    }
    assert!(!open, "{name}: a block has no end");
    found
}
