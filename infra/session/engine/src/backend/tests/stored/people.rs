//! What is known of people: their LIDs, devices and trust tokens, and the base keys of sessions that they asked to be begun anew.

use super::Store;
use serde_json::{Value, json};
use wacore::store::traits::{DeviceInfo, DeviceListRecord, LidPnMappingEntry, ProtocolStore, TcTokenEntry};

super::stored! {
    people: people_are_written, people_are_read;
}

const LID: &str = "100000000000071";
const PHONE: &str = "5511900000071";
const JID: &str = "100000000000071@lid";

async fn people_are_written(store: &Store) -> Value {
    let backend = store.backend().await;
    let mapping = LidPnMappingEntry {
        lid: LID.into(),
        phone_number: PHONE.into(),
        created_at: 1_795_000_001,
        updated_at: 1_795_000_002,
        learning_source: "usync".into(),
    };
    backend.put_lid_mapping(&mapping).await.unwrap();
    let devices = DeviceListRecord {
        user: LID.into(),
        devices: vec![DeviceInfo::new(0, None), DeviceInfo::new(3, Some(8)).with_hosting(true)],
        timestamp: 1_795_000_003,
        phash: Some("2:abcd".into()),
        raw_id: Some(99),
    };
    backend.update_device_list(devices).await.unwrap();
    let token = TcTokenEntry {
        token: vec![1, 2, 3],
        token_timestamp: 1_795_000_004,
        sender_timestamp: Some(1_795_000_005),
    };
    backend.put_tc_token(JID, &token).await.unwrap();
    backend.save_base_key("100000000000071.0", "3EB0A1", &[7; 33]).await.unwrap();
    json!({})
}

async fn people_are_read(store: &Store, _: &Value) {
    let backend = store.backend().await;
    let by_lid = backend.get_lid_mapping(LID).await.unwrap().unwrap();
    let by_phone = backend.get_pn_mapping(PHONE).await.unwrap().unwrap();
    for LidPnMappingEntry { lid, phone_number, created_at, updated_at, learning_source } in [by_lid, by_phone]
    {
        assert_eq!((lid.as_str(), phone_number.as_str(), learning_source.as_str()), (LID, PHONE, "usync"));
        assert_eq!((created_at, updated_at), (1_795_000_001, 1_795_000_002));
    }
    let DeviceListRecord { user, devices, timestamp, phash, raw_id } =
        backend.get_devices(LID).await.unwrap().unwrap();
    assert_eq!(
        (user.as_str(), timestamp, phash.as_deref(), raw_id),
        (LID, 1_795_000_003, Some("2:abcd"), Some(99))
    );
    let devices: Vec<_> = devices
        .into_iter()
        .map(|DeviceInfo { device_id, key_index, is_hosted }| (device_id, key_index, is_hosted))
        .collect();
    assert_eq!(devices, [(0, None, false), (3, Some(8), true)]);
    assert_eq!(backend.get_all_tc_token_jids().await.unwrap(), [JID]);
    let TcTokenEntry { token, token_timestamp, sender_timestamp } =
        backend.get_tc_token(JID).await.unwrap().unwrap();
    assert_eq!(
        (token, token_timestamp, sender_timestamp),
        (vec![1, 2, 3], 1_795_000_004, Some(1_795_000_005))
    );
    assert!(backend.has_same_base_key("100000000000071.0", "3EB0A1", &[7; 33]).await.unwrap());
}
