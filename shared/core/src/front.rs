//! What stands in front of a deployment's API, such as CloudFront, and how it shows that a request came through it.

use core::str::FromStr;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// The keys of which the front shows one with each request, known by their SHA-256: one, or two while one takes the other's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrontKeys {
    one: Hash,
    other: Option<Hash>,
}

type Hash = [u8; 32];

/// Why a text tells no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFrontKeys {
    /// A hash is something else.
    #[error("a SHA-256 has 64 hexadecimal digits")]
    NoHash,
    /// The hash of an empty text, as one gets it of a key that could not be read.
    #[error("the SHA-256 is that of nothing")]
    OfNothing,
    /// There are more than two.
    #[error("there are at most two keys at a time")]
    TooMany,
}

impl FromStr for FrontKeys {
    type Err = InvalidFrontKeys;

    /// Reads one hash, or two with a comma between them.
    fn from_str(text: &str) -> Result<Self, InvalidFrontKeys> {
        let mut hashes = text.split(',').map(hash);
        let one = hashes.next().ok_or(InvalidFrontKeys::NoHash)??;
        let other = hashes.next().transpose()?;
        if hashes.next().is_some() { Err(InvalidFrontKeys::TooMany) } else { Ok(Self { one, other }) }
    }
}

fn hash(text: &str) -> Result<Hash, InvalidFrontKeys> {
    let mut bytes = Hash::default();
    hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| InvalidFrontKeys::NoHash)?;
    let nothing: Hash = Sha256::digest(b"").into();
    if bytes == nothing { Err(InvalidFrontKeys::OfNothing) } else { Ok(bytes) }
}

impl FrontKeys {
    /// Whether this is one of them. How long the answer takes tells nothing of them.
    pub fn has(&self, key: &[u8]) -> bool {
        let shown: Hash = Sha256::digest(key).into();
        let ours = [Some(self.one), self.other].into_iter().flatten();
        ours.fold(Choice::from(0), |found, hash| found | hash.ct_eq(&shown)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(key: &str) -> String {
        hex::encode(Sha256::digest(key))
    }

    fn keys(text: &str) -> Result<FrontKeys, InvalidFrontKeys> {
        text.parse()
    }

    #[test]
    fn the_key_of_a_hash_is_known_and_no_other() {
        let one = keys(&hash_of("uma")).unwrap();
        for (key, known) in [("uma", true), ("outra", false), ("um", false), ("umaa", false), ("", false)] {
            assert_eq!(one.has(key.as_bytes()), known, "{key:?}");
        }
        assert!(!one.has(hash_of("uma").as_bytes()), "the hash is no key");
        assert_eq!(keys(&hash_of("uma").to_uppercase()), Ok(one));
    }

    #[test]
    fn two_are_known_while_one_takes_the_other_s_place() {
        for text in
            [format!("{},{}", hash_of("a"), hash_of("b")), format!(" {} , {} ", hash_of("b"), hash_of("a"))]
        {
            let both = keys(&text).unwrap();
            assert_eq!([b"a", b"b", b"c"].map(|key| both.has(key)), [true, true, false], "{text}");
        }
    }

    #[test]
    fn what_is_no_hash_of_a_key_is_refused() {
        let (a, cut) = (hash_of("a"), &hash_of("a")[1..]);
        for (text, why) in [
            (String::new(), InvalidFrontKeys::NoHash),
            (cut.to_owned(), InvalidFrontKeys::NoHash),
            (format!("{a}0"), InvalidFrontKeys::NoHash),
            (format!("g{cut}"), InvalidFrontKeys::NoHash),
            (format!("{a},"), InvalidFrontKeys::NoHash),
            (format!("{a};{a}"), InvalidFrontKeys::NoHash),
            (hash_of(""), InvalidFrontKeys::OfNothing),
            (format!("{a},{}", hash_of("")), InvalidFrontKeys::OfNothing),
            (format!("{a},{a},{a}"), InvalidFrontKeys::TooMany),
        ] {
            assert_eq!(keys(&text), Err(why), "{text}");
        }
    }
}
