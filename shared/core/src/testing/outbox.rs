//! Mail and SMS that go nowhere.

use super::Switch;
use crate::identity::Email;
use crate::phone::Phone;
use crate::ports::{DeliveryFailed, Mailer, TextMessenger};
use async_trait::async_trait;
use std::sync::{Mutex, PoisonError};

/// A mail as it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: Email,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Its HTML.
    pub html: String,
}

/// A [`Mailer`] that keeps what it is given.
#[derive(Debug, Default)]
pub struct MemoryMailer {
    /// Whether it answers.
    pub switch: Switch,
    mails: Mutex<Vec<Mail>>,
}

impl MemoryMailer {
    /// Every mail so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Mailer for MemoryMailer {
    async fn send(&self, to: &Email, subject: &str, text: &str, html: &str) -> Result<(), DeliveryFailed> {
        self.switch.check("mail").map_err(|error| DeliveryFailed(error.to_string()))?;
        let mail = Mail { to: to.clone(), subject: subject.into(), text: text.into(), html: html.into() };
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
        Ok(())
    }
}

/// A [`TextMessenger`] that keeps what it is given.
#[derive(Debug, Default)]
pub struct MemoryMessenger {
    /// Whether it answers.
    pub switch: Switch,
    texts: Mutex<Vec<(Phone, String)>>,
}

impl MemoryMessenger {
    /// Every SMS so far.
    pub fn texts(&self) -> Vec<(Phone, String)> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl TextMessenger for MemoryMessenger {
    async fn send(&self, to: &Phone, text: &str) -> Result<(), DeliveryFailed> {
        self.switch.check("sms").map_err(|error| DeliveryFailed(error.to_string()))?;
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).push((to.clone(), text.into()));
        Ok(())
    }
}
