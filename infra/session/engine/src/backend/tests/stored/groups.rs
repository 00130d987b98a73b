//! What is known of groups: their members, and which of these have the own sender key.

use super::Store;
use serde_json::{Value, json};
use std::collections::HashMap;
use wacore::client::context::GroupInfo;
use wacore::store::traits::ProtocolStore;
use wacore::types::message::AddressingMode;
use wacore_binary::Jid;

super::stored! {
    groups: groups_are_written, groups_are_read;
}

const GROUP: &str = "120363000000000001@g.us";

fn jid(text: &str) -> Jid {
    text.parse().unwrap()
}

fn members() -> Vec<Jid> {
    vec![jid("100000000000071@lid"), jid("100000000000072@lid")]
}

async fn groups_are_written(store: &Store) -> Value {
    let backend = store.backend().await;
    let phones = HashMap::from([("100000000000071".into(), jid("5511900000071@s.whatsapp.net"))]);
    let mut group = GroupInfo::with_lid_to_pn_map(members(), AddressingMode::Lid, phones);
    group.is_community_announce = Some(true);
    backend.put_group_metadata(GROUP, &serde_json::to_vec(&group).unwrap()).await.unwrap();
    let devices = [("100000000000071@lid", true), ("100000000000072:4@lid", false)];
    backend.set_sender_key_status(GROUP, &devices).await.unwrap();
    json!({})
}

async fn groups_are_read(store: &Store, _: &Value) {
    let backend = store.backend().await;
    let group = backend.get_group_metadata(GROUP).await.unwrap().unwrap();
    let group: GroupInfo = serde_json::from_slice(&group).unwrap();
    assert_eq!(group.participants, members());
    assert_eq!((group.addressing_mode, group.is_community_announce), (AddressingMode::Lid, Some(true)));
    let phone = group.phone_jid_for_lid_user("100000000000071");
    assert_eq!(phone, Some(&jid("5511900000071@s.whatsapp.net")));
    assert_eq!(
        group.lid_user_for_phone_user("5511900000071").map(|user| user.as_str()),
        Some("100000000000071")
    );
    assert_eq!(
        backend.get_sender_key_devices(GROUP).await.unwrap(),
        [("100000000000071@lid".to_owned(), true), ("100000000000072:4@lid".to_owned(), false)]
    );
}
