//! The number itself.

use super::Id;
use crate::chat::Address;
use crate::phone;
use serde::Serialize;

/// What is known of a number's own device. What is `None` is shown as null.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Whether it is connected now.
    pub connected: bool,
    /// What runs on the phone, such as `android`.
    pub platform: Option<&'a str>,
    /// What the account calls itself.
    pub push_name: Option<&'a str>,
    /// The version of WhatsApp that the device says it is.
    pub version: Option<&'a str>,
}

/// The number as `/me` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Me {
    wid: Id,
    connected: bool,
    me: Id,
    platform: Option<String>,
    pushname: Option<String>,
    phone: Phone,
    battery: Option<()>,
    plugged: Option<()>,
}

/// The phone of a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phone {
    wa_version: Option<String>,
}

impl Me {
    /// A number and what is known of its device.
    pub fn new(number: &phone::Phone, known: Known<'_>) -> Self {
        let id = Id::from(&Address::of_phone(number));
        Self {
            wid: id.clone(),
            connected: known.connected,
            me: id,
            platform: known.platform.map(str::to_owned),
            pushname: known.push_name.map(str::to_owned),
            phone: Phone { wa_version: known.version.map(str::to_owned) },
            battery: None,
            plugged: None,
        }
    }
}
