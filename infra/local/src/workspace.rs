//! Where the repository is: its template, its crates, and the directory that a local run keeps to itself.

use crate::error::Error;
use std::path::{Path, PathBuf};

/// The checkout that this program was built from.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds it.
    pub fn find() -> Result<Self, Error> {
        let crate_directory = Path::new(env!("CARGO_MANIFEST_DIR"));
        match crate_directory.ancestors().nth(2) {
            Some(root) if root.join("template.yaml").is_file() => Ok(Self { root: root.to_owned() }),
            _ => Err(Error::new(format!(
                "the repository is no longer at {}: start this with `cargo run` from where it is now",
                crate_directory.display()
            ))),
        }
    }

    /// Its root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `.carteiro`, which git ignores.
    pub fn private(&self) -> PathBuf {
        self.root.join(".carteiro")
    }
}
