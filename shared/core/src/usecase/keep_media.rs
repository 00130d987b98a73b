//! Keeping copies of the files that numbers receive.

#[cfg(test)]
mod tests;

use crate::chat::{Attachment, Body, MessageKey, StoredMedia};
use crate::command::MediaReceived;
use crate::ids::UserId;
use crate::object::ObjectKey;
use crate::phone::Phone;
use crate::plan::{Plans, Retention};
use crate::ports::{Accounts, ChatReader, ChatWriter, Clock, CopyError, Lost, MediaCopier, Unavailable};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A copy that goes within this time is made anew when somebody asks for it, so that its address leads somewhere.
const SPARE: SignedDuration = SignedDuration::from_hours(1);

/// Keeps copies of received files in the deployment's bucket, for as long as the tenant's plan says.
pub struct KeepMedia {
    /// Where messages are read.
    pub reader: Arc<dyn ChatReader>,
    /// Where it is noted that there is a copy.
    pub writer: Arc<dyn ChatWriter>,
    /// Where tenants are.
    pub accounts: Arc<dyn Accounts>,
    /// The plans.
    pub plans: Arc<Plans>,
    /// Makes the copies.
    pub copier: Arc<dyn MediaCopier>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// There is a copy.
    Stored(StoredMedia),
    /// There is nothing to keep: no such message (any more), no file in it, or no such tenant.
    Nothing,
    /// It cannot be had.
    Lost(Lost),
}

impl KeepMedia {
    /// Makes a copy of a message's file, unless there is one; safe to repeat.
    ///
    /// # Errors
    /// [`Unavailable`]: it may be tried again.
    pub async fn keep(&self, received: &MediaReceived) -> Result<Kept, Unavailable> {
        let MediaReceived { user, number, key } = received;
        let Some(message) = self.reader.message(number, key).await? else { return Ok(Kept::Nothing) };
        let Body::Media(file) = message.body else { return Ok(Kept::Nothing) };
        let now = self.clock.now();
        if let Some(stored) = file.stored.as_ref().filter(|stored| now + SPARE < stored.expires_at) {
            return Ok(Kept::Stored(stored.clone()));
        }
        let Some(retention) = self.retention(*user).await? else { return Ok(Kept::Nothing) };
        match self.copy(*user, number, key, &file, retention).await {
            Ok(stored) => {
                self.writer.keep_media(number, key, &stored).await?;
                Ok(Kept::Stored(stored))
            }
            Err(CopyError::Lost(why)) => Ok(Kept::Lost(why)),
            Err(CopyError::Unavailable(error)) => Err(error),
        }
    }

    /// Makes a copy of a file that is known from a message which a client has and we do not.
    ///
    /// # Errors
    /// [`Unavailable`]: it may be tried again.
    pub async fn keep_unknown(
        &self,
        user: UserId,
        number: &Phone,
        key: &MessageKey,
        file: &Attachment,
    ) -> Result<Kept, Unavailable> {
        let Some(retention) = self.retention(user).await? else { return Ok(Kept::Nothing) };
        match self.copy(user, number, key, file, retention).await {
            Ok(stored) => Ok(Kept::Stored(stored)),
            Err(CopyError::Lost(why)) => Ok(Kept::Lost(why)),
            Err(CopyError::Unavailable(error)) => Err(error),
        }
    }

    async fn copy(
        &self,
        user: UserId,
        number: &Phone,
        key: &MessageKey,
        file: &Attachment,
        retention: Retention,
    ) -> Result<StoredMedia, CopyError> {
        if file.key.is_none() || file.direct_path.is_none() {
            return Err(CopyError::Lost(Lost::Nameless));
        }
        let began = self.clock.now();
        let object = ObjectKey::received(retention.days(), user, hash(number, key, file));
        let length = self.copier.copy(file, &object).await?;
        let expires_at = began.saturating_add(SignedDuration::from_hours(24 * i64::from(retention.days())));
        Ok(StoredMedia { object, length, expires_at: expires_at.unwrap_or(Timestamp::MAX) })
    }

    /// For how long the tenant's files are kept; `None` when there is no such tenant.
    async fn retention(&self, user: UserId) -> Result<Option<Retention>, Unavailable> {
        let Some(user) = self.accounts.find(user).await? else { return Ok(None) };
        Ok(Some(self.plans.file_retention_of(&user)))
    }
}

/// What names the copy: the message, and what opens its file, so that a made-up message never takes the place of a real one's.
fn hash(number: &Phone, key: &MessageKey, file: &Attachment) -> [u8; 32] {
    let digest = Sha256::new().chain_update(b"carteiro/received/1\0").chain_update(number.digits());
    let digest = digest.chain_update([0]).chain_update(key.to_string()).chain_update([0]);
    digest.chain_update(file.key.as_ref().map_or([0; 32], |key| key.0)).finalize().into()
}
