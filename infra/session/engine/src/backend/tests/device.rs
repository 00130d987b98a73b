use super::Store;
use carteiro_core::lease::Epoch;
use wacore::store::traits::DeviceStore;

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
