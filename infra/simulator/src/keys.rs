//! Curve25519 keys of the simulator's own parties, and how binary values stand in the state file.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wacore_libsignal::protocol::{KeyPair, PrivateKey};

use crate::SimulatorError;

/// A key pair that can be written to the state file (as its private half).
#[derive(Clone)]
pub(crate) struct Keys(pub(crate) KeyPair);

impl Keys {
    pub(crate) fn generate() -> Self {
        Self(KeyPair::generate(&mut rand::rng()))
    }

    /// The public half without the type byte, 32 bytes.
    pub(crate) fn public(&self) -> Vec<u8> {
        self.0.public_key.public_key_bytes().to_vec()
    }

    pub(crate) fn private(&self) -> &[u8] {
        self.0.private_key.serialize()
    }

    /// An XEdDSA signature, 64 bytes.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SimulatorError> {
        let signature = self.0.private_key.calculate_signature(message, &mut rand::rng());
        Ok(signature.map_err(|e| SimulatorError::Crypto(e.to_string()))?.to_vec())
    }
}

impl Serialize for Keys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        base64_bytes::serialize(&self.private().to_vec(), serializer)
    }
}

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let private = base64_bytes::deserialize(deserializer)?;
        let private = PrivateKey::deserialize(&private).map_err(serde::de::Error::custom)?;
        KeyPair::try_from(private).map(Self).map_err(serde::de::Error::custom)
    }
}

/// Bytes as base64 text, for `#[serde(with = …)]`.
pub(crate) mod base64_bytes {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &Vec<u8>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_the_state_file() {
        let keys = Keys::generate();
        let text = serde_json::to_string(&keys).unwrap();
        let back: Keys = serde_json::from_str(&text).unwrap();
        assert_eq!(keys.public(), back.public());
        let signature = back.sign(b"message").unwrap();
        assert!(keys.0.public_key.verify_signature(b"message", &signature));
    }
}
