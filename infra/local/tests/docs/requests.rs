//! The READMEs, and the requests that they show.

use super::blocks::{Block, blocks, root};
use std::path::{Path, PathBuf};

/// Both READMEs, the English one first.
pub(crate) fn readmes() -> [PathBuf; 2] {
    ["README.md", "README.pt-BR.md"].map(|name| root().join(name))
}

/// The commands of a block, each on one line and without the comment behind it.
pub(crate) fn commands(block: &Block) -> Vec<String> {
    let text = block.text.replace("\\\n", " ");
    let lines = text.lines().map(|line| line.split("  # ").next().unwrap_or_default().trim_end());
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// The requests of a README: the commands of its blocks without a mark.
pub(crate) fn requests(page: &Path) -> Vec<String> {
    let shown = blocks(page).into_iter().filter(|block| block.language == "sh" && block.mark.is_empty());
    shown.flat_map(|block| commands(&block)).collect()
}

/// What stands between `before` and the next `after`.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: char) -> Option<&'a str> {
    text.split_once(before)?.1.split(after).next()
}

/// What a request asks for: the method, and the path with its query.
pub(crate) fn asked(request: &str) -> (&str, &str) {
    let has_body = request.contains(" -d ") || request.contains(" -F ");
    let method = between(request, "-X ", ' ').unwrap_or(if has_body { "POST" } else { "GET" });
    (method, between(request, "\"$API", '"').unwrap_or_default())
}
