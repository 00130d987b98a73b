//! This companion device itself.

use super::StateBackend;
use super::key::Kind;
use super::record::{from_json, to_json};
use async_trait::async_trait;
use wacore::store::Device;
use wacore::store::error::Result;
use wacore::store::traits::DeviceStore;

#[async_trait]
impl DeviceStore for StateBackend {
    async fn save(&self, device: &Device) -> Result<()> {
        let saved = self.put(Kind::Device.only()?, to_json(device)?).await;
        self.health.device_saved(saved.is_ok());
        saved
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
