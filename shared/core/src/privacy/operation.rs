//! Exports and erasures, as they are kept while they are under way and after.

use super::{About, PrivacyKind, PrivacyState, PrivacyWork};
use crate::ids::{PrivacyId, UserId};
use crate::media::FileName;
use crate::object::ObjectKey;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// An export of personal data, or its erasure. When it is over it says what was done and names nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivacyOperation {
    /// Its id.
    pub id: PrivacyId,
    /// Whose it is; `None` once a tenant is erased.
    pub user: Option<UserId>,
    /// What is asked for.
    pub kind: PrivacyKind,
    /// The person's number, masked; `None` for the tenant itself.
    pub masked: Option<String>,
    /// What it needs to go on; `None` when it is over.
    pub work: Option<PrivacyWork>,
    /// How far it is.
    pub state: PrivacyState,
    /// How many records of each kind it wrote, or erased. A run that broke off may have erased some more.
    pub counts: BTreeMap<String, u64>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// How many runs were begun since it last got further.
    pub attempts: u32,
    /// Until when the run that is under way may take.
    pub busy_until: Option<Timestamp>,
    /// How often it was saved.
    pub revision: u32,
}

/// Says that an operation is to be gone on with: what the queue carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivacyWanted {
    /// The operation.
    pub privacy_id: PrivacyId,
}

impl PrivacyOperation {
    /// For how long a file is kept: the bucket's rule for `exports/`.
    pub const FILE_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
    /// For how long it is kept that something was erased, which names nobody: five years.
    pub const PROOF_KEPT: SignedDuration = SignedDuration::from_hours(5 * 365 * 24);
    /// For how long asking the same again is answered with the same operation, unless that one is over and worth asking for again.
    pub const SAME_FOR: SignedDuration = SignedDuration::from_mins(10);

    /// A new operation. It is the same for whoever asks the same within the same ten minutes, so a client that asks again and
    /// again has it done once.
    pub fn new(user: UserId, kind: PrivacyKind, about: About, now: Timestamp) -> Self {
        let bucket = now.as_second().div_euclid(Self::SAME_FOR.as_secs());
        let subject = match &about {
            About::Person(phone) => phone.digits(),
            About::Tenant => "",
        };
        let digest = Sha256::new()
            .chain_update(b"carteiro/privacy-id/1")
            .chain_update(user.as_bytes())
            .chain_update(kind.as_str())
            .chain_update(bucket.to_be_bytes())
            .chain_update(subject)
            .finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        let masked = match &about {
            About::Person(phone) => Some(phone.masked()),
            About::Tenant => None,
        };
        Self {
            id: PrivacyId::from_random(bytes),
            user: Some(user),
            kind,
            masked,
            work: Some(about.into()),
            state: PrivacyState::Queued,
            counts: BTreeMap::new(),
            created_at: now,
            ended_at: None,
            attempts: 0,
            busy_until: None,
            revision: 0,
        }
    }

    /// The same asked for once more, where this one is over: an operation of its own.
    #[must_use]
    pub fn again(self) -> Self {
        let digest =
            Sha256::new().chain_update(b"carteiro/privacy-id-again/1").chain_update(self.id.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.finalize()[..16]);
        Self { id: PrivacyId::from_random(bytes), ..self }
    }

    /// Whether who asks for the same now is answered by this one: it is under way, or it is a file that was just made. What was
    /// erased says nothing of what came since, and what failed may go well.
    pub fn answers_for_another(&self) -> bool {
        !self.is_over() || (self.kind == PrivacyKind::Export && self.state == PrivacyState::Ready)
    }

    /// Where its file is, if it has one.
    pub fn object(&self) -> Option<ObjectKey> {
        let user = self.user.filter(|_| self.kind == PrivacyKind::Export)?;
        Some(ObjectKey::privacy_export(user, self.id))
    }

    /// What its file is called.
    pub fn file_name(&self) -> Option<FileName> {
        FileName::sanitised("dados-pessoais.jsonl")
    }

    /// Whether it has come to its end, good or bad.
    pub fn is_over(&self) -> bool {
        matches!(self.state, PrivacyState::Ready | PrivacyState::Failed(_))
    }

    /// Ends it: what it needed to go on is gone, and with a tenant that is erased so is whose it was.
    pub fn end(&mut self, state: PrivacyState, now: Timestamp) {
        let is_tenant = self.work.take().is_some_and(|work| work.about == About::Tenant);
        if is_tenant && self.kind == PrivacyKind::Erase && state == PrivacyState::Ready {
            self.user = None;
        }
        self.state = state;
        self.ended_at = Some(now);
        self.busy_until = None;
    }

    /// When it may be forgotten.
    pub fn kept_until(&self) -> Timestamp {
        let kept = match self.kind {
            PrivacyKind::Export => Self::FILE_KEPT,
            PrivacyKind::Erase => Self::PROOF_KEPT,
        };
        self.created_at.saturating_add(kept).unwrap_or(Timestamp::MAX)
    }

    /// Whether its time is over: it is as good as gone, though it may not be deleted yet.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.kept_until()
    }

    /// Counts so many records of a kind.
    pub fn count(&mut self, kind: &str, records: u64) {
        *self.counts.entry(kind.to_owned()).or_default() += records;
    }

    /// The counts as one text, for the audit trail.
    pub fn told(&self) -> String {
        let counts: Vec<String> = self.counts.iter().map(|(kind, count)| format!("{kind}={count}")).collect();
        format!("number={} {}", self.masked.as_deref().unwrap_or("all"), counts.join(" "))
            .trim_end()
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::PrivacyFailure;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn of(user: u8, kind: PrivacyKind, about: About, second: i64) -> PrivacyOperation {
        PrivacyOperation::new(UserId::from_random([user; 16]), kind, about, at(second))
    }

    fn ana() -> About {
        About::Person("5511988887777".parse().unwrap())
    }

    #[test]
    fn the_same_is_the_same_for_ten_minutes() {
        let first = of(1, PrivacyKind::Erase, ana(), 600).id;
        assert_eq!(of(1, PrivacyKind::Erase, ana(), 1_199).id, first);
        for other in [
            of(1, PrivacyKind::Erase, ana(), 1_200),
            of(2, PrivacyKind::Erase, ana(), 600),
            of(1, PrivacyKind::Export, ana(), 600),
            of(1, PrivacyKind::Erase, About::Tenant, 600),
        ] {
            assert_ne!(other.id, first);
        }
    }

    #[test]
    fn what_is_over_names_nobody() {
        let mut person = of(1, PrivacyKind::Erase, ana(), 600);
        person.count("sends", 2);
        person.end(PrivacyState::Ready, at(700));
        assert!(!format!("{person:?}").contains("98888") && person.user.is_some());
        assert_eq!(person.told(), "number=5511•••••••77 sends=2");
        let mut tenant = of(1, PrivacyKind::Erase, About::Tenant, 600);
        assert_eq!(tenant.told(), "number=all");
        tenant.end(PrivacyState::Ready, at(700));
        assert_eq!((tenant.user, tenant.object()), (None, None));
        let mut kept = of(1, PrivacyKind::Erase, About::Tenant, 600);
        kept.end(PrivacyState::Failed(PrivacyFailure::NotRemoved), at(700));
        assert!(kept.user.is_some(), "the tenant is still there to ask");
    }

    #[test]
    fn the_wire_form_is_stable() {
        let wanted = PrivacyWanted { privacy_id: PrivacyId::from_random([0; 16]) };
        let json = r#"{"privacy_id":"00000000-0000-4000-8000-000000000000"}"#;
        assert_eq!(serde_json::to_string(&wanted).unwrap(), json);
        assert_eq!(serde_json::from_str::<PrivacyWanted>(json).unwrap(), wanted);
    }
}
