//! A phone's sender keys: its own for each group, and those that the other members have told it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use wacore_libsignal::protocol::{
    self as signal, SenderKeyDistributionMessage, SenderKeyName, SenderKeyRecord, SenderKeyStore,
};
use waproto::whatsapp as wa;

use crate::SimulatorError;
use crate::signal::{address, at_once};

/// One phone's sender keys.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct SenderKeys {
    #[serde(with = "records_as_base64")]
    records: Records,
    /// Which devices know the phone's own key, by group.
    told: BTreeMap<String, BTreeSet<(String, u16)>>,
}

/// The records by group and sender, as the library joins them.
#[derive(Default)]
struct Records(HashMap<String, SenderKeyRecord>);

impl SenderKeys {
    /// Takes the key that a member's device has told.
    fn learn(
        &mut self,
        group: &str,
        number: &str,
        device: u16,
        distribution: &[u8],
    ) -> Result<(), SimulatorError> {
        let distribution =
            SenderKeyDistributionMessage::try_from(distribution).map_err(SimulatorError::crypto)?;
        let name = name(group, number, device);
        at_once(signal::process_sender_key_distribution_message(&name, &distribution, &mut self.records))
    }

    /// Takes the key that a message tells, if it does. Answers the message if it says anything else.
    pub(crate) fn take(
        &mut self,
        group: &str,
        number: &str,
        device: u16,
        mut message: wa::Message,
    ) -> Result<Option<wa::Message>, SimulatorError> {
        let told = std::mem::take(&mut message.sender_key_distribution_message);
        let key = told.as_option().and_then(|told| told.axolotl_sender_key_distribution_message.as_ref());
        let Some(key) = key else { return Ok(Some(message)) };
        self.learn(group, number, device, key)?;
        let context = message.message_context_info.clone();
        let silent = wa::Message { message_context_info: context, ..Default::default() };
        Ok((message != silent).then_some(message))
    }

    /// What tells others the phone's own key, which is made if there is none.
    pub(crate) fn own(&mut self, group: &str, number: &str) -> Result<Vec<u8>, SimulatorError> {
        let name = name(group, number, 0);
        let distribution = at_once(signal::create_sender_key_distribution_message(
            &name,
            &mut self.records,
            &mut rand::rng(),
        ))?;
        Ok(distribution.serialized().to_vec())
    }

    /// Whether a device has not been told the phone's own key yet; it counts as told from now on.
    pub(crate) fn tell(&mut self, group: &str, number: &str, device: u16) -> bool {
        self.told.entry(group.to_owned()).or_default().insert((number.to_owned(), device))
    }

    /// Drops the phone's own key of a group, as is due when a member goes.
    pub(crate) fn rotate(&mut self, group: &str, number: &str) {
        self.told.remove(group);
        self.records.0.remove(&key(&name(group, number, 0)));
    }

    pub(crate) fn encrypt(
        &mut self,
        group: &str,
        number: &str,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, SimulatorError> {
        let name = name(group, number, 0);
        let sealed = at_once(signal::group_encrypt(&mut self.records, &name, plaintext, &mut rand::rng()))?;
        Ok(sealed.serialized().to_vec())
    }

    pub(crate) fn decrypt(
        &mut self,
        group: &str,
        number: &str,
        device: u16,
        sealed: &[u8],
    ) -> Result<Vec<u8>, SimulatorError> {
        at_once(signal::group_decrypt(sealed, &mut self.records, &name(group, number, device)))
    }
}

fn name(group: &str, number: &str, device: u16) -> SenderKeyName {
    SenderKeyName::from_parts(group, address(number, device).as_str())
}

fn key(name: &SenderKeyName) -> String {
    format!("{}:{}", name.group_id(), name.sender_id())
}

#[async_trait]
impl SenderKeyStore for Records {
    async fn store_sender_key(
        &mut self,
        name: &SenderKeyName,
        record: SenderKeyRecord,
    ) -> signal::error::Result<()> {
        self.0.insert(key(name), record);
        Ok(())
    }

    async fn load_sender_key(&self, name: &SenderKeyName) -> signal::error::Result<Option<SenderKeyRecord>> {
        Ok(self.0.get(&key(name)).cloned())
    }
}

mod records_as_base64 {
    use std::collections::BTreeMap;

    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer, de::Error as _, ser::Error as _};
    use wacore_libsignal::protocol::SenderKeyRecord;

    use super::Records;

    pub(super) fn serialize<S: Serializer>(records: &Records, serializer: S) -> Result<S::Ok, S::Error> {
        let mut texts = BTreeMap::new();
        for (name, record) in &records.0 {
            texts.insert(name, STANDARD.encode(record.serialize().map_err(S::Error::custom)?));
        }
        texts.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Records, D::Error> {
        let mut records = Records::default();
        for (name, text) in BTreeMap::<String, String>::deserialize(deserializer)? {
            let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
            records.0.insert(name, SenderKeyRecord::deserialize(&bytes).map_err(D::Error::custom)?);
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: &str = "120363000000000001@g.us";

    #[test]
    fn who_was_told_the_key_reads_until_it_is_rotated_and_after_the_state_file_too() {
        let (mut ana, mut bia) = (SenderKeys::default(), SenderKeys::default());
        bia.learn(GROUP, "1", 0, &ana.own(GROUP, "1").unwrap()).unwrap();
        let sealed = ana.encrypt(GROUP, "1", b"oi").unwrap();
        assert_eq!(bia.decrypt(GROUP, "1", 0, &sealed).unwrap(), b"oi");
        assert!(bia.decrypt(GROUP, "1", 1, &sealed).is_err());

        let stored = serde_json::to_string(&ana).unwrap();
        let mut ana: SenderKeys = serde_json::from_str(&stored).unwrap();
        let sealed = ana.encrypt(GROUP, "1", b"de novo").unwrap();
        assert_eq!(bia.decrypt(GROUP, "1", 0, &sealed).unwrap(), b"de novo");

        assert!(ana.tell(GROUP, "2", 0) && !ana.tell(GROUP, "2", 0));
        ana.rotate(GROUP, "1");
        assert!(ana.tell(GROUP, "2", 0));
        ana.own(GROUP, "1").unwrap();
        let sealed = ana.encrypt(GROUP, "1", b"sem ela").unwrap();
        assert!(bia.decrypt(GROUP, "1", 0, &sealed).is_err());
    }
}
