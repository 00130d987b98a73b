//! Where a list of V1 goes on.

use crate::ids::UserId;
use crate::mac::mac_of_list;
use crate::session::SessionName;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;

/// Which list a cursor goes on in: no other takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListName<'a> {
    /// The tenant.
    pub user: UserId,
    /// The session.
    pub session: &'a SessionName,
    /// The route, such as `conversas`.
    pub route: &'a str,
    /// What the list is of, where a session has many: the chat.
    pub of: &'a str,
}

/// What was given is no cursor of ours for this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct InvalidListCursor;

/// A key that the cursors of lists are signed with. `Debug` does not show it.
pub struct ListCursorKey([u8; 32]);

/// The key that new cursors are signed with, and those before it, whose cursors are still taken.
#[derive(Debug)]
pub struct ListCursorKeys {
    current: ListCursorKey,
    earlier: Vec<ListCursorKey>,
}

/// 128 bits of the HMAC.
const MAC: usize = 16;

impl ListCursorKey {
    /// Derives the key from a secret that is used for other things too.
    pub fn derive(secret: &[u8]) -> Self {
        Self(mac_of_list(secret, &[b"carteiro/list-cursor/1"]))
    }

    fn sign(&self, after: &[u8], list: &ListName<'_>) -> [u8; MAC] {
        let parts = [
            list.user.as_bytes().as_slice(),
            list.session.as_str().as_bytes(),
            list.route.as_bytes(),
            list.of.as_bytes(),
            after,
        ];
        let mut signature = [0; MAC];
        signature.copy_from_slice(&mac_of_list(&self.0, &parts)[..MAC]);
        signature
    }

    fn open(&self, text: &str, list: &ListName<'_>) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (signature, after) = bytes.split_at_checked(MAC)?;
        let good = subtle::ConstantTimeEq::ct_eq(signature, self.sign(after, list).as_slice());
        if !bool::from(good) {
            return None;
        }
        String::from_utf8(after.to_vec()).ok()
    }
}

impl ListCursorKeys {
    /// These keys.
    pub fn new(current: ListCursorKey, earlier: impl IntoIterator<Item = ListCursorKey>) -> Self {
        Self { current, earlier: earlier.into_iter().collect() }
    }

    /// Writes a cursor for the client: the list goes on after `after`, which is the store's own and says nothing secret.
    pub fn seal(&self, after: &str, list: &ListName<'_>) -> String {
        let signature = self.current.sign(after.as_bytes(), list);
        URL_SAFE_NO_PAD.encode([signature.as_slice(), after.as_bytes()].concat())
    }

    /// Reads a cursor that was written for the same list.
    ///
    /// # Errors
    /// [`InvalidListCursor`] for anything else.
    pub fn open(&self, text: &str, list: &ListName<'_>) -> Result<String, InvalidListCursor> {
        let mut keys = std::iter::once(&self.current).chain(&self.earlier);
        keys.find_map(|key| key.open(text, list)).ok_or(InvalidListCursor)
    }
}

impl fmt::Debug for ListCursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ListCursorKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys(secret: &[u8]) -> ListCursorKeys {
        ListCursorKeys::new(ListCursorKey::derive(secret), [])
    }

    proptest! {
        #[test]
        fn opens_for_its_own_list_only(after in ".{0,40}", user: [u8; 16], other: [u8; 16], at: prop::sample::Index) {
            let (session, another): (SessionName, SessionName) = ("Loja 1".parse().unwrap(), "Loja".parse().unwrap());
            let list = ListName { user: UserId::from_bytes(user), session: &session, route: "conversas", of: "" };
            let text = keys(b"a").seal(&after, &list);
            prop_assert_eq!(keys(b"a").open(&text, &list), Ok(after));
            for list in [
                ListName { session: &another, ..list.clone() },
                ListName { route: "grupos", ..list.clone() },
                ListName { of: "1@c.us", ..list.clone() },
                ListName { session: &another, route: " 1conversas", ..list.clone() },
            ] {
                prop_assert_eq!(keys(b"a").open(&text, &list), Err(InvalidListCursor));
            }
            if user != other {
                let list = ListName { user: UserId::from_bytes(other), ..list.clone() };
                prop_assert_eq!(keys(b"a").open(&text, &list), Err(InvalidListCursor));
            }
            prop_assert_eq!(keys(b"b").open(&text, &list), Err(InvalidListCursor));
            let mut changed = text.into_bytes();
            let at = at.index(changed.len());
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            prop_assert_eq!(keys(b"a").open(&String::from_utf8(changed).unwrap(), &list), Err(InvalidListCursor));
        }

        #[test]
        fn other_texts_are_refused(text in ".{0,60}") {
            let session: SessionName = "Loja".parse().unwrap();
            let list = ListName { user: UserId::from_bytes([0; 16]), session: &session, route: "conversas", of: "" };
            prop_assert_eq!(keys(b"a").open(&text, &list), Err(InvalidListCursor));
        }
    }

    #[test]
    fn a_cursor_survives_the_replacement_of_its_key() {
        let session: SessionName = "Loja".parse().unwrap();
        let list =
            ListName { user: UserId::from_bytes([0; 16]), session: &session, route: "conversas", of: "" };
        let text = keys(b"a").seal("x", &list);
        let next = ListCursorKeys::new(ListCursorKey::derive(b"b"), [ListCursorKey::derive(b"a")]);
        assert_eq!(next.open(&text, &list).unwrap(), "x");
        assert_eq!(format!("{:?}", ListCursorKey::derive(b"a")), "ListCursorKey(…)");
    }
}
