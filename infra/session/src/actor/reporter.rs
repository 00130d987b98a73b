//! Tells what became of a number's link, the latest last, without keeping its actor waiting.

use crate::backoff::Backoff;
use crate::fence::Fence;
use crate::herald::Herald;
use crate::metrics::CountedSession;
use crate::protection::Protected;
use crate::shared::Shared;
use carteiro_core::lease::Epoch;
use carteiro_core::number::{LinkReport, LinkState, PairingCode, Qr};
use carteiro_core::phone::Phone;
use carteiro_core::ports::LinkError;
use carteiro_core::session::news;
use carteiro_core::shard::Shard;
use carteiro_core::v1::{Signal, qrcode, signal};
use carteiro_core::webhook::EventKind;
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Reports of one number, one at a time; a report that waits is replaced by its successor.
pub(super) struct Reporter {
    shared: Arc<Shared>,
    number: Phone,
    shard: Shard,
    epoch: Epoch,
    told: Option<(LinkState, Option<String>)>,
    waiting: Option<LinkReport>,
    /// Whether the next report takes the device's address away.
    forgotten: bool,
    running: JoinSet<bool>,
    /// Has webhooks told the same.
    pub(super) herald: Herald,
    counted: CountedSession,
    /// While somebody pairs.
    protected: Option<Protected>,
}

impl Reporter {
    pub(super) fn new(
        shared: Arc<Shared>,
        fence: Arc<Fence>,
        number: Phone,
        shard: Shard,
        epoch: Epoch,
    ) -> Self {
        let herald = Herald::new(shared.clone(), fence);
        let counted = shared.metrics.session();
        Self {
            shared,
            number,
            shard,
            epoch,
            told: None,
            waiting: None,
            forgotten: false,
            running: JoinSet::new(),
            herald,
            counted,
            protected: None,
        }
    }

    /// Takes what the link says already, so that it is not said again.
    pub(super) fn knows(&mut self, state: LinkState, reason: Option<String>) {
        self.told = Some((state, reason));
        self.note(state);
    }

    /// Counts the number in its state, and protects the task while it is being paired.
    fn note(&mut self, state: LinkState) {
        self.counted.is_in(state);
        if !matches!(state, LinkState::Pairing | LinkState::Connecting) {
            self.protected = None;
        } else if state == LinkState::Pairing {
            self.protected.get_or_insert_with(|| self.shared.protection.hold(self.shard));
        }
    }

    /// Reports a state, unless it was the last one reported.
    pub(super) fn report(&mut self, state: LinkState, reason: Option<&str>) {
        self.push(LinkReport { state, reason: reason.map(str::to_owned), qr: None, code: None, jid: None });
    }

    /// Reports a QR to scan.
    pub(super) fn report_qr(&mut self, qr: Qr) {
        let shown = (EventKind::QrCode, qrcode(qr.code.expose_secret()));
        self.push(LinkReport {
            state: LinkState::Pairing,
            reason: None,
            qr: Some(qr),
            code: None,
            jid: None,
        });
        self.herald.tell(vec![shown], "");
    }

    /// Reports a code to type.
    pub(super) fn report_code(&mut self, code: PairingCode) {
        self.push(LinkReport {
            state: LinkState::Pairing,
            reason: None,
            qr: None,
            code: Some(code),
            jid: None,
        });
    }

    /// Reports that a device was paired, with its address; it is connecting.
    pub(super) fn report_device(&mut self, jid: String) {
        let jid = Some(Some(jid));
        self.herald.tell_now(vec![(EventKind::StatusChanged, signal(Signal::QrReadSuccess))]);
        self.push(LinkReport { state: LinkState::Connecting, reason: None, qr: None, code: None, jid });
    }

    /// The next report also says that there is no device any more.
    pub(super) fn forget_device(&mut self) {
        self.forgotten = true;
    }

    /// There is a device, and the link says so already.
    pub(super) fn has_device(&mut self) {
        self.forgotten = false;
    }

    fn push(&mut self, mut report: LinkReport) {
        if std::mem::take(&mut self.forgotten) {
            report.jid = report.jid.or(Some(None));
        }
        let news = (report.state, report.reason.clone());
        if self.told.as_ref() == Some(&news)
            && report.qr.is_none()
            && report.code.is_none()
            && report.jid.is_none()
        {
            return;
        }
        tracing::info!(
            number = self.number.masked(),
            state = report.state.as_str(),
            reason = report.reason.as_deref(),
            "link"
        );
        let before = self.told.as_ref().map(|(state, reason)| (*state, reason.as_deref()));
        self.herald.tell_now(news::of_link(before, (report.state, report.reason.as_deref())));
        self.note(news.0);
        self.told = Some(news);
        if let Some(replaced) = self.waiting.take() {
            report.jid = report.jid.or(replaced.jid);
        }
        self.waiting = Some(report);
        self.start();
    }

    fn start(&mut self) {
        if self.running.is_empty()
            && let Some(report) = self.waiting.take()
        {
            self.running.spawn(tell(self.shared.clone(), self.number.clone(), self.epoch, report));
        }
    }

    /// Waits for a report or an event to be out. `true`: the number has a later owner. Waits for ever when there is none.
    pub(super) async fn done(&mut self) -> bool {
        tokio::select! {
            Some(outcome) = self.running.join_next() => {
                self.start();
                outcome.unwrap_or(false)
            }
            () = self.herald.done() => false,
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty() && self.waiting.is_none()
    }

    /// Waits until everything was told, at most that long.
    pub(super) async fn finish(&mut self, most: Duration) {
        let told = async {
            while !self.is_idle() {
                self.done().await;
            }
        };
        if timeout(most, told).await.is_err() {
            tracing::warn!(number = self.number.masked(), "the last state could not be reported");
        }
        self.herald.finish(most).await;
    }
}

async fn tell(shared: Arc<Shared>, number: Phone, epoch: Epoch, report: LinkReport) -> bool {
    let mut backoff = Backoff::of_store();
    loop {
        match shared.links.report(&number, epoch, &report, shared.clock.now()).await {
            Ok(()) => return false,
            Err(LinkError::Fenced) => return true,
            Err(error) => tracing::warn!(number = number.masked(), %error, "a link could not be reported"),
        }
        sleep(backoff.wait()).await;
    }
}
