//! What the domain needs from the outside, as traits split by capability. Adapters stand in `shared/aws`; each port has one
//! contract suite.

mod accounts;
mod alarms;
mod answers;
mod api_keys;
mod audit;
mod bulk;
mod challenges;
mod chats;
mod deliveries;
mod events;
mod exports;
mod history;
mod leases;
mod links;
mod named_sessions;
mod numbers;
mod object_parts;
mod objects;
mod outbound;
mod paces;
mod postman;
mod preparations;
mod preparer;
mod privacy;
mod queues;
mod rates;
mod received_media;
mod receivers;
mod secret;
mod secret_versions;
mod sends;
mod streams;
mod surroundings;
mod usage;
mod whatsapp_state;

pub use accounts::{AccountChange, Accounts, CreateError, MAX_USER_PAGE, UserPage};
pub use alarms::{Alarms, WAKES_AT_ONCE, WakeQueue};
pub use answers::Answers;
pub use api_keys::{ApiKeys, KeyError, MAX_API_KEYS};
pub use audit::{AuditPage, AuditTrail, MAX_AUDIT_PAGE};
pub use bulk::{BulkList, BulkQueue, BulkSends, Bulks, CreatedBulk};
pub use challenges::Challenges;
pub use chats::{ChatReader, ChatWriter, Slice, Stored};
pub use deliveries::{Deliveries, DeliveryPage};
pub use events::Events;
pub use exports::{ExportQueue, Exports};
pub use history::{Page, PageKey, SendHistory, StatusPage};
pub use leases::{LeaseError, Leases};
pub use links::{LinkError, Links};
pub use named_sessions::{NamedSessions, PairingError, Pairings};
pub use numbers::{ApplyError, MAX_NUMBER_CHANGES, Numbers};
pub use object_parts::{ObjectParts, PartTag, PartsError, PartsId};
pub use objects::{ObjectBody, ObjectLinks, Objects, StoredObject, UploadForm};
pub use outbound::{DeliveryFailed, Mailer, TextMessenger};
pub use paces::{CountError, KEPT_DAYS, Paces};
pub use postman::{Letter, LetterAnswer, NotPosted, POST_TIME, Postman};
pub use preparations::Preparations;
pub use preparer::{PrepareError, Preparer};
pub use privacy::{ErasedPage, PersonalData, PersonalRecord, PrivacyOperations, PrivacyQueue, RecordPage};
pub use queues::{LONGEST_DELAY, MediaQueue, ReceivedCommand, SendQueue, ShardReceiver, ShardSender};
pub use rates::Rates;
pub use received_media::{CopyError, Lost, MAX_RECEIVED_BYTES, MediaCopier};
pub use receivers::Receivers;
pub use secret::{Secret, Versions};
pub use secret_versions::{SecretVersions, VersionStage};
pub use sends::{Applied, Created, Line, Parked, Sends};
pub use streams::{EventQueue, Release, StreamToken, Streams, Take};
pub use surroundings::{Clock, Random, Sleeper};
pub use usage::Usage;
pub use whatsapp_state::{StateError, StateKey, StateOwner, StateWrite, WhatsAppState, WhatsAppStates};

/// A store or queue did not answer, or refused. It informs and nothing more: the text is for the log, never for a client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {reason}")]
pub struct Unavailable {
    /// What was tried, such as `dynamodb PutItem sends`.
    pub operation: String,
    /// What came back.
    pub reason: String,
    /// Whether trying again leads nowhere: what was asked for can never be stored, or what is stored cannot be read.
    pub lasting: bool,
}

impl Unavailable {
    /// A failure that may pass.
    pub fn new(operation: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { operation: operation.into(), reason: reason.into(), lasting: false }
    }

    /// A failure that every further try meets too.
    pub fn lasting(operation: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { lasting: true, ..Self::new(operation, reason) }
    }

    /// The same failure where it is worth waiting for somebody to mend what is stored.
    #[must_use]
    pub fn passing(self) -> Self {
        Self { lasting: false, ..self }
    }
}
