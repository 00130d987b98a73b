//! Linking a device to the number's phone: by a QR that it scans or a code that is typed into it.

use super::Actor;
use carteiro_core::number::{LinkState, PairingCode, PairingMethod, Qr};
use carteiro_core::phone::Phone;
use carteiro_engine::QrCode;
use jiff::SignedDuration;
use std::time::Duration;
use tokio::time::Instant;

/// How long a phone of another number may take until it is connected and can be logged out.
const EXPEL: Duration = Duration::from_secs(20);
/// How long after a code's end a pairing that was begun with it may take.
const LATE: Duration = Duration::from_secs(30);
/// What WhatsApp refuses a code with when too many were asked for.
const TOO_MANY: u16 = 429;

/// How a connection is paired. WhatsApp takes either way at the same time; one of them is shown.
pub(super) struct Pairing {
    method: PairingMethod,
    qr: Option<Qr>,
    code: Option<(PairingCode, Instant)>,
    /// The forms of the number that a code was not asked for yet. A code reaches the phone only under the number as WhatsApp
    /// writes it, which nobody can be asked for before the pairing.
    forms: Vec<Phone>,
}

impl Pairing {
    pub(super) fn by(method: PairingMethod) -> Self {
        Self { method, qr: None, code: None, forms: Vec::new() }
    }

    /// When the pairing by code is given up.
    pub(super) fn code_end(&self) -> Option<Instant> {
        let by_code = self.method == PairingMethod::Code;
        self.code.as_ref().filter(|_| by_code).map(|(_, end)| *end + LATE)
    }
}

impl Actor {
    pub(super) fn on_qr(&mut self, code: &QrCode, expires_in: Duration) {
        self.no_longer_logging_in();
        // Pairing takes a person; sends do not wait in the queue for one.
        self.hold_until = None;
        let qr = Qr { code: code.reveal().into(), expires_at: self.shared.clock.now() + signed(expires_in) };
        let Some(live) = &mut self.live else { return };
        let first = live.pairing.qr.replace(qr.clone()).is_none();
        match live.pairing.method {
            PairingMethod::Qr => self.reporter.report_qr(qr),
            PairingMethod::Code if first => self.ask_for_code(),
            PairingMethod::Code => {}
        }
    }

    /// A client asks for this way of pairing while a connection is there.
    pub(super) fn pair_by(&mut self, method: PairingMethod) {
        let now = self.shared.clock.now();
        let Some(live) = &mut self.live else { return };
        let changed = std::mem::replace(&mut live.pairing.method, method) != method;
        // Before the first QR nothing was shown, and after the pairing nothing is.
        let Some(qr) = live.pairing.qr.clone().filter(|_| changed && self.expel_by.is_none()) else { return };
        match (method, &live.pairing.code) {
            (PairingMethod::Qr, _) if now < qr.expires_at => self.reporter.report_qr(qr),
            (PairingMethod::Qr, _) => {}
            (PairingMethod::Code, Some((code, _))) if now < code.expires_at => {
                self.reporter.report_code(code.clone());
            }
            (PairingMethod::Code, _) => self.ask_for_code(),
        }
    }

    /// Asks for a code: first under the form in which WhatsApp has the number by rule.
    fn ask_for_code(&mut self) {
        let Some(live) = &mut self.live else { return };
        let first = self.number.guessed_whatsapp_form();
        live.pairing.forms = first.other_ninth_digit_form().into_iter().collect();
        live.connection.ask_for_code(&first);
    }

    pub(super) fn on_code(&mut self, code: &QrCode, expires_in: Duration) {
        let expires_at = self.shared.clock.now() + signed(expires_in);
        let code = PairingCode { code: code.reveal().into(), expires_at };
        let Some(live) = &mut self.live else { return };
        live.pairing.code = Some((code.clone(), Instant::now() + expires_in));
        if live.pairing.method == PairingMethod::Code {
            self.reporter.report_code(code);
        }
    }

    pub(super) async fn on_code_void(&mut self, by_hand: bool) {
        let Some(live) = &mut self.live else { return };
        live.pairing.code = None;
        match live.pairing.method {
            PairingMethod::Code if by_hand => self.halt(LinkState::CodeExpired, None).await,
            PairingMethod::Code => self.ask_for_code(),
            PairingMethod::Qr => {}
        }
    }

    pub(super) async fn on_code_refused(&mut self, code: Option<u16>) {
        tracing::warn!(number = self.number.masked(), code, "WhatsApp gave no code");
        let Some(live) = &mut self.live else { return };
        live.pairing.code = None;
        if live.pairing.method == PairingMethod::Qr {
            return;
        }
        let other = if code == Some(TOO_MANY) { None } else { live.pairing.forms.pop() };
        match other {
            Some(form) => live.connection.ask_for_code(&form),
            None => {
                let reason = code.map(|code| format!("WHATSAPP_{code}"));
                self.halt(LinkState::CodeRefused, reason.as_deref()).await;
            }
        }
    }

    /// Whether the code that is shown has ended and nobody typed it.
    pub(super) fn code_is_over(&self, now: Instant) -> bool {
        let end = self.live.as_ref().and_then(|live| live.pairing.code_end());
        end.is_some_and(|end| now >= end)
    }

    /// What a pairing that nobody finished in time has come to.
    pub(super) fn pairing_over(&self) -> LinkState {
        match self.live.as_ref().map(|live| live.pairing.method) {
            Some(PairingMethod::Code) => LinkState::CodeExpired,
            Some(PairingMethod::Qr) | None => LinkState::QrExpired,
        }
    }

    pub(super) fn paired(&mut self, number: &Phone) {
        if let Some(live) = &mut self.live {
            (live.pairing.qr, live.pairing.code) = (None, None);
        }
        let same = *number == self.number || number.other_ninth_digit_form().as_ref() == Some(&self.number);
        if same {
            tracing::info!(number = self.number.masked(), "paired");
            let jid = format!("{}@s.whatsapp.net", number.digits());
            self.reporter.report_device(jid);
        } else {
            tracing::warn!(
                number = self.number.masked(),
                scanned = number.masked(),
                "another number was paired"
            );
            self.expel_by = Some(Instant::now() + EXPEL);
        }
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or_default()
}
