//! Somebody who speaks Signal as the library does: over a store, by way of the library's caches.

use super::Store;
use super::form::bytes;
use crate::backend::StateBackend;
use serde_json::{Value, json};
use std::sync::Arc;
use wacore::libsignal::protocol::{
    self as signal, CiphertextMessage, GenericSignedPreKey as _, IdentityKey, KeyPair, PreKeyBundle,
    PreKeySignalMessage, PreKeyStore as _, ProtocolAddress, SenderKeyDistributionMessage, SenderKeyName,
    SignalMessage, SignedPreKeyStore as _, UsePQRatchet,
};
use wacore::libsignal::store::record_helpers::encode_pre_key_record_to;
use wacore::store::signal_cache::SignalStoreCache;
use wacore::store::traits::SignalStore;
use wacore::types::jid::JidExt;
use wacore_binary::Jid;
use whatsapp_rust::store::persistence_manager::PersistenceManager;
use whatsapp_rust::store::signal_adapter::SignalProtocolStoreAdapter;

/// One device with its store.
pub(super) struct Party {
    pub(super) backend: Arc<StateBackend>,
    pub(super) library: PersistenceManager,
    cache: Arc<SignalStoreCache>,
    stores: SignalProtocolStoreAdapter,
}

/// A one-time pre-key and its id.
type OneTime = (u32, KeyPair);

pub(super) fn address(jid: &str) -> ProtocolAddress {
    jid.parse::<Jid>().unwrap().to_protocol_address()
}

impl Party {
    /// Whoever is in a store; somebody new where nobody is.
    pub(super) async fn of(store: &Store) -> Self {
        let backend = Arc::new(store.backend().await);
        let library = PersistenceManager::new(backend.clone()).await.unwrap();
        let cache = Arc::new(SignalStoreCache::new());
        let stores = SignalProtocolStoreAdapter::new(library.get_device_arc().await, cache.clone());
        Self { backend, library, cache, stores }
    }

    /// Whoever a file has, who is known by [`Party::named`].
    pub(super) async fn again(store: &Store, given: &Value) -> Self {
        let party = Self::of(store).await;
        assert_eq!(party.identity(), bytes(given, "own_identity"));
        party
    }

    /// What tells who this is, with what else is given.
    pub(super) fn named(&self, mut given: Value) -> Value {
        given["own_identity"] = json!(hex::encode(self.identity()));
        given
    }

    pub(super) fn identity(&self) -> Vec<u8> {
        self.library.get_device_snapshot().identity_key.public_key.public_key_bytes().to_vec()
    }

    pub(super) fn registration_id(&self) -> u32 {
        self.library.get_device_snapshot().registration_id
    }

    /// Stores a one-time pre-key as the library does.
    pub(super) async fn new_pre_key(&self, id: u32) -> OneTime {
        let keys = KeyPair::generate(&mut rand::rng());
        let mut record = Vec::new();
        encode_pre_key_record_to(id, &keys, &mut record);
        self.backend.store_prekeys_batch(&[(id, record.into())], false).await.unwrap();
        (id, keys)
    }

    /// Its public half is handed out to others, so it has to be that of the private one.
    pub(super) async fn check_pre_key(&self, id: u32) {
        let record = self.stores.pre_key_store.get_pre_key(id.into()).await.unwrap();
        assert_eq!(record.id().unwrap(), id.into());
        assert_eq!(record.public_key().unwrap(), record.private_key().unwrap().public_key().unwrap());
    }

    /// The same of one that is signed, and its signature.
    pub(super) async fn check_signed_pre_key(&self, id: u32) {
        let record = self.stores.signed_pre_key_store.get_signed_pre_key(id.into()).await.unwrap();
        assert_eq!(record.id().unwrap(), id.into());
        let public = record.public_key().unwrap();
        assert_eq!(public, record.private_key().unwrap().public_key().unwrap());
        let identity = self.library.get_device_snapshot().identity_key.public_key;
        assert!(identity.verify_signature(&public.serialize(), &record.signature().unwrap()));
    }

    /// What the server hands out of this device.
    pub(super) fn bundle(&self, one_time: Option<&OneTime>) -> PreKeyBundle {
        let device = self.library.get_device_snapshot();
        PreKeyBundle::new(
            device.registration_id,
            0.into(),
            one_time.map(|(id, keys)| ((*id).into(), keys.public_key)),
            device.signed_pre_key_id.into(),
            device.signed_pre_key.public_key,
            device.signed_pre_key_signature.to_vec(),
            IdentityKey::new(device.identity_key.public_key),
        )
        .unwrap()
    }

    pub(super) async fn start(&mut self, with: &ProtocolAddress, bundle: &PreKeyBundle) {
        let (sessions, identities) = (&mut self.stores.session_store, &mut self.stores.identity_store);
        signal::process_prekey_bundle(with, sessions, identities, bundle, &mut rand::rng(), UsePQRatchet::No)
            .await
            .unwrap();
    }

    pub(super) async fn encrypt(&mut self, to: &ProtocolAddress, text: &str) -> CiphertextMessage {
        let (sessions, identities) = (&mut self.stores.session_store, &mut self.stores.identity_store);
        signal::message_encrypt(text.as_bytes(), to, sessions, identities).await.unwrap()
    }

    /// Reads a message, and takes the one-time pre-key away that it has used.
    pub(super) async fn decrypt(&mut self, from: &ProtocolAddress, sealed: &CiphertextMessage) -> String {
        let (stores, mut random) = (&mut self.stores, rand::rng());
        let read = signal::message_decrypt(
            sealed,
            from,
            &mut stores.session_store,
            &mut stores.identity_store,
            &mut stores.pre_key_store,
            &stores.signed_pre_key_store,
            &mut random,
            UsePQRatchet::No,
        );
        let read = read.await.unwrap();
        if let Some(id) = read.consumed_prekey_id {
            stores.pre_key_store.buffer_consumed_prekey(id, from).await;
        }
        String::from_utf8(read.plaintext).unwrap()
    }

    /// This device's own sender key of a group, as it is told to others.
    pub(super) async fn tell_key(&mut self, name: &SenderKeyName) -> Vec<u8> {
        let keys = &mut self.stores.sender_key_store;
        let told =
            signal::create_sender_key_distribution_message(name, keys, &mut rand::rng()).await.unwrap();
        told.serialized().to_vec()
    }

    pub(super) async fn learn_key(&mut self, name: &SenderKeyName, told: &[u8]) {
        let told = SenderKeyDistributionMessage::try_from(told).unwrap();
        let keys = &mut self.stores.sender_key_store;
        signal::process_sender_key_distribution_message(name, &told, keys).await.unwrap();
    }

    pub(super) async fn encrypt_for_group(
        &mut self,
        name: &SenderKeyName,
        text: &str,
    ) -> signal::SenderKeyMessage {
        let keys = &mut self.stores.sender_key_store;
        signal::group_encrypt(keys, name, text.as_bytes(), &mut rand::rng()).await.unwrap()
    }

    pub(super) async fn decrypt_of_group(&mut self, name: &SenderKeyName, sealed: &[u8]) -> String {
        let read = signal::group_decrypt(sealed, &mut self.stores.sender_key_store, name).await.unwrap();
        String::from_utf8(read).unwrap()
    }

    /// Stores what the library would by and by.
    pub(super) async fn flush(&self) {
        self.cache.flush(&*self.backend).await.unwrap();
        self.library.flush().await.unwrap();
    }
}

/// A message within a session, as a file gives it.
pub(super) fn message(given: &Value, name: &str) -> CiphertextMessage {
    CiphertextMessage::SignalMessage(SignalMessage::try_from(bytes(given, name).as_slice()).unwrap())
}

/// A message that begins a session, as a file gives it.
pub(super) fn first_message(given: &Value, name: &str) -> CiphertextMessage {
    CiphertextMessage::PreKeySignalMessage(
        PreKeySignalMessage::try_from(bytes(given, name).as_slice()).unwrap(),
    )
}
