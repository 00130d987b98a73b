//! The text under a file.

use std::fmt;

/// A caption: 1 to 1,024 characters, and not only white space. `Debug` shows its length only.
///
/// The limit is the one that Meta documents for captions of its own API; WhatsApp's clients cut longer ones.
#[derive(Clone, PartialEq, Eq)]
pub struct Caption(String);

/// What was given is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a caption has at most 1,024 characters")]
pub struct InvalidCaption;

impl Caption {
    /// The most characters a caption may have.
    pub const MAX_CHARS: usize = 1_024;

    /// Takes a caption; a blank one is none.
    ///
    /// # Errors
    /// [`InvalidCaption`] when it is too long.
    pub fn parse(text: &str) -> Result<Option<Self>, InvalidCaption> {
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidCaption);
        }
        Ok((!text.trim().is_empty()).then(|| Self(text.to_owned())))
    }

    /// The caption itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Caption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Caption({} characters)", self.0.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_have_a_bound_and_do_not_show_in_debug() {
        assert_eq!(Caption::parse(" "), Ok(None));
        assert_eq!(Caption::parse(&"é".repeat(1_025)), Err(InvalidCaption));
        let caption = Caption::parse(&"é".repeat(1_024)).unwrap().unwrap();
        assert_eq!(format!("{caption:?}"), "Caption(1024 characters)");
    }
}
