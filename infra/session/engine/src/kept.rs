//! The device, stored for certain.

use whatsapp_rust::store::persistence_manager::PersistenceManager;

/// Stores the device as it is now; `false` if the store did not take it.
///
/// The library's own flush is not enough: it does nothing where its saver, in the background, has taken the device to be saved and is not
/// done, and what the saver has not written a crash loses. What the saver still saves after this is the same, and is not written again.
pub(crate) async fn keep_device(library: &PersistenceManager) -> bool {
    let device = library.get_device_snapshot().to_serializable();
    library.backend().save(&device).await.is_ok()
}
