//! The trail of what the operator does.

use crate::audit::{AuditAction, AuditEntry, AuditPlace};
use crate::error::{Code, Problem};
use crate::ids::{AuditId, UserId};
use crate::ports::{AuditTrail, Clock, MAX_AUDIT_PAGE, Random, Unavailable};
use crate::send::in_micros;
use std::sync::Arc;

/// How many entries a page has when the operator does not say.
pub const DEFAULT_AUDIT_PAGE: usize = 50;

/// Writes and reads the trail of the operator's actions.
///
/// An entry is written once it stands that the operator may do what it asks for, and before it is done: what could not be written
/// is not done. So nothing is done that is not in the trail; what is in it may have failed after that, and the operator was told so.
#[derive(Clone)]
pub struct Trail {
    /// Where it is kept.
    pub store: Arc<dyn AuditTrail>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub random: Arc<dyn Random>,
}

/// Some entries of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailPage {
    /// They, the latest first.
    pub entries: Vec<AuditEntry>,
    /// What to ask with for older ones; none after the oldest.
    pub next_cursor: Option<String>,
}

impl Trail {
    /// Writes that the operator is about to do something to a tenant, and `to` what; that holds no secret, and numbers masked.
    ///
    /// # Errors
    /// [`Unavailable`]: it must not be done.
    pub async fn write(&self, action: AuditAction, user: UserId, to: String) -> Result<(), Unavailable> {
        let (id, at) = (AuditId::from_random(self.random.bytes()), in_micros(self.clock.now()));
        self.store.append(&AuditEntry { id, at, action, user, to }).await
    }

    /// What the operator did, the latest first, or what was before where `cursor` tells. `limit` is 1 to [`MAX_AUDIT_PAGE`].
    ///
    /// # Errors
    /// [`Code::InvalidCursor`]; [`Code::InvalidParameter`] for another limit; [`Code::Unavailable`].
    pub async fn page(&self, cursor: Option<&str>, limit: Option<usize>) -> Result<TrailPage, Problem> {
        let limit = limit.unwrap_or(DEFAULT_AUDIT_PAGE);
        if !(1..=MAX_AUDIT_PAGE).contains(&limit) {
            let detail = format!("O parâmetro limit deve estar entre 1 e {MAX_AUDIT_PAGE}.");
            return Err(Problem::new(Code::InvalidParameter).because(detail));
        }
        let before = match cursor {
            Some(cursor) => Some(AuditPlace::read(cursor).ok_or(Code::InvalidCursor)?),
            None => None,
        };
        let page = self.store.page(before, limit).await?;
        Ok(TrailPage { entries: page.entries, next_cursor: page.next.map(AuditPlace::written) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ManualClock, MemoryAudit, SeededRandom};
    use jiff::SignedDuration;

    #[tokio::test]
    async fn the_trail_is_read_page_by_page_the_latest_first() {
        let (store, clock) = (Arc::<MemoryAudit>::default(), Arc::<ManualClock>::default());
        let trail =
            Trail { store: store.clone(), clock: clock.clone(), random: Arc::<SeededRandom>::default() };
        let user = UserId::from_random([1; 16]);
        for n in 0..5 {
            trail.write(AuditAction::Change, user, format!("plan={n}")).await.unwrap();
            // Two of one microsecond are both there.
            if n % 2 == 0 {
                clock.advance(SignedDuration::from_secs(1));
            }
        }
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = trail.page(cursor.as_deref(), Some(2)).await.unwrap();
            assert!(page.entries.len() <= 2);
            seen.extend(page.entries);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let mut expected = store.all();
        expected.reverse();
        assert_eq!((seen.len(), seen), (5, expected));
        for (cursor, limit, code) in [
            (None, Some(0), Code::InvalidParameter),
            (None, Some(101), Code::InvalidParameter),
            (Some("x"), None, Code::InvalidCursor),
        ] {
            assert_eq!(trail.page(cursor, limit).await.unwrap_err().code(), code);
        }
        store.switch.fail();
        assert!(trail.write(AuditAction::Change, user, String::new()).await.is_err());
        assert_eq!(trail.page(None, None).await.unwrap_err().code(), Code::Unavailable);
    }
}
