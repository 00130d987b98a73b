//! What an operation needs to go on.

use super::{About, PrivacyScope};
use crate::ports::{PartTag, PartsId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an operation needs to go on. It names the person, so it goes when the operation is over. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivacyWork {
    /// Of whom.
    pub about: About,
    /// What it goes through, once that is known.
    #[serde(default)]
    pub scope: Option<PrivacyScope>,
    /// Where the next run begins.
    #[serde(default)]
    pub cursor: Option<String>,
    /// Whether everything was gone through.
    #[serde(default)]
    pub read_all: bool,
    /// The file that is being written.
    #[serde(default)]
    pub upload: Option<String>,
    /// The parts of it that were written.
    #[serde(default)]
    pub parts: Vec<String>,
    /// How often it was begun anew, the parts having been lost.
    #[serde(default)]
    pub restarts: u32,
}

impl From<About> for PrivacyWork {
    fn from(about: About) -> Self {
        Self {
            about,
            scope: None,
            cursor: None,
            read_all: false,
            upload: None,
            parts: Vec::new(),
            restarts: 0,
        }
    }
}

impl fmt::Debug for PrivacyWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivacyWork(…)")
    }
}

impl PrivacyWork {
    /// The file that is being written.
    pub fn upload(&self) -> Option<PartsId> {
        self.upload.as_ref().map(PartsId::from_stored)
    }

    /// The parts of it that were written.
    pub fn parts(&self) -> Vec<PartTag> {
        self.parts.iter().map(PartTag::from_stored).collect()
    }
}
