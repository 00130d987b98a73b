//! Replacing the key that signs JWTs by a new one, in the four steps in which the store asks for it.
//!
//! Nobody is logged out by it: the key before stays good for as long as it is the previous version, and JWTs live for a day.
//! So a key is replaced less often than once a day.

use crate::ports::{Random, SecretVersions, Unavailable, VersionStage};
use crate::signing_key::SigningKey;
use serde::Deserialize;
use std::sync::Arc;

/// What the store wants to be done. The names are Secrets Manager's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum RotationStep {
    /// Make the new key.
    #[serde(rename = "createSecret")]
    Create,
    /// Tell it to what is guarded by it; here nothing is, besides who reads the secret.
    #[serde(rename = "setSecret")]
    Set,
    /// See that it can be used.
    #[serde(rename = "testSecret")]
    Test,
    /// Put it in use.
    #[serde(rename = "finishSecret")]
    Finish,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotated {
    /// It is done.
    Done,
    /// There was nothing to do: an earlier try had done it.
    Nothing,
}

/// Why a step was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// The store asks about a version that it does not have.
    #[error("the secret has no such version on its way")]
    NoSuchVersion,
    /// What is to be put in use is no key. It never says what it is.
    #[error("the new version is not JSON with \"kid\" and a \"key\" of 32 bytes or more")]
    NoKey,
    /// The store failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Replaces the key.
pub struct RotateKey {
    /// The versions of its secret.
    pub versions: Arc<dyn SecretVersions>,
    /// What keys are made of.
    pub random: Arc<dyn Random>,
}

impl RotateKey {
    /// Does one step for the version of that token. Safe to repeat.
    ///
    /// # Errors
    /// [`RotationError`]; nothing else is in use than before then.
    pub async fn take(&self, step: RotationStep, token: &str) -> Result<Rotated, RotationError> {
        match self.versions.stage(token).await? {
            VersionStage::Current => return Ok(Rotated::Nothing),
            VersionStage::Unknown => return Err(RotationError::NoSuchVersion),
            VersionStage::Pending => {}
        }
        match step {
            RotationStep::Create => self.create(token).await,
            RotationStep::Set => Ok(Rotated::Nothing),
            RotationStep::Test => self.test(token).await,
            RotationStep::Finish => {
                // Never anything but a key, whatever became of the test.
                if self.test(token).await? == Rotated::Nothing {
                    return Err(RotationError::NoKey);
                }
                self.versions.promote(token).await?;
                Ok(Rotated::Done)
            }
        }
    }

    async fn create(&self, token: &str) -> Result<Rotated, RotationError> {
        if self.versions.pending(token).await?.is_some() {
            return Ok(Rotated::Nothing);
        }
        let key = SigningKey::generate(&*self.random);
        self.versions.put_pending(token, key.to_stored()).await?;
        Ok(Rotated::Done)
    }

    /// Nothing to test is no error: when a schedule is first set, the store tries the test alone.
    async fn test(&self, token: &str) -> Result<Rotated, RotationError> {
        let Some(text) = self.versions.pending(token).await? else { return Ok(Rotated::Nothing) };
        SigningKey::parse(&text).map_err(|_| RotationError::NoKey)?;
        Ok(Rotated::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MemorySecretVersions, SeededRandom};

    const OLD: &str = r#"{"kid":"1","key":"0123456789012345678901234567890123456789"}"#;
    const TOKEN: &str = "a-token-of-the-store";

    fn rotation() -> (RotateKey, Arc<MemorySecretVersions>) {
        let versions = Arc::new(MemorySecretVersions::new(OLD));
        (RotateKey { versions: versions.clone(), random: Arc::new(SeededRandom::default()) }, versions)
    }

    #[tokio::test]
    async fn four_steps_put_another_key_in_use_and_keep_the_former() {
        let (rotate, versions) = rotation();
        versions.begin(TOKEN);
        for (step, done) in [
            (RotationStep::Create, Rotated::Done),
            (RotationStep::Set, Rotated::Nothing),
            (RotationStep::Test, Rotated::Done),
        ] {
            assert_eq!(rotate.take(step, TOKEN).await, Ok(done));
            assert_eq!(versions.current(), OLD, "not in use before the end");
        }
        assert_eq!(rotate.take(RotationStep::Finish, TOKEN).await, Ok(Rotated::Done));
        assert_eq!(versions.previous().as_deref(), Some(OLD));
        let new = SigningKey::parse(&versions.current().into()).unwrap();
        assert_ne!(new.id, "1");
    }

    #[tokio::test]
    async fn every_step_may_be_repeated() {
        let (rotate, versions) = rotation();
        versions.begin(TOKEN);
        let all = [RotationStep::Create, RotationStep::Set, RotationStep::Test, RotationStep::Finish];
        for step in all {
            rotate.take(step, TOKEN).await.unwrap();
            rotate.take(step, TOKEN).await.unwrap();
        }
        let in_use = versions.current();
        for step in all {
            assert_eq!(rotate.take(step, TOKEN).await, Ok(Rotated::Nothing));
        }
        assert_eq!((versions.current(), versions.previous().as_deref()), (in_use, Some(OLD)));
    }

    #[tokio::test]
    async fn what_is_no_key_never_comes_into_use() {
        for bad in [
            "",
            "{}",
            r#"{"kid":"2","key":"short"}"#,
            r#"{"kid":"","key":"0123456789012345678901234567890123"}"#,
        ] {
            let (rotate, versions) = rotation();
            versions.begin(TOKEN);
            versions.put_pending(TOKEN, bad.to_owned().into()).await.unwrap();
            for step in [RotationStep::Test, RotationStep::Finish] {
                let error = rotate.take(step, TOKEN).await.unwrap_err();
                assert_eq!(error, RotationError::NoKey);
                assert!(bad.is_empty() || !error.to_string().contains(bad), "says nothing of what it is");
            }
            assert_eq!(versions.current(), OLD);
        }
    }

    #[tokio::test]
    async fn nothing_is_made_for_a_token_that_the_store_did_not_give() {
        let (rotate, versions) = rotation();
        for step in [RotationStep::Create, RotationStep::Finish] {
            assert_eq!(rotate.take(step, TOKEN).await, Err(RotationError::NoSuchVersion));
        }
        versions.begin(TOKEN);
        assert_eq!(
            rotate.take(RotationStep::Test, TOKEN).await,
            Ok(Rotated::Nothing),
            "the store's own trial"
        );
        assert_eq!(rotate.take(RotationStep::Finish, TOKEN).await, Err(RotationError::NoKey));
        versions.switch.fail();
        assert!(matches!(rotate.take(RotationStep::Create, TOKEN).await, Err(RotationError::Unavailable(_))));
        assert_eq!(versions.current(), OLD);
    }
}
