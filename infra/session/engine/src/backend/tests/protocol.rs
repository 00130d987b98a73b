use super::Store;
use wacore::store::traits::{
    DeviceInfo, DeviceListRecord, LidPnMappingEntry, PendingInboundKey, PendingInboundRow, ProtocolStore,
    SignalStore, TcTokenEntry,
};

fn mapping(lid: &str, phone: &str) -> LidPnMappingEntry {
    LidPnMappingEntry {
        lid: lid.into(),
        phone_number: phone.into(),
        created_at: 1,
        updated_at: 2,
        learning_source: "usync".into(),
    }
}

#[tokio::test]
async fn a_lid_that_changes_its_number_leaves_the_old_one() {
    let store = Store::new();
    let backend = store.backend().await;
    backend.put_lid_mapping(&mapping("9", "5511900000001")).await.unwrap();
    let many: Vec<_> = (100..140).map(|n| mapping(&n.to_string(), &format!("55119{n}"))).collect();
    backend.put_lid_mappings(&many).await.unwrap();
    backend.put_lid_mappings(&[mapping("9", "5511900000002"), mapping("9", "5511900000003")]).await.unwrap();
    let backend = store.backend().await;
    for gone in ["5511900000001", "5511900000002"] {
        assert!(backend.get_pn_mapping(gone).await.unwrap().is_none(), "{gone}");
    }
    assert_eq!(backend.get_pn_mapping("5511900000003").await.unwrap().unwrap().lid, "9");
    assert_eq!(backend.get_lid_mapping("139").await.unwrap().unwrap().phone_number, "55119139");
    assert_eq!(backend.get_all_lid_mappings().await.unwrap().len(), 41);
}

#[tokio::test]
async fn trust_token_merges_touch_only_their_own_field() {
    let store = Store::new();
    let backend = store.backend().await;
    backend.touch_tc_token_sender_timestamp("1@lid", 50).await.unwrap();
    backend.store_received_tc_token("1@lid", b"new", 20).await.unwrap();
    backend.store_received_tc_token("1@lid", b"old", 10).await.unwrap();
    backend.touch_tc_token_sender_timestamp("1@lid", 40).await.unwrap();
    let entry = store.backend().await.get_tc_token("1@lid").await.unwrap().unwrap();
    assert_eq!(
        (entry.token.as_slice(), entry.token_timestamp, entry.sender_timestamp),
        (b"new".as_slice(), 20, Some(50))
    );
}

#[tokio::test]
async fn trust_token_merges_at_once_lose_nothing() {
    let store = Store::new();
    let backend = store.backend().await;
    let (a, b) = tokio::join!(
        backend.store_received_tc_token("1@lid", b"token", 20),
        backend.touch_tc_token_sender_timestamp("1@lid", 50)
    );
    a.and(b).unwrap();
    let entry = backend.get_tc_token("1@lid").await.unwrap().unwrap();
    assert_eq!((entry.token.as_slice(), entry.sender_timestamp), (b"token".as_slice(), Some(50)));
}

#[tokio::test]
async fn a_trust_token_goes_when_both_its_times_are_past() {
    let store = Store::new();
    let backend = store.backend().await;
    let entry = |token: &[u8], at, sent| TcTokenEntry {
        token: token.to_vec(),
        token_timestamp: at,
        sender_timestamp: sent,
    };
    backend.put_tc_token("live@lid", &entry(b"t", 100, None)).await.unwrap();
    backend.put_tc_token("sender@lid", &entry(b"t", 1, Some(100))).await.unwrap();
    backend.put_tc_token("stale@lid", &entry(b"t", 1, Some(1))).await.unwrap();
    assert_eq!(backend.delete_expired_tc_tokens(50, 50).await.unwrap(), 1);
    assert_eq!(backend.get_all_tc_token_jids().await.unwrap(), ["live@lid", "sender@lid"]);
    backend.delete_tc_token("live@lid").await.unwrap();
    assert!(backend.get_tc_token("live@lid").await.unwrap().is_none());
}

#[tokio::test]
async fn a_sent_message_is_taken_once() {
    let store = Store::new();
    let backend = store.backend().await;
    backend.store_sent_message("1@lid", "ID", b"payload").await.unwrap();
    let backend = store.backend().await;
    let (a, b) =
        tokio::join!(backend.take_sent_message("1@lid", "ID"), backend.take_sent_message("1@lid", "ID"));
    let taken: Vec<_> = [a.unwrap(), b.unwrap()].into_iter().flatten().collect();
    assert_eq!(taken, [b"payload"]);
}

#[tokio::test]
async fn old_messages_are_swept() {
    let store = Store::new();
    let backend = store.backend().await;
    backend.store_sent_message("1@lid", "ID", b"payload").await.unwrap();
    backend.store_pending_inbound("1@lid", "1@lid", "ID", b"text").await.unwrap();
    let now = wacore::time::now_secs();
    assert_eq!(backend.delete_expired_sent_messages(now - 60).await.unwrap(), 0);
    assert_eq!(backend.delete_expired_sent_messages(now + 60).await.unwrap(), 0, "swept a moment ago");
    assert_eq!(store.backend().await.delete_expired_sent_messages(now + 60).await.unwrap(), 1);
    assert_eq!(store.backend().await.delete_expired_pending_inbound(now + 60).await.unwrap(), 1);
}

#[tokio::test]
async fn inbound_messages_are_kept_by_chat_sender_and_id() {
    let store = Store::new();
    let backend = store.backend().await;
    let row = |chat, message| PendingInboundRow { chat, sender: "1@lid", id: "ID", message };
    backend
        .store_pending_inbound_batch(&[row("1@lid", b"a"), row("g@g.us", b"b"), row("g@g.us", b"c")])
        .await
        .unwrap();
    assert_eq!(store.commits(), 1);
    let backend = store.backend().await;
    assert_eq!(backend.get_pending_inbound("g@g.us", "1@lid", "ID").await.unwrap(), Some(b"c".to_vec()));
    let key = PendingInboundKey { chat: "1@lid", sender: "1@lid", id: "ID" };
    backend.delete_pending_inbound_batch(&[key]).await.unwrap();
    assert_eq!(backend.get_pending_inbound("1@lid", "1@lid", "ID").await.unwrap(), None);
}

#[tokio::test]
async fn a_groups_sender_key_devices_are_merged_and_forgotten() {
    let store = Store::new();
    let backend = store.backend().await;
    backend.set_sender_key_status("a@g.us", &[("1@lid", true), ("2@lid", true)]).await.unwrap();
    backend.set_sender_key_status("a@g.us", &[("2@lid", false)]).await.unwrap();
    backend.set_sender_key_status("b@g.us", &[("1@lid", true)]).await.unwrap();
    let devices =
        |rows: &[(&str, bool)]| rows.iter().map(|(jid, has)| ((*jid).to_owned(), *has)).collect::<Vec<_>>();
    let backend = store.backend().await;
    assert_eq!(
        backend.get_sender_key_devices("a@g.us").await.unwrap(),
        devices(&[("1@lid", true), ("2@lid", false)])
    );
    backend.delete_sender_key_device_rows(&["1@lid"]).await.unwrap();
    assert_eq!(backend.get_sender_key_devices("a@g.us").await.unwrap(), devices(&[("2@lid", false)]));
    assert_eq!(backend.get_sender_key_devices("b@g.us").await.unwrap(), devices(&[]));
    backend.clear_sender_key_devices("a@g.us").await.unwrap();
    backend.clear_all_sender_key_devices().await.unwrap();
    assert_eq!(store.blobs(), 0);
}

#[tokio::test]
async fn devices_groups_and_base_keys_are_kept() {
    let store = Store::new();
    let backend = store.backend().await;
    let record = |user: &str, device| DeviceListRecord {
        user: user.into(),
        devices: vec![DeviceInfo::new(device, Some(1))],
        timestamp: 5,
        phash: None,
        raw_id: Some(8),
    };
    backend.update_device_lists(vec![record("1", 1), record("2", 2), record("1", 3)]).await.unwrap();
    backend.put_group_metadata("a@g.us", b"blob").await.unwrap();
    backend.save_base_key("1@lid", "ID", b"base").await.unwrap();
    let backend = store.backend().await;
    let read = backend.get_devices("1").await.unwrap().unwrap();
    assert_eq!((read.devices[0].device_id, read.raw_id), (3, Some(8)));
    backend.delete_devices("1").await.unwrap();
    assert!(backend.get_devices("1").await.unwrap().is_none());
    assert_eq!(backend.get_group_metadata("a@g.us").await.unwrap(), Some(b"blob".to_vec()));
    backend.delete_group_metadata("a@g.us").await.unwrap();
    assert_eq!(backend.get_group_metadata("a@g.us").await.unwrap(), None);
    assert!(backend.has_same_base_key("1@lid", "ID", b"base").await.unwrap());
    assert!(!backend.has_same_base_key("1@lid", "ID", b"other").await.unwrap());
    backend.delete_base_key("1@lid", "ID").await.unwrap();
    assert!(!backend.has_same_base_key("1@lid", "ID", b"base").await.unwrap());
}

/// As when DynamoDB refuses the row and takes the flush that comes next.
#[tokio::test(start_paused = true)]
async fn no_signal_session_is_stored_before_the_message_that_it_read() {
    let store = Store::new();
    let backend = store.backend().await;
    store.refuse("inbound", 20);
    assert!(backend.store_pending_inbound("1@lid", "1@lid", "ID", b"text").await.is_err());
    assert!(backend.put_session("1@lid", b"ratchet").await.is_err(), "not without the row");
    assert_eq!(store.backend().await.get_session("1@lid").await.unwrap(), None);
    assert_eq!(
        backend.get_pending_inbound("1@lid", "1@lid", "ID").await.unwrap(),
        Some(b"text".to_vec()),
        "it is at hand for whoever is told the message again"
    );
    store.refuse("inbound", 0);
    backend.put_session("1@lid", b"ratchet").await.unwrap();
    let other = store.backend().await;
    assert_eq!(other.get_session("1@lid").await.unwrap().as_deref(), Some(&b"ratchet"[..]));
    assert_eq!(other.get_pending_inbound("1@lid", "1@lid", "ID").await.unwrap(), Some(b"text".to_vec()));
    let key = PendingInboundKey { chat: "1@lid", sender: "1@lid", id: "ID" };
    backend.delete_pending_inbound_batch(&[key]).await.unwrap();
    backend.put_session("1@lid", b"later").await.unwrap();
    assert_eq!(store.backend().await.get_pending_inbound("1@lid", "1@lid", "ID").await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_row_is_tried_again_for_some_seconds() {
    let store = Store::new();
    let backend = store.backend().await;
    store.refuse("inbound", 5);
    backend.store_pending_inbound("1@lid", "1@lid", "ID", b"text").await.unwrap();
    let row = store.backend().await.get_pending_inbound("1@lid", "1@lid", "ID").await.unwrap();
    assert_eq!(row, Some(b"text".to_vec()));
}
