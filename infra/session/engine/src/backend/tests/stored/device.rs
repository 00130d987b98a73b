//! The companion device: what a pairing is.

use super::Store;
use serde_json::{Value, json};
use std::sync::Arc;
use wacore::libsignal::protocol::{KeyPair, PrivateKey};
use wacore::store::Device;
use wacore::store::device::{CachedNoiseCert, CachedServerCertChain};
use wacore::store::traits::DeviceStore;
use wacore_binary::Jid;
use waproto::whatsapp::ADVSignedDeviceIdentity;

super::stored! {
    device: device_is_written, device_is_read;
}

fn jid(text: &str) -> Option<Jid> {
    Some(text.parse().unwrap())
}

fn pair(byte: u8) -> KeyPair {
    let private = PrivateKey::deserialize(&[byte; 32]).unwrap();
    KeyPair::new(private.public_key().unwrap(), private)
}

fn is_pair(read: &KeyPair, byte: u8) -> bool {
    let expected = pair(byte);
    read.public_key == expected.public_key && read.private_key.serialize() == expected.private_key.serialize()
}

fn account() -> ADVSignedDeviceIdentity {
    ADVSignedDeviceIdentity {
        details: Some(vec![0x31; 12]),
        account_signature_key: Some(vec![0x32; 32]),
        account_signature: Some(vec![0x33; 64]),
        device_signature: Some(vec![0x34; 64]),
    }
}

fn certificates() -> CachedServerCertChain {
    let certificate =
        |byte| CachedNoiseCert { key: [byte; 32], not_before: 1_700_000_000, not_after: 1_900_000_000 };
    CachedServerCertChain { intermediate: certificate(0x41), leaf: certificate(0x42) }
}

async fn device_is_written(store: &Store) -> Value {
    let mut device = Device::new();
    device.pn = jid("5511988887777:5@s.whatsapp.net");
    device.lid = jid("100000000000077:5@lid");
    device.registration_id = 1_234_567;
    device.noise_key = pair(0x11);
    device.identity_key = pair(0x12);
    device.signed_pre_key = pair(0x13);
    device.signed_pre_key_id = 3;
    device.signed_pre_key_signature = [0x14; 64];
    device.adv_secret_key = [0x15; 32];
    device.account = Some(Arc::new(account()));
    device.push_name = "Loja do João 👋".into();
    device.app_version_primary = 2;
    device.app_version_secondary = 3000;
    device.app_version_tertiary = 1_042_742_319;
    device.app_version_last_fetched_ms = 1_795_000_000_001;
    device.edge_routing_info = Some(vec![8, 1]);
    device.props_hash = Some("abc".into());
    device.next_pre_key_id = 813;
    device.first_unupload_pre_key_id = 812;
    device.server_has_prekeys = true;
    device.nct_salt = Some(vec![0x16; 16]);
    device.server_cert_chain = Some(certificates());
    device.login_counter = 7;
    device.lid_migrated = true;
    device.last_signed_pre_key_rotation_ms = 1_795_000_000_002;
    device.read_receipts_disabled = true;
    store.backend().await.save(&device).await.unwrap();
    json!({})
}

async fn device_is_read(store: &Store, _: &Value) {
    // Each field by its name: one that the library adds asks here what it is in what is stored.
    let Device {
        pn,
        lid,
        registration_id,
        noise_key,
        identity_key,
        signed_pre_key,
        signed_pre_key_id,
        signed_pre_key_signature,
        adv_secret_key,
        account: paired,
        push_name,
        app_version_primary,
        app_version_secondary,
        app_version_tertiary,
        app_version_last_fetched_ms,
        device_props: _,
        client_profile: _,
        edge_routing_info,
        props_hash,
        next_pre_key_id,
        first_unupload_pre_key_id,
        server_has_prekeys,
        nct_salt,
        nct_salt_sync_seen: _,
        server_cert_chain,
        login_counter,
        lid_migrated,
        last_signed_pre_key_rotation_ms,
        read_receipts_disabled,
    } = store.backend().await.load().await.unwrap().unwrap();
    assert_eq!(pn, jid("5511988887777:5@s.whatsapp.net"));
    assert_eq!(lid, jid("100000000000077:5@lid"));
    assert_eq!(registration_id, 1_234_567);
    assert!(is_pair(&noise_key, 0x11) && is_pair(&identity_key, 0x12) && is_pair(&signed_pre_key, 0x13));
    assert_eq!((signed_pre_key_id, signed_pre_key_signature), (3, [0x14; 64]));
    assert_eq!(adv_secret_key, [0x15; 32]);
    assert_eq!(paired.as_deref(), Some(&account()));
    assert_eq!(push_name, "Loja do João 👋");
    assert_eq!((app_version_primary, app_version_secondary, app_version_tertiary), (2, 3000, 1_042_742_319));
    assert_eq!(app_version_last_fetched_ms, 1_795_000_000_001);
    assert_eq!((edge_routing_info, props_hash.as_deref()), (Some(vec![8, 1]), Some("abc")));
    assert_eq!((next_pre_key_id, first_unupload_pre_key_id, server_has_prekeys), (813, 812, true));
    assert_eq!(nct_salt, Some(vec![0x16; 16]));
    assert_eq!(server_cert_chain, Some(certificates()));
    assert_eq!((login_counter, lid_migrated, read_receipts_disabled), (7, true, true));
    assert_eq!(last_signed_pre_key_rotation_ms, 1_795_000_000_002);
}
