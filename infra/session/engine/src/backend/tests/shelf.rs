use super::Store;
use crate::backend::Shelved;

fn entry(kind: i32) -> Shelved {
    Shelved { kind, size: 10, ..Shelved::groups() }
}

#[tokio::test]
async fn history_waits_in_the_order_in_which_it_came_until_it_was_read() {
    let store = Store::new();
    let backend = store.backend().await;
    assert_eq!(backend.shelved().await.unwrap(), []);
    let mut kept = Vec::new();
    for kind in 0..5 {
        kept.push(backend.shelve(&entry(kind), &[kind as u8; 3]).await.unwrap());
    }
    backend.unshelve(&kept.remove(1)).await;
    kept.push(backend.shelve(&entry(9), &[9]).await.unwrap());
    let backend = store.backend().await;
    assert_eq!(backend.shelved().await.unwrap(), kept, "each has a name of its own");
    for entry in &kept {
        assert_eq!(backend.unread(entry).await.unwrap().unwrap()[0], entry.kind as u8);
    }
    for entry in &kept {
        backend.unshelve(entry).await;
    }
    assert_eq!(store.blobs(), 0, "nothing is left behind");
}
