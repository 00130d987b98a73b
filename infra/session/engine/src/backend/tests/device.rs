use super::Store;
use crate::kept::keep_device;
use carteiro_core::lease::Epoch;
use std::sync::Arc;
use std::time::Duration;
use wacore::store::traits::DeviceStore;
use whatsapp_rust::store::persistence_manager::PersistenceManager;

#[tokio::test]
async fn a_device_comes_back_as_it_was() {
    let store = Store::new();
    let backend = store.backend().await;
    assert!(!backend.exists().await.unwrap());
    backend.create().await.unwrap();
    let mut device = backend.load().await.unwrap().unwrap();
    device.push_name = "Loja".into();
    device.next_pre_key_id = 813;
    backend.save(&device).await.unwrap();
    backend.create().await.unwrap();
    let read = store.backend().await.load().await.unwrap().unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), serde_json::to_value(&device).unwrap());
}

#[tokio::test]
async fn a_fenced_save_is_an_error() {
    let store = Store::new();
    let backend = store.backend().await;
    backend.create().await.unwrap();
    let mut device = backend.load().await.unwrap().unwrap();
    device.login_counter += 1;
    store.backend_of(Epoch::FIRST.next()).await;
    assert!(backend.save(&device).await.is_err());
    assert!(backend.health.is_fenced());
}

#[tokio::test]
async fn an_unchanged_device_is_not_written_again() {
    let store = Store::new();
    let backend = store.backend().await;
    backend.create().await.unwrap();
    let mut device = backend.load().await.unwrap().unwrap();
    let commits = store.commits();
    backend.save(&device).await.unwrap();
    assert_eq!(store.commits(), commits);
    device.login_counter += 1;
    backend.save(&device).await.unwrap();
    assert_eq!(store.commits(), commits + 1);
}

#[tokio::test]
async fn a_device_that_is_being_saved_is_waited_for() {
    let store = Store::new();
    let library = Arc::new(PersistenceManager::new(Arc::new(store.backend().await)).await.unwrap());
    store.slow_down("device", Duration::from_millis(50));
    library.modify_device(|device| device.push_name = "Loja".into()).await;
    let saver = tokio::spawn({
        let library = library.clone();
        async move { library.flush().await }
    });
    tokio::task::yield_now().await;
    assert!(keep_device(&library).await);
    // From here on the first owner stores nothing any more.
    let next = store.backend_of(Epoch::FIRST.next()).await;
    assert_eq!(next.load().await.unwrap().unwrap().push_name, "Loja");
    saver.abort();
}

#[tokio::test]
async fn a_device_that_is_not_taken_is_not_kept() {
    let store = Store::new();
    let library = PersistenceManager::new(Arc::new(store.backend().await)).await.unwrap();
    library.modify_device(|device| device.push_name = "Loja".into()).await;
    store.refuse("device", 1);
    assert!(!keep_device(&library).await);
    assert!(keep_device(&library).await);
}
