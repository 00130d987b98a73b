//! The device, stored for certain.

use whatsapp_rust::store::persistence_manager::PersistenceManager;

/// Stores the device as it is now; `false` if the store did not take it.
///
/// The library's own flush is not enough: it does nothing where its saver, in the background, has taken the device to be saved and is not
/// done, and what the saver has not written a crash loses.
pub(crate) async fn keep_device(library: &PersistenceManager) -> bool {
    if library.flush().await.is_err() {
        return false;
    }
    let device = library.get_device_snapshot().to_serializable();
    library.backend().save(&device).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Health, StateBackend};
    use crate::barrier::Barrier;
    use crate::memory::MemoryStates;
    use carteiro_core::lease::Epoch;
    use carteiro_core::phone::Phone;
    use carteiro_core::ports::WhatsAppStates;
    use std::sync::Arc;
    use std::time::Duration;
    use wacore::store::traits::DeviceStore;

    async fn backend(states: &MemoryStates, number: &Phone, epoch: Epoch) -> StateBackend {
        let state = states.open(&number.into(), epoch).await.unwrap();
        StateBackend::new(state.clone(), Arc::new(Health::of(state)), Barrier::default())
    }

    #[tokio::test]
    async fn a_device_that_is_being_saved_is_waited_for() {
        let (states, number) = (MemoryStates::default(), "5511988887777".parse().unwrap());
        let first = backend(&states, &number, Epoch::FIRST).await;
        let library = Arc::new(PersistenceManager::new(Arc::new(first)).await.unwrap());
        states.slow_down(&number, "device", Duration::from_millis(50));
        library.modify_device(|device| device.push_name = "Loja".into()).await;
        let saver = tokio::spawn({
            let library = library.clone();
            async move { library.flush().await }
        });
        tokio::task::yield_now().await;
        assert!(keep_device(&library).await);
        // From here on the first owner stores nothing any more.
        let next = backend(&states, &number, Epoch::FIRST.next()).await;
        assert_eq!(next.load().await.unwrap().unwrap().push_name, "Loja");
        saver.abort();
    }

    #[tokio::test]
    async fn a_device_that_is_not_taken_is_not_kept() {
        let (states, number) = (MemoryStates::default(), "5511988887777".parse().unwrap());
        let first = backend(&states, &number, Epoch::FIRST).await;
        let library = PersistenceManager::new(Arc::new(first)).await.unwrap();
        library.modify_device(|device| device.push_name = "Loja".into()).await;
        states.refuse(&number, "device", 1);
        assert!(!keep_device(&library).await);
        assert!(keep_device(&library).await);
    }
}
