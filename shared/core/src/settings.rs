//! The settings that a process is started with. Only a `main` reads the environment; this is how it is told what is wrong.

use std::fmt::Display;
use std::str::FromStr;

/// Named texts, such as the environment's variables.
pub struct Settings<F>(F);

/// A setting that is absent or not as it must be. Its value is not told: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    /// It is not there.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// It cannot be read.
    #[error("the environment variable {0} is not valid: {1}")]
    Invalid(&'static str, String),
}

impl<F: Fn(&str) -> Option<String>> Settings<F> {
    /// Settings that are looked up by `lookup`: in a main, `|name| std::env::var(name).ok()`.
    pub fn new(lookup: F) -> Self {
        Self(lookup)
    }

    /// A text that must be there and not be blank.
    ///
    /// # Errors
    /// [`InvalidSetting::Missing`], naming it.
    pub fn text(&self, name: &'static str) -> Result<String, InvalidSetting> {
        self.optional(name).ok_or(InvalidSetting::Missing(name))
    }

    /// A text that may be there; a blank one is as good as none.
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|text| !text.trim().is_empty())
    }

    /// A value that must be there and readable.
    ///
    /// # Errors
    /// [`InvalidSetting`], naming it and telling what is wrong with it.
    pub fn parse<T>(&self, name: &'static str) -> Result<T, InvalidSetting>
    where
        T: FromStr<Err: Display>,
    {
        self.read(name, |text| text.trim().parse::<T>())
    }

    /// A value that must be there and that `read` can read.
    ///
    /// # Errors
    /// [`InvalidSetting`], naming it and telling what is wrong with it.
    pub fn read<T, E: Display>(
        &self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, InvalidSetting> {
        read(&self.text(name)?).map_err(|error| InvalidSetting::Invalid(name, error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_variable_that_is_wrong() {
        let settings = Settings::new(|name| match name {
            "COUNT" => Some("x".into()),
            "BLANK" => Some(" ".into()),
            _ => None,
        });
        assert_eq!(settings.text("BLANK").unwrap_err(), InvalidSetting::Missing("BLANK"));
        let error = settings.parse::<u16>("COUNT").unwrap_err().to_string();
        assert_eq!(error, "the environment variable COUNT is not valid: invalid digit found in string");
        assert_eq!(settings.optional("OTHER"), None);
    }
}
