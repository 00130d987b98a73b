//! Where a report goes on.

use super::period::Period;
use crate::ids::{SendId, UserId};
use crate::mac::mac;
use crate::phone::Phone;
use crate::ports::PageKey;
use jiff::Timestamp;
use std::fmt;

/// Where a report goes on: its period, and the last send that was told. Clients get it as an opaque text that is signed for
/// their tenant and the report's number; without its period given again, that of the cursor holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The period of the report.
    pub period: Period,
    /// The last send that was told.
    pub after: PageKey,
}

/// What was given is no cursor of ours for this report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this report")]
pub struct InvalidCursor;

/// The key that cursors are signed with. `Debug` does not show it.
pub struct CursorKey([u8; 32]);

/// The key that new cursors are signed with, and those before it, whose cursors are still taken: so a key is replaced while
/// reports are under way.
#[derive(Debug)]
pub struct CursorKeys {
    current: CursorKey,
    earlier: Vec<CursorKey>,
}

impl CursorKeys {
    /// These keys.
    pub fn new(current: CursorKey, earlier: impl IntoIterator<Item = CursorKey>) -> Self {
        Self { current, earlier: earlier.into_iter().collect() }
    }

    /// Writes a cursor for the client, under the current key.
    pub fn seal(&self, cursor: &Cursor, user: UserId, number: &Phone) -> String {
        self.current.seal(cursor, user, number)
    }

    /// Reads a cursor that was written for the same tenant and number under one of the keys.
    ///
    /// # Errors
    /// [`InvalidCursor`] for anything else.
    pub fn open(&self, text: &str, user: UserId, number: &Phone) -> Result<Cursor, InvalidCursor> {
        let mut keys = std::iter::once(&self.current).chain(&self.earlier);
        keys.find_map(|key| key.open(text, user, number).ok()).ok_or(InvalidCursor)
    }
}

const VERSION: u8 = 1;
/// Version, three instants of microseconds, the send id.
const BODY: usize = 1 + 3 * 8 + 16;
/// 128 bits of the HMAC.
const MAC: usize = 16;

impl CursorKey {
    /// Derives the key from a secret that is used for other things too.
    pub fn derive(secret: &[u8]) -> Self {
        Self(mac(secret, &[b"carteiro/report-cursor/1"]))
    }

    /// Writes a cursor for the client.
    pub fn seal(&self, cursor: &Cursor, user: UserId, number: &Phone) -> String {
        let mut bytes = Vec::with_capacity(BODY + MAC);
        bytes.push(VERSION);
        for at in [cursor.period.from, cursor.period.to, cursor.after.queued_at] {
            bytes.extend(at.as_microsecond().to_be_bytes());
        }
        bytes.extend(cursor.after.id.as_bytes());
        let signature = self.sign(&bytes, user, number);
        bytes.extend(signature);
        hex::encode(bytes)
    }

    /// Reads a cursor that [`CursorKey::seal`] wrote for the same tenant and number.
    ///
    /// # Errors
    /// [`InvalidCursor`] for anything else.
    pub fn open(&self, text: &str, user: UserId, number: &Phone) -> Result<Cursor, InvalidCursor> {
        let bytes = hex::decode(text).map_err(|_| InvalidCursor)?;
        if bytes.len() != BODY + MAC || bytes[0] != VERSION {
            return Err(InvalidCursor);
        }
        let (body, signature) = bytes.split_at(BODY);
        let same = subtle::ConstantTimeEq::ct_eq(signature, self.sign(body, user, number).as_slice());
        if !bool::from(same) {
            return Err(InvalidCursor);
        }
        let instant =
            |index: usize| body.get(1 + index * 8..)?.first_chunk().map(|bytes| i64::from_be_bytes(*bytes));
        let read = || {
            Some(Cursor {
                period: Period::from_microseconds(instant(0)?, instant(1)?)?,
                after: PageKey {
                    queued_at: Timestamp::from_microsecond(instant(2)?).ok()?,
                    id: SendId::from_bytes(*body.last_chunk()?),
                },
            })
        };
        read().ok_or(InvalidCursor)
    }

    fn sign(&self, body: &[u8], user: UserId, number: &Phone) -> [u8; MAC] {
        let full = mac(&self.0, &[user.as_bytes(), number.digits().as_bytes(), b"\0", body]);
        let mut signature = [0; MAC];
        signature.copy_from_slice(&full[..MAC]);
        signature
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> CursorKey {
        CursorKey::derive(b"a secret of the tests")
    }

    fn phone() -> Phone {
        "5511988887777".parse().unwrap()
    }

    prop_compose! {
        fn any_cursor()(from in 0i64..4_000_000_000_000_000, to in 0i64..4_000_000_000_000_000,
                        at in 0i64..4_000_000_000_000_000, id: [u8; 16]) -> Cursor {
            Cursor {
                period: Period::from_microseconds(from, to).unwrap(),
                after: PageKey { queued_at: Timestamp::from_microsecond(at).unwrap(), id: SendId::from_random(id) },
            }
        }
    }

    proptest! {
        #[test]
        fn opens_for_its_own_report_only(cursor in any_cursor(), user: [u8; 16], other: [u8; 16]) {
            let (user, other) = (UserId::from_random(user), UserId::from_random(other));
            let text = key().seal(&cursor, user, &phone());
            prop_assert_eq!(key().open(&text, user, &phone()), Ok(cursor));
            if other != user {
                prop_assert_eq!(key().open(&text, other, &phone()), Err(InvalidCursor));
            }
            prop_assert_eq!(key().open(&text, user, &"5511988887776".parse().unwrap()), Err(InvalidCursor));
            prop_assert_eq!(CursorKey::derive(b"another").open(&text, user, &phone()), Err(InvalidCursor));
        }

        #[test]
        fn a_changed_digit_is_noticed(cursor in any_cursor(), user: [u8; 16], at in 0usize..2 * (BODY + MAC), by in 1u8..16) {
            let user = UserId::from_random(user);
            let mut text = key().seal(&cursor, user, &phone()).into_bytes();
            let digit = char::from(text[at]).to_digit(16).unwrap() as u8 ^ by;
            text[at] = char::from_digit(u32::from(digit), 16).unwrap() as u8;
            prop_assert_eq!(key().open(&String::from_utf8(text).unwrap(), user, &phone()), Err(InvalidCursor));
        }

        #[test]
        fn other_texts_are_refused(text in "[0-9a-fg]{0,120}") {
            prop_assert_eq!(key().open(&text, UserId::from_random([0; 16]), &phone()), Err(InvalidCursor));
        }
    }

    #[test]
    fn a_cursor_survives_the_replacement_of_its_key() {
        let key = |n: u8| CursorKey::derive(&[n; 32]);
        let (user, at) = (UserId::from_random([7; 16]), Timestamp::UNIX_EPOCH);
        let after = PageKey { queued_at: at, id: SendId::from_random([8; 16]) };
        let cursor = Cursor { period: Period::from_microseconds(0, 9).unwrap(), after };
        let text = CursorKeys::new(key(1), []).seal(&cursor, user, &phone());
        let next = CursorKeys::new(key(2), [key(1)]);
        assert_eq!(next.open(&text, user, &phone()), Ok(cursor.clone()));
        let new = next.seal(&cursor, user, &phone());
        assert_eq!(CursorKeys::new(key(1), []).open(&new, user, &phone()), Err(InvalidCursor));
        assert_eq!(CursorKeys::new(key(3), [key(2)]).open(&text, user, &phone()), Err(InvalidCursor));
    }

    #[test]
    fn the_key_does_not_show() {
        assert_eq!(format!("{:?}", key()), "CursorKey(…)");
    }
}
