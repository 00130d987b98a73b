//! Which devices of each group have our sender key.

use super::StateBackend;
use super::key::Kind;
use super::record::{from_json, to_json};
use carteiro_core::ports::StateWrite;
use std::collections::BTreeMap;
use wacore::store::error::Result;

/// Device JIDs and whether each has the key.
type Status = BTreeMap<String, bool>;

impl StateBackend {
    pub(super) async fn sender_key_status(&self, group: &str) -> Result<Status> {
        let blob = self.read(&Kind::SenderKeyDevices.key(&[group])?).await?;
        blob.map_or_else(|| Ok(Status::new()), |blob| from_json(&blob))
    }

    pub(super) async fn merge_sender_key_status(&self, group: &str, entries: &[(&str, bool)]) -> Result<()> {
        let _held = self.exclusive().await;
        let mut status = self.sender_key_status(group).await?;
        status.extend(entries.iter().map(|(device, has_key)| ((*device).to_owned(), *has_key)));
        self.put(Kind::SenderKeyDevices.key(&[group])?, to_json(&status)?).await
    }

    pub(super) async fn forget_sender_key_devices(&self, devices: &[&str]) -> Result<()> {
        if devices.is_empty() {
            return Ok(());
        }
        let _held = self.exclusive().await;
        let mut writes = Vec::new();
        for (key, blob) in self.list(&Kind::SenderKeyDevices.prefix("")).await? {
            let mut status: Status = from_json(&blob)?;
            let before = status.len();
            status.retain(|device, _| !devices.contains(&device.as_str()));
            if status.len() != before {
                writes.push(StateWrite::Put(key, to_json(&status)?));
            }
        }
        self.commit(writes).await
    }

    pub(super) async fn forget_all_sender_key_devices(&self) -> Result<()> {
        let _held = self.exclusive().await;
        let groups = self.list(&Kind::SenderKeyDevices.prefix("")).await?;
        self.commit(groups.into_iter().map(|(key, _)| StateWrite::Delete(key)).collect()).await
    }
}
