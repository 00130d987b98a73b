//! The Signal state of one phone: sessions, identities and pre-keys in memory, encryption and decryption.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use futures_util::FutureExt as _;
use serde::{Deserialize, Serialize};
use wacore_libsignal::protocol::{
    self as signal, CiphertextMessage, CiphertextMessageType, Direction, GenericSignedPreKey as _,
    IdentityChange, IdentityKey, IdentityKeyPair, IdentityKeyStore, PreKeyBundle, PreKeyId, PreKeyRecord,
    PreKeySignalMessage, PreKeyStore, ProtocolAddress, SessionRecord, SessionStore, SignalMessage,
    SignalProtocolError, SignedPreKeyId, SignedPreKeyRecord, SignedPreKeyStore, Timestamp, UsePQRatchet,
};

use crate::SimulatorError;
use crate::keys::Keys;

/// The one signed pre-key that a phone of the simulator has.
pub(crate) const SIGNED_PRE_KEY: u32 = 1;

/// One phone's Signal state.
#[derive(Serialize, Deserialize)]
pub(crate) struct Signal {
    identities: Identities,
    #[serde(with = "sessions_as_base64")]
    sessions: Sessions,
    pre_keys: PreKeys,
    signed: SignedKey,
}

#[derive(Serialize, Deserialize)]
struct Identities {
    own: Keys,
    registration_id: u32,
}

#[derive(Default)]
struct Sessions(HashMap<String, SessionRecord>);

#[derive(Serialize, Deserialize)]
struct PreKeys {
    next: u32,
    keys: BTreeMap<u32, Keys>,
}

#[derive(Serialize, Deserialize)]
struct SignedKey {
    keys: Keys,
    #[serde(with = "crate::keys::base64_bytes")]
    signature: Vec<u8>,
}

impl Signal {
    pub(crate) fn generate() -> Result<Self, SimulatorError> {
        let own = Keys::generate();
        let keys = Keys::generate();
        let signature = own.sign(&keys.0.public_key.serialize())?;
        Ok(Self {
            identities: Identities { own, registration_id: rand::random::<u32>() & 0x3fff | 1 },
            sessions: Sessions::default(),
            pre_keys: PreKeys { next: 1, keys: BTreeMap::new() },
            signed: SignedKey { keys, signature },
        })
    }

    /// The identity key, which is also the account's signature key.
    pub(crate) fn identity(&self) -> &Keys {
        &self.identities.own
    }

    pub(crate) fn registration_id(&self) -> u32 {
        self.identities.registration_id
    }

    /// The signed pre-key's public half and its signature.
    pub(crate) fn signed_pre_key(&self) -> (Vec<u8>, Vec<u8>) {
        (self.signed.keys.public(), self.signed.signature.clone())
    }

    /// Makes a one-time pre-key, to be handed out once.
    pub(crate) fn new_pre_key(&mut self) -> (u32, Vec<u8>) {
        let (id, keys) = (self.pre_keys.next, Keys::generate());
        let public = keys.public();
        self.pre_keys.keys.insert(id, keys);
        self.pre_keys.next = if id >= 0x00ff_fffe { 1 } else { id + 1 };
        (id, public)
    }

    pub(crate) fn has_session(&self, number: &str, device: u16) -> bool {
        self.sessions.0.contains_key(address(number, device).as_str())
    }

    pub(crate) fn forget_session(&mut self, number: &str, device: u16) {
        self.sessions.0.remove(address(number, device).as_str());
    }

    pub(crate) fn start_session(
        &mut self,
        number: &str,
        device: u16,
        bundle: &PreKeyBundle,
    ) -> Result<(), SimulatorError> {
        at_once(signal::process_prekey_bundle(
            &address(number, device),
            &mut self.sessions,
            &mut self.identities,
            bundle,
            &mut rand::rng(),
            UsePQRatchet::No,
        ))?;
        Ok(())
    }

    /// Encrypts for a device with which there is a session: the kind of envelope and its bytes.
    pub(crate) fn encrypt(
        &mut self,
        number: &str,
        device: u16,
        plaintext: &[u8],
    ) -> Result<(&'static str, Vec<u8>), SimulatorError> {
        let sealed = at_once(signal::message_encrypt(
            plaintext,
            &address(number, device),
            &mut self.sessions,
            &mut self.identities,
        ))?;
        let kind = match sealed.message_type() {
            CiphertextMessageType::PreKey => "pkmsg",
            _ => "msg",
        };
        Ok((kind, sealed.serialize().to_vec()))
    }

    pub(crate) fn decrypt(
        &mut self,
        number: &str,
        device: u16,
        kind: &str,
        sealed: &[u8],
    ) -> Result<Vec<u8>, SimulatorError> {
        let message = match kind {
            "pkmsg" => CiphertextMessage::PreKeySignalMessage(
                PreKeySignalMessage::try_from(sealed).map_err(SimulatorError::crypto)?,
            ),
            "msg" => CiphertextMessage::SignalMessage(
                SignalMessage::try_from(sealed).map_err(SimulatorError::crypto)?,
            ),
            other => return Err(SimulatorError::Protocol(format!("envelope of kind {other:?}"))),
        };
        let done = at_once(signal::message_decrypt(
            &message,
            &address(number, device),
            &mut self.sessions,
            &mut self.identities,
            &mut self.pre_keys,
            &self.signed,
            &mut rand::rng(),
            UsePQRatchet::No,
        ))?;
        if let Some(id) = done.consumed_prekey_id {
            self.pre_keys.keys.remove(&u32::from(id));
        }
        Ok(done.plaintext)
    }
}

pub(crate) fn address(number: &str, device: u16) -> ProtocolAddress {
    ProtocolAddress::new(number, u32::from(device).into())
}

/// The stores answer from memory, so their futures are always ready.
pub(crate) fn at_once<T>(
    future: impl Future<Output = Result<T, SignalProtocolError>>,
) -> Result<T, SimulatorError> {
    match future.now_or_never() {
        Some(done) => done.map_err(|error| match error {
            SignalProtocolError::DuplicatedMessage(..) => SimulatorError::Replay,
            error => SimulatorError::crypto(error),
        }),
        None => Err(SimulatorError::crypto("a store in memory was not ready")),
    }
}

#[async_trait]
impl IdentityKeyStore for Identities {
    async fn get_identity_key_pair(&self) -> signal::error::Result<IdentityKeyPair> {
        let keys = &self.own.0;
        Ok(IdentityKeyPair::new(IdentityKey::new(keys.public_key), keys.private_key.clone()))
    }

    async fn get_local_registration_id(&self) -> signal::error::Result<u32> {
        Ok(self.registration_id)
    }

    async fn save_identity(
        &mut self,
        _address: &ProtocolAddress,
        _identity: &IdentityKey,
    ) -> signal::error::Result<IdentityChange> {
        Ok(IdentityChange::NewOrUnchanged)
    }

    async fn is_trusted_identity(
        &self,
        _address: &ProtocolAddress,
        _identity: &IdentityKey,
        _direction: Direction,
    ) -> signal::error::Result<bool> {
        // As WhatsApp's own apps: a changed identity is accepted.
        Ok(true)
    }

    async fn get_identity(&self, _address: &ProtocolAddress) -> signal::error::Result<Option<IdentityKey>> {
        Ok(None)
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn load_session(&self, address: &ProtocolAddress) -> signal::error::Result<Option<SessionRecord>> {
        Ok(self.0.get(address.as_str()).cloned())
    }

    async fn has_session(&self, address: &ProtocolAddress) -> signal::error::Result<bool> {
        Ok(self.0.contains_key(address.as_str()))
    }

    async fn store_session(
        &mut self,
        address: &ProtocolAddress,
        record: SessionRecord,
    ) -> signal::error::Result<()> {
        self.0.insert(address.as_str().to_owned(), record);
        Ok(())
    }
}

#[async_trait]
impl PreKeyStore for PreKeys {
    async fn get_pre_key(&self, id: PreKeyId) -> signal::error::Result<PreKeyRecord> {
        let keys = self.keys.get(&u32::from(id)).ok_or(SignalProtocolError::InvalidPreKeyId)?;
        Ok(PreKeyRecord::new(id, &keys.0))
    }

    async fn save_pre_key(&mut self, _id: PreKeyId, _record: &PreKeyRecord) -> signal::error::Result<()> {
        Ok(())
    }

    async fn remove_pre_key(&mut self, id: PreKeyId) -> signal::error::Result<()> {
        self.keys.remove(&u32::from(id));
        Ok(())
    }
}

#[async_trait]
impl SignedPreKeyStore for SignedKey {
    async fn get_signed_pre_key(&self, id: SignedPreKeyId) -> signal::error::Result<SignedPreKeyRecord> {
        if u32::from(id) != SIGNED_PRE_KEY {
            return Err(SignalProtocolError::InvalidSignedPreKeyId);
        }
        Ok(SignedPreKeyRecord::new(id, Timestamp::from_epoch_millis(0), &self.keys.0, &self.signature))
    }

    async fn save_signed_pre_key(
        &mut self,
        _id: SignedPreKeyId,
        _record: &SignedPreKeyRecord,
    ) -> signal::error::Result<()> {
        Ok(())
    }
}

mod sessions_as_base64 {
    use std::collections::BTreeMap;

    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer, de::Error as _, ser::Error as _};
    use wacore_libsignal::protocol::SessionRecord;

    use super::Sessions;

    pub(super) fn serialize<S: Serializer>(sessions: &Sessions, serializer: S) -> Result<S::Ok, S::Error> {
        let mut texts = BTreeMap::new();
        for (address, record) in &sessions.0 {
            texts.insert(address, STANDARD.encode(record.serialize().map_err(S::Error::custom)?));
        }
        texts.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Sessions, D::Error> {
        let mut sessions = Sessions::default();
        for (address, text) in BTreeMap::<String, String>::deserialize(deserializer)? {
            let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
            let record = SessionRecord::deserialize(&bytes).map_err(D::Error::custom)?;
            sessions.0.insert(address, record);
        }
        Ok(sessions)
    }
}
