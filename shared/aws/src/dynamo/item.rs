//! Items, written and read by name and type.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::place::Place;
use carteiro_core::ports::Unavailable;
use jiff::Timestamp;
use secrecy::SecretString;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

/// The attributes of an item.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// A stored item does not say what it should: only its attribute's name is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged(pub(super) &'static str);

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the attribute `{}` is absent or malformed", self.0)
    }
}

impl From<Damaged> for Unavailable {
    fn from(damaged: Damaged) -> Self {
        Unavailable::lasting("reading a stored item", damaged.to_string())
    }
}

/// A string.
pub(super) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number.
pub(super) fn n(number: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

/// Bytes.
pub(super) fn b(bytes: impl Into<Vec<u8>>) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

/// A time, in microseconds since 1970.
pub(super) fn at(time: Timestamp) -> AttributeValue {
    n(time.as_microsecond())
}

/// A sort key by which what has such places is in the order of time; of those of one microsecond, of their ids.
pub(super) fn by_time<Id: fmt::Display>(place: Place<Id>) -> String {
    format!("{}#{}", time_bound(place.at), place.id)
}

/// Sorts before everything [`by_time`] of this time or later, and after everything of an earlier one. Times before 1970 are taken
/// for 1970.
pub(super) fn time_bound(at: Timestamp) -> String {
    format!("{:020}", at.as_microsecond().max(0))
}

/// A time to live: DynamoDB deletes the item some time after it. In seconds since 1970.
pub(super) fn ttl(time: Timestamp) -> AttributeValue {
    n(time.as_second())
}

/// An item: its keys and attributes.
#[derive(Clone, PartialEq)]
pub(super) struct Item(pub(super) Attributes);

impl Item {
    /// An item of these keys and nothing else.
    pub(super) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self(key(pk, sk))
    }

    /// Sets an attribute.
    pub(super) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// Sets an attribute, if there is a value.
    pub(super) fn with_some(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// A string.
    pub(super) fn text(&self, name: &'static str) -> Result<&str, Damaged> {
        self.0.get(name).and_then(|v| v.as_s().ok()).map(String::as_str).ok_or(Damaged(name))
    }

    /// A string that parses; absent is none.
    pub(super) fn some<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Damaged> {
        match self.0.get(name) {
            None => Ok(None),
            Some(_) => read(self.text(name)?).map(Some).ok_or(Damaged(name)),
        }
    }

    /// A string that must be there and parse.
    pub(super) fn one<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Damaged> {
        self.some(name, read)?.ok_or(Damaged(name))
    }

    /// A number.
    pub(super) fn number<T: FromStr>(&self, name: &'static str) -> Result<T, Damaged> {
        self.some_number(name)?.ok_or(Damaged(name))
    }

    /// A number; absent is none.
    pub(super) fn some_number<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Damaged> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let number = value.as_n().ok().and_then(|number| number.parse().ok());
        number.map(Some).ok_or(Damaged(name))
    }

    /// A time.
    pub(super) fn time(&self, name: &'static str) -> Result<Timestamp, Damaged> {
        self.some_time(name)?.ok_or(Damaged(name))
    }

    /// A time; absent is none.
    pub(super) fn some_time(&self, name: &'static str) -> Result<Option<Timestamp>, Damaged> {
        let Some(number) = self.some_number(name)? else { return Ok(None) };
        Timestamp::from_microsecond(number).map(Some).map_err(|_| Damaged(name))
    }

    /// When it is deleted: what [`ttl`] wrote.
    pub(super) fn ends(&self) -> Result<Timestamp, Damaged> {
        Timestamp::from_second(self.number("ttl")?).map_err(|_| Damaged("ttl"))
    }

    /// A secret and until when it is good; absent is none.
    pub(super) fn secret_until(
        &self,
        name: &'static str,
        end: &'static str,
    ) -> Result<Option<(SecretString, Timestamp)>, Damaged> {
        let Some(secret) = self.some(name, |secret| Some(SecretString::from(secret)))? else {
            return Ok(None);
        };
        Ok(Some((secret, self.time(end)?)))
    }

    /// Bytes.
    pub(super) fn bytes(&self, name: &'static str) -> Result<&[u8], Damaged> {
        self.0.get(name).and_then(|v| v.as_b().ok()).map(AsRef::as_ref).ok_or(Damaged(name))
    }

    /// A list of strings.
    pub(super) fn texts(&self, name: &'static str) -> Result<Vec<&str>, Damaged> {
        let list = self.0.get(name).and_then(|v| v.as_l().ok()).ok_or(Damaged(name))?;
        list.iter().map(|v| v.as_s().map(String::as_str).map_err(|_| Damaged(name))).collect()
    }

    /// A flag; absent is `false`.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Damaged> {
        match self.0.get(name) {
            None => Ok(false),
            Some(value) => value.as_bool().copied().map_err(|_| Damaged(name)),
        }
    }
}

/// The keys of an item.
pub(super) fn key(pk: impl Into<String>, sk: impl Into<String>) -> Attributes {
    HashMap::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s(sk))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote() {
        let time = Timestamp::from_microsecond(1_700_000_000_123_456).unwrap();
        let item = Item::new("P", "S").with("t", at(time)).with("n", n(7)).with_some("x", None);
        assert_eq!(item.text("pk"), Ok("P"));
        assert_eq!(item.time("t"), Ok(time));
        assert_eq!(item.number::<u32>("n"), Ok(7));
        assert_eq!(item.some_number::<u32>("x"), Ok(None));
        assert_eq!(item.flag("x"), Ok(false));
    }

    #[test]
    fn damage_names_the_attribute_only() {
        let item = Item::new("P", "S").with("n", s("secret"));
        assert_eq!(item.number::<u32>("n"), Err(Damaged("n")));
        assert!(!Unavailable::from(Damaged("n")).to_string().contains("secret"));
        assert!(Unavailable::from(Damaged("n")).lasting, "it reads the same each time");
        assert_eq!(item.text("y"), Err(Damaged("y")));
    }
}
