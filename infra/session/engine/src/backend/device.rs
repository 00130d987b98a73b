//! This companion device itself.

use super::StateBackend;
use super::key::Kind;
use super::record::{from_json, to_json};
use async_trait::async_trait;
use std::hash::{DefaultHasher, Hash, Hasher};
use wacore::store::Device;
use wacore::store::error::Result;
use wacore::store::traits::DeviceStore;

#[async_trait]
impl DeviceStore for StateBackend {
    /// The library saves whenever a setter ran, several times at each login; a device that is as it was is not
    /// written again. Saves are made one after the other: this one returns when those before it are through.
    async fn save(&self, device: &Device) -> Result<()> {
        let blob = to_json(device)?;
        let mut hasher = DefaultHasher::new();
        blob.hash(&mut hasher);
        let hash = Some(hasher.finish());
        let mut saved = self.saved_device.lock().await;
        if *saved == hash {
            return Ok(());
        }
        let written = self.put(Kind::Device.only()?, blob).await;
        self.health.device_saved(written.is_ok());
        *saved = hash.filter(|_| written.is_ok());
        written
    }

    async fn load(&self) -> Result<Option<Device>> {
        self.read(&Kind::Device.only()?).await?.map(|blob| from_json(&blob)).transpose()
    }

    async fn exists(&self) -> Result<bool> {
        Ok(self.read(&Kind::Device.only()?).await?.is_some())
    }

    /// A number has one device, so its row number is always 1.
    async fn create(&self) -> Result<i32> {
        if !self.exists().await? {
            self.save(&Device::new()).await?;
        }
        Ok(1)
    }
}
